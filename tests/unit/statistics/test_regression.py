"""The least-squares line of A on B against statsmodels, and its identities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import t as student

from convex_research.core.estimates import Estimate, Interval, NotComputed
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.dependence.regression import alpha, beta, line_band, rsquared
from convex_research.statistics.inference.fixed_b import fixed_b_critical
from convex_research.statistics.inference.influence_interval import bartlett_lag


def pair(seed=0, nobs=1260, scale=0.01, mean=0.0005):
    """Autocorrelated shocks whose size depends on B, so that HAC and OLS errors differ."""
    rng = np.random.default_rng(seed)
    b = rng.standard_t(5, nobs)
    shocks = rng.standard_normal(nobs) * (0.5 + np.abs(b))
    for t in range(1, nobs):
        shocks[t] += 0.3 * shocks[t - 1]
    return scale * (0.7 * b + shocks) + mean, scale * b - mean


SAMPLES = {
    "plain": pair(1),
    "short": pair(2, nobs=60),
    "1e-12": tuple(1e-12 * x for x in pair(3, nobs=252)),
    "1e12": tuple(1e12 * x for x in pair(4, nobs=252)),
    "unlike scales": (1e6 * pair(5, nobs=252)[0], 1e-6 * pair(5, nobs=252)[1]),
    "offset": pair(6, nobs=252, scale=1.0, mean=100.0),
}


def fitted(a, b):
    import statsmodels.api as sm

    return sm.OLS(a, sm.add_constant(b)).fit()


@pytest.mark.parametrize("name", SAMPLES)
def test_values_are_those_of_statsmodels(name):
    a, b = SAMPLES[name]
    theirs = fitted(a, b)
    assert alpha(a, b).value == pytest.approx(theirs.params[0], rel=1e-9)
    assert beta(a, b).value == pytest.approx(theirs.params[1], rel=1e-9)
    assert rsquared(a, b).value == pytest.approx(theirs.rsquared, rel=1e-9)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("level", [0.90, 0.95])
def test_the_interval_of_alpha_is_hac_with_fixed_b(name, level):
    a, b = SAMPLES[name]
    lag = bartlett_lag(a.size)
    theirs = fitted(a, b).get_robustcov_results("HAC", maxlags=lag, use_correction=False)
    critical = fixed_b_critical(level, (lag + 1) / a.size)
    e = alpha(a, b, confidence_level=level)
    assert e.std_error == pytest.approx(theirs.bse[0], rel=1e-9)
    assert e.low == pytest.approx(e.value - critical * theirs.bse[0], rel=1e-8)
    assert e.high == pytest.approx(e.value + critical * theirs.bse[0], rel=1e-8)
    assert (e.nobs, e.confidence_level) == (a.size, level)
    assert f"lag {lag}" in e.method


@pytest.mark.parametrize("name", ["short", "1e-12", "unlike scales", "offset"])
@pytest.mark.parametrize("level", [0.90, 0.95])
def test_the_interval_of_beta_is_what_leaving_days_out_shows(name, level):
    a, b = SAMPLES[name]
    n, lag = a.size, math.floor(1.3 * math.sqrt(a.size))
    whole = np.polyfit(b, a, 1)[0]
    f = [(n - 1) * (whole - np.polyfit(np.delete(b, i), np.delete(a, i), 1)[0]) for i in range(n)]
    f = np.array(f) - np.mean(f)
    omega = sum(f * f)
    for j in range(1, lag + 1):
        omega += 2.0 * (1.0 - j / (lag + 1)) * sum(f[t] * f[t - j] for t in range(j, n))
    days = sum(f**2) ** 2 / sum(f**4)
    df = max(4.0, 1.0 / (1.0 / days + (lag + 1) / n / 1.5))
    half = student.ppf(0.5 + level / 2, df) * math.sqrt(omega) / n
    one = beta(a, b, confidence_level=level)
    assert (one.low, one.high) == pytest.approx((whole - half, whole + half), rel=1e-7)
    assert one.carrying_days == pytest.approx(days, rel=1e-6)
    assert (one.interval, one.nobs) == (Interval.JACKKNIFE, n)


def test_hac_and_plain_errors_differ_here():
    a, b = SAMPLES["plain"]
    assert beta(a, b).std_error > 1.3 * fitted(a, b).bse[1]


LEGS = arrays(np.float64, (2, 40), elements=st.integers(-(10**6), 10**6).map(lambda k: k * 1e-6))


@settings(deadline=None)
@given(LEGS)
def test_identities(legs):
    a, b = legs
    r = pearson(a, b)
    assume(isinstance(r, Estimate) and r.low is not None)
    slope, reverse, share = beta(a, b), beta(b, a), rsquared(a, b)
    # Relative to the size the slope would have at r = 1: near r = 0 digits cancel in both.
    size = a.std(ddof=1) / b.std(ddof=1)
    assert slope.value / size == pytest.approx(r.value, abs=1e-12)
    assert share.value == pytest.approx(r.value**2, abs=1e-12)
    assert slope.value * reverse.value == pytest.approx(r.value**2, abs=1e-12)
    line = slope.value * b.mean() + alpha(a, b).value
    assert line == pytest.approx(a.mean(), abs=1e-12 * max(1.0, abs(slope.value)))


@settings(deadline=None)
@given(LEGS, st.floats(0.01, 100.0), st.integers(-5, 5))
def test_units(legs, scale, offset):
    a, b = legs
    assume(getattr(pearson(a, b), "low", None) is not None)
    size = a.std() / b.std()
    one, other = beta(a, b), beta(scale * a + offset, -b)
    expected = [x / size for x in (one.value, one.std_error, one.low, one.high)]
    found = [-x / size / scale for x in (other.value, -other.std_error, other.high, other.low)]
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("name", ["plain", "short"])
def test_rsquared_interval_is_the_square_of_rs(name):
    a, b = SAMPLES[name]
    r, share = pearson(a, b), rsquared(a, b)
    assert (share.low, share.high) == pytest.approx((r.low**2, r.high**2))
    assert share.std_error == pytest.approx(2 * r.value * r.std_error)
    below = rsquared(a, -b)
    assert (below.low, below.high) == pytest.approx((share.low, share.high))


def test_rsquared_interval_begins_at_zero_when_r_may_be_zero():
    a, b = np.random.default_rng(8).standard_normal((2, 100))
    r, share = pearson(a, b), rsquared(a, b)
    assert r.low < 0.0 < r.high
    assert share.low == 0.0
    assert share.high == pytest.approx(max(r.low**2, r.high**2))


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("level", [0.90, 0.95])
def test_the_band_at_zero_is_alpha(name, level):
    a, b = SAMPLES[name]
    one = alpha(a, b, confidence_level=level)
    line, low, high = line_band(a, b, [0.0], confidence_level=level)
    size = abs(one.value) + (one.std_error or 0.0)
    assert line[0] == pytest.approx(one.value, abs=1e-9 * size)
    assert low[0] == pytest.approx(one.low, abs=1e-9 * size)
    assert high[0] == pytest.approx(one.high, abs=1e-9 * size)


def test_the_band_at_a_point_is_the_intercept_of_the_moved_line():
    a, b = SAMPLES["plain"]
    grid = np.linspace(-0.05, 0.05, 7)
    line, low, high = line_band(a, b, grid)
    for i, g in enumerate(grid):
        one = alpha(a, b - g)
        assert [line[i], low[i], high[i]] == pytest.approx([one.value, one.low, one.high])
    assert line_band(a, b, [b.mean()])[0][0] == pytest.approx(a.mean(), rel=1e-12)


def test_the_band_far_away_grows_like_beta():
    a, b = SAMPLES["plain"]
    one = beta(a, b)
    line, low, high = (x[0] for x in line_band(a, b, [1e9]))
    assert line / 1e9 == pytest.approx(one.value)
    assert (high - low) / 1e9 == pytest.approx(one.high - one.low, rel=0.05)


def test_an_offset_of_1e8_leaves_the_slope():
    a, b = (np.round(x * 2**20) / 2**20 for x in pair(7, nobs=252, scale=1.0))
    one, moved = beta(a, b), beta(a + 1e8, b - 1e8)
    assert moved.value == pytest.approx(one.value, rel=1e-12)
    assert moved.std_error == pytest.approx(one.std_error, rel=1e-12)
    line, low, high = line_band(a + 1e8, b - 1e8, np.array([-1e8]))
    one = alpha(a, b)
    found = [x[0] - 1e8 for x in (line, low, high)]
    assert found == pytest.approx([one.value, one.low, one.high], abs=1e-6)


def test_a_bad_tick():
    a, b = (x.copy() for x in SAMPLES["plain"])
    b[600] = 1e6
    assert "moves on a single day only" in beta(a, b).reason
    assert math.isfinite(alpha(a, b).high)
    b[600] = 1e3
    assert beta(a, b).value == pytest.approx(fitted(a, b).params[1], rel=1e-6)


@pytest.mark.parametrize("statistic", [alpha, beta, rsquared])
def test_reasons(statistic):
    a, b = (x[:100].copy() for x in SAMPLES["plain"])
    spoiled = a.copy()
    spoiled[3] = np.nan
    for legs, words in (
        ((a[:29], b[:29]), "at least 30"),
        ((spoiled, b), "missing or infinite"),
        ((a, np.full(100, 0.1)), "does not move"),
        ((np.zeros(100), b), "does not move"),
    ):
        result = statistic(*legs)
        assert isinstance(result, NotComputed)
        assert words in result.reason
    with pytest.raises(ValueError, match="differ in length"):
        statistic(a, b[1:])


@pytest.mark.parametrize("slope", [2.0, -0.1])
def test_an_exact_line(slope):
    b = SAMPLES["plain"][1]
    a = slope * b + 0.25
    one = beta(a, b)
    assert one.value == pytest.approx(slope, rel=1e-12)
    assert one.std_error < 1e-12
    share = rsquared(a, b)
    assert (share.value, share.low, share.flags) == (1.0, None, ("exact",))


def test_units_are_kept():
    a, b = SAMPLES["plain"]
    assert beta(a, b, unit="bp per decimal").unit == "bp per decimal"
    assert alpha(a, b, unit="bp").unit == "bp"
    assert rsquared(a, b).unit == "dimensionless"
