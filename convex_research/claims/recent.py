"""C29, whether the recent correlation tracks the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.claim import Claim, Verdict
from convex_research.claims.effects import RECENT_MARGIN_Z
from convex_research.claims.facts import not_tested
from convex_research.claims.sentences import ends, sample, signed
from convex_research.claims.verdict import LEVEL, downgraded, run, within
from convex_research.estimates import Estimate, NotComputed, TestResult

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis

__all__ = ["recent_claim"]


def recent_claim(analysis: PairAnalysis) -> Claim:
    """Equivalence within a margin, a difference beyond it, or neither.

    The margin is on Fisher's scale. Supported when the 90 % interval lies inside it (two
    one-sided tests at 5 %), rejected when the 95 % interval lies outside.
    """
    window = analysis.config.recent_window
    parts = ("difference", "equivalence", "recent", "preceding")
    keys = [f"recent.{part}[{window}]" for part in parts]
    found = [analysis[key] for key in keys]
    test = analysis["recent.fisher"]
    gap, narrow, new, old = found
    if not (
        isinstance(gap, Estimate)
        and isinstance(narrow, Estimate)
        and isinstance(new, Estimate)
        and isinstance(old, Estimate)
        and isinstance(test, TestResult)
    ):
        reason = next((r for r in (*found, test) if isinstance(r, NotComputed)), None)
        return not_tested("C29", "Recent against preceding correlation", reason or "no data")
    low, high = gap.low or 0.0, gap.high or 0.0
    verdict: Verdict = within(gap, narrow, RECENT_MARGIN_Z)
    other = analysis["recent.jennrich"] if verdict == "rejected" else None
    runs = []
    if isinstance(other, TestResult):
        runs.append(run("Jennrich p-value", other.pvalue, agrees=other.pvalue < LEVEL))
    verdict = downgraded(verdict, runs)
    numbers = (
        f"the last {window} observations have r {signed(new.value)} {ends(new)}, the "
        f"{old.nobs:,} before them {signed(old.value)} {ends(old)}"
    )
    difference = f"a difference of {signed(gap.value)} {ends(gap)} on Fisher's z scale"
    if verdict == "supported":
        said = f"Recent correlation tracks the preceding one: {numbers}, {difference}"
        said += f", within the margin of {RECENT_MARGIN_Z}"
    elif verdict == "rejected":
        way = "closer" if abs(new.value) > abs(old.value) else "looser"
        said = f"Recent correlation has diverged and is {way}: {numbers}, {difference}"
    elif low > 0.0 or high < 0.0:
        said = "Recent correlation differs, but not by an amount shown to matter: "
        said += f"{numbers}, {difference}"
    else:
        said = f"Neither a change nor its absence is established: {numbers}, {difference}"
    return Claim(
        id="C29",
        verdict=verdict,
        text=f"{said} {sample(gap, analysis.returns.frequency)}.",
        evidence=(*keys, "recent.fisher"),
        pvalue=test.pvalue,
        sensitivity=tuple(runs),
    )
