"""Standard deviation: closed forms, a loop, scales, reasons."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.single.volatility import (
    annual_volatility,
    annualise,
    volatility,
    volatility_ratio,
)

X = np.random.default_rng(1).standard_t(5, 252) * 0.01


@settings(deadline=None)
@given(
    st.lists(st.integers(-(10**6), 10**6), min_size=30, max_size=60).filter(lambda v: len({*v}) > 1)
)
def test_value_is_that_of_exact_arithmetic(numbers):
    expected = statistics.stdev(numbers)  # fractions inside
    assert volatility(np.array(numbers, dtype=float)).value == pytest.approx(expected, rel=1e-12)


def test_closed_forms():
    assert volatility(np.arange(100.0)).value == pytest.approx(math.sqrt(100 * 101 / 12))
    flip = volatility(np.tile([0.02, -0.02], 50))
    assert flip.value == pytest.approx(0.02 * math.sqrt(100 / 99), rel=1e-14)
    # Every square is the same, so nothing is uncertain.
    assert flip.std_error == pytest.approx(0.0, abs=1e-16)


@pytest.mark.parametrize("level", [0.90, 0.95])
def test_interval_by_a_loop(level):
    n, lag = 252, 20
    mean = sum(X) / n
    square = sum((x - mean) ** 2 for x in X) / n
    sd = math.sqrt(square * n / (n - 1))
    influence = [0.5 * sd * ((x - mean) ** 2 / square - 1.0) for x in X]
    omega = 0.0
    for s in range(n):
        for t in range(n):
            omega += max(0.0, 1.0 - abs(s - t) / (lag + 1)) * influence[s] * influence[t]
    std_error = math.sqrt(omega / n) / math.sqrt(n)
    # Degrees of freedom: days that carry the variance, and the noise of the Bartlett sum.
    carrying = sum(f**2 for f in influence) ** 2 / sum(f**4 for f in influence)
    df = max(1.0 / (1.0 / carrying + (lag + 1) / n / 1.5), 4.0)
    critical = student.ppf(0.5 + level / 2.0, df)
    e = volatility(X, confidence_level=level)
    assert e.std_error == pytest.approx(std_error, rel=1e-9)
    assert math.log(e.high / sd) == pytest.approx(critical * std_error / sd, rel=1e-9)
    assert e.low * e.high == pytest.approx(sd * sd)
    assert e.nobs == n


def test_light_tails_leave_most_days_to_carry_the_variance():
    x = np.random.default_rng(5).standard_normal(252)
    square = float(x.var())
    influence = 0.5 * ((x - x.mean()) ** 2 / square - 1.0)
    carrying = float((influence**2).sum() ** 2 / (influence**4).sum())
    e = volatility(x)
    critical = math.log(e.high / e.value) * e.value / e.std_error
    assert carrying > 10.0
    assert critical == pytest.approx(
        student.ppf(0.975, 1 / (1 / carrying + 21 / 252 / 1.5)), rel=1e-9
    )


def test_std_error_of_independent_normals_is_the_textbooks():
    x = np.random.default_rng(2).standard_normal(50_000)
    e = volatility(x)
    # 227 lags of noise: the HAC error is itself known to about 10 %.
    assert e.std_error == pytest.approx(1 / math.sqrt(2 * 50_000), rel=0.2)


@pytest.mark.parametrize("scale", [1e-150, 1e-12, 1e12, 1e150])
def test_scales(scale):
    one, other = volatility(X), volatility(X * scale)
    found = [other.value, other.std_error, other.low, other.high]
    expected = [one.value, one.std_error, one.low, one.high]
    assert [v / scale for v in found] == pytest.approx(expected, rel=1e-9)


def test_an_offset_of_1e8():
    x = np.round(X * 100 * 2**20) / 2**20
    one, other = volatility(x), volatility(x + 1e8)
    assert other.value == pytest.approx(one.value, rel=1e-12)
    assert other.std_error == pytest.approx(one.std_error, rel=1e-9)


def test_a_bad_tick_stays_finite_and_positive():
    x = X.copy()
    x[100] = 1e12
    e = volatility(x)
    assert 0.0 < e.low < e.value < e.high
    assert e.value == pytest.approx(np.std(x, ddof=1), rel=1e-12)


@pytest.mark.parametrize(
    ("periods", "factor"), [(252, math.sqrt(252)), (365, math.sqrt(365)), (1, 1)]
)
def test_annualised(periods, factor):
    one, year = volatility(X), annual_volatility(X, periods)
    assert year == annualise(one, periods)
    found = [year.value, year.std_error, year.low, year.high]
    expected = [one.value, one.std_error, one.low, one.high]
    assert found == pytest.approx([factor * v for v in expected], rel=1e-14)
    assert year.method.endswith(f"times sqrt({periods})")
    assert year.nobs == one.nobs


def test_annualised_without_an_interval():
    bare = Estimate(value=0.01, method="observed", nobs=5)
    year = annualise(bare, 4)
    assert (year.value, year.std_error, year.low) == (0.02, None, None)


def test_reasons():
    spoiled = X.copy()
    spoiled[9] = np.nan
    for x, words in (
        (X[:29], "at least 30"),
        (spoiled, "missing or infinite"),
        (np.full(60, 0.1), "does not move"),
    ):
        for result in (volatility(x), annual_volatility(x, 252)):
            assert isinstance(result, NotComputed)
            assert words in result.reason
    with pytest.raises(ValueError, match="one-dimensional"):
        volatility(np.ones((30, 2)))
    assert volatility(X, unit="bp").unit == "bp"


def test_the_ratio_of_two_by_a_loop_over_pairs_of_days():
    rng = np.random.default_rng(4)
    y = 0.5 * X + rng.standard_normal(252) * 0.01
    n, lag = 252, 20
    one, two = ([(v - x.mean()) ** 2 for v in x] for x in (X, y))
    f = [0.5 * (n * p / sum(one) - n * q / sum(two)) for p, q in zip(one, two, strict=True)]
    omega = sum(
        max(0.0, 1.0 - abs(s - t) / (lag + 1)) * f[s] * f[t] for s in range(n) for t in range(n)
    )
    df = 1.0 / (sum(v**4 for v in f) / sum(v**2 for v in f) ** 2 + (lag + 1) / n / 1.5)
    half = student.ppf(0.975, df) * math.sqrt(omega) / n
    ratio = volatility_ratio(X, y)
    assert ratio.value == pytest.approx(statistics.stdev(X) / statistics.stdev(y), rel=1e-12)
    assert math.log(ratio.high / ratio.value) == pytest.approx(half, rel=1e-9)
    assert ratio.low * ratio.high == pytest.approx(ratio.value**2)
    back = volatility_ratio(y, X)
    assert (1 / back.high, 1 / back.low) == pytest.approx((ratio.low, ratio.high))
    assert isinstance(volatility_ratio(X, 3.0 * X), NotComputed)


def test_the_ratio_is_covered_where_volatility_clusters_and_tails_are_heavy():
    covered = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        common = np.exp(0.5 * np.cumsum(rng.normal(0, 0.1, 500)))
        mixed = common * np.sqrt(3.0 / rng.chisquare(3, 500))
        z = rng.standard_normal((2, 500))
        ratio = volatility_ratio(mixed * z[0], mixed * (0.6 * z[0] + 0.8 * z[1]))
        covered.append(ratio.covers(1.0))
    assert np.mean(covered) > 0.93
