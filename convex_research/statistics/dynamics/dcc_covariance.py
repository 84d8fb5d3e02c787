"""Standard errors of a two-stage DCC: the sandwich of all its moment conditions.

The stack holds the four score equations of each leg, the moment that defines the target and the two
scores of the second stage, eleven in all. With m_t(theta) the stack, sqrt(T) (estimate - truth) has
covariance G^-1 Omega G^-T, G the Jacobian of its mean (central differences) and Omega its long-run
covariance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.dynamics.dcc_likelihood import correlation_path, second_stage
from convex_research.statistics.dynamics.garch_likelihood import conditional_variance
from convex_research.statistics.inference.influence_interval import (
    bartlett_lag,
    long_run_covariance,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array
    from convex_research.statistics.dynamics.garch import GarchFit

__all__ = ["DccErrors", "sandwich"]

_EDGE = 1e-4


@dataclass(frozen=True, slots=True)
class DccErrors:
    """Standard errors; ``None`` where a parameter lies on or next to the edge of its space.

    - ``a``, ``b``: of the second stage's parameters.
    - ``last_z``: of the last correlation on Fisher's scale.
    """

    a: float | None
    b: float | None
    last_z: float | None


@dataclass(frozen=True, slots=True)
class _Leg:
    """One leg's data in unit scale, so that all steps are alike."""

    returns: Array  # (y - mu) / scale: the fitted mean is at zero
    backcast: float
    theta: tuple[float, float, float, float]


def _unit_leg(fit: GarchFit) -> _Leg:
    scale = math.sqrt(float(np.mean(fit.variance)))
    deviations = fit.resid * np.sqrt(fit.variance) / scale
    theta = (0.0, fit.omega / scale**2, fit.alpha, fit.beta)
    return _Leg(deviations, fit.backcast / scale**2, theta)


def _leg_moments(leg: _Leg, theta: Array) -> tuple[Array, Array]:
    """Standardised residuals (T,) and the four scores (4, T) of a leg."""
    from scipy.signal import lfilter

    mu, omega, alpha, beta = theta
    deviation = leg.returns - mu
    squares = deviation * deviation
    variance = conditional_variance(
        squares, omega=omega, alpha=alpha, beta=beta, backcast=leg.backcast
    )
    drive = np.empty((4, squares.size))
    drive[0, 0], drive[0, 1:] = 0.0, -2.0 * alpha * deviation[:-1]
    drive[1] = 1.0
    drive[2, 0], drive[2, 1:] = leg.backcast, squares[:-1]
    drive[3, 0], drive[3, 1:] = leg.backcast, variance[:-1]
    by_theta = lfilter([1.0], [1.0, -beta], drive, axis=1)
    scores = 0.5 * (squares / variance - 1.0) / variance * by_theta
    scores[0] += deviation / variance
    return deviation / np.sqrt(variance), scores


def _stack(
    moments_a: tuple[Array, Array], moments_b: tuple[Array, Array], rest: Array
) -> tuple[Array, float]:
    """All moments (11, T), and the last correlation on Fisher's scale."""
    (za, scores_a), (zb, scores_b) = moments_a, moments_b
    target, a, b = rest
    moment = za * zb - 0.5 * target * (za * za + zb * zb)
    _, scores = second_stage(za, zb, a, b, target)
    last = float(correlation_path(za[:-1], zb[:-1], a, b, target)[-1])
    return np.vstack([scores_a, scores_b, moment[None, :], scores]), math.atanh(last)


def _shifted(
    legs: tuple[_Leg, _Leg], fitted: list[tuple[Array, Array]], theta: Array, changed: int
) -> tuple[Array, float]:
    """The stack at ``theta``, where only element ``changed`` differs from the fit."""
    parts = list(fitted)
    if changed < 8:
        leg = changed // 4
        parts[leg] = _leg_moments(legs[leg], theta[4 * leg : 4 * leg + 4])
    return _stack(parts[0], parts[1], theta[8:])


def sandwich(leg_a: GarchFit, leg_b: GarchFit, a: float, b: float, target: float) -> DccErrors:
    """Standard errors of a, b and the last correlation.

    Parameters on an edge (alpha or beta of a leg at zero, a at zero, a + b at one) are held fixed;
    all are ``None`` when the rest has no invertible Jacobian.

    - ``leg_a``, ``leg_b``: fitted first stage.
    - ``a``, ``b``, ``target``: fitted second stage.
    """
    legs = (_unit_leg(leg_a), _unit_leg(leg_b))
    theta = np.array([*legs[0].theta, *legs[1].theta, target, a, b])
    free = np.ones(11, dtype=bool)
    for first in (0, 4):
        free[first + 2] = theta[first + 2] > _EDGE
        # Without alpha nothing tells beta apart from omega.
        free[first + 3] = free[first + 2] and theta[first + 3] > _EDGE
    free[9] = a > _EDGE and a + b < 1.0 - 2.0 * _EDGE
    free[10] = free[9] and b > _EDGE
    steps = np.full(11, 1e-5)
    steps[[1, 5]] = 1e-4 * theta[[1, 5]] + 1e-9
    steps[8] = min(1e-5, 0.1 * (1.0 - abs(target)))  # a correlation beyond one has no likelihood
    fitted = [_leg_moments(leg, np.array(leg.theta)) for leg in legs]
    moments, _ = _stack(fitted[0], fitted[1], theta[8:])
    nobs = moments.shape[1]
    jacobian, slope_z = np.zeros((11, 11)), np.zeros(11)
    for k in np.flatnonzero(free):
        shift = np.zeros(11)
        shift[k] = steps[k]
        above, z_above = _shifted(legs, fitted, theta + shift, int(k))
        below, z_below = _shifted(legs, fitted, theta - shift, int(k))
        jacobian[:, k] = (above - below).sum(axis=1) / (2.0 * steps[k] * nobs)
        slope_z[k] = (z_above - z_below) / (2.0 * steps[k])
    omega = long_run_covariance(moments[free].T, bartlett_lag(nobs))
    inner = jacobian[np.ix_(free, free)]
    scale = np.sqrt(np.diag(omega))
    if not (scale > 0.0).all():  # shocks of one size have no moments that vary
        return DccErrors(None, None, None)
    scaled = inner / scale[:, None]
    if not np.isfinite(scaled).all() or np.linalg.cond(scaled / np.abs(scaled).max(axis=0)) > 1e10:
        return DccErrors(None, None, None)
    bread = np.linalg.inv(inner)
    covariance = bread @ omega @ bread.T / nobs
    errors = np.zeros(11)
    errors[free] = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    slope = slope_z[free]
    return DccErrors(
        a=float(errors[9]) if free[9] else None,
        b=float(errors[10]) if free[10] else None,
        last_z=math.sqrt(max(float(slope @ covariance @ slope), 0.0)),
    )
