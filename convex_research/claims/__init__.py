"""Sentences as tests: hypothesis, statistic, verdict, sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.claim import Claim, Verdict
from convex_research.claims.strength import strength, strength_claims

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis

__all__ = ["Claim", "Verdict", "evaluate", "strength"]


def evaluate(analysis: PairAnalysis) -> list[Claim]:
    """Test every claim that applies to the pair.

    Parameters
    ----------
    analysis : PairAnalysis
        A finished analysis.

    Returns
    -------
    list of Claim
        Only claims that apply; one that lacks data says "not tested".
    """
    return strength_claims(analysis)
