"""A row dated in the future refuses its series, wherever it comes from; snapshots know no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from convex_research.catalogue import Pair
from convex_research.core.errors import DataError
from convex_research.data import clock, load_helpers, load_series, write_snapshot
from convex_research.data.cache.snapshot import SNAPSHOT_VARIABLE

NOON = datetime(2026, 7, 20, 12, tzinfo=UTC)
LAST = "2026-07-17"
SENTINELS = ("2026-07-22", "2099-01-01", "2262-04-11", "2262-04-12", "9999-12-31")


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def write(apart, tmp_path):
    def make(*days, name="prices.csv"):
        rows = [f"{day},{i + 1}.5\n" for i, day in enumerate(("2026-07-15", "2026-07-16", *days))]
        (tmp_path / name).write_text("date,close\n" + "".join(rows))
        return f"csv:{tmp_path / name}"

    return make


@pytest.mark.parametrize("day", SENTINELS)
def test_a_row_in_the_future_refuses_a_file(write, day):
    symbol = write(LAST, day)
    with pytest.raises(DataError, match=rf"csv:prices.csv: row 5 is dated {day}, in the future"):
        load_series(symbol)
    with pytest.raises(DataError, match="--as-of"):
        load_series(symbol, end=day)
    assert load_series(symbol, end="2026-07-21").provenance.end == date.fromisoformat(LAST)


def test_the_row_counts_rows_without_a_value(write, tmp_path):
    symbol = write(LAST)
    with (tmp_path / "prices.csv").open("a") as file:
        file.write("2026-07-18,\n2030-01-01,3\n9999-12-31,4\n")
    with pytest.raises(DataError, match="row 6 is dated 2030-01-01"):
        load_series(symbol)
    assert load_series(symbol, end="2029-12-31").provenance.rows == 3


def test_a_day_in_the_future_without_a_value_is_no_row(write, tmp_path):
    symbol = write(LAST)
    with (tmp_path / "prices.csv").open("a") as file:
        file.write("2099-01-01,\n")
    assert load_series(symbol).provenance.end == date.fromisoformat(LAST)


def test_somewhere_it_is_tomorrow_already(write):
    assert load_series(write("2026-07-21")).provenance.end == date(2026, 7, 21)


BODIES = {
    "fred:DGS10": ("observation_date,DGS10\n2026-07-16,4.1\n{},4.2\n", "%Y-%m-%d"),
    "cboe:SKEW": ("DATE,SKEW\n07/16/2026,140.25\n{},141.25\n", "%m/%d/%Y"),
    "stooq:^spx": (
        "Date,Open,High,Low,Close,Volume\n2026-07-16,1,1,1,6.5,9\n{},1,1,1,7.5,9\n",
        "%Y-%m-%d",
    ),
}


@pytest.mark.parametrize("day", [date(2099, 1, 1), date(9999, 12, 31)])
@pytest.mark.parametrize("symbol", BODIES)
def test_a_row_in_the_future_refuses_what_a_source_or_the_cache_gives(
    host, monkeypatch, symbol, day
):
    body, form = BODIES[symbol]
    host.reply = (200, body.format(day.strftime(form)).encode(), {})
    for offline in (False, True):
        with pytest.raises(DataError, match=f"a row is dated {day}, in the future"):
            load_series(symbol, offline=offline)
        assert load_series(symbol, end="2026-07-20", offline=offline).provenance.rows == 1


def test_a_snapshot_was_dated_when_it_was_written(write, tmp_path, monkeypatch):
    symbol = write(LAST, "2026-12-24")
    write_snapshot([symbol], tmp_path / "early")
    monkeypatch.setattr(clock, "now", lambda: datetime(2027, 1, 1, tzinfo=UTC))
    write_snapshot([symbol], tmp_path / "late")
    assert load_series(symbol).provenance.end == date(2026, 12, 24)
    monkeypatch.setenv(SNAPSHOT_VARIABLE, str(tmp_path / "early"))
    with pytest.raises(DataError, match="row 5 is dated 2026-12-24, in the future"):
        load_series(symbol)
    assert load_series(symbol, end="2026-12-23").provenance.end == date.fromisoformat(LAST)
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setenv(SNAPSHOT_VARIABLE, str(tmp_path / "late"))
    assert load_series(symbol).provenance.end == date(2026, 12, 24)


def test_a_helper_with_a_row_in_the_future_is_absent(host):
    host.replies["/SPY"] = (404, b"{}", {})
    host.reply = (200, b"observation_date,X\n2026-07-16,4.1\n2099-01-01,4.2\n", {})
    pair = Pair("cboe:SKEW", "cboe:VIX")
    assert "yield_10y" not in load_helpers(pair)
    assert "yield_10y" in load_helpers(pair, end="2026-07-20")
