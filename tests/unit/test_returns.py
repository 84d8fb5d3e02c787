"""Prices are aligned first and differenced then: identities, calendars, units, errors."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import series_data

from convex_research.catalogue import Pair
from convex_research.core.errors import AlignmentError, DataError, InputError
from convex_research.data.series import Prices, QualityNote
from convex_research.returns import (
    MAX_ROWS,
    MIN_SHARED,
    align,
    at_frequency,
    changes,
    leg_returns,
    resample,
)


def leg(name, index, values, *, kind="price", unit="USD", provider="csv", quality=()):
    series = pd.Series(np.asarray(values, dtype=float), index=pd.DatetimeIndex(index))
    return series_data(f"{provider}:{name}", series, quality=quality, kind=kind, unit=unit)


def prices(a, b):
    return Prices(Pair("sample:sp500", "sample:nasdaq"), a, b)


def walk(seed, nobs, scale=0.01):
    return 100.0 * np.exp(np.cumsum(np.random.default_rng(seed).standard_normal(nobs) * scale))


def two(index_a, index_b, seed=0, **options):
    a = leg("a", index_a, walk(seed, len(index_a)), **options)
    return prices(a, leg("b", index_b, walk(seed + 1000, len(index_b))))


def sub_calendars(seed, nobs=400):
    """Two random halves of one calendar, with tails that do not overlap."""
    rng = np.random.default_rng(seed)
    days = pd.date_range("2015-01-01", periods=nobs)
    keep = [np.flatnonzero(rng.random(nobs) < share) for share in (0.8, 0.7)]
    cut = rng.integers(0, 40, 2)
    return days[keep[0][: len(keep[0]) - cut[0]]], days[keep[1][cut[1] :]]


# ---- identities -------------------------------------------------------------------------


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_log_returns_sum_to_the_growth_of_both_legs(seed):
    both = two(*sub_calendars(seed), seed=seed)
    returns = align(both, "log")
    shared = sorted(set(both.a.values.index) & set(both.b.values.index))
    for column, one in enumerate((both.a, both.b)):
        growth = math.log(one.values[shared[-1]] / one.values[shared[0]])
        assert returns.values[:, column].sum() == pytest.approx(growth, abs=1e-12)
        product = np.prod(1.0 + align(both, "simple").values[:, column])
        assert math.log(product) == pytest.approx(growth, abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6))
def test_rows_are_counted(seed):
    index_a, index_b = sub_calendars(seed)
    returns = align(two(index_a, index_b, seed=seed))
    shared = set(index_a) & set(index_b)
    assert returns.nobs == len(shared) - 1 == len(returns.dates) == len(returns.a)
    assert returns.dropped == (len(index_a) - len(shared), len(index_b) - len(shared))
    apart = (
        sum(d < index_b[0] or d > index_b[-1] for d in index_a),
        sum(d < index_a[0] or d > index_a[-1] for d in index_b),
    )
    assert returns.outside == apart
    assert all(o <= d for o, d in zip(returns.outside, returns.dropped, strict=True))
    assert [pd.Timestamp(d) for d in returns.price_dates] == sorted(shared)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(["simple", "log"]))
def test_order_of_the_legs_swaps_the_columns(seed, kind):
    both = two(*sub_calendars(seed), seed=seed)
    one, other = align(both, kind), align(prices(both.b, both.a), kind)
    np.testing.assert_array_equal(one.values, other.values[:, ::-1])
    np.testing.assert_array_equal(one.levels, other.levels[:, ::-1])
    np.testing.assert_array_equal(one.dates, other.dates)
    assert one.dropped == other.dropped[::-1]
    assert one.outside == other.outside[::-1]
    np.testing.assert_array_equal(one.a, other.b)


def test_simple_and_log_by_a_loop():
    both = two(*sub_calendars(1), seed=1)
    shared = sorted(set(both.a.values.index) & set(both.b.values.index))
    simple, logarithmic = align(both, "simple"), align(both, "log")
    for t in range(1, len(shared)):
        for column, one in enumerate((both.a, both.b)):
            growth = one.values[shared[t]] / one.values[shared[t - 1]]
            assert simple.values[t - 1, column] == pytest.approx(growth - 1, abs=1e-15)
            assert logarithmic.values[t - 1, column] == pytest.approx(math.log(growth), abs=1e-15)
    assert simple.units == logarithmic.units == ("decimal", "decimal")
    assert (simple.kind, logarithmic.kind) == ("simple", "log")
    assert simple.day(0) == shared[1].date()
    assert simple.day(-1) == shared[-1].date()


# ---- a market of seven days against one of five -------------------------------------------


def seven_and_five(rho=0.85, years=24):
    days = pd.date_range("2000-01-01", periods=365 * years)
    rng = np.random.default_rng(3)
    z, noise = rng.standard_normal((2, len(days))) * 0.01
    a = 100 * np.exp(np.cumsum(z))
    b = 100 * np.exp(np.cumsum(rho * z + math.sqrt(1 - rho**2) * noise))
    weekday = days.day_of_week < 5
    return leg("coin", days, a), leg("fund", days[weekday], b[weekday])


def test_seven_days_against_five():
    coin, fund = seven_and_five()
    returns = align(prices(coin, fund), "log")
    assert np.corrcoef(returns.a, returns.b)[0, 1] == pytest.approx(0.85, abs=0.01)
    # What joining each leg's own returns would have given: var 1 against (1 + ... + 3) / 5.
    own = pd.concat([np.log(x.values).diff() for x in (coin, fund)], axis=1, join="inner").dropna()
    assert own.corr().iloc[0, 1] == pytest.approx(0.85 / math.sqrt(1.4), abs=0.02)
    zero_filled = pd.concat([np.log(x.values).diff() for x in (coin, fund)], axis=1).fillna(0.0)
    assert zero_filled.corr().iloc[0, 1] < 0.75
    assert returns.dropped[1] == 0
    assert returns.dropped[0] == len(coin.values) - len(fund.values)
    assert (returns.frequency, returns.periods_per_year) == ("daily", 252)


def test_a_weekend_lands_in_monday():
    coin, fund = seven_and_five(years=1)
    returns = align(prices(coin, fund), "log")
    at = int(np.flatnonzero(pd.DatetimeIndex(returns.dates).day_of_week == 0)[5])
    monday = pd.Timestamp(returns.dates[at])
    friday = monday - pd.Timedelta(days=3)
    expected = math.log(coin.values[monday] / coin.values[friday])
    assert returns.a[at] == pytest.approx(expected, abs=1e-15)


def test_two_markets_that_never_close_have_365_periods():
    days = pd.date_range("2015-01-01", periods=400)
    assert align(two(days, days)).periods_per_year == 365


# ---- units ------------------------------------------------------------------------------

DAYS = pd.bdate_range("2018-01-01", periods=100)


@pytest.mark.parametrize("returns_kind", ["simple", "log"])
@pytest.mark.parametrize(
    ("kind", "unit", "factor", "expected_unit"),
    [
        ("rate", "percent", 100.0, "bp"),
        ("spread", "percent", 100.0, "bp"),
        ("spread", "bp", 1.0, "bp"),
        ("level", "points", 1.0, "points"),
        ("level", "", 1.0, "points"),
        ("level", "index points", 1.0, "index points"),
    ],
)
def test_levels_are_differenced(returns_kind, kind, unit, factor, expected_unit):
    levels = 0.25 * np.cumsum(np.random.default_rng(1).integers(-2, 3, 100))  # through zero
    both = prices(leg("x", DAYS, levels, kind=kind, unit=unit), leg("p", DAYS, walk(2, 100)))
    returns = align(both, returns_kind)
    np.testing.assert_array_equal(returns.a, np.diff(levels) * factor)
    assert returns.units == (expected_unit, "decimal")
    assert align(prices(both.b, both.a), returns_kind).units == ("decimal", expected_unit)


def test_quality_notes_of_both_legs_are_kept():
    notes = [QualityNote("check", "note", text) for text in ("first", "second")]
    both = prices(
        leg("a", DAYS, walk(1, 100), quality=(notes[0],)),
        leg("b", DAYS, walk(2, 100), quality=(notes[1],)),
    )
    assert align(both).quality == tuple(notes)


def test_the_frame_and_its_table():
    returns = align(two(DAYS, DAYS))
    frame = returns.to_frame()
    assert list(frame.columns) == ["a", "b"]
    assert frame.index[-1] == DAYS[-1]
    assert "99 daily simple returns, 2018-01-02 to" in returns._repr_html_()


# ---- frequencies ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected", "periods"),
    [("W-WED", "weekly", 52), ("MS", "monthly", 12), ("ME", "monthly", 12), ("QS", "quarterly", 4)],
)
def test_frequencies(code, expected, periods):
    index = pd.date_range("1990-01-01", periods=100, freq=code)
    returns = align(two(index, index))
    assert returns.prices.a.frequency == expected
    assert (returns.frequency, returns.periods_per_year) == (expected, periods)
    assert returns.nobs == 99
    assert returns.dropped == (0, 0)


def test_yearly():
    index = pd.date_range("1900-12-31", periods=90, freq="YE")
    returns = align(two(index, index))
    assert (returns.frequency, returns.periods_per_year, returns.nobs) == ("yearly", 1, 89)


@pytest.mark.parametrize("dating", ["MS", "ME", "BME"])
def test_daily_meets_monthly_at_the_months_last_session(dating):
    daily = pd.bdate_range("2000-01-03", "2010-12-31")
    monthly = pd.date_range("2000-01-01", "2010-12-31", freq=dating)
    both = two(daily, monthly)
    returns = align(both, "log")
    assert (returns.frequency, returns.nobs, len(monthly)) == ("monthly", 131, 132)
    for i, (year, month) in enumerate((y, m) for y in range(2000, 2011) for m in range(1, 13)):
        inside = both.a.values.loc[f"{year}-{month:02}"]
        assert returns.levels[i, 0] == inside.iloc[-1]
        assert returns.levels[i, 1] == both.b.values.iloc[i]
        # A month's return is known when its later observation is.
        assert pd.Timestamp(returns.price_dates[i]) == max(inside.index[-1], monthly[i])
    growth = math.log(both.a.values.iloc[-1] / both.a.values.loc["2000-01"].iloc[-1])
    assert returns.a.sum() == pytest.approx(growth, abs=1e-12)
    assert returns.dropped == (0, 0)
    assert returns.outside == (0, 0)


@pytest.mark.parametrize(
    ("end", "months"),
    [("2010-12-15", 131), ("2010-12-31", 132), ("2010-12-29", 132), ("2010-12-24", 131)],
)
def test_an_unfinished_month_is_left_out(end, months):
    daily, monthly = (
        pd.bdate_range("2000-01-03", end),
        pd.date_range("2000-01-01", "2010-12-31", freq="MS"),
    )
    for both in (two(daily, monthly), two(monthly, daily)):
        assert len(align(both).price_dates) == months


def test_a_finished_month_stays_when_the_daily_leg_goes_on():
    daily = pd.bdate_range("2000-01-03", "2010-12-15")  # ends inside December
    monthly = pd.date_range("2000-01-01", "2010-06-01", freq="MS")  # ends with June
    returns = align(two(daily, monthly))
    assert returns.dates[-1] == np.datetime64("2010-06-30")
    assert len(returns.price_dates) == 126


def test_an_unfinished_quarter_of_monthly_data_is_left_out():
    monthly = pd.date_range("1980-01-01", "2010-11-01", freq="MS")
    quarterly = pd.date_range("1980-01-01", "2010-10-01", freq="QS")
    assert align(two(monthly, quarterly)).dates[-1] == np.datetime64("2010-09-01")
    whole = pd.date_range("1980-01-01", "2010-12-01", freq="MS")
    assert align(two(whole, quarterly)).dates[-1] == np.datetime64("2010-12-01")


def test_weekly_meets_monthly_and_daily():
    weekly = pd.date_range("2000-01-07", "2010-12-31", freq="W-FRI")
    monthly = pd.date_range("2000-01-01", "2010-12-01", freq="MS")
    returns = align(two(weekly, monthly))
    assert (returns.frequency, returns.dates[-1]) == ("monthly", np.datetime64("2010-12-31"))
    short = weekly[weekly <= "2010-12-17"]  # two Fridays are missing
    assert align(two(short, monthly)).dates[-1] == np.datetime64("2010-11-26")
    daily = pd.bdate_range("2000-01-03", "2010-12-31")
    returns = align(two(daily, weekly))
    assert (returns.frequency, returns.dropped) == ("weekly", (0, 0))
    assert set(pd.DatetimeIndex(returns.dates).day_of_week) == {4}


def test_rows_dropped_below_daily_are_periods():
    daily = pd.bdate_range("1995-01-02", "2010-12-31")
    monthly = pd.date_range("2000-01-01", "2012-12-31", freq="MS")
    returns = align(two(daily, monthly))
    assert returns.dropped == (60, 24)  # months
    assert returns.outside == (60, 24)  # all of them before or after the other leg


# ---- errors -----------------------------------------------------------------------------


def test_an_unknown_kind():
    with pytest.raises(InputError, match='"simple" or "log", got \'percent\''):
        align(two(DAYS, DAYS), "percent")


def test_more_rows_than_are_analysed():
    days = pd.DatetimeIndex(np.arange("1600-01-01", "1930-01-01", dtype="datetime64[D]"))
    assert align(two(days[:MAX_ROWS], days[:MAX_ROWS])).nobs == MAX_ROWS - 1
    many, some = leg("a", days, walk(1, days.size)), leg("b", days[:500], walk(2, 500))
    for made in (lambda: align(prices(some, many)), lambda: leg_returns(many)):
        with pytest.raises(InputError, match=r"csv:a has 120,530 rows; at most 120,000"):
            made()


def test_rows_whose_years_could_be_window_lengths():
    days = pd.DatetimeIndex(np.arange("1260-01-01", "1262-01-01", dtype="datetime64[D]"))
    with pytest.raises(InputError, match="begins on 1260-01-01; rows before 1600"):
        align(two(days, days))


def test_fewer_than_60_shared():
    assert MIN_SHARED == 60
    few = two(DAYS[:70], DAYS[11:])
    message = r"csv:a \(2018-01-01 to \S+\) and csv:b \(.*\) share 59 daily .* 60 are needed"
    with pytest.raises(AlignmentError, match=message) as caught:
        align(few)
    assert caught.value.exit_code == 2
    assert align(two(DAYS[:70], DAYS[10:])).nobs == 59


@pytest.mark.parametrize("code", ["D", "W", "MS", "QS", "YE"])
def test_no_shared_observation_at_all(code):
    early = pd.date_range("1700-01-01", periods=70, freq=code)
    late = pd.date_range("1900-01-01", periods=70, freq=code)
    with pytest.raises(AlignmentError, match=r"share 0 \w+ observations"):
        align(two(early, late))


def test_a_constant_leg():
    flat = leg("flat", DAYS, np.full(100, 7.0))
    for both in (
        prices(flat, leg("b", DAYS, walk(1, 100))),
        prices(leg("b", DAYS, walk(1, 100)), flat),
    ):
        with pytest.raises(DataError, match="csv:flat: the series is constant on the shared dates"):
            align(both)


def test_constant_only_where_it_is_shared():
    values = np.full(100, 7.0)
    values[:20] = 8.0
    with pytest.raises(DataError, match="constant on the shared dates"):
        align(prices(leg("flat", DAYS, values), leg("b", DAYS[20:], walk(1, 80))))


def test_the_same_values_twice():
    with pytest.raises(InputError, match="csv:a and csv:b hold the same values: the same series"):
        align(prices(leg("a", DAYS, walk(1, 100)), leg("b", DAYS, walk(1, 100))))


@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize("bad", [0.0, -37.63])
def test_prices_that_are_not_positive(kind, bad):
    values = walk(1, 100)
    values[40] = bad
    day = DAYS[40].date()
    message = f"csv:oil: the price is {bad:g} on {day}; {kind} returns need positive prices"
    for both in (
        prices(leg("oil", DAYS, values), leg("b", DAYS, walk(2, 100))),
        prices(leg("b", DAYS, walk(2, 100)), leg("oil", DAYS, values)),
    ):
        with pytest.raises(DataError, match=message) as caught:
            align(both, kind)
        assert "?kind=level" in str(caught.value)
        assert caught.value.exit_code == 2
    other = leg("oil", DAYS, values, provider="fred")
    with pytest.raises(DataError, match="begin after that date"):
        align(prices(other, leg("b", DAYS, walk(2, 100))), kind)
    level = leg("oil", DAYS, values, kind="level")
    assert align(prices(level, leg("b", DAYS, walk(2, 100))), kind).a[39] == bad - values[39]


def test_a_bad_price_that_is_not_shared_does_no_harm():
    values = walk(1, 100)
    values[40] = 0.0
    returns = align(prices(leg("a", DAYS, values), leg("b", DAYS.delete(40), walk(2, 99))))
    assert returns.nobs == 98
    assert np.isfinite(returns.values).all()


def test_legs_are_left_as_they_were():
    both = two(DAYS, DAYS[5:])
    before = [x.values.copy() for x in (both.a, both.b)]
    returns = align(both)
    returns.values[:] = 0.0
    for x, copy in zip((both.a, both.b), before, strict=True):
        pd.testing.assert_series_equal(x.values, copy)
    assert returns.day(0) == date(2018, 1, 9)


@pytest.mark.parametrize("unit", ["s", "us", "ns"])
def test_any_resolution_of_dates(unit):
    both = two(DAYS.as_unit(unit), DAYS.as_unit("ns"))
    assert align(both).nobs == 99
    assert align(both).price_dates.dtype == np.dtype("datetime64[D]")


@pytest.mark.parametrize(
    ("end", "last"),
    [("2010-12-28", "2010-12-24"), ("2010-12-30", "2010-12-31"), ("2010-12-31", "2010-12-31")],
)
def test_an_unfinished_week_is_left_out(end, last):
    daily = pd.bdate_range("2000-01-03", end)
    weekly = pd.date_range("2000-01-07", "2010-12-31", freq="W-FRI")
    assert align(two(daily, weekly)).dates[-1] == np.datetime64(last)
    # The same pair of daily legs, brought to weeks after alignment, ends in the same week.
    slower = resample(align(two(daily, daily)), "weekly")
    assert slower.dates[-1] == min(np.datetime64(last), daily[-1].to_datetime64())


@pytest.mark.parametrize(
    ("frequency", "key", "a_year"), [("weekly", "W-FRI", 52), ("monthly", "M", 12)]
)
def test_returns_at_a_frequency_by_hand(frequency, key, a_year):
    daily = pd.bdate_range("2000-01-03", "2010-12-15")  # the last week and month are not over
    both = align(two(daily, daily))
    slower = at_frequency(both, frequency)
    levels = pd.DataFrame(both.levels).groupby(daily.to_period(key)).last().iloc[:-1]
    expected = levels.to_numpy()[1:] / levels.to_numpy()[:-1] - 1.0
    assert slower.frequency == frequency
    assert np.allclose(slower.values, expected, rtol=1e-12)
    leg = at_frequency(leg_returns(both.prices.a), frequency)
    assert np.allclose(leg.values, expected[:, 0], rtol=1e-12)
    assert leg.periods_per_year == slower.periods_per_year == a_year


def test_a_frequency_that_cannot_be_had_is_refused():
    daily, monthly = DAYS, pd.date_range("2000-01-31", "2010-12-31", freq="ME")
    both = align(two(daily, daily))
    assert at_frequency(both, None) is both
    assert at_frequency(both, "daily") is both
    with pytest.raises(AlignmentError, match=r"monthly observations; at least 60 .*leave"):
        at_frequency(both, "monthly")
    with pytest.raises(InputError, match="data are monthly, and nothing weekly"):
        at_frequency(align(two(monthly, monthly)), "weekly")


# ---- changes that are one rate ------------------------------------------------------------


@pytest.mark.parametrize("kind", ["simple", "log", None])
def test_changes_by_their_definition(kind):
    levels = walk(3, 300)
    growth = levels[1:] / levels[:-1]
    expected = {"simple": growth - 1.0, "log": np.log(growth), None: np.diff(levels)}[kind]
    assert np.array_equal(changes(levels, kind), expected)


@pytest.mark.parametrize(
    ("kind", "still"),
    [
        ("simple", 100.0 * 1.0007 ** np.arange(50)),
        ("log", 100.0 * 1.0007 ** np.arange(50)),
        (None, 1e6 + 0.1 * np.arange(50)),
        ("simple", 100.0 + 1e-13 * (np.arange(50) % 3)),
    ],
)
def test_one_rate_is_one_number_and_the_rest_is_left(kind, still):
    levels = np.concatenate([still, still[-1] * walk(4, 80) / 100.0, still])
    found, plain = changes(levels, kind), changes(levels[49:130], kind)
    assert np.ptp(found[:49]) == np.ptp(found[130:]) == 0.0
    assert np.array_equal(found[49:129], plain)
    rate = {"simple": still[1] / still[0] - 1, "log": math.log(still[1] / still[0])}
    assert found[0] == pytest.approx(rate.get(kind, still[1] - still[0]), abs=1e-9)
    if np.ptp(still) < 1e-9:
        assert found[0] == 0.0


def test_equal_changes_by_chance_stay_as_they_are():
    levels = np.round(walk(5, 2000), 1)  # ties that differ in the last digit
    assert np.array_equal(changes(levels, None), np.diff(levels))


def test_a_level_beyond_a_jump_is_measured_by_itself():
    levels = np.concatenate([walk(6, 50), [1e15], walk(7, 50)])
    assert np.array_equal(changes(levels, None), np.diff(levels))


@pytest.mark.parametrize("kind", ["price", "level"])
def test_one_rate_throughout_is_refused(kind):
    index = pd.bdate_range("2015-01-01", periods=200)
    still = 100.0 * 1.001 ** np.arange(200) if kind == "price" else 5.0 + 0.1 * np.arange(200)
    for pair in (
        prices(leg("a", index, still, kind=kind), leg("b", index, walk(1, 200))),
        prices(leg("b", index, walk(1, 200)), leg("a", index, still, kind=kind)),
    ):
        with pytest.raises(DataError, match=r"^csv:a: all changes .* equal up to rounding"):
            align(pair)
