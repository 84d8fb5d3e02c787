"""Coverage of the first numbers of a page in worlds of real prices.

The truth of r, beta and volatility is the window's own: variance-weighted, with the
conditional moments known. Rank correlations have the truth of the law, where it does not move.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from convex_research.methodology.simulations.market_worlds import WORLDS, over_worlds, simulate
from convex_research.statistics.dependence.correlation import kendall, pearson, spearman
from convex_research.statistics.dependence.regression import beta
from convex_research.statistics.single.volatility import volatility

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.methodology.rows import CoverageRow
    from convex_research.methodology.simulations.market_worlds import Paths
    from convex_research.methodology.simulations.tally import Tally

__all__ = ["JUMPS_GIVEN", "LENGTHS", "SEED", "SUBJECTS", "headline", "ranks"]

SEED, RHO, HIGH = 90210, 0.5, 0.8
LENGTHS = ((30, 1500), (90, 1500), (252, 1500), (1260, 1000), (5040, 400))
JUMPS_GIVEN = "given the days on which jumps fell"
COMPARED = {"fixed-b": "fixed-b interval", "fisher": "Fisher's interval"}
RESAMPLED = 400
MOVING = frozenset(("volatility threefold",))
LEVELS = (-0.9, 0.0, 0.95, 0.999)


def _observe(tally: Tally, path: Paths) -> None:
    _of_r(tally, path)
    own = float(path.window())
    for interval, words in COMPARED.items():
        estimate = pearson(path.a, path.b, interval=interval)  # type: ignore[arg-type]
        tally.cover("correlation.pearson[all]", estimate, own, f"{words}, for comparison")
    tally.cover("regression.beta[all]", beta(path.a, path.b), float(path.slope()))
    spread = math.sqrt(float(path.covariance[0].mean()))
    tally.cover("volatility.daily_a[all]", volatility(path.a), spread)


def headline() -> list[CoverageRow]:
    """R, beta and volatility in every world at five lengths; r at more levels."""
    rows = over_worlds(_observe, LENGTHS, seed=SEED, rho=RHO)
    rows += over_worlds(_of_r, LENGTHS[1:4], seed=SEED, rho=HIGH)
    for rho in LEVELS:
        rows += over_worlds(_of_r, LENGTHS[1:4:2], seed=SEED, rho=rho, worlds=("CCC-GARCH t8",))
    return rows


def _of_r(tally: Tally, path: Paths) -> None:
    for jumps, note in ((False, ""), (True, JUMPS_GIVEN)):
        if not jumps or path.given_jumps is not None:
            truth = float(path.window(jumps=jumps))
            tally.cover("correlation.pearson[all]", pearson(path.a, path.b), truth, note)


def resampled() -> list[CoverageRow]:
    """The bootstrap's interval of r, for comparison."""

    def observe(tally: Tally, path: Paths) -> None:
        estimate = pearson(path.a, path.b, interval="bootstrap")
        note = "stationary bootstrap, for comparison"
        tally.cover("correlation.pearson[all]", estimate, float(path.window()), note)

    lengths = tuple((nobs, RESAMPLED) for nobs in (90, 252, 1260))
    worlds = ("iid normal", "CCC-GARCH t8", "common stochastic volatility")
    return over_worlds(observe, lengths, seed=SEED, rho=RHO, worlds=worlds)


@cache
def rank_truths(world: str) -> tuple[float, float]:
    """Spearman's and Kendall's correlation of a world's law, from many independent days."""
    from scipy.stats import rankdata

    sample = simulate(world, 8, 100_000, rho=RHO, seed=SEED + 1)
    a, b = sample.a[::4].ravel(), sample.b[::4].ravel()
    half = a.size // 2
    da, db = (np.sign(x[:half] - x[half:]) for x in (a, b))
    concordance = np.mean(da * db) / math.sqrt(float(np.mean(da**2) * np.mean(db**2)))
    return float(np.corrcoef(rankdata(a), rankdata(b))[0, 1]), float(concordance)


def ranks() -> list[CoverageRow]:
    """Spearman's and Kendall's correlation in the worlds whose law does not move."""

    def observe(tally: Tally, path: Paths) -> None:
        rank, concordance = rank_truths(tally.where.world)
        tally.cover("correlation.spearman[all]", spearman(path.a, path.b), rank)
        tally.cover("correlation.kendall[all]", kendall(path.a, path.b), concordance)

    worlds = tuple(world for world in WORLDS if world not in MOVING)
    lengths = ((90, 1000), (252, 800), (1260, 300))
    return over_worlds(observe, lengths, seed=SEED, rho=RHO, worlds=worlds)


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "headline": headline,
    "headline_ranks": ranks,
    "headline_resampled": resampled,
}
