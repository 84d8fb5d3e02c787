"""Correlation by regime: calm and turbulent, bull and bear.

A label of day t uses prices and returns up to t - 1 only; the one exception are the cut points of
the volatility terciles, which are those of the whole sample. Sorting days by volatility moves
correlation even when the law of the shocks never changes (Boyer, Gibson and Loretan 1999): the same
functions applied to standardised residuals tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult, too_short
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    MIN_NOBS_TEST,
    as_pair,
    as_series,
    unusable,
)
from convex_research.statistics.inference.jackknife import fisher_z
from convex_research.statistics.inference.two_windows import change_in_z
from convex_research.statistics.stability.homogeneity import welch_james

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike, Mask
    from convex_research.statistics.inference.jackknife import FisherZ

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

    - ``names``: name of each regime.
    - ``masks`` (k, T): days of each regime.
    - ``cut_points``: values of the sorting variable at which one regime ends and the next begins.
    """

    names: tuple[str, ...]
    masks: Mask
    cut_points: tuple[float, ...]

    def __getitem__(self, name: str) -> Mask:
        """Days of one regime."""
        return np.asarray(self.masks[self.names.index(name)])


def volatility_regimes(a: ArrayLike, *, window: int = WINDOW) -> Regimes | NotComputed:
    """Days sorted into thirds by A's volatility over the days before.

    ``low_vol``, ``mid_vol``, ``high_vol``: at most the first tercile, at most the second, above.
    The terciles are the linearly interpolated quantiles 1/3 and 2/3 of the standard deviation over
    the sample. The first ``window`` days have no label.

    Parameters
    ----------
    window : int
        Observations in the standard deviation (ddof 1), the last of them on day t - 1.
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

    ``bull`` and ``bear`` with masks of length T: a return belongs to ``bear`` when price <= (1 -
    drawdown) times its running maximum, both up to the day before.

    Parameters
    ----------
    price_a : array_like, shape (T + 1,)
        Prices of A, one more than returns: element t is the price before return t.
    drawdown : float
        Fall from the running maximum since the sample's start that makes a bear market.
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
    """Pearson's r of the days of one regime, taken as they follow one another.

    Parameters
    ----------
    mask : array of bool, shape (T,)
        Days of the regime, 30 at least.
    """
    one = _in_regime(a, b, mask)
    return one if isinstance(one, NotComputed) else one.estimate(confidence_level)


def _in_regime(
    a: ArrayLike, b: ArrayLike, mask: Mask, *, min_nobs: int = MIN_NOBS_INTERVAL
) -> FisherZ | NotComputed:
    """Fisher's z of a regime's days, with their own lag, error and degrees of freedom."""
    x, y = as_pair(a, b)
    if mask.shape != x.shape:
        raise ValueError(f"mask has shape {mask.shape}, the legs {x.shape}")
    count = int(mask.sum())
    if count < min_nobs:
        return too_short(f"at least {min_nobs} observations in this regime", count)
    return fisher_z(x[mask], y[mask])


def _in_regimes(
    a: ArrayLike, b: ArrayLike, regimes: Regimes, *, min_nobs: int
) -> list[FisherZ] | NotComputed:
    found = []
    for name, mask in zip(regimes.names, regimes.masks, strict=True):
        one = _in_regime(a, b, mask, min_nobs=min_nobs)
        if isinstance(one, NotComputed):
            return NotComputed(one.code, f"{name}: {one.reason}")
        found.append(one)
    return found


def difference_between(
    a: ArrayLike, b: ArrayLike, first: Mask, second: Mask, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Fisher z of the first regime minus that of the second, with Welch's interval.

    - ``first``, ``second``: days of each regime, 30 at least; no day in both.
    """
    if (first & second).any():
        raise ValueError("the regimes overlap")
    both = Regimes(("first regime", "second regime"), np.stack([first, second]), ())
    found = _in_regimes(a, b, both, min_nobs=MIN_NOBS_INTERVAL)
    if isinstance(found, NotComputed):
        return found
    return change_in_z(*found, confidence_level=confidence_level)


def equality(a: ArrayLike, b: ArrayLike, regimes: Regimes) -> TestResult | NotComputed:
    """Test of equal correlations in all regimes.

    :func:`~convex_research.statistics.stability.homogeneity.welch_james` of the regimes'
    correlations, each with its own error. Boyer, Gibson and Loretan (1999), Federal Reserve IFDP
    597.

    Parameters
    ----------
    regimes : Regimes
        At least two, with 60 days each.
    """
    found = _in_regimes(a, b, regimes, min_nobs=MIN_NOBS_TEST)
    return found if isinstance(found, NotComputed) else welch_james(found)
