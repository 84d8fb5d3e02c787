"""C33 and C34: what large changes of correlation go with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import applies
from convex_research.claims.declaration import ADJUSTED_P, Declaration, Finding, Rule
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, percent, pvalue, signed
from convex_research.claims.verdict import above, needs_test
from convex_research.core.estimates import Missing, NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.declaration import Case

__all__ = ["DECLARED"]

# Named episodes cover part of any sample; with this much more overlap or less, chance is out.
_OPPOSITE = 0.975
_STRESS_TEST = "consistency.stress_test[{}]"


def _swings(case: Case) -> Finding:
    """Correlation swings in the years in which volatility does."""
    (rho,), (test,) = case.estimates, case.tests
    verdict: Verdict = above(rho, 0.0)
    if verdict != "rejected":
        verdict = needs_test("supported", case.adjusted) if rho.value > 0.0 else "inconclusive"
    number = (
        f"over {rho.nobs + 1} years the sizes of both changes have a rank correlation of "
        f"{signed(rho.value)} {ends(rho)}, {pvalue(test.pvalue)}"
    )
    return Finding(
        verdict=verdict,
        of=rho,
        detail=number,
        runs=case.runs(verdict, lambda one: above(one, 0.0)),
        counted="changes between years",
    )


def _stress(case: Case) -> Finding | NotComputed:
    """Extreme windows coincide with named stress."""
    facts = case.facts
    window = facts.analysis.config.rolling_window
    inside, base = case.estimates
    test = facts.test(_STRESS_TEST.format(window))
    if test is None:
        return NotComputed(Missing.UNDEFINED, "the episodes cannot be shifted")
    verdict: Verdict = "inconclusive"
    if inside.value > base.value:
        verdict = needs_test("supported", case.adjusted)
    elif test.pvalue >= _OPPOSITE:
        verdict = "rejected"
    number = (
        f"{percent(inside.value)} of the most extreme windows of {window} observations hold days "
        f"of named stress, against {percent(base.value)} of all, {pvalue(test.pvalue)}"
    )
    low, high = (facts.estimate(f"rolling.null_{end}") for end in ("min", "max"))
    if low is not None and high is not None:
        number += (
            f"; a constant correlation would already span {signed(low.value)} to "
            f"{signed(high.value)} over the last {low.nobs:,} observations"
        )
    return Finding(
        verdict=verdict,
        of=base,
        detail=number,
        runs=case.runs(verdict, lambda one: above(one, base.value)),
        also=(_STRESS_TEST.format(window),),
        pvalue=test.pvalue,
        counted="overlapping windows",
    )


DECLARED = (
    Declaration(
        id="C33",
        hypothesis="Correlation changes most in the years in which volatility does",
        question="Does r change most when volatility does?",
        subject="What changes of correlation between years go with",
        applies=applies.always,
        decide=_swings,
        keys=("consistency.swings",),
        tests=("consistency.swings_test",),
        rule=Rule(
            f"the rank correlation with changes of volatility is positive, {ADJUSTED_P}",
            "its interval lies wholly below zero",
        ),
        sentences={
            "supported": "Correlation changes most in the years in which volatility does",
            "rejected": "Correlation changes most in other years than volatility does",
            "inconclusive": (
                "Whether correlation changes most in the years in which volatility does is open"
            ),
        },
        at=(At("correlation.years", 2), At("volatility.stress", 2), At("rate.economy", 3)),
        gives_way={"correlation": 1, "comparison": 9},
    ),
    Declaration(
        id="C34",
        hypothesis="Extremes of rolling correlation coincide with stress",
        question="Does the tie ever loosen?",
        subject="Whether extreme windows coincide with named stress episodes",
        applies=applies.always,
        decide=_stress,
        keys=("consistency.stress_share[{rolling}]", "consistency.stress_base[{rolling}]"),
        rule=Rule(
            f"extreme windows hold more days of stress than others do, {ADJUSTED_P}",
            "they hold fewer, and chance makes so few in one case of forty at most",
        ),
        sentences={
            "supported": "Extremes of rolling correlation coincide with stress",
            "rejected": "Extremes of rolling correlation avoid stress",
        },
        at=(At("correlation.extremes", 2), At("volatility.stress", 1)),
        gives_way={"correlation": 2, "comparison": 13},
    ),
)
