"""Calendar years: how often they are called different, and whether the gap's interval holds it.

Correlation is the same in all years, or weaker in one of them. Years have 252 observations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.methodology.simulations.tally import GARCH, NORMAL, SV, Tally, Where, world
from convex_research.statistics.inference.jackknife import FisherZ, fisher_z
from convex_research.statistics.stability.homogeneity import gaps_between, welch_james, widest_gap

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow


__all__ = ["SEED", "SUBJECTS", "years"]

SEED, DAYS, RHO, WEAK, DROPPED = 20251114, 252, 0.8, 0.5, 250
LENGTHS = (5, 10, 20)
WEAKER = "r .5 in one year of five, .8 in the rest"


def _correlations(a: Array, b: Array) -> list[FisherZ]:
    """Fisher's z of each year of one sample."""
    parts = (fisher_z(*one) for one in zip(a.reshape(-1, DAYS), b.reshape(-1, DAYS), strict=True))
    return [one for one in parts if isinstance(one, FisherZ)]


def years(reps: int = 2000) -> list[CoverageRow]:
    """Size of the test and coverage of the gap over 5, 10 and 20 years; power over five."""
    rows: list[CoverageRow] = []
    for name in (NORMAL, GARCH, SV):
        for count in LENGTHS:
            nobs = count * DAYS
            a, b = world(name, nobs, reps, rho=RHO, seed=SEED + nobs, dropped=DROPPED)
            tally = Tally(Where(name, RHO, nobs))
            for x, y in zip(a.T, b.T, strict=True):
                found = _correlations(x, y)
                tally.test("consistency.years", welch_james(found))
                tally.cover("consistency.years_gap", widest_gap(gaps_between(found)), 0.0)
            rows += tally.rows()
        rows += _one_weaker(name, reps)
    return rows


def _one_weaker(name: str, reps: int) -> list[CoverageRow]:
    nobs = 5 * DAYS
    steady = world(name, nobs, reps, rho=RHO, seed=SEED + 1, dropped=DROPPED)
    weak = world(name, nobs, reps, rho=WEAK, seed=SEED + 1, dropped=DROPPED)
    gap = float(np.arctanh(RHO) - np.arctanh(WEAK))
    tally = Tally(Where(name, RHO, nobs))
    for i in range(reps):
        # The same draws in both worlds: A goes on as it was, and its volatility with it.
        x, y = (np.append(s[:-DAYS, i], w[-DAYS:, i]) for s, w in zip(steady, weak, strict=True))
        found = _correlations(x, y)
        tally.test("consistency.years", welch_james(found), "power", WEAKER)
        tally.cover("consistency.years_gap", widest_gap(gaps_between(found)), gap, WEAKER)
    return tally.rows()


SUBJECTS: dict[str, Callable[..., list[CoverageRow]]] = {"years": years}
