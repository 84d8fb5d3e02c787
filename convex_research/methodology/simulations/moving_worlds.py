"""Worlds in which the correlation or the slope really moves: for power and coverage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.simulate.worlds import student_returns

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["dcc_world", "wandering_slope"]


def dcc_world(
    nobs: int, paths: int, *, a: float, b: float, rho: float, df: float, seed: int
) -> tuple[Array, Array, Array]:
    """Returns (T, paths) of both legs and the true conditional correlation.

    Legs are GARCH(1,1) with omega .03, alpha .07, beta .90; the shocks of a day are bivariate
    Student with the correlation of DCC(1,1).
    """
    first, second = student_returns(nobs, paths, rho=0.0, seed=seed, df=df)
    returns = np.empty((2, nobs, paths))
    truth = np.empty((nobs, paths))
    q = np.ones((3, paths)) * np.array([[1.0], [1.0], [rho]])
    target = q.copy()
    variance = np.ones((2, paths))
    for t in range(nobs):
        r = q[2] / np.sqrt(q[0] * q[1])
        truth[t] = r
        z = np.stack([first[t], r * first[t] + np.sqrt(1.0 - r * r) * second[t]])
        returns[:, t] = np.sqrt(variance) * z
        variance = 0.03 + 0.07 * returns[:, t] ** 2 + 0.90 * variance
        news = np.stack([z[0] ** 2, z[1] ** 2, z[0] * z[1]])
        q = (1.0 - a - b) * target + a * news + b * q
    return returns[0], returns[1], truth


def wandering_slope(
    nobs: int, paths: int, *, step: float, df: float, seed: int
) -> tuple[Array, Array, Array]:
    """Returns of A and B and the slope of A on B, a random walk from 0.9 with normal steps."""
    x, noise = student_returns(nobs, paths, rho=0.0, seed=seed, df=df)
    steps = np.random.default_rng(seed + 1).standard_normal((nobs, paths))
    slope = 0.9 + step * np.cumsum(steps, axis=0)
    return 0.02 + slope * x + 0.6 * noise, x, slope
