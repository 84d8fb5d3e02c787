from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import kolmogorov

from convex_research.core.estimates import NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import long_run_covariance
from convex_research.statistics.stability.constant_correlation import (
    bartlett_products,
    prepared_legs,
    wied,
    wied_lag,
)


def slow_wied(a: np.ndarray, b: np.ndarray, lag: int) -> float:
    """The definition, one prefix at a time."""
    nobs = a.size
    full = np.corrcoef(a, b)[0, 1]
    largest = 0.0
    for j in range(2, nobs + 1):
        r = np.corrcoef(a[:j], b[:j])[0, 1]
        largest = max(largest, j / math.sqrt(nobs) * abs(r - full))
    za, zb = (a - a.mean()) / a.std(), (b - b.mean()) / b.std()
    influence = za * zb - full / 2.0 * (za**2 + zb**2)
    variance = np.mean(influence**2)
    for j in range(1, lag + 1):
        variance += 2.0 * (1.0 - j / (lag + 1)) * np.sum(influence[j:] * influence[:-j]) / nobs
    return largest / math.sqrt(variance)


def pair(nobs: int = 300, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    b = rng.standard_t(5, nobs)
    return 0.8 * b + 0.6 * rng.standard_t(5, nobs), b


@pytest.mark.parametrize("bandwidth", ["log", "1.3sqrt"])
@pytest.mark.parametrize("nobs", [60, 251, 700])
def test_statistic_against_the_definition(nobs: int, bandwidth: str) -> None:
    a, b = pair(nobs)
    result = wied(a, b, bandwidth=bandwidth)  # type: ignore[arg-type]
    assert isinstance(result, TestResult)
    slow = slow_wied(a, b, wied_lag(nobs, bandwidth))  # type: ignore[arg-type]
    assert result.statistic == pytest.approx(slow, rel=1e-9)
    assert result.pvalue == pytest.approx(float(kolmogorov(slow)), abs=1e-9)


def test_lags() -> None:
    assert [wied_lag(n, "log") for n in (252, 1260, 5000)] == [4, 6, 7]
    assert [wied_lag(n, "1.3sqrt") for n in (252, 1260, 5000)] == [20, 46, 91]
    with pytest.raises(ValueError, match="bandwidth"):
        wied_lag(100, "2sqrt")  # type: ignore[arg-type]


@pytest.mark.parametrize(("scale", "offset"), [(1e-12, 0.0), (1e12, 0.0), (1.0, 1e4), (-3.0, 0.0)])
def test_unit_and_offset_do_not_matter(scale: float, offset: float) -> None:
    a, b = pair()
    plain, moved = wied(a, b), wied(scale * a + offset, b)
    assert isinstance(plain, TestResult)
    assert isinstance(moved, TestResult)
    assert moved.statistic == pytest.approx(plain.statistic, rel=1e-8)


def test_offset_of_1e8() -> None:
    a, b = pair()
    plain, moved = wied(a, b), wied(a + 1e8, b)
    assert isinstance(plain, TestResult)
    assert isinstance(moved, TestResult)
    # 1e8 leaves the returns themselves eight digits.
    assert moved.statistic == pytest.approx(plain.statistic, rel=1e-5)


def test_a_change_is_found_and_a_leg_that_starts_late_is_tolerated() -> None:
    rng = np.random.default_rng(5)
    common, own_a, own_b = rng.standard_normal((3, 800))
    weight = np.where(np.arange(800) < 400, 2.0, 0.2)
    changed = wied(weight * common + own_a, weight * common + own_b)
    assert isinstance(changed, TestResult)
    assert changed.pvalue < 1e-4
    late = common.copy()
    late[:120] = 0.0
    result = wied(late, common + own_a)
    assert isinstance(result, TestResult)
    assert math.isfinite(result.statistic)


def test_what_cannot_be_tested() -> None:
    a, b = pair()
    with_gap, with_tick = a.copy(), a.copy()
    with_gap[3], with_tick[7] = np.nan, 1e6
    for x, y in (
        (a[:59], b[:59]),
        (with_gap, b),
        (with_tick, b),
        (np.full(300, 0.1), b),
        (2.0 * b, b),
    ):
        assert isinstance(wied(x, y), NotComputed)
        assert isinstance(prepared_legs(x, y), NotComputed)
    with pytest.raises(ValueError, match="length"):
        wied(a, b[:-1])


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float64, (40, 2), elements=st.floats(-10, 10)),
    st.integers(0, 39),
)
def test_overlapping_sums_are_bartlett_weights(values: np.ndarray, lag: int) -> None:
    u = values - values.mean(axis=0)
    expected = long_run_covariance(u, lag)
    product = bartlett_products(u[:, :1], u[:, 1:], lag)[0]
    square = bartlett_products(u[:, :1], u[:, :1], lag)[0]
    assert product == pytest.approx(expected[0, 1], abs=1e-9)
    assert square == pytest.approx(expected[0, 0], abs=1e-9)
