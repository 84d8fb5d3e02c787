"""Block bootstrap: the resampling law, the prefix sums, the interval of r."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convex_research.claims.sentences import pvalue
from convex_research.core.estimates import Estimate, TestResult
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.inference.block_draws import (
    data_seed,
    drawn_pvalue,
    guarded_block_length,
    stationary_draws,
    stationary_std_error,
)


def pair(nobs=500, seed=0, rho=0.6):
    x, e = np.random.default_rng(seed).standard_normal((2, nobs))
    return x, rho * x + math.sqrt(1 - rho**2) * e


def test_every_resample_has_nobs_observations_in_runs():
    resamples = stationary_draws(97, 8, replications=50, seed=1)
    indices = resamples.indices()
    assert indices.shape == (50, 97)
    assert indices.min() >= 0
    assert indices.max() < 97
    follows = (np.diff(indices, axis=1) - 1) % 97 == 0
    assert follows.mean() == pytest.approx(1 - 1 / 8, abs=0.02)


def test_prefix_sums_equal_sums_over_indices():
    columns = np.random.default_rng(2).standard_normal((60, 3))
    resamples = stationary_draws(60, 5, replications=40, seed=3)
    by_index = columns[resamples.indices()].sum(axis=1)
    np.testing.assert_allclose(resamples.sums(columns), by_index, rtol=0, atol=1e-12)


def test_stationary_block_lengths_are_geometric():
    draws = stationary_draws(100_000, 10.0, replications=20, seed=4)
    inner = np.delete(draws.length, np.append(draws.first[1:] - 1, draws.length.size - 1))
    assert inner.mean() == pytest.approx(10.0, rel=0.01)
    assert np.mean(inner == 1) == pytest.approx(0.1, abs=0.003)
    assert np.bincount(draws.start, minlength=100_000).max() < 20  # starts are uniform


def test_mean_block_of_one_is_the_independent_bootstrap():
    draws = stationary_draws(30, 1.0, replications=200, seed=5)
    assert (draws.length == 1).all()
    assert draws.start.size == 200 * 30


def test_closed_form_std_error_equals_the_spread_of_resampled_means():
    rng = np.random.default_rng(6)
    x = np.convolve(rng.standard_normal(304), np.ones(5), "valid")
    draws = stationary_draws(300, 12.0, replications=40_000, seed=7)
    means = draws.sums((x - x.mean())[:, None])[:, 0] / 300
    assert stationary_std_error(x, 12.0) == pytest.approx(means.std(), rel=0.015)


def test_studentised_interval_equals_a_loop_over_resamples():
    x, y = pair(80, seed=8)
    estimate = pearson(x, y, interval="bootstrap")
    zx, zy = ((v - v.mean()) / v.std() for v in (x, y))
    r = float(np.mean(zx * zy))
    influence = zx * zy - r / 2 * (zx**2 + zy**2)
    length = guarded_block_length(influence)
    assert 80 ** (1 / 3) <= length <= 1.3 * math.sqrt(80)
    draws = stationary_draws(
        80, length, replications=1999, seed=data_seed(x, y, salt="correlation")
    )
    ratios = []
    block = 0
    for row in draws.indices():
        xs, ys = ((v[row] - v[row].mean()) / v[row].std() for v in (x, y))
        rs = float(np.mean(xs * ys))
        scores = xs * ys - rs / 2 * (xs**2 + ys**2)
        at, total = 0, 0.0
        while at < 80:
            total += scores[at : at + draws.length[block]].sum() ** 2
            at += draws.length[block]
            block += 1
        ratios.append(abs(math.atanh(rs) - math.atanh(r)) / (math.sqrt(total) / 80 / (1 - rs**2)))
    critical = sorted(ratios)[1900 - 1]
    half = critical * stationary_std_error(influence, length) / (1 - r**2)
    assert estimate.low == pytest.approx(math.tanh(math.atanh(r) - half), rel=1e-9)
    assert estimate.high == pytest.approx(math.tanh(math.atanh(r) + half), rel=1e-9)


def test_interval_depends_on_the_data_alone():
    x, y = pair()
    assert pearson(x, y, interval="bootstrap") == pearson(x, y, interval="bootstrap")
    assert data_seed(x, y) != data_seed(y, x)
    assert data_seed(x, salt="a") != data_seed(x, salt="b")


@pytest.mark.parametrize(("scale", "offset"), [(1e-12, 0.0), (1e12, 0.0), (1.0, 1e8)])
def test_interval_survives_scale_and_offset(scale, offset):
    x, y = pair()
    moved = pearson(x * scale + offset, y * scale + offset, interval="bootstrap")
    plain = pearson(x, y, interval="bootstrap")
    assert moved.low == pytest.approx(plain.low, abs=0.01)
    assert moved.high == pytest.approx(plain.high, abs=0.01)


@pytest.mark.parametrize("nobs", [40, 10_000])
def test_interval_at_extreme_lengths(nobs):
    estimate = pearson(*pair(nobs), interval="bootstrap")
    assert isinstance(estimate, Estimate)
    assert -1 < estimate.low < estimate.value < estimate.high < 1


def test_interval_survives_a_bad_tick():
    x, y = pair()
    x[100] = 1e6
    result = pearson(x, y, interval="bootstrap")
    assert not isinstance(result, Estimate) or -1 <= result.low < result.high <= 1


def test_agrees_with_archs_percentile_t_free_spread():
    """arch resamples r one draw at a time; the spread of r must agree within its noise."""
    from arch.bootstrap import StationaryBootstrap

    x, y = pair(252, seed=9)
    theirs = StationaryBootstrap(8, x, y, seed=np.random.default_rng(0)).apply(
        lambda u, v: np.array([np.corrcoef(u, v)[0, 1]]), 2000
    )
    draws = stationary_draws(252, 8.0, replications=8000, seed=1).indices()
    ours = [np.corrcoef(x[row], y[row])[0, 1] for row in draws[:4000]]
    assert np.std(ours) == pytest.approx(float(theirs.std()), rel=0.06)
    assert np.mean(ours) == pytest.approx(float(theirs.mean()), abs=0.005)


@pytest.mark.parametrize(("nobs", "length", "replications"), [(0, 5, 9), (9, 0, 9), (9, 5, 0)])
def test_impossible_sizes_are_programming_errors(nobs, length, replications):
    with pytest.raises(ValueError, match=r"needs|block length"):
        stationary_draws(nobs, length, replications=replications, seed=0)


def test_block_length_of_a_constant() -> None:
    assert guarded_block_length(np.full(50, 3.0)) == 50 ** (1 / 3)


def test_a_p_that_no_draw_reached_is_a_bound():
    assert drawn_pvalue(0, 499) == (1 / 500, "<=")
    assert drawn_pvalue(24, 499) == (25 / 500, None)
    test = TestResult(
        statistic=9.0,
        pvalue=0.002,
        pvalue_bound="<=",
        null="nothing",
        alternative="something",
        distribution="499 draws",
        nobs=500,
    )
    assert "p at most 0.002" in repr(test)
    assert test.to_dict()["pvalue_bound"] == "<="
    assert pvalue(test) == "p at most 0.002"
    assert pvalue(0.002) == "p = 0.002"
