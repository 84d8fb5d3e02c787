"""The sample of one instrument: its levels on their own dates, and their changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.errors import AlignmentError, InputError
from convex_research.data.quality import gate as quality
from convex_research.returns import MIN_SHARED, difference, frequency_of, periods_per_year

if TYPE_CHECKING:
    from datetime import date

    from convex_research.core.config import ReturnKind
    from convex_research.core.typing import Array, Dates
    from convex_research.data.series import QualityNote, SeriesData
    from convex_research.returns import Frequency

__all__ = ["LegReturns", "leg_returns"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegReturns:
    """Returns of one instrument on its own dates.

    Parameters
    ----------
    series : SeriesData
        The instrument with its provenance.
    kind : {"simple", "log"}
        How prices became returns; levels and rates are always differenced.
    level_dates : array of datetime64[D], shape (T + 1,)
        Observation dates.
    levels : array, shape (T + 1,)
        Prices or levels on those dates.
    values : array, shape (T,)
        Returns (decimal) or differences (points, bp); entry t belongs to ``dates[t]``.
    unit : str
        Unit of ``values``: ``"decimal"``, ``"points"`` or ``"bp"``.
    frequency : str
        daily, weekly, monthly, quarterly or yearly.
    periods_per_year : int
        252 or 365 for daily data, 52, 12, 4 or 1 otherwise.
    quality : tuple of QualityNote
        What was found in the data.
    """

    series: SeriesData
    kind: ReturnKind
    level_dates: Dates
    levels: Array
    values: Array
    unit: str
    frequency: Frequency
    periods_per_year: int
    quality: tuple[QualityNote, ...] = field(default=())

    @property
    def is_price(self) -> bool:
        """Whether changes are relative."""
        return self.series.instrument.kind == "price"

    @property
    def dates(self) -> Dates:
        """Date on which each return ends, shape (T,)."""
        return self.level_dates[1:]

    @property
    def nobs(self) -> int:
        """Number of returns."""
        return len(self.values)

    def day(self, index: int) -> date:
        """Date of return ``index`` as a ``datetime.date``."""
        return self.level_day(index + 1 if index >= 0 else index)

    def level_day(self, index: int) -> date:
        """Date of level ``index`` as a ``datetime.date``."""
        stamp: date = self.level_dates[index].astype("datetime64[D]").item()
        return stamp


def leg_returns(series: SeriesData, kind: ReturnKind = "simple") -> LegReturns:
    """Difference one series on its own dates.

    Parameters
    ----------
    series : SeriesData
        From :func:`convex_research.load_series`.
    kind : {"simple", "log"}
        How prices become returns; see :func:`convex_research.align`.

    Returns
    -------
    LegReturns

    Raises
    ------
    AlignmentError
        If there are fewer than 60 observations.
    DataError
        If a price is not positive, the series never moves, or the quality gate refuses it.
    InputError
        If ``kind`` is unknown.
    """
    if kind not in {"simple", "log"}:
        raise InputError(f'returns must be "simple" or "log", got {kind!r}.')
    notes = quality.check_series(series)
    quality.refuse_bad(notes)
    if len(series.values) < MIN_SHARED:
        raise AlignmentError(
            f"{series.provenance.symbol} has {len(series.values)} observations; "
            f"at least {MIN_SHARED} are needed."
        )
    levels: Array = np.asarray(series.values, dtype=np.float64)
    values, unit = difference(levels, series, series.values.index, kind)
    frequency = frequency_of(series.values)
    return LegReturns(
        series=series,
        kind=kind,
        level_dates=series.values.index.to_numpy().astype("datetime64[D]"),
        levels=levels,
        values=np.ascontiguousarray(values),
        unit=unit,
        frequency=frequency,
        periods_per_year=periods_per_year(frequency, series.values.index),
        quality=notes,
    )
