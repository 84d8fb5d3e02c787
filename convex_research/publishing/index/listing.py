"""``index.csv``: a line a pair with its five answers, for spreadsheets and programs."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["index_csv"]

_ASKED = ("closely", "changed", "unusual", "hedge", "next_month")
_STORED = ("key", "value", "low", "high")
_PRINTED = ("number", "ends", "answer", "word", "label", "sentence")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_ACTIVE = ("=", "+", "-", "@", "\t", "\r")


def index_csv(pairs: Iterable[Mapping[str, Any]]) -> str:
    """The pairs as RFC 4180 has it, with a byte order mark, as spreadsheets want UTF-8.

    ``<question>_value``, ``_low`` and ``_high`` are the result stored under ``<question>_key``, in
    the units of the record; ``_number`` and ``_ends`` are printed as on the page. ``changed_among``
    is the answer after error control over all pairs. A cell of words that a spreadsheet would take
    for a formula has an apostrophe in front.

    Parameters
    ----------
    pairs : iterable of dict
        Entries of the index.
    """
    about = ("slug", "title", "a", "b", "category", "as_of", "nobs", "frequency", "line", "flags")
    header = [*about, "changed_among", "page"]
    for asked in _ASKED:
        header += [f"{asked}_{name}" for name in (*_STORED, *_PRINTED)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    for pair in pairs:
        flat = {**pair, "a": pair["a"]["symbol"], "b": pair["b"]["symbol"]}
        flat["flags"] = " ".join(pair["flags"])
        row: list[Any] = [_text(flat[name]) for name in about]
        row += [pair["lately"]["answer"], next(iter(pair["pages"].values()))]
        for k, _ in enumerate(_ASKED):
            answer = pair["answers"][k] if pair["answers"] else {}
            row += [answer.get(name) for name in _STORED]
            row += [_text(answer.get(name)) for name in _PRINTED]
        writer.writerow(row)
    return f"\N{ZERO WIDTH NO-BREAK SPACE}{text.getvalue()}"


def _text(cell: Any) -> Any:
    """Words that no spreadsheet runs; a number stays one."""
    if not isinstance(cell, str) or not cell.startswith(_ACTIVE) or _NUMBER.fullmatch(cell):
        return cell
    return f"'{cell}"
