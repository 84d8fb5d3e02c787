"""Sentences as tests: hypothesis, statistic, verdict, sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims.claim import Claim, Claims, Opened, Verdict
from convex_research.claims.declaration import Declaration, evaluated
from convex_research.claims.doubt import doubted
from convex_research.claims.facts import Facts
from convex_research.claims.registry import DECLARATIONS, declaration, declared_for, hypothesis
from convex_research.claims.strength import strength, strength_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis import PairAnalysis

__all__ = [
    "DECLARATIONS",
    "Claim",
    "Claims",
    "Declaration",
    "Opened",
    "Verdict",
    "declaration",
    "evaluate",
    "evaluated",
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
    wanted = None if only is None else frozenset(only)
    declared = [
        one
        for one in declared_for(facts)
        if wanted is None or one.id in wanted or (one.id.startswith("C25[") and "C25" in wanted)
    ]
    drafts = [(one, claim) for one in declared if (claim := evaluated(one, facts)) is not None]
    pvalues = {one.id: claim.pvalue for one, claim in drafts if claim.pvalue is not None}
    controlled = false_discovery_control(list(pvalues.values())).tolist() if pvalues else []
    adjusted = dict(zip(pvalues, controlled, strict=True))
    claims = []
    for one, draft in drafts:
        final = draft
        if (p := adjusted.get(one.id)) is not None:
            final = replace(evaluated(one, facts, p) or draft, pvalue_adjusted=p)
        claims.append(doubted(final, analysis))
    return Claims(claims)
