"""Keeping what a body says beside the body, so that a warm cache costs milliseconds.

A derived file is trusted only if its own hash fits and if it was made from the same
body, for the same symbol, by the same source code; otherwise the body is parsed again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from convex_research.data.http.exchange import Parsed
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from convex_research.data.http.exchange import Reader, Ref

__all__ = ["fingerprint", "pack", "unpack"]

_MAGIC = b"convex-research parsed 1\n"
_SHARED = (
    "files/bodies",
    "providers/faults",
    "providers/partial",
    "http/exchange",
    "quality/sessions",
    "files/table",
    "cache/parsed",
)
_TEXTS = ("adjustment", "licence", "name", "unit", "kind", "calendar", "missing")


def fingerprint(reader: Reader, ref: Ref, retrieved_at: str, sha256: str) -> str:
    """What a derived file must have been made from; empty if that cannot be known.

    Parameters
    ----------
    reader : Reader
        Whose source code counts.
    ref : Ref
        Whose symbol counts, and whether there was a key, not which.
    retrieved_at : str
        Time of retrieval, which decides whether the last session was over.
    sha256 : str
        Of the body.

    Returns
    -------
    str
    """
    code = _code(type(reader).__module__)
    if not code:
        return ""
    variable = ref.key.variable if ref.key is not None else ""
    parts = [code, sha256, str(ref.symbol), variable, retrieved_at]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@cache
def _code(module: str) -> str:
    """Hash of the source of a reader and of all that parses with it."""
    digest = hashlib.sha256(np.__version__.encode() + pd.__version__.encode())
    here = Path(__file__).parents[1]
    own = getattr(sys.modules.get(module), "__file__", None) or ""
    try:
        for path in (Path(own), *(here / f"{name}.py" for name in _SHARED)):
            digest.update(path.read_bytes())
    except OSError:
        return ""
    return digest.hexdigest()


def pack(parsed: Parsed, made_from: str) -> bytes:
    """A derived file's content.

    Parameters
    ----------
    parsed : Parsed
        What the body says.
    made_from : str
        :func:`fingerprint`.

    Returns
    -------
    bytes
    """
    raw = parsed.raw if parsed.raw is not None else parsed.values.iloc[:0]
    header = {
        "made_from": made_from,
        "rows": len(parsed.values),
        "raw": None if parsed.raw is None else len(raw),
        "notes": [asdict(note) for note in parsed.notes],
        "splits": [[day.isoformat(), size] for day, size in parsed.splits],
        "dividends": [[day.isoformat(), size] for day, size in parsed.dividends],
        **{name: getattr(parsed, name) for name in _TEXTS},
    }
    parts = [json.dumps(header).encode() + b"\n"]
    for series in (parsed.values, raw):
        days = series.index.to_numpy().astype("datetime64[s]").astype("<i8")
        parts += [days.tobytes(), series.to_numpy().astype("<f8").tobytes()]
    content = b"".join(parts)
    return _MAGIC + hashlib.sha256(content).digest() + content


def unpack(content: bytes, made_from: str) -> Parsed | None:
    """What was packed, if it is whole and was made from this.

    Parameters
    ----------
    content : bytes
        A derived file.
    made_from : str
        :func:`fingerprint`; an empty one fits nothing.

    Returns
    -------
    Parsed or None
    """
    start = len(_MAGIC) + 32
    digest, rest = content[len(_MAGIC) : start], content[start:]
    if not content.startswith(_MAGIC) or hashlib.sha256(rest).digest() != digest:
        return None
    line, _, arrays = rest.partition(b"\n")
    header = json.loads(line)
    if not made_from or header["made_from"] != made_from:
        return None
    rows, raw = header["rows"], header["raw"] or 0
    values = _series(arrays, 0, rows)
    return Parsed(
        values=values,
        raw=None if header["raw"] is None else _series(arrays, 16 * rows, raw),
        notes=tuple(QualityNote(**note) for note in header["notes"]),
        splits=_events(header["splits"]),
        dividends=_events(header["dividends"]),
        **{name: header[name] for name in _TEXTS},
    )


def _series(arrays: bytes, offset: int, rows: int) -> pd.Series[float]:
    days = np.frombuffer(arrays, "<i8", rows, offset).astype("datetime64[s]")
    values = np.frombuffer(arrays, "<f8", rows, offset + 8 * rows).astype(np.float64)
    return pd.Series(values, index=pd.DatetimeIndex(days), dtype="float64")


def _events(listed: list[Any]) -> tuple[tuple[date, float], ...]:
    return tuple((date.fromisoformat(day), float(size)) for day, size in listed)
