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
from convex_research.statistics.inference.influence_interval import hac_std_error

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Mask

__all__ = ["share_interval", "spread_influence"]


def spread_influence(inside: Array, mask: Mask) -> Array:
    """Influence values on the whole time line from those of the days used.

    T / n times ``inside`` on the days used, zero elsewhere.

    - ``inside`` (n,): influence values of the statistic of the days used.
    - ``mask``: the days used, n of them.
    """
    influence = np.zeros(mask.size)
    influence[mask] = inside * (mask.size / inside.size)
    return influence


def share_interval(
    share: float, influence: Array, nobs: int, *, confidence_level: float, lag: int | None = None
) -> Estimate:
    """Interval of a share of days, with as many trials as the HAC error implies.

    Wilson's interval with share (1 - share) / se^2 trials, never more than ``nobs``; ``nobs`` when
    no day, or every day, had the event and the error cannot be measured. With fewer than five days
    on either side, where Wilson's interval may fall short, that of Clopper and Pearson with the
    same trials (Korn and Graubard). Wilson (1927), JASA 22, 209-212; Korn and Graubard (1998),
    Survey Methodology 24, 193-201.

    - ``share``: share of the ``nobs`` days with the event, in [0, 1].
    - ``nobs``: days on which the event could happen.
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
