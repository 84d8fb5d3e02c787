"""Sums over time of many paths at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["accumulate", "window_sums"]

_WIDE = 128  # columns from which adding row to row beats running down every column


def accumulate(values: Array) -> Array:
    """Replace every row by the sum of the rows up to it, and return the same array.

    Equal to ``numpy.cumsum(values, axis=0)`` to the last bit.
    """
    if values.size < _WIDE * values.shape[0]:
        return np.cumsum(values, axis=0, out=values)
    rows = list(values)
    add, before = np.add, rows[0]
    for row in rows[1:]:
        add(before, row, row)
        before = row
    return values


def window_sums(values: Array, window: int) -> Array:
    """Sums over every complete window of rows, without a subtraction; ``values`` is overwritten.

    A difference of two prefix sums keeps the rounding of everything before the window: in single
    precision a mean square comes out negative once volatility has fallen far. Here a window is the
    end of one block of its length and the beginning of the next.
    """
    nobs = values.shape[0]
    starts = nobs - window + 1
    sums = values[: -(-starts // window) * window].copy()
    for first in range(0, nobs, window):
        accumulate(values[first : first + window])
    for first in range(0, starts, window):
        accumulate(sums[first : first + window][::-1])
    sums = sums[:starts]
    sums[::window] = 0.0  # a whole block is in the other sum already
    sums += values[window - 1 :]
    return sums
