"""C29, whether the recent correlation tracks the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import applies
from convex_research.claims.declaration import Declaration, Finding, Rule
from convex_research.claims.effects import RECENT_MARGIN_Z
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, reach, signed
from convex_research.claims.survival import run
from convex_research.claims.verdict import LEVEL, Pvalues, within

if TYPE_CHECKING:
    from convex_research.claims.declaration import Case

__all__ = ["DECLARED"]


def _tracks(case: Case) -> Finding:
    """Equivalence within a margin, a difference beyond it, or neither.

    The margin is on Fisher's scale. Supported when the 90 % interval lies inside it (two
    one-sided tests at 5 %), rejected when the 95 % interval lies outside.
    """
    gap, _, new, old = case.estimates
    verdict = case.verdict
    runs = case.runs(verdict, lambda one: within(one, one, RECENT_MARGIN_Z))
    other = case.facts.test("recent.jennrich")
    if other is not None and verdict == "rejected":
        runs.append(run("by Jennrich's test", other.pvalue, agrees=other.pvalue < LEVEL))
    numbers = (
        f"r is {signed(new.value)} {ends(new)} over the last "
        f"{case.facts.analysis.config.recent_window} observations and {signed(old.value)} "
        f"{ends(old)} over the {old.nobs:,} before them, a difference of {signed(gap.value)} "
        f"{ends(gap)} in Fisher's z (r on a scale without ends)"
    )
    differs = (gap.low or 0.0) > 0.0 or (gap.high or 0.0) < 0.0
    return Finding(
        verdict=verdict,
        of=gap,
        fields={"way": "closer" if abs(new.value) > abs(old.value) else "looser"},
        detail=numbers,
        reach=reach(gap, RECENT_MARGIN_Z, "change"),
        instead={"inconclusive": "differs"} if differs else {},
        runs=runs,
        pvalues=Pvalues.of_change(gap, RECENT_MARGIN_Z, case.tests[0].pvalue).reversed(),
    )


DECLARED = (
    Declaration(
        id="C29",
        hypothesis="Recent correlation tracks the preceding one",
        question="Has that changed lately?",
        yes="rejected",
        subject="Whether recent correlation tracks the preceding one",
        applies=applies.always,
        decide=_tracks,
        keys=(
            "recent.difference[{recent}]",
            "recent.equivalence[{recent}]",
            "recent.recent[{recent}]",
            "recent.preceding[{recent}]",
        ),
        tests=("recent.fisher",),
        effects=(RECENT_MARGIN_Z,),
        rule=Rule(
            "the 90 % interval of the difference lies within "
            f"±{RECENT_MARGIN_Z} on Fisher's z scale (about ±0.10 at r = 0.85)",
            f"its {{level}} interval lies wholly beyond ±{RECENT_MARGIN_Z}, and a second test "
            "agrees",
        ),
        sentences={
            "supported": f"Recent correlation tracks the preceding one, within {RECENT_MARGIN_Z}",
            "rejected": "Recent correlation has diverged and is {way}",
            "differs": "Recent correlation differs, but not by an amount shown to matter",
            "inconclusive": "Neither a change nor its absence is established",
        },
        speaks_for="rejected",
        at=(At("correlation.recent"), At("comparison.recent")),
        gives_way={"comparison": 23},
    ),
)
