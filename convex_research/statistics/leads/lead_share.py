"""How much of a leg's variance the other leg's past explains, always and in rotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, NotComputed, TestResult, too_short
from convex_research.statistics.inference.hac_regression import hac_fit
from convex_research.statistics.inference.influence_interval import as_pair, unusable
from convex_research.statistics.leads.lead_lag import lagged, wald, wald_statistic

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike

__all__ = ["explained_share", "lead_share", "rotation_test", "small_share_pvalue"]

ROTATION = 20
_TOP = 2.0 / 3.0
_NOBS_PER_LAG = 150


def lead_share(
    cause: ArrayLike, effect: ArrayLike, lags: int, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Partial R2 of lags of one leg in the equation of the other.

    (W - k) / N with the HC3 Wald statistic W, which is noncentral chi-square with noncentrality N
    R2 / (1 - R2): its interval is that of the noncentrality over N, the upper end taken at max(W,
    k). The low end is zero exactly when the Wald test does not reject; ``value`` is not below zero.

    Examples
    --------
    >>> import numpy as np
    >>> x, e = np.random.default_rng(7).standard_normal((2, 4000))
    >>> y = e.copy()
    >>> y[1:] += 0.2 * x[:-1]
    >>> lead_share(x, y, 1).covers(0.04)
    True
    """
    test = wald(cause, effect, lags, hac_lag=None)
    if isinstance(test, NotComputed):
        return test
    return explained_share(test, lags, confidence_level=confidence_level)


def explained_share(test: TestResult, lags: int, *, confidence_level: float = 0.95) -> Estimate:
    """Share of variance that a Wald statistic stands for, as in :func:`lead_share`."""
    from scipy.special import chdtr, chndtrinc

    tail = 0.5 - confidence_level / 2.0
    low = 0.0
    if float(chdtr(lags, test.statistic)) > 1.0 - tail:
        low = float(chndtrinc(test.statistic, lags, 1.0 - tail)) / test.nobs
    # A statistic that is small by luck must not shrink the bound to nothing.
    high = float(chndtrinc(max(test.statistic, float(lags)), lags, tail)) / test.nobs
    value = max((test.statistic - lags) / test.nobs, 0.0)
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        confidence_level=confidence_level,
        interval=Interval.WALD,
        method=f"noncentral chi-square({lags}) of the Wald statistic: {test.distribution}",
        nobs=test.nobs,
        flags=test.flags,
    )


def small_share_pvalue(share: Estimate, lags: int, margin: float) -> float:
    """P-value of a share of the margin or more: P(chi-square(k, N margin) <= max(W, k))."""
    from scipy.special import chndtr

    return float(chndtr(lags + share.nobs * share.value, lags, share.nobs * margin))


def rotation_test(
    cause: ArrayLike, effect: ArrayLike, spread: ArrayLike, lags: int
) -> TestResult | NotComputed:
    """Test for a lead in rotations alone: days after a large move of one leg over the other.

    Day t is in a rotation when |sum of the spread over the 20 days up to t - 1| is in its top
    third. The equation of ``effect`` holds k lags of ``cause`` twice, times the label and times its
    absence; the Wald statistic is for the first k, with the HC3 covariance, chi-square(k).
    """
    x, y = as_pair(cause, effect)
    s, _ = as_pair(spread, y)
    needed = 3 * _NOBS_PER_LAG * lags
    if x.size < needed:
        return too_short(f"{needed:,} observations", f"{x.size:,}")
    if (reason := unusable(x, y, s)) is not None:
        return reason
    total = np.convolve(s, np.ones(ROTATION))[ROTATION - 1 : s.size - 1]  # up to day t - 1
    begin = max(ROTATION, lags)
    size = np.abs(total[begin - ROTATION :])
    label = (size > np.quantile(size, _TOP)).astype(np.float64)[:, None]
    x, y = ((v - v.mean()) / float(np.abs(v - v.mean()).max()) for v in (x, y))
    past, own = (lagged(v, lags, begin) for v in (x, y))
    fit = hac_fit(y[begin:], np.column_stack([past * label, past * (1.0 - label), own]))
    if isinstance(fit, NotComputed):
        return fit
    statistic = wald_statistic(fit, np.arange(lags), None)
    if isinstance(statistic, NotComputed):
        return statistic
    from scipy.special import chdtrc

    return TestResult(
        statistic=statistic,
        pvalue=float(chdtrc(lags, statistic)),
        null="in rotations, past returns of {cause} do not help to predict {effect}",
        alternative="they do",
        distribution=f"chi-square({lags}), HC3 covariance",
        nobs=fit.nobs,
    )
