"""Whether correlation has changed for good: a test, the size of the change, its date.

The test cumulates what each observation does to the correlation of returns that are divided by
their own recent volatility; signs drawn at random for whole blocks say how far such sums wander
when nothing changes, whatever the volatilities do. The size comes from the returns as they are,
before and after three dates that are fixed beforehand.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Missing, NotComputed, TestResult, too_short
from convex_research.statistics.inference.block_draws import data_seed, drawn_pvalue
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    bartlett_lag,
    long_run_variance,
    unusable,
)
from convex_research.statistics.inference.jackknife import FisherZ, fisher_z, jackknife_z
from convex_research.statistics.inference.own_volatility import both_over_own_volatility
from convex_research.statistics.stability.homogeneity import Gaps, gaps_between

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["ChangeDate", "Splits", "change_date", "cusum_r", "splits"]

_DRAWS = 499
_FEWEST = 126
_LARGE = 1000  # below it jumps of one leg alone show
_DATED = 504
_TRIMMED = 0.1
# 95 % of the place of the largest value of a two-sided Brownian motion with drift (Bai 1997).
_BAI = 11.03


def _influence(a: ArrayLike, b: ArrayLike) -> Array | NotComputed:
    """Jackknife influence of Fisher's z of the legs over their own volatility."""
    legs = as_pair(a, b)
    if (reason := unusable(*legs, min_nobs=_FEWEST)) is not None:
        return reason
    scaled = both_over_own_volatility(*legs)
    if isinstance(scaled, NotComputed):
        return scaled
    found = jackknife_z(*scaled)
    return found if isinstance(found, NotComputed) else found[1]


def cusum_r(a: ArrayLike, b: ArrayLike) -> TestResult | NotComputed:
    """Test of constant correlation against a change at any date, by signs of whole blocks.

    With f the jackknife influence of Fisher's z of the legs over their own volatility
    (:func:`~convex_research.statistics.inference.own_volatility.over_own_volatility`), summed in
    blocks of l = floor(2 n^(1/3)), of which the last takes the rest, and S the cumulated blocks:
    ``statistic`` = max |S_b| / sqrt(n) over all blocks but the last. Under the null the blocks
    carry random signs: G_b = cum(sign B) - (e_b / n) total, e_b the end of block b; p = (1 + number
    of 499 draws with max |G| >= max |S|) / 500. Seeded by the data. Where jumps strike one leg
    alone it rejects up to 13 % of constant correlations at 126 and 252 observations and 11 % at
    504; below 1,000 it is flagged. Shao (2010), JASA 105, 218-235 (the dependent wild bootstrap).
    """
    x, y = as_pair(a, b)
    influence = _influence(x, y)
    if isinstance(influence, NotComputed):
        return influence
    nobs = influence.size
    length = math.floor(2.0 * math.cbrt(nobs) * (1.0 + 1e-12))
    starts = length * np.arange(nobs // length)
    ends = np.append(starts[1:], nobs)
    sums = np.add.reduceat(influence, starts)
    largest_sum = float(np.abs(np.cumsum(sums)[:-1]).max())
    rng = np.random.default_rng(data_seed(x, y, salt="cusum of r"))
    signs = 2.0 * rng.integers(0, 2, (_DRAWS, sums.size)) - 1.0
    drawn = np.cumsum(signs * sums, axis=1)
    drawn -= drawn[:, -1:] * (ends / nobs)
    # All signs alike give the sample itself, but for rounding.
    reached = np.abs(drawn[:, :-1]).max(axis=1) >= largest_sum * (1.0 - 1e-12)
    pvalue, bound = drawn_pvalue(int(np.count_nonzero(reached)), _DRAWS)
    return TestResult(
        statistic=largest_sum / math.sqrt(nobs),
        pvalue=pvalue,
        pvalue_bound=bound,
        null="the correlation is constant over the sample",
        alternative="the correlation changes at least once",
        distribution=f"{_DRAWS} draws of signs for {sums.size} blocks of {length} observations",
        nobs=nobs,
        flags=("over_rejects_when_jumps",) if nobs < _LARGE else (),
    )


class Splits(NamedTuple):
    """Correlation before and after the dates tried.

    - ``at``: position of the first observation after each date: n/4, n/2 and 3n/4, rounded down.
    - ``before``, ``after``: on either side, each with its own lag and degrees of freedom.
    """

    at: tuple[int, ...]
    before: tuple[FisherZ, ...]
    after: tuple[FisherZ, ...]

    @property
    def gaps(self) -> Gaps:
        """Fisher's z after each date less that before it."""
        size = len(self.at)
        return gaps_between((*self.before, *self.after), [(k, k + size) for k in range(size)])

    @property
    def widest(self) -> int:
        """Which date has the largest change, either way."""
        return int(np.abs(self.gaps.value).argmax())


def splits(a: ArrayLike, b: ArrayLike, *, stretch: float = 1.0) -> Splits | NotComputed:
    """Fisher's z before and after a quarter, half and three quarters of a sample.

    Each side has its own lag; 120 observations at least.
    """
    x, y = as_pair(a, b)
    if x.size < 4 * MIN_NOBS_INTERVAL:
        return too_short(f"at least {4 * MIN_NOBS_INTERVAL} observations", x.size)
    at = tuple(k * x.size // 4 for k in (1, 2, 3))
    sides: list[FisherZ] = []
    for rows in (*(slice(0, k) for k in at), *(slice(k, None) for k in at)):
        side = fisher_z(x[rows], y[rows], stretch=stretch)
        if isinstance(side, NotComputed):
            return side
        sides.append(side)
    return Splits(at, tuple(sides[: len(at)]), tuple(sides[len(at) :]))


class ChangeDate(NamedTuple):
    """Where the largest change lies, if there was one.

    - ``last``: position of the last observation before it.
    - ``half_width``: of its 95 % interval, in observations.
    """

    last: int
    half_width: float


def change_date(a: ArrayLike, b: ArrayLike) -> ChangeDate | NotComputed:
    """Date of the largest change of correlation, with Bai's interval.

    The k from .1 n to .9 n with the largest |sum_{i <= k} f_i| / sqrt(k (n - k)), f as in
    :func:`cusum_r`; half width 11.03 max(omega_1, omega_2) / shift^2, omega the Bartlett long-run
    variance of f on each side with its own lag, shift the difference of the means. Whether there
    was a change is not tested here. Bai (1997), Review of Economics and Statistics 79, 551-563.
    """
    influence = _influence(a, b)
    if isinstance(influence, NotComputed):
        return influence
    nobs = influence.size
    if nobs < _DATED:
        return too_short(f"at least {_DATED} observations", nobs)
    k = np.arange(math.floor(_TRIMMED * nobs), nobs - math.floor(_TRIMMED * nobs) + 1)
    sums = np.abs(np.cumsum(influence)[k - 1]) / np.sqrt(k * (nobs - k))
    first = int(k[sums.argmax()])
    before, after = influence[:first], influence[first:]
    shift = float(after.mean() - before.mean())
    noise = max(float(long_run_variance(side, bartlett_lag(side.size))) for side in (before, after))
    if shift * shift * nobs <= noise:
        return NotComputed(Missing.UNDEFINED, "the largest change is too small to be dated")
    return ChangeDate(first - 1, _BAI * noise / (shift * shift))
