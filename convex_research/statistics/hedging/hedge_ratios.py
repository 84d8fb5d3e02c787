"""Hedge ratios known the day before, one array a method.

Element i of every array is the ratio for session 252 + i, made from earlier returns only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dynamics.expanding_dcc import FIRST, expanding_dcc, refit_schedule
from convex_research.statistics.dynamics.kalman import diffuse_filter, kalman_variances
from convex_research.statistics.dynamics.rolling import rolling_beta
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    moves,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "DECAY",
    "METHODS",
    "WINDOW",
    "dcc_ratios",
    "ewma_ratios",
    "kalman_ratios",
    "naive_ratios",
    "ratios_by_method",
    "rolling_ratios",
]

WINDOW = FIRST
DECAY = 0.94
METHODS = ("naive", "ols", "ewma", "dcc", "kalman")


def naive_ratios(nobs: int) -> Array:
    """Ratio one for the ``nobs`` - 252 sessions on which the methods are compared."""
    return np.ones(max(nobs - WINDOW, 0))


def rolling_ratios(a: ArrayLike, b: ArrayLike, *, window: int = WINDOW) -> Array | NotComputed:
    """Least-squares ratios of the ``window`` returns before each of sessions window .. T - 1."""
    y, x = as_pair(a, b)
    if (reason := unusable(y, x, min_nobs=window + MIN_NOBS_INTERVAL)) is not None:
        return reason
    if not moves(np.lib.stride_tricks.sliding_window_view(x[:-1], window)).all():
        return NotComputed(
            Missing.NOT_MOVING,
            f"{{b}} does not move for {window} sessions, so no ratio exists there",
        )
    # Where A stands still, nothing hedges it.
    return np.nan_to_num(rolling_beta(y[:-1], x[:-1], window)[window - 1 :])


def ewma_ratios(
    a: ArrayLike, b: ArrayLike, *, decay: float = DECAY, first: int = FIRST
) -> Array | NotComputed:
    """Ratio of exponentially weighted, zero-mean moments of the returns before each session.

    sum_s decay^s a_(t-1-s) b_(t-1-s) / sum_s decay^s b_(t-1-s)^2, shape (T - first,). J.P. Morgan
    (1996), RiskMetrics technical document, 4th edition.
    """
    if not 0.0 < decay < 1.0:
        raise ValueError(f"decay is not in (0, 1): {decay}")
    y, x = as_pair(a, b)
    if (reason := unusable(y, x, min_nobs=first + MIN_NOBS_INTERVAL)) is not None:
        return reason
    from scipy.signal import lfilter

    scale = float(np.abs(x[:first]).max()) or 1.0
    unit = x / scale
    moments = lfilter([1.0], [1.0, -decay], np.stack([y * unit, unit * unit]), axis=1)
    cross, square = moments[:, first - 1 : -1]
    if float(square.min()) < 1e-290:
        return NotComputed(
            Missing.NOT_MOVING, "{b} does not move for months, so no ratio exists there"
        )
    return np.asarray(cross / square / scale)


def dcc_ratios(a: ArrayLike, b: ArrayLike) -> Array | NotComputed:
    """Ratio of conditional moments of a DCC(1,1), refitted on expanding data.

    rho_t sigma_a,t / sigma_b,t; parameters from 252, 504, 1,008 ... observations. Engle (2002),
    Journal of Business and Economic Statistics 20, 339-350.
    """
    y, x = as_pair(a, b)
    if (reason := unusable(y, x, min_nobs=FIRST + MIN_NOBS_INTERVAL)) is not None:
        return reason
    fit = expanding_dcc(y, x)
    if isinstance(fit, NotComputed):
        return fit
    ratios = fit.correlation * fit.volatility_a / fit.volatility_b
    return np.asarray(ratios[:-1])  # the last one is for the session after the sample


def kalman_ratios(a: ArrayLike, b: ArrayLike) -> Array | NotComputed:
    """Filtered random-walk beta of the day before, variances refitted on expanding data.

    Variances from 252, 504, 1,008 ... observations; a later fit that fails leaves those of the one
    before. Durbin and Koopman (2012), Time Series Analysis by State Space Methods, ch. 2.
    """
    y, x = as_pair(a, b)
    if (reason := unusable(y, x, min_nobs=FIRST + MIN_NOBS_INTERVAL)) is not None:
        return reason
    variances: tuple[float, float] | None = None
    sizes, parts = refit_schedule(y.size - 1), []
    for size, stop in zip(sizes, (*sizes[1:], y.size), strict=True):
        fitted = kalman_variances(y[:size], x[:size])
        if not isinstance(fitted, NotComputed):
            variances = fitted
        elif variances is None:
            return fitted
        noise, step = variances
        filtered, _ = diffuse_filter(
            y[: stop - 1], x[: stop - 1], noise_variance=noise, step_variance=step
        )
        parts.append(filtered[size - 1 :])
    ratios = np.concatenate(parts)
    if not np.isfinite(ratios).all():
        return NotComputed(Missing.NO_FIT, "the filtered beta is undefined in a part of the sample")
    return ratios


def ratios_by_method(a: ArrayLike, b: ArrayLike) -> dict[str, Array | NotComputed]:
    """All methods' ratios for the same sessions, 252 .. T - 1, by name."""
    y, x = as_pair(a, b)
    return {
        "naive": naive_ratios(y.size),
        "ols": rolling_ratios(y, x),
        "ewma": ewma_ratios(y, x),
        "dcc": dcc_ratios(y, x),
        "kalman": kalman_ratios(y, x),
    }
