"""A lasting change of correlation: size, coverage, power and date by world."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.core.estimates import NotComputed, TestResult
from convex_research.methodology.simulations.market_worlds import over_worlds
from convex_research.methodology.simulations.windows import CHANGING
from convex_research.statistics.stability.homogeneity import MARGIN, widest_gap
from convex_research.statistics.stability.lasting_shift import change_date, cusum_r, splits

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.methodology.rows import CoverageRow
    from convex_research.methodology.simulations.market_worlds import Paths
    from convex_research.methodology.simulations.tally import Tally

__all__ = ["SEED", "SUBJECTS", "constant", "power"]

SEED, RHO = 271828, 0.8
BREAKS = ((0.9, 0.5, 2), (0.8, 0.5, 2), (0.8, 0.5, 4), (0.7, 0.5, 2), (0.7, 0.5, 4))


def constant() -> list[CoverageRow]:
    """Size of the test, coverage of the widest split, verdicts where nothing lasts."""

    def observe(tally: Tally, path: Paths) -> None:
        tally.test("stability.cusum_r", cusum_r(path.a, path.b))
        tried = splits(path.a, path.b)
        if isinstance(tried, NotComputed):
            return
        gaps = [_true_change(path, at) for at in tried.at]
        shift, narrow = (widest_gap(tried.gaps, confidence_level=x) for x in (0.95, 0.90))
        tally.cover("stability.shift", shift, max(map(abs, gaps)))
        beyond = shift.low is not None and shift.low > MARGIN
        tally.note("stability.shift", "false alarms", beyond, note="beyond the margin")
        within = narrow.high is not None and narrow.high < MARGIN
        tally.note("stability.shift", "found", within, note="shown to be within the margin")

    lengths = ((504, 800), (1260, 1000), (5040, 300))
    return over_worlds(observe, lengths, seed=SEED, rho=RHO)


def _true_change(path: Paths, at: int) -> float:
    later, earlier = (
        float(path.window(rows, jumps=True)) for rows in (slice(at, None), slice(0, at))
    )
    return math.atanh(later) - math.atanh(earlier)


def power() -> list[CoverageRow]:
    """How often a break is found, beyond the margin or at all, and dated."""
    rows: list[CoverageRow] = []
    for before, after, part in BREAKS:
        where = "in the middle" if part == 2 else "after three quarters"
        note = f"r {before} to {after} {where}"

        def broken(nobs: int, after: float = after, part: int = part) -> tuple[int, float]:
            return (nobs // 2 if part == 2 else 3 * nobs // 4), after

        def observe(tally: Tally, path: Paths, note: str = note, at: int = broken(1260)[0]) -> None:
            test = cusum_r(path.a, path.b)
            tally.test("stability.cusum_r", test, "power", note)
            tried = splits(path.a, path.b)
            if not isinstance(tried, NotComputed):
                low = widest_gap(tried.gaps).low
                hit = low is not None and low > MARGIN
                tally.note("stability.shift", "power", hit, note=f"{note}: beyond the margin")
            dated = change_date(path.a, path.b)
            shown = isinstance(test, TestResult) and test.pvalue < 0.05
            if shown and not isinstance(dated, NotComputed) and dated.half_width < path.a.size / 4:
                held = abs(dated.last - (at - 1)) <= dated.half_width
                tally.note("stability.change_date", "coverage", held, note=note)

        rows += over_worlds(
            observe, ((1260, 400),), seed=SEED + 1, rho=before, worlds=CHANGING, broken=broken
        )
    return rows


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "change_constant": constant,
    "change_power": power,
}
