"""What findings cost or gain by their kinds: a price each, caps over several kinds, a part of a price for each role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from txlib.base.fields import Again, AtMostFull, Code, Count, Model, wrong
from txlib.base.numbers import Amount
from txlib.methods.words import Case, held, word

if TYPE_CHECKING:
    import pandas as pd

PartCounts = Mapping[Fraction, int]  # how many findings count at which part of the price
WHOLE = Fraction(1)


class PriceTerm(NamedTuple):
    """What findings do to the points: a sum with places, its values, and what it comes to, below 0 where they are lost."""

    pattern: str
    values: tuple[Fraction, ...]
    points: Fraction


def added(c: Case, base: Fraction, terms: Sequence[PriceTerm], floor: Fraction, most: Fraction, full: Fraction) -> str:
    """What findings add to a base, as a sum that is held within limits; `full`: where these are not the nominal full points,
    what findings do is put to them."""
    pattern, values = "".join(term.pattern for term in terms), [value for term in terms for value in term.values]
    if full != c.full and terms:
        pattern, values = f" + (0{pattern}) × {{}} ÷ {{}}", [*values, full, c.full]
    total = base + full / c.full * sum((term.points for term in terms), Fraction(0))
    return held(c, c.sum("{}" + pattern, base, *values), total, floor, most)


class Price(Model):
    """What a finding costs or gains; `again`: each after the first; `free`: so many count for nothing; `cap`: the most in all."""

    costs: AtMostFull | None = None
    gains: AtMostFull | None = None
    again: Again | None = None
    free: Count | None = None
    cap: AtMostFull | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.costs is None) == (self.gains is None) or (self.again == "all" and (self.gains or self.cap)):
            raise wrong("costs_or_gains")
        return self

    @property
    def way(self) -> str:
        """Whether it costs or gains."""
        return "gains" if self.costs is None else "costs"

    @property
    def mark(self) -> str:
        """The sign of what it does."""
        return " + " if self.costs is None else " − "

    def term(self, counts: PartCounts, full: Fraction) -> PriceTerm | None:
        """What so many findings do; None where all is lost."""
        each, number = self.gains or self.costs, max(sum(counts.values()) - (self.free or 0), 0)
        if self.again == "all" and number > 1:
            return None
        assert each is not None
        first = each.points(full)
        if set(counts) - {WHOLE}:
            term = self._in_parts(counts, first)
        elif number < 2:
            term = self.whole(number * first)
        elif isinstance(self.again, Amount):
            more = self.again.points(full)
            term = self._signed("({} + {} × {})", (first, Fraction(number - 1), more), first + (number - 1) * more)
        else:
            term = self._signed("{} × {}", (Fraction(number), first), number * first)
        most = self.cap.points(full) if self.cap else None
        return term if most is None or abs(term.points) <= most else self.whole(most)

    def _in_parts(self, counts: PartCounts, each: Fraction) -> PriceTerm:
        """Findings of which a unit bears a part of the price, the greatest first."""
        parts = [(Fraction(n), each, part * 100) for part, n in sorted(counts.items(), reverse=True)]
        total = sum((n * each * part / 100 for n, _, part in parts), Fraction(0))
        return self._signed(self.mark.join(["{} × {} × {}%"] * len(parts)), tuple(x for part in parts for x in part), total)

    def whole(self, points: Fraction) -> PriceTerm:
        """So many points in one number."""
        return self._signed("{}", (points,), points)

    def _signed(self, pattern: str, values: tuple[Fraction, ...], points: Fraction) -> PriceTerm:
        return PriceTerm(self.mark + pattern, values, points if self.costs is None else -points)

    def said(self, c: Case) -> str:
        """The price in words."""
        key = self.way if self.again is None else f"{self.way}_all" if self.again == "all" else f"{self.way}_again"
        amounts = {name: c.points(each) for name, each in self if isinstance(each, Amount)}
        free = c.say("free", free=self.free) if self.free else ""
        return free + c.say(key, **amounts) + (c.say(f"cap_{self.way}", **amounts) if self.cap else "")


class PriceCap(Model):
    """The most that findings of several kinds cost, or gain, together."""

    over: Annotated[tuple[Code, ...], Field(min_length=2)]
    cap: AtMostFull

    def fits(self, prices: Mapping[str, Price]) -> bool:
        """Whether its kinds are in the list, all of them cost or all gain, and none takes everything."""
        mine = [prices[kind] for kind in self.over if kind in prices and prices[kind].again != "all"]
        return len(mine) == len(self.over) and len({price.way for price in mine}) == 1

    def bound(self, terms: Mapping[str, PriceTerm | None], prices: Mapping[str, Price],
              full: Fraction) -> dict[str, PriceTerm | None]:
        """Terms by kind, those of its kinds in one where they come to more."""
        mine = {kind: term for kind, term in terms.items() if term and kind in self.over}
        most = self.cap.points(full)
        if abs(sum((term.points for term in mine.values()), Fraction(0))) <= most:
            return dict(terms)
        first, *others = mine
        return {kind: prices[kind].whole(most) if kind == first else term for kind, term in terms.items() if kind not in others}

    def said(self, c: Case, prices: Mapping[str, Price]) -> str:
        """The cap in words."""
        kinds = c.joined("comma", [word(kind, c.lang, prices) for kind in self.over])
        return c.say(f"caps_{prices[self.over[0]].way}", kinds=kinds, cap=c.points(self.cap))


def told(c: Case, rows: pd.DataFrame, prices: Mapping[str, Price], roles: Mapping[str, Fraction] | None) -> str:
    """What was found of each kind, in which documents, in which role where there are roles, and what it costs or gains."""
    items, by = list[str](), ["document", "role"] if roles else ["document"]
    for kind in (each for each in prices if each in set(rows["kind"])):
        mine = rows[rows["kind"] == kind]
        papers = c.joined("comma", [_paper(c, at, each["number"].sum(), roles) for at, each in mine.groupby(by, sort=False)])
        items.append(c.say("kind", kind=word(kind, c.lang, prices), n=mine["number"].sum(), papers=papers,
                           price=prices[kind].said(c)))
    return c.joined("semicolon", items) or c.say("nothing")


def _paper(c: Case, at: tuple[str, ...], n: int, roles: Mapping[str, Fraction] | None) -> str:
    """A document with how many findings, and in which role it names the unit."""
    names = [c.say("as_role", role=word(role, c.lang, roles or ())) for role in at[1:]]
    return "".join([c.say("paper", document=at[0], n=n) if n > 1 else at[0], *names])
