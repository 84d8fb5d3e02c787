"""Return for the risk, years ahead and dividends, against loops, R and prices made by hand."""

from __future__ import annotations

import math
import shutil
import subprocess
from datetime import date

import numpy as np
import pytest
from scipy.stats import t as student

from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dependence.side_by_side import reward_gap, years_ahead
from convex_research.statistics.single import dividends
from convex_research.statistics.single.reward import reward, reward_for_risk

NOBS, YEAR = 400, 252


def returns(seed=3):
    rng = np.random.default_rng(seed)
    a, noise = 0.01 * rng.standard_t(6, (2, NOBS))
    return a + 0.001, 1.2 * (0.8 * a + 0.6 * noise)


def ratio(x, measure):
    """Mean over risk, the standard deviation with ddof 0 as the functional has it."""
    mean = sum(x) / len(x)
    fall = [v - mean if measure == "sharpe" else min(v, 0.0) for v in x]
    return mean / math.sqrt(sum(v * v for v in fall) / len(x))


def influence_by_jackknife(x, measure):
    """What weight on an observation does to the ratio, by a central difference."""
    out = []
    for t in range(len(x)):
        sides = []
        for step in (1e-5, -1e-5):
            weights = np.full(len(x), (1.0 - step) / len(x))
            weights[t] += step
            mean = float(weights @ x)
            fall = x - mean if measure == "sharpe" else np.minimum(x, 0.0)
            sides.append(mean / math.sqrt(float(weights @ fall**2)))
        out.append((sides[0] - sides[1]) / 2e-5)
    return np.array(out)


def student_by_loop(influence):
    """Bartlett error and degrees of freedom of a mean's influence values."""
    nobs = len(influence)
    lag = min(int(1.3 * math.sqrt(nobs)), nobs - 1)
    omega = 0.0
    for s in range(nobs):
        for t in range(max(0, s - lag), min(nobs, s + lag + 1)):
            omega += (1.0 - abs(s - t) / (lag + 1.0)) * influence[s] * influence[t]
    days = sum(f**2 for f in influence) ** 2 / sum(f**4 for f in influence)
    return math.sqrt(omega) / nobs, max(4.0, 1.0 / (1.0 / days + (lag + 1) / nobs / 1.5))


@pytest.mark.parametrize("measure", ["sharpe", "sortino"])
def test_a_ratio_and_its_interval_by_loops(measure):
    x, _ = returns()
    found = reward_for_risk(x, measure, YEAR)
    small = math.sqrt((NOBS - 1) / NOBS) if measure == "sharpe" else 1.0
    assert found.value == pytest.approx(math.sqrt(YEAR) * ratio(x, measure) * small, rel=1e-12)
    influence = math.sqrt(YEAR) * influence_by_jackknife(x, measure)
    std_error, df = student_by_loop(influence - influence.mean())
    assert found.std_error == pytest.approx(std_error, rel=1e-6)
    half = student.ppf(0.975, df) * std_error
    assert found.high - found.value == pytest.approx(half, rel=1e-6)
    assert found.value - found.low == pytest.approx(half, rel=1e-6)


def test_the_error_of_independent_normal_returns_is_that_of_lo():
    x = 0.1 + np.random.default_rng(8).standard_normal(200_000)
    value, influence = reward(x, "sharpe")
    assert float(influence.var()) == pytest.approx(1.0 + value**2 / 2.0, rel=0.01)


@pytest.mark.parametrize("measure", ["sharpe", "sortino"])
def test_a_gap_of_two_ratios_by_loops(measure):
    a, b = returns()
    gap, test = reward_gap(a, b, measure, YEAR)
    one, other = (reward_for_risk(x, measure, YEAR) for x in (a, b))
    assert gap.value == pytest.approx(one.value - other.value, rel=1e-12)
    sides = [math.sqrt(YEAR) * influence_by_jackknife(x, measure) for x in (a, b)]
    influence = sides[0] - sides[1]
    std_error, df = student_by_loop(influence - influence.mean())
    assert test.pvalue == pytest.approx(
        2.0 * student.cdf(-abs(gap.value) / std_error, df), rel=1e-5
    )
    assert gap.covers(0.0) == (test.pvalue >= 0.05)
    assert gap.high - gap.low < one.high - one.low + other.high - other.low


@pytest.mark.parametrize("measure", ["sharpe", "sortino"])
def test_a_ratio_has_no_unit(measure):
    a, b = returns()
    gap = reward_gap(a, b, measure, YEAR)[0]
    for scale in (1e-200, 1e200):
        one = reward_gap(scale * a, scale * b, measure, YEAR)[0]
        assert (one.value, one.low, one.high) == pytest.approx((gap.value, gap.low, gap.high))


def test_where_a_ratio_is_not_defined():
    a, b = returns()
    assert reward_for_risk(a[:20], "sharpe", YEAR).code == Missing.TOO_SHORT
    assert reward_for_risk(np.ones(60), "sharpe", YEAR).code == Missing.NOT_MOVING
    assert reward_for_risk(np.abs(a), "sortino", YEAR).code == Missing.UNDEFINED
    assert reward_gap(a, np.abs(b), "sortino", YEAR).code == Missing.UNDEFINED
    assert reward_gap(a, 2.0 * a, "sharpe", YEAR).code == Missing.EXACT


def test_years_are_trials_of_a_coin():
    share, test = years_ahead([0.1, -0.2, 0.3, 0.1, 0.2, 0.0, 0.1])
    assert (share.value, share.nobs) == (pytest.approx(5 / 6), 6)
    # Clopper and Pearson by the binomial's own tails.
    tails = [
        sum(math.comb(6, k) * p**k * (1 - p) ** (6 - k) for k in hits)
        for p, hits in ((share.low, range(5, 7)), (share.high, range(6)))
    ]
    assert tails == pytest.approx([0.025, 0.025], rel=1e-8)
    assert test.pvalue == pytest.approx(2 * (6 + 1) / 64)
    assert years_ahead([0.1] * 12)[1].pvalue == pytest.approx(2 / 2**12)
    assert years_ahead([0.1] * 12)[0].high == 1.0
    assert years_ahead([0.1, 0.2, 0.0, 0.1, -0.1]) == NotComputed(
        Missing.TOO_SHORT, "needs 5 full calendar years, there are 4"
    )


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs R")
def test_years_are_those_of_r():
    share, test = years_ahead([1.0] * 12 + [-1.0] * 13)
    program = "t <- binom.test(12, 25); cat(format(c(t$conf.int, t$p.value), digits = 17))"
    done = subprocess.run(
        ["Rscript", "-e", program], capture_output=True, text=True, check=True, timeout=120
    )
    expected = [float(x) for x in done.stdout.split()]
    assert [share.low, share.high, test.pvalue] == pytest.approx(expected, rel=1e-8)


@pytest.fixture
def paying():
    """Closes as traded with a split of 2 for 1 and quarterly dividends; days; the same adjusted."""
    days = np.datetime64("2015-01-01") + np.arange(1462)  # four years of 365.25 days
    price = 100.0 * np.exp(np.cumsum(0.01 * np.random.default_rng(5).standard_normal(days.size)))
    at = np.arange(45, days.size, 91)
    paid = [(days[i].astype(date), 0.005 * price[i - 1] * (1 + i / 9000)) for i in at]
    factor = np.ones(days.size)  # what a holder who buys shares with each dividend has
    for i, (_, cash) in zip(at, paid, strict=True):
        factor[i:] /= 1.0 - cash / price[i - 1]
    return days, price, paid, price * factor


@pytest.mark.parametrize("traded", [False, True])
def test_growth_without_dividends_is_that_of_closes(paying, traded):
    days, price, paid, adjusted = paying
    years = 4.0 * 1461 / 1461
    growth = (adjusted[-1] / adjusted[0]) ** (1 / years) - 1.0
    closes, cash = price.copy(), list(paid)
    if traded:  # one share became two: closes and dividends before it are of the old ones
        closes[:700] *= 2.0
        cash = [(d, 2.0 * x if d < days[700].astype(date) else x) for d, x in paid]
    shares = dividends.payouts(closes, days, cash)
    without = dividends.price_growth(growth, *shares, days[0], days[-1])
    assert without.value == pytest.approx((price[-1] / price[0]) ** (1 / years) - 1.0, rel=1e-10)
    paid_out = dividends.dividend_yield(*shares, days[-1])
    late = [(d, x) for d, x in paid if d > date(2018, 1, 1)]
    before = [price[np.flatnonzero(days == np.datetime64(d))[0] - 1] for d, _ in late]
    assert len(late) == 4
    expected = sum(x / p for (_, x), p in zip(late, before, strict=True))
    assert paid_out.value == pytest.approx(expected, rel=1e-12)


def test_dividends_outside_the_sample_do_not_count(paying):
    days, price, paid, _ = paying
    first = (days[0].astype(date), 5.0)  # no close before it
    later = (date(2030, 1, 1), 5.0)
    kept = dividends.payouts(price, days, [first, *paid, later])
    assert len(kept[0]) == len(paid)
    none = dividends.payouts(price, days, [first])
    assert dividends.dividend_yield(*none, days[-1]).value == 0.0
    assert dividends.price_growth(0.1, *none, days[0], days[-1]).value == pytest.approx(0.1)
    wound_up = dividends.payouts(price, days, [(days[9].astype(date), price[8])])
    assert isinstance(dividends.price_growth(0.1, *wound_up, days[0], days[-1]), NotComputed)
