"""What dividends added: growth without them, and what was paid of the price."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import (
    Estimate,
    Missing,
    NotComputed,
    observed,
)
from convex_research.statistics.inference.influence_interval import as_series

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from convex_research.core.typing import Array, ArrayLike, Dates

__all__ = ["dividend_yield", "payouts", "price_growth"]


def payouts(
    closes: ArrayLike, dates: Dates, dividends: Sequence[tuple[date, float]]
) -> tuple[Dates, Array]:
    """Days and sizes of dividends, as shares of the close before them, where there is one.

    ``closes`` are not adjusted for ``dividends``, which are ex-days and cash amounts. A share is
    the same whether or not closes and amounts are adjusted for splits.
    """
    series = as_series(closes, "closes")
    days = np.array([day for day, _ in dividends], dtype="datetime64[D]")
    amounts = np.array([amount for _, amount in dividends], dtype=np.float64)
    before = np.searchsorted(dates, days, side="left") - 1
    known = (before >= 0) & (days <= dates[-1])
    return days[known], amounts[known] / series[before[known]]


def dividend_yield(days: Dates, shares: Array, end: np.datetime64) -> Estimate:
    """Dividends of the year to ``end`` as a share of the prices they were paid on, observed."""
    paid = shares[(days > end - np.timedelta64(365, "D")) & (days <= end)]
    method = f"observed; {paid.size} dividends, each over the close before it"
    return observed(paid.sum(), max(paid.size, 1), "decimal a year", method)


def price_growth(
    growth: float, days: Dates, shares: Array, start: np.datetime64, end: np.datetime64
) -> Estimate | NotComputed:
    """Growth a year without dividends, observed.

    (1 + g) prod(1 - share)^(1 / years) - 1, g the growth of adjusted closes, which spread each
    dividend as that factor; years of 365.25 days.
    """
    paid = shares[(days > start) & (days <= end)]
    if paid.size and not float(paid.max()) < 1.0:
        return NotComputed(Missing.UNDEFINED, "a dividend as large as the price")
    years = float((end - start) / np.timedelta64(1, "D")) / 365.25
    value = (1.0 + growth) * np.exp(float(np.log1p(-paid).sum()) / years) - 1.0
    method = f"observed; without {paid.size} dividends"
    return observed(value, max(paid.size, 1), "decimal a year", method)
