"""Dependence in the tails: exceedance correlation, chi and chi-bar, the worst joint days."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, too_short
from convex_research.statistics.dependence.correlation import pearson_influence
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    influence_interval,
    unusable,
)
from convex_research.statistics.inference.masked import share_interval, spread_influence

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["TailDependence", "WorstDays", "chi", "exceedance", "joint_worst"]

Side = Literal["lower", "upper"]

FEW_TAIL_DAYS = 60
MIN_TAIL_CHI = 20
MIN_TAIL_SHARE = 10


@dataclass(frozen=True, slots=True)
class TailDependence:
    """Two readings of the joint tail at one quantile.

    - ``chi``: how often one leg is in its tail when the other is; 0 in the limit for legs whose
      extremes come apart, however correlated they are.
    - ``chibar``: how fast joint extremes become rare, in (-1, 1]; 1 for legs whose extremes stay
      together, the correlation for normal legs.
    """

    chi: Estimate | NotComputed
    chibar: Estimate | NotComputed


@dataclass(frozen=True, slots=True)
class WorstDays:
    """The days on which both legs fell most, and how often B falls with A.

    - ``indices``: positions of the worst joint days, worst first: days on which both returns are
      negative, ranked by the sum of the two returns in units of their own standard deviations.
    - ``share``: share of A's worst days on which B fell as well.
    """

    indices: tuple[int, ...]
    share: Estimate | NotComputed


def exceedance(
    a: ArrayLike, b: ArrayLike, *, threshold: float, side: Side, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Correlation on days when both legs lie beyond a threshold.

    Pearson's r of the days with both standardised returns (sample mean, ddof 1) strictly beyond the
    threshold; ``nobs`` counts those days, at least 30. Influence values are T / n [u v - r / 2 (u^2
    + v^2)] on them and zero elsewhere, u and v standardised by the tail's own moments (ddof 0).
    With fewer than 60 days, flagged ``"few_tail_days"``, a nominal 95 % interval covers about 91 %.
    Truncation alone moves this correlation: for normal legs it falls towards zero as the threshold
    grows. Longin and Solnik (2001), Journal of Finance 56, 649-676; Ang and Chen (2002), Journal of
    Financial Economics 63, 443-494.

    Parameters
    ----------
    threshold : float
        In standard deviations from the mean, at least zero.
    side : {"lower", "upper"}
        Both below minus the threshold, or both above it.
    """
    x, y = as_pair(a, b)
    if threshold < 0.0 or side not in ("lower", "upper"):
        raise ValueError(f"no tail {side!r} beyond {threshold}")
    if (reason := unusable(x, y)) is not None:
        return reason
    sign = 1.0 if side == "upper" else -1.0
    zx, zy = (sign * (v - v.mean()) / v.std(ddof=1) for v in (x, y))
    beyond = (zx > threshold) & (zy > threshold)
    count = int(beyond.sum())
    if count < MIN_NOBS_INTERVAL:
        return too_short(
            f"at least {MIN_NOBS_INTERVAL} observations with both beyond {threshold:g} "
            "standard deviations",
            count,
        )
    if (reason := unusable(zx[beyond], zy[beyond])) is not None:
        return reason
    r, inside = pearson_influence(zx[beyond], zy[beyond])
    if 1.0 - abs(r) < 1e-12:
        return NotComputed(Missing.EXACT, "the two move in exact proportion in this tail")
    return influence_interval(
        r,
        spread_influence(inside, beyond),
        confidence_level=confidence_level,
        law="larger",
        link="fisher",
        nobs=count,
        flags=("few_tail_days",) if count < FEW_TAIL_DAYS else (),
    )


def _uniform_ranks(x: Array) -> Array:
    """Ranks over T + 1; ties share the mean of their ranks."""
    from scipy.stats import rankdata

    return np.asarray(rankdata(x) / (x.size + 1.0))


def _near_share(u: Array, event: Mask, quantile: float, width: int) -> float:
    """Share of the event among the ``width`` days whose rank is nearest to the quantile."""
    nearest = np.argpartition(np.abs(u - quantile), width - 1)[:width]
    return float(event[nearest].mean())


def chi(
    a: ArrayLike,
    b: ArrayLike,
    *,
    quantile: float = 0.95,
    side: Side = "lower",
    confidence_level: float = 0.95,
) -> TailDependence:
    """Tail dependence chi and chi-bar at a quantile.

    Needs 20 days beyond the quantile in each leg. With ranks over T + 1 as U and V: chi(u) = 2 -
    log P(U < u, V < u) / log u and chibar(u) = 2 log(1 - u) / log P(U > u, V > u) - 1. ``nobs`` is
    T. Both increase in the share of joint exceedances P(U > u, V > u) / (1 - u): its interval, by
    Wilson with the number of trials of a HAC error that allows for estimated ranks, is mapped to
    both. Coles, Heffernan and Tawn (1999), Extremes 2, 339-365.

    Parameters
    ----------
    quantile : float
        u in (0.5, 1). For the lower tail both signs are reversed first.
    side : {"lower", "upper"}
        Which joint tail.
    """
    x, y = as_pair(a, b)
    if not 0.5 < quantile < 1.0 or side not in ("lower", "upper"):
        raise ValueError(f"no tail {side!r} beyond quantile {quantile}")
    sign = 1.0 if side == "upper" else -1.0
    reason = unusable(x, y)
    if reason is None and (expected := (1.0 - quantile) * x.size) < MIN_TAIL_CHI - 1e-9:
        reason = too_short(
            f"{MIN_TAIL_CHI} observations beyond the quantile {quantile:g}", f"{expected:.0f}"
        )
    if reason is None and 1.0 - abs(pearson_influence(x, y)[0]) < 1e-12:
        reason = NotComputed(Missing.EXACT, "the two move in exact proportion")
    if reason is not None:
        return TailDependence(reason, reason)
    u, v = _uniform_ranks(sign * x), _uniform_ranks(sign * y)
    return _tail_dependence(u, v, quantile, confidence_level)


def _tail_dependence(u: Array, v: Array, quantile: float, level: float) -> TailDependence:
    nobs, rare = u.size, 1.0 - quantile
    high_u, high_v = u > quantile, v > quantile
    both = high_u & high_v
    joint, below = float(both.mean()), float(((u < quantile) & (v < quantile)).mean())
    # Estimated ranks: a quantile set too low lets in days with the share found near it.
    width = max(MIN_TAIL_CHI, int(rare * nobs))
    by_u = _near_share(u, high_v, quantile, width)
    by_v = _near_share(v, high_u, quantile, width)
    influence = both - by_u * high_u - by_v * high_v
    count = round(rare * nobs)
    share = share_interval(min(joint / rare, 1.0), influence / rare, count, confidence_level=level)
    ends = [share.value, share.low or 0.0, share.high or 1.0]
    # The rest of the joint law in terms of the joint exceedances; ties at the quantile and
    # the rounding of ranks make it differ a little from 2 u - 1.
    rest = below - joint
    chis = [2.0 - math.log(max(rest + rare * end, 1.0 / nobs)) / math.log(quantile) for end in ends]
    chibars = [2.0 * math.log(rare) / math.log(rare * e) - 1.0 if e > 0.0 else -1.0 for e in ends]
    chis[0] = 2.0 - math.log(max(below, 1.0 / nobs)) / math.log(quantile)
    estimates = [
        Estimate(
            value=value,
            low=min(low, value),
            high=max(high, value),
            confidence_level=level,
            interval=share.interval,
            method=f"ranks, {share.method}",
            nobs=nobs,
        )
        for value, low, high in (chis, chibars)
    ]
    return TailDependence(*estimates)


def joint_worst(
    a: ArrayLike,
    b: ArrayLike,
    *,
    count: int = 10,
    worst_share: float = 0.05,
    confidence_level: float = 0.95,
) -> WorstDays:
    """The worst joint days, and how often B fell on A's worst days.

    Days are ranked by a / sd(a) + b / sd(b) (ddof 1) among those with both returns below zero, the
    earlier first on a tie. The share's influence values are T / n (1{b < 0} - share) on A's worst n
    days; ``nobs`` is n.

    Parameters
    ----------
    count : int
        Days to list; fewer when both legs fell on fewer days.
    worst_share : float
        A's worst days are its floor(worst_share T) lowest returns, at least 10.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return WorstDays((), reason)
    depth = x / x.std(ddof=1) + y / y.std(ddof=1)
    fell = np.flatnonzero((x < 0.0) & (y < 0.0))
    worst = fell[np.argsort(depth[fell], kind="stable")][:count]
    indices = tuple(int(i) for i in worst)
    days = math.floor(worst_share * x.size + 1e-9)  # 0.05 is not exact in binary
    if days < MIN_TAIL_SHARE:
        return WorstDays(indices, too_short(f"{MIN_TAIL_SHARE} worst moves of {{a}}", days))
    mask = np.zeros(x.size, dtype=np.bool_)
    mask[np.argsort(x, kind="stable")[:days]] = True
    down = (y[mask] < 0.0).astype(np.float64)
    share = float(down.mean())
    influence = spread_influence(down - share, mask)
    return WorstDays(
        indices, share_interval(share, influence, days, confidence_level=confidence_level)
    )
