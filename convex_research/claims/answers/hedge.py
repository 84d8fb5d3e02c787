"""C22b: whether one can hedge the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import (
    EXACTLY,
    clock_reason,
    dates,
    past,
    reasoned,
    untested,
    whole,
)
from convex_research.claims.effects import HEDGE_USEFUL
from convex_research.claims.sentences import GAIN, SHARE, R, mapped, quantity, written
from convex_research.core.flags import Flag
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim
    from convex_research.claims.facts import Facts
    from convex_research.claims.sentences import Unit
    from convex_research.core.estimates import Estimate

__all__ = ["Deal", "can_hedge", "traded", "unheld"]

_QUESTION = "Can one hedge the other?"


def can_hedge(facts: Facts, claim: Claim) -> Answer:
    """C22b: what shorting B takes off A's volatility, over the long record."""
    year = facts.year
    key = "hedge.volatility_removed[all]"
    removed = facts.estimate(key)
    if claim.answer == "untested" or removed is None:
        why = claim.reason or facts.result(key)
        if Flag.EXACT in facts.analysis.flags:
            why = EXACTLY
        if facts.clock is not None:
            why = f"daily closes cannot show it: {clock_reason(facts)}"
        return untested(claim.id, _QUESTION, why)
    lately = facts.estimate(f"hedge.volatility_removed[{year}]")
    ratio = facts.estimate(f"hedge.ratio[{year}]")
    mark = 1.0 - math.sqrt(1.0 - HEDGE_USEFUL)
    on_paper = unheld(facts)
    fields: dict[str, str | Quantity] = {
        "window": past(facts, year),
        "a": facts.a,
        "b": facts.b,
        "mark": written(mark, SHARE),
    }
    if lately is not None:
        fields["lately"] = quantity(lately, _cut(lately), f"hedge.volatility_removed[{year}]")
    if on_paper:
        sentence = reasoned(on_paper)
    elif claim.answer == "yes" and lately is not None and ratio is not None:
        deal = traded(facts, ratio, f"hedge.ratio[{year}]")
        fields |= deal._asdict()
        words = "{lately} in the {window}, {side} {ratio} of {b} per {one} of {a}."
        sentence = Sentence(words, fields)
    elif lately is not None:
        sentence = Sentence("{lately} in the {window}; {mark} would count.", fields)
    else:
        sentence = Sentence("{mark} would count.", fields)
    window = whole(facts, removed)
    share = facts.estimate("hedge.effectiveness_out[all]")
    return Answer(
        id=claim.id,
        question=_QUESTION,
        answer=claim.answer,
        word=claim.word,
        number=quantity(removed, _cut(removed), key),
        label=f"less volatility, {window}",
        window=window,
        sentence=sentence,
        keys=(key, f"hedge.volatility_removed[{year}]", f"hedge.ratio[{year}]"),
        notes=(
            (
                f"{removed.nobs:,} {facts.period}s, {dates(removed)}; each ratio from the 252 "
                f"{facts.period}s before."
            ),
            *((f"As variance {quantity(share, GAIN)}.",) if share is not None else ()),
            f"Half of the variance, {written(mark, SHARE)} of volatility, counts.",
        ),
    )


def _cut(removed: Estimate) -> Unit:
    """How a cut of volatility is written: a small one by tenths."""
    return GAIN if abs(removed.value) >= 0.1 else GAIN._replace(decimals=1)


class Deal(NamedTuple):
    """What is sold, or bought where both move against each other, and for how much.

    Parameters
    ----------
    side : str
        ``selling`` or ``buying``.
    ratio : Quantity
        Of B, for each ``one`` of A.
    one : str
        One unit of money: dollars where both are in dollars.
    """

    side: str
    ratio: Quantity
    one: str


def traded(facts: Facts, ratio: Estimate, key: str) -> Deal:
    """The hedge that a ratio of B to A asks for."""
    short = ratio.value >= 0.0
    size = ratio if short else mapped(ratio, lambda x: -x)
    prices = facts.analysis.returns.prices
    dollars = all(leg.instrument.unit == "USD" for leg in (prices.a, prices.b))
    money = "$" if dollars else ""
    shown = quantity(size, R._replace(plus=False, limits=(0.0,)), key)
    shown = shown._replace(text=f"{money}{shown.text}")
    return Deal("selling" if short else "buying", shown, f"{money}1")


_NO_PRICE = {
    "level": "{who} itself cannot be bought: it is a level in points, not a price",
    "rate": "{who} itself cannot be bought: it is a yield, not a price",
    "spread": "{who} itself cannot be bought: it is a spread of yields, not a price",
}


def unheld(facts: Facts) -> str:
    """Why a hedge is on paper: one of the legs is nothing to hold."""
    for who, kind in zip((facts.b, facts.a), reversed(facts.kinds), strict=True):
        if kind in _NO_PRICE:
            return _NO_PRICE[kind].format(who=who)
    return ""
