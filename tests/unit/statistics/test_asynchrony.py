"""Closes at different times, against loops that share no code, and in worlds with and without."""

import math

import numpy as np
import pytest
from scipy import stats

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.methodology.simulations.clocks import closes_apart, untraded
from convex_research.methodology.simulations.market_worlds import simulate
from convex_research.statistics.dependence.asynchrony import (
    asynchrony,
    rarely_traded,
    rolling_synchronised,
    synchronised,
)
from convex_research.statistics.leads.skip_lead import SKIPPED_RARE, skip_wald


def worlds(nobs=700, paths=1, seed=3, rho=0.8, share=6.5 / 24):
    """A pair of the GARCH world on one clock, and with B closing earlier."""
    paths = simulate("CCC-GARCH t8", nobs + 1, paths, rho=rho, seed=seed)
    rng = np.random.default_rng(seed)
    return (paths.a[1:], paths.b[1:]), closes_apart(paths, share, rng)


A, B = (leg[:, 0] for leg in worlds()[1])


def own_volatility(x):
    mean = math.fsum(x) / len(x)
    variance = math.fsum((one - mean) ** 2 for one in x[:63]) / 63
    scaled = []
    for one in x:
        scaled.append((one - mean) / math.sqrt(variance))
        variance = 0.94 * variance + 0.06 * (one - mean) ** 2
    return scaled


def standard(x):
    mean = math.fsum(x) / len(x)
    sd = math.sqrt(math.fsum((one - mean) ** 2 for one in x) / len(x))
    return [(one - mean) / sd for one in x]


def one_sided(products):
    total = math.fsum(products)
    square = math.fsum(p**2 for p in products)
    days = square**2 / math.fsum(p**4 for p in products)
    df = max(4.0, 1.0 / (1.0 / days + 1.0 / len(products)))
    return total / math.sqrt(square), float(stats.t.sf(total / math.sqrt(square), df))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_links_of_neighbouring_days_by_a_loop(sign):
    u, v = standard(own_volatility(A)), standard(own_volatility(sign * B))
    nobs, side = len(u), sign
    ab = [side * u[t] * v[t + 1] for t in range(nobs - 1)]
    ba = [side * u[t + 1] * v[t] for t in range(nobs - 1)]
    found = asynchrony(A, sign * B)
    assert math.fsum(ab) > math.fsum(ba)
    expected = [one_sided(ab), one_sided(ba)]
    expected.append(one_sided([x - y for x, y in zip(ab, ba, strict=True)]))
    expected.append(one_sided([side * x * y for x, y in zip(u, v, strict=True)]))
    sides = (1, 1, 2, 2)  # where the sample chooses the side the test is two-sided
    for test, (statistic, pvalue), count in zip(found[:4], expected, sides, strict=True):
        assert test.statistic == pytest.approx(statistic, rel=1e-8)
        assert test.pvalue == pytest.approx(count * pvalue, rel=1e-8)
    lagged = math.fsum(ab) / nobs
    same = abs(math.fsum(x * y for x, y in zip(u, v, strict=True)) / nobs)
    assert found.share.value == pytest.approx(lagged / (same + lagged), rel=1e-8)


def test_the_other_order_of_the_legs_is_the_other_direction():
    one, other = asynchrony(A, B), asynchrony(B, A)
    assert one.lag_ab.statistic == pytest.approx(other.lag_ba.statistic)
    assert one.asymmetry.statistic == pytest.approx(other.asymmetry.statistic)
    assert one.share.value == pytest.approx(other.share.value)


def test_synchronised_r_and_its_interval_by_a_loop():
    u, v = standard(A), standard(B)
    nobs = len(u)
    product = [
        u[t] * v[t] + (u[t] * v[t + 1] + u[t + 1] * v[t] if t + 1 < nobs else 0.0)
        for t in range(nobs)
    ]
    total = math.fsum(product) / nobs
    f = [(product[t] - total / 2 * (u[t] ** 2 + v[t] ** 2)) / (1 - total**2) for t in range(nobs)]
    mean = math.fsum(f) / nobs
    f = [one - mean for one in f]
    lag = math.floor(1.3 * math.sqrt(nobs))
    omega = math.fsum(x * x for x in f)
    for j in range(1, lag + 1):
        omega += 2 * (1 - j / (lag + 1)) * math.fsum(f[t] * f[t - j] for t in range(j, nobs))
    days = math.fsum(x**2 for x in f) ** 2 / math.fsum(x**4 for x in f)
    df = max(4.0, 1.0 / (1.0 / days + (lag + 1) / nobs / 1.5))
    half = float(stats.t.ppf(0.975, df)) * math.sqrt(omega / nobs / nobs)
    found = synchronised(A, B)
    assert found.value == pytest.approx(total, rel=1e-8)
    assert found.low == pytest.approx(math.tanh(math.atanh(total) - half), rel=1e-8)
    assert found.high == pytest.approx(math.tanh(math.atanh(total) + half), rel=1e-8)


@pytest.mark.parametrize("lags", [(2, 3, 4, 5), SKIPPED_RARE])
def test_a_lead_beyond_the_next_day_by_a_loop(lags):
    u, v = own_volatility(A), own_volatility(B)
    u = [x - math.fsum(u) / len(u) for x in u]
    v = [x - math.fsum(v) / len(v) for x in v]
    days, k = len(u) - max(lags), len(lags)
    g = [[u[t] * v[t + lag] for lag in lags] for t in range(days)]
    total = np.array([math.fsum(row[i] for row in g) for i in range(k)])
    outer = np.array([[math.fsum(r[i] * r[j] for r in g) for j in range(k)] for i in range(k)])
    statistic = float(total @ np.linalg.inv(outer) @ total)
    found = skip_wald(A, B, lags)
    assert found.statistic == pytest.approx(statistic, rel=1e-8)
    assert found.pvalue == pytest.approx(float(stats.chi2.sf(statistic, k)), rel=1e-8)
    assert found.nobs == days


def test_closes_apart_are_seen_and_one_clock_is_not():
    together, apart = worlds(1260, paths=40)
    for legs, least, most in ((together, 0.0, 0.05), (apart, 0.95, 1.0)):
        found = [asynchrony(*pair) for pair in zip(legs[0].T, legs[1].T, strict=True)]
        assert least <= np.mean([one.apart for one in found]) <= most
        assert np.mean([one.lag_ab.pvalue < 0.01 for one in found]) >= least
    assert np.mean([one.share.value for one in found]) == pytest.approx(6.5 / 24, abs=0.02)
    wide = [synchronised(*pair).value for pair in zip(apart[0].T, apart[1].T, strict=True)]
    narrow = [np.corrcoef(*pair)[0, 1] for pair in zip(apart[0].T, apart[1].T, strict=True)]
    assert np.mean(wide) == pytest.approx(0.79, abs=0.03)
    assert np.mean(narrow) == pytest.approx(0.58, abs=0.03)


def test_a_lead_without_a_link_on_the_same_day_is_no_clock():
    x, e = np.random.default_rng(5).standard_normal((2, 60, 1261))
    y = 0.4 * x[:, :-1] + 0.9 * e[:, 1:]
    found = [asynchrony(*pair).apart for pair in zip(x[:, 1:], y, strict=True)]
    assert np.mean(found) < 0.2
    tied = [asynchrony(one, late + 0.4 * one).apart for one, late in zip(x[:, 1:], y, strict=True)]
    assert np.mean(tied) > 0.95


def test_a_clock_is_no_lead_beyond_the_next_day():
    _, apart = worlds(1260, paths=150)
    tests = [skip_wald(*pair) for pair in zip(apart[0].T, apart[1].T, strict=True)]
    assert np.mean([one.pvalue < 0.05 for one in tests]) < 0.10
    late = np.roll(apart[1], 3, axis=0)
    tests = [skip_wald(*pair) for pair in zip(apart[0].T, late.T, strict=True)]
    assert all(one.pvalue < 1e-6 for one in tests)


def test_a_leg_that_rests_on_a_quarter_of_days_is_rarely_traded():
    (a, b), _ = worlds()
    rests = untraded(b, 0.25, np.random.default_rng(1))[:, 0]
    assert np.mean(rests == 0.0) == pytest.approx(0.25, abs=0.04)
    assert rests.sum() == pytest.approx(b[:, 0].sum(), abs=5 * np.abs(b).max())
    assert rarely_traded(a[:, 0], rests) == (False, True)
    assert rarely_traded(rests, a[:, 0]) == (True, False)
    assert rarely_traded(rests, rests) == (False, False)


def test_what_cannot_be_had_says_why():
    assert synchronised(A[:503], B[:503]).code == Missing.TOO_SHORT
    assert asynchrony(A[:59], B[:59]).code == Missing.TOO_SHORT
    assert asynchrony(A, np.ones_like(A)).code == Missing.NOT_MOVING
    assert skip_wald(A[:70], B[:70], SKIPPED_RARE).code == Missing.TOO_SHORT
    assert isinstance(skip_wald(np.ones_like(A), B), NotComputed)


def test_an_r_of_one_and_more_has_no_interval():
    x = np.repeat(np.random.default_rng(2).standard_normal(600), 2)
    found = synchronised(x, x)
    assert isinstance(found, Estimate)
    assert found.value > 1.0
    assert found.low is None is found.confidence_level


def test_rolling_synchronised_is_that_of_each_window():
    path = rolling_synchronised(A + 1e3, 50.0 * B, 504)
    assert np.isnan(path[:503]).all()
    for t in (503, 504, 600, len(A) - 1):
        window = slice(t - 503, t + 1)
        assert path[t] == pytest.approx(synchronised(A[window], B[window]).value, rel=1e-9)
    still = A.copy()
    still[:520] = 0.25
    assert np.isnan(rolling_synchronised(still, B, 504)[503:520]).all()
    assert np.isfinite(rolling_synchronised(still, B, 504)[530:]).all()
    with pytest.raises(ValueError, match="504"):
        rolling_synchronised(A, B, 252)
