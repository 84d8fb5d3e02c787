"""The form of a column of numbers: which sign is the decimal one, and what else stands there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.errors import DataError, printable
from convex_research.data.files.table import plain_numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array

__all__ = ["MISSING", "NumberColumn", "looks_like_number", "number_column"]

MISSING = frozenset(
    (
        *("", ".", "-", "--", "—", "na", "n/a", "n.a.", "nan", "nd", "null", "none", "<na>"),
        *("#n/a", "#na", "#n/a n/a", "#value!", "#ref!", "#div/0!"),
    )
)
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u202f\u2009 '’_"))
_MARKS = re.compile(r"[$€£¥₹]|(?:USD|EUR|GBP|JPY|CHF)\b")
_SCALE = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,]*|[.,]\d+)(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Numbers of a file, and how they were read.

    Parameters
    ----------
    values : array, shape (n,)
        Missing ones are NaN.
    form : str
        What was read besides plain numbers; empty where nothing was.
    percent : bool
        Whether cells carry a per cent sign.
    """

    values: Array
    form: str = ""
    percent: bool = False


def number_column(
    cells: Sequence[str],
    *,
    where: str,
    decimal: str | None = None,
    lines: Sequence[int] | None = None,
) -> NumberColumn:
    """Read a column of numbers.

    Parameters
    ----------
    cells : sequence of str
        One a row.
    where : str
        The series, for messages.
    decimal : {".", ","}, optional
        The decimal sign; by default the column decides.
    lines : sequence of int, optional
        Number of each cell's row in the file, for messages.

    Raises
    ------
    DataError
        If a cell is no number, or the column can be read two ways.
    """
    if decimal not in {None, ".", ","}:
        raise DataError(f"{where}: decimal= takes . or , and nothing else.")
    plain = None if decimal == "," else plain_numbers(cells)
    if plain is not None and (decimal or any(_shows(cell.strip()) for cell in cells)):
        return NumberColumn(plain)
    bare, scales, percent, marked = _bare(cells)
    sign = decimal or _decimal_sign(bare, where)
    thousands = "," if sign == "." else "."
    grouped = any(thousands in text for text in bare)
    values = np.full(len(bare), np.nan)
    for row, text in enumerate(bare):
        if text:
            value = _value(text, sign, thousands)
            if value is None or not np.isfinite(value * scales[row]):
                shown = printable(cells[row].strip(), limit=40)
                at = lines[row] if lines is not None else row + 1
                raise DataError(
                    f"{where}: row {at}: {shown!r} is not a number; mend the row, or leave it out."
                )
            values[row] = value * scales[row]
    said = [
        "decimal comma" if sign == "," and any("," in text for text in bare) else "",
        f"thousands {'commas' if thousands == ',' else 'points'}" if grouped else "",
        "a currency sign" if marked else "",
        "in per cent" if percent else "",
        "K, M or B for thousands and more" if any(scale != 1.0 for scale in scales) else "",
    ]
    return NumberColumn(values, ", ".join(word for word in said if word), percent)


def looks_like_number(cell: str) -> bool:
    """Whether a cell has any form of number."""
    return _NUMBER.fullmatch(_bare([cell])[0][0]) is not None


def _bare(cells: Sequence[str]) -> tuple[list[str], list[float], bool, bool]:
    """Digits and signs of each cell, its factor, and whether any had a per cent or other mark."""
    bare, scales, percent, marked = [], [], False, False
    for cell in cells:
        text = cell.strip()
        if text.casefold() in MISSING:
            bare.append("")
            scales.append(1.0)
            continue
        plain = _MARKS.sub("", text).translate(_BLANKS).replace("−", "-")
        marked = marked or len(_MARKS.sub("", text)) < len(text)
        if plain.startswith("(") and plain.endswith(")"):
            plain = "-" + plain[1:-1]
        if plain.endswith("%"):
            plain, percent = plain[:-1], True
        scale = _SCALE.get(plain[-1:].upper(), 1.0)
        bare.append(plain[:-1] if scale != 1.0 else plain)
        scales.append(scale)
    return bare, scales, percent, marked


def _decimal_sign(bare: Sequence[str], where: str) -> str:
    """The sign that at least one cell shows to be the decimal one, and none the other."""
    numbers = [text.lstrip("+-") for text in bare if _NUMBER.fullmatch(text)]
    shown: dict[str, str] = {}
    unclear = ""
    for text in numbers:
        sign = _shows(text)
        if sign:
            shown.setdefault(sign, text)
        elif "." in text or "," in text:
            unclear = text
    if len(shown) == 2:
        first, second = (printable(text, limit=40) for text in shown.values())
        raise DataError(
            f"{where}: {first!r} and {second!r} do not have one decimal sign; say which it is "
            "with ?decimal=. or ?decimal=,"
        )
    if shown:
        return next(iter(shown))
    if unclear and any(len(text) > 3 and text.isdigit() for text in numbers):
        return "." if "." in unclear else ","  # 1500 beside 1.250: thousands carry no sign
    if unclear:
        raise DataError(
            f"{where}: {printable(unclear, limit=40)!r} can be a number with three decimals or "
            "one in thousands; say which with ?decimal=. or ?decimal=,"
        )
    return "."


def _shows(text: str) -> str:
    """The decimal sign that a number cannot be without; empty where it can be read two ways."""
    signs = [c for c in text if c in ".,"]
    if not signs:
        return ""
    if len(set(signs)) == 2:
        return signs[-1]
    if len(signs) > 1:  # 1.234.567
        return "," if signs[0] == "." else "."
    whole, _, tail = text.partition(signs[0])
    return "" if len(tail) == 3 and 0 < len(whole) <= 3 and whole != "0" else signs[0]


def _value(text: str, sign: str, thousands: str) -> float | None:
    if not _NUMBER.fullmatch(text):
        return None
    whole, _, tail = text.partition(sign)
    if thousands in tail or sign in tail:
        return None
    if thousands in whole:
        first, *groups = whole.lstrip("+-").split(thousands)
        if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
            return None
    return float(f"{whole.replace(thousands, '')}.{tail}" if tail else whole.replace(thousands, ""))
