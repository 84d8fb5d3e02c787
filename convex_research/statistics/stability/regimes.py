"""Correlation by regime: calm and turbulent, bull and bear.

A label of day t uses prices and returns up to t - 1 only; the one exception are the cut
points of the volatility terciles, which are those of the whole sample. Sorting days by
volatility moves correlation even when the law of the shocks never changes (Boyer, Gibson and
Loretan 1999): the same functions applied to standardised residuals tell the two apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult, too_short
from convex_research.statistics.dependence.correlation import pearson_influence
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    MIN_NOBS_TEST,
    as_pair,
    as_series,
    bartlett_lag,
    carrying_days,
    long_run_covariance,
    unusable,
)
from convex_research.statistics.inference.masked import (
    contrast_interval,
    correlation_interval,
    spread_influence,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = [
    "Regimes",
    "difference_between",
    "equality",
    "market_regimes",
    "pearson_in",
    "volatility_regimes",
]

WINDOW = 21
DRAWDOWN = 0.20


@dataclass(frozen=True, slots=True)
class Regimes:
    """Named sets of days; a day may be in none of them.

    Parameters
    ----------
    names : tuple of str
        Name of each regime.
    masks : array of bool, shape (k, T)
        Days of each regime.
    cut_points : tuple of float
        Values of the sorting variable at which one regime ends and the next begins.
    """

    names: tuple[str, ...]
    masks: Mask
    cut_points: tuple[float, ...]

    def __getitem__(self, name: str) -> Mask:
        """Days of one regime."""
        return np.asarray(self.masks[self.names.index(name)])


def volatility_regimes(a: ArrayLike, *, window: int = WINDOW) -> Regimes | NotComputed:
    """Days sorted into thirds by A's volatility over the days before.

    Parameters
    ----------
    a : array_like, shape (T,)
        Returns of A.
    window : int
        Observations in the standard deviation (ddof 1), the last of them on day t - 1.

    Returns
    -------
    Regimes or NotComputed
        ``low_vol``, ``mid_vol``, ``high_vol``: at most the first tercile, at most the
        second, above. The terciles are the linearly interpolated quantiles 1/3 and 2/3 of
        the standard deviation over the sample. The first ``window`` days have no label.
    """
    x = as_series(a, "a")
    if (reason := unusable(x, min_nobs=window + 3 * MIN_NOBS_INTERVAL)) is not None:
        return reason
    centred = x - x.mean()
    windows = np.lib.stride_tricks.sliding_window_view(centred, window)[:-1]
    spread = np.full(x.size, np.nan)
    spread[window:] = windows.std(axis=1, ddof=1)
    first, second = (float(q) for q in np.quantile(spread[window:], (1.0 / 3.0, 2.0 / 3.0)))
    if not first < second:
        return NotComputed(
            Missing.NOT_MOVING, "{a}'s volatility hardly changes, so no thirds can be made of it"
        )
    masks = np.stack([spread <= first, (spread > first) & (spread <= second), spread > second])
    return Regimes(("low_vol", "mid_vol", "high_vol"), masks, (first, second))


def market_regimes(price_a: ArrayLike, *, drawdown: float = DRAWDOWN) -> Regimes | NotComputed:
    """Bear and bull days by A's price of the day before.

    Parameters
    ----------
    price_a : array_like, shape (T + 1,)
        Prices of A, one more than returns: element t is the price before return t.
    drawdown : float
        Fall from the running maximum since the sample's start that makes a bear market.

    Returns
    -------
    Regimes or NotComputed
        ``bull`` and ``bear`` with masks of length T: a return belongs to ``bear`` when
        price <= (1 - drawdown) times its running maximum, both up to the day before.
    """
    price = as_series(price_a, "price_a")
    if (reason := unusable(price)) is not None:
        return reason
    if price.min() <= 0.0:
        return NotComputed(Missing.NOT_A_PRICE, "a drawdown needs positive prices")
    before = price[:-1]
    bear = before <= (1.0 - drawdown) * np.maximum.accumulate(before)
    return Regimes(("bull", "bear"), np.stack([~bear, bear]), (drawdown,))


def pearson_in(
    a: ArrayLike, b: ArrayLike, mask: Mask, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Pearson's r of the days of one regime, with a HAC interval.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns, or residuals already standardised by their own volatility.
    mask : array of bool, shape (T,)
        Days of the regime.
    confidence_level : {0.90, 0.95}

    Returns
    -------
    Estimate or NotComputed
        ``nobs`` counts the days used, at least 30. The influence values are zero on other
        days and scaled by T / n, so that the HAC error runs over the whole time line.
    """
    part = _in_regime(a, b, mask)
    if isinstance(part, NotComputed):
        return part
    r, influence, nobs = part
    return correlation_interval(r, influence, nobs, confidence_level=confidence_level)


def _in_regime(
    a: ArrayLike, b: ArrayLike, mask: Mask, *, min_nobs: int = MIN_NOBS_INTERVAL
) -> tuple[float, Array, int] | NotComputed:
    x, y = as_pair(a, b)
    if mask.shape != x.shape:
        raise ValueError(f"mask has shape {mask.shape}, the legs {x.shape}")
    count = int(mask.sum())
    if count < min_nobs:
        return too_short(f"at least {min_nobs} days in this regime", count)
    if (reason := unusable(x[mask], y[mask])) is not None:
        return reason
    r, inside = pearson_influence(x[mask], y[mask])
    if 1.0 - abs(r) < 1e-12:
        return NotComputed(Missing.EXACT, "the legs move in exact proportion in this regime")
    return r, spread_influence(inside, mask), count


def _z_and_influence(
    a: ArrayLike, b: ArrayLike, regimes: Regimes, min_nobs: int
) -> tuple[Array, Array, int] | NotComputed:
    """Fisher z of every regime, influence values (T, k) on that scale, days used."""
    z, columns, nobs = [], [], 0
    for name, mask in zip(regimes.names, regimes.masks, strict=True):
        part = _in_regime(a, b, mask, min_nobs=min_nobs)
        if isinstance(part, NotComputed):
            return NotComputed(part.code, f"{name}: {part.reason}")
        r, influence, count = part
        z.append(math.atanh(r))
        columns.append(influence / (1.0 - r * r))
        nobs += count
    return np.array(z), np.column_stack(columns), nobs


def difference_between(
    a: ArrayLike, b: ArrayLike, first: Mask, second: Mask, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Fisher z of the first regime minus that of the second.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns, or residuals already standardised by their own volatility.
    first, second : array of bool, shape (T,)
        Days of each regime; no day in both.
    confidence_level : float
        0.90 (for equivalence) or 0.95.

    Returns
    -------
    Estimate or NotComputed
        Days of both regimes share one time line, so that errors of neighbouring days in
        different regimes are allowed to be correlated.

    Raises
    ------
    ValueError
        If shapes differ or the regimes overlap.
    """
    if (first & second).any():
        raise ValueError("the regimes overlap")
    both = Regimes(("first regime", "second regime"), np.stack([first, second]), ())
    part = _z_and_influence(a, b, both, MIN_NOBS_INTERVAL)
    if isinstance(part, NotComputed):
        return part
    z, influence, nobs = part
    return contrast_interval(
        float(z[0] - z[1]),
        influence[:, 0] - influence[:, 1],
        nobs,
        confidence_level=confidence_level,
        unit="Fisher z",
    )


def equality(a: ArrayLike, b: ArrayLike, regimes: Regimes) -> TestResult | NotComputed:
    """Test of equal correlations in all regimes.

    Parameters
    ----------
    a, b : array_like, shape (T,)
        Returns, or residuals already standardised by their own volatility.
    regimes : Regimes
        At least two, with 60 days each.

    Returns
    -------
    TestResult or NotComputed
        ``statistic`` = T (D z)' (D Omega D')^-1 (D z), z the Fisher z by regime, D the
        differences of neighbouring regimes, Omega the Bartlett long-run covariance of their
        influence values on the whole time line, lag L = floor(1.3 sqrt(T)). ``statistic`` /
        (k - 1) is referred to F with k - 1 and 1 / (1 / d + 1 / e) degrees of freedom,
        d = k^2 / (2 sum 1 / d_i) with d_i the days that carry regime i's variance, and
        e = 1.5 T / (L + 1) those of the long-run variance. The chi-square law rejects up to
        19 % at one year, this choice, made by simulation, between 3 and 8 %.

    References
    ----------
    Boyer, Gibson and Loretan (1999), Federal Reserve IFDP 597.
    Lazarus, Lewis, Stock and Watson (2018), JBES 36, 541-559.
    """
    from scipy.special import fdtrc

    part = _z_and_influence(a, b, regimes, MIN_NOBS_TEST)
    if isinstance(part, NotComputed):
        return part
    z, influence, nobs = part
    contrasts = np.diff(np.eye(z.size), axis=0)
    lag = bartlett_lag(influence.shape[0])
    omega = contrasts @ long_run_covariance(influence, lag) @ contrasts.T
    gaps = contrasts @ z
    if np.linalg.matrix_rank(omega, hermitian=True) < gaps.size:
        return NotComputed(Missing.EXACT, "the regimes' correlations have no measurable error")
    wald = float(influence.shape[0] * gaps @ np.linalg.solve(omega, gaps))
    carrying = [carrying_days(influence[mask, i]) for i, mask in enumerate(regimes.masks)]
    numerator = z.size - 1
    by_days = z.size**2 / (2.0 * sum(1.0 / d for d in carrying))
    by_lag = 1.5 * influence.shape[0] / (lag + 1.0)
    denominator = 1.0 / (1.0 / by_days + 1.0 / by_lag)
    return TestResult(
        statistic=wald,
        pvalue=float(fdtrc(numerator, denominator, wald / numerator)),
        null="the correlation is the same in every regime",
        alternative="the correlation differs between regimes",
        distribution=f"{numerator} F({numerator}, {denominator:.1f}), Bartlett lag {lag}",
        nobs=nobs,
    )
