"""Sentences as tests: hypothesis, statistic, verdict, sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims.claim import Claim, Claims, Verdict
from convex_research.claims.coherence import beside, giving_way
from convex_research.claims.declaration import Declaration, evaluated
from convex_research.claims.facts import Facts
from convex_research.claims.registry import DECLARATIONS, declaration, declared_for, hypothesis
from convex_research.claims.strength import strength, strength_words
from convex_research.claims.verdict import ANSWERS, controlled

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis import PairAnalysis

__all__ = [
    "DECLARATIONS",
    "Claim",
    "Claims",
    "Declaration",
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
        Only claims that apply, by identifier; one that lacks data says "not tested". Each has a
        p-value for yes and one for no, and the answer of the smaller is given where the closed
        Benjamini-Yekutieli procedure over all claims finds it: of the answers on a page at
        most 5 % are expected to be false, however they depend on each other. A claim that r is
        the same gives way to one that it changed by more than matters
        (:mod:`~convex_research.claims.coherence`).
    """
    facts = Facts(analysis)
    wanted = None if only is None else frozenset(only)
    declared = [one for one in declared_for(facts) if wanted is None or one.id in wanted]
    drafts = [(one, claim) for one in declared if (claim := evaluated(one, facts)) is not None]
    family = {one.id: claim.pvalues for one, claim in drafts if claim.pvalues is not None}
    control = dict(zip(family, controlled(list(family.values())), strict=True))

    def settled(one: Declaration, draft: Claim, answers: Iterable[Verdict] = ANSWERS) -> Claim:
        if draft.pvalues is None:
            return draft
        own = control[one.id]
        given = frozenset({own.nearer} & {*answers}) if own.discovered else frozenset[Verdict]()
        return replace(evaluated(one, facts, given) or draft, pvalues_adjusted=own.adjusted)

    claims = {one.id: settled(one, draft) for one, draft in drafts}
    denied = giving_way(claims, facts)
    claims |= {
        one.id: settled(one, draft, (one.speaks_for,)) for one, draft in drafts if one.id in denied
    }
    return Claims((claims | beside(claims)).values())
