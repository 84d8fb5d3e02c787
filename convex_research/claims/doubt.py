"""Claims whose interval heavy tails spoil: open, whatever the interval says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims.claim import Opened
from convex_research.claims.sentences import after_colon, leg_names

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis
    from convex_research.claims.claim import Claim

__all__ = ["doubted"]


def doubted(claim: Claim, analysis: PairAnalysis) -> Claim:
    """The claim, open if an interval it rests on cannot be trusted.

    Parameters
    ----------
    claim : Claim
        As its interval has it.
    analysis : PairAnalysis
        What it was tested on.
    """
    flags = {f for key in claim.evidence for f in getattr(analysis[key], "flags", ())}
    if "heavy_tails" not in flags or claim.verdict == "not tested":
        return claim
    finding = claim.finding
    if not claim.opened:  # the finding then stands after a colon
        finding = after_colon(finding, leg_names(analysis))
    opened = (Opened.HEAVY_TAILS, *claim.opened)
    return replace(claim, verdict="inconclusive", size=None, finding=finding, opened=opened)
