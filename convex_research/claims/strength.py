"""How strong a correlation is, in one word if the interval allows one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convex_research.core.estimates import Estimate

__all__ = ["sizes", "strength", "strength_words"]

# Smallest |r| of each band; below the last the relation is negligible.
BANDS: tuple[tuple[float, str], ...] = (
    (0.8, "very strong"),
    (0.6, "strong"),
    (0.4, "moderate"),
    (0.2, "weak"),
)
NEGLIGIBLE = "negligible"


def sizes(estimate: Estimate) -> tuple[str, str]:
    """Names of the bands of both ends of a correlation's interval, the weaker first."""
    ends = [abs(end) for end in (estimate.low, estimate.high) if end is not None]
    ends = ends or [abs(estimate.value)]
    return _size(min(ends)), _size(max(ends))


def _size(r: float) -> str:
    return next((name for edge, name in BANDS if abs(r) >= edge), NEGLIGIBLE)


def _band(r: float) -> str:
    name = _size(r)
    return name if name == NEGLIGIBLE else f"{name} {'positive' if r > 0 else 'negative'}"


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
