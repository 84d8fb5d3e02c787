"""Unit root tests of one series: augmented Dickey-Fuller and KPSS."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from convex_research.core.estimates import Missing, NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_series,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["adf", "dickey_fuller", "kpss", "longest_lag"]

_FLAT = NotComputed(
    Missing.NOT_MOVING, "the series does not move except for a trend, so a unit root is undefined"
)


class DickeyFuller(NamedTuple):
    """Statistic of the regression, lagged differences in it, observations used."""

    statistic: float
    lags: int
    nobs: int


def longest_lag(nobs: int, *, constant: bool) -> int:
    """Schwert's upper limit ceil(12 (T / 100)^(1/4)) for the lag search."""
    limit = math.ceil(12.0 * (nobs / 100.0) ** 0.25)
    return int(min(nobs // 2 - int(constant) - 1, limit))


def _design(x: Array, lags: int, *, constant: bool) -> tuple[Array, Array]:
    """Differences, and the columns [1,] x_(t-1), dx_(t-1) .. dx_(t-lags)."""
    dx = np.diff(x)
    nobs = dx.size - lags
    columns = [np.ones(nobs)] if constant else []
    columns.append(x[lags:-1])
    columns += [dx[lags - j : dx.size - j] for j in range(1, lags + 1)]
    return dx[lags:], np.column_stack(columns)


def dickey_fuller(x: Array, lags: int | Literal["aic"], *, constant: bool) -> DickeyFuller | None:
    """The t ratio of the lagged level in an augmented Dickey-Fuller regression, if it is regular.

    Without a constant ``x`` is centred by the caller. ``"aic"`` searches 0 up to
    :func:`longest_lag` lagged differences, all candidates on the same observations, and refits the
    best on all it can use.
    """
    if constant:
        x = x - x.mean()
    scale = float(np.abs(x).max())
    if scale == 0.0:
        return None
    x = x / scale
    chosen = _lag_by_aic(x, constant=constant) if lags == "aic" else lags
    if chosen is None:
        return None
    y, design = _design(x, chosen, constant=constant)
    level = int(constant)
    # The level last: its t ratio then needs only the last row of the triangle.
    order = [i for i in range(design.shape[1]) if i != level] + [level]
    q, triangle = np.linalg.qr(design[:, order])
    size = np.abs(np.diag(triangle))
    if (size <= 1e-11 * np.sqrt(np.einsum("ij,ij->j", design, design))[order]).any():
        return None
    loadings = q.T @ y
    resid = y - q @ loadings
    rss, freedom = float(resid @ resid), y.size - design.shape[1]
    if freedom <= 0 or rss <= 1e-24 * float(y @ y):
        return None
    slope = float(loadings[-1] / triangle[-1, -1])
    std_error = math.sqrt(rss / freedom) / float(size[-1])
    return DickeyFuller(slope / std_error, chosen, y.size)


def _lag_by_aic(x: Array, *, constant: bool) -> int | None:
    """Lag with the smallest Akaike criterion: one orthogonalisation serves all candidates."""
    longest = longest_lag(x.size, constant=constant)
    y, design = _design(x, longest, constant=constant)
    q, _ = np.linalg.qr(design)
    explained = np.cumsum((q.T @ y) ** 2)
    rss = float(y @ y) - explained[int(constant) :]
    if rss.min() <= 1e-24 * float(y @ y):
        return None
    criterion = y.size * np.log(rss / y.size) + 2.0 * np.arange(rss.size)
    return int(np.argmin(criterion))


def adf(x: ArrayLike, *, lags: int | Literal["aic"] = "aic") -> TestResult | NotComputed:
    """Augmented Dickey-Fuller test with a constant.

    t ratio of the lagged level; p-value by MacKinnon's response surface. Said and Dickey (1984),
    Biometrika 71, 599-607; MacKinnon (2010), Queen's Economics Department working paper 1227.
    """
    series = as_series(x)
    if (reason := unusable(series, min_nobs=MIN_NOBS_TEST)) is not None:
        return reason
    from statsmodels.tsa.adfvalues import mackinnonp

    test = dickey_fuller(series, lags, constant=True)
    if test is None:
        return _FLAT
    return TestResult(
        statistic=test.statistic,
        pvalue=float(mackinnonp(test.statistic, regression="c", N=1)),
        null="the series has a unit root",
        alternative="the series reverts to a constant mean",
        distribution=f"Dickey-Fuller with constant, {test.lags} lagged differences, MacKinnon p",
        nobs=test.nobs,
    )


def kpss(x: ArrayLike) -> TestResult | NotComputed:
    """KPSS test of stationarity around a constant.

    Bartlett weights, automatic lag of Hobijn, Franses and Ooms. The p-value is interpolated in a
    table from .01 to .10; outside of it only the bound is known, and ``pvalue_bound`` says on which
    side. Kwiatkowski, Phillips, Schmidt and Shin (1992), Journal of Econometrics 54, 159-178;
    Hobijn, Franses and Ooms (2004), Statistica Neerlandica 58, 483-502.
    """
    series = as_series(x)
    if (reason := unusable(series, min_nobs=MIN_NOBS_TEST)) is not None:
        return reason
    from statsmodels.tsa.stattools import kpss as kpss_of

    centred = series - series.mean()
    scaled = centred / float(np.abs(centred).max())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the table's ends are reported by pvalue_bound
        statistic, pvalue, lag, _ = kpss_of(scaled, regression="c", nlags="auto")
    if not (math.isfinite(statistic) and math.isfinite(pvalue)):
        return NotComputed(Missing.NO_FIT, "the long-run variance cannot be estimated")
    bound: Literal["<", ">"] | None = None
    if pvalue <= 0.01:
        bound = "<"
    elif pvalue >= 0.10:
        bound = ">"
    return TestResult(
        statistic=float(statistic),
        pvalue=float(pvalue),
        pvalue_bound=bound,
        null="the series is stationary around a constant",
        alternative="the series has a unit root",
        distribution=f"KPSS table with constant, Bartlett lag {int(lag)}",
        nobs=series.size,
    )
