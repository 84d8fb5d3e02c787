"""Whether relative performance trends over a year: the variance ratio with its own null."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.estimates import NotComputed, TestResult
from convex_research.statistics.inference import as_series
from convex_research.statistics.variance_ratio import variance_ratio

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["trend_test"]

_REPLICATIONS = 399


def trend_test(log_ratio: ArrayLike, horizon: int, *, seed: int) -> TestResult | NotComputed:
    """One-sided test that long changes vary more than a random walk's.

    Parameters
    ----------
    log_ratio : array_like, shape (T,)
        Level.
    horizon : int
        Steps of a long change; ten of them without shared steps are needed.
    seed : int
        Seed of the draws.

    Returns
    -------
    TestResult or NotComputed
        The variance ratio itself; p-value from 399 wild bootstrap draws, each step of the
        sample times a random sign: volatility stays, every correlation goes. At a horizon of a
        tenth of the sample the normal law is far off.

    Raises
    ------
    ValueError
        If ``log_ratio`` is not one-dimensional or ``horizon`` is below 2.

    References
    ----------
    Kim (2006), Economics Letters 92, 38-43.
    """
    series = as_series(log_ratio)
    found = variance_ratio(series, horizon)
    if isinstance(found, NotComputed):
        return found
    steps = np.diff(series)
    steps = (steps - steps.mean()) / steps.std()
    rng = np.random.default_rng(seed)
    reached = 0
    for _ in range(_REPLICATIONS):
        signs = 2.0 * rng.integers(0, 2, steps.size) - 1.0
        drawn = steps * signs
        drawn -= drawn.mean()
        path = np.concatenate([[0.0], np.cumsum(drawn)])
        long_steps = path[horizon:] - path[:-horizon]
        ratio = float(long_steps @ long_steps) / (horizon * float(drawn @ drawn))
        reached += ratio >= found.value
    return TestResult(
        statistic=found.value,
        pvalue=(reached + 1.0) / (_REPLICATIONS + 1.0),
        null="the level is a random walk with uncorrelated steps",
        alternative=f"changes over {horizon} steps vary more",
        distribution=f"{_REPLICATIONS} wild bootstrap draws, one-sided",
        nobs=steps.size,
    )
