"""Dynamic conditional correlation of two legs, DCC(1,1).

Standardised residuals z_t of two GARCH(1,1) legs drive Q_{t+1} = (1 - a - b) Qbar + a z_t z_t' + b
Q_t, Q_1 = Qbar their sample correlation matrix (correlation targeting); the conditional correlation
is q12 / sqrt(q11 q22). The pair (a, b) maximises the Gaussian quasi likelihood of the second stage.
Every recursion is a linear filter, and so are its derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, too_short
from convex_research.statistics.dynamics.dcc_covariance import sandwich
from convex_research.statistics.dynamics.dcc_likelihood import correlation_path, second_stage
from convex_research.statistics.dynamics.garch import student_df
from convex_research.statistics.inference.fixed_b import fixed_b_critical
from convex_research.statistics.inference.influence_interval import bartlett_lag

if TYPE_CHECKING:
    from convex_research.core.typing import Array
    from convex_research.statistics.dynamics.garch import GarchFit


_Kind = TypeVar("_Kind", Estimate, Estimate | NotComputed)

__all__ = ["MIN_NOBS_DCC", "Dcc", "dcc", "fit_second_stage"]

MIN_NOBS_DCC = 252
_MAX_PERSISTENCE = 0.9999
_MIN_NOBS_MEMORY = 1000
_HEAVY_DF = 12.0
_EDGE = 1e-4  # closer to its bound than this, a parameter is on it


@dataclass(frozen=True, slots=True, kw_only=True)
class Dcc:
    """A fitted DCC(1,1).

    - ``a``, ``b``: reaction to news and memory. Without reaction the memory has no meaning.
    - ``last``: conditional correlation of the last observation, given those before it.
    - ``minimum``, ``maximum``: extremes of the path. They describe the fitted path and have no
      interval.
    - ``path``: conditional correlations; element t uses returns before t, but parameters of the
      whole sample.
    - ``next_correlation``: conditional correlation of the first observation after the sample.
    - ``minimum_index``, ``maximum_index``: positions of the extremes.
    - ``target``: correlation of the standardised residuals, the path's long-run level.
    - ``loglikelihood``: of the second stage, without its constant and the legs' own part.
    """

    a: Estimate
    b: Estimate | NotComputed
    last: Estimate
    minimum: Estimate
    maximum: Estimate
    path: Array
    next_correlation: float
    minimum_index: int
    maximum_index: int
    target: float
    loglikelihood: float


def fit_second_stage(za: Array, zb: Array) -> tuple[float, float, float]:
    """Quasi maximum likelihood of (a, b) for given standardised residuals.

    - ``za``, ``zb``: standardised residuals of both legs.
    - ``a``, ``b``: a, b >= 0 and a + b <= .9999.
    - ``target``: correlation of ``za`` and ``zb``.
    """
    from scipy.optimize import minimize

    target = float(np.corrcoef(za, zb)[0, 1])
    nobs = za.size

    def loss(theta: Array) -> tuple[float, Array]:
        persistence, share = theta
        value, scores = second_stage(za, zb, persistence * share, persistence * (1 - share), target)
        by_a, by_b = scores.sum(axis=1)
        gradient = (share * by_a + (1 - share) * by_b, persistence * (by_a - by_b))
        return -value / nobs, -np.array(gradient) / nobs

    # Persistence and the share of news are nearly orthogonal, a and b are not.
    starts = [(p, s) for p in (0.6, 0.9, 0.97, 0.99) for s in (0.01, 0.03, 0.08)]
    best = min(starts, key=lambda start: loss(np.array(start))[0])
    optimum = minimize(
        loss,
        best,
        jac=True,
        method="SLSQP",  # L-BFGS-B wakes BLAS threads at every step, which costs more than the fit
        bounds=[(0.0, _MAX_PERSISTENCE), (0.0, 1.0)],
        options={"ftol": 1e-12, "maxiter": 200},
    )
    persistence, share = (float(v) for v in optimum.x)
    a, b = persistence * share, persistence * (1.0 - share)
    if a < _EDGE:
        return 0.0, 0.0, target
    return a, b, target


def dcc(leg_a: GarchFit, leg_b: GarchFit, *, confidence_level: float = 0.95) -> Dcc | NotComputed:
    """Dynamic conditional correlation of two fitted legs.

    Intervals: both stages' scores and the target's moment are stacked, and the sandwich of the
    stack with Bartlett weights carries the legs' uncertainty into a, b and, by the delta method,
    the last correlation; fixed-b critical values. They hold when the correlation follows a DCC with
    a > 0; with Student shocks of 8 degrees of freedom a nominal 95 % covers 89 to 91 %, which a
    flag says. The last correlation has a standard error and no interval, b an interval from 1,000
    observations on: shorter samples' intervals miss too often. Not computed below 252 observations.
    Engle (2002), Journal of Business and Economic Statistics 20, 339-350; Engle and Sheppard
    (2001), NBER working paper 8554 (two-stage standard errors).

    Parameters
    ----------
    leg_a, leg_b : GarchFit
        First stage, of equal length.
    """
    if leg_a.nobs != leg_b.nobs:
        raise ValueError(f"the legs differ in length: {leg_a.nobs} and {leg_b.nobs}")
    if not 0.0 < confidence_level < 1.0:
        raise ValueError(f"confidence_level is not in (0, 1): {confidence_level}")
    nobs = leg_a.nobs
    if nobs < MIN_NOBS_DCC:
        return too_short(f"at least {MIN_NOBS_DCC} observations", nobs)
    za, zb = leg_a.resid, leg_b.resid
    if 1.0 - abs(float(np.corrcoef(za, zb)[0, 1])) < 1e-6:
        return NotComputed(
            Missing.EXACT, "the two move together perfectly: their correlation has no dynamics"
        )
    a, b, target = fit_second_stage(za, zb)
    value, _ = second_stage(za, zb, a, b, target)
    path = correlation_path(za, zb, a, b, target)
    errors = sandwich(leg_a, leg_b, a, b, target)
    lowest, highest = int(np.argmin(path[:-1])), int(np.argmax(path[:-1]))
    describe = "filtered path of DCC(1,1); describes the path, no interval"
    heavy = min(student_df(za), student_df(zb)) < _HEAVY_DF
    return Dcc(
        a=_flagged(_parameter(a, errors.a, nobs, confidence_level), heavy=heavy),
        b=_flagged(_memory(a, b, errors.b, nobs, confidence_level), heavy=heavy),
        last=_last(path[-2], errors.last_z, nobs),
        minimum=Estimate(value=path[lowest], method=describe, nobs=nobs),
        maximum=Estimate(value=path[highest], method=describe, nobs=nobs),
        path=path[:-1],
        next_correlation=float(path[-1]),
        minimum_index=lowest,
        maximum_index=highest,
        target=target,
        loglikelihood=value,
    )


def _flagged(result: _Kind, *, heavy: bool) -> _Kind:
    """The result, with a flag on its interval when the shocks have heavy tails."""
    if heavy and isinstance(result, Estimate) and result.confidence_level is not None:
        return replace(result, flags=(*result.flags, "short_under_heavy_tails"))
    return result


def _half_width(std_error: float, nobs: int, confidence_level: float) -> float:
    share = (bartlett_lag(nobs) + 1) / nobs
    return fixed_b_critical(confidence_level, share) * std_error


def _parameter(
    value: float, std_error: float | None, nobs: int, confidence_level: float
) -> Estimate:
    """Estimate of a or b; on the edge of the parameter space there is no interval."""
    if std_error is None:
        reason = "no interval: the estimate lies on the edge of the parameter space"
        return Estimate(value=value, method=f"two-stage QML, {reason}", nobs=nobs)
    half = _half_width(std_error, nobs, confidence_level)
    return Estimate(
        value=value,
        std_error=std_error,
        low=max(value - half, 0.0),
        high=min(value + half, 1.0),
        confidence_level=confidence_level,
        interval=Interval.FIXED_B,
        method=f"two-stage QML, sandwich of both stages, fixed-b (lag {bartlett_lag(nobs)})",
        nobs=nobs,
    )


def _memory(
    a: float, b: float, std_error: float | None, nobs: int, confidence_level: float
) -> Estimate | NotComputed:
    """Estimate of b. Its interval covers at 1,260 observations (95 %) and not at 252 (85 %)."""
    if a == 0.0:
        return NotComputed(
            Missing.UNDEFINED, "the correlation shows no reaction to news: no memory to measure"
        )
    if nobs < _MIN_NOBS_MEMORY and std_error is not None:
        reason = f"no interval below {_MIN_NOBS_MEMORY:,} observations: it would be too short"
        return Estimate(value=b, std_error=std_error, method=f"two-stage QML, {reason}", nobs=nobs)
    return _parameter(b, std_error, nobs, confidence_level)


def _last(rho: float, error_z: float | None, nobs: int) -> Estimate:
    """Last conditional correlation; its delta-method interval would cover 87 % at 95."""
    return Estimate(
        value=rho,
        std_error=None if error_z is None else error_z * (1.0 - rho * rho),
        method="two-stage QML; std_error by delta method, too short for an interval",
        nobs=nobs,
    )
