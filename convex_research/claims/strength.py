"""C25: how strong a correlation is, in one word if the interval allows one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from convex_research.claims import applies
from convex_research.claims.declaration import Declaration, Finding, Rule
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, signed

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.declaration import Case
    from convex_research.core.estimates import Estimate

__all__ = ["strength", "strength_over", "strength_words"]

_WHOLE = "correlation.pearson[all]"

# Smallest |r| of each band; below the last the relation is negligible.
BANDS: tuple[tuple[float, str], ...] = (
    (0.8, "very strong"),
    (0.6, "strong"),
    (0.4, "moderate"),
    (0.2, "weak"),
)
NEGLIGIBLE = "negligible"


def _band(r: float) -> str:
    size = abs(r)
    name = next((name for edge, name in BANDS if size >= edge), NEGLIGIBLE)
    if name == NEGLIGIBLE:
        return name
    return f"{name} {'positive' if r > 0 else 'negative'}"


def strength(estimate: Estimate) -> tuple[str, ...]:
    """One label if the interval lies in one band, else those of its two ends.

    Parameters
    ----------
    estimate : Estimate
        A correlation with both ends of its interval.

    Returns
    -------
    tuple of str
        One or two labels, the weaker end first.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> strength(Estimate(value=0.77, low=0.70, high=0.85, confidence_level=0.95,
    ...                   method="fixed-b HAC", nobs=30))
    ('strong positive', 'very strong positive')
    """
    if estimate.low is None or estimate.high is None:
        return (_band(estimate.value),)
    ends = sorted((estimate.low, estimate.high), key=abs)
    labels = (_band(ends[0]), _band(ends[1]))
    return labels[:1] if labels[0] == labels[1] else labels


def strength_words(estimate: Estimate) -> str:
    """The labels of :func:`strength` as a phrase, the shared direction said once.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> strength_words(Estimate(value=0.77, low=0.70, high=0.85, confidence_level=0.95,
    ...                         method="fixed-b HAC", nobs=30))
    'strong to very strong positive'
    """
    labels = strength(estimate)
    if len(labels) == 2 and labels[0].split()[-1] == labels[1].split()[-1]:
        return f"{labels[0].rpartition(' ')[0]} to {labels[1]}"
    return " to ".join(labels)


def _one_band(case: Case) -> Finding | None:
    """One name of strength; a window that holds all is the whole sample and told with it."""
    (r,) = case.estimates
    if r.nobs == case.facts.analysis.returns.nobs and case.keys != (_WHOLE,):
        return None
    verdict: Verdict = "supported" if len(strength(r)) == 1 else "inconclusive"
    # An average over a window need not hold in each half of it.
    runs = [
        one
        for one in case.runs(verdict, partial(_same_band, _band(r.value)))
        if one["form"] != "halves"
    ]
    words = f"{strength_words(r).capitalize()}: r {signed(r.value)} {ends(r)}"
    return Finding(verdict=verdict, of=r, fields={"words": words}, runs=runs)


def _same_band(label: str, estimate: Estimate) -> Verdict:
    """Whether an interval lies in a band, wholly outside, or across its edge."""
    labels = strength(estimate)
    if labels == (label,):
        return "supported"
    return "inconclusive" if label in {*labels, _band(estimate.value)} else "rejected"


def strength_over(window: str, *, last_year: bool = False) -> Declaration:
    """C25 for one window of Pearson's r.

    Parameters
    ----------
    window : str
        Observations, or ``"all"``.
    last_year : bool
        Whether the window stands for the last year, and has its place on the page.
    """
    whole = window == "all"
    sample = "the whole sample" if whole else f"the last {window} observations"
    over = "the whole sample" if whole else f"{window} observations"
    at = (At("question.relation", 1),) if whole else ()
    return Declaration(
        id=f"C25[{window}]",
        hypothesis=f"The strength of correlation has one name over {sample}",
        question="How closely do they move together?",
        subject=f"The strength of correlation over {over}",
        applies=applies.always,
        decide=_one_band,
        keys=(f"correlation.pearson[{window}]",),
        rule=Rule(
            "the whole interval lies in one band of strength (|r| from 0.8 very strong, 0.6 "
            "strong, 0.4 moderate, 0.2 weak, below negligible)",
            "it is never rejected: an interval across two bands leaves it open, with both names",
        ),
        sentences=dict.fromkeys(("supported", "inconclusive"), "{words}"),
        at=(At("correlation.meaning", 1),) if last_year else at,
        gives_way={"comparison": 2} if whole else {},
    )
