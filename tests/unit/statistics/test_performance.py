"""Horizons on the calendar, ranges, growth, drawdown and capture, by hand and by loops."""

from __future__ import annotations

import calendar
import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.single import performance as perf
from convex_research.statistics.single.episodes import underwater

MONTHS = {"1m": 1, "3m": 3, "1y": 12, "5y": 60}


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def weekdays(first, last):
    every = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return every[np.is_busday(every)]


def months_back(day, months):
    """Same day of an earlier month, or its last, on the standard library's calendar."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# ---- horizons ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("end", "horizon", "start"),
    [
        ("2018-12-31", "1d", "2018-12-28"),  # over a weekend
        ("2018-12-31", "5d", "2018-12-24"),
        ("2018-12-31", "1m", "2018-11-30"),  # no 31 November
        ("2018-12-31", "3m", "2018-09-28"),  # 30 September is a Sunday
        ("2018-12-31", "ytd", "2017-12-29"),
        ("2018-12-31", "1y", "2017-12-29"),
        ("2018-12-31", "5y", "2013-12-31"),
        ("2016-02-29", "1y", "2015-02-27"),  # 28 February 2015 is a Saturday
        ("2016-02-29", "5y", "2011-02-28"),
        ("2016-03-29", "1m", "2016-02-29"),
        ("2016-03-31", "1m", "2016-02-29"),
        ("2015-03-31", "1m", "2015-02-27"),
        ("2017-02-28", "1y", "2016-02-26"),  # 28 February 2016 is a Sunday
        ("2018-01-02", "ytd", "2017-12-29"),
        ("2018-01-01", "ytd", "2017-12-29"),
        ("2018-01-31", "3m", "2017-10-31"),
    ],
)
def test_horizons_of_daily_data(end, horizon, start):
    dates = weekdays("2010-01-01", end)
    assert dates[perf.start_of_horizon(dates, horizon)] == np.datetime64(start)


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2030, 12, 31)), st.sampled_from(sorted(MONTHS)), st.data())
def test_months_are_those_of_the_calendar(end, horizon, data):
    gaps = data.draw(st.lists(st.integers(1, 9), min_size=300, max_size=300))
    back = np.cumsum([0, *gaps])[::-1]
    dates = [end - timedelta(days=int(k)) for k in back]
    target = months_back(end, MONTHS[horizon])
    expected = [i for i, day in enumerate(dates) if day <= target]
    found = perf.start_of_horizon(np.array(dates, dtype="datetime64[D]"), horizon)
    assert found == (expected[-1] if expected else None)


@pytest.mark.parametrize("horizon", perf.HORIZONS)
def test_a_series_that_does_not_reach_back(horizon):
    dates = days("2018-06-14", "2018-06-15")
    at = perf.start_of_horizon(dates, horizon)
    assert at == (0 if horizon == "1d" else None)
    result = perf.change([1.0, 2.0], dates, horizon, relative=True)
    if horizon != "1d":
        assert result == NotComputed(Missing.TOO_SHORT, f"the series is shorter than {horizon}")
    assert isinstance(perf.change([1.0], dates[:1], horizon, relative=True), NotComputed)


@pytest.mark.parametrize("dating", ["first", "last", "last session"])
def test_horizons_of_monthly_data_count_months(dating):
    months = np.arange("2010-01", "2018-10", dtype="datetime64[M]")
    dates = {
        "first": months.astype("datetime64[D]"),
        "last": (months + 1).astype("datetime64[D]") - 1,
        "last session": np.busday_offset((months + 1).astype("datetime64[D]"), -1, roll="forward"),
    }[dating]
    for horizon, count in MONTHS.items():
        assert perf.start_of_horizon(dates, horizon) == len(dates) - 1 - count
    assert perf.start_of_horizon(dates, "ytd") == len(dates) - 10


def test_quarterly_data_have_no_change_over_a_month():
    dates = np.arange("2010-01", "2018-11", 3, dtype="datetime64[M]").astype("datetime64[D]")
    levels = np.arange(len(dates), dtype=float) + 100.0
    reason = perf.change(levels, dates, "1m", relative=False)
    assert reason == NotComputed(
        Missing.NOT_IN_SAMPLE, "the series has no observation 1m before its last"
    )
    assert perf.change(levels, dates, "3m", relative=False).value == 1.0
    assert perf.change(levels, dates, "1y", relative=False).value == 4.0


def test_changes():
    dates = weekdays("2017-12-01", "2018-02-05")
    levels = np.linspace(100.0, 120.0, len(dates))
    levels[-6], levels[-1] = 80.0, 90.0
    up = perf.change(levels, dates, "5d", relative=True)
    assert (up.value, up.nobs, up.unit) == (pytest.approx(0.125), 5, "decimal")
    moved = perf.change(levels, dates, "5d", relative=False, unit="points")
    assert (moved.value, moved.unit) == (10.0, "points")
    assert moved.low is None
    assert moved.confidence_level is None
    assert perf.change(levels, dates, "ytd", relative=True).nobs == 26
    assert perf.last(levels, unit="USD").value == 90.0


# ---- 52 weeks ---------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["low", "high"])
def test_52_weeks_by_a_loop(side):
    dates = weekdays("2016-01-01", "2018-12-31")
    levels = np.exp(np.cumsum(np.random.default_rng(1).standard_normal(len(dates)) * 0.01))
    inside = [i for i, d in enumerate(dates) if (dates[-1] - d).astype(int) <= 364]
    pick = min if side == "low" else max
    expected = pick(inside, key=lambda i: levels[i])
    estimate, at = perf.extreme_of_year(levels, dates, side, unit="USD")
    assert (estimate.value, at, estimate.nobs) == (levels[expected], expected, len(inside))
    assert estimate.unit == "USD"


def test_52_weeks_to_the_day():
    dates = days("2017-01-01", "2017-01-02", "2017-12-31")  # 364 days from the first
    assert perf.extreme_of_year([1.0, 2.0, 3.0], dates, "low")[0].value == 1.0
    estimate, _ = perf.extreme_of_year([1.0, 2.0], dates[1:], "low")
    assert estimate == NotComputed(Missing.TOO_SHORT, "the series is shorter than 52 weeks")
    dates = days("2016-12-31", "2017-01-02", "2017-12-31")
    assert perf.extreme_of_year([1.0, 2.0, 3.0], dates, "low")[0].value == 2.0


# ---- growth -----------------------------------------------------------------------------


def test_cagr_of_doubling_in_four_years():
    dates = np.datetime64("2015-01-01") + np.arange(1462)  # 1461 days are four years of 365.25
    wobble = np.sin(np.arange(1462)) * 0.01
    wobble[[0, -1]] = 0.0
    prices = 50.0 * 2.0 ** (np.arange(1462) / 1461) * np.exp(wobble)
    e = perf.cagr(prices, dates)
    assert e.value == pytest.approx(2**0.25 - 1, rel=1e-12)
    assert e.low < e.value < e.high
    assert (e.nobs, e.unit) == (1461, "decimal a year")


def test_cagr_does_not_depend_on_how_often_prices_are_seen():
    dates = np.datetime64("2015-01-01") + np.arange(1462)
    prices = np.exp(np.cumsum(np.random.default_rng(2).standard_normal(1462) * 0.01))
    expected = (prices[-1] / prices[0]) ** (1 / 4) - 1
    for step in (1, 3, 487 // 25):
        part = np.r_[0 : len(dates) - 1 : step, len(dates) - 1]
        assert perf.cagr(prices[part], dates[part]).value == pytest.approx(expected, rel=1e-11)


def test_cagr_interval_by_hand():
    n = 600
    dates = np.datetime64("2015-01-01") + np.arange(n + 1)
    steps = np.random.default_rng(3).standard_normal(n) * 0.01
    e = perf.cagr(np.exp(np.r_[0.0, np.cumsum(steps)]), dates)
    lag = math.floor(1.3 * math.sqrt(n))
    u = steps - steps.mean()
    omega = u @ u + sum(2 * (1 - j / (lag + 1)) * (u[j:] @ u[:-j]) for j in range(1, lag + 1))
    b = (lag + 1) / n
    half = (1.96 + 2.9694 * b + 0.4160 * b**2 - 0.5324 * b**3) * math.sqrt(omega) / n
    a_year = n / (n / 365.25)
    assert math.log1p(e.high) == pytest.approx(a_year * (steps.mean() + half), rel=1e-9)
    assert math.log1p(e.low) == pytest.approx(a_year * (steps.mean() - half), rel=1e-9)
    slope = a_year * (1 + e.value)
    assert e.std_error == pytest.approx(slope * math.sqrt(omega) / n, rel=1e-9)


def test_cagr_reasons():
    dates = np.datetime64("2015-01-01") + np.arange(60)
    prices = 100.0 + np.sin(np.arange(60))
    assert "positive" in perf.cagr(prices - 100.0, dates).reason
    assert "at least 30" in perf.cagr(prices[:30], dates[:30]).reason
    assert "does not move" in perf.cagr(np.full(60, 100.0), dates).reason
    assert "missing" in perf.cagr(np.where(prices > 100.9, np.nan, prices), dates).reason
    wild = np.exp(np.cumsum(5.0 + np.sin(np.arange(60))))
    assert "too short and wild" in perf.cagr(wild, dates).reason
    jumped = np.where(np.arange(60) < 30, prices, 1e4 * prices)
    assert "too short and wild" in perf.cagr(jumped, dates).reason
    assert perf.cagr(1.0 / wild, dates).high == pytest.approx(-1.0)  # a fall has a bottom


# ---- drawdown ---------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.integers(1, 50), min_size=1, max_size=40))
def test_drawdowns_by_the_double_loop(numbers):
    prices = np.array(numbers, dtype=float)
    falls = [min(p / q - 1.0 for q in prices[: t + 1]) for t, p in enumerate(prices)]
    np.testing.assert_allclose(underwater(prices), falls, rtol=0, atol=1e-15)
    deepest = perf.max_drawdown(prices)
    assert deepest.depth == pytest.approx(min(falls), abs=1e-15)
    assert 0 <= deepest.peak <= deepest.trough < len(prices)
    assert prices[deepest.trough] / prices[deepest.peak] - 1.0 == pytest.approx(deepest.depth)
    assert prices[deepest.peak] == prices[: deepest.trough + 1].max()


def test_drawdown_by_hand():
    assert perf.max_drawdown([100, 120, 90, 130, 104, 125]) == (90 / 120 - 1, 1, 2)
    assert perf.max_drawdown([100, 120, 90, 130, 78, 125]) == (78 / 130 - 1, 3, 4)
    rising = perf.max_drawdown([1, 2, 3])
    assert rising.depth == 0.0
    assert rising.peak == rising.trough
    assert (underwater([1e-12, 1e12, 1.0]) == [0.0, 0.0, -1.0 + 1e-12]).all()


# ---- capture ----------------------------------------------------------------------------


def test_capture_by_hand():
    # Up days of B: A gains 2 and 4 % on +2 and +4 %; down days: A loses 1 and 0 on -2 and -2 %.
    b = np.tile([0.02, -0.02, 0.0, 0.04, -0.02], 20)
    a = np.tile([0.02, -0.01, 0.5, 0.01, 0.0], 20)
    up, down = perf.capture(a, b, "up"), perf.capture(a, b, "down")
    assert up.value == pytest.approx(0.03 / 0.06)
    assert down.value == pytest.approx(0.01 / 0.04)
    assert (up.nobs, down.nobs) == (40, 40)  # the flat day belongs to neither
    assert up.method.startswith("ratio of means")


def test_capture_interval_by_a_loop():
    rng = np.random.default_rng(4)
    b, noise = rng.standard_normal((2, 300)) * 0.01
    a = 0.8 * b + 0.5 * noise
    e = perf.capture(a, b, "down")
    n, lag = 300, math.floor(1.3 * math.sqrt(300))
    ups = [t for t in range(n) if b[t] < 0]
    ratio = sum(a[t] for t in ups) / sum(b[t] for t in ups)
    mean_b = sum(b[t] for t in ups) / n
    score = [(a[t] - ratio * b[t]) / mean_b if b[t] < 0 else 0.0 for t in range(n)]
    centre = sum(score) / n
    omega = 0.0
    for s in range(n):
        for t in range(n):
            weight = max(0.0, 1.0 - abs(s - t) / (lag + 1))
            omega += weight * (score[s] - centre) * (score[t] - centre)
    assert e.value == pytest.approx(ratio, rel=1e-12)
    assert e.std_error == pytest.approx(math.sqrt(omega) / n, rel=1e-9)
    assert e.low < ratio < e.high


def test_capture_of_itself_is_one_and_scales():
    b = np.random.default_rng(5).standard_normal(200) * 0.01
    a = b + np.random.default_rng(6).standard_normal(200) * 0.005
    for side in ("up", "down"):
        assert perf.capture(b, b, side).value == pytest.approx(1.0)
        one, other = perf.capture(a, b, side), perf.capture(3e12 * a, 1e12 * b, side)
        assert [other.value, other.std_error, other.low, other.high] == pytest.approx(
            [3 * v for v in (one.value, one.std_error, one.low, one.high)]
        )


def test_capture_reasons():
    a = np.random.default_rng(7).standard_normal(100)
    few = perf.capture(a, np.r_[np.ones(29), -np.arange(1.0, 72.0)], "up")
    assert few == NotComputed(Missing.TOO_SHORT, "needs 30 up moves of {benchmark}, has 29")
    assert isinstance(perf.capture(a, np.r_[np.ones(30), -np.arange(1.0, 71.0)], "up"), Estimate)
    assert "does not move" in perf.capture(a, np.ones(100), "up").reason
    assert "at least 30" in perf.capture(a[:20], a[:20], "up").reason


# ---- relative strength --------------------------------------------------------------------


def test_relative_strength_by_hand():
    a, b = [50.0, 100.0, 110.0, 150.0], [9.0, 10.0, 7.0, 12.0]
    e = perf.relative_strength(a, b, 2)
    assert e.value == pytest.approx(1.5 / 1.2 - 1.0)
    assert e.nobs == 2
    assert perf.relative_strength(a, b, 4) == NotComputed(
        Missing.TOO_SHORT, "needs 4 observations, there are 3"
    )
    assert "positive" in perf.relative_strength([0.0, 1.0], [1.0, 1.0], 1).reason
    assert "positive" in perf.relative_strength([1.0, np.nan], [1.0, 1.0], 1).reason
    with pytest.raises(ValueError, match="at least 1"):
        perf.relative_strength(a, b, 0)
