"""Does one leg move before the other? Cross-correlations, Granger tests, forecasts.

Everywhere "ab" means that A helps to predict B. The classical F test takes volatility clustering
for a lead; the Wald test with the HC3 covariance is the one that decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.inference.fixed_b import fixed_b_critical
from convex_research.statistics.inference.flags import (
    ASSUMES_HOMOSKEDASTICITY,
    REJECTS_TOO_OFTEN,
    SMALL_SAMPLE,
)
from convex_research.statistics.inference.hac_regression import (
    COLLINEAR,
    SHOWN_LAG,
    HacFit,
    hac_fit,
)
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    symmetric_interval,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Indices

__all__ = [
    "COLLINEAR_LAGS",
    "cross_correlation",
    "granger",
    "lagged",
    "lead_sum",
    "quadratic_form",
    "wald",
    "wald_statistic",
]

COLLINEAR_LAGS = NotComputed(
    Missing.EXACT, "the lags of both legs are exact combinations of each other"
)
_NO_ERROR = NotComputed(
    Missing.EXACT, "{effect} is predicted without error, so there is nothing to test"
)
_NOBS_PER_COEFFICIENT = 150  # with fewer the chi-square law was not tried
_NULL = "lags of {first} do not help to predict {second}"
_ALTERNATIVE = "they do"


def cross_correlation(
    a: ArrayLike, b: ArrayLike, shift: int, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Correlation of A with B ``shift`` observations later; below zero B moves first.

    Pearson's r of the T - |shift| pairs, with its interval by jackknife.
    """
    first, second = as_pair(a, b)
    if abs(shift) >= first.size:
        return NotComputed(
            Missing.TOO_SHORT, f"a shift of {shift} leaves none of {first.size} observations"
        )
    if shift > 0:
        first, second = first[:-shift], second[shift:]
    elif shift < 0:
        first, second = first[-shift:], second[:shift]
    return pearson(first, second, confidence_level=confidence_level)


def lagged(x: Array, lags: int, first: int) -> Array:
    """Columns x_(t-1), ..., x_(t-lags) for t = first, ..., T - 1 (counted from 0)."""
    return np.column_stack([x[first - j : x.size - j] for j in range(1, lags + 1)])


def _prepared(cause: ArrayLike, effect: ArrayLike, lags: int) -> tuple[Array, Array] | NotComputed:
    if lags < 1:
        raise ValueError(f"lags must be at least 1, got {lags}")
    x, y = as_pair(cause, effect)
    needed = max(MIN_NOBS_TEST, 10 * (2 * lags + 1))
    if (reason := unusable(x, y, min_nobs=needed)) is not None:
        return reason
    # Scale-free and centred: lags of tiny or offset series then square without loss.
    x, y = x - x.mean(), y - y.mean()
    return x / np.abs(x).max(), y / np.abs(y).max()


def granger(cause: ArrayLike, effect: ArrayLike, lags: int) -> TestResult | NotComputed:
    """Test in the classical way whether lags of one leg help to predict the other.

    F = ((RSS_0 - RSS_1) / k) / (RSS_1 / (N - 2k - 1)) on N = T - k observations. Under conditional
    heteroskedasticity it rejects a true null far too often; it is flagged. Granger (1969),
    Econometrica 37, 424-438.
    """
    ready = _prepared(cause, effect, lags)
    if isinstance(ready, NotComputed):
        return ready
    from scipy.special import fdtrc

    x, y = ready
    target = y[lags:] - y[lags:].mean()
    design = np.column_stack([lagged(y, lags, lags), lagged(x, lags, lags)])
    design -= design.mean(axis=0)
    norms = np.sqrt(np.einsum("ij,ij->j", design, design))
    q, triangle = np.linalg.qr(design)
    if (np.abs(np.diag(triangle)) <= COLLINEAR * norms).any():
        return COLLINEAR_LAGS
    # With orthonormal columns, what the last k explain is what the restricted fit loses.
    loadings = q.T @ target
    gained = float(loadings[lags:] @ loadings[lags:])
    resid = target - q @ loadings
    rss, freedom = float(resid @ resid), target.size - 2 * lags - 1
    if rss <= 1e-20 * float(target @ target):
        return _NO_ERROR
    statistic = (gained / lags) / (rss / freedom)
    return TestResult(
        statistic=statistic,
        pvalue=float(fdtrc(lags, freedom, statistic)),
        null=_NULL,
        alternative=_ALTERNATIVE,
        distribution=f"F({lags}, {freedom}), equal variances assumed",
        nobs=target.size,
        flags=(ASSUMES_HOMOSKEDASTICITY,),
    )


def _lead_equation(cause: ArrayLike, effect: ArrayLike, lags: int) -> HacFit | NotComputed:
    """Fit of the effect on lags of both legs, each over its largest deviation."""
    ready = _prepared(cause, effect, lags)
    if isinstance(ready, NotComputed):
        return ready
    x, y = ready
    design = np.column_stack([lagged(x, lags, lags), lagged(y, lags, lags)])
    fit = hac_fit(y[lags:], design)
    return COLLINEAR_LAGS if isinstance(fit, NotComputed) else fit


def quadratic_form(x: Array, covariance: Array) -> float | None:
    """The form x' V^-1 x, or none where V is singular to working precision."""
    scale = np.sqrt(np.diag(covariance))
    if not scale.all():
        return None
    correlation = covariance / np.outer(scale, scale)
    if float(np.linalg.eigvalsh(correlation)[0]) < 1e-10:
        return None
    t = x / scale
    return float(t @ np.linalg.solve(correlation, t))


def wald_statistic(fit: HacFit, rows: Indices, hac_lag: int | None) -> float | NotComputed:
    """The form b' V^-1 b of some coefficients; V is Newey and West's, or HC3 without a lag."""
    covariance = fit.left_out_covariance() if hac_lag is None else fit.covariance(hac_lag)
    if isinstance(covariance, NotComputed):
        return covariance
    slopes, covariance = fit.params[rows], covariance[np.ix_(rows, rows)]
    if (np.sqrt(np.diag(covariance)) <= 1e-13 * np.abs(slopes)).any():
        return _NO_ERROR
    statistic = quadratic_form(slopes, covariance)
    return COLLINEAR_LAGS if statistic is None else statistic


def wald(
    cause: ArrayLike,
    effect: ArrayLike,
    lags: int,
    *,
    tested: tuple[int, ...] | None = None,
    hac_lag: int | None = SHOWN_LAG,
) -> TestResult | NotComputed:
    """Granger test that allows for heteroskedasticity.

    b' V^-1 b, chi-square with as many degrees of freedom as coefficients tested. With own lags in
    the equation its scores are uncorrelated: HC3 rejects a true null in 3 to 8 % of samples in
    every world from 150 observations a coefficient on (flagged below), where Newey and West's
    rejects 6 to 15 % (flagged always). MacKinnon and White (1985), Journal of Econometrics 29,
    305-325; Newey and West 1987.

    Parameters
    ----------
    tested : tuple of int, optional
        The lags of ``cause`` whose coefficients are tested; all by default.
    hac_lag : int, optional
        Bartlett lag of a Newey-West covariance without small-sample factor; none for the HC3
        covariance, which decides.
    """
    chosen = tuple(range(1, lags + 1)) if tested is None else tested
    if not chosen or min(chosen) < 1 or max(chosen) > lags:
        raise ValueError(f"tested lags must be in 1..{lags}, got {chosen}")
    fit = _lead_equation(cause, effect, lags)
    if isinstance(fit, NotComputed):
        return fit
    statistic = wald_statistic(fit, np.array(chosen) - 1, hac_lag)
    if isinstance(statistic, NotComputed):
        return statistic
    from scipy.special import chdtrc

    law = "HC3 covariance" if hac_lag is None else f"Newey-West covariance with lag {hac_lag}"
    flags: tuple[str, ...] = () if hac_lag is None else (REJECTS_TOO_OFTEN,)
    if fit.nobs < _NOBS_PER_COEFFICIENT * len(chosen):
        flags = (*flags, SMALL_SAMPLE)
    return TestResult(
        statistic=statistic,
        pvalue=float(chdtrc(len(chosen), statistic)),
        null=_NULL,
        alternative=_ALTERNATIVE,
        distribution=f"chi-square({len(chosen)}), {law}",
        nobs=fit.nobs,
        flags=flags,
    )


def lead_sum(
    cause: ArrayLike, effect: ArrayLike, lags: int, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Sum of the coefficients on lags of the leading leg: the sign and size of a lead.

    In units of ``effect`` per unit of ``cause``; Newey-West standard error with lag 5 and fixed-b
    critical value.
    """
    fit = _lead_equation(cause, effect, lags)
    if isinstance(fit, NotComputed):
        return fit
    size_x, size_y = (float(np.abs(v - v.mean()).max()) for v in as_pair(cause, effect))
    factor = size_y / size_x
    weights = np.append(np.ones(lags), np.zeros(lags))
    return symmetric_interval(
        factor * float(weights @ fit.params),
        factor * fit.std_error(weights, SHOWN_LAG),
        fixed_b_critical(confidence_level, (SHOWN_LAG + 1) / fit.nobs),
        confidence_level=confidence_level,
        interval=Interval.NEWEY_WEST,
        method=f"sum of {lags} lag coefficients; Newey-West, lag {SHOWN_LAG}, fixed-b",
        nobs=fit.nobs,
    )
