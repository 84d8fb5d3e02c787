"""Tests that the regression of A on B keeps its intercept and slope.

Three views of one question: the largest Wald statistic over all dates of a single break, the
Nyblom-Hansen statistic against slowly wandering coefficients, and the cumulated OLS residuals,
which see a moving intercept but are blind to a moving slope.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import short_lag
from convex_research.statistics.stability.constant_correlation import (
    LIMIT_FLAG,
    bartlett_products,
    prepared_legs,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["SupF", "cusum", "nyblom", "score_forms", "sup_f", "sup_path"]

_TRIMMING = 0.15
# Hansen (1997), p-values of sup-F for two parameters at 15 and 13 % trimming: c0 + c1 x is
# referred to a chi-square with the third number's degrees of freedom.
_HANSEN_15 = (-1.65273586, 1.05932633, 4.69340428)
_HANSEN_13 = (-1.79350728, 1.04936541, 4.68380985)


@dataclass(frozen=True, slots=True, kw_only=True)
class SupF:
    """The sup-F test with the path it is the maximum of.

    - ``test``: the supremum with its p-value.
    - ``path`` (m,): statistic of a break after each admissible observation.
    - ``first``: observations before the break that ``path[0]`` belongs to.
    - ``break_index``: index of the last observation before the most likely break.
    """

    test: TestResult
    path: Array
    first: int
    break_index: int


def _ols_residuals(y: Array, x: Array) -> tuple[Array, Array]:
    """Residuals of every column of y on a constant and that of x, and the centred x."""
    centred = x - x.mean(axis=0)
    slope = np.einsum("tp,tp->p", centred, y) / np.einsum("tp,tp->p", centred, centred)
    resid = y - y.mean(axis=0)
    resid -= slope * centred
    return resid, centred


def score_forms(y: Array, x: Array, lag: int) -> Array:
    """Quadratic forms S_k' V^-1 S_k of the cumulated OLS scores, for every k and path.

    Not divided by T: of order T in the middle of the sample under the null.
    """
    first, second = _ols_residuals(y, x)
    second *= first
    v11 = bartlett_products(first, first, lag)
    v12 = bartlett_products(first, second, lag)
    v22 = bartlett_products(second, second, lag)
    determinant = v11 * v22 - v12 * v12
    np.cumsum(first, axis=0, out=first)
    np.cumsum(second, axis=0, out=second)
    forms = first * second
    forms *= -2.0 * v12 / determinant
    first *= first
    first *= v22 / determinant
    second *= second
    second *= v11 / determinant
    forms += first
    forms += second
    return forms


def sup_path(forms: Array) -> tuple[Array, int]:
    """Single-break statistics of the middle 70 %, and the observations before the first.

    - ``forms`` (T, paths): of :func:`score_forms`.
    - ``path`` (m, paths): S_k' V^-1 S_k / (T pi (1 - pi)), pi = k / T.
    - ``first``: k of the first row.
    """
    nobs = forms.shape[0]
    first = math.floor(_TRIMMING * nobs)
    share = np.arange(first, nobs - first + 1) / nobs
    scale = 1.0 / (nobs * share * (1.0 - share))
    return forms[first - 1 : nobs - first] * scale[:, None], first


def sup_f(a: ArrayLike, b: ArrayLike, *, lag: int | None = None) -> SupF | NotComputed:
    """Andrews' sup-F for one break in the regression of A on B, with HAC covariance.

    Supremum over breaks in the middle 70 % of S_k' V^-1 S_k / (T pi (1 - pi)), S_k the cumulated
    OLS scores, V their HAC covariance. This score form has the limit of the Wald form; the Wald
    form, whose covariance comes from segments of 15 % of the sample, rejects a true null in 20 % of
    samples of 252 independent observations. ``lag`` is ``short_lag(T)`` by default, 0 for
    White's covariance. Andrews (1993), Econometrica 61, 821-856; Hansen (1997), Journal of Business
    and Economic Statistics 15, 60-67.
    """
    prepared = prepared_legs(a, b)
    if isinstance(prepared, NotComputed):
        return prepared
    y, x = prepared
    nobs = y.size
    used = short_lag(nobs) if lag is None else lag
    paths, first = sup_path(score_forms(y[:, None], x[:, None], used))
    path = paths[:, 0]
    best = int(np.argmax(path))
    statistic = float(path[best])
    test = TestResult(
        statistic=statistic,
        pvalue=_hansen_pvalue(statistic, first / nobs),
        null="intercept and slope of {a} on {b} are constant over the sample",
        alternative="both change once at an unknown date",
        distribution=f"sup-F of two parameters, 15 % trimming, Hansen (1997); HAC lag {used}",
        nobs=nobs,
        flags=(LIMIT_FLAG,),
    )
    return SupF(test=test, path=path, first=first, break_index=best + first - 1)


def _hansen_pvalue(statistic: float, share: float) -> float:
    from scipy.special import chdtrc

    # floor(.15 T) observations trim slightly less than 15 %: interpolate as Hansen does.
    weight = min(max((_TRIMMING - share) / 0.02, 0.0), 1.0)
    tails = [
        float(chdtrc(df, max(c0 + c1 * statistic, 0.0))) for c0, c1, df in (_HANSEN_15, _HANSEN_13)
    ]
    return min(max((1.0 - weight) * tails[0] + weight * tails[1], 0.0), 1.0)


def nyblom(a: ArrayLike, b: ArrayLike, *, lag: int | None = None) -> TestResult | NotComputed:
    """Nyblom-Hansen test of constant intercept and slope of A on B, with HAC covariance.

    L = (1 / T^2) sum_t S_t' V^-1 S_t, S_t the cumulated OLS scores and V their covariance, ``lag``
    ``short_lag(T)`` by default. The variance of the residuals is not tested: it moves in any
    return. Under the null L is the integral of a squared two-dimensional Brownian bridge, whose
    tail is 2 sum_j (-1)^(j+1) exp(-j^2 pi^2 L / 2). 5 % point .748 (Hansen: .749). Nyblom (1989),
    JASA 84, 223-230; Hansen (1992), Journal of Policy Modeling 14, 517-533.
    """
    from scipy.special import kolmogorov

    prepared = prepared_legs(a, b)
    if isinstance(prepared, NotComputed):
        return prepared
    y, x = prepared
    nobs = y.size
    used = short_lag(nobs) if lag is None else lag
    statistic = float(score_forms(y[:, None], x[:, None], used).sum()) / nobs**2
    return TestResult(
        statistic=statistic,
        # The tail series is Kolmogorov's with argument pi sqrt(L) / 2.
        pvalue=float(kolmogorov(0.5 * math.pi * math.sqrt(statistic))),
        null="intercept and slope of {a} on {b} are constant over the sample",
        alternative="they wander as a random walk",
        distribution=f"integral of a squared Brownian bridge, 2 parameters; HAC lag {used}",
        nobs=nobs,
        flags=(LIMIT_FLAG,),
    )


def cusum(a: ArrayLike, b: ArrayLike) -> TestResult | NotComputed:
    """CUSUM of OLS residuals of A on B.

    max_t abs(sum_{s <= t} u_s) / (sigma sqrt(T)), sigma^2 = u'u / (T - 2), against the supremum of
    a Brownian bridge. Flagged ``"blind_to_slope"``: a change of beta around a mean of zero leaves
    it unmoved, so it never supports "stable" alone. Ploberger and Kraemer (1992), Econometrica 60,
    271-285.
    """
    from scipy.special import kolmogorov

    prepared = prepared_legs(a, b)
    if isinstance(prepared, NotComputed):
        return prepared
    y, x = prepared
    resid = _ols_residuals(y[:, None], x[:, None])[0][:, 0]
    nobs = y.size
    sigma = math.sqrt(float(resid @ resid) / (nobs - 2))
    statistic = float(np.abs(np.cumsum(resid)).max()) / (sigma * math.sqrt(nobs))
    return TestResult(
        statistic=statistic,
        pvalue=float(kolmogorov(statistic)),
        null="intercept and slope of {a} on {b} are constant over the sample",
        alternative="the intercept changes at least once",
        distribution="supremum of a Brownian bridge",
        nobs=nobs,
        flags=("blind_to_slope",),
    )
