"""What dividends added: growth without them, and what was paid of the price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.inference.influence_interval import as_series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from convex_research.core.typing import Array, ArrayLike, Dates

__all__ = ["dividend_yield", "payouts", "price_growth"]


def payouts(
    closes: ArrayLike, dates: Dates, dividends: Sequence[tuple[date, float]]
) -> tuple[Dates, Array]:
    """Dividends as shares of the close before them.

    A share is the same whether or not closes and amounts are adjusted for splits.

    Parameters
    ----------
    closes : array_like, shape (T,)
        Closes before dividends are adjusted for.
    dates : array of datetime64[D], shape (T,)
        Their dates.
    dividends : sequence of (datetime.date, float)
        Days without the dividend, and cash amounts.

    Returns
    -------
    days : array of datetime64[D], shape (K,)
        Of those with a close before them.
    shares : array, shape (K,)
    """
    series = as_series(closes, "closes")
    days = np.array([day for day, _ in dividends], dtype="datetime64[D]")
    amounts = np.array([amount for _, amount in dividends], dtype=np.float64)
    before = np.searchsorted(dates, days, side="left") - 1
    known = (before >= 0) & (days <= dates[-1])
    return days[known], amounts[known] / series[before[known]]


def dividend_yield(days: Dates, shares: Array, end: np.datetime64) -> Estimate:
    """Dividends of the year to ``end`` as a share of the prices they were paid on, observed.

    Parameters
    ----------
    days, shares : array, shape (K,)
        From :func:`payouts`.
    end : datetime64[D]
        Last day of the year.
    """
    paid = shares[(days > end - np.timedelta64(365, "D")) & (days <= end)]
    method = f"observed; {paid.size} dividends, each over the close before it"
    return Estimate(
        value=float(paid.sum()), method=method, nobs=max(paid.size, 1), unit="decimal a year"
    )


def price_growth(
    growth: float, days: Dates, shares: Array, start: np.datetime64, end: np.datetime64
) -> Estimate | NotComputed:
    """Growth a year without dividends, observed.

    (1 + g) prod(1 - share)^(1 / years) - 1: adjusted closes spread each dividend as that factor.

    Parameters
    ----------
    growth : float
        g, growth a year of adjusted closes.
    days, shares : array, shape (K,)
        From :func:`payouts`.
    start, end : datetime64[D]
        First and last date of the closes that grew; years have 365.25 days.
    """
    paid = shares[(days > start) & (days <= end)]
    if paid.size and not float(paid.max()) < 1.0:
        return NotComputed(Missing.UNDEFINED, "a dividend as large as the price")
    years = float((end - start) / np.timedelta64(1, "D")) / 365.25
    kept = float(np.log1p(-paid).sum()) / years
    return Estimate(
        value=float((1.0 + growth) * np.exp(kept) - 1.0),
        method=f"observed; without {paid.size} dividends",
        nobs=max(paid.size, 1),
        unit="decimal a year",
    )
