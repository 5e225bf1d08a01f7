"""One cap over several adjustments: what they add or take together, beside the cap that each may have of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import Field

from txlib.base.faults import Fault, Where, asked
from txlib.base.fields import Code, Positive, Rule, Text
from txlib.base.labels import LANGS, say
from txlib.rules.source import Block, Items, Place


class CommonCap(Rule):
    """The most that adjustments add together, and the most that they take; `signs: net`: what is left of both, either way.

    It is no rule of its own code: it is called by the adjustments that it is over.
    """

    over: Annotated[tuple[Code, ...], Field(min_length=2)]
    cap: Positive
    signs: Literal["apart", "net"] = "apart"

    @property
    def code(self) -> str:
        """Its adjustments' codes; & stands in no code."""
        return "&".join(self.over)

    @property
    def name(self) -> Text:
        """What it is called."""
        zh, en = (say("explain.cap_name", lang, codes=say("explain.comma", lang).join(self.over)) for lang in LANGS)
        return Text(zh=zh, en=en)


def faults_of(raw: Block, adjustments: Collection[str]) -> Iterator[Fault]:
    """Caps over what is no adjustment of the tree, and adjustments that are under two caps, or twice under one."""
    caps, first = raw.get("caps"), dict[str, Place]()
    for block in (each for each in caps if isinstance(each, Block)) if isinstance(caps, Items) else ():
        over = block.get("over")
        for i, code in enumerate(over) if isinstance(over, Items) else ():
            place, at = block.place("over", i), Where(column="caps.over")
            if code not in adjustments:
                yield Fault.of("cap_over_unknown", *place, at, found=code, near=asked(str(code), adjustments))
            elif code in first:
                yield Fault.of("cap_over_twice", *place, at, found=code, first=first[code][1])
            else:
                first[code] = place
