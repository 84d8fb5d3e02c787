"""Does correlation rise in turbulence by more than turbulence itself explains.

When A becomes more volatile and B keeps its slope on A and its own noise, their correlation rises
although nothing about the link has changed. Forbes and Rigobon (2002) undo that rise.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, too_short
from convex_research.statistics.dependence.correlation import pearson_influence
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    influence_interval,
    unusable,
)
from convex_research.statistics.inference.masked import spread_influence
from convex_research.statistics.stability.regimes import volatility_regimes

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["Contagion", "forbes_rigobon", "turbulent_days"]


@dataclass(frozen=True, slots=True)
class Contagion:
    """Three correlations that are only read together.

    - ``raw``: r on turbulent days.
    - ``adjusted``: that r as it would be at the calm days' variance of A.
    - ``calm``: r on calm days.
    - ``difference``: Fisher z of the adjusted r minus that of the calm r; near zero when volatility
      alone explains the rise.
    - ``variance_ratio``: variance of A on turbulent days over that on calm days.
    """

    raw: Estimate | NotComputed
    adjusted: Estimate | NotComputed
    calm: Estimate | NotComputed
    difference: Estimate | NotComputed
    variance_ratio: float | None


def turbulent_days(a: ArrayLike) -> tuple[Mask, Mask] | NotComputed:
    """Turbulent and calm days by A's volatility over the 21 days before.

    The upper third of :func:`~convex_research.statistics.stability.regimes.volatility_regimes`, and
    the two lower thirds. A day's own return decides nothing about its label: choosing turbulent
    days by their own size would itself raise r.
    """
    regimes = volatility_regimes(a)
    if isinstance(regimes, NotComputed):
        return regimes
    return regimes["high_vol"], regimes["low_vol"] | regimes["mid_vol"]


def forbes_rigobon(
    a: ArrayLike, b: ArrayLike, turbulent: Mask, calm: Mask, *, confidence_level: float = 0.95
) -> Contagion:
    """Raw, adjusted and calm correlation; turbulence starts in A.

    adjusted = r / sqrt(1 + d (1 - r^2)) with r on turbulent days and d = var(A, turbulent) / var(A,
    calm) - 1. Its influence values include those of d. It is exact when B = c + slope A + noise
    with the same slope and noise variance on all days; a reaction of A to B, or a common factor
    that becomes more volatile, breaks it. Forbes and Rigobon (2002), Journal of Finance 57,
    2223-2261.

    Parameters
    ----------
    turbulent, calm : array of bool, shape (T,)
        From :func:`turbulent_days`, or any two sets of days that do not overlap.
    """
    x, y = as_pair(a, b)
    if turbulent.shape != x.shape or calm.shape != x.shape or (turbulent & calm).any():
        raise ValueError("turbulent and calm must be disjoint masks of the legs' length")
    for name, mask in (("turbulent", turbulent), ("calm", calm)):
        if (reason := _reason(x, y, mask, name)) is not None:
            return Contagion(reason, reason, reason, reason, None)
    r_high, inside_high = pearson_influence(x[turbulent], y[turbulent])
    r_calm, inside_calm = pearson_influence(x[calm], y[calm])
    high, low = spread_influence(inside_high, turbulent), spread_influence(inside_calm, calm)
    days_high, days_calm = int(turbulent.sum()), int(calm.sum())
    fisher = partial(
        influence_interval, confidence_level=confidence_level, law="larger", link="fisher"
    )
    raw = fisher(r_high, high, nobs=days_high)
    quiet = fisher(r_calm, low, nobs=days_calm)
    ratio, ratio_influence = _variance_ratio(x, turbulent, calm)
    if ratio <= 1.0:
        reason = NotComputed(
            Missing.NOT_MOVING,
            "{a} was no more volatile on the turbulent days than on the calm ones",
        )
        return Contagion(raw, reason, quiet, reason, ratio)
    scale = 1.0 + (ratio - 1.0) * (1.0 - r_high**2)
    value = r_high / math.sqrt(scale)
    influence = (ratio * high - 0.5 * r_high * (1.0 - r_high**2) * ratio_influence) / scale**1.5
    adjusted = fisher(value, influence, nobs=days_high + days_calm)
    gap = influence_interval(
        math.atanh(value) - math.atanh(r_calm),
        influence / (1.0 - value**2) - low / (1.0 - r_calm**2),
        confidence_level=confidence_level,
        law="larger",
        unit="Fisher z",
        nobs=days_high + days_calm,
    )
    return Contagion(raw, adjusted, quiet, gap, ratio)


def _reason(x: Array, y: Array, mask: Mask, name: str) -> NotComputed | None:
    days = int(mask.sum())
    if days < MIN_NOBS_INTERVAL:
        return too_short(f"at least {MIN_NOBS_INTERVAL} {name} observations", days)
    if (reason := unusable(x[mask], y[mask])) is not None:
        return reason
    if 1.0 - abs(pearson_influence(x[mask], y[mask])[0]) < 1e-12:
        return NotComputed(
            Missing.EXACT, f"the two move in exact proportion on the {name} observations"
        )
    return None


def _variance_ratio(x: Array, turbulent: Mask, calm: Mask) -> tuple[float, Array]:
    """Variance on turbulent over variance on calm days (ddof 0), and its influence values."""
    scaled = x / np.abs(x).max()  # squares of tiny and huge values stay in range
    parts = []
    for mask in (turbulent, calm):
        centred = scaled[mask] - scaled[mask].mean()
        variance = float(centred @ centred) / centred.size
        parts.append((variance, spread_influence(centred * centred / variance - 1.0, mask)))
    (high, high_terms), (low, low_terms) = parts
    ratio = high / low
    return ratio, ratio * (high_terms - low_terms)
