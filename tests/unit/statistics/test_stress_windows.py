"""Named stress windows."""

from __future__ import annotations

import gzip
import importlib.util
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.stability.stress_windows import (
    STRESS_WINDOWS,
    StressWindow,
    cumulative_move,
)


def embedded_sp500():
    folder = Path(importlib.util.find_spec("arch").origin).parent / "data/sp500"
    with gzip.open(folder / "sp500.csv.gz", "rt") as file:
        header, *rows = (line.strip().split(",") for line in file)
    close = header.index("Adj Close")
    days = [datetime.strptime(row[0], "%m/%d/%Y").date() for row in rows]  # noqa: DTZ007
    dates = np.array(days, dtype="datetime64[D]")
    return dates, np.array([float(row[close]) for row in rows])


def test_windows_are_in_order_and_named_once():
    assert len({w.key for w in STRESS_WINDOWS}) == len(STRESS_WINDOWS)
    starts = [w.start for w in STRESS_WINDOWS]
    assert starts == sorted(starts)
    assert all(w.start < w.end for w in STRESS_WINDOWS)


def test_known_falls_of_the_sp500():
    """Published peak-to-trough falls of the index, in per cent."""
    dates, close = embedded_sp500()
    moves = {w.key: cumulative_move(close, dates, w) for w in STRESS_WINDOWS}
    for key, percent in (
        ("dotcom", -49.1),
        ("gfc", -56.8),
        ("vol_2018", -10.2),
        ("q4_2018", -19.8),
    ):
        assert 100 * moves[key].value == pytest.approx(percent, abs=0.1)
    assert moves["gfc"].start == date(2007, 10, 9)
    assert moves["gfc"].end == date(2009, 3, 9)
    assert moves["gfc"].nobs == 355
    for key in ("crash_1987", "ltcm_1998", "covid"):
        assert isinstance(moves[key], NotComputed)


def test_ends_are_the_last_observations_on_or_before():
    dates = np.array(["2020-01-03", "2020-01-06", "2020-01-10"], dtype="datetime64[D]")
    window = StressWindow("x", "x", date(2020, 1, 5), date(2020, 1, 9))
    move = cumulative_move([100.0, 90.0, 50.0], dates, window)
    assert move.value == pytest.approx(-0.1)
    assert (move.start, move.end, move.nobs) == (date(2020, 1, 3), date(2020, 1, 6), 1)
    change = cumulative_move([3.0, 5.0, 1.0], dates, window, relative=False, unit="points")
    assert (change.value, change.unit) == (2.0, "points")


def test_reasons_and_errors():
    dates = np.array(["2020-01-03", "2020-01-06", "2020-01-10"], dtype="datetime64[D]")
    prices = [100.0, 90.0, 50.0]
    early = StressWindow("x", "x", date(2019, 1, 1), date(2020, 1, 9))
    late = StressWindow("x", "x", date(2020, 1, 5), date(2020, 2, 9))
    empty = StressWindow("x", "x", date(2020, 1, 7), date(2020, 1, 9))
    whole = StressWindow("x", "x", date(2020, 1, 3), date(2020, 1, 6))
    assert "begins after 2019-01-01" in cumulative_move(prices, dates, early).reason
    assert "ends before 2020-02-09" in cumulative_move(prices, dates, late).reason
    assert "no observation" in cumulative_move(prices, dates, empty).reason
    assert isinstance(cumulative_move([np.nan, 1.0, 2.0], dates, whole), NotComputed)
    assert isinstance(cumulative_move([-1.0, 1.0, 2.0], dates, whole), NotComputed)
    assert isinstance(cumulative_move([], dates[:0], whole), NotComputed)
    with pytest.raises(ValueError, match="dates have shape"):
        cumulative_move(prices[:2], dates, whole)
