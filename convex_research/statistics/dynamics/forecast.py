"""Forecasts of the correlation over the next sessions, scored on what came.

Three forecasts, each from returns before the session it is made for: the long-run mean (correlation
of all earlier returns), RiskMetrics' exponential weights, and DCC(1,1) refitted on expanding data.
Whether anything beats the long-run mean is a question for the losses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import (
    Estimate,
    Interval,
    Missing,
    NotComputed,
    TestResult,
)
from convex_research.statistics.dependence.conditional_correlation import ewma_path
from convex_research.statistics.dynamics.expanding_dcc import FIRST, ExpandingDcc, expanding_dcc
from convex_research.statistics.dynamics.past_errors import error_range, hit_rate
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    moves,
    unusable,
)
from convex_research.statistics.inference.paired_losses import diebold_mariano, relative_gain

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "HORIZON",
    "METHODS",
    "CorrelationForecasts",
    "compare_with_mean",
    "correlation_forecasts",
    "gain_over_mean",
    "next_correlation",
    "next_hit_rate",
    "qlike",
]

HORIZON = 21
METHODS = ("mean", "ewma", "dcc")
_LIMIT = 0.999


class CorrelationForecasts(NamedTuple):
    """Forecasts and outcomes by origin.

    - ``forecast`` (K,): forecast by method for each scored origin.
    - ``realised`` (K,): correlation of the ``horizon`` returns from the origin on.
    - ``current``: forecast by method for the sessions after the sample.
    - ``horizon``: sessions ahead.
    """

    forecast: dict[str, Array]
    realised: Array
    current: dict[str, float]
    horizon: int
    nobs: int


def qlike(forecast: Array, realised: Array) -> Array:
    """Loss of a correlation forecast: the Gaussian one of the 2 x 2 matrix, zero when right.

    log det F + tr(F^-1 R) less its value at F = R, that is log((1 - f^2) / (1 - r^2)) + 2 (1 - f r)
    / (1 - f^2) - 2. Its mean is smallest at the mean of r, so noise in the outcome does not change
    the ranking. Patton (2011), Journal of Econometrics 160, 246-256.

    - ``forecast``, ``realised`` (K,): correlations inside (-1, 1).
    """
    rest = 1.0 - forecast * forecast
    loss = np.log(rest / (1.0 - realised * realised))
    return np.asarray(np.maximum(loss + 2.0 * (1.0 - forecast * realised) / rest - 2.0, 0.0))


def correlation_forecasts(
    a: ArrayLike, b: ArrayLike, *, horizon: int = HORIZON
) -> CorrelationForecasts | NotComputed:
    """Forecast the next correlation from every session after the first year.

    Origins 252 .. T - horizon; an origin whose outcome is undefined is left out. A forecast that
    cannot be had (DCC) is missing from the dictionaries.

    Parameters
    ----------
    horizon : int
        Sessions ahead, at least 5.
    """
    if horizon < 5:
        raise ValueError(f"horizon must be at least 5, got {horizon}")
    y, x = as_pair(a, b)
    if (reason := unusable(y, x, min_nobs=FIRST + horizon + MIN_NOBS_TEST)) is not None:
        return reason
    paths = {"mean": _expanding_mean(y, x), "ewma": ewma_path(y, x)[FIRST - 1 :]}
    fit = expanding_dcc(y, x)
    if isinstance(fit, ExpandingDcc):
        paths["dcc"] = _average_ahead(fit, horizon)
    realised = _realised(y, x, horizon)[FIRST:]
    scored = np.isfinite(realised) & (np.abs(realised) < 1.0 - 1e-12)
    for path in paths.values():
        scored &= np.isfinite(path[: realised.size])
    if np.count_nonzero(scored) < MIN_NOBS_TEST or not all(
        math.isfinite(path[-1]) for path in paths.values()
    ):
        return NotComputed(
            Missing.TOO_SHORT, "too few sessions have a defined correlation to score forecasts"
        )
    limited = {name: np.clip(path, -_LIMIT, _LIMIT) for name, path in paths.items()}
    return CorrelationForecasts(
        forecast={name: path[: realised.size][scored] for name, path in limited.items()},
        realised=np.clip(realised[scored], -_LIMIT, _LIMIT),
        current={name: float(path[-1]) for name, path in limited.items()},
        horizon=horizon,
        nobs=y.size,
    )


def _expanding_mean(a: Array, b: Array) -> Array:
    """Correlation of all returns before each session FIRST .. T."""
    columns = []
    for series in (a, b):
        start = series[:FIRST]
        # Centred by the first year alone: what comes later must not touch what was known.
        centred = series - start.mean()
        columns.append(centred / (float(np.abs(centred[:FIRST]).max()) or 1.0))
    u, v = columns
    sums = np.cumsum(np.stack([u, v, u * u, v * v, u * v]), axis=1)[:, FIRST - 1 :]
    count = np.arange(FIRST, a.size + 1)
    mean_u, mean_v, square_u, square_v, product = sums / count
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.sqrt((square_u - mean_u**2) * (square_v - mean_v**2))
        return np.asarray((product - mean_u * mean_v) / spread)


def _average_ahead(fit: ExpandingDcc, horizon: int) -> Array:
    """Mean over the horizon of DCC's correlation forecasts, which revert geometrically."""
    steps = np.arange(horizon)[:, None]
    share = (fit.persistence[None, :] ** steps).mean(axis=0)
    return np.asarray(fit.target + share * (fit.correlation - fit.target))


def _realised(a: Array, b: Array, horizon: int) -> Array:
    """Correlation of the ``horizon`` returns from each session on; NaN where a leg rests."""
    view = np.lib.stride_tricks.sliding_window_view
    centred = []
    for series in (a, b):
        spans = view(series, horizon)
        moving = moves(spans)[:, None]
        spans = spans - spans.mean(axis=1, keepdims=True)
        size = np.abs(spans).max(axis=1, keepdims=True)
        centred.append(spans / np.where(moving, size, np.nan))
    u, v = centred
    squares = np.einsum("ij,ij->i", u, u) * np.einsum("ij,ij->i", v, v)
    return np.asarray(np.einsum("ij,ij->i", u, v) / np.sqrt(squares))


def next_correlation(
    forecasts: CorrelationForecasts, method: str = "mean", *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Forecast of the correlation over the sessions after the sample.

    The interval is for the outcome, not for a parameter: quantiles of the method's own past errors
    on Fisher's scale, added to the forecast. Overlapping outcomes make far fewer independent errors
    than their number; 24 outcomes end to end are needed.

    Parameters
    ----------
    forecasts : CorrelationForecasts
        From :func:`correlation_forecasts`.
    method : {"mean", "ewma", "dcc"}
        Which forecast.
    """
    if method not in forecasts.forecast:
        return _no_forecast(method)
    errors, value = _errors(forecasts, method), forecasts.current[method]
    ends = error_range(errors, forecasts.horizon, confidence_level)
    if isinstance(ends, NotComputed):
        return ends
    z = math.atanh(value)
    return Estimate(
        value=value,
        std_error=float(errors.std()) * (1.0 - value * value),
        low=math.tanh(z + ends[0]),
        high=math.tanh(z + ends[1]),
        confidence_level=confidence_level,
        interval=Interval.PREDICTION,
        method=(
            f"{_NAMES[method]}; prediction interval from {errors.size} past errors"
            f" ({errors.size // forecasts.horizon} without overlap), Fisher scale"
        ),
        nobs=forecasts.nobs,
    )


def next_hit_rate(
    forecasts: CorrelationForecasts, method: str = "mean", *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of past outcomes in the ranges of :func:`next_correlation`, each made in its time."""
    if method not in forecasts.forecast:
        return _no_forecast(method)
    errors = _errors(forecasts, method)
    return hit_rate(errors, forecasts.horizon, confidence_level=confidence_level)


def _errors(forecasts: CorrelationForecasts, method: str) -> Array:
    """Outcome less forecast on Fisher's scale."""
    return np.asarray(np.arctanh(forecasts.realised) - np.arctanh(forecasts.forecast[method]))


_NAMES = {
    "mean": "correlation of all observations",
    "ewma": "exponential weights, decay 0.94",
    "dcc": "DCC(1,1), expanding refits at doubled samples",
}


def _no_forecast(method: str) -> NotComputed:
    return NotComputed(Missing.NO_FIT, f"the forecast by {{{method}}} could not be made")


def _losses(forecasts: CorrelationForecasts, method: str) -> tuple[Array, Array] | NotComputed:
    """QLIKE of a method and of the long-run mean."""
    if method not in forecasts.forecast:
        return _no_forecast(method)
    one, mean = (qlike(forecasts.forecast[m], forecasts.realised) for m in (method, "mean"))
    return one, mean


def gain_over_mean(
    forecasts: CorrelationForecasts, method: str, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Share of the long-run mean's loss that a method removes out of sample.

    1 - mean QLIKE / mean QLIKE of the long-run mean; blocks at least two horizons long, because
    outcomes overlap.

    Parameters
    ----------
    forecasts : CorrelationForecasts
        From :func:`correlation_forecasts`.
    method : {"ewma", "dcc"}
        Which forecast.
    """
    losses = _losses(forecasts, method)
    if isinstance(losses, NotComputed):
        return losses
    return relative_gain(
        *losses,
        confidence_level=confidence_level,
        block_length=min(2.0 * forecasts.horizon, losses[0].size / 6.0),
        what=f"1 - QLIKE of {method} / QLIKE of the long-run mean",
    )


def compare_with_mean(forecasts: CorrelationForecasts, method: str) -> TestResult | NotComputed:
    """Diebold-Mariano test that a method forecasts as well as the long-run mean.

    On QLIKE; positive: the method loses more than the long-run mean.
    """
    losses = _losses(forecasts, method)
    if isinstance(losses, NotComputed):
        return losses
    names = (f"the forecast by {{{method}}}", "the long-run mean")
    # The loss of one day shares returns with those of 20 days on either side; Bartlett weights
    # that end at twice that still take away so much of them that the test's size is 8 %.
    return diebold_mariano(*losses, names=names, horizon=3 * forecasts.horizon)
