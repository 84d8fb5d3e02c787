"""Worlds in which the clock matters: closes hours apart, and a leg that trades on some days."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator

    from convex_research.core.typing import Array
    from convex_research.methodology.simulations.market_worlds import Paths

__all__ = ["closes_apart", "untraded"]


def closes_apart(paths: Paths, share: float, rng: Generator) -> tuple[Array, Array]:
    """Returns of two legs of which B closes earlier by a share of a day.

    Each day's return is cut in two by a Brownian bridge of that day's covariance; B's day
    takes the second part from the day before.

    Parameters
    ----------
    paths : Paths
        Returns of shape (T, paths) on one clock.
    share : float
        Of a day, in (0, 1).
    rng : Generator
        Draws the bridges.

    Returns
    -------
    a, b : array, shape (T - 1, paths)
    """
    _, variance, _ = paths.covariance
    bridge = np.sqrt(variance) * rng.standard_normal(paths.b.shape)
    early = (1.0 - share) * paths.b + math.sqrt(share * (1.0 - share)) * bridge
    return paths.a[1:], (paths.b - early)[:-1] + early[1:]


def untraded(returns: Array, probability: float, rng: Generator) -> Array:
    """A leg whose price is not updated on some days: zero there, and the sum when it trades.

    Parameters
    ----------
    returns : array, shape (T, paths)
        Log returns of a leg that trades every day.
    probability : float
        That a day has no trade.
    rng : Generator
        Draws the days.
    """
    level = np.vstack([np.zeros((1, returns.shape[1])), np.cumsum(returns, axis=0)])
    traded = rng.random(level.shape) >= probability
    last = np.maximum.accumulate(np.where(traded, np.arange(len(level))[:, None], 0), axis=0)
    return np.asarray(np.diff(np.take_along_axis(level, last, axis=0), axis=0))
