"""Where an axis has its ticks, and what they say."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Dates


def as_days(dates: Dates) -> Array:
    """Days since 1970 as numbers."""
    return dates.astype("datetime64[D]").astype(np.float64)


def round_ticks(low: float, high: float, *, most: int = 6) -> list[float]:
    """At most so many multiples of 1, 2, 2.5 or 5 times a power of ten, but two if there are."""
    if not 0.0 < high - low < math.inf:
        return [low]
    power = 10.0 ** math.floor(math.log10((high - low) / most))
    ticks: list[float] = []
    for step in (m * power for m in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0)):
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        found = [round(k * step, 12) for k in range(first, last + 1)]
        if ticks and len(found) < 2:
            break
        ticks = found
        if len(found) <= most:
            break
    return ticks


def log_ticks(low: float, high: float, most: int = 7) -> list[float]:
    """At most so many round ticks of a logarithmic axis, or round ones between neighbours."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = [step * 10.0**k for k in decades for step in steps if low <= step * 10.0**k <= high]
        if len(ticks) <= most:
            return ticks if len(ticks) > 1 else round_ticks(low, high, most=most)
    return ticks[:: -(-len(ticks) // most)]


def date_ticks(first: float, last: float, most: int = 7) -> tuple[list[float], list[str]]:
    """At most so many round dates, from days to days: years, quarters, months or days."""
    begin, end = (np.datetime64(round(day), "D") for day in (first, last))
    if last - first < 62:
        stamps = begin + np.round(np.linspace(0, last - first, min(most, 3))).astype(int)
        return list(as_days(stamps)), [f"{stamp.astype(object):%-d %b}" for stamp in stamps]
    length = (last - first) / 30.44
    months = next(
        (m for m in (1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 480) if length / m <= most), 1200
    )
    at = -(-int(begin.astype("datetime64[M]").astype(int)) // months) * months
    if np.datetime64(at, "M") < begin:
        at += months
    stops = np.arange(at, int(end.astype("datetime64[M]").astype(int)) + 1, months)
    stamps = stops.astype("datetime64[M]")
    return list(as_days(stamps.astype("datetime64[D]"))), [_month(s, months) for s in stamps]


def _month(stamp: np.datetime64, step: int) -> str:
    """A year by its number, a month by its name, with the year in January."""
    year, month = divmod(int(stamp.astype("datetime64[M]").astype(int)), 12)
    if step >= 12:
        return str(1970 + year)
    name = f"{date(2000, month + 1, 1):%b}"
    return f"{name} {1970 + year}" if month == 0 else name


def exact_digits(values: list[float], least: int) -> int:
    """The fewest decimals, but so many at least, that tell each value exactly."""
    digits = least
    while digits < 6 and any(abs(x - round(x, digits)) > 1e-6 * abs(x) for x in values):
        digits += 1
    return digits


def shortened(x: float, digits: int, suffix: str, *, plus: bool = False) -> str:
    """A tick's label; millions are abbreviated, or they would not fit beside the axis."""
    if abs(x) < 1e6:
        return fmt.number(x, digits, plus=plus) + suffix
    return f"{fmt.number(1e-6 * x, exact_digits([1e-6 * x], 0))}\N{NO-BREAK SPACE}M{suffix}"
