"""Falls of a level from its highest value so far, one episode at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.statistics.inference.influence_interval import as_series

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["Episode", "deepest_episodes", "underwater"]


class Episode(NamedTuple):
    """A fall from a peak until the peak is reached again, as indices.

    ``depth`` is below zero; ``recovery`` is the first position at or above the peak, or none.
    """

    depth: float
    peak: int
    trough: int
    recovery: int | None


def underwater(levels: ArrayLike, *, relative: bool = True) -> Array:
    """Distance of every value from the highest one so far, at most zero.

    L_t / max_{s <= t} L_s - 1 where ``relative``, L_t - max_{s <= t} L_s otherwise.

    Examples
    --------
    >>> underwater([4.0, 2.0, 5.0], relative=False).tolist()
    [0.0, -2.0, 0.0]
    """
    series = as_series(levels, "levels")
    highest = np.maximum.accumulate(series)
    return np.asarray(series / highest - 1.0 if relative else series - highest)


def deepest_episodes(
    levels: ArrayLike, count: int = 5, *, relative: bool = True
) -> tuple[Episode, ...]:
    """The deepest falls, each from its own peak until that peak is reached again, deepest first.

    They do not overlap. Empty if the series never falls; ``relative`` as in :func:`underwater`.

    Examples
    --------
    >>> deepest_episodes([4.0, 2.0, 5.0, 4.0], relative=False)[0]
    Episode(depth=-2.0, peak=0, trough=1, recovery=2)
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    series = as_series(levels, "levels")
    depth = underwater(series, relative=relative)
    below = np.concatenate(([0], (depth < 0.0).astype(np.int8), [0]))
    edges = np.diff(below)
    firsts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    episodes = []
    for first, end in zip(firsts.tolist(), ends.tolist(), strict=True):
        trough = first + int(series[first:end].argmin())  # differences round, levels do not
        # A peak that is held for several observations begins with the last of them.
        recovery = end if end < series.size else None
        episodes.append(Episode(float(depth[trough]), first - 1, trough, recovery))
    return tuple(sorted(episodes)[:count])
