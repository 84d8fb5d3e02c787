"""What a provider returns: dated values, what they are, and where they came from."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date  # noqa: TC003  # msgspec reads the types of fields
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import numpy as np

from convex_research.catalogue.symbols import IN_MEMORY
from convex_research.core import formatting as fmt
from convex_research.core.fragments import facts, table, tag, text

if TYPE_CHECKING:
    import pandas as pd

    from convex_research.catalogue import Instrument, Pair
    from convex_research.core.typing import Dates

_LAST = 5  # rows that are shown

__all__ = ["Frequency", "FutureRow", "Prices", "Provenance", "QualityNote", "SeriesData"]

Level = Literal["note", "warning", "refuse"]
Frequency = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]

# Median days between observations up to which a series has this frequency.
_STEPS: dict[Frequency, float] = {
    "daily": 4.5,
    "weekly": 10.5,
    "monthly": 45.0,
    "quarterly": 135.0,
    "yearly": math.inf,
}


@dataclass(frozen=True, slots=True)
class QualityNote:
    """One finding about the data, shown on the page and in ``data.quality``.

    Parameters
    ----------
    check, message : str
        Short name of the check, such as ``"embedded_sample"``, and one sentence.
    level : {"note", "warning", "refuse"}
        What it means for the reader; ``refuse`` stops a report.
    reason : str
        Why an outdated copy had to do, where the message says so.
    accepted : bool
        Whether it is a refusal that the user overruled.
    """

    check: str
    level: Level
    message: str
    reason: str = ""
    accepted: bool = False

    def __repr__(self) -> str:
        return f"<QualityNote {self.level}, {self.check}: {self.message}>"

    def _repr_html_(self) -> str:
        return tag("p", tag("b", text(f"{self.level}:")) + " " + text(self.message))


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where a series came from.

    Parameters
    ----------
    symbol, provider, url : str
        Public form of the symbol (no folder, no key), who answered, and the redacted address or
        a description of the source.
    sha256 : str
        Hash of the raw body.
    adjustment, licence : str
        Whether values are adjusted for splits and dividends; terms in one line.
    rows, missing : int
        Observations with and without a value in the period asked for.
    start, end : datetime.date
        First and last observation in that period.
    retrieved_at : str, optional
        ISO time of the first retrieval of this sha256; none for local files.
    stale : bool
        Whether an expired copy had to be used because the source did not answer.
    passed_over : tuple of str
        Providers asked before this one, and why each did not answer.
    """

    symbol: str
    provider: str
    url: str
    sha256: str
    adjustment: str
    rows: int
    missing: int
    start: date
    end: date
    licence: str
    retrieved_at: str | None = None
    stale: bool = False
    passed_over: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The record's form."""
        record = dict(msgspec.to_builtins(self))
        return record | {"passed_over": list(self.passed_over)}

    def __repr__(self) -> str:
        rows, dates = fmt.count(self.rows), fmt.period(self.start, self.end)
        return f"<Provenance {self.symbol} from {self.provider}, {rows} rows, {dates}>"

    def _repr_html_(self) -> str:
        listed = [
            ("Symbol", self.symbol),
            ("Provider", self.provider),
            ("Passed over", "; ".join(self.passed_over)),
            ("Source", self.url),
            ("First retrieved", self.retrieved_at or "local"),
            ("Stale copy", "yes" if self.stale else None),
            ("Rows", fmt.count(self.rows)),
            ("Missing values", fmt.count(self.missing)),
            ("Dates", fmt.period(self.start, self.end)),
            ("Adjustment", self.adjustment),
            ("SHA-256", self.sha256),
            ("Licence", self.licence),
        ]
        return facts(f"Provenance of {self.symbol}", listed)


@dataclass(frozen=True, slots=True)
class FutureRow:
    """The first row that was dated after the day of loading.

    Its number is known in a user's file, whose header is row 1.
    """

    day: date
    row: int | None = None


@dataclass(frozen=True, slots=True)
class SeriesData:
    """One series as loaded.

    Parameters
    ----------
    values : pandas.Series
        float64 without missing values, on a naive, unique, increasing DatetimeIndex
        of observation dates (session dates for exchange-traded series).
    instrument : Instrument
        What it is.
    provenance : Provenance
        Where it came from.
    quality : tuple of QualityNote
        What was found on the way.
    raw : pandas.Series, optional
        Closes before dividend adjustment, where ``values`` are adjusted.
    splits, dividends : tuple of (datetime.date, float)
        Dated factors (new shares per old) and cash amounts.
    start_asked : datetime.date, optional
        First date asked for, if any.
    future : FutureRow, optional
        What refuses the series, unless it is bounded before that row.
    """

    values: pd.Series[float]
    instrument: Instrument
    provenance: Provenance
    quality: tuple[QualityNote, ...] = ()
    raw: pd.Series[float] | None = None
    splits: tuple[tuple[date, float], ...] = ()
    dividends: tuple[tuple[date, float], ...] = ()
    start_asked: date | None = None
    future: FutureRow | None = None

    @property
    def dates(self) -> Dates:
        """Observation dates as datetime64[D], shape (n,)."""
        return self.values.index.to_numpy().astype("datetime64[D]")

    @property
    def frequency(self) -> Frequency:
        """How often there is an observation, by the median distance of dates."""
        if len(self.values) < 3:
            return "daily"
        step = float(np.median(np.diff(self.dates).astype(int)))
        return next(name for name, limit in _STEPS.items() if step <= limit)

    def between(self, start: date | None, end: date | None) -> SeriesData:
        """The part from ``start`` to ``end``, both inclusive.

        Raises
        ------
        DataError
            If nothing lies in that period.
        """
        import pandas as pd

        from convex_research.core.errors import DataError

        first, last = (pd.Timestamp(day) if day else None for day in (start, end))
        part = self.values.loc[first:last]
        if part.empty:
            own = self.provenance
            raise DataError(
                f"{own.symbol}: no observations {_period(start, end)}; "
                f"the series runs from {own.start} to {own.end}."
            )
        cut = replace(
            self.provenance,
            rows=len(part),
            start=part.index[0].date(),
            end=part.index[-1].date(),
        )
        raw = self.raw.loc[first:last] if self.raw is not None else None
        future = self.future
        if future is not None and end is not None and end < future.day:
            future = None
        return replace(self, values=part, provenance=cut, raw=raw, future=future)

    def compounded(self) -> SeriesData:
        """Levels from returns: the growth of 100, whose first return is in the first level.

        Raises
        ------
        DataError
            If a return loses everything or more.
        """
        from convex_research.core.errors import DataError

        own = self.provenance
        if self.values.min() <= -1.0:
            day = self.values.idxmin()
            in_memory = IN_MEMORY in own.symbol
            way = "divide by 100" if in_memory else "say ?kind=return&unit=percent"
            raise DataError(
                f"{own.symbol}: the return is {self.values.min():g} on {day:%Y-%m-%d}; none is -1 "
                f"or less where 0.01 is 1 %; {way} where 1 is."
            )
        own = replace(own, adjustment=f"{own.adjustment}; returns, compounded")
        return replace(self, values=100.0 * (1.0 + self.values).cumprod(), provenance=own)

    def __repr__(self) -> str:
        own, count = self.provenance, fmt.count(len(self.values))
        return f"<SeriesData {own.symbol}, {count} values, {fmt.period(own.start, own.end)}>"

    def _repr_html_(self) -> str:
        last = self.values.iloc[-_LAST:]
        rows = [
            (str(day)[:10], f"{value:,.6g}")
            for day, value in zip(last.index, last.to_numpy(), strict=True)
        ]
        unit = self.instrument.unit or "value"
        values = table(f"Last {len(rows)} observations", ("Date", unit), rows).html
        notes = "".join(note._repr_html_() for note in self.quality)
        name = tag("p", tag("b", text(self.instrument.name)))
        return name + self.provenance._repr_html_() + values + notes


def _period(start: date | None, end: date | None) -> str:
    """Bounds in words, for a message."""
    if start is not None and end is not None:
        return f"from {start} to {end}"
    return f"from {start} on" if start is not None else f"up to {end}"


@dataclass(frozen=True, slots=True)
class Prices:
    """Two series before alignment: the legs of a pair on their own dates."""

    pair: Pair
    a: SeriesData
    b: SeriesData

    def __repr__(self) -> str:
        a, b = (
            f"{one.provenance.symbol} ({fmt.count(len(one.values))})" for one in (self.a, self.b)
        )
        return f"<Prices of {a} and {b}>"

    def _repr_html_(self) -> str:
        header = ("Series", "Symbol", "Provider", "Rows", "Dates", "Adjustment")
        rows = []
        for one in (self.a, self.b):
            origin = one.provenance
            dates = fmt.period(origin.start, origin.end)
            values = (origin.symbol, origin.provider, fmt.count(origin.rows), dates)
            rows.append((one.instrument.name, *values, origin.adjustment))
        return table("Prices before alignment", header, rows).html
