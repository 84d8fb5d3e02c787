"""The gate: each finding from data made to show it, and none from data that are well."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from support import series_data

from convex_research.catalogue import Pair
from convex_research.core.errors import DataError, InputError
from convex_research.data import load_prices
from convex_research.data.quality import gate as quality
from convex_research.data.quality.sessions import expires, sessions
from convex_research.data.quality.values import old_end
from convex_research.data.series import Prices, QualityNote, SeriesData

XNYS_2020S = sessions("XNYS", date(2020, 1, 1), date(2025, 12, 31))


def made(
    values,
    days=None,
    *,
    name: str = "yahoo:A",
    calendar: str | None = "XNYS",
    kind: str = "price",
    category: str = "equity",
    splits: tuple = (),
) -> SeriesData:
    values = np.asarray(values, dtype=float)
    days = XNYS_2020S[: len(values)] if days is None else np.asarray(days, dtype="datetime64[D]")
    series = pd.Series(values, index=pd.DatetimeIndex(days.astype("datetime64[s]")))
    what = {"id": "A", "kind": kind, "calendar": calendar, "category": category}
    return series_data(name, series, splits=splits, **what)


def walk(n: int = 1000, seed: int = 1, scale: float = 0.01) -> np.ndarray:
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, scale, n)))


def found(series: SeriesData) -> dict[str, QualityNote]:
    return {note.check: note for note in quality.check_series(series)}


def both(a: SeriesData, b: SeriesData) -> dict[str, QualityNote]:
    pair = Pair("sample:sp500", "sample:nasdaq")
    return {note.check: note for note in quality.check(Prices(pair, a, b))}


# --- sessions ----------------------------------------------------------------------------


def test_new_york_has_135_sessions_in_the_first_half_of_2026() -> None:
    opened = sessions("XNYS", date(2026, 1, 1), date(2026, 7, 17))
    assert len(opened) == 135
    assert np.datetime64("2026-07-03") not in opened  # Independence Day, observed
    assert len(sessions("24/7", date(2026, 1, 1), date(2026, 12, 31))) == 365


def test_an_unknown_calendar_is_bad_input() -> None:
    with pytest.raises(InputError, match="no exchange calendar"):
        sessions("XXXX", date(2026, 1, 1), date(2026, 2, 1))


def test_sessions_survive_a_damaged_or_absent_cache(tmp_path, monkeypatch) -> None:
    from convex_research.data.quality import sessions as module

    monkeypatch.setenv("CONVEX_RESEARCH_CACHE", str(tmp_path))
    module._sessions.cache_clear()
    assert len(module.sessions("XNYS", date(2026, 1, 1), date(2026, 7, 17))) == 135
    [kept] = tmp_path.rglob("*.npy")
    kept.write_bytes(b"nonsense")
    module._sessions.cache_clear()
    assert len(module.sessions("XNYS", date(2026, 1, 1), date(2026, 7, 17))) == 135
    module._sessions.cache_clear()
    assert len(module.sessions("XNYS", date(2026, 1, 1), date(2026, 7, 17))) == 135


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("checked", "calendar", "until"),
    [
        ("2026-07-20T12:00", None, "2026-07-21T12:00"),
        ("2026-07-20T12:00", "FRED", "2026-07-21T12:00"),
        ("2026-07-20T12:00", "24/7", "2026-07-21T00:40"),
        ("2026-07-20T00:10", "24/7", "2026-07-20T00:40"),
        ("2026-07-20T15:00", "XNYS", "2026-07-20T22:00"),  # in the session: two hours after it
        ("2026-07-20T23:00", "XNYS", "2026-07-21T22:00"),
        ("2026-01-20T15:00", "XNYS", "2026-01-20T23:00"),  # winter time
        ("2026-07-18T12:00", "XNYS", "2026-07-19T12:00"),  # Saturday: a day at the latest
        ("2026-07-20T15:00", "XLON", "2026-07-20T17:30"),
    ],
)
def test_when_a_body_expires(checked: str, calendar: str | None, until: str) -> None:
    assert expires(at(checked), calendar) == at(until)


# --- one series --------------------------------------------------------------------------


def test_a_good_series_has_no_findings() -> None:
    assert found(made(walk())) == {}
    assert found(made(walk(), kind="level")) == {}


def test_more_rows_than_sessions_are_refused() -> None:
    days = pd.bdate_range("2021-01-01", "2022-06-30").to_numpy()
    notes = found(made(walk(len(days)), days))
    assert notes["more_rows_than_sessions"].level == "refuse"
    assert "2021 has 261 rows, but XNYS had 252 sessions" in (
        notes["more_rows_than_sessions"].message
    )
    with pytest.raises(DataError, match="261 rows"):
        quality.admitted(notes.values())


def test_a_user_s_file_without_calendar_gets_notes_only() -> None:
    days = pd.date_range("2021-01-01", "2022-06-30").to_numpy()
    notes = found(made(walk(len(days)), days, name="csv:a.csv#b", calendar=None))
    assert {n.level for n in notes.values()} == {"note"}
    assert "Saturdays and Sundays" in notes["weekend_rows"].message
    quality.admitted(notes.values())


def test_rows_on_closed_days_are_listed() -> None:
    days = np.sort(np.append(np.delete(XNYS_2020S[:500], 100), np.datetime64("2020-07-03")))
    notes = found(made(walk(500), days))
    assert "1 row on days XNYS was closed: 2020-07-03" in notes["closed_days"].message
    assert notes["missing_sessions"].level == "note"
    assert "more_rows_than_sessions" not in notes


@pytest.mark.parametrize(("holes", "level"), [([7], "note"), (range(50, 56), "warning")])
def test_missing_sessions_weigh_by_length(holes, level) -> None:
    days = np.delete(XNYS_2020S[:500], list(holes))
    assert found(made(walk(len(days)), days))["missing_sessions"].level == level


def test_everyday_calendars_miss_weekends() -> None:
    days = pd.bdate_range("2021-01-01", "2021-12-31").to_numpy()
    notes = found(made(walk(len(days)), days, calendar="24/7"))
    assert "104 sessions of 365 missing" in notes["missing_sessions"].message


def test_duplicate_dates_are_refused() -> None:
    days = np.sort(np.append(XNYS_2020S[:100], XNYS_2020S[50]))
    assert found(made(walk(101), days))["duplicates"].level == "refuse"


def test_a_tick_a_split_and_a_move_are_told_apart() -> None:
    calm = walk(400, scale=0.002)
    tick, split, move = calm.copy(), calm.copy(), calm.copy()
    tick[200] *= 1.4
    split[200:] /= 4
    move[200:] *= 0.7
    assert list(found(made(tick))) == ["bad_tick"]
    assert list(found(made(split))) == ["unadjusted_split"]
    assert list(found(made(move))) == ["large_move"]
    day = pd.Timestamp(XNYS_2020S[200]).date()
    assert str(day) in found(made(move))["large_move"].message
    assert found(made(split, splits=((day, 4.0),))) == {}
    assert found(made(move, category="crypto"))["large_move"].level == "note"
    assert found(made(move, kind="level")) == {}


def test_a_move_of_a_quarter_is_not_beyond_it() -> None:
    values = np.full(100, 100.0) + np.arange(100) * 1e-3
    values[50:] *= 1.2499
    assert "large_move" not in found(made(values))


@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_a_lasting_factor_of_a_hundred_is_a_unit_change(factor: float) -> None:
    values = walk(400)
    values[250:] *= factor
    assert found(made(values))["unit_change"].level == "refuse"
    own = found(made(values, name="csv:a.csv#b", calendar=None))["unit_change"]
    assert own.level == "refuse"
    with pytest.raises(DataError, match="accept it knowingly with --accept unit_change"):
        quality.admitted([own])
    (accepted,) = quality.admitted([own], ["unit_change"])
    assert accepted.level == "warning"
    assert accepted.message == f"{own.message} Accepted by the user."
    with pytest.raises(InputError, match="unknown check to accept 'nothing'; known are bad_tick"):
        quality.admitted([own], ["nothing"])
    rates = 4 + np.cumsum(np.random.default_rng(2).normal(0, 0.02, 400))
    rates[250:] /= 100
    assert "unit_change" in found(made(rates, kind="rate", calendar="FRED"))


@pytest.mark.parametrize(
    ("factor", "kind", "words"),
    [
        (1e300, "price", r"e\+302 on"),
        (1e300, "level", r"e\+302 on"),
        (1e-300, "price", "e-298 on"),
        (1e-300, "level", "e-298 on"),
    ],
)
@pytest.mark.parametrize("name", ["yahoo:A", "csv:a.csv#b"])
def test_sizes_that_arithmetic_cannot_hold_are_refused_in_any_file(factor, kind, words, name):
    series = made(walk() * factor, name=name, kind=kind, calendar=None)
    (note,) = quality.check_series(series)
    assert (note.check, note.level) == ("out_of_range", "refuse")
    assert re.search(words, note.message)
    other = made(walk(seed=2), name="csv:other.csv#b", calendar=None)
    assert both(other, series)["out_of_range"] == note
    with pytest.raises(DataError, match=re.escape(name)):
        quality.admitted(quality.check_series(series))


@pytest.mark.parametrize("factor", [1e7, 1e-7])
def test_a_step_beyond_a_million_is_refused_and_a_smaller_one_is_a_tick(factor) -> None:
    values = walk()
    values[500] *= factor
    note = found(made(values, name="csv:a.csv#b", calendar=None))["out_of_range"]
    assert (note.level, note.message.count(str(XNYS_2020S[500]))) == ("refuse", 1)
    values[500] *= 100.0 / factor
    assert "out_of_range" not in found(made(values, name="csv:a.csv#b", calendar=None))
    assert "out_of_range" not in found(made([0.0, *values], kind="level"))


def test_one_bad_tick_of_a_hundred_is_no_unit_change() -> None:
    values = walk(400)
    values[250] *= 100
    assert list(found(made(values))) == ["bad_tick"]


def test_frozen_prices_are_told_and_frozen_rates_are_not() -> None:
    values = walk(300)
    values[100:106] = values[100]
    assert "6 times running" in found(made(values))["frozen_price"].message
    assert found(made(values, kind="rate", calendar="FRED")) == {}
    values = walk(300)
    values[100:104] = values[100]
    assert found(made(values)) == {}


def test_mixed_frequencies_are_refused() -> None:
    months = pd.date_range("2010-01-01", "2019-12-01", freq="MS").to_numpy()
    days = np.concatenate([months.astype("datetime64[D]"), XNYS_2020S])
    notes = found(made(walk(len(days)), days, calendar=None))
    assert notes["mixed_frequency"].level == "refuse"
    assert "monthly in 2011 to 2019, daily in 2020 to 2024" in notes["mixed_frequency"].message


@pytest.mark.parametrize(
    ("days", "calendar", "kind", "old"),
    [
        (7, "XNYS", "daily", False),
        (8, "XNYS", "daily", True),
        (14, "FRED", "daily", False),
        (15, "FRED", "daily", True),
    ],
)
def test_an_old_end_is_told(days, calendar, kind, old) -> None:
    series = made(walk(300), calendar=calendar)
    retrieved = date.fromordinal(series.provenance.end.toordinal() + days)
    assert bool(old_end(series, retrieved)) is old


def test_monthly_series_may_be_two_months_old() -> None:
    months = pd.date_range("2020-01-01", "2026-05-01", freq="MS").to_numpy()
    series = made(np.arange(len(months)) + 1.0, months, calendar="FRED")
    assert old_end(series, date(2026, 7, 10)) == []
    assert old_end(series, date(2026, 9, 10)) != []


# --- two series --------------------------------------------------------------------------


def test_rows_filled_in_on_both_legs_are_found() -> None:
    a, b = walk(500), walk(500, seed=2)
    assert both(made(a), made(b, name="yahoo:B")) == {}
    a[200:204], b[200:204] = a[200], b[200]
    note = both(made(a), made(b, name="yahoo:B"))["both_unchanged"]
    assert note.level == "warning"
    assert "3 of 499 days" in note.message
    assert "up to 3 running" in note.message


def test_one_shared_still_day_is_a_note() -> None:
    a, b = walk(500), walk(500, seed=2)
    a[200], b[200] = a[199], b[199]
    assert both(made(a), made(b, name="yahoo:B"))["both_unchanged"].level == "note"


def test_legs_that_end_apart() -> None:
    a, b = made(walk(500)), made(walk(490, seed=2), name="yahoo:B")
    assert "yahoo:B ends" in both(a, b)["ends_apart"].message
    assert "ends_apart" not in both(a, made(walk(497, seed=2)))


def test_snapshots_before_the_close_show_as_a_day_s_lag() -> None:
    """Quarter-day returns; one leg is taken at the close, the other half a day earlier."""
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.005, 4 * 1000)
    a, b = (np.cumsum(market + rng.normal(0, 0.002, 4000)) for _ in range(2))
    closes = made(np.exp(a[3::4])), made(np.exp(b[3::4]), name="yahoo:B")
    assert both(*closes) == {}
    snapshot = made(np.exp(b[1::4]), name="yahoo:B")
    note = both(closes[0], snapshot)["not_simultaneous"]
    assert note.level == "warning"
    assert "yahoo:B" in note.message
    # Whoever is sampled earlier follows: its day holds half of the other's day before.
    assert "yahoo:B follows yahoo:A" in note.message


def test_dates_a_day_late_are_said_where_no_calendar_is_known() -> None:
    rng = np.random.default_rng(6)
    a, b = (np.exp(np.cumsum(rng.normal(0, 0.01, (2, 1001)), axis=1)) for _ in range(2))
    right = [
        made(values, name=f"file:{name}.csv#x", calendar=None)
        for name, values in (("a", a[0][1:]), ("b", (a[0] * b[0])[1:]))
    ]
    assert both(*right) == {}
    late = made((a[0] * b[0])[:-1], name="file:b.csv#x", calendar=None)
    note = both(right[0], late)["not_simultaneous"]
    assert note.level == "warning"
    assert "file:b.csv#x follows file:a.csv#x by a day" in note.message
    assert "its dates are a day late, or its closes hours earlier" in note.message
    tokyo = made((a[0] * b[0])[:-1], name="yahoo:B", calendar="XTKS")
    assert "not_simultaneous" not in both(made(a[0][1:]), tokyo)


def test_one_outlier_makes_no_lag() -> None:
    a, b = walk(500), walk(500, seed=2)
    a[100:], b[101:] = a[100:] * 0.8, b[101:] * 0.8
    assert both(made(a), made(b, name="yahoo:B")) == {}


@pytest.mark.parametrize(
    ("a", "b"), [("sp500", "nasdaq"), ("sp500", "vix"), ("sp500", "wti"), ("wti", "vix")]
)
def test_the_embedded_sample_passes(a: str, b: str) -> None:
    notes = quality.check(load_prices(Pair(f"sample:{a}", f"sample:{b}")))
    assert {n.level for n in notes} == {"note"}
    assert {n.check for n in notes} <= {"embedded_sample", "large_move"}


def own_file(values, days) -> dict:
    return found(made(values, days, name="file:a.csv#b", calendar=None))


def test_days_that_are_all_one_off_are_refused() -> None:
    days = pd.bdate_range("2021-01-04", periods=300)
    early = own_file(walk(300), (days - pd.Timedelta(days=1)).to_numpy())["misdated"]
    assert early.level == "refuse"
    assert "20 % of its rows are on Saturdays and Sundays and none on Fridays" in early.message
    late = own_file(walk(300), (days + pd.Timedelta(days=1)).to_numpy())["misdated"]
    assert "none on Mondays" in late.message
    every_day = pd.date_range("2021-01-04", periods=300).to_numpy()
    assert set(own_file(walk(300), every_day)) == {"weekend_rows"}
    assert own_file(walk(300), days.to_numpy()) == {}


def test_a_file_of_returns_is_not_taken_for_levels() -> None:
    days = pd.bdate_range("2021-01-04", periods=300).to_numpy()
    moves = 0.01 * np.random.default_rng(5).standard_normal(300)
    for kind in ("price", "level"):
        notes = found(made(moves, days, name="file:a.csv#b", kind=kind, calendar=None))
        assert notes["looks_like_returns"].level == "refuse"
        assert "?kind=return" in notes["looks_like_returns"].message
    spread = np.cumsum(moves)  # through zero, and each day like the one before
    assert "looks_like_returns" not in found(
        made(spread, days, name="file:a.csv#b", kind="spread", calendar=None)
    )
    growth = found(made(moves, days, name="fred:GROWTH", kind="rate", calendar="FRED"))
    assert "looks_like_returns" not in growth


def test_a_tick_that_doubles_and_is_undone_is_refused_and_a_smaller_one_is_not() -> None:
    days = pd.bdate_range("2021-01-04", periods=300).to_numpy()
    for factor, level in ((10.0, "refuse"), (0.1, "refuse"), (1.4, "warning")):
        values = walk(300)
        values[150] *= factor
        assert own_file(values, days)["bad_tick"].level == level


def test_a_gap_of_weeks_is_said() -> None:
    days = np.delete(pd.bdate_range("2021-01-04", periods=300).to_numpy(), slice(100, 140))
    (note,) = own_file(walk(260), days).values()
    assert (note.check, note.level) == ("gap", "warning")
    assert "no rows from 2021-05-21 to 2021-07-19: the move over each gap counts" in note.message
