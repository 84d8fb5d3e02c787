"""C31 and C32: what R2 says, and whether A amplifies the moves of B."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims import applies
from convex_research.claims.declaration import Declaration, Finding, Rule
from convex_research.claims.effects import BETA_MARGIN
from convex_research.claims.places import At
from convex_research.claims.sentences import percent, percent_ends, slope, slope_ends
from convex_research.claims.verdict import above, below, beyond
from convex_research.core.estimates import Missing, NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.declaration import Case
    from convex_research.claims.survival import Judge
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_EXACT = 1e-12


def _amplification(case: Case) -> Finding | NotComputed:
    """Beta of A on B against one; for legs in different units, against zero."""
    facts = case.facts
    (beta,) = case.estimates
    if beta.low is None or beta.high is None:
        return NotComputed(Missing.UNDEFINED, "it has no interval")
    number = f"{slope(beta, facts.units, facts.b)} {slope_ends(beta, facts.units)}"
    if not facts.one_unit:
        verdict = _same_way(beta)
        return Finding(
            verdict=verdict,
            of=beta,
            detail=number,
            instead={"supported": "with", "rejected": "against", "inconclusive": "either way"},
            runs=case.runs(verdict, _same_way),
        )
    verdict = _amplifies(beta)
    reverse_key = f"regression.beta_reverse[{facts.year}]"
    reverse = facts.estimate(reverse_key)
    if reverse is not None:
        number += f", and the other way round {slope(reverse, facts.units[::-1], facts.a)}"
    how = "it moves against them" if beta.high < 0.0 else "it dampens them"
    return Finding(
        verdict=verdict,
        of=beta,
        fields={
            "how": "it moves one for one" if _one_for_one(beta) else how,
        },
        detail=number,
        runs=case.runs(verdict, _judge(beta, verdict)),
        also=() if reverse is None else (reverse_key,),
    )


def _amplifies(beta: Estimate) -> Verdict:
    """Above one by the margin; rejected below one, or where it is one for one."""
    verdict = above(beta, 1.0 + BETA_MARGIN)
    if verdict == "supported" or below(beta, 1.0 - BETA_MARGIN) == "supported":
        return "supported" if verdict == "supported" else "rejected"
    return "rejected" if _one_for_one(beta) else "inconclusive"


def _judge(beta: Estimate, verdict: Verdict) -> Judge:
    """The rule for further runs: they must keep what exactly was said."""
    if verdict == "supported":
        return lambda one: above(one, 1.0 + BETA_MARGIN)
    if _one_for_one(beta):
        return lambda one: beyond(_less_one(one), _less_one(one), BETA_MARGIN)
    return lambda one: above(one, 1.0 - BETA_MARGIN)


def _less_one(beta: Estimate) -> Estimate:
    low, high = (beta.low or 0.0) - 1.0, (beta.high or 0.0) - 1.0
    return replace(beta, value=beta.value - 1.0, low=low, high=high)


def _one_for_one(beta: Estimate) -> bool:
    low, high = beta.low, beta.high
    return (
        low is not None
        and high is not None
        and low > 1.0 - BETA_MARGIN
        and high < 1.0 + BETA_MARGIN
    )


def _same_way(beta: Estimate) -> Verdict:
    return above(beta, 0.0)


def _explained_variance(case: Case) -> Finding | NotComputed:
    """R2 is r squared and the product of both betas; exact, or the program is wrong.

    The verdict is about the identity, which no tail can upset; an interval that heavy tails
    spoil is left out of the sentence.
    """
    facts = case.facts
    year = str(facts.year)
    window = year if facts.estimate(f"regression.rsquared[{year}]") is not None else "all"
    keys = (
        f"regression.rsquared[{window}]",
        f"correlation.pearson[{window}]",
        f"regression.beta[{window}]",
        f"regression.beta_reverse[{window}]",
    )
    found = facts.estimates(*keys)
    if isinstance(found, NotComputed):
        return found
    rsquared, r, beta, reverse = found
    exact = all(
        math.isclose(rsquared.value, other, rel_tol=_EXACT, abs_tol=_EXACT)
        for other in (r.value**2, beta.value * reverse.value)
    )
    size = f"{percent(rsquared.value)} {percent_ends(rsquared)}"
    nature = "R², the square of r"
    if any("heavy_tails" in one.flags for one in found):
        size = percent(rsquared.value)
        nature += "; tails are so heavy that no interval for it holds its level"
        rsquared = replace(rsquared, low=None, high=None, confidence_level=None)
    return Finding(
        verdict="supported" if exact else "rejected",
        of=rsquared,
        fields={"size": size, "nature": nature},
        evidence=keys,
    )


DECLARED = (
    Declaration(
        id="C31",
        hypothesis="The share of variance explained is the square of r",
        question="How much of {a}'s variance does a line account for?",
        subject="The share of variance explained",
        applies=applies.always,
        decide=_explained_variance,
        rule=Rule(
            "r² equals the share explained and the product of both slopes, to twelve digits",
            "an identity fails, which would be an error of the program",
        ),
        sentences={
            "supported": (
                "A straight line through the moves of {b} accounts for {size} of the variance of "
                "{a} ({nature})"
            ),
            "rejected": (
                "The identities of R² fail, so this page must not be used: a straight line "
                "through the moves of {b} accounts for {size} of the variance of {a} ({nature})"
            ),
        },
        at=(At("correlation.meaning", 2),),
        gives_way={"correlation": 7},
    ),
    Declaration(
        id="C32",
        hypothesis="{a} amplifies the moves of {b} (in another unit: moves their way)",
        question="Which of the two moves more?",
        subject="How {a} moves with {b}",
        applies=applies.always,
        decide=_amplification,
        keys=("regression.beta[{year}]",),
        effects=(BETA_MARGIN,),
        rule=Rule(
            f"beta lies wholly above {1 + BETA_MARGIN:.2f}; above zero if the legs have different "
            "units",
            f"beta lies wholly below {1 - BETA_MARGIN:.2f}, or wholly within "
            f"{1 - BETA_MARGIN:.2f} to {1 + BETA_MARGIN:.2f}; wholly below zero if the legs have "
            "different units",
        ),
        sentences={
            "supported": "{a} amplifies the moves of {b}",
            "rejected": "{a} does not amplify the moves of {b}; {how}",
            "inconclusive": "Whether {a} amplifies or dampens the moves of {b} is open",
            "with": "{a} moves in the direction of {b}",
            "against": "{a} does not move in the direction of {b} but against it",
            "either way": "Whether {a} moves with {b} or against it is open",
        },
        at=(At("correlation.meaning", 3), At("volatility.moves", 2), At("rate.moves", 2)),
        gives_way={"comparison": 32},
    ),
)
