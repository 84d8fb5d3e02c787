"""Weekly returns of a daily sample: where closes are hours apart, a week hides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import NotComputed

if TYPE_CHECKING:
    from convex_research.core.typing import Array
    from convex_research.returns import AlignedReturns

__all__ = ["weekly_returns"]


def weekly_returns(returns: AlignedReturns) -> tuple[Array, Array] | NotComputed:
    """Returns from the last shared price of one week to that of the next.

    Parameters
    ----------
    returns : AlignedReturns
        A daily sample.

    Returns
    -------
    tuple of array, or NotComputed
        Of the same kind as the daily ones; weeks end on Friday.
    """
    if returns.frequency != "daily":
        return NotComputed(f"the data are {returns.frequency} already")
    # Days since Thursday 1970-01-01, shifted so that weeks end on Friday.
    weeks = (returns.price_dates.astype("datetime64[D]").astype(np.int64) + 5) // 7
    ends = np.flatnonzero(np.append(np.diff(weeks) != 0, True))
    levels = returns.levels[ends]
    columns = []
    for i, leg in enumerate((returns.prices.a, returns.prices.b)):
        if leg.instrument.kind != "price":
            columns.append(np.diff(levels[:, i]))
        elif returns.kind == "log":
            columns.append(np.diff(np.log(levels[:, i])))
        else:
            columns.append(levels[1:, i] / levels[:-1, i] - 1.0)
    return columns[0], columns[1]
