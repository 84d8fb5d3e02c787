"""P-values of one look at a pair: how often a constant correlation shows as much on a day.

The law is simulated once (evidence/simulations/monitoring_law.py) and read from a table.
"""

from __future__ import annotations

import json
import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.stability.monitoring import REFERENCE

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["look_pvalue"]


@cache
def _laws() -> tuple[tuple[float, ...], tuple[float, ...], dict[tuple[float, float], Array]]:
    """Reference lengths, correlations, and for both the points (statistic, log p)."""
    from importlib.resources import files

    source = files("convex_research.statistics") / "tables" / "monitoring_law.json"
    content = json.loads(source.read_text("utf-8"))
    laws = {
        (float(row["reference"]), float(row["rho"])): np.array(row["points"], dtype=np.float64)
        for row in content["laws"]
    }
    lengths, correlations = (tuple(sorted(set(names))) for names in zip(*laws, strict=True))
    return lengths, correlations, laws


def look_pvalue(statistic: float, nobs: int = REFERENCE, *, rho: float = 0.8) -> float:
    """Chance that a constant correlation shows this much on a day.

    P(abs(statistic of a look) >= abs(statistic)) in an equal mixture of constant worlds, from
    simulated tables: log p is linear in the squared statistic between points and beyond them, in
    arctanh(rho) between correlations, and in 1 / nobs between lengths. Never below 1e-9.

    - ``statistic``: from
      :func:`~convex_research.statistics.stability.monitoring.change_statistics`; its sign does not
      matter.
    - ``nobs``: observations in the reference.
    - ``rho``: the reference's correlation; its sign does not matter.
    """
    if math.isnan(statistic) or math.isnan(rho):
        raise ValueError("the statistic or the correlation is not a number")
    lengths, correlations, laws = _laws()
    known = np.arctanh(correlations)
    place = math.atanh(min(abs(rho), correlations[-1]))
    square = statistic * statistic
    first, last = (
        np.interp(place, known, [_log_tail(square, laws[length, r]) for r in correlations])
        for length in (lengths[0], lengths[-1])
    )
    inverse = 1.0 / min(max(float(nobs), lengths[0]), lengths[-1])
    share = (inverse - 1.0 / lengths[-1]) / (1.0 / lengths[0] - 1.0 / lengths[-1])
    return min(1.0, max(1e-9, math.exp(float(share * first + (1.0 - share) * last))))


def _log_tail(square: float, points: Array) -> float:
    squares, logs = np.square(points[:, 0]), points[:, 1]
    if square <= squares[-1]:
        return float(np.interp(square, squares, logs))
    slope = (logs[-1] - logs[-2]) / (squares[-1] - squares[-2])
    return float(logs[-1] + slope * (square - squares[-1]))
