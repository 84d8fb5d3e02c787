"""Standard deviation over every complete window, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.inference.influence_interval import (
    FEWEST_DF,
    MIN_NOBS_INTERVAL,
    as_series,
    bartlett_lag,
    moves,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["rolling_volatility"]

_AT_ONCE = 1 << 18  # numbers held at a time: two megabytes


def rolling_volatility(
    x: ArrayLike, window: int, *, confidence_level: float = 0.95
) -> tuple[Array, Array, Array]:
    """Rolling sample standard deviation with the HAC interval of every window.

    Returns
    -------
    value, low, high : array, shape (T,)
        What :func:`~convex_research.statistics.single.volatility.volatility` gives window by
        window; NaN where the window is incomplete or the series does not move in it.
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
        one, half = _window_errors(rows[moving], lag, confidence_level)
        value[at] = scale * one
        low[at], high[at] = scale * one * np.exp(-half), scale * one * np.exp(half)
    return value, low, high


def _window_errors(rows: Array, lag: int, confidence_level: float) -> tuple[Array, Array]:
    """Standard deviation of each row, and the half-width of its interval on the log scale."""
    from scipy.special import stdtrit

    window = rows.shape[1]
    centred = rows - rows.mean(axis=1, keepdims=True)
    squares = centred * centred
    mean_square = squares.mean(axis=1)
    # Influence of each observation on the log of the standard deviation.
    influence = 0.5 * (squares / mean_square[:, None] - 1.0)
    omega = np.einsum("ij,ij->i", influence, influence)
    total, fourth = omega.copy(), np.einsum("ij,ij->i", influence**2, influence**2)
    for j in range(1, lag + 1):
        weight = 2.0 * (1.0 - j / (lag + 1.0))
        omega += weight * np.einsum("ij,ij->i", influence[:, j:], influence[:, :-j])
    std_error = np.sqrt(np.maximum(omega, 0.0)) / window
    # The critical value of carried_critical in statistics.inference, a row at a time.
    carrying = np.maximum(total**2 / np.maximum(fourth, 1e-300), 1.0)
    df = np.maximum(1.0 / (1.0 / carrying + (lag + 1.0) / window / 1.5), FEWEST_DF)
    critical = stdtrit(df, 0.5 + confidence_level / 2.0)
    return np.sqrt(mean_square * (window / (window - 1.0))), critical * std_error
