"""Whether relative performance trends over a year, and how long its episodes last.

Both are judged by walks drawn from the sample's own steps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, NotComputed, TestResult, observed
from convex_research.statistics.inference.block_draws import drawn_pvalue, stationary_draws
from convex_research.statistics.inference.influence_interval import as_series, unusable
from convex_research.statistics.levels.variance_ratio import ratio_of, variance_ratio

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Indices

__all__ = ["episode_test", "longest_episode", "trend_test"]

_REPLICATIONS = 399
_WALKS, _PARTS, _BLOCK = 198, 6, 21


def trend_test(log_ratio: ArrayLike, horizon: int, *, seed: int) -> TestResult | NotComputed:
    """One-sided test that long changes vary more than a random walk's.

    The variance ratio itself; p-value from 399 wild bootstrap draws, each step of the sample times
    a random sign: volatility stays, every correlation goes. At a horizon of a tenth of the sample
    the normal law is far off. Kim (2006), Economics Letters 92, 38-43.
    """
    series = as_series(log_ratio)
    ratio = variance_ratio(series, horizon)
    if isinstance(ratio, NotComputed):
        return ratio
    steps = np.diff(series)
    steps = (steps - steps.mean()) / steps.std()
    rng = np.random.default_rng(seed)
    reached = 0
    for _ in range(_REPLICATIONS):
        drawn = steps * (2.0 * rng.integers(0, 2, steps.size) - 1.0)
        drawn -= drawn.mean()
        reached += ratio_of(drawn, horizon) >= ratio.value
    pvalue, bound = drawn_pvalue(reached, _REPLICATIONS)
    return TestResult(
        statistic=ratio.value,
        pvalue=pvalue,
        pvalue_bound=bound,
        null="the level is a random walk with uncorrelated steps",
        alternative=f"changes over {horizon} steps vary more",
        distribution=f"{_REPLICATIONS} wild bootstrap draws, one-sided",
        nobs=steps.size,
    )


def longest_episode(levels: Array, horizon: int) -> Indices:
    """Longest stay of a level on one side of its average over the past.

    Of each path along the last axis, in observations; ``horizon`` of them are in the average.
    """
    sums = np.cumsum(levels, axis=-1)
    mean = (sums[..., horizon:] - sums[..., :-horizon]) / horizon
    side = levels[..., horizon:] > mean
    turn = np.ones(side.shape, dtype=np.bool_)
    turn[..., 1:] = side[..., 1:] != side[..., :-1]
    rows = np.arange(side.shape[-1])
    # Row at which the present side began; its distance from here is how long it has lasted.
    begun = np.maximum.accumulate(np.where(turn, rows, 0), axis=-1)
    return np.asarray((rows - begun).max(axis=-1) + 1)


def episode_test(
    log_ratio: ArrayLike, horizon: int, *, seed: int
) -> tuple[Estimate | NotComputed, TestResult | NotComputed]:
    """Whether relative performance lasts longer than a random walk's does.

    :func:`longest_episode` in ten horizons at least, and the share of 199 random walks that reach
    it. Their steps are those of the sample less their mean, drawn in blocks of 21 on average:
    clusters of volatility stay, longer dependence and drift go. Politis and Romano 1994.
    """
    series = as_series(log_ratio)
    if (reason := unusable(series, min_nobs=10 * horizon)) is not None:
        return reason, reason
    steps = np.diff(series)
    steps = (steps - steps.mean()) / max(float(np.abs(steps).max()), 1e-300)
    longest = int(longest_episode(series, horizon))
    reached = 0
    for part in range(_PARTS):
        draws = stationary_draws(
            steps.size, _BLOCK, replications=_WALKS // _PARTS + (part == 0), seed=seed + part
        )
        walks = np.cumsum(steps[draws.indices()], axis=1)
        reached += int((longest_episode(walks, horizon) >= longest).sum())
    total = _WALKS // _PARTS * _PARTS + 1
    test = TestResult(
        statistic=longest,
        pvalue=(reached + 1.0) / (total + 1.0),
        null="the level is a random walk without drift",
        alternative="it stays on one side of its average for longer",
        distribution=f"{total} random walks of steps in blocks of {_BLOCK}, one-sided",
        nobs=steps.size,
    )
    return observed(longest, steps.size, "days"), test
