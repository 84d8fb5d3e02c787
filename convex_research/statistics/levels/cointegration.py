"""Do two log prices share their trend? Engle-Granger, Phillips-Ouliaris, Johansen.

The residual of an estimated relation looks more stationary than it is. Its own critical values
(MacKinnon, Phillips-Ouliaris) allow for that; those of Dickey and Fuller would reject a true null
in one of eight samples.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.core.estimates import Missing, NotComputed, TestResult
from convex_research.statistics.inference.flags import (
    SMALL_SAMPLE,
    UNCLEAR_DRIFT,
    VOLATILITY_OUTSIDE_LAW,
)
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    unusable,
)
from convex_research.statistics.levels.unit_root import dickey_fuller

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = [
    "cointegrating_residual",
    "doornik_pvalue",
    "engle_granger",
    "johansen_trace",
    "phillips_ouliaris",
]

_ENOUGH = 504  # below, clustered volatility lifts the size above 7.5 %

_NULL = "the log prices are not cointegrated"
_ALTERNATIVE = "a combination of the log prices reverts to a constant mean"
_SAME = NotComputed(
    Missing.EXACT, "the two prices move in exact proportion, so there is no gap to test"
)


def cointegrating_residual(log_a: Array, log_b: Array) -> Array | None:
    """Residual of log A on log B with a constant; none where A is linear in B."""
    dy, dx = log_a - log_a.mean(), log_b - log_b.mean()
    unit = dx / float(np.abs(dx).max())
    slope = float(unit @ dy) / float(unit @ unit)
    resid = dy - slope * unit
    # The bound of statsmodels' coint: beyond it rounding decides the residual's test.
    return None if float(resid @ resid) <= 1.5e-6 * float(dy @ dy) else np.asarray(resid)


def _related(log_a: ArrayLike, log_b: ArrayLike) -> tuple[Array, Array, Array] | NotComputed:
    """Both series and the residual of A on B."""
    y, x = as_pair(log_a, log_b)
    if (reason := unusable(y, x, min_nobs=MIN_NOBS_TEST)) is not None:
        return reason
    resid = cointegrating_residual(y, x)
    return _SAME if resid is None else (y, x, resid)


def _scaled(x: Array) -> Array:
    centred = x - x.mean()
    return np.asarray(centred / float(np.abs(centred).max()))


def _flags(*, short: bool) -> tuple[str, ...]:
    """What makes the level of a test by residuals uncertain."""
    return (SMALL_SAMPLE, VOLATILITY_OUTSIDE_LAW) if short else (VOLATILITY_OUTSIDE_LAW,)


def engle_granger(
    log_a: ArrayLike, log_b: ArrayLike, *, lags: int | Literal["aic"] = 1
) -> TestResult | NotComputed:
    """Engle-Granger test of the log price of A on that of B with a constant.

    t ratio of the residual's lagged level; p-value by MacKinnon for two series. Engle and Granger
    (1987), Econometrica 55, 251-276; MacKinnon (2010), Queen's Economics Department working paper
    1227.
    """
    series = _related(log_a, log_b)
    if isinstance(series, NotComputed):
        return series
    from statsmodels.tsa.adfvalues import mackinnonp

    *_, resid = series
    test = dickey_fuller(resid, lags, constant=False)
    if test is None:
        return _SAME
    return TestResult(
        statistic=test.statistic,
        pvalue=float(mackinnonp(test.statistic, regression="c", N=2)),
        null=_NULL,
        alternative=_ALTERNATIVE,
        distribution=f"Engle-Granger, 2 series, {test.lags} lagged differences, MacKinnon p",
        nobs=test.nobs,
        flags=_flags(short=lags == "aic" and resid.size < _ENOUGH),
    )


def phillips_ouliaris(log_a: ArrayLike, log_b: ArrayLike) -> TestResult | NotComputed:
    """Phillips-Ouliaris Z_t test of the log price of A on that of B with a constant.

    Bartlett long-run variance with automatic bandwidth. Where the p-value's response surface ends,
    ``pvalue_bound`` says on which side the true one lies. Phillips and Ouliaris (1990),
    Econometrica 58, 165-193.
    """
    series = _related(log_a, log_b)
    if isinstance(series, NotComputed):
        return series
    from arch.unitroot.cointegration import phillips_ouliaris as phillips_ouliaris_of

    y, x, _ = map(_scaled, series)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about critical values, which are not used
        test = phillips_ouliaris_of(y, x, trend="c", test_type="Zt", kernel="bartlett")
        statistic, pvalue = float(test.stat), float(test.pvalue)
    if not (math.isfinite(statistic) and math.isfinite(pvalue)):
        return NotComputed(
            Missing.NO_FIT, "the long-run variance of the spread cannot be estimated"
        )
    bound: Literal["<", ">"] | None = None
    if pvalue <= 1e-4:
        pvalue, bound = 1e-4, "<"
    elif pvalue >= 0.9999:
        pvalue, bound = 0.9999, ">"
    return TestResult(
        statistic=statistic,
        pvalue=pvalue,
        pvalue_bound=bound,
        null=_NULL,
        alternative=_ALTERNATIVE,
        distribution=f"Phillips-Ouliaris Z_t, 2 series, Bartlett bandwidth {test.bandwidth:.6g}",
        nobs=y.size,
        flags=_flags(short=y.size < _ENOUGH),
    )


def johansen_trace(
    log_a: ArrayLike, log_b: ArrayLike, rank: Literal[0, 1]
) -> TestResult | NotComputed:
    """Johansen's trace test with an unrestricted constant and one lagged difference.

    -N sum_{i > rank} log(1 - lambda_i); p-value by Doornik's gamma approximation of the asymptotic
    law. That law is for prices that drift. Without drift the test rejects a true null in one of
    nine samples, so it is flagged when neither leg's mean change is significant. ``rank`` is the
    number of cointegrating relations under the null. Johansen (1991),
    Econometrica 59, 1551-1580; Doornik (1998), Journal of Economic Surveys 12, 573-593.
    """
    if rank not in {0, 1}:
        raise ValueError(f"rank must be 0 or 1, got {rank}")
    series = _related(log_a, log_b)
    if isinstance(series, NotComputed):
        return series
    from statsmodels.tsa.vector_ar.vecm import coint_johansen

    y, x, _ = series
    scaled = np.column_stack([_scaled(y), _scaled(x)])
    try:
        with np.errstate(divide="ignore", invalid="ignore"):  # an exact relation is infinite
            statistic = float(coint_johansen(scaled, 0, 1).lr1[rank])
    except np.linalg.LinAlgError:
        return _SAME
    if not math.isfinite(statistic):
        return _SAME
    return TestResult(
        statistic=statistic,
        pvalue=doornik_pvalue(statistic, 2 - rank),
        null=f"at most {rank} cointegrating relation" + ("" if rank else "s"),
        alternative=f"more than {rank}",
        distribution="Johansen trace, unrestricted constant, Doornik's gamma approximation",
        nobs=y.size - 2,
        flags=() if _drifts(y) or _drifts(x) else (UNCLEAR_DRIFT,),
    )


def _drifts(levels: Array) -> bool:
    """Whether the mean change is significant at 5 %."""
    steps = np.diff(levels)
    return abs(float(steps.mean())) > 1.96 * float(steps.std()) / math.sqrt(steps.size)


def doornik_pvalue(statistic: float, trends: int) -> float:
    """Tail probability of the trace statistic with an unrestricted constant.

    Upper tail of the gamma law with the mean and variance of Doornik's table 7; ``trends`` is the
    number of series less the rank under the null.
    """
    from scipy.special import gammaincc

    n = float(trends)
    first = {1: -0.50, 2: -0.23}.get(trends, 0.0)
    mean = 2.0 * n * n + 1.05 * n - 1.55 + first
    variance = 3.0 * n * n + 1.80 * n + {1: -2.80, 2: -1.10}.get(trends, 0.0)
    return float(gammaincc(mean * mean / variance, max(statistic, 0.0) * mean / variance))
