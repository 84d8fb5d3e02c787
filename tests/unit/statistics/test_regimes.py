"""Regime labels, correlations by regime, and their equality."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from statsmodels.stats.oneway import anova_generic

from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.inference.jackknife import fisher_z
from convex_research.statistics.stability.regimes import (
    Regimes,
    difference_between,
    equality,
    market_regimes,
    pearson_in,
    volatility_regimes,
)


def pair(seed, nobs=1260, rho=0.7):
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_normal((2, nobs))
    level = np.exp(0.5 * np.cumsum(rng.standard_normal(nobs)) / 20)
    return level * a, level * (rho * a + math.sqrt(1 - rho**2) * noise)


def test_volatility_labels_by_loop():
    a, _ = pair(0, 400)
    spread = [statistics.stdev(a[t - 21 : t].tolist()) for t in range(21, 400)]
    ordered = sorted(spread)

    def interpolated(q):
        place = q * (len(ordered) - 1)
        low = math.floor(place)
        return ordered[low] + (place - low) * (ordered[low + 1] - ordered[low])

    first, second = interpolated(1 / 3), interpolated(2 / 3)
    regimes = volatility_regimes(a)
    assert regimes.cut_points == pytest.approx((first, second), rel=1e-12)
    for t in range(400):
        expected = None
        if t >= 21:
            value = spread[t - 21]
            expected = "low_vol" if value <= first else "mid_vol" if value <= second else "high_vol"
        labels = [n for n, m in zip(regimes.names, regimes.masks, strict=True) if m[t]]
        assert labels == ([expected] if expected else [])


def test_market_labels_by_loop():
    rng = np.random.default_rng(1)
    price = 100 * np.exp(np.cumsum(0.02 * rng.standard_normal(1001)))
    regimes = market_regimes(price)
    for t in range(1000):
        peak = max(price[: t + 1])
        assert regimes["bear"][t] == (price[t] <= 0.8 * peak)
        assert regimes["bull"][t] != regimes["bear"][t]


def test_the_future_changes_no_label():
    """Everything from day t on may change: labels up to day t stay.

    The terciles' cut points are pinned over the whole sample; the sorting variable is not,
    so labels are compared at equal cut points.
    """
    a, _ = pair(2, 500)
    price = np.cumprod(1 + np.append(0.0, 0.02 * a))
    changed, changed_price = a.copy(), price.copy()
    changed[300:] = pair(3, 500)[0][300:] * 3
    changed_price[301:] *= 0.5  # the price after day 300's return
    np.testing.assert_array_equal(
        market_regimes(price).masks[:, :301], market_regimes(changed_price).masks[:, :301]
    )
    before, after = volatility_regimes(a), volatility_regimes(changed)
    spread = {t: statistics.stdev(a[t - 21 : t].tolist()) for t in range(21, 301)}
    for regimes in (before, after):
        first, second = regimes.cut_points
        for t, value in spread.items():
            label = (value > first) + (value > second)
            assert regimes.masks[label, t]


def test_pearson_in_a_regime_is_r_of_its_days():
    a, b = pair(4)
    for name in ("low_vol", "mid_vol", "high_vol"):
        mask = volatility_regimes(a)[name]
        estimate = pearson_in(a, b, mask)
        assert estimate.value == pytest.approx(np.corrcoef(a[mask], b[mask])[0, 1], rel=1e-12)
        assert estimate.nobs == mask.sum()


def test_a_regime_of_every_day_is_the_whole_sample():
    a, b = pair(5)
    assert pearson_in(a, b, np.ones(a.size, dtype=bool)) == pearson(a, b)


def test_equality_lets_every_regime_have_its_own_error():
    """Welch's F by statsmodels, from the correlation of each regime's days."""
    a, b = pair(6, 600)
    regimes = volatility_regimes(a)
    parts = [fisher_z(a[mask], b[mask]) for mask in regimes.masks]
    other = anova_generic(
        np.array([p.z for p in parts]),
        np.array([p.std_error**2 * (p.df + 1.0) for p in parts]),
        np.array([p.df + 1.0 for p in parts]),
        use_var="unequal",
    )
    result = equality(a, b, regimes)
    assert result.statistic == pytest.approx(other.statistic, rel=1e-9)
    assert result.pvalue == pytest.approx(other.pvalue, rel=1e-7)
    assert result.nobs == 579


def test_equality_finds_regimes_that_differ():
    rng = np.random.default_rng(17)
    a, noise = rng.standard_normal((2, 1260))
    calm = np.zeros(1260, dtype=bool)
    calm[:630] = True
    rho = np.where(calm, 0.85, 0.60)
    b = rho * a + np.sqrt(1 - rho**2) * noise
    regimes = Regimes(("calm", "other"), np.stack([calm, ~calm]), ())
    assert equality(a, b, regimes).pvalue < 0.01
    gap = difference_between(a, b, calm, ~calm)
    assert gap.covers(math.atanh(0.85) - math.atanh(0.60))
    assert gap.low > 0
    assert difference_between(a, b, ~calm, calm).value == pytest.approx(-gap.value)
    assert gap.nobs == 1260


def test_reasons_and_errors():
    a, b = pair(8, 300)
    regimes = volatility_regimes(a)
    assert isinstance(volatility_regimes(a[:100]), NotComputed)
    assert isinstance(volatility_regimes(np.tile([1.0, -1.0, 2.0], 100)), NotComputed)
    assert isinstance(volatility_regimes(np.ones(300)), NotComputed)
    gap = a.copy()
    gap[3] = math.nan
    assert isinstance(volatility_regimes(gap), NotComputed)
    assert isinstance(market_regimes(np.append(gap, 1.0)), NotComputed)
    assert isinstance(market_regimes(a), NotComputed)  # not prices: some are negative
    rising = market_regimes(np.exp(np.linspace(0, 1, 301)))
    one_sided = pearson_in(a, b, rising["bear"])
    assert isinstance(one_sided, NotComputed)
    assert "there are 0" in one_sided.reason
    missing = equality(a, b, rising)
    assert isinstance(missing, NotComputed)
    assert missing.reason.startswith("bear:")
    assert isinstance(pearson_in(a, a, regimes["low_vol"]), NotComputed)
    assert isinstance(difference_between(a, b, rising["bull"], rising["bear"]), NotComputed)
    with pytest.raises(ValueError, match="overlap"):
        difference_between(a, b, rising["bull"], rising["bull"])
    with pytest.raises(ValueError, match="mask has shape"):
        pearson_in(a, b, regimes["low_vol"][1:])


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_scale_free_and_robust(scale):
    a, b = pair(9)
    plain, scaled = volatility_regimes(a), volatility_regimes(a * scale)
    np.testing.assert_array_equal(plain.masks, scaled.masks)
    first, second = equality(a, b, plain), equality(a * scale, b, scaled)
    assert second.statistic == pytest.approx(first.statistic, rel=1e-8)
    a[700] = 1e6
    spiked = volatility_regimes(a)
    assert isinstance(equality(a, b, spiked), TestResult)
    assert isinstance(pearson_in(a, b, spiked["mid_vol"]), Estimate)
