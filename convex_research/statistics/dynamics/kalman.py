"""Beta of A on B as a random walk, filtered and smoothed.

y_t = alpha + beta_t x_t + e_t, beta_{t+1} = beta_t + w_t, with constant alpha and a diffuse start:
nothing is assumed about alpha and the first beta. Both variances are maximum likelihood. Given q =
var(w) / var(e) the variance of e is explicit, so that the likelihood is a function of q alone; and
for given q the whole path solves one tridiagonal system, whose factors also give the likelihood. No
step of a general filter is needed for either.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed
from convex_research.statistics.inference.influence_interval import as_pair, unusable

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["MIN_NOBS_KALMAN", "KalmanBeta", "diffuse_filter", "kalman_beta", "kalman_variances"]

MIN_NOBS_KALMAN = 100
_LOG_RATIOS = np.arange(-20.0, 3.01, 0.5)  # log q of the first search, legs in unit scale


@dataclass(frozen=True, slots=True, kw_only=True)
class KalmanBeta:
    """A random-walk beta.

    - ``last``: filtered beta after the last observation.
    - ``filtered``: beta at t given observations up to t; NaN for the first two, which the diffuse
      start uses up.
    - ``smoothed``: beta at t given the whole sample. For pictures only: it knows the future.
    - ``filtered_error``: standard errors of ``filtered``, variances taken as known.
    - ``intercept``: alpha given the whole sample, in the returns' unit.
    - ``noise_variance``, ``step_variance``: maximum likelihood variances of e and of w.
    """

    last: Estimate
    filtered: Array
    smoothed: Array
    filtered_error: Array
    intercept: float
    noise_variance: float
    step_variance: float


@dataclass(frozen=True, slots=True)
class _Solution:
    """Posterior of one variance ratio q, in units of var(e)."""

    beta: Array
    alpha: float
    noise: float  # maximum likelihood variance of e given q
    last_variance: float  # of the last beta, in units of var(e)
    loss: float  # minus twice the diffuse log-likelihood, var(e) concentrated out


def _solve(log_ratio: float, y: Array, x: Array) -> _Solution:
    """Solve the smoothing system of one variance ratio.

    The posterior of (beta_1..beta_T, alpha) under flat priors has precision [[X^2 + D'D / q, x],
    [x', T]] / var(e), D taking differences: tridiagonal with a border.
    """
    from scipy.linalg.lapack import dpttrf, dpttrs

    ratio, nobs = math.exp(log_ratio), y.size
    diagonal = x * x
    diagonal[:-1] += 1.0 / ratio
    diagonal[1:] += 1.0 / ratio
    pivots, factors, _ = dpttrf(diagonal, np.full(nobs - 1, -1.0 / ratio))
    solved, _ = dpttrs(pivots, factors, np.stack([x * y, x], axis=1))
    by_y, by_one = solved.T
    rest = nobs - float(x @ by_one)
    alpha = (float(y.sum()) - float(x @ by_y)) / rest
    beta = by_y - alpha * by_one
    resid, steps = y - alpha - x * beta, np.diff(beta)
    noise = (float(resid @ resid) + float(steps @ steps) / ratio) / (nobs - 2)
    determinant = float(np.log(pivots).sum()) + math.log(rest)
    return _Solution(
        beta=beta,
        alpha=alpha,
        noise=noise,
        last_variance=1.0 / float(pivots[-1]) + float(by_one[-1]) ** 2 / rest,
        loss=(nobs - 2) * math.log(noise) + determinant + (nobs - 1) * log_ratio,
    )


def diffuse_filter(
    y: Array, x: Array, *, noise_variance: float, step_variance: float
) -> tuple[Array, Array]:
    """Filtered betas and their standard errors for given variances.

    NaN before two observations with different ``x`` have been seen. Information form: the 2 x 2
    precision of (alpha, beta_t) starts at zero, which is the diffuse prior exactly. A step of beta
    adds to its variance only.

    - ``noise_variance``, ``step_variance``: variances of e and w; a zero ``step_variance`` gives
      recursive least squares.
    """
    nobs = y.size
    beta, variance = np.full(nobs, np.nan), np.full(nobs, np.nan)
    q = step_variance / noise_variance
    # Precision [[n, c], [c, p]] and right-hand side (u, v), in units of 1 / var(e).
    n = c = p = u = v = 0.0
    for t, (yt, xt) in enumerate(zip(y.tolist(), x.tolist(), strict=True)):
        shrink = 1.0 / (1.0 + q * p)
        n -= q * c * c * shrink
        u -= q * c * v * shrink
        c *= shrink
        p *= shrink
        v *= shrink
        n += 1.0
        c += xt
        p += xt * xt
        u += yt
        v += xt * yt
        determinant = n * p - c * c
        if determinant > 1e-12 * n * p:
            beta[t] = (n * v - c * u) / determinant
            variance[t] = n / determinant
    return beta, np.sqrt(noise_variance * variance)


def kalman_beta(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95
) -> KalmanBeta | NotComputed:
    """Random-walk beta of A on B by maximum likelihood.

    Not computed below 100 observations. Where the likelihood prefers no movement at all, the
    filtered beta is recursive least squares. Durbin and Koopman (2012), Time Series Analysis by
    State Space Methods, ch. 2 and 5.
    """
    y, x = as_pair(a, b)
    if not 0.0 < confidence_level < 1.0:
        raise ValueError(f"confidence_level is not in (0, 1): {confidence_level}")
    scaled = _in_unit_scale(y, x)
    if isinstance(scaled, NotComputed):
        return scaled
    unit_y, unit_x, centre_y, scale = scaled
    grid, top, step = _maximised(unit_y, unit_x)
    filtered, errors = diffuse_filter(unit_y, unit_x, noise_variance=top.noise, step_variance=step)
    unit = scale[0] / scale[1]
    low, high = sorted(unit * end for end in _mixture_ends(grid, confidence_level))
    value = unit * float(filtered[-1])
    last = Estimate(
        value=value,
        std_error=abs(unit) * float(errors[-1]),
        low=min(low, value),
        high=max(high, value),
        confidence_level=confidence_level,
        interval=Interval.LIKELIHOOD,
        method="random-walk beta, filtered; interval integrates over the variance ratio",
        nobs=y.size,
    )
    return KalmanBeta(
        last=last,
        filtered=unit * filtered,
        smoothed=unit * top.beta,
        filtered_error=abs(unit) * errors,
        intercept=centre_y + scale[0] * top.alpha,
        noise_variance=top.noise * scale[0] ** 2,
        step_variance=step * unit**2,
    )


def kalman_variances(a: ArrayLike, b: ArrayLike) -> tuple[float, float] | NotComputed:
    """Maximum likelihood variances of e and w, without the path of beta.

    Or NotComputed, as by :func:`kalman_beta`.
    """
    scaled = _in_unit_scale(*as_pair(a, b))
    if isinstance(scaled, NotComputed):
        return scaled
    unit_y, unit_x, _, scale = scaled
    _, top, step = _maximised(unit_y, unit_x)
    return top.noise * scale[0] ** 2, step * (scale[0] / scale[1]) ** 2


def _in_unit_scale(
    y: Array, x: Array
) -> tuple[Array, Array, float, tuple[float, float]] | NotComputed:
    """Both legs over their standard deviations, y's mean, and the standard deviations."""
    if (reason := unusable(y, x, min_nobs=MIN_NOBS_KALMAN)) is not None:
        return reason
    centre_y, centre_x = float(y.mean()), float(x.mean())
    scale_y, scale_x = float(y.std()), float(x.std())
    if scale_x <= 1e-3 * abs(centre_x):
        return NotComputed(
            Missing.NO_FIT,
            "the level of leg {b} swamps its movement: beta cannot be told from alpha",
        )
    # The level of x stays: with a moving beta it is not absorbed by the intercept.
    unit_x, unit_y = x / scale_x, (y - centre_y) / scale_y
    if max(float(np.max(unit_y**2)), float(np.max(((x - centre_x) / scale_x) ** 2))) > 0.5 * y.size:
        return NotComputed(Missing.NO_FIT, "one observation makes up most of the variance of a leg")
    if 1.0 - abs(float(np.corrcoef(x, y)[0, 1])) < 1e-12:
        return NotComputed(
            Missing.EXACT, "the two are the same up to scale: beta has no uncertainty"
        )
    return unit_y, unit_x, centre_y, (scale_y, scale_x)


def _maximised(y: Array, x: Array) -> tuple[list[_Solution], _Solution, float]:
    """Solutions on the grid of variance ratios, the best of all, and its variance of w."""
    from scipy.optimize import minimize_scalar

    grid = [_solve(float(v), y, x) for v in _LOG_RATIOS]
    best = int(np.argmin([solution.loss for solution in grid]))
    centre = float(_LOG_RATIOS[best])
    optimum = minimize_scalar(
        lambda v: _solve(float(v), y, x).loss,
        bounds=(centre - 0.5, centre + 0.5),
        method="bounded",
        options={"xatol": 1e-6},
    )
    top = _solve(float(optimum.x), y, x)
    return grid, top, top.noise * math.exp(float(optimum.x)) if best > 0 else 0.0


def _mixture_ends(grid: list[_Solution], confidence_level: float) -> tuple[float, float]:
    """Quantiles of the last beta over all variance ratios, weighted by likelihood.

    With the ratio fixed at its estimate an interval covers 81 to 90 % where it promises 95: the
    likelihood often prefers no movement although there is some. Prior: flat in the standard
    deviation of a step.
    """
    from scipy.optimize import brentq
    from scipy.special import ndtr

    losses = np.array([solution.loss for solution in grid])
    weights = np.exp(-0.5 * (losses - losses.min()) + 0.5 * _LOG_RATIOS)
    weights /= weights.sum()
    centres = np.array([solution.beta[-1] for solution in grid])
    errors = np.sqrt([solution.noise * solution.last_variance for solution in grid])
    reach = 10.0 * float(errors.max())
    bounds = (float(centres.min()) - reach, float(centres.max()) + reach)

    def excess(point: float, level: float) -> float:
        return float(weights @ ndtr((point - centres) / errors)) - level

    ends = [
        float(brentq(excess, *bounds, args=(0.5 + side * confidence_level / 2.0,)))
        for side in (-1.0, 1.0)
    ]
    return ends[0], ends[1]
