"""Which points of a series to keep where it has more than can be shown, and runs of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Indices, Mask

__all__ = ["evenly", "longest_run", "runs", "thin"]


def evenly(size: int, most: int) -> Indices:
    """At most so many evenly spaced positions, both ends among them.

    Examples
    --------
    >>> evenly(9, 3).tolist()
    [0, 4, 8]
    """
    return np.unique(np.linspace(0, size - 1, min(size, most)).round().astype(np.intp))


def thin(value: Array, most: int) -> Indices:
    """Positions of at most ``most`` defined values that keep every local extreme in sight.

    The series is cut into equal pieces and each keeps its lowest and highest point, so a
    peak is never lost, as it would be if every k-th point were kept.
    """
    good = np.flatnonzero(np.isfinite(value))
    if good.size <= most:
        return good
    pieces = np.array_split(good, (most - 2) // 2)
    extremes = [piece[pick(value[piece])] for piece in pieces for pick in (np.argmin, np.argmax)]
    return np.unique(np.array([good[0], *extremes, good[-1]]))


def runs(flags: Mask) -> list[slice]:
    """Where flags are true without a break, in order.

    Examples
    --------
    >>> runs(np.array([True, True, False, True]))
    [slice(0, 2, None), slice(3, 4, None)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return [slice(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def longest_run(flags: Mask) -> slice:
    """The first of the longest runs; empty where no flag is true."""
    return max(runs(flags), key=lambda run: int(run.stop - run.start), default=slice(0, 0))
