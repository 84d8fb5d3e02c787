"""One leg or two into a sample: dates are intersected first, and levels differenced then."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from convex_research.core.errors import AlignmentError, InputError
from convex_research.core.estimates import NotComputed
from convex_research.data.quality import gate as quality
from convex_research.data.series import Prices
from convex_research.returns.differences import check_levels, difference
from convex_research.returns.frequency import (
    FREQUENCIES,
    Frequency,
    ends_period,
    last_rows,
    period_of,
    periods_per_year,
)
from convex_research.returns.sample import AlignedReturns, LegReturns, Sample, resample

if TYPE_CHECKING:
    from collections.abc import Collection

    from convex_research.core.config import ReturnKind
    from convex_research.core.typing import Array, Dates, Indices
    from convex_research.data.series import SeriesData

__all__ = [
    "MAX_ROWS",
    "MIN_SHARED",
    "align",
    "at_frequency",
    "differenced",
    "leg_returns",
    "shared_levels",
]

_Sample = TypeVar("_Sample", bound=Sample)

MIN_SHARED = 60
MAX_ROWS = 120_000
"""Rows of a series that are analysed at most: more than four centuries of sessions."""

_FIRST_YEAR = 1600  # an earlier year and a window length could share a key


def align(
    prices: Prices, kind: ReturnKind = "simple", *, accept: Collection[str] = ()
) -> AlignedReturns:
    """Bring two series onto shared dates and difference them.

    Parameters
    ----------
    prices : Prices
        Both legs on their own dates.
    kind : {"simple", "log"}
        P_t / P_{t-1} - 1 or log(P_t / P_{t-1}) for prices. Rates in percent become
        differences in basis points, other levels differences in their own unit.
    accept : collection of str
        Checks of the quality gate whose refusal is overruled, by name.

    Returns
    -------
    AlignedReturns

    Raises
    ------
    AlignmentError
        If fewer than 60 observations are shared.
    DataError
        If a price is not positive, a leg never moves, or the quality gate refuses the data.
    InputError
        If both legs are the same series, ``kind`` is unknown, or a leg has more than 120,000
        rows or rows before 1600.
    TypeError
        If ``prices`` are something else.
    """
    if not isinstance(prices, Prices):
        kind_given = type(prices).__name__
        raise TypeError(f"align needs Prices, which load_prices gives; got {kind_given}.")
    _check_kind(kind)
    for leg in (prices.a, prices.b):
        _check_rows(leg)
    notes = quality.admitted(quality.check(prices), accept)
    legs = (prices.a, prices.b)
    frequency = max((leg.frequency for leg in legs), key=FREQUENCIES.index)
    dates, levels, periods = shared_levels(legs, frequency)
    if len(dates) < MIN_SHARED:
        a, b = (f"{x.provenance.symbol} ({x.dates[0]} to {x.dates[-1]})" for x in legs)
        raise AlignmentError(
            f"{a} and {b} share {len(dates)} {frequency} observations; at least {MIN_SHARED} are "
            "needed."
        )
    if np.array_equal(levels[:, 0], levels[:, 1]):
        raise InputError(
            f"{legs[0].provenance.symbol} and {legs[1].provenance.symbol} hold the same values: "
            "the same series twice."
        )
    values, units = differenced(levels, legs, dates, kind)
    return AlignedReturns(
        prices=prices,
        kind=kind,
        price_dates=dates,
        levels=levels,
        values=values,
        units=units,
        frequency=frequency,
        periods_per_year=periods_per_year(frequency, dates),
        dropped=(len(periods[0]) - len(dates), len(periods[1]) - len(dates)),
        outside=(_outside(*periods), _outside(*periods[::-1])),
        quality=notes,
    )


def leg_returns(
    series: SeriesData, kind: ReturnKind = "simple", *, accept: Collection[str] = ()
) -> LegReturns:
    """Difference one series on its own dates.

    Kinds of returns and errors are those of :func:`align`.
    """
    _check_kind(kind)
    _check_rows(series)
    notes = quality.admitted(quality.check_series(series), accept)
    if len(series.values) < MIN_SHARED:
        raise AlignmentError(
            f"{series.provenance.symbol} has {len(series.values)} observations; "
            f"at least {MIN_SHARED} are needed."
        )
    levels, dates = np.asarray(series.values, dtype=np.float64), series.dates
    check_levels(levels, series, dates, kind)
    values, unit = difference(levels, series.instrument, kind)
    return LegReturns(
        series=series,
        kind=kind,
        price_dates=dates,
        levels=levels,
        values=values,
        units=(unit,),
        frequency=series.frequency,
        periods_per_year=periods_per_year(series.frequency, dates),
        quality=notes,
    )


def at_frequency(sample: _Sample, frequency: Frequency | None) -> _Sample:
    """The sample at the frequency asked for; as it is where none is.

    Raises
    ------
    AlignmentError
        If fewer than 60 observations are left.
    InputError
        If the data are slower than that.
    """
    if frequency is None or frequency == sample.frequency:
        return sample
    slower = resample(sample, frequency)
    if isinstance(slower, NotComputed):
        raise InputError(
            f"{sample.slug}: the data are {sample.frequency}, and nothing {frequency} can be had "
            "of them; leave the frequency out, or give daily data."
        )
    if len(slower.price_dates) < MIN_SHARED:
        raise AlignmentError(
            f"{sample.slug} has {len(slower.price_dates)} {frequency} observations; at least "
            f"{MIN_SHARED} are needed: begin earlier, or leave the frequency out."
        )
    return slower


def differenced(
    levels: Array, legs: tuple[SeriesData, SeriesData], dates: Dates, kind: ReturnKind
) -> tuple[Array, tuple[str, str]]:
    """Returns of both legs, shape (n - 1, 2), from levels on shared dates; and their units."""
    for i, leg in enumerate(legs):
        check_levels(levels[:, i], leg, dates, kind)
    (a, unit_a), (b, unit_b) = (
        difference(levels[:, i], leg.instrument, kind) for i, leg in enumerate(legs)
    )
    return np.column_stack([a, b]), (unit_a, unit_b)


def _check_kind(kind: str) -> None:
    if kind not in {"simple", "log"}:
        raise InputError(f'returns must be "simple" or "log", got {kind!r}.')


def _check_rows(series: SeriesData) -> None:
    symbol, rows = series.provenance.symbol, len(series.values)
    if rows > MAX_ROWS:
        raise InputError(
            f"{symbol} has {rows:,} rows; at most {MAX_ROWS:,}, four centuries of sessions, are "
            "analysed: pass a later start, or daily values of what is intraday."
        )
    if rows and series.provenance.start.year < _FIRST_YEAR:
        raise InputError(
            f"{symbol} begins on {series.provenance.start}; rows before {_FIRST_YEAR} are not "
            f"analysed: pass {_FIRST_YEAR}-01-01 or later as the start."
        )


def shared_levels(
    legs: tuple[SeriesData, SeriesData], frequency: Frequency
) -> tuple[Dates, Array, tuple[Indices, Indices]]:
    """Dates and levels of the periods that both legs have, and the periods of each.

    A leg stands for a period, such as a month, with its last value in it; a day is a period
    like any other.
    """
    days_a, days_b = legs[0].dates, legs[1].dates
    last_a, last_b = last_rows(days_a, frequency), last_rows(days_b, frequency)
    periods = period_of(days_a[last_a], frequency), period_of(days_b[last_b], frequency)
    shared, in_a, in_b = np.intersect1d(*periods, assume_unique=True, return_indices=True)
    if frequency != "daily" and len(shared):
        whole = all(
            own[-1] > shared[-1] or ends_period(leg.dates[-1], leg.frequency, frequency)
            for leg, own in zip(legs, periods, strict=True)
        )
        in_a, in_b = (rows if whole else rows[:-1] for rows in (in_a, in_b))
    rows_a, rows_b = last_a[in_a], last_b[in_b]
    columns = (
        leg.values.to_numpy(dtype=np.float64)[rows]
        for leg, rows in zip(legs, (rows_a, rows_b), strict=True)
    )
    # A period's return is known when its later observation is.
    return np.maximum(days_a[rows_a], days_b[rows_b]), np.column_stack([*columns]), periods


def _outside(periods: Indices, other: Indices) -> int:
    return int(((periods < other[0]) | (periods > other[-1])).sum())
