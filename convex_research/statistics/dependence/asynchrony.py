"""Closes at different times and legs that trade rarely: daily r is then too low.

Where one leg closes hours before the other, part of a day's common news is in its return of the
next day. The links of neighbouring days show it, on one side only, and added to that of the same
day they give back what the clock took.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Estimate, Interval, NotComputed, TestResult, too_short
from convex_research.statistics.inference.influence_interval import (
    FEWEST_DF,
    MIN_NOBS_TEST,
    as_pair,
    carried_critical,
    hac_std_error,
    symmetric_interval,
    unusable,
)
from convex_research.statistics.inference.jackknife import standardised
from convex_research.statistics.inference.own_volatility import both_over_own_volatility
from convex_research.statistics.simulate.prefix_sums import window_sums

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = [
    "MIN_NOBS_SYNCHRONISED",
    "Asynchrony",
    "asynchrony",
    "closes_apart",
    "rarely_traded",
    "rolling_synchronised",
    "synchronised",
]

MIN_NOBS_SYNCHRONISED = 504

_LEVEL_LINK, _LEVEL_ASYMMETRY, _LEAST_SHARE = 0.0125, 0.05, 0.05
_LEVEL_SAME_DAY = 0.20
_RARE, _TIMES_THE_OTHER = 0.10, 2.0


class Asynchrony(NamedTuple):
    """The links of neighbouring days, and what they say of the closes.

    - ``lag_ab``, ``lag_ba``: of a link of A's day with B's next one in the direction of the daily
      link, and of B's day with A's next.
    - ``asymmetry``: that the larger of the two links is larger.
    - ``same_day``: of the link of the same day, in its own direction.
    - ``share``: larger lagged correlation over its sum with that of the same day: about the part of
      a day between the closes.
    """

    lag_ab: TestResult
    lag_ba: TestResult
    asymmetry: TestResult
    same_day: TestResult
    share: Estimate

    @property
    def apart(self) -> bool:
        """Whether the closes are apart: a link on one side, and not a small one.

        Without any link on the same day it is a lead, not a clock. At most one in a hundred pairs
        that close together is called apart; where a leg follows its own past by .1 a day, up to
        half are at five years.
        """
        return bool(
            closes_apart(
                self.lag_ab.pvalue,
                self.lag_ba.pvalue,
                self.asymmetry.pvalue,
                self.same_day.pvalue,
                self.share.value,
            )
        )


def closes_apart(
    lag_ab: ArrayLike,
    lag_ba: ArrayLike,
    asymmetry: ArrayLike,
    same_day: ArrayLike,
    share: ArrayLike,
) -> Mask:
    """The rule of :attr:`Asynchrony.apart` for p-values and shares of one pair or of many."""
    return np.asarray(
        (np.minimum(lag_ab, lag_ba) < _LEVEL_LINK)
        & (np.asarray(asymmetry) < _LEVEL_ASYMMETRY)
        & (np.asarray(same_day) < _LEVEL_SAME_DAY)
        & (np.asarray(share) >= _LEAST_SHARE)
    )


def asynchrony(a: ArrayLike, b: ArrayLike) -> Asynchrony | NotComputed:
    """Test whether the legs' returns are linked a day apart, on one side more than the other.

    On u and v, the legs over their own volatility, standardised. A test's statistic is sum(p) /
    sqrt(sum(p^2)), p = s u_t v_(t+1) with s the sign of r(u, v); one-sided Student law with 1 /
    (1/d + 1/(T-1)) degrees of freedom, 4 at least, d = (sum p^2)^2 / sum p^4. For the asymmetry p
    is the difference of the two products. Where the sample chooses the side, in the asymmetry and
    on the same day, the p-value is two-sided.

    Examples
    --------
    >>> import numpy as np
    >>> x, e = np.random.default_rng(7).standard_normal((2, 1000))
    >>> late = 0.8 * x + 0.6 * e
    >>> late[1:] = 0.5 * late[1:] + 0.5 * late[:-1]
    >>> asynchrony(x, late).apart, asynchrony(x, 0.8 * x + 0.6 * e).apart
    (True, False)
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y, min_nobs=MIN_NOBS_TEST)) is not None:
        return reason
    legs = both_over_own_volatility(x, y)
    if isinstance(legs, NotComputed):
        return legs
    u, v = map(standardised, legs)
    same_day = float(u @ v) / u.size
    side = math.copysign(1.0, same_day)
    ab, ba = side * u[:-1] * v[1:], side * v[:-1] * u[1:]
    apart = ab - ba if ab.sum() >= ba.sum() else ba - ab
    larger = max(float(ab.sum()), float(ba.sum()), 0.0) / u.size
    return Asynchrony(
        lag_ab=_positive(ab, "a day of {a} has no link with the next day of {b}"),
        lag_ba=_positive(ba, "a day of {b} has no link with the next day of {a}"),
        asymmetry=_positive(apart, "neither leg's next day has the closer link", sides=2),
        same_day=_positive(side * u * v, "the legs have no link on the same day", sides=2),
        share=Estimate(
            value=larger / (abs(same_day) + larger) if larger else 0.0,
            method="larger lagged r / (r of the same day + larger lagged r), observed",
            nobs=u.size,
        ),
    )


def _positive(products: Array, null: str, sides: int = 1) -> TestResult:
    """Test that products have a positive mean; two-sided where the sample chose their sign."""
    from scipy.special import stdtr

    squares = products * products
    total = float(squares.sum())
    days = total * total / max(float(squares @ squares), 1e-300)
    df = max(1.0 / (1.0 / days + 1.0 / products.size), FEWEST_DF) if days else FEWEST_DF
    statistic = float(products.sum()) / math.sqrt(total) if total else 0.0
    return TestResult(
        statistic=statistic,
        pvalue=min(sides * float(stdtr(df, -statistic)), 1.0),
        null=null,
        alternative="there is one, in the direction of the daily link",
        distribution=f"Student t with {df:.1f} df, {'one' if sides == 1 else 'two'}-sided",
        nobs=products.size,
    )


def rarely_traded(a: ArrayLike, b: ArrayLike) -> tuple[bool, bool]:
    """Which leg stands still on a tenth of days or more, twice as often as the other.

    Examples
    --------
    >>> rarely_traded([0.0, 0.1, 0.2, -0.1], [0.1, 0.2, -0.1, 0.3])
    (True, False)
    """
    x, y = (float(np.mean(leg == 0.0)) for leg in as_pair(a, b))
    return x >= max(_RARE, _TIMES_THE_OTHER * y), y >= max(_RARE, _TIMES_THE_OTHER * x)


def synchronised(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Correlation with a day's leeway: r of the same day and of both neighbouring ones, added.

    Needs 504 days. S = r(0) + r(-1) + r(+1), all with divisor T. Influence p_t - S / 2 (u_t^2 +
    v_t^2), p_t = u_t v_t + u_t v_(t+1) + u_(t+1) v_t, u and v standardised returns; HAC error
    (Bartlett, floor(1.3 sqrt(T))), Student law, Fisher's scale. No interval where |S| >= 1. Scholes
    and Williams (1977), Journal of Financial Economics 5, 309-327.

    Examples
    --------
    >>> import numpy as np
    >>> hours, own = np.random.default_rng(7).standard_normal((2, 2000))
    >>> late = 0.5 * hours + 0.5 * np.roll(hours, 1) + 0.2 * own
    >>> round(float(synchronised(hours, late).value / np.corrcoef(hours, late)[0, 1]), 1)
    2.0
    """
    x, y = as_pair(a, b)
    if x.size < MIN_NOBS_SYNCHRONISED:
        return too_short(f"at least {MIN_NOBS_SYNCHRONISED} days", x.size)
    if (reason := unusable(x, y)) is not None:
        return reason
    u, v = standardised(x), standardised(y)
    products = u * v
    products[:-1] += u[:-1] * v[1:] + u[1:] * v[:-1]
    total = float(products.mean())
    method = "r of the same day and of both neighbouring days, added"
    if abs(total) >= 1.0:
        return Estimate(value=total, method=f"{method}; beyond 1, no interval", nobs=u.size)
    influence = products - 0.5 * total * (u * u + v * v)
    std_error, b_share, lag = hac_std_error(influence)
    critical, df = carried_critical(influence, confidence_level, b_share)
    return symmetric_interval(
        total,
        std_error,
        critical,
        link="fisher",
        confidence_level=confidence_level,
        interval=Interval.HAC,
        method=f"{method}; HAC (Bartlett, lag {lag}), Student t with {df:.1f} df, Fisher scale",
        nobs=u.size,
    )


def rolling_synchronised(a: ArrayLike, b: ArrayLike, window: int) -> Array:
    """:func:`synchronised` of every complete window, without its interval.

    Entry t is of observations t - window + 1 .. t; NaN where the window is incomplete or a leg does
    not move in it.

    Parameters
    ----------
    window : int
        Days, at least 504: of fewer the leeway says little.
    """
    if window < MIN_NOBS_SYNCHRONISED:
        raise ValueError(f"window must be at least {MIN_NOBS_SYNCHRONISED}, got {window}")
    x, y = as_pair(a, b)
    path = np.full(x.size, np.nan)
    if x.size < window or not (np.isfinite(x).all() and np.isfinite(y).all()):
        return path
    u, v = ((leg - leg.mean()) / (float(np.abs(leg - leg.mean()).max()) or 1.0) for leg in (x, y))
    days = np.stack([u, v, u * u, v * v, u * v], axis=1)
    mean_u, mean_v, *squares, product = (window_sums(days, window) / window).T
    # The link of neighbouring days within the window, each less the means of the whole window.
    pairs = np.stack([u[:-1] * v[1:] + u[1:] * v[:-1], u[:-1] + u[1:], v[:-1] + v[1:]], axis=1)
    apart, sum_u, sum_v = (window_sums(pairs, window - 1) / window).T
    apart = apart - mean_u * sum_v - mean_v * sum_u + 2.0 * (window - 1) / window * mean_u * mean_v
    spread = [square - mean * mean for square, mean in zip(squares, (mean_u, mean_v), strict=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (product - mean_u * mean_v + apart) / np.sqrt(spread[0] * spread[1])
    moving = np.minimum(*spread) > _STILL
    path[window - 1 :] = np.where(moving, found, np.nan)
    return path


_STILL = 1e-15  # variance of a leg scaled to one, below which it is rounding
