"""Tiles of pairs give what the estimators of two legs give, one by one."""

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.dependence.asynchrony import Asynchrony, asynchrony
from convex_research.statistics.dependence.regression import beta
from convex_research.statistics.dynamics.rolling import rolling_pearson
from convex_research.statistics.inference.jackknife import fisher_z
from convex_research.statistics.many.pair_tiles import (
    Legs,
    RollingLegs,
    neighbouring_days,
    own_volatility_legs,
    tile_beta,
    tile_fisher,
    tile_rolling,
)

NOBS = 400


@pytest.fixture(scope="module")
def returns():
    """Legs of many sizes: ordinary, a twin, an opposite, at rest for a while, at rest, one day."""
    rng = np.random.default_rng(19)
    common = rng.standard_normal((3, NOBS))
    x = rng.standard_normal((12, 3)) @ common + rng.standard_t(5, (12, NOBS))
    x *= np.exp(3.0 * rng.standard_normal((12, 1)))
    x[1] = 2.0 * x[0] + 1e-4 * np.abs(x[0]).mean() * rng.standard_normal(NOBS)
    x[2] = -x[0]
    x[3, 100:260] = 0.0
    x[4] = 0.0
    x[5] = 0.0
    x[5, 7] = 1.0
    x[6] = 5.0 * x[0]
    return x


@pytest.mark.parametrize("window", [20, 30, 91, NOBS])
def test_fisher_and_slopes_are_those_of_every_pair(returns, window):
    last = returns[:, -window:]
    legs = Legs.of(last)
    compared = 0
    for i in range(1, 12):
        others = np.arange(i)
        z, std_error, df = tile_fisher(legs, i, others)
        slopes = [tile_beta(legs, i, others, reverse=reverse) for reverse in (False, True)]
        for j in others:
            one = fisher_z(last[i], last[j])
            if isinstance(one, NotComputed):
                assert np.isnan([z[j], std_error[j], df[j]]).all()
                continue
            compared += 1
            # Near one the digits are those that 1 - r has left.
            digits = 1e-6 if abs(np.tanh(one.z)) > 0.999 else 1e-9
            assert z[j] == pytest.approx(one.z, rel=digits, abs=1e-12)
            assert std_error[j] == pytest.approx(one.std_error, rel=digits)
            assert df[j] == pytest.approx(one.df, rel=digits)
            for tile, (y, x) in zip(slopes, ((i, j), (j, i)), strict=True):
                expected = beta(last[y], last[x])
                assert tile[0][j] == pytest.approx(expected.value, rel=1e-9)
                if digits == 1e-9:
                    assert tile[1][j] == pytest.approx(expected.std_error, rel=1e-9)
    assert compared == 0 if window == 20 else compared > 20


@pytest.mark.parametrize("window", [2, 7, 90, NOBS])
def test_extremes_of_rolling_r_are_those_of_every_pair(returns, window):
    legs = RollingLegs.of(returns, window)
    for i in range(1, 12):
        extreme, at = tile_rolling(legs, i, np.arange(i))
        for j in range(i):
            path = rolling_pearson(returns[i], returns[j], window)
            if not np.isfinite(path).any():
                assert np.isnan(extreme[j]).all()
                assert (at[j] == -1).all()
                continue
            for side, value in enumerate((np.nanmin(path), np.nanmax(path))):
                assert extreme[j, side] == pytest.approx(value, abs=1e-9)
                assert path[at[j, side]] == pytest.approx(value, abs=1e-9)


def test_a_window_longer_than_the_sample_has_no_extreme(returns):
    extreme, at = tile_rolling(RollingLegs.of(returns, NOBS + 1), 1, np.arange(1))
    assert np.isnan(extreme).all()
    assert (at == -1).all()


def test_links_of_neighbouring_days_are_those_of_every_pair(returns):
    over = own_volatility_legs(returns)
    found = neighbouring_days(over, over)
    compared = 0
    for i in range(12):
        for j in range(i):
            one = asynchrony(returns[i], returns[j])
            if isinstance(one, NotComputed):
                assert np.isnan(found.share[i, j])
                continue
            compared += 1
            if {i, j} <= {0, 2, 6}:
                continue  # in step: the difference of their products is rounding alone
            for name in Asynchrony._fields[:4]:
                expected = getattr(one, name).pvalue
                assert getattr(found, name)[i, j] == pytest.approx(expected, abs=1e-9)
            assert found.share[i, j] == pytest.approx(one.share.value, abs=1e-9)
    assert compared > 30
