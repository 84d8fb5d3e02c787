"""Sentences as tests: hypothesis, statistic, verdict, sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims.claim import Claim, Verdict
from convex_research.claims.recent import recent_claim
from convex_research.claims.regression import amplification_claim
from convex_research.claims.strength import strength, strength_claims, strength_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.analysis import PairAnalysis

__all__ = ["Claim", "Verdict", "benjamini_hochberg", "evaluate", "strength", "strength_words"]


def evaluate(analysis: PairAnalysis) -> list[Claim]:
    """Test every claim that applies to the pair.

    Parameters
    ----------
    analysis : PairAnalysis
        A finished analysis.

    Returns
    -------
    list of Claim
        Only claims that apply; one that lacks data says "not tested". Primary p-values
        carry their Benjamini-Hochberg adjustment over the page.
    """
    made = [*strength_claims(analysis), recent_claim(analysis), amplification_claim(analysis)]
    claims = [_doubted(claim, analysis) for claim in made if claim is not None]
    tested = [i for i, claim in enumerate(claims) if claim.pvalue is not None]
    adjusted = benjamini_hochberg([claims[i].pvalue or 0.0 for i in tested])
    for i, p in zip(tested, adjusted, strict=True):
        claims[i] = replace(claims[i], pvalue_adjusted=p)
    return claims


def _doubted(claim: Claim, analysis: PairAnalysis) -> Claim:
    """A claim whose interval cannot be trusted is open, whatever the interval says."""
    flags = {f for key in claim.evidence for f in getattr(analysis[key], "flags", ())}
    if "heavy_tails" not in flags or claim.verdict == "not tested":
        return claim
    text = f"Open, because tails are so heavy that no interval holds its level. {claim.text}"
    return replace(claim, verdict="inconclusive", text=text)


def benjamini_hochberg(pvalues: Sequence[float]) -> list[float]:
    """Adjusted p-values that hold the false discovery rate.

    Parameters
    ----------
    pvalues : sequence of float, length m
        In [0, 1], in any order.

    Returns
    -------
    list of float
        min over k >= rank of p_(k) m / k, capped at 1, in the order given.

    References
    ----------
    Benjamini and Hochberg (1995), JRSS B 57, 289-300.

    Examples
    --------
    >>> [round(p, 3) for p in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    m = len(pvalues)
    adjusted = [1.0] * m
    smallest = 1.0
    for rank, i in sorted(enumerate(sorted(range(m), key=pvalues.__getitem__), 1), reverse=True):
        smallest = min(smallest, pvalues[i] * m / rank)
        adjusted[i] = smallest
    return adjusted
