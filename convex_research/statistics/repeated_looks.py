"""P-values that stay valid when one looks every day of a month.

The largest of 23 consecutive statistics at a constant correlation has one law, simulated once
(evidence/simulations/monitoring_law.py): whoever reports on the first day that it is large, or
on any other, is covered by it.
"""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.monitoring import REFERENCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

__all__ = ["repeated_looks_pvalue"]


@cache
def _law() -> tuple[tuple[float, ...], tuple[Array, ...]]:
    """Reference lengths, and for each the points (statistic, log p) of the simulated law."""
    from importlib.resources import files

    source = files("convex_research.statistics") / "tables" / "monitoring_law.json"
    content = json.loads(source.read_text("utf-8"))
    return (
        tuple(float(row["reference"]) for row in content["laws"]),
        tuple(np.array(row["points"], dtype=np.float64) for row in content["laws"]),
    )


def repeated_looks_pvalue(statistic: float, nobs: int = REFERENCE) -> float:
    """Chance that a constant correlation shows this much at any of a month's looks.

    Parameters
    ----------
    statistic : float
        From :func:`~convex_research.statistics.monitoring.change_statistics`; its sign does
        not matter.
    nobs : int
        Observations in the reference.

    Returns
    -------
    float
        P(max over 23 consecutive looks >= abs(statistic)), from a simulated table; between
        its last points log p is linear in the squared statistic, and beyond them too. Never
        below 1e-9. The smallest such p-value of a month is valid whenever one stops.

    Raises
    ------
    ValueError
        If ``statistic`` is not a number.
    """
    if math.isnan(statistic):
        raise ValueError("the statistic is not a number")
    lengths, laws = _law()
    first, last = (_log_tail(statistic * statistic, points) for points in (laws[0], laws[-1]))
    inverse = 1.0 / min(max(float(nobs), lengths[0]), lengths[-1])
    share = (inverse - 1.0 / lengths[-1]) / (1.0 / lengths[0] - 1.0 / lengths[-1])
    return min(1.0, max(1e-9, math.exp(share * first + (1.0 - share) * last)))


def _log_tail(square: float, points: Array) -> float:
    squares, logs = np.square(points[:, 0]), points[:, 1]
    if square <= squares[-1]:
        return float(np.interp(square, squares, logs))
    slope = (logs[-1] - logs[-4]) / (squares[-1] - squares[-4])
    return float(logs[-1] + slope * (square - squares[-1]))
