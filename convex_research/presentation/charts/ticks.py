"""Where an axis has its ticks, and what they say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Dates


def as_days(dates: Dates) -> Array:
    """Days since 1970 as numbers."""
    return dates.astype("datetime64[D]").astype(np.float64)


def round_ticks(low: float, high: float, *, about: int = 5) -> list[float]:
    """About so many multiples of 1, 2, 2.5 or 5 times a power of ten."""
    raw = (high - low) / about
    if raw <= 0.0 or not math.isfinite(raw):
        return [low]
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * next(m for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * power >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """At most about seven round ticks of a logarithmic axis."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps: tuple[int, ...] = (1, 2, 5) if len(decades) <= 3 else (1,)
    every = -(-len(decades) // 7)
    return [step * 10.0**k for k in decades if k % every == 0 for step in steps]


def date_ticks(first: np.datetime64, last: np.datetime64) -> tuple[list[float], list[str]]:
    """At most seven round dates: years, quarters or months."""
    days = int((last - first).astype(int))
    if days < 62:
        middle = first + (last - first) // 2
        stamps = np.array([first, middle, last])
        return list(as_days(stamps)), [str(s) for s in stamps]
    months = next((m for m in (1, 3, 6, 12, 24, 48, 60, 120, 240) if days / 30.44 / m <= 7), 480)
    begin = -(-int(first.astype("datetime64[M]").astype(int)) // months) * months
    if np.datetime64(begin, "M") < first:
        begin += months
    stops = np.arange(begin, int(last.astype("datetime64[M]").astype(int)) + 1, months)
    stamps = stops.astype("datetime64[M]")
    labels = [str(s)[:4] if months >= 12 else str(s) for s in stamps]
    return list(as_days(stamps.astype("datetime64[D]"))), labels


def exact_digits(values: list[float], least: int) -> int:
    """The fewest decimals, but so many at least, that tell each value exactly."""
    digits = least
    while digits < 6 and any(abs(x - round(x, digits)) > 1e-6 * abs(x) for x in values):
        digits += 1
    return digits


def shortened(x: float, digits: int, suffix: str) -> str:
    """A tick's label; millions are abbreviated, or they would not fit beside the axis."""
    if abs(x) < 1e6:
        return fmt.number(x, digits) + suffix
    return f"{fmt.number(1e-6 * x, exact_digits([1e-6 * x], 0))}\N{NO-BREAK SPACE}M{suffix}"
