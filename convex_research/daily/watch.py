"""One look at a pair: its recent correlation against the usual one, and its latest spread."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics import monitoring
from convex_research.statistics.correlation import pearson
from convex_research.statistics.repeated_looks import repeated_looks_pvalue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from convex_research.daily.legs import DailyReturns

    Array = NDArray[np.float64]

__all__ = ["Move", "Watched", "path_of", "recent_and_usual", "watch"]

_PATH = 126


@dataclass(frozen=True, slots=True)
class Move:
    """The latest move of the return spread.

    Parameters
    ----------
    value : float
        Return of A minus return of B on the last date, decimal.
    statistic : float
        In units of the volatility known the day before.
    pvalue : float
        See :func:`~convex_research.statistics.monitoring.tail_pvalues`.
    as_often : int
        Moves of the reference at least as large.
    nobs : int
        Moves in the reference.
    usual_low, usual_high : float
        Between them lie 95 % of the moves of the reference, at today's volatility.
    """

    value: float
    statistic: float
    pvalue: float
    as_often: int
    nobs: int
    usual_low: float
    usual_high: float


@dataclass(frozen=True, slots=True)
class Watched:
    """A look at a pair.

    Parameters
    ----------
    as_of : str
        Last date, ISO.
    statistic : float
        See :func:`~convex_research.statistics.monitoring.change_statistics`.
    pvalue : float
        Valid for a month of looks.
    reference : slice
        Rows of the reference sample.
    move : Move or None
        None where the legs have different units.
    """

    as_of: str
    statistic: float
    pvalue: float
    reference: slice
    move: Move | None


def watch(returns: DailyReturns) -> Watched | NotComputed:
    """Look at a pair on its last date.

    Parameters
    ----------
    returns : DailyReturns
        The last returns; the reference ends 80 observations before the month's first.

    Returns
    -------
    Watched or NotComputed
        Not computed for legs that stand still, and where fewer than 500 observations are
        left for the reference.
    """
    values = returns.values
    months = returns.dates.astype("datetime64[M]")
    looks = int(np.count_nonzero(months == months[-1]))
    end = len(values) - looks - monitoring.GAP + 1
    start = max(monitoring.BURN_IN, end - monitoring.REFERENCE)
    if end - start < monitoring.MIN_REFERENCE:
        needed = monitoring.BURN_IN + monitoring.MIN_REFERENCE + monitoring.GAP + looks - 1
        return NotComputed(f"watching needs {needed} observations, there are {returns.nobs}")
    if not np.isfinite(values).all() or (values[start:end].std(axis=0) == 0.0).any():
        return NotComputed("a leg does not move, or has missing values")
    z = monitoring.standardised(values)
    a, b = z[:, :1], z[:, 1:]
    reference = monitoring.fit_reference(a[start:end], b[start:end])
    statistic = float(monitoring.change_statistics(a, b, reference, 1)[0, 0])
    if not math.isfinite(statistic):
        return NotComputed("the legs move as one; nothing can be watched")
    move = None
    if returns.units[0] == returns.units[1]:
        move = _latest_move(values[:, 0] - values[:, 1], slice(start, end))
    return Watched(
        as_of=str(returns.dates[-1].astype("datetime64[D]")),
        statistic=statistic,
        pvalue=repeated_looks_pvalue(statistic, end - start, rho=float(reference.rho[0])),
        reference=slice(start, end),
        move=move,
    )


def _latest_move(spread: Array, rows: slice) -> Move | None:
    """The last spread return against those of the reference; None if it does not move."""
    z = monitoring.standardised(spread[:, None])
    past = z[rows]
    k = int(np.count_nonzero(past))
    if k < len(past) // 2 or not np.isfinite(z).all():
        return None
    pvalues, as_often = monitoring.tail_pvalues(past, z[-1:])
    volatility = float(spread[-1] / z[-1, 0]) if z[-1, 0] else 0.0
    low, high = volatility * np.quantile(past, (0.025, 0.975))
    return Move(
        value=float(spread[-1]),
        statistic=float(z[-1, 0]),
        pvalue=float(pvalues[0, 0]),
        as_often=int(as_often[0, 0]),
        nobs=len(past),
        usual_low=float(low),
        usual_high=float(high),
    )


def recent_and_usual(
    returns: DailyReturns, seen: Watched
) -> tuple[Estimate | NotComputed, Estimate | NotComputed]:
    """Correlation of the last 40 observations and of the reference, with intervals."""
    a, b = (np.ascontiguousarray(returns.values[:, leg]) for leg in (0, 1))
    recent, usual = slice(returns.nobs - monitoring.WINDOW, returns.nobs), seen.reference
    return pearson(a[recent], b[recent]), pearson(a[usual], b[usual])


def path_of(returns: DailyReturns) -> list[float]:
    """Correlation of 40 observations over the last half year, for a small picture."""
    from convex_research.statistics.rolling import rolling_pearson

    last = slice(-(_PATH + monitoring.WINDOW - 1), None)
    path = rolling_pearson(returns.values[last, 0], returns.values[last, 1], monitoring.WINDOW)
    return [round(float(r), 4) for r in path[np.isfinite(path)]]
