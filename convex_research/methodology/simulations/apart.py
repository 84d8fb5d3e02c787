"""Closes hours apart and legs that rarely trade: false alarms, power, and what is left of r."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.methodology.simulations.clocks import closes_apart, untraded
from convex_research.methodology.simulations.market_worlds import WORLDS, over_worlds, simulate
from convex_research.methodology.simulations.tally import Tally, Where
from convex_research.statistics.dependence.asynchrony import Asynchrony, asynchrony, synchronised
from convex_research.statistics.leads.skip_lead import skip_wald

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convex_research.core.estimates import NotComputed
    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow
    from convex_research.methodology.simulations.market_worlds import Paths

__all__ = ["SEED", "SUBJECTS", "false_alarms", "power"]

SEED = 161803
LENGTHS = ((252, 600), (1260, 400), (5040, 100))
OFFSET = ("CCC-GARCH t8", "common stochastic volatility")
LATE = "B takes .15 of A's move three days late"
SHARED = ("common jumps", "skewed, coarse ticks")  # linked though the shocks are not
HOURS = {"6.5 hours apart": 6.5 / 24.0, "half a day apart": 0.5}


def false_alarms() -> list[CoverageRow]:
    """How often simultaneous closes are called apart, and the size of the test beyond a day."""

    def observe(tally: Tally, path: Paths) -> None:
        found = asynchrony(path.a, path.b)
        apart = found.apart if isinstance(found, Asynchrony) else None
        tally.note("asynchrony.share", "false alarms", apart, note="closes at one time")
        _links(tally, found, "size", "closes at one time")
        for key, legs in (("ab", (path.a, path.b)), ("ba", (path.b, path.a))):
            tally.test(f"lead_lag.skip_{key}[2-5]", skip_wald(*legs), note="closes at one time")

    def unlinked(tally: Tally, path: Paths) -> None:
        found = asynchrony(path.a, path.b)
        tally.test("asynchrony.same_day", getattr(found, "same_day", found))

    lengths, apart = ((252, 500), (1260, 300)), [one for one in WORLDS if one not in SHARED]
    return over_worlds(observe, LENGTHS, seed=SEED) + over_worlds(
        unlinked, lengths, seed=SEED + 3, rho=0.0, worlds=apart
    )


def _links(tally: Tally, found: Asynchrony | NotComputed, measure: str, note: str) -> None:
    """The tests of neighbouring days."""
    for name in ("lag_ab", "lag_ba", "asymmetry"):
        tally.test(f"asynchrony.{name}", getattr(found, name, found), measure, note)


def power() -> list[CoverageRow]:
    """How often they are found where they are apart, and what the r with leeway covers."""
    rows: list[CoverageRow] = []
    for world in OFFSET:
        for rho in (0.8, 0.5, 0.3):
            for nobs, count in LENGTHS:
                paths = simulate(world, nobs + 1, count, rho=rho, seed=SEED + 1)
                tally = Tally(Where(world, rho, nobs))
                for note, a, b, truth in _legs(paths):
                    found = asynchrony(a, b)
                    hit = found.apart if isinstance(found, Asynchrony) else None
                    if note == LATE:
                        tally.test("lead_lag.skip_ab[2-5]", skip_wald(a, b), "power", note)
                        continue
                    tally.note("asynchrony.share", "power", hit, note=note)
                    _links(tally, found, "power", note)
                    same = getattr(found, "same_day", found)
                    tally.test("asynchrony.same_day", same, "power", note)
                    tally.test("lead_lag.skip_ab[2-5]", skip_wald(a, b), note=note)
                    tally.test("lead_lag.skip_ba[2-5]", skip_wald(b, a), note=note)
                    if note in HOURS:
                        wide = synchronised(a, b)
                        tally.cover("correlation.synchronised[all]", wide, truth, note)
                rows += tally.rows()
    return rows


def _legs(paths: Paths) -> Iterator[tuple[str, Array, Array, float]]:
    """Each path with its closes apart, and with a leg that rests on a quarter of days."""
    rng = np.random.default_rng(SEED + 2)
    pairs = {note: closes_apart(paths, share, rng) for note, share in HOURS.items()}
    pairs["a leg untraded on a quarter of days"] = (paths.a[1:], untraded(paths.b, 0.25, rng)[1:])
    late = paths.b.copy()
    late[3:] += 0.15 * paths.a[:-3]
    pairs[LATE] = paths.a, late
    truth = paths.window()
    for note, (a, b) in pairs.items():
        for i in range(a.shape[1]):
            yield note, np.ascontiguousarray(a[:, i]), np.ascontiguousarray(b[:, i]), truth[i]


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "apart_false_alarms": false_alarms,
    "apart_power": power,
}
