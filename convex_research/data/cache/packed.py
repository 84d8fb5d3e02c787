"""A series as bytes: its arrays in numpy's own form, and the rest of it as JSON."""

from __future__ import annotations

import io
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pandas as pd

from convex_research.catalogue import Instrument
from convex_research.data.series import FutureRow, Provenance, QualityNote

if TYPE_CHECKING:
    from convex_research.data.http.exchange import Parsed
    from convex_research.data.series import SeriesData

__all__ = ["fields_of", "pack_arrays", "read_fields", "unpack_arrays"]

Events = tuple[tuple[date, float], ...]
_FORMS: dict[str, Any] = {
    "instrument": Instrument,
    "provenance": Provenance,
    "quality": tuple[QualityNote, ...],
    "notes": tuple[QualityNote, ...],
    "splits": Events,
    "dividends": Events,
    "future": FutureRow | None,
}
_ARRAYS = {"values", "raw"}


def pack_arrays(series: SeriesData | Parsed) -> bytes:
    """Values, and closes before adjustment where there are any, with their dates."""
    raw = series.values.iloc[:0] if series.raw is None else series.raw
    buffer = io.BytesIO()
    np.savez(
        buffer,
        dates=series.values.index.to_numpy().astype("datetime64[s]"),
        values=series.values.to_numpy(),
        raw_dates=raw.index.to_numpy().astype("datetime64[s]"),
        raw=raw.to_numpy(),
    )
    return buffer.getvalue()


def unpack_arrays(body: bytes) -> tuple[pd.Series[float], pd.Series[float] | None]:
    """Values and closes before adjustment of what was packed."""
    arrays = np.load(io.BytesIO(body), allow_pickle=False)
    values, raw = (
        pd.Series(arrays[name], index=pd.DatetimeIndex(arrays[dates]), dtype="float64")
        for name, dates in (("values", "dates"), ("raw", "raw_dates"))
    )
    return values, None if raw.empty else raw


def fields_of(series: SeriesData | Parsed) -> dict[str, Any]:
    """Everything but the arrays, as JSON has it."""
    plain = {one.name: getattr(series, one.name) for one in fields(series)}
    return {n: msgspec.to_builtins(value) for n, value in plain.items() if n not in _ARRAYS}


def read_fields(kind: type[SeriesData | Parsed], record: dict[str, Any]) -> dict[str, Any]:
    """What :func:`fields_of` gave, in its types."""
    names = {one.name for one in fields(kind)} & set(record)
    return {name: msgspec.convert(record[name], _FORMS.get(name, Any)) for name in names}
