"""C33 and C34: what changes between years go with, and how far rolling r strays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import applies
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.finding import Finding
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, percent, pvalue, signed
from convex_research.claims.survival import over
from convex_research.claims.verdict import Pvalues
from convex_research.core.estimates import NotComputed
from convex_research.statistics.inference.edge import pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.finding import Case

__all__ = ["DECLARED"]

_STRESS = ("consistency.stress_share[{}]", "consistency.stress_base[{}]")


def _swings(case: Case) -> Finding:
    """Correlation swings in the years in which volatility does."""
    (rho,), (test,) = case.estimates, case.tests
    number = (
        f"over {rho.nobs + 1} years the sizes of both changes have a rank correlation of "
        f"{signed(rho.value)} {ends(rho)}, {pvalue(test)}"
    )
    return Finding(
        of=rho,
        detail=number,
        runs=case.runs(over(0.0)),
        pvalues=Pvalues(test.pvalue, pvalue_below(rho, 0.0, "fisher")),
        counted="changes between years",
    )


def _loosens(case: Case) -> Finding | NotComputed:
    """Rolling r came nearer to zero than a constant r would bring it."""
    facts = case.facts
    window = facts.analysis.config.rolling_window
    whole = facts.estimate("correlation.pearson[all]")
    end, farthest = ("max", "highest") if whole and whole.value < 0.0 else ("min", "lowest")
    key = f"rolling.pearson_{end}_test[{window}]"
    test, usual = facts.test(key), facts.estimate(f"rolling.null_{end}")
    if test is None or usual is None:
        return facts.missing(key, f"rolling.null_{end}")
    number = (
        f"the {farthest} r of {window} observations was {signed(test.statistic)} over the last "
        f"{usual.nobs:,}, where a constant correlation would bring it to {signed(usual.value)} "
        f"{ends(usual)}, {pvalue(test)}"
    )
    keys = [one.format(window) for one in _STRESS]
    shares = facts.estimates(*keys)
    if not isinstance(shares, NotComputed):
        number += (
            f"; {percent(shares[0].value)} of the most extreme windows of the whole sample hold "
            f"days of named stress, against {percent(shares[1].value)} of all"
        )
    return Finding(
        of=usual,
        detail=number,
        evidence=(key, f"rolling.null_{end}", *(keys if "stress" in number else ())),
        pvalues=Pvalues(test.pvalue, 1.0),
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
            f"the rank correlation with changes of volatility is positive, {DISCOVERED}",
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
        hypothesis="Rolling correlation came nearer to zero than a constant one would",
        question="Does the tie ever loosen?",
        subject="Whether the tie ever loosened",
        applies=applies.always,
        decide=_loosens,
        rule=Rule(
            "the extreme of rolling r lies beyond those of simulated samples whose correlation is "
            f"constant, {DISCOVERED}",
            "it cannot be: an extreme that chance explains proves nothing",
        ),
        sentences={
            "supported": "The tie loosened by more than chance allows",
            "inconclusive": "That the tie ever loosened by more than chance allows is not shown",
        },
        at=(At("correlation.extremes", 2), At("volatility.stress", 1)),
        gives_way={"correlation": 2, "comparison": 13},
    ),
)
