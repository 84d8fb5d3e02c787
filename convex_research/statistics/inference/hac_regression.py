"""Least squares with the Newey-West covariance: up and down betas, Dimson betas.

The covariance is the plain sandwich with Bartlett weights: no prewhitening and no small-sample
factor. The lag is Newey and West's automatic one unless it is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.statistics.inference.flags import SMALL_SAMPLE
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    carried_critical,
    long_run_covariance,
    moves,
    short_lag,
    symmetric_interval,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "COLLINEAR",
    "SHOWN_LAG",
    "HacFit",
    "beta_dimson",
    "beta_down",
    "beta_up",
    "hac_fit",
    "newey_west_lag",
    "up_down",
]

SHOWN_LAG = 5
"""The fixed lag that is shown beside the automatic one and used in Wald tests."""

COLLINEAR = 1e-6
"""What is left of a column of unit length without the others: less is an exact combination.

It is what two legs leave of each other whose correlation is within 1e-12 of one."""

_ENOUGH = 504  # at 252 the Wald test's size is 9 % under clustered volatility, at 504 it is 6

_FEW_SIDES = NotComputed(
    Missing.NOT_MOVING, "{b} moves in one direction only, so up and down cannot be told apart"
)


@dataclass(frozen=True, slots=True)
class HacFit:
    """Slopes of a least-squares fit with intercept, and what their covariances need.

    - ``influence`` (T, k): influence values of the slopes: (X'X / T)^-1 x_t e_t with centred x.
    - ``scores``: sum over regressors of x_jt e_t, x not centred: what the automatic lag is for.
    - ``leverage``: diagonal of the projection on the regressors and the constant.
    """

    params: Array
    influence: Array
    scores: Array
    leverage: Array

    @property
    def nobs(self) -> int:
        """Observations used."""
        return int(self.influence.shape[0])

    def covariance(self, lag: int) -> Array:
        """Newey-West covariance of the slopes with Bartlett lag ``lag``, shape (k, k)."""
        return np.asarray(long_run_covariance(self.influence, lag) / self.nobs)

    def left_out_covariance(self) -> Array | NotComputed:
        """HC3 covariance of the slopes, of residuals with each row left out, shape (k, k).

        Not computed where a row alone determines a slope. MacKinnon and White (1985), Journal of
        Econometrics 29, 305-325.
        """
        if float(self.leverage.max()) > 1.0 - 1e-9:
            return NotComputed(Missing.NOT_MOVING, "one day alone determines a slope")
        left_out = self.influence / (1.0 - self.leverage)[:, None]
        return np.asarray(left_out.T @ left_out / self.nobs**2)

    def std_error(self, weights: Array, lag: int) -> float:
        """Standard error of a weighted sum of the slopes."""
        combined = (self.influence @ weights)[:, None]
        return math.sqrt(max(float(long_run_covariance(combined, lag)[0, 0]), 0.0) / self.nobs)


def hac_fit(y: Array, regressors: Array) -> HacFit | NotComputed:
    """Least squares of ``y`` on a constant and ``regressors``.

    Not computed when the regressors are collinear.

    - ``regressors`` (T, k): explanatory series without a constant.
    """
    centred = regressors - regressors.mean(axis=0)
    if not moves(regressors, axis=0).all():
        return NotComputed(Missing.NOT_MOVING, "an explanatory series does not move in this sample")
    scale = np.abs(centred).max(axis=0)
    unit = centred / scale
    dy = y - y.mean()
    q, triangle = np.linalg.qr(unit)
    size = np.abs(np.diag(triangle))
    norms = np.sqrt(np.einsum("ij,ij->j", unit, unit))
    if (size <= COLLINEAR * norms).any():
        return NotComputed(
            Missing.EXACT, "the explanatory series are exact combinations of each other"
        )
    params = np.linalg.solve(triangle, q.T @ dy)
    resid = dy - unit @ params
    # (X'X)^-1 x_t e_t from the factors: forming X'X would square the condition number.
    influence = np.linalg.solve(triangle, q.T).T * (resid[:, None] * y.size / scale)
    leverage = 1.0 / y.size + np.einsum("ij,ij->i", q, q)
    return HacFit(params / scale, influence, regressors.sum(axis=1) * resid, leverage)


def newey_west_lag(scores: Array) -> int:
    """Automatic Bartlett lag of Newey and West (1994), without prewhitening.

    floor(1.1447 (s1^2 / s0^2)^(1/3) T^(1/3)) from m = floor(4 (T / 100)^(2/9)) autocovariances, at
    most floor(T / 4). Newey and West 1994.

    - ``scores``: weighted sum of the regression's scores.
    """
    nobs = scores.size
    unit = scores / (float(np.abs(scores).max()) or 1.0)
    count = min(short_lag(nobs), nobs - 1)
    sigma = np.array([float(unit[j:] @ unit[: nobs - j]) for j in range(count + 1)])
    s0 = sigma[0] + 2.0 * sigma[1:].sum()
    s1 = 2.0 * float(np.arange(1, count + 1) @ sigma[1:])
    longest = nobs // 4  # s0 near zero would ask for more lags than there are data
    if abs(s0) <= 1e-12 * abs(s1) or s0 == 0.0:
        return longest
    return min(int(1.1447 * ((s1 / s0) ** 2 * nobs) ** (1.0 / 3.0)), longest)


def _combination(
    fit: HacFit, weights: Array, *, what: str, confidence_level: float, unit: str
) -> Estimate:
    """Interval of a weighted sum of slopes at the automatic lag, lag 5 beside it."""
    lag = newey_west_lag(fit.scores)
    shown = fit.std_error(weights, SHOWN_LAG)
    critical, df = carried_critical(fit.influence @ weights, confidence_level, (lag + 1) / fit.nobs)
    return symmetric_interval(
        float(fit.params @ weights),
        fit.std_error(weights, lag),
        critical,
        confidence_level=confidence_level,
        interval=Interval.NEWEY_WEST,
        method=(
            f"{what}; Newey-West, automatic lag {lag}, Student t with {df:.1f} df"
            f" (lag {SHOWN_LAG}: std. error {shown:.4g})"
        ),
        nobs=fit.nobs,
        unit=unit,
    )


def _two_sided(a: ArrayLike, b: ArrayLike, min_nobs: int) -> HacFit | NotComputed:
    y, x = as_pair(a, b)
    if (reason := unusable(y, x, min_nobs=min_nobs)) is not None:
        return reason
    if min(np.count_nonzero(x > 0.0), np.count_nonzero(x < 0.0)) < 5:
        return _FEW_SIDES
    fit = hac_fit(y, np.column_stack([np.maximum(x, 0.0), np.minimum(x, 0.0)]))
    return _FEW_SIDES if isinstance(fit, NotComputed) else fit


def _side(
    a: ArrayLike, b: ArrayLike, side: int, confidence_level: float, unit: str
) -> Estimate | NotComputed:
    fit = _two_sided(a, b, 30)
    if isinstance(fit, NotComputed):
        return fit
    what = "one regression on max(B, 0) and min(B, 0)"
    weights = np.eye(2)[side]
    return _combination(fit, weights, what=what, confidence_level=confidence_level, unit=unit)


def beta_up(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, unit: str = "dimensionless"
) -> Estimate | NotComputed:
    """Beta of A on the rises of B.

    The slope on max(B, 0) in one regression of A on a constant, max(B, 0) and min(B, 0). Newey and
    West 1994.
    """
    return _side(a, b, 0, confidence_level, unit)


def beta_down(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, unit: str = "dimensionless"
) -> Estimate | NotComputed:
    """Beta of A on the falls of B: the slope on min(B, 0); see :func:`beta_up`."""
    return _side(a, b, 1, confidence_level, unit)


def up_down(a: ArrayLike, b: ArrayLike, *, lag: int = SHOWN_LAG) -> TestResult | NotComputed:
    """Wald test that the betas on rises and on falls of B are equal.

    (beta_up - beta_down)^2 / variance, chi-square with one degree of freedom. Flagged below 504
    observations, where it rejects too often.
    """
    fit = _two_sided(a, b, MIN_NOBS_TEST)
    if isinstance(fit, NotComputed):
        return fit
    from scipy.special import chdtrc

    contrast = np.array([1.0, -1.0])
    std_error = fit.std_error(contrast, lag)
    difference = float(fit.params @ contrast)
    if std_error <= 1e-12 * float(np.abs(fit.params).max()):
        return NotComputed(
            Missing.EXACT, "{a} is an exact function of {b}, so the betas have no sampling error"
        )
    statistic = (difference / std_error) ** 2
    return TestResult(
        statistic=statistic,
        pvalue=float(chdtrc(1.0, statistic)),
        null="the beta of {a} on {b} is the same when {b} rises and when {b} falls",
        alternative="the betas differ",
        distribution=f"chi-square(1), Newey-West covariance with lag {lag}",
        nobs=fit.nobs,
        flags=(SMALL_SAMPLE,) if fit.nobs < _ENOUGH else (),
    )


def beta_dimson(
    a: ArrayLike,
    b: ArrayLike,
    shifts: int,
    *,
    confidence_level: float = 0.95,
    unit: str = "dimensionless",
) -> Estimate | NotComputed:
    """Dimson's beta: the sum of slopes on leads and lags of B.

    Sum over j = -k..k of the slopes of A_t on B_(t+j), T - 2k observations. Closes hours apart put
    part of the comovement on the neighbouring days; the sum collects it. Dimson (1979), Journal of
    Financial Economics 7, 197-226.

    Parameters
    ----------
    shifts : int
        k: leads and lags on either side.
    """
    if shifts < 1:
        raise ValueError(f"shifts must be at least 1, got {shifts}")
    y, x = as_pair(a, b)
    needed = max(30, 10 * (2 * shifts + 1))
    if (reason := unusable(y, x, min_nobs=needed)) is not None:
        return reason
    columns = np.lib.stride_tricks.sliding_window_view(x, 2 * shifts + 1)
    fit = hac_fit(y[shifts:-shifts], columns)
    if isinstance(fit, NotComputed):
        return fit
    what = f"sum of slopes on B from {shifts} periods before to {shifts} after"
    weights = np.ones(columns.shape[1])
    return _combination(fit, weights, what=what, confidence_level=confidence_level, unit=unit)
