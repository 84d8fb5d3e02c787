"""Dates of breaks in the regression of A on B (Bai and Perron), with intervals.

Daily returns are summed in blocks of five first: closes that are hours apart then matter less, and
the search over all partitions stays cheap. Intercept and slope both change at a break; the number
of breaks is chosen by an information criterion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.inference.influence_interval import moves
from convex_research.statistics.stability.break_intervals import (
    argmax_intervals,
    ols,
    ratio_intervals,
)
from convex_research.statistics.stability.constant_correlation import prepared_legs

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Indices

__all__ = ["Breaks", "breaks"]

Criterion = Literal["lwz", "bic"]

_DATE_FLAG = "date_intervals_short_when_volatility_clusters"
_MAX_BREAKS = 5
_TRIMMING = 0.15
_MIN_BLOCKS = 100  # with fewer, segments are too short for any interval to cover
_MAX_BLOCKS = 1040  # twenty years of weeks; longer samples use blocks of two weeks and so on


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks:
    """Breaks in the regression of A on B.

    - ``number``: how many breaks the criterion chooses; it has no interval.
    - ``index`` (k,): position of the last observation before each break.
    - ``low``, ``high`` (k,): ends of each date's interval (inverted likelihood ratio), positions
      too.
    - ``bai_low``, ``bai_high`` (k,): ends by Bai's asymptotic law, for comparison: too short for
      small breaks.
    - ``confidence_level``: nominal coverage of each interval.
    - ``slopes`` (k + 1,): beta of A on B in each segment.
    - ``block``: observations summed into one.
    - ``criterion_values`` (6,): the criterion for 0 to 5 breaks.
    """

    number: Estimate
    index: Indices
    low: Indices
    high: Indices
    bai_low: Indices
    bai_high: Indices
    confidence_level: float
    slopes: Array
    block: int
    criterion_values: Array


def breaks(
    a: ArrayLike,
    b: ArrayLike,
    *,
    criterion: Criterion = "lwz",
    confidence_level: float = 0.95,
    block: int = 5,
) -> Breaks | NotComputed:
    """Dates of up to five breaks in intercept and slope of A on B.

    Partitions with segments of at least 15 % of the blocks that minimise the sum of squared
    residuals, by dynamic programming. Each date's interval holds the dates that a likelihood ratio
    does not reject; at 1,260 observations a nominal 95 % covers 96 to 98 % of true dates in
    independent returns and 85 % where volatility clusters, which a flag says. Not computed with
    fewer than 100 blocks. Bai and Perron (1998, 2003), Econometrica 66, 47-78, and J. Applied
    Econometrics 18, 1-22; Eo and Morley (2015), Quantitative Economics 6, 463-497 (intervals); Liu,
    Wu and Zidek (1997), Statistica Sinica 7, 497-525.

    Parameters
    ----------
    criterion : {"lwz", "bic"}
        How the number is chosen. Liu, Wu and Zidek's charges more for a break, and finds fewer in
        returns whose volatility clusters.
    block : int
        Observations summed into one, 5 by default; a multiple of it where there would be more than
        1,040 blocks.
    """
    if criterion not in {"lwz", "bic"}:
        raise ValueError(f'criterion must be "lwz" or "bic", got {criterion!r}')
    if not 0.0 < confidence_level < 1.0:
        raise ValueError(f"confidence_level is not in (0, 1): {confidence_level}")
    prepared = prepared_legs(a, b)
    if isinstance(prepared, NotComputed):
        return prepared
    nobs = prepared[0].size
    size = block * -(-nobs // (block * _MAX_BLOCKS))
    summed = _block_sums(prepared, size)
    if isinstance(summed, NotComputed):
        return summed
    located = _located(summed, nobs, size, criterion, confidence_level)
    if isinstance(located, NotComputed):
        return located
    return replace(located, slopes=located.slopes * _slope_scale(a, b))


def _located(
    sums: tuple[Array, Array], nobs: int, size: int, criterion: Criterion, level: float
) -> Breaks | NotComputed:
    """Search, number and intervals from block sums; slopes between legs of unit scale."""
    y, x = sums
    blocks = y.size
    matrix = _segment_ssr(y, x)
    partitions, ssr = _partitions(matrix, math.floor(_TRIMMING * blocks))
    values = _criterion_values(ssr, blocks, criterion)
    count = int(np.argmin(values))
    if ssr[count] <= 1e-12 * blocks:
        return NotComputed(
            Missing.EXACT, "the two move in exact proportion between breaks: nothing to estimate"
        )
    ends = partitions[count]
    # Last observation of a block, which is the position everything is reported in.
    index, low, high, bai_low, bai_high = (
        nobs % size + size * (position + 1) - 1
        for position in (
            ends,
            *ratio_intervals(y, x, ends, matrix, level),
            *argmax_intervals(y, x, ends, level),
        )
    )
    bounds = [0, *(ends + 1), blocks]
    number = Estimate(
        value=float(count),
        method=f"Bai-Perron, sums of {size} observations, {criterion.upper()}, at most 5 breaks",
        nobs=nobs,
        unit="breaks",
        flags=(_DATE_FLAG,) if count else (),
    )
    return Breaks(
        number=number,
        index=index,
        low=low,
        high=high,
        bai_low=bai_low,
        bai_high=bai_high,
        confidence_level=level,
        slopes=np.array([ols(y[i:j], x[i:j])[0][1] for i, j in pairwise(bounds)]),
        block=size,
        criterion_values=values,
    )


def _block_sums(legs: tuple[Array, Array], size: int) -> tuple[Array, Array] | NotComputed:
    """Sums of ``size`` observations; an incomplete block is dropped at the start."""
    nobs = legs[0].size
    blocks = nobs // size
    if blocks < _MIN_BLOCKS:
        return NotComputed(
            Missing.TOO_SHORT,
            f"needs {_MIN_BLOCKS} blocks of {size} observations to date a break, has {blocks}",
        )
    y, x = (leg[nobs % size :].reshape(blocks, size).sum(axis=1) for leg in legs)
    if not (moves(x) and moves(y)):
        return NotComputed(Missing.NOT_MOVING, "one series does not move in this sample")
    return y, x


def _slope_scale(a: ArrayLike, b: ArrayLike) -> float:
    """Turns a slope between unit-scale legs into one between the legs as they came."""
    y, x = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return float((y - np.median(y)).std() / (x - np.median(x)).std())


def _segment_ssr(y: Array, x: Array) -> Array:
    """Sum of squared residuals of every segment i..j (inclusive), shape (n, n)."""
    n = y.size
    sums = [np.concatenate([[0.0], np.cumsum(v)]) for v in (np.ones(n), x, y, x * y, x * x, y * y)]
    count, sx, sy, sxy, sxx, syy = (c[None, 1:] - c[:-1, None] for c in sums)
    count[count < 1.0] = 1.0  # j < i is not a segment; the search never looks there
    sxy -= sx * sy / count
    sxx -= sx * sx / count
    syy -= sy * sy / count
    explained = np.divide(sxy * sxy, sxx, out=np.zeros_like(sxx), where=sxx > 1e-12 * count)
    return np.asarray(np.maximum(syy - explained, 0.0))


def _partitions(ssr: Array, shortest: int) -> tuple[list[Indices], Array]:
    """Best last-index-before-break sets for 0..5 breaks, and their sums of squares."""
    n = ssr.shape[0]
    position = np.arange(n)
    # extend[i, j]: the segment i+1..j is added after one that ends at i.
    extend = np.full((n, n), np.inf)
    extend[:-1] = ssr[1:]
    extend[position[None, :] - position[:, None] < shortest] = np.inf
    best = np.where(position + 1 >= shortest, ssr[0], np.inf)
    totals, choices = [float(best[-1])], []
    for _ in range(_MAX_BREAKS):
        candidate = best[:, None] + extend
        choice = np.argmin(candidate, axis=0)
        best = candidate[choice, position]
        choices.append(choice)
        totals.append(float(best[-1]))
    partitions = [np.empty(0, dtype=np.intp)]
    for count in range(1, _MAX_BREAKS + 1):
        ends, last = [], n - 1
        for choice in reversed(choices[:count]):
            last = int(choice[last])
            ends.append(last)
        partitions.append(np.array(ends[::-1], dtype=np.intp))
    return partitions, np.array(totals)


def _criterion_values(ssr: Array, n: int, criterion: Criterion) -> Array:
    """Criterion for 0..5 breaks: two coefficients a segment, the dates, one variance."""
    parameters = 3.0 * np.arange(1, ssr.size + 1)
    floor = 1e-300
    if criterion == "bic":
        value = n * (np.log(np.maximum(ssr / n, floor)) + 1.0 + math.log(2.0 * math.pi))
        return np.asarray(value + math.log(n) * parameters)
    free = parameters - 1.0  # Liu, Wu and Zidek do not count the variance
    penalty = 0.299 * math.pow(math.log(n), 2.1)
    return np.asarray(np.log(np.maximum(ssr / (n - free), floor)) + free / n * penalty)
