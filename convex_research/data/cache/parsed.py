"""Keeping what a body says beside the body, so that a warm cache costs milliseconds.

A derived file is trusted only if its own hash fits and if it was made from the same
body, for the same symbol, by the same source code; otherwise the body is parsed again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from convex_research.data.cache.packed import fields_of, pack_arrays, read_fields, unpack_arrays
from convex_research.data.http.exchange import Parsed

if TYPE_CHECKING:
    from convex_research.data.cache.store import Entry
    from convex_research.data.http.exchange import Reader, Ref

__all__ = ["fingerprint", "pack", "unpack"]

_SHARED = (
    *("files/bodies", "files/table", "providers/faults", "providers/partial"),
    *("http/exchange", "cache/packed", "cache/parsed"),
)


def fingerprint(reader: Reader, ref: Ref, entry: Entry) -> str:
    """What a derived file must have been made from; empty if that cannot be known.

    Of the reader its source code counts, of the key whether there was one, not which, and of
    the body the time of retrieval, which decides whether the last session was over.
    """
    code = _code(type(reader).__module__)
    if not code:
        return ""
    variable = ref.key.variable if ref.key is not None else ""
    parts = [code, entry.sha256, str(ref.symbol), variable, entry.retrieved_at]
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
    """A derived file: its hash, a line of JSON, arrays."""
    header = json.dumps({"made_from": made_from, **fields_of(parsed)}).encode()
    content = header + b"\n" + pack_arrays(parsed)
    return hashlib.sha256(content).digest() + content


def unpack(file: bytes, made_from: str) -> Parsed | None:
    """What was packed, if it is whole and was made from this; an empty origin fits nothing."""
    digest, content = file[:32], file[32:]
    if not made_from or hashlib.sha256(content).digest() != digest:
        return None
    line, _, arrays = content.partition(b"\n")
    header = json.loads(line)
    if header["made_from"] != made_from:
        return None
    values, raw = unpack_arrays(arrays)
    return Parsed(values=values, raw=raw, **read_fields(Parsed, header))
