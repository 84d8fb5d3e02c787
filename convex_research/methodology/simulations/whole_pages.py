"""Whole pages of pairs whose correlation never changes: every test on them, in every world.

Five years of days, r .8, neither leg ahead of the other, closes at one time. Claims of the same
pages are counted in :mod:`~convex_research.methodology.simulations.claims_honesty`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from convex_research.core.estimates import TestResult
from convex_research.methodology.simulations.claims_worlds import NOBS, page
from convex_research.methodology.simulations.market_worlds import WORLDS, simulate
from convex_research.methodology.simulations.tally import Tally, Where

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.methodology.rows import CoverageRow

    Verdicts = list[dict[str, str]]

__all__ = ["SEED", "SUBJECTS", "observed"]

SEED, RHO, PAGES = 20261128, 0.8, 200
# Tests whose null is false in such pairs, or false in some worlds by their making.
NULL_IS_FALSE = (
    *("diagnostics.", "concordance.sign_test", "cointegration.kpss", "stability.shift_within"),
    *("consistency.years_within", "hedge.diebold_mariano", "forecast.diebold_mariano"),
    *("hedge.half_test", "spread.own_share_test", "volatility.ratio", "asynchrony."),
)


@cache
def observed(world: str) -> tuple[list[CoverageRow], Verdicts]:
    """Shares of tests that reject, and the verdict of every claim of every page."""
    tally = Tally(Where(world, RHO, NOBS))
    verdicts: Verdicts = []
    for path in simulate(world, NOBS, PAGES, rho=RHO, seed=SEED):
        study = page(path.a, path.b)
        for key, result in study.results.items():
            if isinstance(result, TestResult) and not key.startswith(NULL_IS_FALSE):
                tally.test(key, result, note="pages of constant r")
        verdicts.append({claim.id: claim.verdict for claim in study.claims})
    return tally.rows(), verdicts


def tests() -> list[CoverageRow]:
    """Every test of a page by world."""
    return [row for world in WORLDS for row in observed(world)[0]]


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {"page_tests": tests}
