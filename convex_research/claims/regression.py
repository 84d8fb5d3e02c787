"""C32: which of the two moves more."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims import applies
from convex_research.claims.declaration import Declaration, Rule
from convex_research.claims.effects import NO_SLOPE, VOLATILITY_RATIO
from convex_research.claims.finding import Finding
from convex_research.claims.sentences import (
    TIMES,
    Unit,
    mapped,
    own,
    quantity,
    reach,
    written,
)
from convex_research.claims.survival import over, under
from convex_research.claims.verdict import Pvalues, beyond, size_of

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.finding import Case
    from convex_research.claims.survival import Judge
    from convex_research.core.estimates import Estimate, NotComputed
    from convex_research.core.sentences import Quantity

__all__ = ["DECLARED", "slope", "step"]

_MARGIN = math.log(VOLATILITY_RATIO)


def _moves_more(case: Case) -> Finding | NotComputed:
    """The ratio of volatilities against one; for legs in different units, the slope's sign."""
    facts = case.facts
    if not facts.one_unit:
        return facts.clock or _same_way(case)
    year = facts.year
    key = f"volatility.ratio[{year}]"
    ratio = facts.estimate(key)
    if ratio is None:
        return facts.missing(key)
    logged = _logged(ratio)
    verdict = case.verdict
    more, less = (facts.a, facts.b) if ratio.value > 1.0 else (facts.b, facts.a)
    shown = ratio if ratio.value > 1.0 else mapped(ratio, lambda x: 1.0 / x)
    slopes = case.keys[0], f"regression.beta_reverse[{year}]"
    steep = slopes[0] if ratio.value > 1.0 else slopes[1]
    correlated = f"correlation.pearson[{year}]"
    r, beta = facts.estimate(correlated), facts.estimate(steep)
    steady = r is not None and beyond(r, NO_SLOPE) == "supported"
    also = "; with r this near 0 no slope holds"
    if steady or facts.clock:  # a daily slope is too low where closes are apart
        also = ""
    if steady and not facts.clock and beta is not None and abs(beta.value) > 1.0:
        moves = slope(beta, facts.units, steep)
        also = f"; it moves {moves.text} for each {step(facts.units[0])} in {less}"
    weak = not steady and not facts.clock
    return Finding(
        of=ratio,
        fields={
            "of_more": own(more),
            "of_less": own(less),
            "ratio": quantity(shown, TIMES, key, null=1.0),
            "alike": f"{1.0 / VOLATILITY_RATIO:.2f} to {VOLATILITY_RATIO:.2f}",
            "year": facts.span(year),
            "slope": also,
        },
        named="No steady slope" if weak else more if verdict == "supported" else "Alike",
        reach=_reach(logged),
        runs=facts.runs(key, verdict, _judge(verdict, ratio)),
        evidence=(key, *(one for one in (*slopes, correlated) if facts.estimate(one) is not None)),
        size=size_of(logged, _MARGIN),
        pvalues=Pvalues.of_change(logged, _MARGIN),
    )


def _reach(logged: Estimate) -> str:
    return reach(logged, 0.0, "ratio", lambda x: written(math.exp(x), TIMES), tails=2)


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


def _same_way(case: Case) -> Finding:
    """Whether A moves in the direction of B or against it.

    The sign is that of r, whose interval one wild day widens less than the slope's.
    """
    (beta,) = case.estimates
    facts = case.facts
    moves = slope(beta, facts.units, case.keys[0])
    each = step(facts.units[1])
    key = f"correlation.pearson[{facts.year}]"
    r = facts.estimate(key)
    return Finding(
        of=beta,
        question="How far does {a} move when {b} does?",
        fields={"moves": moves, "each": each, "year": facts.span(facts.year)},
        named=f"{moves.text} for each {each}",
        instead=dict.fromkeys(("yes", "no", "open"), "moves"),
        runs=case.runs(over(0.0)),
        also=(key,) if r else (),
        pvalues=Pvalues.of_side(r, 0.0, "fisher") if r else Pvalues.of_side(beta, 0.0),
    )


# What one unit of a return is called, and how many of them a reader's unit holds.
_STEPS = {"decimal": ("%", "%", 100.0), "bp": ("bp", "bp", 1.0), "points": ("points", "point", 1.0)}


def _per(units: tuple[str, str]) -> tuple[str, str, float]:
    """Words for what A moves by and B moves by, and the factor on a slope."""
    many, _, left = _STEPS.get(units[0], (units[0], units[0], 1.0))
    _, one, right = _STEPS.get(units[1], (units[1], units[1], 1.0))
    return many, one, left / right


def slope(beta: Estimate, units: tuple[str, str], key: str = "") -> Quantity:
    """A slope in the units of both: what one moves by for each :func:`step` of the other.

    Parameters
    ----------
    beta : Estimate
        In the returns' own units.
    units : tuple of str
        Of the one that moves, and of the other.
    key : str
        Of the slope.
    """
    many, _, factor = _per(units)
    suffix = f" {many}"
    return quantity(beta, Unit(factor, 2, suffix, plus=units[0] != units[1]), key, null=0.0)


def step(unit: str) -> str:
    """What a slope is for: ``"1 %"``, ``"1 bp"``, ``"point"``."""
    one = _STEPS.get(unit, (unit, unit, 1.0))[1]
    return one if one == "point" else f"1 {one}"


DECLARED = (
    Declaration(
        id="C32",
        hypothesis="One leg moves more than the other (in different units: {a} moves with {b})",
        question="Which of the two moves more?",
        subject="which of the two moves more",
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
            "yes": "{of_more} volatility is {ratio} {of_less} over the past {year}{slope}",
            "no": (
                "{of_more} volatility is {ratio} {of_less} over the past {year}; {alike} counts as "
                "alike"
            ),
            "moves": "{a} moves {moves} for each {each} in {b} over the past {year}",
        },
    ),
)
