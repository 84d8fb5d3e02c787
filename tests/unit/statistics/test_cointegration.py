"""Unit roots, cointegration, variance ratios and half-lives."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.levels.cointegration import (
    doornik_pvalue,
    engle_granger,
    johansen_trace,
    phillips_ouliaris,
)
from convex_research.statistics.levels.half_life import half_life, persistence_interval
from convex_research.statistics.levels.unit_root import adf, dickey_fuller, kpss
from convex_research.statistics.levels.variance_ratio import (
    chow_denning,
    variance_ratio,
    variance_ratio_test,
)


def walk(nobs=500, seed=0):
    return np.cumsum(0.01 * np.random.default_rng(seed).standard_normal(nobs))


def spread(phi, nobs=500, seed=1):
    shocks = 0.01 * np.random.default_rng(seed).standard_normal(nobs + 300)
    u = np.zeros(nobs + 300)
    for t in range(1, nobs + 300):
        u[t] = phi * u[t - 1] + shocks[t]
    return u[300:]


def cointegrated(phi=0.9, nobs=500, seed=0):
    b = walk(nobs, seed)
    return 4.0 + 0.8 * b + spread(phi, nobs, seed + 1000), 3.0 + b


@pytest.mark.parametrize("lags", [1, "aic"])
@pytest.mark.parametrize("nobs", [80, 500, 1260])
def test_engle_granger_is_statsmodels(lags, nobs):
    from statsmodels.tsa.stattools import coint

    for a, b in [cointegrated(nobs=nobs), (walk(nobs, 5), walk(nobs, 6))]:
        options = {"autolag": "aic"} if lags == "aic" else {"autolag": None, "maxlag": 1}
        statistic, pvalue, _ = coint(a, b, trend="c", **options)
        ours = engle_granger(a, b, lags=lags)
        assert ours.statistic == pytest.approx(statistic, rel=1e-9)
        assert ours.pvalue == pytest.approx(pvalue, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("lags", [0, 3, "aic"])
def test_adf_is_statsmodels(seed, lags):
    from statsmodels.tsa.stattools import adfuller

    x = walk(400, seed) if seed % 2 else spread(0.8, 400, seed)
    options = {"autolag": "AIC"} if lags == "aic" else {"autolag": None, "maxlag": lags}
    theirs = adfuller(x, regression="c", result_object=True, **options)
    ours = adf(x, lags=lags)
    assert ours.statistic == pytest.approx(theirs.statistic, rel=1e-9)
    assert ours.pvalue == pytest.approx(theirs.pvalue, rel=1e-8, abs=1e-12)
    assert ours.nobs == theirs.nobs


def test_dickey_fuller_without_constant_is_an_ordinary_t_ratio():
    x = spread(0.7, 200)
    x -= x.mean()
    dx = np.diff(x)
    design = np.column_stack([x[1:-1], dx[:-1]])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ dx[1:]
    resid = dx[1:] - design @ beta
    t = beta[0] / math.sqrt(resid @ resid / (resid.size - 2) * inverse[0, 0])
    assert dickey_fuller(x, 1, constant=False).statistic == pytest.approx(t, rel=1e-9)


def test_kpss_by_loop_and_table_bounds():
    x = spread(0.5, 300)
    test = kpss(x)
    lag = int(test.distribution.rsplit(" ", 1)[1])
    e = x - x.mean()
    n = e.size
    omega = e @ e / n
    for j in range(1, lag + 1):
        omega += 2 * (1 - j / (lag + 1)) * (e[j:] @ e[:-j]) / n
    assert test.statistic == pytest.approx(float(np.sum(np.cumsum(e) ** 2) / n**2 / omega))
    assert test.pvalue_bound == ">"
    assert kpss(walk(1000, 3)).pvalue_bound == "<"


def test_phillips_ouliaris_zt_by_hand():
    a, b = cointegrated(nobs=400)
    test = phillips_ouliaris(a, b)
    bandwidth = float(test.distribution.rsplit(" ", 1)[1])
    x = np.column_stack([np.ones(400), b])
    u = a - x @ np.linalg.lstsq(x, a, rcond=None)[0]
    rho = (u[:-1] @ u[1:]) / (u[:-1] @ u[:-1])
    k = u[1:] - rho * u[:-1]
    n = k.size
    gammas = [k[j:] @ k[: n - j] / 400 for j in range(int(bandwidth) + 1)]
    weights = [1 - j / (bandwidth + 1) for j in range(1, len(gammas))]
    one_sided = sum(w * g for w, g in zip(weights, gammas[1:], strict=True))
    omega = gammas[0] + 2 * one_sided
    z = (rho - 1) - 400 * one_sided / (u[:-1] @ u[:-1])
    zt = z * math.sqrt(u[:-1] @ u[:-1]) / math.sqrt(omega)
    assert test.statistic == pytest.approx(zt, rel=1e-5)  # six digits of the bandwidth


def test_johansen_by_canonical_correlations():
    a, b = cointegrated(nobs=400)
    x = np.column_stack([a, b])
    dx = np.diff(x, axis=0)
    y0, y1, lag = dx[1:], x[1:-1], np.column_stack([np.ones(398), dx[:-1]])

    def partialled(v):
        return v - lag @ np.linalg.lstsq(lag, v, rcond=None)[0]

    r0, r1 = partialled(y0), partialled(y1)
    s00, s01, s11 = r0.T @ r0, r0.T @ r1, r1.T @ r1
    roots = np.linalg.eigvals(np.linalg.solve(s11, s01.T @ np.linalg.solve(s00, s01))).real
    roots = np.sort(roots)[::-1]
    for rank in (0, 1):
        trace = -398 * np.log1p(-roots[rank:]).sum()
        assert johansen_trace(a, b, rank).statistic == pytest.approx(trace, rel=1e-6)


def test_doornik_pvalues_at_published_critical_values():
    """MacKinnon, Haug and Michelis (1999): 90, 95 and 99 % with unrestricted constant."""
    for trends, values in [(1, (2.7055, 3.8415, 6.6349)), (2, (13.4294, 15.4943, 19.9349))]:
        for level, value in zip((0.10, 0.05, 0.01), values, strict=True):
            assert doornik_pvalue(value, trends) == pytest.approx(level, abs=0.003)


def test_what_misses_its_level_is_flagged():
    law = "volatility_outside_law"
    a, b = cointegrated(nobs=300)
    assert engle_granger(a, b, lags="aic").flags == ("small_sample", law)
    assert engle_granger(a, b).flags == (law,)
    assert phillips_ouliaris(a, b).flags == ("small_sample", law)
    assert half_life(a, b).flags == ("small_sample",)
    a, b = cointegrated(nobs=600)
    assert phillips_ouliaris(a, b).flags == (law,)
    assert half_life(a, b).flags == ()
    trend = 0.002 * np.arange(600)
    assert johansen_trace(a + trend, b + trend, 0).flags == ()
    b = b - np.linspace(0, b[-1] - b[0], 600)
    a = a - np.linspace(0, a[-1] - a[0], 600)
    assert johansen_trace(a, b, 0).flags == ("unclear_drift",)


@pytest.mark.parametrize("horizon", [2, 5, 10, 20, 60])
def test_variance_ratio_is_arch(horizon):
    from arch.unitroot import VarianceRatio

    y = walk(900, 3) + spread(0.8, 900)
    theirs = VarianceRatio(y, horizon, debiased=False, robust=True)
    estimate, test = variance_ratio(y, horizon), variance_ratio_test(y, horizon)
    assert estimate.value == pytest.approx(float(theirs.vr), rel=1e-10)
    assert test.statistic == pytest.approx(float(theirs.stat), rel=1e-9)
    assert test.pvalue == pytest.approx(float(theirs.pvalue), rel=1e-7, abs=1e-13)
    assert (estimate.low <= 1 <= estimate.high) == (test.pvalue >= 0.05)


def test_chow_denning_is_the_largest_z():
    y = walk(900, 3)
    z = [abs(variance_ratio_test(y, q).statistic) for q in (2, 5, 10, 20, 60)]
    test = chow_denning(y)
    assert test.statistic == pytest.approx(max(z))
    smallest = min(variance_ratio_test(y, q).pvalue for q in (2, 5, 10, 20, 60))
    assert test.pvalue == pytest.approx(1 - (1 - smallest) ** 5)


def test_chow_denning_leaves_out_what_the_sample_is_too_short_for():
    y = walk(260, 3)
    assert isinstance(variance_ratio(y, 60), NotComputed)
    test = chow_denning(y)
    assert "2, 5, 10, 20 steps" in test.distribution
    assert test.statistic == chow_denning(y, (2, 5, 10, 20)).statistic


def test_half_life_value_by_regression():
    a, b = cointegrated(0.9)
    design = np.column_stack([np.ones(500), b])
    u = a - design @ np.linalg.lstsq(design, a, rcond=None)[0]
    lagged = np.column_stack([np.ones(499), u[:-1]])
    phi = np.linalg.lstsq(lagged, u[1:], rcond=None)[0][1]
    estimate = half_life(a, b)
    assert estimate.value == pytest.approx(math.log(2) / -math.log(phi), rel=1e-9)
    assert estimate.low <= estimate.value <= estimate.high


def test_half_life_is_open_above_when_a_unit_root_is_not_rejected():
    for seed in range(20):
        a, b = walk(500, seed), walk(500, seed + 100)
        estimate = half_life(a, b)
        if isinstance(estimate, Estimate) and estimate.bound == "unbounded":
            assert estimate.high is None
            assert estimate.low > 0
            return
    pytest.fail("no unbounded interval among twenty unrelated pairs")


def test_persistence_interval_far_from_one_is_the_normal_one():
    low, high = persistence_interval(0.5, 0.02, 2000)
    assert low == pytest.approx(0.5 - 1.96 * 0.02, abs=0.004)
    assert high == pytest.approx(0.5 + 1.96 * 0.02, abs=0.004)


def test_persistence_interval_by_scan():
    from convex_research.statistics.levels.half_life import _quantiles

    phi, se, nobs = 0.97, 0.012, 700
    grid = np.linspace(0.9, 1.0, 20001)
    t = (phi - grid) / se
    inside = (t >= _quantiles(grid, nobs, 1)) & (t <= _quantiles(grid, nobs, 5))
    low, high = persistence_interval(phi, se, nobs)
    assert low == pytest.approx(grid[inside].min(), abs=2e-4)
    assert high == pytest.approx(grid[inside].max(), abs=2e-4)


def test_wider_level_wider_interval():
    narrow = persistence_interval(0.92, 0.015, 400, confidence_level=0.90)
    wide = persistence_interval(0.92, 0.015, 400)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    with pytest.raises(ValueError, match="level"):
        persistence_interval(0.92, 0.015, 400, confidence_level=0.5)


PAIRS = {
    "eg1": engle_granger,
    "egaic": lambda a, b: engle_granger(a, b, lags="aic"),
    "po": phillips_ouliaris,
    "trace0": lambda a, b: johansen_trace(a, b, 0),
    "trace1": lambda a, b: johansen_trace(a, b, 1),
    "half_life": half_life,
}
SINGLES = {
    "adf": adf,
    "kpss": kpss,
    "vr": lambda x: variance_ratio(x, 5),
    "vr_test": lambda x: variance_ratio_test(x, 5),
    "chow_denning": chow_denning,
}


@pytest.mark.parametrize("function", PAIRS.values(), ids=PAIRS)
def test_pairs_without_a_spread(function):
    a, b = cointegrated()
    broken = a.copy()
    broken[0] = np.inf
    trials = [(a[:30], b[:30]), (broken, b), (np.ones(500), b), (a, a), (2 * b + 1, b)]
    for left, right in trials:
        assert isinstance(function(left, right), NotComputed)


@pytest.mark.parametrize("function", SINGLES.values(), ids=SINGLES)
def test_series_without_movement(function):
    for x in (walk(30), np.ones(800), np.append(walk(800), np.nan), np.arange(800.0)):
        result = function(x)
        linear_is_tested = function is kpss and x.size == 800
        assert isinstance(result, NotComputed) or linear_is_tested


@pytest.mark.parametrize("function", PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize(("scale", "offset"), [(1e-12, 0.0), (1e12, 0.0), (1.0, 1e4)])
def test_pairs_have_no_unit(function, scale, offset):
    a, b = cointegrated()
    plain, moved = function(a, b), function(scale * a + offset, scale * b + offset)
    name = "value" if isinstance(plain, Estimate) else "statistic"
    assert getattr(moved, name) == pytest.approx(getattr(plain, name), rel=1e-6)


@pytest.mark.parametrize("function", PAIRS.values(), ids=PAIRS)
def test_pairs_with_a_bad_tick_and_ten_thousand_rows(function):
    a, b = cointegrated()
    a[250] = 1e6
    assert isinstance(function(a, b), (Estimate, TestResult, NotComputed))
    long = function(*cointegrated(nobs=10_000))
    assert isinstance(long, (Estimate, TestResult))


@pytest.mark.parametrize("function", SINGLES.values(), ids=SINGLES)
def test_singles_with_a_bad_tick_and_ten_thousand_rows(function):
    x = walk(800)
    x[250] = 1e6
    assert isinstance(function(x), (Estimate, TestResult, NotComputed))
    assert isinstance(function(walk(10_000)), (Estimate, TestResult))


def test_no_library_warning_leaves():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in PAIRS.values():
            function(*cointegrated(nobs=61))


def test_johansen_of_an_exact_relation():
    """A level that goes up and down in turn is predicted without error: lambda is one."""
    walk = np.cumsum(0.01 * np.random.default_rng(2).standard_normal(71))
    found = johansen_trace(walk, np.log(100.0 + np.arange(71) % 2), 0)
    assert isinstance(found, NotComputed)


def test_a_spread_that_reverts_beyond_the_sample_has_no_half_life():
    found = half_life(
        *np.cumsum(0.01 * np.random.default_rng(48).standard_normal((2, 400)), axis=1)
    )
    assert isinstance(found, NotComputed)
    assert "does not revert" in found.reason
