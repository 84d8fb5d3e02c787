"""Spread and ratio: definitions, and nothing from the future."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.levels.spread import (
    price_ratio,
    spread_volatility,
    spread_volatility_path,
    tracking_error,
    zscore,
    zscore_path,
)


def prices(seed, nobs=600):
    steps = 0.01 * np.random.default_rng(seed).standard_normal((2, nobs))
    return 100 * np.exp(np.cumsum(steps[0])), 40 * np.exp(np.cumsum(steps[0] / 2 + steps[1]))


def test_zscore_by_loop():
    a, b = prices(0)
    path = zscore_path(a, b, window=60)
    for t in range(600):
        if t < 59:
            assert math.isnan(path[t])
            continue
        x = [math.log(a[s] / b[s]) for s in range(t - 59, t + 1)]
        expected = (x[-1] - statistics.fmean(x)) / statistics.stdev(x)
        assert path[t] == pytest.approx(expected, rel=1e-9, abs=1e-11)
    last = zscore(a, b)
    assert last.value == pytest.approx(zscore_path(a, b)[-1], rel=1e-12)
    assert last.confidence_level is None


def test_the_future_changes_nothing_before():
    a, b = prices(1)
    x, y = np.diff(np.log(a)), np.diff(np.log(b))
    later_a, later_b = a.copy(), b.copy()
    later_a[400:] *= 7.0
    later_b[400:] = prices(2)[1][400:]
    np.testing.assert_array_equal(zscore_path(a, b)[:400], zscore_path(later_a, later_b)[:400])
    changed = x.copy()
    changed[400:] *= 1e6
    np.testing.assert_array_equal(
        spread_volatility_path(x, y)[:400], spread_volatility_path(changed, y)[:400]
    )
    assert zscore(a[:400], b[:400]).value == pytest.approx(zscore_path(a, b)[399], rel=1e-12)


def test_volatility_and_tracking_error():
    a, b = prices(3)
    x, y = np.diff(a) / a[:-1], np.diff(b) / b[:-1]
    daily = spread_volatility(x, y)
    assert daily.value == pytest.approx(statistics.stdev((x - y).tolist()), rel=1e-10)
    yearly = tracking_error(x, y, 252)
    for end in ("value", "low", "high", "std_error"):
        assert getattr(yearly, end) == pytest.approx(getattr(daily, end) * math.sqrt(252))
    path = spread_volatility_path(x, y, window=100)
    assert path[-1] == pytest.approx(statistics.stdev((x - y)[-100:].tolist()), rel=1e-10)
    assert np.isnan(path[:99]).all()


def test_ratio_is_observed():
    a, b = prices(4)
    ratio = price_ratio(a, b)
    assert ratio.value == a[-1] / b[-1]
    assert ratio.low is None


def test_reasons_and_errors():
    a, b = prices(5)
    x, y = np.diff(a), np.diff(b)
    gap = a.copy()
    gap[10] = math.nan
    for result in (
        price_ratio(gap, b),
        price_ratio(-a, b),
        price_ratio([], []),
        zscore(gap, b),
        zscore(a[:251], b[:251]),
        zscore(a, 3 * a),
        zscore(np.where(a > 100, 0.0, a), b),
        spread_volatility(x, x),
        spread_volatility(x, x + 0.1),
        spread_volatility(x[:20], y[:20]),
        tracking_error(np.diff(gap), y, 252),
    ):
        assert isinstance(result, NotComputed)
    assert np.isnan(zscore_path(a, 3 * a)).all()
    assert np.isnan(zscore_path(gap, b, window=50)[10:60]).all()
    assert np.isfinite(zscore_path(gap, b, window=50)[60:]).all()
    assert np.isnan(zscore_path(a[:10], b[:10])).all()
    for function in (zscore_path, spread_volatility_path):
        with pytest.raises(ValueError, match="two observations"):
            function(a, b, window=1)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_scales(scale):
    a, b = prices(6)
    assert zscore(a * scale, b).value == pytest.approx(zscore(a, b).value, rel=1e-8)
    x, y = np.diff(a), np.diff(b)
    plain, scaled = spread_volatility(x, y), spread_volatility(x * scale, y * scale)
    assert scaled.value == pytest.approx(plain.value * scale, rel=1e-10)
