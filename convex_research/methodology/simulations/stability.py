"""Size, power and coverage: stability tests, dated breaks, DCC, Kalman beta, the envelope.

Worlds with change besides the three without: the slope of A on B rises by 0.4 in the middle;
the correlation follows a DCC(1,1) with a .04, b .94; the slope is a random walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.methodology.simulations.moving_worlds import dcc_world, wandering_slope
from convex_research.methodology.simulations.tally import WORLDS, Tally, Where, world
from convex_research.statistics.dynamics.dcc import Dcc, dcc
from convex_research.statistics.dynamics.envelope import Envelope, rolling_envelope
from convex_research.statistics.dynamics.garch import GarchFit, garch
from convex_research.statistics.dynamics.kalman import KalmanBeta, kalman_beta
from convex_research.statistics.stability.breaks import Breaks, breaks
from convex_research.statistics.stability.constant_correlation import wied
from convex_research.statistics.stability.regression_stability import SupF, cusum, nyblom, sup_f

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convex_research.core.estimates import NotComputed, TestResult
    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow

__all__ = ["SEED", "SUBJECTS", "limits"]

SIZES = (252, 1260)
SEED, RHO, RISE, DROPPED = 20241031, 0.8, 0.4, 250
RISEN = "beta rises by 0.4"


def samples(nobs: int, paths: int) -> Iterator[tuple[str, bool, list[tuple[Array, Array]]]]:
    """Each world without change and with a rise of the slope after half of the sample."""
    for name in WORLDS:
        a, b = world(name, nobs, paths, rho=RHO, seed=SEED, dropped=DROPPED)
        for risen in (False, True):
            moved = a.copy()
            if risen:
                moved[nobs // 2 :] += RISE * b[nobs // 2 :]
            yield name, risen, [(moved[:, i].copy(), b[:, i].copy()) for i in range(paths)]


def _sup(result: SupF | NotComputed) -> TestResult | NotComputed:
    return result.test if isinstance(result, SupF) else result


def _measure(*, risen: bool) -> tuple[str, str]:
    return ("power", RISEN) if risen else ("size", "")


def limits() -> list[CoverageRow]:
    """Tests with their textbook laws, and the number of breaks."""
    rows: list[CoverageRow] = []
    for nobs, paths in zip(SIZES, (1000, 600), strict=True):
        for name, risen, pairs in samples(nobs, paths):
            tally, told = Tally(Where(name, RHO, nobs)), _measure(risen=risen)
            for a, b in pairs:
                tally.test("stability.wied", wied(a, b), *told)
                tally.test("stability.wied[1.3sqrt]", wied(a, b, bandwidth="1.3sqrt"), *told)
                tally.test("stability.sup_f", _sup(sup_f(a, b)), *told)
                tally.test("stability.nyblom", nyblom(a, b), *told)
                tally.test("stability.cusum", cusum(a, b), *told)
                _count_breaks(tally, breaks(a, b), nobs, risen=risen)
            rows += tally.rows()
    return rows


def _count_breaks(tally: Tally, found: Breaks | NotComputed, nobs: int, *, risen: bool) -> None:
    """Breaks found; and, with exactly one true and one found break, whether it is covered."""
    if not isinstance(found, Breaks):
        return
    kind, note = ("found", RISEN) if risen else ("false alarms", "")
    tally.note("stability.breaks", kind, found.number.value > 0, note=note)
    if not risen:
        return
    one = found.number.value == 1
    for low, high, variant in (
        (found.low, found.high, RISEN),
        (found.bai_low, found.bai_high, f"{RISEN}; Bai's interval, for comparison"),
    ):
        inside = bool(low[0] <= nobs // 2 - 1 <= high[0]) if one else None
        tally.note("stability.break[1]", "coverage", inside, flags=found.number.flags, note=variant)


def _legs(a: Array, b: Array) -> tuple[GarchFit, GarchFit] | None:
    legs = garch(a), garch(b)
    if isinstance(legs[0], GarchFit) and isinstance(legs[1], GarchFit):
        return legs[0], legs[1]
    return None


def dynamics() -> list[CoverageRow]:
    """DCC's a and b in a DCC world; Kalman's last beta when the slope wanders."""
    rows: list[CoverageRow] = []
    for nobs, paths in zip(SIZES, (300, 400), strict=True):
        for shocks, df in (("normal", 200.0), ("t8", 8.0)):
            a, b, _ = dcc_world(nobs, paths, a=0.04, b=0.94, rho=0.7, df=df, seed=SEED)
            tally = Tally(Where(f"DCC .04 .94, {shocks} shocks", 0.7, nobs))
            for i in range(paths):
                legs = _legs(a[:, i], b[:, i])
                found = dcc(*legs) if legs else None
                if isinstance(found, Dcc):
                    tally.cover("dynamics.dcc_a", found.a, 0.04)
                    tally.cover("dynamics.dcc_b", found.b, 0.94)
            rows += tally.rows()
        for shocks, df in (("normal", 200.0), ("t5", 5.0)):
            for step in (0.005, 0.02):
                y, x, slope = wandering_slope(nobs, paths, step=step, df=df, seed=SEED)
                name = f"random-walk slope, step {step}, {shocks} noise"
                tally = Tally(Where(name, None, nobs))
                for i in range(paths):
                    beta = kalman_beta(y[:, i], x[:, i])
                    if isinstance(beta, KalmanBeta):
                        tally.cover("dynamics.kalman_beta", beta.last, float(slope[-1, i]))
                rows += tally.rows()
    return rows


def envelope() -> list[CoverageRow]:
    """Tests of a sample's extreme windows, and how often the last window is inside the band."""
    rows: list[CoverageRow] = []
    for nobs, paths in ((400, 250), (1260, 150)):
        for name, risen, pairs in samples(nobs, paths):
            tally, told = Tally(Where(name, RHO, nobs)), _measure(risen=risen)
            for i, (a, b) in enumerate(pairs):
                found = rolling_envelope(a, b, seed=i, paths=199)
                if not isinstance(found, Envelope):
                    continue
                tally.test("rolling.pearson_min_test[90]", found.test_min, *told)
                tally.test("rolling.pearson_max_test[90]", found.test_max, *told)
                if not risen:
                    inside = found.low[-1] <= found.observed[-1] <= found.high[-1]
                    note = "last window inside the band"
                    tally.note("rolling.null_low", "coverage", bool(inside), note=note)
            rows += tally.rows()
    return rows


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "limits": limits,
    "dynamics": dynamics,
    "envelope": envelope,
}
