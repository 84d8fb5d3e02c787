"""``?to=EUR``: prices in another currency, by the embedded reference rate of the day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.errors import DataError, InputError, printable
from convex_research.data.providers.fx import LICENCE, known_currency, package, reference_rate
from convex_research.data.quality.sessions import ECB_FIXING, hours_apart
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    import pandas as pd

    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.series import SeriesData

__all__ = ["converted"]


def converted(series: SeriesData, symbol: Symbol) -> SeriesData:
    """A series in the currency that its symbol asks for with ``?to=``; itself where none is.

    Each price is multiplied by the European Central Bank's rate of its own day; days without one
    are left out. Dividends stay out too: their amounts are in the other currency.

    Raises
    ------
    InputError
        If it is no price, or its unit names no currency and ``?currency=`` does neither.
    UnknownSeries
        If there is no rate of one of the currencies.
    DataError
        If its values are rarer than weekly, or there is no rate on any day of theirs.
    """
    asked, one, shown = symbol.option("to"), series.instrument, printable(symbol.public)
    if asked is None:
        return series
    if one.kind != "price":
        raise InputError(f"{shown}: a {one.kind} is in no currency; leave ?to= out.")
    unit, _, per = (symbol.option("currency") or one.unit).partition(" per ")
    if not (len(unit) == 3 and unit.isascii() and unit.isalpha() and unit.isupper()):
        raise InputError(
            f"{shown}: its unit, {printable(one.unit or 'unknown')!r}, names no currency; "
            "say which it is in with ?currency=USD."
        )
    base, quote = (known_currency(code, symbol.public) for code in (unit, asked.upper()))
    if series.frequency not in {"daily", "weekly"}:
        raise DataError(
            f"{shown}: {series.frequency} values have no rate of the day; leave out to=."
        )
    rate = reference_rate(base, quote).dropna() if base != quote else series.values * 0.0 + 1.0
    values = _times(series.values, rate)
    if values.empty:
        raise DataError(f"{shown}: there is no rate of {base} in {quote} on any of its days.")
    own = series.provenance
    said = f"{base} in {quote} by the ECB's reference rate of the day"
    return replace(
        series,
        values=values,
        raw=None if series.raw is None else _times(series.raw, rate),
        dividends=(),
        instrument=replace(
            one,
            name=f"{one.name.removesuffix(' (embedded sample)')} in {quote}",
            unit=f"{quote} per {per}" if per else quote,
            about=f"{one.about} Converted from {base} to {quote}.".strip(),
        ),
        provenance=replace(
            own,
            symbol=symbol.public,
            adjustment=f"{own.adjustment}; {said} ({package()})",
            licence=f"{own.licence} {LICENCE}",
            rows=len(values),
            start=values.index[0].date(),
            end=values.index[-1].date(),
        ),
        quality=(*series.quality, _note(shown, said, series, len(values))),
    )


def _times(values: pd.Series[float], rate: pd.Series[float]) -> pd.Series[float]:
    days = values.index.intersection(rate.index)
    return values.loc[days] * rate.loc[days]


def _note(shown: str, said: str, series: SeriesData, count: int) -> QualityNote:
    hours, before = hours_apart(series.instrument.calendar, ECB_FIXING), len(series.values)
    apart = "not at the close" if hours is None else f"{hours:g} hours from the close"
    message = f"{shown}: {said}, fixed at 14:15 CET, {apart if hours != 0.0 else 'as the price is'}"
    if count < before:
        lost = f"{fmt.count(before - count)} of {fmt.count(before)} days"
        message += f"; left out for want of a rate: {lost}"
    return QualityNote("converted", "note", f"{message}.")
