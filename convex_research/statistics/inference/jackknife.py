"""Fisher's z of a correlation: its jackknife influence, standard error, degrees of freedom.

z is the log of a ratio: how far the legs move together, over how far they move apart, both at
equal volatility. What each observation does to it is had by leaving that observation out,
for all of them at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.inference.influence_interval import (
    as_pair,
    bartlett_lag,
    carried_df,
    hac_std_error,
    unusable,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from convex_research.core.typing import Array


__all__ = ["FisherZ", "fisher_z", "jackknife_z", "standardised"]

# Nearer to +1 or -1 than this, r is that number.
_EXACT = 1e-9
# A sum of squares of which one observation leaves no more than this share.
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class FisherZ:
    """A correlation on Fisher's scale, with what its intervals and tests need.

    Parameters
    ----------
    z : float
        atanh r.
    std_error : float
        sqrt(omega / n), omega the Bartlett long-run variance of the jackknife influence.
    df : float
        Student degrees of freedom of (estimate - truth) / std_error.
    nobs : int
        Observations.
    lag : int
        Bartlett lag.
    """

    z: float
    std_error: float
    df: float
    nobs: int
    lag: int


def standardised(x: Array) -> Array:
    """Centred and divided by its standard deviation (ddof 0), scale-free."""
    centred = x - x.mean()
    centred -= centred.mean()  # the first mean's own rounding shows at an offset of 1e8
    centred /= np.abs(centred).max()  # keeps squares of tiny and huge values in range
    return np.asarray(centred / math.sqrt(float(centred @ centred) / x.size))


def jackknife_z(a: Array, b: Array) -> tuple[float, Array] | NotComputed:
    """Fisher's z and its jackknife influence values, in O(n).

    Parameters
    ----------
    a, b : array, shape (n,)
        Finite series, neither constant.

    Returns
    -------
    z : float
        atanh r, also to full precision where r is near +1 or -1.
    influence : array, shape (n,)
        f_i = (n - 1) (z - z_(-i)), centred; z_(-i) is z without observation i.

    Notes
    -----
    With u, v standardised, s = u + v, d = u - v and sums S, D of their squares,
    z = ln(S / D) / 2. Without i the means move, so that every sum of squares loses
    c x_i^2, c = n / (n - 1); g, the square of the difference of the legs' root sums of squares,
    restores equal volatility: z_(-i) = ln((S - c s_i^2 - g) / (D - c d_i^2 - g)) / 2.

    References
    ----------
    Efron and Stein (1981), Annals of Statistics 9, 586-596.
    """
    u, v = standardised(a), standardised(b)
    along, apart = u + v, u - v
    total, rest = float(along @ along), float(apart @ apart)
    nobs = u.size
    if rest < 2.0 * nobs * _EXACT:  # 1 - r = D / (2 n)
        return NotComputed(Missing.EXACT, "the legs move exactly in step")
    if total < 2.0 * nobs * _EXACT:
        return NotComputed(Missing.EXACT, "the legs move exactly against each other")
    c = nobs / (nobs - 1.0)
    left, right = nobs - c * u * u, nobs - c * v * v
    if min(left.min(), right.min()) <= _NOTHING * nobs:
        return NotComputed(Missing.NOT_MOVING, "one leg moves on a single day only")
    unequal = (c * along * apart / (np.sqrt(left) + np.sqrt(right))) ** 2
    lost, gone = (c * along**2 + unequal) / total, (c * apart**2 + unequal) / rest
    if max(lost.max(), gone.max()) >= 1.0 - _NOTHING:
        return NotComputed(
            Missing.EXACT, "but for a single day the legs move exactly in step or in opposition"
        )
    influence = 0.5 * (nobs - 1.0) * (np.log1p(-gone) - np.log1p(-lost))
    return 0.5 * math.log(total / rest), influence - influence.mean()


def fisher_z(a: ArrayLike, b: ArrayLike, *, stretch: float = 1.0) -> FisherZ | NotComputed:
    """Fisher's z of two series with its standard error and degrees of freedom.

    Parameters
    ----------
    a, b : array_like, shape (n,)
        Returns of the two legs on shared dates, 30 at least.
    stretch : float
        Factor on the lag.

    Returns
    -------
    FisherZ or NotComputed
        Bartlett lag L = min(floor(1.3 sqrt n), n - 1), divisor n; degrees of freedom
        1 / (1 / d + (L + 1) / (1.5 n)), 4 at least, d the days that carry the variance.
        Not computed where the legs move exactly in step, or one observation makes them do
        otherwise.

    References
    ----------
    Efron and Stein (1981), Annals of Statistics 9, 586-596.
    Lazarus, Lewis, Stock and Watson (2018), JBES 36, 541-559.

    Examples
    --------
    >>> import numpy as np
    >>> common, noise = np.random.default_rng(7).standard_normal((2, 500))
    >>> estimate = fisher_z(common, common + noise)
    >>> round(estimate.z, 2), round(estimate.std_error, 3)
    (0.88, 0.038)
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    estimate = jackknife_z(x, y)
    if isinstance(estimate, NotComputed):
        return estimate
    z, influence = estimate
    lag = None if stretch == 1.0 else max(1, int(stretch * bartlett_lag(x.size)))
    std_error, share, used = hac_std_error(influence, lag)
    if not std_error > 0.0:
        return NotComputed(Missing.EXACT, "the correlation has no measurable error")
    return FisherZ(z, std_error, carried_df(influence, share), x.size, used)
