"""Values that a market does not make: ticks, splits, units, mixed frequencies, old ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.catalogue.symbols import FILES, as_option
from convex_research.core import formatting as fmt
from convex_research.core.arrays import longest_run
from convex_research.data.quality.sessions import has_sessions
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from convex_research.data.series import Level, SeriesData

__all__ = ["old_end", "value_notes"]

_LARGE = 0.25  # the largest daily loss of the S&P 500 is 20.5 %
_HUNDRED = np.log(100.0)
_NEAR = 0.35  # in logs: a factor between 70 and 142
_SPLITS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 50.0)
_UNSPLIT = {"commodity", "crypto", "currency", "macro"}  # they have no shares to split
_SPLIT_NEAR = 0.03  # in logs; a split day has a return of its own
_SIZE = 1e30  # fourth powers of it and of its inverse are still numbers
_STEP = 1e6  # beyond it all other changes of a price are lost beside this one
_DOUBLE = np.log(2.0)  # what doubles or halves and is back the day after is no price
_ENOUGH, _LIKE_BEFORE, _TINY = 40, 0.5, 1e-300  # levels repeat themselves by .9 and more
_UNCHANGED = 5  # closes to the cent repeat once or twice, not for a week
# The longest ordinary wait for the next observation, in days, by frequency.
_WAITS = {"daily": 14, "weekly": 21, "monthly": 80, "quarterly": 200, "yearly": 550}
_EXCHANGE_WAIT = 7


def value_notes(series: SeriesData) -> list[QualityNote]:
    """Large moves, unit changes, frozen values, mixed frequency, what arithmetic cannot hold."""
    values = series.values.to_numpy()
    if beyond := _beyond(series, values):
        return beyond
    notes = _mixed(series)
    if len(values) < 3:
        return notes
    notes += _returns(series, values) + _unit_change(series, values)
    if series.instrument.kind == "price" and series.frequency == "daily":
        notes += _large_moves(series, values) + _frozen(series, values)
    return notes


def old_end(series: SeriesData, retrieved: date) -> list[QualityNote]:
    """Whether the last observation, before any bound, was old when the source was last asked."""
    wait = _WAITS[series.frequency]
    if series.frequency == "daily" and has_sessions(series.instrument.calendar):
        wait = _EXCHANGE_WAIT
    last = series.provenance.end
    if retrieved - last <= timedelta(days=wait):
        return []
    message = (  # no count of days: a page must not change with the day it is built
        f"{series.provenance.symbol}: the last observation, {last}, was more than {wait} days "
        "old when the source was last asked."
    )
    return [QualityNote("old_last_date", "warning", message)]


def _beyond(series: SeriesData, values: Any) -> list[QualityNote]:
    """Sizes whose powers overflow and steps of a price that no market makes, in any file."""
    is_price, sizes = series.instrument.kind == "price", np.abs(values)
    bad = sizes > _SIZE
    if is_price or 0.0 < sizes.max() < 1.0 / _SIZE:
        bad |= (sizes > 0.0) & (sizes < 1.0 / _SIZE)
    if bad.any():
        at = int(np.argmax(bad))
        message = (
            f"{series.provenance.symbol}: {values[at]:g} on {_day(series, at)} cannot be computed "
            f"with; a unit is needed in which sizes lie between {1.0 / _SIZE:g} and {_SIZE:g}."
        )
        return [QualityNote("out_of_range", "refuse", message)]
    if is_price and sizes.size > 1 and values.min() > 0.0:
        far = np.abs(np.diff(np.log(values))) > np.log(_STEP)
        if far.any():
            at = int(np.argmax(far)) + 1
            message = (
                f"{series.provenance.symbol}: the price goes from {values[at - 1]:g} to "
                f"{values[at]:g} on {_day(series, at)}, by a factor beyond {_STEP:g}; correct it, "
                "or begin after that date."
            )
            return [QualityNote("out_of_range", "refuse", message)]
    return []


def _returns(series: SeriesData, values: Any) -> list[QualityNote]:
    """A file's values of both signs of which none resembles the one before: changes already."""
    own = series.provenance.provider in FILES
    if not own or len(values) < _ENOUGH or not values.min() < 0.0 < values.max():
        return []
    share, centred = float(np.mean(values < 0.0)), values - values.mean()
    repeated = float(centred[1:] @ centred[:-1]) / max(float(centred @ centred), _TINY)
    if not 0.2 < share < 0.8 or repeated > _LIKE_BEFORE:
        return []
    message = (
        f"{series.provenance.symbol}: {100 * share:.0f} % of its values are negative, and none "
        "resembles the one before: they look like returns; say so with "
        f"{as_option(series.provenance.symbol, 'kind', 'return')}."
    )
    return [QualityNote("looks_like_returns", "refuse", message)]


def _mixed(series: SeriesData) -> list[QualityNote]:
    """Years of one frequency beside years of another; the first and last may be partial."""
    days = series.values.index.to_numpy().astype("datetime64[D]")
    years, rows = np.unique(days.astype("datetime64[Y]").astype(int) + 1970, return_counts=True)
    bands = (("daily", 150, 400), ("weekly", 40, 60), ("monthly", 10, 14), ("quarterly", 3, 5))
    found: dict[str, list[int]] = {}
    for year, count in zip(years[1:-1], rows[1:-1], strict=True):
        band = next((name for name, low, high in bands if low <= count <= high), None)
        if band is not None:
            found.setdefault(band, []).append(int(year))
    if len(found) < 2:
        return []
    parts = ", ".join(f"{name} in {_years(which)}" for name, which in found.items())
    message = f"{series.provenance.symbol} mixes frequencies: {parts}; start after the change."
    return [QualityNote("mixed_frequency", "refuse", message)]


def _years(which: list[int]) -> str:
    return str(which[0]) if len(which) == 1 else f"{which[0]} to {which[-1]}"


def _unit_change(series: SeriesData, values: Any) -> list[QualityNote]:
    """A lasting step by a factor of about a hundred: pence for pounds, percent for parts."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.log(values[1:] / values[:-1])
    notes = []
    for at in np.flatnonzero(np.abs(np.abs(steps) - _HUNDRED) < _NEAR) + 1:
        before, after = np.median(values[max(0, at - 10) : at]), np.median(values[at : at + 10])
        if len(values[at:]) < 3 or before * after <= 0:
            continue
        lasting = np.sign(steps[at - 1]) * np.log(after / before)
        if abs(lasting - _HUNDRED) < 2 * _NEAR:
            day = _day(series, at)
            message = (
                f"{series.provenance.symbol}: values change by a factor of "
                f"{np.exp(abs(steps[at - 1])):.0f} on {day} and stay there: the unit changed."
            )
            notes.append(QualityNote("unit_change", "refuse", message))
    return notes[:3]


def _large_moves(series: SeriesData, values: Any) -> list[QualityNote]:
    """Moves beyond 25 % on days without a split; those that undo themselves are ticks."""
    if np.any(values <= 0):
        return []
    moves = values[1:] / values[:-1] - 1.0
    split_days = {day for day, _ in series.splits}
    at = [
        i for i in np.flatnonzero(np.abs(moves) > _LARGE) if _day(series, i + 1) not in split_days
    ]
    if not at:
        return []
    logs = np.log1p(moves)
    ticks = [i for i in at if i + 1 < len(logs) and abs(logs[i] + logs[i + 1]) < abs(logs[i]) / 4]
    undone = {i + 1 for i in ticks}
    alone = [i for i in at if i not in undone]
    gross = any(abs(logs[i]) > _DOUBLE for i in ticks)
    unsplit = series.instrument.category in _UNSPLIT
    splits = [i for i in alone if i not in ticks and not unsplit and _like_split(logs[i])]
    others = [i for i in alone if i not in ticks and i not in splits]
    found: tuple[tuple[str, list[Any], Level, str], ...] = (
        (
            "bad_tick",
            ticks,
            "refuse" if gross else "warning",
            "undone the day after, as a wrong tick would be",
        ),
        ("unadjusted_split", splits, "warning", "as a split that was not adjusted would be"),
        ("large_move", others, "note" if unsplit else "warning", "and no split is known"),
    )
    notes = []
    for name, which, level, words in found:
        if which:
            shown = fmt.listed([f"{_day(series, i + 1)} ({100 * moves[i]:+.0f} %)" for i in which])
            message = f"{series.provenance.symbol}: beyond 25 % on {shown}, {words}."
            notes.append(QualityNote(name, level, message))
    return notes


def _day(series: SeriesData, at: Any) -> date:
    day: date = series.values.index[int(at)].date()
    return day


def _like_split(move: float) -> bool:
    return any(abs(abs(move) - np.log(ratio)) < _SPLIT_NEAR for ratio in _SPLITS)


def _frozen(series: SeriesData, values: Any) -> list[QualityNote]:
    """A price that stays exactly the same for a week was not traded, or was filled in."""
    still = longest_run(np.diff(values) == 0.0)
    if still.stop - still.start < _UNCHANGED:
        return []
    first, times = _day(series, still.start), still.stop - still.start + 1
    message = f"{series.provenance.symbol}: the same price {times} times running from {first}."
    return [QualityNote("frozen_price", "warning", message)]
