"""Intervals for statistics of some days only: tails, regimes, shares of rare events.

The influence values are zero on all other days and scaled by T over the days used, so that the
long-run variance runs over the whole time line and gaps keep their length. A few days then carry
most of the variance, and its own noise is larger than the fixed-b law knows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval
from convex_research.statistics.inference.fixed_b import fixed_b_critical
from convex_research.statistics.inference.influence_interval import carrying_days, hac_std_error

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Mask

__all__ = [
    "contrast_interval",
    "correlation_interval",
    "share_interval",
    "spread_influence",
]


def spread_influence(inside: Array, mask: Mask) -> Array:
    """Influence values on the whole time line from those of the days used.

    T / n times ``inside`` on the days used, zero elsewhere.

    Parameters
    ----------
    inside : array, shape (n,)
        Influence values of the statistic of the days used.
    mask : array of bool, shape (T,)
        The days used, n of them.
    """
    influence = np.zeros(mask.size)
    influence[mask] = inside * (mask.size / inside.size)
    return influence


def _error_and_critical(
    influence: Array, confidence_level: float, lag: int | None = None
) -> tuple[float, float, str]:
    """Standard error, critical value, and how they were made.

    The error is the larger of the HAC and the uncorrelated one, the critical value the larger of
    fixed-b and Student's with (sum f^2)^2 / sum f^4 degrees of freedom, the number of days that
    carry the variance.
    """
    from scipy.special import stdtrit

    robust, b, used = hac_std_error(influence, lag)
    plain = float(influence.std()) / math.sqrt(influence.size)
    carrying = carrying_days(influence)
    student = float(stdtrit(carrying, 0.5 + confidence_level / 2.0))
    critical = max(fixed_b_critical(confidence_level, b), student)
    method = f"HAC (Bartlett, lag {used}), larger of fixed-b and Student t with {carrying:.0f} df"
    return max(robust, plain), critical, method


def correlation_interval(
    r: float,
    influence: Array,
    nobs: int,
    *,
    confidence_level: float,
    few: int = 0,
    lag: int | None = None,
) -> Estimate:
    """Interval of a correlation of some days only, on Fisher's scale.

    Parameters
    ----------
    r : float
        Correlation of the days used, inside (-1, 1).
    influence : array, shape (T,)
        From :func:`spread_influence`.
    nobs : int
        Days used.
    few : int
        With fewer days than this the estimate is flagged ``"few_tail_days"``.
    """
    std_error, critical, method = _error_and_critical(influence, confidence_level, lag)
    z, half = math.atanh(r), critical * std_error / (1.0 - r * r)
    return Estimate(
        value=r,
        std_error=std_error,
        low=math.tanh(z - half),
        high=math.tanh(z + half),
        confidence_level=confidence_level,
        interval=Interval.HAC,
        method=f"{method}, Fisher scale",
        nobs=nobs,
        flags=("few_tail_days",) if nobs < few else (),
    )


def contrast_interval(
    value: float,
    influence: Array,
    nobs: int,
    *,
    confidence_level: float,
    unit: str,
    lag: int | None = None,
) -> Estimate:
    """Symmetric interval of a contrast between sets of days.

    Parameters
    ----------
    value : float
        Point estimate, in ``unit``.
    influence : array, shape (T,)
        Its influence values on the whole time line.
    nobs : int
        Days used.
    """
    std_error, critical, method = _error_and_critical(influence, confidence_level, lag)
    return Estimate(
        value=value,
        std_error=std_error,
        low=value - critical * std_error,
        high=value + critical * std_error,
        confidence_level=confidence_level,
        interval=Interval.HAC,
        method=method,
        nobs=nobs,
        unit=unit,
    )


def share_interval(
    share: float,
    influence: Array,
    nobs: int,
    *,
    confidence_level: float,
    lag: int | None = None,
) -> Estimate:
    """Interval of a share of days, with as many trials as the HAC error implies.

    Wilson's interval with share (1 - share) / se^2 trials, never more than ``nobs``; ``nobs`` when
    no day, or every day, had the event and the error cannot be measured. With fewer than five days
    on either side, where Wilson's interval may fall short, that of Clopper and Pearson with the
    same trials (Korn and Graubard). Wilson (1927), JASA 22, 209-212; Korn and Graubard (1998),
    Survey Methodology 24, 193-201.

    Parameters
    ----------
    share : float
        Share of the ``nobs`` days with the event, in [0, 1].
    influence : array, shape (T,)
        From :func:`spread_influence`.
    nobs : int
        Days on which the event could happen.
    """
    robust, b, used = hac_std_error(influence, lag)
    spread = share * (1.0 - share)
    trials = float(nobs)
    if spread > 0.0 and robust > 0.0:
        trials = min(spread / robust**2, trials)
    critical = fixed_b_critical(confidence_level, b)
    rare = min(share, 1.0 - share) * nobs < 5.0
    if rare:
        low, high = _clopper_pearson(share, trials, critical, confidence_level)
    else:
        low, high = _wilson(share, trials, critical)
    name = "Clopper-Pearson" if rare else "Wilson"
    return Estimate(
        value=share,
        std_error=math.sqrt(spread / trials),
        low=max(min(low, share), 0.0),
        high=min(max(high, share), 1.0),
        confidence_level=confidence_level,
        interval=Interval.HAC,
        method=f"{name}, {trials:.1f} effective trials by HAC (Bartlett, lag {used}, b {b:.3f})",
        nobs=nobs,
    )


def _wilson(share: float, trials: float, critical: float) -> tuple[float, float]:
    square = critical * critical
    centre = (share + square / (2.0 * trials)) / (1.0 + square / trials)
    half = math.sqrt(square * (share * (1.0 - share) / trials + square / (4.0 * trials**2)))
    half /= 1.0 + square / trials
    return centre - half, centre + half


def _clopper_pearson(
    share: float, trials: float, critical: float, confidence_level: float
) -> tuple[float, float]:
    """Beta quantiles; fixed-b's wider critical value enters as fewer trials."""
    from scipy.special import betaincinv, ndtri

    tail = 0.5 - confidence_level / 2.0
    used = trials * (float(ndtri(1.0 - tail)) / critical) ** 2
    hits = share * used
    low = float(betaincinv(hits, used - hits + 1.0, tail)) if hits > 0.0 else 0.0
    high = float(betaincinv(hits + 1.0, used - hits, 1.0 - tail)) if hits < used else 1.0
    return low, high
