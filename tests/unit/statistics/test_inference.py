"""From influence values to an interval: long-run covariance, lag, links, reasons."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    as_series,
    bartlett_lag,
    hac_std_error,
    influence_interval,
    long_run_covariance,
    long_run_variance,
    moves,
    unusable,
)
from convex_research.statistics.inference.masked import share_interval


def autocorrelated(seed, nobs, columns=1):
    rng = np.random.default_rng(seed)
    shocks = rng.standard_normal((nobs, columns)) @ rng.standard_normal((columns, columns))
    path = np.zeros_like(shocks)
    for t in range(1, nobs):
        path[t] = 0.6 * path[t - 1] + shocks[t]
    return path + 3.0


def double_loop(x, lag):
    """Every pair of dates, weighted by how far apart they lie."""
    nobs, columns = x.shape
    centre = [sum(x[:, k]) / nobs for k in range(columns)]
    total = np.zeros((columns, columns))
    for s in range(nobs):
        for t in range(nobs):
            weight = max(0.0, 1.0 - abs(s - t) / (lag + 1.0))
            for i in range(columns):
                for j in range(columns):
                    total[i, j] += weight * (x[s, i] - centre[i]) * (x[t, j] - centre[j])
    return total / nobs


@pytest.mark.parametrize("lag", [0, 1, 7, 39])
@pytest.mark.parametrize("columns", [1, 3])
def test_long_run_covariance_is_the_double_sum(lag, columns):
    x = autocorrelated(lag, 40, columns)
    np.testing.assert_allclose(long_run_covariance(x, lag), double_loop(x, lag), rtol=1e-11)
    if columns == 1:
        assert long_run_variance(x[:, 0], lag) == pytest.approx(double_loop(x, lag)[0, 0], 1e-11)


@pytest.mark.parametrize("lag", [0, 5, 46])
def test_long_run_covariance_is_that_of_statsmodels(lag):
    from statsmodels.stats.sandwich_covariance import S_hac_simple

    x = autocorrelated(1, 1260, 2)
    expected = S_hac_simple(x - x.mean(axis=0), nlags=lag) / 1260
    np.testing.assert_allclose(long_run_covariance(x, lag), expected, rtol=1e-9)


@pytest.mark.parametrize("lag", [0, 5, 46])
def test_std_error_of_a_mean_is_that_of_statsmodels(lag):
    import statsmodels.api as sm
    from statsmodels.stats.sandwich_covariance import cov_hac_simple

    x = autocorrelated(2, 1260)[:, 0]
    fit = sm.OLS(x, np.ones_like(x)).fit()
    expected = math.sqrt(cov_hac_simple(fit, nlags=lag, use_correction=False)[0, 0])
    std_error, b, used = hac_std_error(x, lag)
    assert std_error == pytest.approx(expected, rel=1e-9)
    assert (b, used) == ((lag + 1) / 1260, lag)


@settings(deadline=None)
@given(
    arrays(np.float64, (25, 2), elements=st.floats(-1e3, 1e3, width=32)),
    st.integers(0, 24),
)
def test_long_run_covariance_is_symmetric_and_not_negative(x, lag):
    omega = long_run_covariance(x, lag)
    np.testing.assert_array_equal(omega, omega.T)
    assert np.linalg.eigvalsh(omega).min() >= -1e-9 * max(1.0, np.abs(omega).max())


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_long_run_variance_scales_with_the_square(scale):
    x = autocorrelated(3, 200)[:, 0]
    expected = long_run_variance(x, 18) * scale**2
    assert long_run_variance(x * scale, 18) == pytest.approx(expected, rel=1e-12)


def test_an_offset_does_not_change_the_long_run_variance():
    x = np.round(autocorrelated(4, 200)[:, 0] * 2**10) / 2**10  # exact also at 1e8
    assert long_run_variance(x + 1e8, 18) == pytest.approx(long_run_variance(x, 18), rel=1e-9)


@pytest.mark.parametrize(
    ("nobs", "lag"), [(1, 0), (2, 1), (30, 7), (90, 12), (252, 20), (1260, 46), (5000, 91)]
)
def test_the_lag_is_1_3_times_the_root_floored(nobs, lag):
    assert bartlett_lag(nobs) == lag


INFLUENCE = autocorrelated(5, 100)[:, 0] * 0.2


def half_width(level=0.95, lag=13):
    """Cubic critical value of the published surface times sqrt(Omega / n)."""
    b = (lag + 1) / 100
    c = {
        0.95: 1.96 + 2.9694 * b + 0.4160 * b**2 - 0.5324 * b**3,
        0.90: 1.6449 + 2.1859 * b + 0.3142 * b**2 - 0.3427 * b**3,
    }[level]
    return c * math.sqrt(double_loop(INFLUENCE[:, None], lag)[0, 0] / 100)


@pytest.mark.parametrize("level", [0.90, 0.95])
def test_identity_link(level):
    e = influence_interval(2.0, INFLUENCE, confidence_level=level, unit="bp")
    half = half_width(level)
    assert (e.low, e.high) == (pytest.approx(2.0 - half), pytest.approx(2.0 + half))
    assert e.std_error == pytest.approx(math.sqrt(double_loop(INFLUENCE[:, None], 13)[0, 0] / 100))
    assert (e.confidence_level, e.nobs, e.unit) == (level, 100, "bp")
    assert e.method == "fixed-b HAC (Bartlett, lag 13, b 0.140)"


def test_fisher_link_is_symmetric_in_z():
    e = influence_interval(0.7, INFLUENCE, confidence_level=0.95, link="fisher")
    half = half_width() / (1.0 - 0.49)
    assert math.atanh(e.low) == pytest.approx(math.atanh(0.7) - half)
    assert math.atanh(e.high) == pytest.approx(math.atanh(0.7) + half)
    assert e.method.endswith("Fisher scale")
    assert -1.0 < e.low < 0.7 < e.high < 1.0


def test_log_link_is_symmetric_in_the_logarithm():
    e = influence_interval(0.7, INFLUENCE, confidence_level=0.95, link="log")
    assert math.log(e.high / 0.7) == pytest.approx(half_width() / 0.7)
    assert e.low * e.high == pytest.approx(0.49)
    assert e.low > 0.0
    assert e.method.endswith("log scale")


def test_a_given_lag_is_used_and_printed():
    e = influence_interval(0.0, INFLUENCE, confidence_level=0.95, lag=4)
    assert e.high == pytest.approx(half_width(lag=4))
    assert "lag 4, b 0.050" in e.method


@pytest.mark.parametrize("lag", [-1, 100])
def test_a_lag_outside_the_sample_is_an_error(lag):
    with pytest.raises(ValueError, match=r"not in \(0, 1\]"):
        influence_interval(0.0, INFLUENCE, confidence_level=0.95, lag=lag)


@pytest.mark.parametrize("value", [-1.0 + 1e-11, 1.0 - 1e-11])
def test_fisher_link_stays_finite_next_to_one(value):
    e = influence_interval(value, 1e-3 * INFLUENCE, confidence_level=0.95, link="fisher")
    assert -1.0 <= e.low <= value <= e.high <= 1.0


GOOD = np.arange(30.0)


def changed(at, value):
    x = GOOD.copy()
    x[at] = value
    return x


@pytest.mark.parametrize(
    ("series", "words"),
    [
        ((GOOD[:29], GOOD[:29]), "at least 30 observations, there are 29"),
        ((GOOD[:0], GOOD[:0]), "there are 0"),
        ((GOOD, changed(3, np.nan)), "missing or infinite"),
        ((changed(0, -np.inf), GOOD), "missing or infinite"),
        ((GOOD, np.full(30, 0.1)), "does not move"),
        ((np.zeros(30), GOOD), "does not move"),
    ],
)
def test_unusable_series_give_a_reason(series, words):
    reason = unusable(*series)
    assert isinstance(reason, NotComputed)
    assert words in reason.reason


@pytest.mark.parametrize("scale", [1e-150, 1e-12, 1.0, 1e12, 1e150])
def test_what_moves_at_any_scale(scale):
    x = scale * np.stack([GOOD, GOOD + 1e8, np.full(30, 0.1), 0.1 + 1e-15 * GOOD])
    assert moves(x).tolist() == [True, True, False, False]
    assert moves(x.T, axis=0).tolist() == [True, True, False, False]
    assert moves(x[3] - scale * 0.1)
    assert not moves(x[3] - scale * 0.1, size=0.1 * scale)  # what the difference was made of


def test_what_is_not_complete_does_not_move():
    for bad in (np.nan, np.inf, -np.inf):
        assert not moves(changed(3, bad))
    assert not moves(np.where(np.arange(30) % 2, np.inf, -np.inf))


def test_usable_series_give_none():
    assert unusable(GOOD, GOOD[::-1]) is None
    assert MIN_NOBS_INTERVAL == 30
    assert isinstance(unusable(GOOD, min_nobs=31), NotComputed)


def test_shapes_are_checked():
    with pytest.raises(ValueError, match=r"x must be one-dimensional, got shape \(2, 2\)"):
        as_series(np.ones((2, 2)))
    with pytest.raises(ValueError, match="differ in length: 3 and 2"):
        as_pair([1, 2, 3], [1, 2])
    with pytest.raises(ValueError, match="b must be one-dimensional"):
        as_pair([1, 2], [[1, 2]])
    left, right = as_pair([1, 2], np.arange(4)[::2])
    assert left.dtype == right.dtype == np.float64
    assert right.flags.c_contiguous


def test_ends_are_finite_for_one_enormous_value():
    x = np.zeros(60)
    x[7] = 1e12
    assert isinstance(influence_interval(0.0, x, confidence_level=0.95), Estimate)


def test_a_share_never_has_more_trials_than_days():
    """Days that alternate cancel in the long run; their share is not surer than by chance."""
    hits = np.tile([1.0, 0.0], 251)
    found = share_interval(0.5, hits - 0.5, hits.size, confidence_level=0.95)
    assert "502.0 effective trials" in found.method
    assert found.std_error == pytest.approx(0.5 / 502**0.5)
