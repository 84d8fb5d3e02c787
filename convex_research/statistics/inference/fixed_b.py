"""The fixed-b limit law of a t statistic with Bartlett long-run variance.

When the bandwidth is a fixed share b of the sample, the t statistic does not tend to a normal but
to W(1) / sqrt(Q(b)) (Kiefer and Vogelsang 2005, Econometric Theory 21, 1130-1164). Critical values
grow with b; using them restores coverage.

Critical values at 90 and 95 % are the published cubics. Everything else comes from one simulated
table of the law (evidence/simulations/fixed_b_table.py writes it), kept as the normal deviate with
the same two-sided tail: nearly linear in t and in b, and equal to t at b = 0, where the law is the
normal. A cubic over all of (0, 1] fits the law to 1.3 % only (it is the larger of the two), so that
next to the 5 % line an interval by the cubic can hold a value whose p-value by the table is .048.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["PVALUE_FLOOR", "fixed_b_critical", "fixed_b_pvalue"]

# Cubic response surfaces in b for two-sided critical values
# (Lazarus, Lewis, Stock and Watson 2018; Kiefer and Vogelsang 2005, table 1).
_SURFACES: dict[float, tuple[float, float, float, float]] = {
    0.95: (1.96, 2.9694, 0.4160, -0.5324),
    0.90: (1.6449, 2.1859, 0.3142, -0.3427),
}

PVALUE_FLOOR = 1e-5
"""The smallest p-value given; at it the true one is "below". The draws say no more."""


def _checked_share(b: float) -> float:
    if not 0.0 < b <= 1.0:
        raise ValueError(f"b is not in (0, 1]: {b}")
    return float(b)


@cache
def _table() -> tuple[Array, Array, Array]:
    """Shares b, statistics t and the normal deviates, shapes (B,), (S,), (B, S)."""
    from importlib.resources import files

    source = files("convex_research.statistics") / "tables" / "fixed_b_bartlett.csv"
    with source.open(encoding="ascii") as lines:
        header, *rows = (line.strip() for line in lines if not line.startswith("#"))
    statistics = np.array([float(x) for x in header.split(",")[1:]])
    values = np.array([[float(x) for x in row.split(",")] for row in rows])
    # Known exactly: the normal at b = 0, and deviate 0 at t = 0.
    shares = np.concatenate([[0.0], values[:, 0]])
    deviates = np.vstack([statistics, values[:, 1:]])
    deviates = np.column_stack([np.zeros(shares.size), deviates])
    return shares, np.concatenate([[0.0], statistics]), deviates


def _deviates_at(b: float) -> tuple[Array, Array]:
    """Statistics and normal deviates of the law at share b, linear between the table's rows."""
    shares, statistics, deviates = _table()
    row = min(max(int(np.searchsorted(shares, b)), 1), shares.size - 1)
    weight = (b - shares[row - 1]) / (shares[row] - shares[row - 1])
    return statistics, (1.0 - weight) * deviates[row - 1] + weight * deviates[row]


def fixed_b_critical(confidence_level: float, b: float) -> float:
    """Two-sided critical value of the fixed-b law with the Bartlett kernel.

    The value c with P(|t| <= c) = ``confidence_level`` in the limit.

    Examples
    --------
    >>> round(fixed_b_critical(0.95, 0.1), 2)
    2.26
    """
    b = _checked_share(b)
    surface = _SURFACES.get(round(confidence_level, 6))
    if surface is not None:
        c0, c1, c2, c3 = surface
        return c0 + b * (c1 + b * (c2 + b * c3))
    if not 0.0 < confidence_level <= 1.0 - PVALUE_FLOOR:
        raise ValueError(f"no critical values for confidence level {confidence_level}")
    from scipy.special import ndtri

    statistics, deviates = _deviates_at(b)
    return float(np.interp(ndtri(0.5 + confidence_level / 2.0), deviates, statistics))


def fixed_b_pvalue(t: float, b: float) -> float:
    """Two-sided p-value of a t statistic under the fixed-b law with the Bartlett kernel.

    P(|W(1)| / sqrt(Q(b)) > abs(t)), never below ``PVALUE_FLOOR``: a result equal to it is an upper
    bound. Kiefer and Vogelsang 2005.

    - ``t``: statistic: estimate minus null value over its Bartlett HAC standard error.

    Examples
    --------
    >>> round(fixed_b_pvalue(2.26, 0.1), 3)
    0.048
    """
    b = _checked_share(b)
    if math.isnan(t):
        raise ValueError("t is not a number")
    from scipy.special import ndtr

    statistics, deviates = _deviates_at(b)
    # Beyond the last column np.interp holds the last deviate: an upper bound of p.
    tail = 2.0 * float(ndtr(-np.interp(abs(t), statistics, deviates)))
    return min(max(tail, PVALUE_FLOOR), 1.0)
