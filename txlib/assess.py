"""A category assessed with what audits deduct: the one place that joins audits and scoring."""

from __future__ import annotations

import pandas as pd

from txlib.intake.data import Data
from txlib.rules.book import RuleBook
from txlib.rules.category import Category
from txlib.scoring.links import joined
from txlib.scoring.result import Result, scored


def assess(book: RuleBook, data: Data, category: Category | str) -> Result:
    """The category's ranking, and every unit's points at every node; the same numbers wherever it is asked for.

    What lead departments lose for marks that miss the differentiation (1.3i) is deducted where the tree says so; categories
    that its units are linked to are assessed before. ValueError for a category that there is not.
    """
    if isinstance(category, str) and category not in book.categories:
        raise ValueError(f"no category {category}: {', '.join(book.categories)}")
    head = book.categories[category] if isinstance(category, str) else category
    if head.linked:
        data = data.replaced(links=_links(book, data, head))
    return scored(book, data, head, _penalties(book, data) if head.penalised else None)


def _links(book: RuleBook, data: Data, head: Category) -> pd.DataFrame:
    """The category's links with what those that its units are linked to attained: none of their categories has links itself."""
    rows = data.links[data.links["category"] == head.code]
    theirs = data.units.loc[data.units["unit"].isin(rows["other"]), "category"].unique()
    return joined(rows, head, {code: assess(book, data, code) for code in theirs}, data.units)


def _penalties(book: RuleBook, data: Data) -> pd.DataFrame:
    """What lead departments lose: the only thing for which scoring needs an audit."""
    from txlib.audits.quotas import deducted

    return deducted(book, data)
