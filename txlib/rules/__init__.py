"""A rule-book that exists is valid, and every value in it knows its clause, file and line.

In: the YAML files of a year. Out: a frozen `RuleBook`, its JSON Schema; or faults with file, line and remedy.
"""
