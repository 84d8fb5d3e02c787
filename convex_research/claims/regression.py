"""C32: which of the two moves more."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims import applies
from convex_research.claims.declaration import Declaration, Rule
from convex_research.claims.effects import NO_SLOPE, VOLATILITY_RATIO
from convex_research.claims.finding import Finding
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, signed, slope, slope_ends
from convex_research.claims.survival import over, under
from convex_research.claims.verdict import Pvalues, beyond, size_of

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.finding import Case
    from convex_research.claims.survival import Judge
    from convex_research.core.estimates import Estimate, NotComputed

__all__ = ["DECLARED"]

_MARGIN = math.log(VOLATILITY_RATIO)


def _moves_more(case: Case) -> Finding | NotComputed:
    """The ratio of volatilities against one; for legs in different units, the slope's sign."""
    facts = case.facts
    (beta,) = case.estimates
    number = f"{slope(beta, facts.units, facts.b)} {slope_ends(beta, facts.units)}"
    if not facts.one_unit:
        return facts.clock or _same_way(case, number)
    key = f"volatility.ratio[{facts.year}]"
    ratio = facts.estimate(key)
    if ratio is None:
        return facts.missing(key)
    logged = _logged(ratio)
    verdict = case.verdict
    more, less = (facts.a, facts.b) if ratio.value > 1.0 else (facts.b, facts.a)
    detail = (
        f"the volatility of {facts.a} is {signed(ratio.value, plus=False)} times "
        f"{ends(ratio)} that of {facts.b}"
    )
    r = facts.estimate(f"correlation.pearson[{facts.year}]")
    if facts.clock is None:  # a daily slope is too low where closes are apart
        steady = r is not None and beyond(r, NO_SLOPE) == "supported"
        detail += f"; {facts.a} moves by {number}" if steady else "; no steady slope ties them"
    return Finding(
        of=ratio,
        fields={"more": more, "less": less},
        detail=detail,
        runs=facts.runs(key, verdict, _judge(verdict, ratio)),
        evidence=(key, *case.keys, *((f"correlation.pearson[{facts.year}]",) if r else ())),
        size=size_of(logged, _MARGIN),
        pvalues=Pvalues.of_change(logged, _MARGIN),
    )


def _logged(ratio: Estimate) -> Estimate:
    """A ratio with its interval and error on the log scale."""
    low, high = (math.log(end) for end in (ratio.low or ratio.value, ratio.high or ratio.value))
    error = None if ratio.std_error is None else ratio.std_error / ratio.value
    return replace(ratio, value=math.log(ratio.value), low=low, high=high, std_error=error)


def _judge(verdict: Verdict, ratio: Estimate) -> Judge:
    """The rule for further runs: the same leg moves more, or neither does."""
    if verdict == "rejected":
        return lambda one: beyond(_logged(one), _MARGIN)
    return over(1.0) if ratio.value > 1.0 else under(1.0)


def _same_way(case: Case, number: str) -> Finding:
    """Whether A moves in the direction of B or against it.

    The sign is that of r, whose interval one wild day widens less than the slope's.
    """
    (beta,) = case.estimates
    key = f"correlation.pearson[{case.facts.year}]"
    r = case.facts.estimate(key)
    return Finding(
        of=beta,
        detail=number,
        instead={"supported": "with", "rejected": "against", "inconclusive": "either way"},
        runs=case.runs(over(0.0)),
        also=(key,) if r else (),
        pvalues=Pvalues.of_side(r, 0.0, "fisher") if r else Pvalues.of_side(beta, 0.0),
    )


DECLARED = (
    Declaration(
        id="C32",
        hypothesis="One leg moves more than the other (in different units: {a} moves with {b})",
        question="Which of the two moves more?",
        subject="Which of {a} and {b} moves more",
        applies=applies.always,
        decide=_moves_more,
        keys=("regression.beta[{year}]",),
        effects=(VOLATILITY_RATIO, NO_SLOPE),
        rule=Rule.beyond(
            "the log of the ratio of volatilities (in different units: the slope, which must be "
            "above zero)",
            _MARGIN,
            otherwise=" (in different units: the slope is below zero)",
        ),
        sentences={
            "supported": "{more} moves more than {less}",
            "rejected": "{a} and {b} move alike",
            "inconclusive": "Which of {a} and {b} moves more is open",
            "with": "{a} moves in the direction of {b}",
            "against": "{a} does not move in the direction of {b} but against it",
            "either way": "Whether {a} moves with {b} or against it is open",
        },
        at=(At("correlation.meaning", 3), At("volatility.moves", 2), At("rate.moves", 2)),
        gives_way={"comparison": 32},
    ),
)
