"""The embedded sample: real daily series that the arch package ships.

They are read straight from its data files, which costs milliseconds where importing
``arch.data`` costs seconds. They end in 2018 and 2019 and are labelled so everywhere.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.core.errors import InputError, UnknownSeries
from convex_research.data.files.table import clean_series, parse_dates, parse_numbers
from convex_research.data.series import Provenance, QualityNote, SeriesData

if TYPE_CHECKING:
    from datetime import date

    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol

__all__ = ["SAMPLES", "SampleProvider"]

_INDEX = "index closes as published by Yahoo", "price index, dividends not included"
# Column of each, where it is from, and whether it is adjusted.
SAMPLES = {
    "sp500": ("Close", *_INDEX),
    "nasdaq": ("Close", *_INDEX),
    "wti": (
        "DCOILWTICO",
        "FRED series DCOILWTICO, U.S. Energy Information Administration, public domain",
        "spot price, nothing to adjust",
    ),
    "vix": ("vix", "Cboe VIX closes; copyright Cboe", "index level, nothing to adjust"),
}


@cache
def _body(name: str) -> bytes:
    spec = importlib.util.find_spec("arch")
    if spec is None or spec.origin is None:
        raise InputError(
            "The embedded sample needs the arch package; install convex-research again."
        )
    return (Path(spec.origin).parent / "data" / name / f"{name}.csv.gz").read_bytes()


class SampleProvider:
    """``sample:sp500``, ``sample:nasdaq``, ``sample:wti``, ``sample:vix``."""

    name = "sample"

    def load(
        self, symbol: Symbol, instrument: Instrument, start: date | None, end: date | None
    ) -> SeriesData:
        """Read one embedded series, as every provider does."""
        native = symbol.native.lower()
        if native not in SAMPLES:
            known = ", ".join(SAMPLES)
            problem = "there is no such series."
            raise UnknownSeries("sample", symbol.native, problem, f"Use {known}.")
        column, source, adjustment = SAMPLES[native]
        body = _body(native)
        rows = list(csv.DictReader(gzip.decompress(body).decode().splitlines()))
        where = f"sample:{native}"
        values, missing = clean_series(
            parse_dates([row["Date"] for row in rows], where=where, form="%m/%d/%Y"),
            parse_numbers([row[column] for row in rows], where=where),
            where=where,
        )
        last = values.index[-1].date()
        provenance = Provenance(
            symbol=where,
            provider="sample",
            url=f"arch {version('arch')}, data/{native}/{native}.csv.gz",
            sha256=hashlib.sha256(body).hexdigest(),
            adjustment=adjustment,
            rows=len(values),
            missing=missing,
            start=values.index[0].date(),
            end=last,
            licence=f"Shipped with arch (NCSA licence) for examples; {source}.",
        )
        name = instrument.name.removesuffix(" (embedded sample)")
        message = f"EMBEDDED SAMPLE: {name} ends {last}; it is not current data."
        label = QualityNote("embedded_sample", "note", message)
        return SeriesData(values, instrument, provenance, (label,)).between(start, end)
