"""Standard deviation over every complete window, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_series,
    bartlett_lag,
    carried_df,
    long_run_variance,
    moves,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["rolling_volatility"]

_AT_ONCE = 1 << 18  # numbers held at a time: two megabytes


def rolling_volatility(
    x: ArrayLike, window: int, *, confidence_level: float = 0.95
) -> tuple[Array, Array, Array]:
    """Rolling sample standard deviation with the low and high ends of every window's interval.

    What :func:`~convex_research.statistics.single.volatility.volatility` gives window by window;
    NaN where the window is incomplete or the series does not move in it.
    """
    series = as_series(x)
    if window < MIN_NOBS_INTERVAL:
        raise ValueError(f"window must be at least {MIN_NOBS_INTERVAL}, got {window}")
    value, low, high = (np.full(series.size, np.nan) for _ in range(3))
    if series.size < window:
        return value, low, high
    scale = float(np.abs(series - series.mean()).max()) or 1.0
    view = np.lib.stride_tricks.sliding_window_view
    plain, views = view(series, window), view((series - series.mean()) / scale, window)
    lag = bartlett_lag(window)
    step = max(1, _AT_ONCE // window)
    for first in range(0, len(views), step):
        rows = views[first : first + step]
        moving = moves(plain[first : first + step])
        at = first + window - 1 + np.flatnonzero(moving)
        std, half = _window_errors(rows[moving], lag, confidence_level)
        value[at], low[at], high[at] = (scale * std * np.exp(h) for h in (0.0, -half, half))
    return value, low, high


def _window_errors(rows: Array, lag: int, confidence_level: float) -> tuple[Array, Array]:
    """Standard deviation of each row, and the half-width of its interval on the log scale."""
    from scipy.special import stdtrit

    window = rows.shape[1]
    squares = (rows - rows.mean(axis=1, keepdims=True)) ** 2
    mean_square = squares.mean(axis=1)
    # Influence of each observation on the log of the standard deviation.
    influence = 0.5 * (squares / mean_square[:, None] - 1.0)
    std_error = np.sqrt(long_run_variance(influence, lag) / window)
    critical = stdtrit(carried_df(influence, (lag + 1) / window), 0.5 + confidence_level / 2.0)
    return np.sqrt(mean_square * (window / (window - 1.0))), critical * std_error
