"""The sample of a pair or of one instrument: levels on their dates, and their returns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from convex_research.catalogue.symbols import slugify
from convex_research.core import formatting as fmt
from convex_research.core.estimates import Missing, NotComputed
from convex_research.core.fragments import table
from convex_research.returns.differences import difference, difference_unit
from convex_research.returns.frequency import (
    FREQUENCIES,
    Frequency,
    periods_per_year,
    whole_rows,
)

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from convex_research.catalogue import Instrument
    from convex_research.core.config import ReturnKind
    from convex_research.core.typing import Array, Dates
    from convex_research.data.series import Prices, QualityNote, SeriesData

__all__ = ["AlignedReturns", "LegReturns", "Sample", "resample", "with_kind"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sample:
    """Levels and returns of one leg or of two, on dates that all legs have.

    Parameters
    ----------
    kind : {"simple", "log"}
        How prices became returns; levels and rates are always differenced.
    price_dates : array of datetime64[D], shape (T + 1,)
        Observation dates.
    levels : array, shape (T + 1,) of one leg, (T + 1, 2) of two
        Prices or levels on those dates.
    values : array, shape (T,) or (T, 2)
        Returns (decimal) or differences (points, bp); row t belongs to ``dates[t]``.
    units : tuple of str
        Unit of each leg's values: ``"decimal"``, ``"points"`` or ``"bp"``.
    frequency : str
        daily, weekly, monthly, quarterly or yearly.
    periods_per_year : int
        252 or 365 for daily data, 52, 12, 4 or 1 otherwise.
    quality : tuple of QualityNote
        What was found in the data.
    """

    kind: ReturnKind
    price_dates: Dates
    levels: Array
    values: Array
    units: tuple[str, ...]
    frequency: Frequency
    periods_per_year: int
    quality: tuple[QualityNote, ...] = field(default=())

    @property
    def legs(self) -> tuple[LegReturns, ...]:
        """Each leg by itself, on the dates of this sample."""
        raise NotImplementedError

    @property
    def slug(self) -> str:
        """What the sample is of, as it stands in names of files."""
        raise NotImplementedError

    @property
    def dates(self) -> Dates:
        """Date on which each return ends, shape (T,)."""
        return self.price_dates[1:]

    @property
    def nobs(self) -> int:
        """Number of returns."""
        return len(self.values)

    @property
    def moves(self) -> str:
        """What the values are called: returns of prices, differences of levels."""
        called = (f"{self.kind} returns" if leg.is_price else "differences" for leg in self.legs)
        return " and ".join(dict.fromkeys(called))

    def day(self, index: int) -> date:
        """Date of return ``index`` as a ``datetime.date``."""
        return self.level_day(index + 1 if index >= 0 else index)

    def level_day(self, index: int) -> date:
        """Date of level ``index`` as a ``datetime.date``."""
        stamp: date = self.price_dates[index].astype("datetime64[D]").item()
        return stamp

    def __repr__(self) -> str:
        moves = f"{self.nobs} {self.frequency} {self.moves} to {self.day(-1)}"
        return f"<{type(self).__name__} {self.slug}, {moves}>"

    def _repr_html_(self) -> str:
        header = ("Date", *(leg.instrument.name for leg in self.legs))
        first = max(0, self.nobs - 5)
        last = np.atleast_2d(self.values[first:].T).T
        rows = [
            (str(self.day(first + i)), *map(_with_unit, row, self.units))
            for i, row in enumerate(last)
        ]
        moves = f"{fmt.count(self.nobs)} {self.frequency} {self.moves}"
        caption = f"{moves}, {self.day(0)} to {self.day(-1)}{self._unpaired}"
        return table(caption, header, rows, note=f"The last {len(rows)} rows.").html

    @property
    def _unpaired(self) -> str:
        """What the caption says of rows that only one leg has."""
        return ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LegReturns(Sample):
    """Returns of one leg: on its own dates, or on those that it shares with another."""

    series: SeriesData

    @property
    def legs(self) -> tuple[LegReturns, ...]:
        """The leg itself."""
        return (self,)

    @property
    def slug(self) -> str:
        """Name of the instrument in names of files."""
        return slugify(self.instrument.id)

    @property
    def instrument(self) -> Instrument:
        """What it is."""
        return self.series.instrument

    @property
    def is_price(self) -> bool:
        """Whether changes are relative."""
        return self.instrument.kind == "price"

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return self.units[0]

    @property
    def scale(self) -> float:
        """What turns a difference of levels into the unit of values; 1 for prices."""
        return 1.0 if self.is_price else difference_unit(self.instrument)[0]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AlignedReturns(Sample):
    """Returns of a pair on shared dates, with the prices they come from.

    Parameters
    ----------
    prices : Prices
        The legs before alignment, with instruments and provenance.
    dropped : tuple of int
        Rows of each leg that found no partner: rows loaded minus rows shared. Below daily
        frequency both count periods (weeks, months), of which the last is dropped when a
        faster leg ends inside it.
    outside : tuple of int
        Of those, rows before the other leg begins or after it ends.
    """

    prices: Prices
    units: tuple[str, str]
    dropped: tuple[int, int]
    outside: tuple[int, int] = (0, 0)

    @property
    def legs(self) -> tuple[LegReturns, ...]:
        """Each leg by itself, on the shared dates."""
        return tuple(
            LegReturns(
                series=series,
                kind=self.kind,
                price_dates=self.price_dates,
                levels=np.ascontiguousarray(self.levels[:, i]),
                values=np.ascontiguousarray(self.values[:, i]),
                units=(self.units[i],),
                frequency=self.frequency,
                periods_per_year=self.periods_per_year,
                quality=series.quality,
            )
            for i, series in enumerate((self.prices.a, self.prices.b))
        )

    @property
    def slug(self) -> str:
        """Folder name of the pair."""
        return self.prices.pair.slug

    @property
    def a(self) -> Array:
        """Returns of the first leg, shape (T,)."""
        return np.ascontiguousarray(self.values[:, 0])

    @property
    def b(self) -> Array:
        """Returns of the second leg, shape (T,)."""
        return np.ascontiguousarray(self.values[:, 1])

    @property
    def _unpaired(self) -> str:
        return f"; rows without a partner: {' and '.join(map(fmt.count, self.dropped))}"

    def to_frame(self) -> pd.DataFrame:
        """Both columns with their dates, for work in a notebook."""
        import pandas as pd

        names = [leg.instrument.id for leg in (self.prices.a, self.prices.b)]
        return pd.DataFrame(self.values, index=pd.DatetimeIndex(self.dates), columns=names)


def _with_unit(value: float, unit: str) -> str:
    if unit == "decimal":
        return fmt.percent(float(value), 2, plus=True)
    return f"{fmt.number(float(value), 2, plus=True)} {unit}"


_Sample = TypeVar("_Sample", bound=Sample)


def resample(sample: _Sample, frequency: Frequency) -> _Sample | NotComputed:
    """The same legs at a lower frequency, from the last level of each period to the next.

    Weeks end on Friday; a last period that is not over is left out, as :func:`align` does. Not
    computed where the data are no faster than that.
    """
    if FREQUENCIES.index(sample.frequency) >= FREQUENCIES.index(frequency):
        return NotComputed(Missing.FREQUENCY, f"the data are {sample.frequency} already")
    rows = whole_rows(sample.price_dates, sample.frequency, frequency)
    dates = sample.price_dates[rows]
    periods = periods_per_year(frequency, dates)
    return replace(
        _returns_of(sample, sample.levels[rows], sample.kind),
        price_dates=dates,
        levels=sample.levels[rows],
        frequency=frequency,
        periods_per_year=periods,
    )


def with_kind(sample: _Sample, kind: ReturnKind) -> _Sample:
    """The same levels with prices differenced in another way."""
    return replace(_returns_of(sample, sample.levels, kind), kind=kind)


def _returns_of(sample: _Sample, levels: Array, kind: ReturnKind) -> _Sample:
    """The sample with the returns of these levels."""
    columns = [
        difference(levels if levels.ndim == 1 else levels[:, i], leg.instrument, kind)[0]
        for i, leg in enumerate(sample.legs)
    ]
    values = columns[0] if levels.ndim == 1 else np.column_stack(columns)
    return replace(sample, values=values)
