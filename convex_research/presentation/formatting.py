"""Numbers as people read them: right precision, real minus signs, units."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from convex_research.estimates import Estimate

__all__ = ["count", "day", "interval", "number", "percent", "pvalue", "span", "value"]

MINUS = "\N{MINUS SIGN}"


_SUFFIXES = {"bp": " bp", "points": " points", "decimal a year": " a year"}

_COUNTED = {"breaks", "position", "observations", "days", "percent"}

# Slopes between legs of different units, in the words and sizes people use.
_SLOPES = {
    "decimal per points": "\N{NARROW NO-BREAK SPACE}% per point",
    "decimal per bp": "\N{NARROW NO-BREAK SPACE}% per bp",
    "points per decimal": " points per 1\N{NARROW NO-BREAK SPACE}%",
    "bp per decimal": " bp per 1\N{NARROW NO-BREAK SPACE}%",
    "bp per points": " bp per point",
    "points per bp": " points per bp",
}


def _signed(text: str, *, plus: bool) -> str:
    if text.strip("-0.,") == "":  # −0.00 is 0.00
        return text.removeprefix("-")
    if text.startswith("-"):
        return MINUS + text[1:]
    return f"+{text}" if plus else text


def number(x: float, decimals: int = 2, *, plus: bool = False) -> str:
    """A number with fixed decimals, thousands separated.

    Examples
    --------
    >>> number(-0.0712, 3)
    '−0.071'
    """
    return _signed(f"{x:,.{decimals}f}", plus=plus)


def significant(x: float, digits: int = 3, *, plus: bool = False) -> str:
    """A number with so many significant digits, never in exponent form above 1e-6."""
    if x == 0.0:
        return "0"
    decimals = max(0, min(8, digits - 1 - math.floor(math.log10(abs(x)))))
    return number(x, decimals, plus=plus)


def percent(x: float, decimals: int = 1, *, plus: bool = False) -> str:
    r"""A decimal as a percentage: 0.0123 is 1.2 %.

    Examples
    --------
    >>> percent(-0.1234, plus=True)
    '−12.3\u202f%'
    """
    return f"{number(100.0 * x, decimals, plus=plus)}\N{NARROW NO-BREAK SPACE}%"


def count(n: int) -> str:
    """A whole number, thousands separated."""
    return f"{n:,}"


def pvalue(p: float, *, bound: str | None = None) -> str:
    """A p-value with its relation: "= 0.03", "< 0.001"."""
    if bound is not None:
        return f"{bound} {p:.2g}"
    if p < 0.001:
        return "< 0.001"
    return f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def day(d: date | None) -> str:
    """An ISO date, or a dash where there is none."""
    return d.isoformat() if d else "\N{EN DASH}"


def _plain(x: float, unit: str, *, plus: bool, digits: int) -> str:
    if unit in _SLOPES:
        scale = 100.0 if unit.startswith("decimal") else 1.0
        scale /= 100.0 if unit.endswith("decimal") else 1.0
        return significant(scale * x, max(digits, 2), plus=plus)
    if unit.startswith("decimal"):
        return percent(x, 2 if abs(x) < 0.1 else 1, plus=plus)
    if unit in {"dimensionless", "Fisher z"}:
        return number(x, digits, plus=plus)
    if unit in {"bp", "points"}:
        return number(x, 1 if abs(x) >= 10 else 2, plus=plus)
    if unit in _COUNTED:
        return number(x, 0 if abs(x) >= 20 or float(x).is_integer() else 1, plus=plus)
    return number(x, 2, plus=plus) if abs(x) >= 1.0 else significant(x, 3, plus=plus)


def value(estimate: Estimate, *, plus: bool = False, digits: int = 2) -> str:
    """The point estimate with its unit; decimals are shown as percentages."""
    text = _plain(estimate.value, estimate.unit, plus=plus, digits=digits)
    return text + _SUFFIXES.get(estimate.unit, _SLOPES.get(estimate.unit, ""))


def interval(estimate: Estimate, *, plus: bool = False, digits: int = 2) -> str:
    """The interval in brackets; an open end is infinite; empty if there is none."""
    if estimate.confidence_level is None:
        return ""
    ends = [
        _plain(end, estimate.unit, plus=plus, digits=digits) if end is not None else open_end
        for end, open_end in ((estimate.low, f"{MINUS}∞"), (estimate.high, "∞"))
    ]
    return f"[{ends[0]}, {ends[1]}]"


def span(estimate: Estimate) -> str:
    """First and last date of the sample."""
    return f"{day(estimate.start)} to {day(estimate.end)}"
