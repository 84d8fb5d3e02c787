"""What one leg's returns look like: serial correlation, ARCH effects, tails.

The tail index matters for everything else: below four the fourth moment is infinite, and no
interval for Pearson's r is valid.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.statistics.inference.flags import (
    ASSUMES_HOMOSKEDASTICITY,
    SHORT_WHEN_CLUSTERED,
)
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_series,
    symmetric_interval,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["LAGS", "arch_lm", "jarque_bera", "ljung_box", "tail_index"]

LAGS = 10
"""Lags of the Ljung-Box and ARCH tests: two trading weeks."""

_MIN_NOBS_TAIL = 100  # five observations in the tail; fewer say nothing about its shape


def tail_index(
    x: ArrayLike, *, share: float = 0.05, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Hill's tail index of absolute deviations from the mean.

    alpha = 1 / mean_i log(X_(i) / X_(k+1)) over the k = floor(share T) largest of |x - mean|;
    standard error alpha / sqrt(k); normal interval. Moments of order alpha and above are infinite.
    Volatility clustering makes the true error larger than the stated one, which a flag says. It is
    the index of that outer part: the far tail of a Student law is thinner (5 degrees of freedom: 5
    against 3.6). Hill (1975), Annals of Statistics 3, 1163-1174.

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.random.default_rng(3).standard_t(3, 5000)
    >>> 2.0 < tail_index(draws).value < 4.0
    True
    """
    if not 0.0 < share <= 0.5:
        raise ValueError(f"share is not in (0, 0.5]: {share}")
    series = as_series(x)
    if (reason := unusable(series, min_nobs=_MIN_NOBS_TAIL)) is not None:
        return reason
    from scipy.special import ndtri

    size = math.floor(share * series.size + 1e-9)  # 0.05 is not exact in binary
    deviations = np.abs(series - series.mean())
    largest = np.sort(deviations)[-(size + 1) :]
    if largest[0] <= 0.0 or largest[-1] <= largest[0] * (1.0 + 1e-12):
        return NotComputed(
            Missing.UNDEFINED, "too many equal returns in the tail to measure its index"
        )
    alpha = size / float(np.log(largest[1:] / largest[0]).sum())
    return symmetric_interval(
        alpha,
        alpha / math.sqrt(size),
        float(ndtri(0.5 + confidence_level / 2.0)),
        confidence_level=confidence_level,
        interval=Interval.NORMAL,
        method=f"Hill estimator, k = {size} largest deviations, alpha / sqrt(k)",
        nobs=series.size,
        flags=(SHORT_WHEN_CLUSTERED,),
    )


def _centred(x: ArrayLike, lags: int) -> Array | NotComputed:
    """Deviations from the mean, scaled to at most one."""
    if lags < 1:
        raise ValueError(f"lags must be at least 1, got {lags}")
    series = as_series(x)
    if (reason := unusable(series, min_nobs=max(MIN_NOBS_TEST, 5 * lags))) is not None:
        return reason
    deviations = series - series.mean()
    return np.asarray(deviations / np.abs(deviations).max())


def ljung_box(x: ArrayLike, *, lags: int = LAGS) -> TestResult | NotComputed:
    """Ljung-Box test of no autocorrelation.

    Q = T (T + 2) sum_k r_k^2 / (T - k), chi-square with ``lags`` degrees of freedom. Volatility
    clustering makes it reject too often; it is flagged. Ljung and Box (1978), Biometrika 65,
    297-303.
    """
    centred = _centred(x, lags)
    if isinstance(centred, NotComputed):
        return centred
    from statsmodels.tsa.stattools import acf, q_stat

    # Not acorr_ljungbox: its autocorrelations at all lags take a time that grows with T^2.
    statistics, pvalues = q_stat(acf(centred, nlags=lags, fft=True)[1:], centred.size)
    return TestResult(
        statistic=float(statistics[-1]),
        pvalue=float(pvalues[-1]),
        null="the returns are not autocorrelated",
        alternative=f"some autocorrelation up to lag {lags} is not zero",
        distribution=f"chi-square({lags}), equal variances assumed",
        nobs=centred.size,
        flags=(ASSUMES_HOMOSKEDASTICITY,),
    )


def arch_lm(x: ArrayLike, *, lags: int = LAGS) -> TestResult | NotComputed:
    """Engle's test of no volatility clustering.

    N R^2 of the squared deviation on a constant and its own lags, N = T - ``lags``; chi-square with
    ``lags`` degrees of freedom. Engle (1982), Econometrica 50, 987-1007.
    """
    centred = _centred(x, lags)
    if isinstance(centred, NotComputed):
        return centred
    from statsmodels.stats.diagnostic import het_arch
    from statsmodels.tools.sm_exceptions import SingularMatrixWarning

    with warnings.catch_warnings():
        warnings.simplefilter("error", SingularMatrixWarning)
        try:
            statistic, pvalue = het_arch(centred, nlags=lags, result_object=True)[:2]
        except SingularMatrixWarning:
            reason = "the squared returns do not vary enough to test for clustering"
            return NotComputed(Missing.NOT_MOVING, reason)
    return TestResult(
        statistic=float(statistic),
        pvalue=float(pvalue),
        null="the squared returns are not autocorrelated",
        alternative="volatility clusters",
        distribution=f"chi-square({lags})",
        nobs=centred.size - lags,
    )


def jarque_bera(x: ArrayLike) -> TestResult | NotComputed:
    """Jarque-Bera test of normality.

    T / 6 (skewness^2 + (kurtosis - 3)^2 / 4), chi-square with two degrees of freedom. Jarque and
    Bera (1980), Economics Letters 6, 255-259.
    """
    centred = _centred(x, 1)
    if isinstance(centred, NotComputed):
        return centred
    from scipy.stats import jarque_bera as of_scipy

    test = of_scipy(centred)
    return TestResult(
        statistic=float(test.statistic),
        pvalue=float(test.pvalue),
        null="the returns are normal",
        alternative="skewness or kurtosis are not those of a normal law",
        distribution="chi-square(2)",
        nobs=centred.size,
    )
