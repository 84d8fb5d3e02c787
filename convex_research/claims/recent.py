"""C29, whether the recent correlation tracks the one before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.effects import RECENT_MARGIN_Z
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import ends, reach, signed
from convex_research.claims.survival import run
from convex_research.claims.verdict import LEVEL, within
from convex_research.core.estimates import NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict

__all__ = ["tracks"]


def tracks(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C29: equivalence within a margin, a difference beyond it, or neither.

    The margin is on Fisher's scale. Supported when the 90 % interval lies inside it (two
    one-sided tests at 5 %), rejected when the 95 % interval lies outside.
    """
    window = facts.analysis.config.recent_window
    parts = ("difference", "equivalence", "recent", "preceding")
    keys = [f"recent.{part}[{window}]" for part in parts]
    found, test = facts.estimates(*keys), facts.test("recent.fisher")
    subject = "Whether recent correlation tracks the preceding one"
    if isinstance(found, NotComputed):
        return not_tested("C29", subject, found)
    if test is None:
        return not_tested("C29", subject, facts.missing("recent.fisher"))
    gap, narrow, new, old = found
    verdict = within(gap, narrow, RECENT_MARGIN_Z)
    runs = facts.runs(keys[0], verdict, lambda one: within(one, one, RECENT_MARGIN_Z))
    other = facts.test("recent.jennrich")
    if other is not None and verdict == "rejected":
        runs.append(run("by Jennrich's test", other.pvalue, agrees=other.pvalue < LEVEL))
    numbers = (
        f"r is {signed(new.value)} {ends(new)} over the last {window} observations and "
        f"{signed(old.value)} {ends(old)} over the {old.nobs:,} before them, a difference of "
        f"{signed(gap.value)} {ends(gap)} in Fisher's z (r on a scale without ends)"
    )
    low, high = gap.low or 0.0, gap.high or 0.0
    way = "closer" if abs(new.value) > abs(old.value) else "looser"
    texts: dict[Verdict, str] = {
        "supported": (
            f"Recent correlation tracks the preceding one, within {RECENT_MARGIN_Z}: {numbers}"
        ),
        "rejected": f"Recent correlation has diverged and is {way}: {numbers}",
        "inconclusive": (
            f"Recent correlation differs, but not by an amount shown to matter: {numbers}"
            if low > 0.0 or high < 0.0
            else f"Neither a change nor its absence is established: {numbers}"
        )
        + reach(gap, RECENT_MARGIN_Z, "change"),
    }
    return told(
        "C29",
        verdict,
        texts,
        ending=facts.sample(gap),
        evidence=(*keys, "recent.fisher"),
        pvalue=test.pvalue,
        runs=runs,
    )
