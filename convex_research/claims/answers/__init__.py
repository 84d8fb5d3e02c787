"""What a first screen answers: five questions on a pair's pages, three on an instrument's.

Pages, summaries, records, indexes and digests print these and no other words of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.answers.ahead import next_month
from convex_research.claims.answers.change import changed
from convex_research.claims.answers.hedge import can_hedge
from convex_research.claims.answers.link import how_closely
from convex_research.claims.answers.rank import unusual
from convex_research.claims.answers.side_by_side import comparison_rows
from convex_research.claims.facts import Facts

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis
    from convex_research.claims.answer import Answer
    from convex_research.claims.claim import Claims

__all__ = ["comparison_rows", "correlation_answers"]


def correlation_answers(analysis: PairAnalysis, claims: Claims) -> tuple[Answer, ...]:
    """How closely, changed lately, unusual today, hedge, next month.

    Parameters
    ----------
    analysis : PairAnalysis
        Of the pair.
    claims : Claims
        On it; changes, hedges and the choice of the forecast are answered as there.
    """
    facts = Facts(analysis)
    return (
        how_closely(facts),
        changed(facts, claims["C29"]),
        unusual(facts),
        can_hedge(facts, claims["C22b"]),
        next_month(facts, claims["C30"]),
    )
