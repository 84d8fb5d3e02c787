"""Ranges for what comes next, from a forecaster's own past errors."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, NotComputed, too_short

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["FEWEST", "error_range", "hit_rate"]

FEWEST = 24
"""Outcomes end to end that a range needs."""


def error_range(
    errors: Array, horizon: int, confidence_level: float
) -> tuple[float, float] | NotComputed:
    """Ends of the middle of past errors, with zero between them.

    Parameters
    ----------
    errors : array, shape (K,)
        Outcome less forecast of origins a session apart, so that neighbouring ones overlap.
    horizon : int
        Sessions of an outcome.

    Returns
    -------
    tuple of float or NotComputed
        Quantiles (1 - level) / 2 (1 - 1/m) and its mirror image, m = K // horizon separate errors:
        a little outside those of the level, as a sample of m has its ends a little inside.
    """
    separate = errors.size // horizon
    if separate < FEWEST:
        return too_short(f"{FEWEST} separate outcomes of {horizon} sessions", separate)
    tail = _tail(separate, confidence_level)
    low, high = np.quantile(errors, [tail, 1.0 - tail])
    return min(float(low), 0.0), max(float(high), 0.0)


def _tail(separate: int, confidence_level: float) -> float:
    return 0.5 * (1.0 - confidence_level) * (1.0 - 1.0 / separate)


def hit_rate(
    errors: Array, horizon: int, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of past outcomes in the ranges that could have been given for them.

    Every ``horizon``-th origin, so that no two outcomes overlap; each range is
    :func:`error_range` of the errors known at its origin.

    Parameters
    ----------
    errors : array, shape (K,)
    horizon : int

    Returns
    -------
    Estimate or NotComputed
        Observed; ``nobs`` is the number of ranges. Needs 24 of them.
    """
    known: list[float] = sorted(errors[: FEWEST * horizon].tolist())
    # The outcome of an origin is known a horizon later.
    origins = range((FEWEST + 1) * horizon - 1, errors.size, horizon)
    if len(origins) < FEWEST:
        return too_short(f"{FEWEST} separate ranges of {horizon} sessions", len(origins))
    held = 0
    for origin in origins:
        for error in errors[len(known) : origin - horizon + 1].tolist():
            insort(known, error)
        tail = _tail(len(known) // horizon, confidence_level)
        low, high = _quantile(known, tail), _quantile(known, 1.0 - tail)
        held += min(low, 0.0) <= errors[origin] <= max(high, 0.0)
    return Estimate(
        value=held / len(origins),
        method="observed; each range from the errors known at its origin",
        nobs=len(origins),
    )


def _quantile(ordered: list[float], share: float) -> float:
    """Of an ordered list, between neighbours in proportion."""
    at = share * (len(ordered) - 1)
    first = int(at)
    second = min(first + 1, len(ordered) - 1)
    return ordered[first] + (at - first) * (ordered[second] - ordered[first])
