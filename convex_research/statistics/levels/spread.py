"""The return spread and the price ratio of two legs, with no look into the future.

Every value of day t uses observations up to and including day t, in a trailing window: nothing that
happens later changes it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, observed, too_short
from convex_research.statistics.inference.influence_interval import as_pair, moves, unusable
from convex_research.statistics.single.volatility import annualise, volatility

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "price_ratio",
    "spread_volatility",
    "spread_volatility_path",
    "tracking_error",
    "zscore",
    "zscore_path",
]

WINDOW = 252


def _positive_prices(price_a: ArrayLike, price_b: ArrayLike) -> tuple[Array, Array] | NotComputed:
    a, b = as_pair(price_a, price_b)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return NotComputed(Missing.MISSING_VALUES, "the sample has missing or infinite prices")
    if a.size == 0 or min(a.min(), b.min()) <= 0.0:
        return NotComputed(Missing.NOT_A_PRICE, "a price ratio needs positive prices")
    return a, b


def price_ratio(price_a: ArrayLike, price_b: ArrayLike) -> Estimate | NotComputed:
    """Last price of A over last price of B.

    Observed, not estimated: it has no interval.
    """
    prices = _positive_prices(price_a, price_b)
    if isinstance(prices, NotComputed):
        return prices
    value = float(prices[0][-1] / prices[1][-1])
    if not math.isfinite(value):
        return NotComputed(Missing.UNDEFINED, "the prices are too far apart for a ratio")
    return observed(value)


def zscore_path(price_a: ArrayLike, price_b: ArrayLike, *, window: int = WINDOW) -> Array:
    """Log price ratio in standard deviations from its own trailing mean.

    Shape (T,). (x_t - mean) / sd with x = log(A / B); NaN where the window is incomplete, holds a
    missing value or does not move.
    """
    a, b = as_pair(price_a, price_b)
    if window < 2:
        raise ValueError(f"window needs at least two observations, got {window}")
    path = np.full(a.size, np.nan)
    if a.size < window:
        return path
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.log(a) - np.log(b)
        windows = np.lib.stride_tricks.sliding_window_view(x, window)
        # From each window's own last value: what a window does not contain cannot enter it.
        relative = windows - windows[:, -1:]
        mean, spread = relative.mean(axis=1), relative.std(axis=1, ddof=1)
        moves = spread > 1e-12 * np.maximum(np.abs(x[window - 1 :]), 1.0)
        path[window - 1 :] = np.where(moves, -mean / spread, np.nan)
    return path


def zscore(
    price_a: ArrayLike, price_b: ArrayLike, *, window: int = WINDOW
) -> Estimate | NotComputed:
    """Last value of :func:`zscore_path`.

    Observed. The ratio need not return to its mean: a z-score is a distance, and only a
    cointegration test says whether it tends to shrink.
    """
    prices = _positive_prices(price_a, price_b)
    if isinstance(prices, NotComputed):
        return prices
    a, b = prices
    if a.size < window:
        return too_short(f"{window} prices", a.size)
    value = float(zscore_path(a[-window:], b[-window:], window=window)[-1])
    if not math.isfinite(value):
        return NotComputed(Missing.NOT_MOVING, "the price ratio does not move in its window")
    method = f"observed; log ratio against the {window} observations up to its own day"
    return observed(value, window, "standard deviations", method)


def spread_volatility(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Standard deviation of the return spread s = r_A - r_B, per period.

    ddof 1, HAC interval on the log scale.
    """
    gap = _spread(a, b)
    if isinstance(gap, NotComputed):
        return gap
    return volatility(gap, confidence_level=confidence_level, unit=unit)


def tracking_error(
    a: ArrayLike,
    b: ArrayLike,
    periods_per_year: int,
    *,
    confidence_level: float = 0.95,
    unit: str = "decimal",
) -> Estimate | NotComputed:
    """Annualised standard deviation of the return spread s = r_A - r_B.

    :func:`spread_volatility` times sqrt(periods_per_year).
    """
    per_period = spread_volatility(a, b, confidence_level=confidence_level, unit=unit)
    return annualise(per_period, periods_per_year)


def _spread(a: ArrayLike, b: ArrayLike) -> Array | NotComputed:
    x, y = as_pair(a, b)
    gap = x - y
    if (reason := unusable(x, y)) is not None:
        return reason
    if not moves(gap, size=max(np.abs(x).max(), np.abs(y).max())):
        text = "the legs differ by a constant, so the spread does not move"
        return NotComputed(Missing.NOT_MOVING, text)
    return np.asarray(gap)


def spread_volatility_path(a: ArrayLike, b: ArrayLike, *, window: int = WINDOW) -> Array:
    """Trailing standard deviation of s = r_A - r_B after every observation.

    Shape (T,). NaN where the window is incomplete or holds a missing value.
    """
    x, y = as_pair(a, b)
    if window < 2:
        raise ValueError(f"window needs at least two observations, got {window}")
    path = np.full(x.size, np.nan)
    if x.size >= window:
        windows = np.lib.stride_tricks.sliding_window_view(x - y, window)
        path[window - 1 :] = windows.std(axis=1, ddof=1)
    return path
