"""Forbes and Rigobon's adjusted correlation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.stability.contagion import forbes_rigobon, turbulent_days
from convex_research.statistics.stability.regimes import volatility_regimes


def fixed_slope(seed, nobs=1200, slope=0.6, jump=3.0, break_slope=None):
    """B = slope A + noise; A's standard deviation is ``jump`` times larger in the last third."""
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_normal((2, nobs))
    turbulent = np.arange(nobs) >= 2 * nobs // 3
    a = np.where(turbulent, jump * a, a)
    used = np.where(turbulent, break_slope or slope, slope)
    return a, used * a + noise, turbulent


def test_recovers_the_calm_correlation_exactly_when_moments_are_exact():
    """With the slope and the noise made exact in each part, the identity has no error."""
    rng = np.random.default_rng(0)
    parts = []
    for jump in (1.0, 2.5):
        x, noise = rng.standard_normal((2, 400))
        x = jump * (x - x.mean()) / x.std()
        noise = noise - noise.mean()
        noise -= x * (noise @ x) / (x @ x)
        parts.append((x, 0.7 * x + noise / noise.std()))
    a, b = (np.concatenate(pieces) for pieces in zip(*parts, strict=True))
    turbulent = np.arange(800) >= 400
    result = forbes_rigobon(a, b, turbulent, ~turbulent)
    calm = 0.7 / math.sqrt(0.7**2 + 1)
    assert result.variance_ratio == pytest.approx(6.25, rel=1e-12)
    assert result.calm.value == pytest.approx(calm, rel=1e-12)
    assert result.adjusted.value == pytest.approx(calm, rel=1e-12)
    assert result.raw.value == pytest.approx(1.75 / math.sqrt(1.75**2 + 1), rel=1e-12)
    assert result.difference.value == pytest.approx(0.0, abs=1e-12)


def test_the_difference_covers_zero_with_a_fixed_slope_and_finds_a_new_one():
    covered = [
        forbes_rigobon(a, b, turbulent, ~turbulent).difference.covers(0.0)
        for a, b, turbulent in (fixed_slope(seed) for seed in range(40))
    ]
    assert sum(covered) >= 35
    a, b, turbulent = fixed_slope(1, break_slope=1.2)
    assert forbes_rigobon(a, b, turbulent, ~turbulent).difference.low > 0


def test_influence_is_the_derivative_of_the_adjusted_correlation():
    a, b, turbulent = fixed_slope(2, 240)
    nobs = a.size

    def adjusted(weights):
        def moments(mask):
            w = weights[mask] / weights[mask].sum()
            cov = np.cov(np.array([a[mask], b[mask]]), aweights=w, ddof=0)
            return cov[0, 0], cov[0, 1] / math.sqrt(cov[0, 0] * cov[1, 1])

        (high, r), (low, _) = moments(turbulent), moments(~turbulent)
        return r / math.sqrt(1 + (high / low - 1) * (1 - r * r))

    step = np.eye(nobs) * 1e-4
    flat = np.full(nobs, 1 / nobs)
    u = np.array([adjusted(flat + s) - adjusted(flat - s) for s in step]) / 2e-4
    lag = math.floor(1.3 * math.sqrt(nobs))
    kernel = np.maximum(1 - np.abs(np.subtract.outer(range(nobs), range(nobs))) / (lag + 1), 0)
    expected = max(math.sqrt(u @ kernel @ u), math.sqrt(u @ u)) / nobs
    estimate = forbes_rigobon(a, b, turbulent, ~turbulent).adjusted
    assert estimate.std_error == pytest.approx(expected, rel=1e-3)


def test_turbulent_days_are_the_upper_third():
    a, _, _ = fixed_slope(3)
    turbulent, calm = turbulent_days(a)
    regimes = volatility_regimes(a)
    np.testing.assert_array_equal(turbulent, regimes["high_vol"])
    assert not (turbulent & calm).any()
    assert (turbulent | calm).sum() == a.size - 21


def test_reasons_and_errors():
    a, b, turbulent = fixed_slope(4)
    quiet = forbes_rigobon(a, b, ~turbulent, turbulent)
    assert isinstance(quiet.adjusted, NotComputed)
    assert isinstance(quiet.raw, Estimate)
    few = np.arange(1200) < 20
    assert "turbulent observations" in forbes_rigobon(a, b, few, ~few).raw.reason
    assert "exact proportion" in forbes_rigobon(a, 2 * a, turbulent, ~turbulent).calm.reason
    gap = b.copy()
    gap[0] = math.nan
    assert isinstance(forbes_rigobon(a, gap, turbulent, ~turbulent).calm, NotComputed)
    assert isinstance(turbulent_days(a[:50]), NotComputed)
    with pytest.raises(ValueError, match="disjoint"):
        forbes_rigobon(a, b, turbulent, turbulent)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_scale_free(scale):
    a, b, turbulent = fixed_slope(5)
    plain = forbes_rigobon(a, b, turbulent, ~turbulent)
    scaled = forbes_rigobon(a * scale, b / scale, turbulent, ~turbulent)
    assert scaled.adjusted.value == pytest.approx(plain.adjusted.value, rel=1e-10)
    assert scaled.difference.low == pytest.approx(plain.difference.low, rel=1e-8)
