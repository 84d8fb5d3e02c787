"""One look at a pair: its recent correlation against the usual one, and its latest spread.

It is taken at the page's own returns, without checking the data a second time: the page was
built from the same snapshot, and its alignment has been through the quality gate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.returns.alignment import differenced, shared_levels
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.inference.influence_interval import moves
from convex_research.statistics.stability import monitoring
from convex_research.statistics.stability.look_law import look_pvalue

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from convex_research.core.config import ReturnKind
    from convex_research.core.typing import Array, Dates
    from convex_research.data.series import SeriesData

__all__ = [
    "LONGEST",
    "DailyReturns",
    "Move",
    "Watched",
    "daily_returns",
    "path_of",
    "recent_and_usual",
    "watch_all",
]

LONGEST = monitoring.BURN_IN + monitoring.REFERENCE + monitoring.GAP + 40
"""Most observations that a look can use."""
_PATH = 126
_TOGETHER = 64  # what stays in the processor's cache


@dataclass(frozen=True, slots=True)
class DailyReturns:
    """The last returns of a pair on shared dates.

    Parameters
    ----------
    dates : array of datetime64[D], shape (T,)
        Date on which each return ends; T is at most ``LONGEST``.
    values : array, shape (T, 2)
        Returns or differences of both legs.
    units : tuple of str
        Their units.
    """

    dates: Dates
    values: Array
    units: tuple[str, str]

    @property
    def nobs(self) -> int:
        """Number of returns."""
        return len(self.values)


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
        See :func:`~convex_research.statistics.stability.monitoring.tail_pvalues`.
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
        See :func:`~convex_research.statistics.stability.monitoring.change_statistics`.
    pvalue : float
        Of this look; see :func:`~convex_research.statistics.stability.look_law.look_pvalue`.
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


def daily_returns(
    a: SeriesData,
    b: SeriesData,
    kind: ReturnKind,
    *,
    start: date | None = None,
    end: date | None = None,
) -> DailyReturns | NotComputed:
    """Align two legs and difference them, as :func:`~convex_research.returns.align` does.

    Not computed for series that are not daily, or that share hardly a date.
    """
    for leg in (a, b):
        if (frequency := leg.frequency) != "daily":
            return NotComputed(
                Missing.FREQUENCY, f"watched are daily series, one of these is {frequency}"
            )
    bounded = start is not None or end is not None
    legs = (a.between(start, end), b.between(start, end)) if bounded else (a, b)
    dates, levels, _ = shared_levels(legs, "daily")
    if len(dates) < 3:
        return NotComputed(Missing.TOO_SHORT, "the legs share hardly a date")
    last = slice(-(LONGEST + 1), None)
    values, units = differenced(levels[last], legs, dates[last], kind)
    return DailyReturns(dates[last][1:], values, units)


def watch_all(pairs: Sequence[DailyReturns]) -> list[Watched | NotComputed]:
    """Look at many pairs on their last dates, those of equal length together.

    The reference ends 80 observations before the month's first. In the order given, and the
    same as one by one. Not computed for legs that stand still, and where fewer than 500
    observations are left for the reference.
    """
    seen: dict[int, Watched | NotComputed] = {}
    alike: dict[tuple[int, int, int], list[int]] = {}
    for i, returns in enumerate(pairs):
        rows = _reference_rows(returns)
        if isinstance(rows, NotComputed):
            seen[i] = rows
        else:
            alike.setdefault((rows.start, rows.stop, returns.nobs), []).append(i)
    for (start, stop, _), members in alike.items():
        for first in range(0, len(members), _TOGETHER):
            some = members[first : first + _TOGETHER]
            watched = _watched([pairs[i] for i in some], slice(start, stop))
            seen |= zip(some, watched, strict=True)
    return [seen[i] for i in range(len(pairs))]


def _reference_rows(returns: DailyReturns) -> slice | NotComputed:
    """Rows of the reference, if the pair can be watched."""
    values = returns.values
    months = returns.dates.astype("datetime64[M]")
    looks = int(np.count_nonzero(months == months[-1]))
    end = len(values) - looks - monitoring.GAP + 1
    start = max(monitoring.BURN_IN, end - monitoring.REFERENCE)
    if end - start < monitoring.MIN_REFERENCE:
        needed = monitoring.BURN_IN + monitoring.MIN_REFERENCE + monitoring.GAP + looks - 1
        return NotComputed(
            Missing.TOO_SHORT, f"watching needs {needed} observations, there are {returns.nobs}"
        )
    if not np.isfinite(values).all() or not moves(values[start:end], axis=0).all():
        return NotComputed(Missing.NOT_MOVING, "a leg does not move, or has missing values")
    return slice(start, end)


def _watched(pairs: Sequence[DailyReturns], rows: slice) -> Iterator[Watched | NotComputed]:
    """Look at pairs of one length with one reference."""
    legs = [np.column_stack([one.values[:, leg] for one in pairs]) for leg in (0, 1)]
    spread = legs[0] - legs[1]
    a, b, z = np.split(monitoring.over_limited_volatility(np.hstack([*legs, spread])), 3, axis=1)
    latest = _latest_moves(spread[-1], z, rows)
    reference = monitoring.fit_reference(a[rows], b[rows])
    statistics = monitoring.change_statistics(a, b, reference, 1)[0]
    for one, statistic, rho, move in zip(
        pairs, statistics.tolist(), reference.rho.tolist(), latest, strict=True
    ):
        if not math.isfinite(statistic) or not abs(rho) < monitoring.AS_ONE:
            yield NotComputed(Missing.EXACT, "the two move as one; nothing can be watched")
            continue
        yield Watched(
            as_of=str(one.dates[-1].astype("datetime64[D]")),
            statistic=statistic,
            pvalue=look_pvalue(statistic, reference.nobs, rho=rho),
            reference=rows,
            move=move if one.units[0] == one.units[1] else None,
        )


def _latest_moves(spread: Array, z: Array, rows: slice) -> list[Move | None]:
    """The last spread returns against those of the reference; None where one does not move."""
    past, latest = z[rows], z[-1]
    usable = np.isfinite(z).all(axis=0) & (np.count_nonzero(past, axis=0) >= len(past) // 2)
    safe = np.where(usable, past, np.arange(1.0, len(past) + 1.0)[:, None])
    pvalues, as_often = monitoring.tail_pvalues(safe, np.where(usable, latest, 0.0)[None, :])
    ends = np.quantile(safe, (0.025, 0.975), axis=0)
    of_pairs: list[Move | None] = []
    for i, value in enumerate(spread.tolist()):
        if not usable[i]:
            of_pairs.append(None)
            continue
        volatility = value / float(latest[i]) if latest[i] else 0.0
        of_pairs.append(
            Move(
                value=value,
                statistic=float(latest[i]),
                pvalue=float(pvalues[0, i]),
                as_often=int(as_often[0, i]),
                nobs=len(past),
                usual_low=volatility * float(ends[0, i]),
                usual_high=volatility * float(ends[1, i]),
            )
        )
    return of_pairs


def recent_and_usual(
    returns: DailyReturns, seen: Watched
) -> tuple[Estimate | NotComputed, Estimate | NotComputed]:
    """Correlation of the last 40 observations and of the reference, with intervals."""
    a, b = (np.ascontiguousarray(returns.values[:, leg]) for leg in (0, 1))
    recent, usual = slice(returns.nobs - monitoring.WINDOW, returns.nobs), seen.reference
    return pearson(a[recent], b[recent]), pearson(a[usual], b[usual])


def path_of(returns: DailyReturns) -> list[float]:
    """Correlation of 40 observations over the last half year, for a small picture."""
    from convex_research.statistics.dynamics.rolling import rolling_pearson

    last = slice(-(_PATH + monitoring.WINDOW - 1), None)
    path = rolling_pearson(returns.values[last, 0], returns.values[last, 1], monitoring.WINDOW)
    return [round(float(r), 4) for r in path[np.isfinite(path)]]
