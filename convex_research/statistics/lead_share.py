"""How much of a leg's variance the other leg's past explains, with an upper bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics.lead_lag import wald

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["lead_share"]


def lead_share(
    cause: ArrayLike, effect: ArrayLike, lags: int, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Partial R2 of lags of one leg in the equation of the other.

    Parameters
    ----------
    cause, effect : array_like, shape (T,)
        Returns; the equation has k lags of both.
    lags : int
        k.
    confidence_level : float
        0.90 for two one-sided tests at 5 %, or 0.95.

    Returns
    -------
    Estimate or NotComputed
        (W - k) / N with the HAC Wald statistic W, which is noncentral chi-square with
        noncentrality N R2 / (1 - R2): its interval is that of the noncentrality over N, the
        upper end taken at max(W, k). The low end is zero exactly when the Wald test does not
        reject; ``value`` is not below zero.

    Raises
    ------
    ValueError
        If the shapes are wrong or ``lags`` is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> x, e = np.random.default_rng(7).standard_normal((2, 4000))
    >>> y = e.copy()
    >>> y[1:] += 0.2 * x[:-1]
    >>> lead_share(x, y, 1).covers(0.04)
    True
    """
    test = wald(cause, effect, lags)
    if isinstance(test, NotComputed):
        return test
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
        method=f"noncentral chi-square({lags}), Newey-West Wald with lag 5",
        nobs=test.nobs,
        flags=test.flags,
    )
