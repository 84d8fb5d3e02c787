"""What a leg did: changes, ranges, growth, drawdown, and capture of one by the other.

Realised changes are observed, not estimated, and carry no interval; growth rates and capture ratios
describe a process and do.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from convex_research.core.estimates import (
    Estimate,
    Interval,
    Missing,
    NotComputed,
    observed,
    too_short,
)
from convex_research.statistics.inference.fixed_b import fixed_b_critical
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    as_series,
    hac_std_error,
    influence_interval,
    unusable,
)
from convex_research.statistics.single.episodes import deepest_episodes, underwater

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike, Dates

__all__ = [
    "HORIZONS",
    "Drawdown",
    "cagr",
    "capture",
    "change",
    "extreme_of_year",
    "last",
    "max_drawdown",
    "recovery",
    "relative_strength",
    "start_of_horizon",
]

Horizon = Literal["1d", "5d", "1m", "3m", "ytd", "1y", "5y"]
HORIZONS: tuple[Horizon, ...] = ("1d", "5d", "1m", "3m", "ytd", "1y", "5y")
_MONTHS = {"1m": 1, "3m": 3, "1y": 12, "5y": 60}
_LARGEST_GROWTH = math.log(1e4)  # an interval that reaches beyond 10,000 times a year says nothing
_SLOW_DAYS = 20.0  # from here on a series has at most one observation a month


def last(levels: ArrayLike, *, unit: str = "") -> Estimate:
    """The last level, observed.

    Without interval.
    """
    series = as_series(levels, "levels")
    return observed(series[-1], unit=unit or "level")


def _months_before(day: np.datetime64, months: int) -> np.datetime64:
    """The same day of an earlier month, or that month's last day."""
    month = day.astype("datetime64[M]")
    offset = day - month.astype("datetime64[D]")
    first, following = ((month - m).astype("datetime64[D]") for m in (months, months - 1))
    moved: np.datetime64 = first + min(offset, following - first - 1)
    return moved


def start_of_horizon(dates: Dates, horizon: Horizon) -> int | None:
    """Index of the observation a horizon starts from, or None if it is not in the data.

    ``1d`` and ``5d`` count observations; the others start at the last observation on or before the
    same day one, three, twelve or sixty months earlier, ``ytd`` at the last of the preceding year.
    """
    if horizon in {"1d", "5d"}:
        at = len(dates) - 1 - int(horizon[0])
    elif horizon == "ytd":
        year = dates[-1].astype("datetime64[Y]").astype("datetime64[D]")
        at = int(np.searchsorted(dates, year, side="left")) - 1
    elif _is_slow(dates):
        months = dates.astype("datetime64[M]")
        target = months[-1] - _MONTHS[horizon]
        at = int(np.searchsorted(months, target, side="right")) - 1
        if at >= 0 and months[at] != target:
            return None
    else:
        day = _months_before(dates[-1], _MONTHS[horizon])
        at = int(np.searchsorted(dates, day, side="right")) - 1
    return at if at >= 0 else None


def _is_slow(dates: Dates) -> bool:
    steps = np.diff(dates.astype("datetime64[D]")).astype(float)
    return steps.size > 0 and float(np.median(steps)) > _SLOW_DAYS


def change(
    levels: ArrayLike, dates: Dates, horizon: Horizon, *, relative: bool, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Change of a level over a horizon that ends with the last observation.

    P_end / P_start - 1 where ``relative``, else the difference; ``nobs`` counts the returns in it.
    """
    series = as_series(levels, "levels")
    at = start_of_horizon(dates, horizon)
    if at is None:
        if horizon in _MONTHS and dates[0] <= _months_before(dates[-1], _MONTHS[horizon]):
            return NotComputed(
                Missing.NOT_IN_SAMPLE, f"the series has no observation {horizon} before its last"
            )
        return NotComputed(Missing.TOO_SHORT, f"the series is shorter than {horizon}")
    value = series[-1] / series[at] - 1.0 if relative else series[-1] - series[at]
    return observed(value, series.size - 1 - at, unit)


def extreme_of_year(
    levels: ArrayLike, dates: Dates, side: Literal["low", "high"], *, unit: str = ""
) -> tuple[Estimate | NotComputed, int]:
    """Lowest or highest level of the last 52 weeks, observed, and its index."""
    series = as_series(levels, "levels")
    first = int(np.searchsorted(dates, dates[-1] - np.timedelta64(364, "D"), side="left"))
    if dates[0] > dates[-1] - np.timedelta64(364, "D"):
        return NotComputed(Missing.TOO_SHORT, "the series is shorter than 52 weeks"), 0
    part = series[first:]
    at = int(part.argmin() if side == "low" else part.argmax())
    return observed(part[at], part.size, unit or "level"), first + at


def cagr(
    prices: ArrayLike, dates: Dates, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Compound annual growth rate with a fixed-b interval for the drift behind it.

    (P_end / P_start)^(1 / years) - 1, years of 365.25 days; the interval is that of the mean log
    return, times T, mapped the same way.
    """
    series = as_series(prices, "prices")
    if series.min() <= 0.0:
        return NotComputed(Missing.NOT_A_PRICE, "growth rates need positive prices")
    steps = np.diff(np.log(series))
    if (reason := unusable(steps)) is not None:
        return reason
    years = float((dates[-1] - dates[0]) / np.timedelta64(1, "D")) / 365.25
    std_error, b, lag = hac_std_error(steps - steps.mean())
    scale = steps.size / years
    half = fixed_b_critical(confidence_level, b) * std_error
    if scale * (float(steps.mean()) + half) > _LARGEST_GROWTH:
        return NotComputed(
            Missing.TOO_SHORT, "the sample is too short and wild for a growth rate a year"
        )
    low, value, high = (math.expm1(scale * (steps.mean() + d)) for d in (-half, 0.0, half))
    return Estimate(
        value=value,
        std_error=std_error * scale * (1.0 + value),
        low=low,
        high=high,
        confidence_level=confidence_level,
        interval=Interval.FIXED_B,
        method=f"fixed-b HAC (Bartlett, lag {lag}, b {b:.3f}), log scale",
        nobs=steps.size,
        unit="decimal a year",
    )


class Drawdown(NamedTuple):
    """The deepest fall from a peak, with the indices of peak and trough."""

    depth: float
    peak: int
    trough: int


def max_drawdown(prices: ArrayLike) -> Drawdown:
    """The deepest drawdown; see :func:`~convex_research.statistics.single.episodes.underwater`.

    Peak and trough coincide if prices never fall.
    """
    series = as_series(prices, "prices")
    depth = underwater(series)
    trough = int(depth.argmin())
    peak = int(series[: trough + 1].argmax())
    return Drawdown(float(depth[trough]), peak, trough)


def recovery(prices: ArrayLike, dates: Dates) -> Estimate | NotComputed:
    """Days from the peak before the deepest fall until it was reached again.

    Calendar days, observed, with the dates of the peak and of the return to it.
    """
    deepest = next(iter(deepest_episodes(prices, 1)), None)
    if deepest is None:
        return NotComputed(Missing.UNDEFINED, "it never fell")
    days = [dates[at].astype("datetime64[D]") for at in (deepest.peak, deepest.recovery or -1)]
    if deepest.recovery is None:
        return NotComputed(Missing.NOT_IN_SAMPLE, f"has not regained its peak of {days[0]}")
    return Estimate(
        value=float((days[1] - days[0]) / np.timedelta64(1, "D")),
        method="observed; from the peak before the deepest fall until it was reached again",
        nobs=deepest.recovery - deepest.peak,
        start=days[0].astype(object),
        end=days[1].astype(object),
        unit="days",
    )


def capture(
    a: ArrayLike, b: ArrayLike, side: Literal["up", "down"], *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """How much of B's mean move A shares on the days B rises (or falls).

    mean(a | side) / mean(b | side); influence values (a - R b) 1{side} / mean(b 1{side}) over the
    full time line, which keeps the gaps between days right. ``nobs`` counts the days of that side.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    inside = (y > 0.0) if side == "up" else (y < 0.0)
    count = int(inside.sum())
    if count < MIN_NOBS_INTERVAL:
        return NotComputed(
            Missing.TOO_SHORT,
            f"needs {MIN_NOBS_INTERVAL} {side} moves of {{benchmark}}, has {count}",
        )
    mean_b = float((y * inside).mean())
    ratio = float((x * inside).mean()) / mean_b
    influence = (x - ratio * y) * inside / mean_b
    estimate = influence_interval(ratio, influence, confidence_level=confidence_level)
    return Estimate(
        value=estimate.value,
        std_error=estimate.std_error,
        low=estimate.low,
        high=estimate.high,
        confidence_level=confidence_level,
        interval=estimate.interval,
        method=f"ratio of means, {estimate.method}",
        nobs=count,
    )


def relative_strength(
    prices_a: ArrayLike, prices_b: ArrayLike, window: int
) -> Estimate | NotComputed:
    """Growth of A over growth of B in the last ``window`` returns, minus one.

    Observed, without interval.
    """
    x, y = as_pair(prices_a, prices_b)
    if window < 1:
        raise ValueError(f"window must be at least 1, got {window}")
    if x.size <= window:
        return too_short(f"{window} observations", x.size - 1)
    ends = np.array([x[-1], x[-1 - window], y[-1], y[-1 - window]])
    if not (np.isfinite(ends).all() and (ends > 0.0).all()):
        return NotComputed(Missing.NOT_A_PRICE, "growth needs positive prices")
    value = (x[-1] / x[-1 - window]) / (y[-1] / y[-1 - window]) - 1.0
    return observed(value, window, "decimal")
