"""One leg against many at once: what the pair estimators give, pair by pair, for a universe.

Every function has a row a pair and gives, to rounding, what its namesake for two legs gives; what
that one does not compute is NaN here. What depends on one leg alone is made once a leg.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.statistics.dependence.asynchrony import closes_apart
from convex_research.statistics.inference.influence_interval import (
    FEWEST_DF,
    MIN_NOBS_INTERVAL,
    bartlett_lag,
    moves,
)
from convex_research.statistics.inference.jackknife import FLAWS, leave_one_out, standardised
from convex_research.statistics.inference.own_volatility import over_own_volatility

if TYPE_CHECKING:
    from convex_research.core.typing import Array, Indices, Mask

__all__ = [
    "Legs",
    "NeighbouringDays",
    "RollingLegs",
    "hac_rows",
    "neighbouring_days",
    "own_volatility_legs",
    "tile_beta",
    "tile_fisher",
    "tile_rolling",
]

# From here on 1 - r has lost digits that the careful way keeps.
_NEAR_ONE = 0.99
_CHUNK_VALUES = 1 << 15  # of a tile, so that a core's own cache holds it


@dataclass(frozen=True, slots=True)
class Legs:
    """Legs over one window, with what every pair of them needs.

    - ``returns`` (M, n): as they are.
    - ``unit`` (M, n): standardised.
    - ``root`` (M, n): sqrt(n - c u^2), c = n / (n - 1): what is left without a day.
    - ``usable`` (M,): whether a leg moves, on more than one day.
    """

    returns: Array
    unit: Array
    root: Array
    usable: Mask

    @classmethod
    def of(cls, returns: Array) -> Legs:
        """Legs over the days of ``returns`` (M, n)."""
        nobs = returns.shape[-1]
        usable = np.asarray(np.isfinite(returns).all(axis=-1))
        usable &= moves(np.where(usable[:, None], returns, 0.0))
        if nobs < MIN_NOBS_INTERVAL:
            usable[:] = False
        unit, root = np.zeros_like(returns), np.zeros_like(returns)
        if usable.any():
            unit[usable] = standardised(returns[usable])
            left = nobs - nobs / (nobs - 1.0) * unit**2
            usable &= left.min(axis=-1) > 1e-12 * nobs
            root[usable] = np.sqrt(left[usable])
        return cls(returns, unit, root, usable)


def tile_fisher(legs: Legs, one: int, others: Indices) -> tuple[Array, Array, Array]:
    """Fisher's z of one leg against others, its standard error and degrees of freedom.

    See :func:`~convex_research.statistics.inference.jackknife.fisher_z`. Without day i the
    correlation is (n r - c u_i v_i) / sqrt((n - c u_i^2) (n - c v_i^2)).

    - ``one``, ``others`` (J,): places of the legs.
    - ``z``, ``std_error``, ``df`` (J,).
    """
    made = np.full((3, others.size), np.nan)
    if not legs.usable[one]:
        return made[0], made[1], made[2]
    nobs = legs.unit.shape[-1]
    u, root = legs.unit[one], legs.root[one]
    c = nobs / (nobs - 1.0)
    rows = max(1, _CHUNK_VALUES // nobs)
    for first in range(0, others.size, rows):
        here = others[first : first + rows]
        v = legs.unit[here]
        # Not by a library of many threads, whose sums depend on their number.
        r = np.clip(np.einsum("ij,j->i", v, u) / nobs, -1.0, 1.0)
        joint = v * (-c * u)
        joint += (nobs * r)[:, None]
        size = legs.root[here] * root
        without = size + joint
        size -= joint
        with np.errstate(divide="ignore", invalid="ignore"):  # legs in step or at rest
            without /= size
            np.log(without, out=without)
            z = np.arctanh(r)
            std_error, df = hac_rows(without)
        std_error *= 0.5 * (nobs - 1.0)
        at = slice(first, first + here.size)
        made[:, at] = z, std_error, df
        for row in np.flatnonzero((np.abs(r) > _NEAR_ONE) & legs.usable[here]):
            made[:, first + row] = _carefully(u, legs.unit[here[row]])
        made[:, at][:, ~legs.usable[here]] = np.nan
    made[:, ~(made[1] > 0.0)] = np.nan
    return made[0], made[1], made[2]


def _carefully(u: Array, v: Array) -> tuple[float, float, float]:
    """The same for legs that move nearly in step."""
    z, influence, flaw = leave_one_out(u, v)
    if FLAWS[int(flaw)] is not None:
        return math.nan, math.nan, math.nan
    std_error, df = hac_rows(influence[None])
    return float(z), float(std_error[0]), float(df[0])


def hac_rows(influence: Array) -> tuple[Array, Array]:
    """Bartlett standard errors of influence values, a row each, with their degrees of freedom.

    See :func:`~convex_research.statistics.inference.influence_interval.hac_std_error` and
    :func:`~convex_research.statistics.inference.influence_interval.carried_df`. The rows are used
    up.
    """
    rows, nobs = influence.shape
    lag = bartlett_lag(nobs)
    influence -= influence.mean(axis=-1, keepdims=True)
    total = np.zeros((rows, nobs + 2 * lag + 1))
    np.cumsum(influence, axis=-1, out=total[:, lag + 1 : lag + 1 + nobs])
    total[:, lag + 1 + nobs :] = total[:, lag + nobs, None]
    sums = total[:, lag + 1 :] - total[:, : -lag - 1]
    omega = np.einsum("ij,ij->i", sums, sums) / (nobs * (lag + 1.0))
    second = np.einsum("ij,ij->i", influence, influence)
    np.square(influence, out=influence)
    fourth = np.einsum("ij,ij->i", influence, influence)
    days = np.maximum(second**2 / np.maximum(fourth, 1e-300), 1.0)
    df = np.maximum(1.0 / (1.0 / days + (lag + 1) / nobs / 1.5), FEWEST_DF)
    return np.sqrt(omega / nobs), df


def tile_beta(
    legs: Legs, one: int, others: Indices, *, reverse: bool = False
) -> tuple[Array, Array, Array]:
    """Slope of one leg on others, or of the others on it, its error and degrees of freedom.

    See :func:`~convex_research.statistics.dependence.regression.beta`.
    """
    nobs = legs.unit.shape[-1]
    made = np.full((3, others.size), np.nan)
    if not legs.usable[one]:
        return made[0], made[1], made[2]
    c = 1.0 / (nobs - 1.0)
    size = np.where(legs.usable, legs.returns.std(axis=-1), np.nan)
    rows = max(1, _CHUNK_VALUES // nobs)
    for first in range(0, others.size, rows):
        here = others[first : first + rows]
        v, u = legs.unit[here], legs.unit[one]
        r = np.einsum("ij,j->i", v, u) / nobs
        # In units of both volatilities the slope is r and the residual u - r v.
        cause = np.broadcast_to(u, v.shape) if reverse else v
        influence = (v if reverse else u) - r[:, None] * cause
        influence *= cause
        influence /= 1.0 - c * cause**2
        std_error, df = hac_rows(influence)
        at = slice(first, first + here.size)
        scale = size[here] / size[one] if reverse else size[one] / size[here]
        made[:, at] = r * scale, std_error * scale, np.where(np.isfinite(scale), df, np.nan)
    return made[0], made[1], made[2]


@dataclass(frozen=True, slots=True)
class RollingLegs:
    """Legs with their rolling means and deviations, which all pairs of them share.

    - ``unit`` (M, n): standardised.
    - ``scale``, ``shift`` (M, n - window + 1): 1 / (sd sqrt(window)) and mean sqrt(window) / (sd
      window), so that r = scale_a scale_b sum(ab) - shift_a shift_b.
    """

    unit: Array
    scale: Array
    shift: Array
    window: int

    @classmethod
    def of(cls, returns: Array, window: int) -> RollingLegs:
        """Legs over all days; NaN where one does not move in a window."""
        nobs = returns.shape[-1]
        unit = np.zeros_like(returns)
        whole = moves(returns)
        unit[whole] = standardised(returns[whole])
        shape = (len(returns), max(nobs - window + 1, 0))
        scale, shift = np.full(shape, np.nan), np.full(shape, np.nan)
        for row in np.flatnonzero(whole if shape[1] else []):
            windows = np.lib.stride_tricks.sliding_window_view(unit[row], window)
            mean = windows.mean(axis=-1)
            deviation = windows - mean[:, None]
            root = np.sqrt(np.einsum("ij,ij->i", deviation, deviation))
            # A standstill leaves rounding, against the size of the leg's own days.
            still = root <= 1e-9 * np.abs(unit[row]).max()
            root[still] = np.nan
            scale[row], shift[row] = 1.0 / root, mean * math.sqrt(window) / root
        return cls(unit, scale, shift, window)


def tile_rolling(legs: RollingLegs, one: int, others: Indices) -> tuple[Array, Indices]:
    """Rolling r of one leg against others: the lowest and the highest, and where each ends.

    See :func:`~convex_research.statistics.dynamics.rolling.rolling_pearson`. Sums of windows are
    those of two blocks, never the difference of running ones.

    - ``r`` (J, 2): lowest and highest; NaN where there is no window.
    - ``at`` (J, 2): the last day of each; -1 where there is none.
    """
    window, nobs = legs.window, legs.unit.shape[-1]
    extreme = np.full((others.size, 2), np.nan)
    at = np.full((others.size, 2), -1, dtype=np.intp)
    if nobs < window:
        return extreme, at
    blocks = -(-nobs // window)
    u = np.zeros(blocks * window)
    u[:nobs] = legs.unit[one]
    rows = max(1, _CHUNK_VALUES // nobs)
    for first in range(0, others.size, rows):
        here = others[first : first + rows]
        products = np.zeros((here.size, blocks * window))
        np.multiply(legs.unit[here], legs.unit[one], out=products[:, :nobs])
        by_block = products.reshape(here.size, blocks, window)
        before = np.cumsum(by_block, axis=-1).reshape(here.size, -1)
        np.cumsum(by_block[..., ::-1], axis=-1, out=by_block[..., ::-1])
        # A window that begins with a block is that block; else the end of one and the start of
        # the next.
        products[:, ::window] = 0.0
        r = before[:, window - 1 : nobs]
        r += products[:, : nobs - window + 1]
        r *= legs.scale[one]
        r *= legs.scale[here]
        r -= legs.shift[here] * legs.shift[one]
        np.clip(r, -1.0, 1.0, out=r)
        known = np.isfinite(r)
        some = known.any(axis=-1)
        complete = known.all()
        for side, fill in enumerate((np.inf, -np.inf)):
            read = r if complete else np.where(known, r, fill)
            place = read.argmin(axis=-1) if side == 0 else read.argmax(axis=-1)
            value = np.take_along_axis(read, place[:, None], axis=-1)[:, 0]
            extreme[first : first + here.size, side] = np.where(some, value, np.nan)
            at[first : first + here.size, side] = np.where(some, place + window - 1, -1)
    return extreme, at


def own_volatility_legs(returns: Array) -> Array:
    """Legs over their own volatility, standardised; NaN where that is not defined."""
    made = np.full(returns.shape, np.nan)
    for row, x in enumerate(returns):
        if not moves(x):
            continue
        over = over_own_volatility(x)
        if isinstance(over, np.ndarray):
            made[row] = standardised(over)
    return made


class NeighbouringDays(NamedTuple):
    """What the links of neighbouring days say of the closes, one array (I, J) each.

    See :class:`~convex_research.statistics.dependence.asynchrony.Asynchrony`.
    """

    lag_ab: Array
    lag_ba: Array
    asymmetry: Array
    same_day: Array
    share: Array

    @property
    def apart(self) -> Mask:
        """Whether the closes are apart; by the rule for two legs."""
        return closes_apart(*self)


def neighbouring_days(a: Array, b: Array) -> NeighbouringDays:
    """p-values and share of every pair of two groups of legs, by products of matrices.

    See :func:`~convex_research.statistics.dependence.asynchrony.asynchrony`.

    - ``a`` (I, n), ``b`` (J, n): from :func:`own_volatility_legs`; NaN gives NaN.
    """
    from scipy.special import stdtr

    nobs = a.shape[-1]
    now, ahead = slice(None, -1), slice(1, None)

    def sums(x: Array, y: Array) -> tuple[Array, Array, Array]:
        """Of the products of two series, of their squares, and of their fourth powers."""
        return x @ y.T, x**2 @ (y**2).T, x**4 @ (y**4).T

    def pvalue(
        total: Array, powers: tuple[Array, Array], *, sides: int, count: int = nobs - 1
    ) -> Array:
        second, fourth = powers
        with np.errstate(invalid="ignore", divide="ignore"):
            days = second * second / np.maximum(fourth, 1e-300)
            df = np.where(
                days > 0.0, np.maximum(1.0 / (1.0 / days + 1.0 / count), FEWEST_DF), FEWEST_DF
            )
            statistic = np.where(second > 0.0, total / np.sqrt(second), 0.0)
        return np.asarray(np.minimum(sides * stdtr(df, -statistic), 1.0))

    same, same2, same4 = sums(a, b)
    side = np.where(same >= 0.0, 1.0, -1.0)
    ab, ab2, ab4 = sums(a[:, now], b[:, ahead])
    ba, ba2, ba4 = sums(a[:, ahead], b[:, now])
    ab, ba = side * ab, side * ba
    mixed, mixed2, _ = sums(a[:, now] * a[:, ahead], b[:, now] * b[:, ahead])
    third = (a[:, now] ** 3 * a[:, ahead]) @ (b[:, ahead] ** 3 * b[:, now]).T
    third += (a[:, now] * a[:, ahead] ** 3) @ (b[:, ahead] * b[:, now] ** 3).T
    apart2 = ab2 + ba2 - 2.0 * mixed
    apart4 = ab4 + ba4 + 6.0 * mixed2 - 4.0 * third
    between = np.abs(ab - ba)
    for i, j in np.argwhere(np.abs(same) > _NEAR_ONE * nobs):  # a difference of equals
        apart = a[i, now] * b[j, ahead] - b[j, now] * a[i, ahead]
        between[i, j] = abs(apart.sum())
        apart2[i, j], apart4[i, j] = apart @ apart, np.square(apart) @ np.square(apart)
    larger = np.maximum(np.maximum(ab, ba), 0.0)
    with np.errstate(invalid="ignore"):
        share = np.where(larger > 0.0, larger / (np.abs(same) + larger), 0.0)
    share = np.where(np.isfinite(same), share, np.nan)
    return NeighbouringDays(
        lag_ab=pvalue(ab, (ab2, ab4), sides=1),
        lag_ba=pvalue(ba, (ba2, ba4), sides=1),
        asymmetry=pvalue(between, (apart2, apart4), sides=2),
        same_day=pvalue(np.abs(same), (same2, same4), sides=2, count=nobs),
        share=share,
    )
