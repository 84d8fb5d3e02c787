"""Whether two legs move in the same direction, on the same day or a day apart.

Signs are immune to heavy tails: these shares hold their level where Pearson's r does not. Days on
which a leg does not move have no direction and are left out.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult, too_short
from convex_research.statistics.dependence.correlation import pearson_influence
from convex_research.statistics.inference.fixed_b import PVALUE_FLOOR, fixed_b_pvalue
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    MIN_NOBS_TEST,
    as_pair,
    hac_std_error,
    unusable,
)
from convex_research.statistics.inference.masked import share_interval, spread_influence

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike, Mask

__all__ = ["hit_rate", "same_sign", "same_sign_extreme", "sign_test"]


def _share(
    event: Mask, used: Mask, confidence_level: float, lag: int | None
) -> Estimate | NotComputed:
    days = int(used.sum())
    if days < MIN_NOBS_INTERVAL:
        return too_short(f"at least {MIN_NOBS_INTERVAL} days on which both legs move", days)
    inside = event[used].astype(np.float64)
    share = float(inside.mean())
    influence = spread_influence(inside - share, used)
    return share_interval(share, influence, days, confidence_level=confidence_level, lag=lag)


def same_sign(
    a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95, lag: int | None = None
) -> Estimate | NotComputed:
    """Share of days on which both legs move in the same direction.

    Share of the days on which neither return is zero; ``nobs`` counts those days. Wilson's interval
    with as many trials as the HAC error implies.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(7).standard_normal(500)
    >>> same_sign(x, x).value
    1.0
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    return _share((x > 0.0) == (y > 0.0), (x != 0.0) & (y != 0.0), confidence_level, lag)


def hit_rate(
    cause: ArrayLike, effect: ArrayLike, *, confidence_level: float = 0.95, lag: int | None = None
) -> Estimate | NotComputed:
    """Share of days whose direction in one leg was that of the other leg the day before.

    :func:`same_sign` of ``cause`` on day t and ``effect`` on day t + 1.

    Parameters
    ----------
    cause, effect : array_like, shape (T,)
        Returns on shared dates.
    """
    x, y = as_pair(cause, effect)
    return same_sign(x[:-1], y[1:], confidence_level=confidence_level, lag=lag)


def same_sign_extreme(
    a: ArrayLike,
    b: ArrayLike,
    *,
    share: float = 0.05,
    confidence_level: float = 0.95,
    lag: int | None = None,
) -> Estimate | NotComputed:
    """Share of A's most extreme days on which B moved in A's direction.

    Parameters
    ----------
    share : float
        Share of days on either side: the floor(share T) lowest and as many highest of A.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    count = math.floor(share * x.size + 1e-9)
    order = np.argsort(x, kind="stable")
    extreme = np.zeros(x.size, dtype=np.bool_)
    extreme[order[:count]] = True
    extreme[order[x.size - count :]] = True
    used = extreme & (x != 0.0) & (y != 0.0)
    return _share((x > 0.0) == (y > 0.0), used, confidence_level, lag)


def sign_test(a: ArrayLike, b: ArrayLike, *, lag: int | None = None) -> TestResult | NotComputed:
    """Test that the directions of two series are unrelated.

    Pesaran and Timmermann's test in the form that allows for serial dependence: the correlation of
    both "up" indicators over its Bartlett HAC standard error, with the fixed-b law. A market that
    rises on most days makes agreement likely without any relation; the indicators' own means are
    taken out. For a forecast ``b`` is a day later and ``lag`` 0: what cannot be foreseen has no
    memory. Pesaran and Timmermann (1992), JBES 10, 461-465; (2009), JASA 104, 325-337.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y, min_nobs=MIN_NOBS_TEST)) is not None:
        return reason
    used = (x != 0.0) & (y != 0.0)
    up_x, up_y = ((v[used] > 0.0).astype(np.float64) for v in (x, y))
    if (reason := unusable(up_x, up_y, min_nobs=MIN_NOBS_TEST)) is not None:
        return NotComputed(Missing.NOT_MOVING, "one leg moves in one direction only")
    r, influence = pearson_influence(up_x, up_y)
    if 1.0 - abs(r) < 1e-12:
        return NotComputed(
            Missing.EXACT, "both legs move in the same direction, or in opposite ones, every day"
        )
    std_error, b_share, lag = hac_std_error(influence, lag)
    if std_error == 0.0:
        return NotComputed(Missing.EXACT, "the directions have no measurable error")
    pvalue = fixed_b_pvalue(r / std_error, b_share)
    return TestResult(
        statistic=r / std_error,
        pvalue=pvalue,
        pvalue_bound="<" if pvalue <= PVALUE_FLOOR else None,
        null="the directions of the two series are unrelated",
        alternative="they are related",
        distribution=f"fixed-b t (Bartlett, lag {lag}, b {b_share:.3f})",
        nobs=up_x.size,
    )
