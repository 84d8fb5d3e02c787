"""C25: how strong a correlation is, in one word if the interval allows one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import ends, signed
from convex_research.core.estimates import Estimate, NotComputed

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis
    from convex_research.claims.claim import Claim, Verdict

__all__ = ["strength", "strength_claims", "strength_words"]

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
    >>> strength_words(Estimate(value=0.77, low=0.70, high=0.85, confidence_level=0.95,
    ...                         method="fixed-b HAC", nobs=30))
    'strong to very strong positive'
    """
    labels = strength(estimate)
    if len(labels) == 2 and labels[0].split()[-1] == labels[1].split()[-1]:
        return f"{labels[0].rpartition(' ')[0]} to {labels[1]}"
    return " to ".join(labels)


def strength_claims(analysis: PairAnalysis) -> list[Claim]:
    """One C25 for each window of Pearson's r; a window that holds all is the whole sample."""
    claims, facts = [], Facts(analysis)
    whole = analysis.returns.nobs
    for qualifier in (*map(str, analysis.config.windows), "all"):
        key = f"correlation.pearson[{qualifier}]"
        result = analysis[key]
        if isinstance(result, NotComputed):
            window = "the whole sample" if qualifier == "all" else f"{qualifier} observations"
            subject = f"The strength of correlation over {window}"
            claims.append(not_tested(f"C25[{qualifier}]", subject, result))
            continue
        if not isinstance(result, Estimate) or (result.nobs == whole and qualifier != "all"):
            continue
        verdict: Verdict = "supported" if len(strength(result)) == 1 else "inconclusive"
        words = f"{strength_words(result).capitalize()}: r {signed(result.value)} {ends(result)}"
        texts: dict[Verdict, str] = dict.fromkeys(("supported", "inconclusive"), words)
        # An average over a window need not hold in each half of it.
        runs = [
            one
            for one in facts.runs(key, verdict, partial(_same_band, _band(result.value)))
            if one["form"] != "halves"
        ]
        ending = facts.sample(result)
        claims.append(
            told(f"C25[{qualifier}]", verdict, texts, ending=ending, evidence=(key,), runs=runs)
        )
    return claims


def _same_band(label: str, estimate: Estimate) -> Verdict:
    """Whether an interval lies in a band, wholly outside, or across its edge."""
    labels = strength(estimate)
    if labels == (label,):
        return "supported"
    return "inconclusive" if label in {*labels, _band(estimate.value)} else "rejected"
