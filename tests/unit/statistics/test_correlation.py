"""Pearson, Spearman, Kendall: values, influence functions, intervals, invariances."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.dependence import correlation
from convex_research.statistics.dependence.correlation import (
    kendall,
    kendall_influence,
    pearson,
    pearson_influence,
    spearman,
    spearman_influence,
)

STATISTICS = [pearson, spearman, kendall]


def pair(seed=0, nobs=300, rho=0.6, df=5):
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_t(df, (2, nobs))
    return a, rho * a + math.sqrt(1 - rho**2) * noise


def rounded(seed=0, nobs=300, step=0.5, df=5):
    """Ties in both legs, a third of the first leg unchanged."""
    a, b = pair(seed, nobs, df=df)
    a[np.random.default_rng(seed + 99).random(nobs) < 1 / 3] = 0.0
    return np.round(a / step) * step, np.round(b / step) * step


SAMPLES = {
    "plain": pair(1),
    "negative": (pair(2)[0], -pair(2)[1]),
    "ties": rounded(3),
    "heavy ties": rounded(4, step=2.0),
    "weak": pair(5, rho=0.02),
    "short": pair(6, nobs=30),
}
NAMES = list(SAMPLES)


# ---- values ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0.5, 0.90, 0.95, 0.99])
def test_pearson_and_fishers_interval_are_scipys(name, level):
    a, b = SAMPLES[name]
    theirs = stats.pearsonr(a, b)
    ends = theirs.confidence_interval(level)
    ours = pearson(a, b, interval="fisher", confidence_level=level)
    assert ours.value == pytest.approx(theirs.statistic, abs=1e-12)
    assert ours.low == pytest.approx(ends.low, abs=1e-12)
    assert ours.high == pytest.approx(ends.high, abs=1e-12)
    assert ours.nobs == a.size


@pytest.mark.parametrize("name", NAMES)
def test_every_interval_of_pearson_is_around_the_same_r(name):
    a, b = SAMPLES[name]
    expected = stats.pearsonr(a, b).statistic
    for interval in ("jackknife", "fixed-b", "fisher", "bootstrap"):
        e = pearson(a, b, interval=interval)
        assert e.value == pytest.approx(expected, abs=1e-12)
        assert -1.0 < e.low < e.value < e.high < 1.0
        assert math.atanh(e.low) + math.atanh(e.high) == pytest.approx(2 * math.atanh(e.value))


@pytest.mark.parametrize("name", NAMES)
def test_ranks_are_scipys(name):
    a, b = SAMPLES[name]
    assert spearman(a, b).value == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
    assert kendall(a, b).value == pytest.approx(stats.kendalltau(a, b).statistic, abs=1e-12)


def test_an_unknown_interval_is_an_error():
    with pytest.raises(ValueError, match="got 'exact'"):
        pearson(*SAMPLES["plain"], interval="exact")


# ---- influence functions: the derivative in the weight of one observation -----------------


def weighted_correlation(x, y, w):
    mx, my = w @ x, w @ y
    return (w @ ((x - mx) * (y - my))) / math.sqrt((w @ (x - mx) ** 2) * (w @ (y - my) ** 2))


def weighted_ranks(x, w):
    return (np.less.outer(x, x).T + 0.5 * np.equal.outer(x, x)) @ w


def weighted_spearman(x, y, w):
    return weighted_correlation(weighted_ranks(x, w), weighted_ranks(y, w), w)


def weighted_kendall(x, y, w):
    sx, sy = (np.sign(np.subtract.outer(v, v)) for v in (x, y))
    return (w @ (sx * sy) @ w) / math.sqrt((w @ sx**2 @ w) * (w @ sy**2 @ w))


def empirical_influence(statistic, x, y, eps=1e-5):
    n = x.size
    result = np.empty(n)
    for t in range(n):
        point = np.zeros(n)
        point[t] = 1.0
        up, down = (statistic(x, y, (1 - e) / n + e * point) for e in (eps, -eps))
        result[t] = (up - down) / (2 * eps)
    return result


INFLUENCES = {
    "pearson": (pearson_influence, weighted_correlation),
    "spearman": (spearman_influence, weighted_spearman),
    "kendall": (kendall_influence, weighted_kendall),
}


UNTIED = {"spearman"}  # what ties do to the variance of the ranks is left out there


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        (name, sample)
        for name in INFLUENCES
        for sample in ("plain", "negative", "ties", "heavy ties")
        if name not in UNTIED or "ties" not in sample
    ],
)
def test_influence_is_the_derivative_in_the_weight(name, sample):
    a, b = (x[:60] for x in SAMPLES[sample])
    influence, weighted = INFLUENCES[name]
    value, found = influence(a, b)
    assert value == pytest.approx(weighted(a, b, np.full(60, 1 / 60)), abs=1e-13)
    np.testing.assert_allclose(found, empirical_influence(weighted, a, b), atol=2e-8)
    assert found.mean() == pytest.approx(0.0, abs=1e-13)


@pytest.mark.parametrize("step", [None, 0.5, 2.0])
@pytest.mark.parametrize("name", INFLUENCES)
def test_influence_is_what_leaving_one_out_shows(name, step):
    # Normal legs: for Pearson the two differ by the square of an outlier over n.
    a, b = pair(10, df=1e6) if step is None else rounded(11, step=step, df=1e6)
    program = {
        "pearson": lambda x, y: stats.pearsonr(x, y).statistic,
        "spearman": lambda x, y: stats.spearmanr(x, y).statistic,
        "kendall": lambda x, y: stats.kendalltau(x, y).statistic,
    }[name]
    value, found = INFLUENCES[name][0](a, b)
    n = a.size
    keep = ~np.eye(n, dtype=bool)
    tied = step is not None and name in UNTIED
    jackknife = np.array([(n - 1) * (value - program(a[k], b[k])) for k in keep])
    assert np.corrcoef(found, jackknife)[0, 1] > (0.95 if tied else 0.999)
    assert found.std() == pytest.approx(jackknife.std(), rel=0.15 if tied else 0.03)


# ---- counting ---------------------------------------------------------------------------


@settings(deadline=None)
@given(st.data(), st.integers(1, 70), st.integers(1, 40))
def test_dominated_is_the_double_loop(data, nobs, values):
    numbers = st.integers(-values, values)
    x = data.draw(arrays(np.int64, nobs, elements=numbers)).astype(float)
    y = data.draw(arrays(np.int64, nobs, elements=numbers)).astype(float)
    expected = [sum(x[s] < x[t] and y[s] < y[t] for s in range(nobs)) for t in range(nobs)]
    np.testing.assert_array_equal(correlation.dominated(x, y), expected)


@pytest.mark.parametrize("nobs", [1, 2, 127, 128, 129, 1025])
def test_dominated_at_powers_of_two(nobs):
    x, y = np.random.default_rng(nobs).integers(0, nobs, (2, nobs)).astype(float)
    expected = ((x[None, :] < x[:, None]) & (y[None, :] < y[:, None])).sum(axis=1)
    np.testing.assert_array_equal(correlation.dominated(x, y), expected)


def test_minus_zero_ties_with_zero():
    a, b = SAMPLES["ties"]
    signed = np.where(np.arange(a.size) % 2 == 0, np.where(a == 0.0, -0.0, a), a)
    for rank in (spearman, kendall):
        assert rank(signed, b) == rank(a, b)


# ---- properties -------------------------------------------------------------------------

LEGS = arrays(np.float64, (2, 40), elements=st.integers(-(10**6), 10**6).map(lambda k: k * 1e-3))


def usable(legs):
    """Legs whose statistics exist and are not degenerate."""
    found = [f(*legs) for f in STATISTICS]
    assume(all(isinstance(one, Estimate) and one.low is not None for one in found))
    return legs


def same(one, other, sign=1.0):
    ends = (one.low, one.high) if sign > 0 else (-one.high, -one.low)
    found = (sign * one.value, one.std_error, *ends)
    expected = (other.value, other.std_error, other.low, other.high)
    assert found == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("statistic", STATISTICS)
@settings(max_examples=40, deadline=None)
@given(legs=LEGS)
def test_order_of_the_legs_does_not_matter(statistic, legs):
    a, b = usable(legs)
    same(statistic(a, b), statistic(b, a))


@pytest.mark.parametrize("statistic", STATISTICS)
@settings(max_examples=40, deadline=None)
@given(legs=LEGS, scale=st.floats(1e-3, 1e3), offset=st.integers(-1000, 1000))
def test_positive_affine_maps_do_not_matter(statistic, legs, scale, offset):
    a, b = usable(legs)
    moved = scale * a + offset
    # Rounding may merge neighbours; ranks then rightly change.
    assume(np.unique(moved).size == np.unique(a).size)
    same(statistic(a, b), statistic(moved, b))


@pytest.mark.parametrize("statistic", STATISTICS)
@settings(max_examples=40, deadline=None)
@given(legs=LEGS)
def test_a_sign_turns_the_interval_around(statistic, legs):
    a, b = usable(legs)
    same(statistic(a, b), statistic(-a, b), sign=-1.0)


@pytest.mark.parametrize("statistic", [spearman, kendall])
def test_ranks_do_not_see_monotone_maps(statistic):
    a, b = SAMPLES["plain"]
    same(statistic(a, b), statistic(np.exp(a), b**3))


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("scale", [1e-150, 1e-12, 1e12, 1e150])
def test_scales(statistic, scale):
    a, b = SAMPLES["plain"]
    same(statistic(a, b), statistic(a * scale, b / scale))


@pytest.mark.parametrize("statistic", STATISTICS)
def test_an_offset_of_1e8(statistic):
    a, b = (np.round(x * 2**20) / 2**20 for x in SAMPLES["plain"])  # exact also at 1e8
    same(statistic(a, b), statistic(a + 1e8, b - 1e8))
    assert pearson(a + 1e8, b).value == pytest.approx(stats.pearsonr(a, b).statistic, abs=1e-12)


def test_a_bad_tick_moves_pearson_and_not_the_ranks():
    a, b = (x.copy() for x in SAMPLES["plain"])
    before = [f(a, b).value for f in STATISTICS]
    a[17] = 1e6
    after = [f(a, b) for f in STATISTICS]
    assert abs(after[0].value - before[0]) > 0.3
    assert after[0].value == pytest.approx(stats.pearsonr(a, b).statistic, abs=1e-12)
    assert [e.value for e in after[1:]] == pytest.approx(before[1:], abs=0.01)


# ---- the interval -----------------------------------------------------------------------


def test_fixed_b_interval_by_hand():
    a, b = pair(7, nobs=252)
    n, lag = 252, 20
    r = np.corrcoef(a, b)[0, 1]
    za, zb = (x / x.std() for x in (a - a.mean(), b - b.mean()))
    influence = [x * y - r / 2 * (x * x + y * y) for x, y in zip(za, zb, strict=True)]
    omega = 0.0
    for s in range(n):
        for t in range(max(0, s - lag), min(n, s + lag + 1)):
            omega += (1 - abs(s - t) / (lag + 1)) * influence[s] * influence[t]
    share = (lag + 1) / n
    critical = 1.96 + 2.9694 * share + 0.4160 * share**2 - 0.5324 * share**3
    std_error = math.sqrt(omega / n / n)
    half = critical * std_error / (1 - r * r)
    e = pearson(a, b, interval="fixed-b")
    assert e.std_error == pytest.approx(std_error, rel=1e-9)
    assert e.low == pytest.approx(math.tanh(math.atanh(r) - half), abs=1e-12)
    assert e.high == pytest.approx(math.tanh(math.atanh(r) + half), abs=1e-12)
    assert e.method == "fixed-b HAC (Bartlett, lag 20, b 0.083), Fisher scale"


def test_std_error_of_a_normal_sample_is_the_textbooks():
    rng = np.random.default_rng(8)
    a, noise = rng.standard_normal((2, 20_000))
    b = 0.6 * a + 0.8 * noise
    # asymptotic standard deviations of sqrt(n) (estimate - truth) under normality
    tau, rho_s = 2 / math.pi * math.asin(0.6), 6 / math.pi * math.asin(0.3)
    exact = {
        pearson: 1 - 0.36,
        kendall: 2 * math.sqrt(1 / 9 - (2 / math.pi * math.asin(0.3)) ** 2),
    }
    for statistic, sd in exact.items():
        _, influence = INFLUENCES[statistic.__name__][0](a, b)
        assert influence.std() == pytest.approx(sd, rel=0.02)
    assert kendall(a, b).value == pytest.approx(tau, abs=0.015)
    assert spearman(a, b).value == pytest.approx(rho_s, abs=0.015)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_more_confidence_is_wider(statistic):
    a, b = SAMPLES["plain"]
    narrow, wide = (statistic(a, b, confidence_level=c) for c in (0.90, 0.95))
    assert wide.low < narrow.low < narrow.high < wide.high


# ---- what cannot be computed ---------------------------------------------------------------


def spoiled(value, at=5):
    a, b = (x.copy() for x in SAMPLES["plain"])
    a[at] = value
    return a, b


@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize(
    ("legs", "words"),
    [
        (tuple(x[:29] for x in SAMPLES["plain"]), "at least 30"),
        (spoiled(np.nan), "missing or infinite"),
        (spoiled(np.inf), "missing or infinite"),
        ((np.full(300, 0.1), SAMPLES["plain"][1]), "does not move"),
        ((SAMPLES["plain"][0], np.zeros(300)), "does not move"),
    ],
)
def test_reasons(statistic, legs, words):
    result = statistic(*legs)
    assert isinstance(result, NotComputed)
    assert words in result.reason


@pytest.mark.parametrize("slope", [3.0, -0.1])
@pytest.mark.parametrize("noise", [0.0, 2e-5])
def test_legs_in_step_have_a_value_and_no_interval(slope, noise):
    a, b = SAMPLES["plain"]
    other = slope * a + 1.0 + noise * abs(slope) * b
    for interval in ("jackknife", "fixed-b", "fisher", "bootstrap"):
        one = pearson(a, other, interval=interval)
        assert (one.value, one.low, one.high) == (math.copysign(1.0, slope), None, None)
        assert one.flags == ("exact",)
        assert ("exactly in step" if slope > 0 else "exactly against each other") in one.method
    ranks = spearman(a, slope * a)
    assert (ranks.value, ranks.low, ranks.flags) == (math.copysign(1.0, slope), None, ("exact",))
    assert isinstance(kendall(a, slope * a), NotComputed)


def test_a_leg_that_moves_on_one_day_has_no_interval():
    a, b = (x.copy() for x in SAMPLES["plain"])
    a[17] = 1e8
    assert "moves on a single day only" in pearson(a, b).reason
    assert isinstance(pearson(a, b, interval="fixed-b"), Estimate)


@pytest.mark.parametrize("statistic", STATISTICS)
def test_shapes_are_errors(statistic):
    with pytest.raises(ValueError, match="differ in length"):
        statistic(np.arange(40.0), np.arange(41.0))
    with pytest.raises(ValueError, match="one-dimensional"):
        statistic(np.ones((40, 1)), np.arange(40.0))


@pytest.mark.parametrize("statistic", STATISTICS)
def test_almost_collinear_stays_finite(statistic):
    a, noise = SAMPLES["plain"]
    result = statistic(a, a + 1e-4 * noise)
    assert getattr(result, "low", None) is None or -1.0 <= result.low <= result.high <= 1.0
    flat = np.zeros(60)
    flat[[3, 40]] = 1.0, -1.0
    result = statistic(flat, noise[:60])
    assert isinstance(result, Estimate)


def test_ten_thousand_observations():
    a, b = pair(9, nobs=10_000)
    assert kendall(a, b).value == pytest.approx(stats.kendalltau(a, b).statistic, abs=1e-12)
    assert spearman(a, b).value == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-12)
