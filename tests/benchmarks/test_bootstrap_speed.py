"""Shared block draws against arch's loop, in one run on one machine."""

from __future__ import annotations

import time

import numpy as np
import pytest

from convex_research.statistics.dependence.correlation import pearson_influence
from convex_research.statistics.inference.block_draws import stationary_draws
from convex_research.statistics.inference.bootstrap import correlation_interval
from convex_research.statistics.simulate.worlds import ccc_garch_returns, garch_world

REPLICATIONS = 999


def shortest(function, repeats):
    """Processor seconds: what other programs do to the machine is not ours."""
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.fixture(scope="module")
def pair():
    a, b = ccc_garch_returns(garch_world(0.6), 1260, 1, seed=1)
    return np.ascontiguousarray(a[:, 0]), np.ascontiguousarray(b[:, 0])


@pytest.mark.slow
def test_five_pair_statistics_cost_a_tenth_of_archs_loop(pair):
    """Correlation, beta, alpha, and both volatilities from the same draws."""
    from arch.bootstrap import StationaryBootstrap

    a, b = pair

    statistics = (
        lambda x, y: np.array([np.corrcoef(x, y)[0, 1]]),
        lambda x, y: np.array([np.cov(x, y)[0, 1] / y.var(ddof=1)]),
        lambda x, y: np.array([x.mean() - np.cov(x, y)[0, 1] / y.var(ddof=1) * y.mean()]),
        lambda x, y: np.array([x.std(ddof=1)]),
        lambda x, y: np.array([y.std(ddof=1)]),
    )

    def ours():
        draws = stationary_draws(1260, 11.0, replications=REPLICATIONS, seed=1)
        moments = np.column_stack([a, b, a * a, b * b, a * b])
        x, y, xx, yy, xy = (draws.sums(moments) / 1260).T
        cov, var_x, var_y = xy - x * y, xx - x * x, yy - y * y
        return cov / np.sqrt(var_x * var_y), cov / var_y, x - cov / var_y * y, var_x, var_y

    def theirs():
        """One loop a statistic: that is how its intervals are called."""
        return [
            StationaryBootstrap(11, a, b, seed=np.random.default_rng(1)).apply(f, REPLICATIONS)
            for f in statistics
        ]

    ours()
    theirs()
    np.testing.assert_allclose(np.std(ours()[0]), np.std(theirs()[0]), rtol=0.1)
    assert shortest(theirs, 3) > 10.0 * shortest(ours, 20)


@pytest.mark.slow
def test_the_studentised_interval_of_r_still_beats_archs_loop(pair):
    from arch.bootstrap import StationaryBootstrap

    a, b = pair
    r, influence = pearson_influence(a, b)

    def ours():
        return correlation_interval(a, b, r, influence, replications=REPLICATIONS)

    def theirs():
        bootstrap = StationaryBootstrap(11, a, b, seed=np.random.default_rng(1))
        return bootstrap.apply(lambda x, y: np.array([np.corrcoef(x, y)[0, 1]]), REPLICATIONS)

    ours()
    assert shortest(theirs, 3) > 5.0 * shortest(ours, 20)
