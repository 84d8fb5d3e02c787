"""Rates come out in basis points, whatever they are beside: slopes, leads, weeks, moves."""

import math

import numpy as np
import pandas as pd
import pytest
from support import series_data

from convex_research import Pair, align, analyze
from convex_research.data.series import Prices
from convex_research.returns import LegReturns, leg_returns, resample, with_kind

DAYS = pd.bdate_range("2010-01-04", periods=1500)


def series(name, values, kind, unit):
    index = pd.DatetimeIndex(DAYS[-len(values) :])
    return series_data(f"csv:{name}", pd.Series(values, index), kind=kind, unit=unit)


@pytest.fixture(scope="module")
def legs():
    """Two rates in percent that follow a market, and the market."""
    rng = np.random.default_rng(11)
    market, one, two = rng.standard_normal((3, DAYS.size))
    steps = 0.04 * market + 0.03 * one, 0.02 * market + 0.02 * two
    rates = [3.0 + 0.02 * np.cumsum(step) for step in steps]
    price = 100.0 * np.exp(np.cumsum(0.01 * market))
    return (
        series("ten", rates[0], "rate", "percent"),
        series("two", rates[1], "rate", "percent"),
        series("index", price, "price", "USD"),
    )


@pytest.fixture(scope="module")
def analysis(legs):
    prices = Prices(Pair("sample:sp500", "sample:nasdaq"), *legs[:2])
    return analyze(align(prices), helpers={"market": legs[2]})


def test_the_market_beta_of_a_rate_is_the_slope_of_its_basis_points(analysis, legs):
    market = legs[2].values.pct_change().to_numpy()[1:]
    slopes = []
    for name, leg in zip("ab", legs[:2], strict=True):
        moves = 100.0 * leg.values.diff().to_numpy()[1:]
        slopes.append(np.polyfit(market, moves, 1)[0])
        found = analysis[f"market.beta_{name}"]
        assert found.value == pytest.approx(slopes[-1], rel=1e-9)
        assert found.unit == "bp per decimal"
    assert slopes[0] > 5.0  # bp for a move of the whole market: not a slope of per cents
    for key in ("beta_gap", "beta_gap_90"):
        assert analysis[f"market.{key}"].value == pytest.approx(slopes[0] - slopes[1], rel=1e-9)
        assert analysis[f"market.{key}"].unit == "bp per decimal"


def test_leads_of_a_rate_are_basis_points_a_year(analysis, legs):
    market = legs[2].values.pct_change().to_numpy()[1:]
    spread = analysis.returns.a - analysis.returns.b
    slope, intercept = np.polyfit(market, spread, 1)
    sign = math.copysign(1.0, slope)
    after = analysis["market.lead_after_beta"]
    assert after.value == pytest.approx(252 * sign * intercept, rel=1e-6)
    for key in ("lead_after_beta", "lead_bull", "lead_bear"):
        assert analysis[f"market.{key}"].unit == "bp a year"


def test_moves_of_a_rate_are_those_of_its_own_page(analysis, legs):
    ten = legs[0].values
    move = analysis["performance.change_a[1d]"]
    assert move.value == pytest.approx(100.0 * (ten.iloc[-1] - ten.iloc[-2]), rel=1e-9)
    assert move.unit == "bp"


def test_a_spread_in_basis_points_is_taken_as_it_is(legs):
    wide = series("wide", 100.0 * legs[0].values.to_numpy(), "spread", "bp")
    alone, percent = leg_returns(wide), leg_returns(legs[0])
    assert (alone.unit, alone.scale) == (percent.unit, percent.scale / 100.0) == ("bp", 1.0)
    np.testing.assert_allclose(alone.values, percent.values, atol=1e-9)


@pytest.mark.parametrize(
    ("frequency", "code", "periods"), [("weekly", "W-FRI", 52), ("monthly", "M", 12)]
)
@pytest.mark.parametrize("kind", ["simple", "log"])
def test_lower_frequencies_by_a_loop(legs, frequency, code, periods, kind):
    returns = align(Prices(Pair("sample:sp500", "sample:nasdaq"), legs[0], legs[2]), kind)
    slow = resample(returns, frequency)
    last = {}
    for day, rate, price in zip(DAYS, legs[0].values, legs[2].values, strict=True):
        last[day.to_period(code)] = (day, rate, price)
    rows = list(last.values())[: -1 if frequency == "monthly" else None]  # October is not over
    assert [pd.Timestamp(day) for day in slow.price_dates] == [day for day, _, _ in rows]
    for t in range(1, len(rows)):
        growth = rows[t][2] / rows[t - 1][2]
        expected = math.log(growth) if kind == "log" else growth - 1.0
        assert slow.values[t - 1, 0] == pytest.approx(100.0 * (rows[t][1] - rows[t - 1][1]))
        assert slow.values[t - 1, 1] == pytest.approx(expected, abs=1e-12)
    assert (slow.frequency, slow.periods_per_year, slow.kind) == (frequency, periods, kind)
    assert slow.units == returns.units
    assert resample(slow, "weekly").reason == f"the data are {frequency} already"
    alone = resample(leg_returns(legs[2], kind), frequency)
    np.testing.assert_allclose(alone.values, slow.b, rtol=1e-12)


def test_other_returns_of_the_same_levels(legs):
    prices = Prices(Pair("sample:sp500", "sample:nasdaq"), legs[0], legs[2])
    simple, log = align(prices, "simple"), align(prices, "log")
    np.testing.assert_array_equal(with_kind(simple, "log").values, log.values)
    assert with_kind(simple, "log").kind == "log"


def test_a_leg_of_a_pair_is_a_sample_like_one_by_itself(legs):
    prices = Prices(Pair("sample:sp500", "sample:nasdaq"), legs[0], legs[2])
    for own, leg in zip(map(leg_returns, (legs[0], legs[2])), align(prices).legs, strict=True):
        assert isinstance(leg, LegReturns)
        assert leg.legs == (leg,)
        np.testing.assert_array_equal(own.values, leg.values)
        np.testing.assert_array_equal(own.dates, leg.dates)
        same = ("unit", "units", "nobs", "frequency", "periods_per_year", "kind", "instrument")
        assert all(getattr(own, name) == getattr(leg, name) for name in same)
        moves = "simple returns" if leg.is_price else "differences"
        days = f"1499 daily {moves} to 2015-10-02"
        assert repr(leg) == f"<LegReturns {leg.instrument.id}, {days}>"
    assert "1499 daily differences and simple returns" in repr(align(prices))
