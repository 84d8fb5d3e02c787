"""B's move given A's."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.hedging.scenario import b_given_a, horizon_moves


def prices(seed, nobs=1261, rho=0.8, df=6):
    rng = np.random.default_rng(seed)
    a, noise = 0.01 * rng.standard_t(df, (2, nobs))
    b = rho * a + math.sqrt(1 - rho**2) * noise
    return 100 * np.exp(np.cumsum(a)), 50 * np.exp(np.cumsum(b))


def moves(seed, **options):
    return tuple(horizon_moves(p) for p in prices(seed, **options))


def test_moves_by_loop():
    price, _ = prices(0, nobs=100)
    expected = [price[t + 21] / price[t] - 1 for t in range(79)]
    assert horizon_moves(price).tolist() == pytest.approx(expected, rel=1e-13)
    difference = horizon_moves(price, horizon=5, relative=False)
    assert difference.tolist() == pytest.approx([price[t + 5] - price[t] for t in range(95)])
    assert horizon_moves(price[:21]).size == 0
    with pytest.raises(ValueError, match="horizon"):
        horizon_moves(price, horizon=0)


def test_value_is_the_least_squares_line():
    a, b = moves(1)
    slope, constant = np.polyfit(a, b, 1)
    for move in (-0.10, -0.05, 0.05, 0.10):
        fitted = b_given_a(a, b, move).fitted
        assert fitted.value == pytest.approx(constant + slope * move, rel=1e-9)
        assert fitted.low < fitted.value < fitted.high


def test_standard_error_is_newey_west_of_the_line():
    import statsmodels.api as sm

    a, b = moves(2)
    lag = math.floor(1.3 * math.sqrt(a.size))
    fit = sm.OLS(b, sm.add_constant(a)).fit(
        cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False}
    )
    at = np.array([1.0, -0.05])
    expected = math.sqrt(at @ fit.cov_params() @ at)
    assert b_given_a(a, b, -0.05).fitted.std_error == pytest.approx(expected, rel=1e-8)


def test_interval_holds_the_stated_share_of_its_own_sample():
    a, b = moves(3)
    days = range(0, a.size, 7)
    inside = [b_given_a(a, b, a[t]).fitted.covers(b[t]) for t in days]
    assert 0.94 <= np.mean(inside) <= 1.0


def test_interval_widens_with_the_move_when_residuals_do():
    rng = np.random.default_rng(4)
    a = 0.05 * rng.standard_normal(3000)
    b = a + (0.005 + 0.5 * np.abs(a)) * rng.standard_normal(3000)
    near, far = (b_given_a(a, b, m, horizon=1).fitted for m in (0.01, 0.15))
    assert far.high - far.low > 3 * (near.high - near.low)
    # 1.96 standard deviations of the noise at each move.
    assert near.high - near.value == pytest.approx(1.96 * 0.010, rel=0.2)
    assert far.high - far.value == pytest.approx(1.96 * 0.080, rel=0.2)


def test_neighbours_by_loop():
    a, b = moves(5)
    near = [t for t in range(a.size) if abs(a[t] + 0.05) <= 0.01]
    separate, last = 0, -(10**9)
    for t in near:
        if t - last >= 21:
            separate, last = separate + 1, t
    found = b_given_a(a, b, -0.05).neighbours
    assert (found.count, found.separate) == (len(near), separate)
    assert found.mean == pytest.approx(np.mean([b[t] for t in near]))
    assert (found.low, found.high) == (min(b[near]), max(b[near]))
    nothing = b_given_a(a, b, -0.9)
    assert nothing.neighbours.count == 0
    assert nothing.neighbours.mean is None
    assert nothing.fitted.flags == ("beyond_observed",)


def test_reasons():
    a, b = moves(6)
    short = b_given_a(a[:150], b[:150], -0.05)
    assert "needs at least 210 observations" in short.fitted.reason
    gap = b.copy()
    gap[7] = math.nan
    broken = b_given_a(a, gap, -0.05)
    assert isinstance(broken.fitted, NotComputed)
    assert broken.neighbours.count > 0
    assert isinstance(b_given_a(a, 2 * a, 0.05).fitted, NotComputed)
    assert isinstance(b_given_a(a, np.zeros(a.size), 0.05).fitted, NotComputed)
    assert isinstance(b_given_a(horizon_moves([]), horizon_moves([]), 0.05).fitted, NotComputed)


def test_bad_tick_and_scales():
    a, b = moves(7)
    plain = b_given_a(a, b, 0.05).fitted
    scaled = b_given_a(a, b * 1e12, 0.05).fitted
    assert scaled.high == pytest.approx(plain.high * 1e12, rel=1e-9)
    tiny = b_given_a(a * 1e-12, b, 0.05e-12).fitted
    assert tiny.low == pytest.approx(plain.low, rel=1e-9)
    a[100], b[100] = 1e6, 1e6
    assert isinstance(b_given_a(a, b, 0.05).fitted, Estimate)
