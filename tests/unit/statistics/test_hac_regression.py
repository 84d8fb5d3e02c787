"""Newey-West regressions against statsmodels, loops and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.inference.hac_regression import (
    beta_dimson,
    beta_down,
    beta_up,
    hac_fit,
    newey_west_lag,
    up_down,
)


def pair(nobs=600, seed=0):
    rng = np.random.default_rng(seed)
    b = 0.01 * rng.standard_t(5, nobs)
    return 0.0003 + 0.8 * b + 0.3 * np.minimum(b, 0) + 0.008 * rng.standard_t(5, nobs), b


def fitted(y, columns, lag):
    import statsmodels.api as sm

    result = sm.OLS(y, sm.add_constant(columns)).fit()
    return result, result.get_robustcov_results("HAC", maxlags=lag, use_correction=False)


@pytest.mark.parametrize("lag", [0, 1, 5, 20])
def test_covariance_is_that_of_statsmodels(lag):
    a, b = pair()
    columns = np.column_stack([np.maximum(b, 0), np.minimum(b, 0)])
    plain, robust = fitted(a, columns, lag)
    fit = hac_fit(a, columns)
    np.testing.assert_allclose(fit.params, plain.params[1:], rtol=1e-10)
    np.testing.assert_allclose(fit.covariance(lag), robust.cov_params()[1:, 1:], rtol=1e-9)


def lag_by_loop(h):
    n = len(h)
    m = int(4 * (n / 100) ** (2 / 9))
    sigma = [sum(h[t] * h[t + j] for t in range(n - j)) / n for j in range(m + 1)]
    s0 = sigma[0] + 2 * sum(sigma[1:])
    s1 = 2 * sum(j * sigma[j] for j in range(1, m + 1))
    return int(1.1447 * ((s1 / s0) ** 2) ** (1 / 3) * n ** (1 / 3))


@pytest.mark.parametrize("seed", range(6))
def test_automatic_lag_is_the_published_formula(seed):
    noise = np.random.default_rng(seed).standard_normal(405)
    h = np.convolve(noise, np.ones(1 + seed), "valid")[:400]
    assert newey_west_lag(h) == lag_by_loop(h.tolist())


def test_up_and_down_share_one_regression_and_its_wald_test():
    a, b = pair()
    columns = np.column_stack([np.maximum(b, 0), np.minimum(b, 0)])
    _, robust = fitted(a, columns, 5)
    wald = robust.wald_test(np.array([[0, 1.0, -1.0]]), use_f=False, scalar=True)
    test = up_down(a, b)
    assert beta_up(a, b).value == pytest.approx(robust.params[1], rel=1e-10)
    assert beta_down(a, b).value == pytest.approx(robust.params[2], rel=1e-10)
    assert test.statistic == pytest.approx(float(wald.statistic), rel=1e-9)
    assert test.pvalue == pytest.approx(float(wald.pvalue), rel=1e-7)


def test_up_down_is_flagged_where_its_size_is_off():
    assert up_down(*pair(252)).flags == ("small_sample",)
    assert up_down(*pair(600)).flags == ()


@pytest.mark.parametrize("shifts", [1, 5])
def test_dimson_is_the_sum_of_the_slopes(shifts):
    a, b = pair()
    nobs = b.size
    columns = np.column_stack(
        [b[shifts + j : nobs - shifts + j] for j in range(-shifts, shifts + 1)]
    )
    estimate = beta_dimson(a, b, shifts)
    lag = newey_west_lag(hac_fit(a[shifts:-shifts], columns).scores)
    _, robust = fitted(a[shifts:-shifts], columns, lag)
    ones = np.append(0.0, np.ones(2 * shifts + 1))
    assert estimate.value == pytest.approx(float(ones @ robust.params), rel=1e-10)
    std_error = np.sqrt(ones @ robust.cov_params() @ ones)
    assert estimate.std_error == pytest.approx(float(std_error), rel=1e-9)
    assert estimate.nobs == nobs - 2 * shifts


def test_dimson_recovers_a_beta_spread_over_two_days():
    rng = np.random.default_rng(3)
    b = rng.standard_normal(20_001)
    a = 0.5 * b[1:] + 0.4 * b[:-1] + 0.1 * rng.standard_normal(20_000)
    assert beta_dimson(a, b[1:], 1).value == pytest.approx(0.9, abs=0.01)


@settings(max_examples=30, deadline=None)
@given(
    scale=st.sampled_from([1e-12, 1e-3, 1.0, 1e12]),
    shift=st.floats(-10, 10),
    seed=st.integers(0, 5),
)
def test_betas_follow_units_and_offsets(scale, shift, seed):
    a, b = pair(120, seed)
    assert beta_up(scale * a + shift * scale, b).value == pytest.approx(
        scale * beta_up(a, b).value, rel=1e-6
    )
    assert beta_dimson(a, scale * b, 1).value * scale == pytest.approx(
        beta_dimson(a, b, 1).value, rel=1e-6
    )


def test_equal_betas_sum_to_the_ordinary_one():
    """A linear function of B has the same beta on both sides."""
    _, b = pair()
    a = 2.0 * b + 1.0
    assert beta_up(a, b).value == pytest.approx(2.0, rel=1e-9)
    assert beta_down(a, b).value == pytest.approx(2.0, rel=1e-9)
    assert isinstance(up_down(a, b), NotComputed)


def test_offsets_of_a_hundred_million():
    a, b = pair()
    assert beta_dimson(a + 1e8, b + 1e8, 1).value == pytest.approx(
        beta_dimson(a, b, 1).value,
        rel=1e-4,  # the inputs keep eight digits of the returns
    )


@pytest.mark.parametrize(
    "function", [beta_up, beta_down, up_down, lambda a, b: beta_dimson(a, b, 1)]
)
def test_reasons(function):
    a, b = pair(100)
    broken = a.copy()
    broken[3] = np.nan
    for left, right in [(a[:20], b[:20]), (broken, b), (np.ones(100), b), (a, np.ones(100))]:
        assert isinstance(function(left, right), NotComputed)
    spiked = b.copy()
    spiked[50] = 1e6
    assert isinstance(function(a, spiked), (Estimate, TestResult, NotComputed))


def test_one_sided_moves_cannot_be_split():
    a, b = pair(100)
    assert isinstance(up_down(a, np.abs(b) + 1e-6), NotComputed)
    assert isinstance(beta_up(a, np.abs(b) + 1e-6), NotComputed)


def test_wrong_shapes_are_programming_errors():
    a, b = pair(100)
    with pytest.raises(ValueError, match="differ in length"):
        beta_up(a, b[1:])
    with pytest.raises(ValueError, match="shifts"):
        beta_dimson(a, b, 0)
