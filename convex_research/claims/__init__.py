"""Sentences as tests: hypothesis, statistic, verdict, sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims.claim import Claim, Claims, Opened, Verdict
from convex_research.claims.doubt import doubted
from convex_research.claims.facts import Facts
from convex_research.claims.hypotheses import HYPOTHESES, hypothesis
from convex_research.claims.registry import made
from convex_research.claims.strength import strength, strength_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis import PairAnalysis

__all__ = [
    "HYPOTHESES",
    "Claim",
    "Claims",
    "Opened",
    "Verdict",
    "evaluate",
    "hypothesis",
    "strength",
    "strength_words",
]


def evaluate(analysis: PairAnalysis, only: Iterable[str] | None = None) -> Claims:
    """Test every claim that applies to the pair.

    Parameters
    ----------
    analysis : PairAnalysis
        A finished analysis.
    only : iterable of str, optional
        Identifiers wanted; all by default. Error control is over what is tested.

    Returns
    -------
    Claims
        Only claims that apply, by identifier; one that lacks data says "not tested". Primary
        p-values carry their Benjamini-Hochberg adjustment over the page, and a verdict that
        needs a test rests on the adjusted value.
    """
    from scipy.stats import false_discovery_control

    facts = Facts(analysis)
    drafts = made(facts, None if only is None else frozenset(only))
    tested = [i for i, (_, claim) in enumerate(drafts) if claim.pvalue is not None]
    pvalues = [claim.pvalue or 0.0 for _, claim in drafts if claim.pvalue is not None]
    adjusted = dict(zip(tested, false_discovery_control(pvalues).tolist(), strict=True))
    claims = []
    for i, (maker, draft) in enumerate(drafts):
        final = draft
        if i in adjusted:
            final = replace(maker(facts, adjusted[i]) or draft, pvalue_adjusted=adjusted[i])
        claims.append(doubted(final, analysis))
    return Claims(sorted(claims, key=_order))


def _order(claim: Claim) -> tuple[int, str]:
    """By number; the windows of one claim stay as the configuration has them."""
    return int(claim.id[1:3]), "" if claim.id.startswith("C25") else claim.id
