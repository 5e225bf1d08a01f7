"""Everything a person reads: figures, tables, reports, the index and the run that makes them."""
