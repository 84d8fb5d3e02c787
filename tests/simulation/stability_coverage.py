"""Size, power and coverage: stability tests, dated breaks, DCC, Kalman beta, the envelope.

Worlds without change: independent normal, independent Student t5, and constant-correlation
GARCH (omega .03, alpha .07, beta .90, t8 shocks). Worlds with change: the slope of A on B
rises by 0.4 in the middle; the correlation follows a DCC(1,1) with a .04, b .94; the slope is
a random walk. Results are kept beside this file, one JSON a subject.

Run: python tests/simulation/stability_coverage.py [SUBJECT ...]   (all: about ten minutes)
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import arch
import numpy as np
import scipy
from moving_worlds import dcc_world, wandering_slope

from convex_research.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.breaks import Breaks, breaks
from convex_research.statistics.dynamics import Dcc, dcc
from convex_research.statistics.envelope import Envelope, rolling_envelope
from convex_research.statistics.garch import GarchFit, ccc_garch, garch
from convex_research.statistics.kalman import KalmanBeta, kalman_beta
from convex_research.statistics.regression_stability import SupF, cusum, nyblom, sup_f
from convex_research.statistics.stability import wied
from convex_research.statistics.stability_null import stability_null
from convex_research.statistics.worlds import (
    ccc_garch_returns,
    garch_world,
    normal_returns,
    student_returns,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Array = np.ndarray
Row = dict[str, object]
RESULTS = Path(__file__).parent / "results"
WORLDS = ("iid normal", "iid t5", "CCC-GARCH t8")
SIZES = (252, 1260)
SEED, RHO, RISE, DROPPED = 20241031, 0.8, 0.4, 250


def world(name: str, nobs: int, paths: int) -> tuple[Array, Array]:
    if name == "iid normal":
        return normal_returns(nobs, paths, rho=RHO, seed=SEED)
    if name == "iid t5":
        return student_returns(nobs, paths, rho=RHO, seed=SEED)
    a, b = ccc_garch_returns(garch_world(RHO), nobs + DROPPED, paths, seed=SEED)
    return a[DROPPED:], b[DROPPED:]


def samples(nobs: int, paths: int) -> Iterator[tuple[str, float, list[tuple[Array, Array]]]]:
    """Each world without change and with a rise of the slope after half of the sample."""
    for name in WORLDS:
        a, b = world(name, nobs, paths)
        for rise in (0.0, RISE):
            moved = a.copy()
            moved[nobs // 2 :] += rise * b[nobs // 2 :]
            yield name, rise, [(moved[:, i].copy(), b[:, i].copy()) for i in range(paths)]


class Table:
    """Counts what happened, by key, and writes rows."""

    def __init__(self) -> None:
        self.hits: dict[tuple[str, str], list[bool]] = {}
        self.flagged: dict[tuple[str, str], int] = {}

    def test(self, key: str, result: object, measure: str) -> None:
        if isinstance(result, TestResult):
            self.note(key, measure, hit=result.pvalue <= 0.05)

    def cover(self, key: str, result: object, truth: float) -> None:
        """An estimate without interval is not counted as computed."""
        if isinstance(result, Estimate) and result.confidence_level is not None:
            self.note(key, "coverage", hit=result.covers(truth), flagged=bool(result.flags))

    def note(self, key: str, measure: str, *, hit: bool, flagged: bool = False) -> None:
        self.hits.setdefault((key, measure), []).append(hit)
        self.flagged[key, measure] = self.flagged.get((key, measure), 0) + flagged

    def rows(self, name: str, nobs: int, replications: int, **more: object) -> list[Row]:
        return [
            {
                "key": key,
                "measure": measure,
                "nominal": {"coverage": 0.95, "size": 0.05}.get(measure),
                "achieved": round(float(np.mean(hits)), 4),
                "world": name,
                "rho": RHO,
                "nobs": nobs,
                "target": None,
                "replications": replications,
                "computed": len(hits),
                "flagged": self.flagged[key, measure],
                **more,
            }
            for (key, measure), hits in self.hits.items()
        ]


def _sup(result: SupF | NotComputed) -> TestResult | NotComputed:
    return result.test if isinstance(result, SupF) else result


def limits() -> list[Row]:
    """Tests with their textbook laws, and the number of breaks."""
    rows: list[Row] = []
    for nobs, paths in zip(SIZES, (1000, 600), strict=True):
        for name, rise, pairs in samples(nobs, paths):
            table, measure = Table(), "power" if rise else "size"
            for a, b in pairs:
                table.test("stability.wied", wied(a, b), measure)
                table.test("stability.wied[1.3sqrt]", wied(a, b, bandwidth="1.3sqrt"), measure)
                table.test("stability.sup_f", _sup(sup_f(a, b)), measure)
                table.test("stability.nyblom", nyblom(a, b), measure)
                table.test("stability.cusum", cusum(a, b), measure)
                found = breaks(a, b)
                if not isinstance(found, Breaks):
                    continue
                kind = "found" if rise else "false breaks"
                table.note("stability.breaks", kind, hit=found.number.value > 0)
                if rise and found.number.value == 1:
                    inside = found.low[0] <= nobs // 2 - 1 <= found.high[0]
                    table.note("stability.break[1]", "coverage", hit=bool(inside))
                    inside = found.bai_low[0] <= nobs // 2 - 1 <= found.bai_high[0]
                    table.note("stability.break[1] by Bai", "coverage", hit=bool(inside))
            rows += table.rows(name, nobs, paths, rise=rise)
    return rows


def simulated() -> list[Row]:
    """The same tests with p-values simulated under the GARCH fitted to each sample."""
    rows: list[Row] = []
    for nobs, paths in zip(SIZES, (300, 200), strict=True):
        for name, rise, pairs in samples(nobs, paths):
            table, measure = Table(), "power" if rise else "size"
            for i, (a, b) in enumerate(pairs):
                legs = garch(a), garch(b)
                if not (isinstance(legs[0], GarchFit) and isinstance(legs[1], GarchFit)):
                    continue
                null = stability_null(ccc_garch(legs[0], legs[1]), nobs, seed=i, paths=199)
                log, root = null.wied_log, null.wied_sqrt
                table.test("stability.wied_simulated", wied(a, b, null=log), measure)
                result = wied(a, b, bandwidth="1.3sqrt", null=root)
                table.test("stability.wied_simulated[1.3sqrt]", result, measure)
                result = _sup(sup_f(a, b, null=null.sup_f))
                table.test("stability.sup_f_simulated", result, measure)
                result = nyblom(a, b, null=null.nyblom)
                table.test("stability.nyblom_simulated", result, measure)
            rows += table.rows(name, nobs, paths, rise=rise)
    return rows


def dynamics() -> list[Row]:
    """DCC's a and b in a DCC world; Kalman's last beta when the slope wanders."""
    rows: list[Row] = []
    for nobs, paths in zip(SIZES, (300, 400), strict=True):
        for shocks, df in (("normal", 200.0), ("t8", 8.0)):
            a, b, _ = dcc_world(nobs, paths, a=0.04, b=0.94, rho=0.7, df=df, seed=SEED)
            table = Table()
            for i in range(paths):
                legs = garch(a[:, i]), garch(b[:, i])
                if not (isinstance(legs[0], GarchFit) and isinstance(legs[1], GarchFit)):
                    continue
                found = dcc(legs[0], legs[1])
                if isinstance(found, Dcc):
                    table.cover("dynamics.dcc_a", found.a, 0.04)
                    table.cover("dynamics.dcc_b", found.b, 0.94)
            rows += table.rows(f"DCC .04 .94, {shocks} shocks", nobs, paths, rho=0.7)
        for shocks, df in (("normal", 200.0), ("t5", 5.0)):
            for step in (0.005, 0.02):
                y, x, slope = wandering_slope(nobs, paths, step=step, df=df, seed=SEED)
                table = Table()
                for i in range(paths):
                    beta = kalman_beta(y[:, i], x[:, i])
                    if isinstance(beta, KalmanBeta):
                        table.cover("dynamics.kalman_beta", beta.last, float(slope[-1, i]))
                name = f"random-walk slope, step {step}, {shocks} noise"
                rows += table.rows(name, nobs, paths, rho=None)
    return rows


def envelope() -> list[Row]:
    """Tests of a sample's extreme windows, and how often the last window is inside the band."""
    rows: list[Row] = []
    for nobs, paths in ((400, 250), (1260, 150)):
        for name, rise, pairs in samples(nobs, paths):
            table, measure = Table(), "power" if rise else "size"
            for i, (a, b) in enumerate(pairs):
                found = rolling_envelope(a, b, seed=i, paths=199)
                if not isinstance(found, Envelope):
                    continue
                table.test("rolling.pearson_min_test[90]", found.test_min, measure)
                table.test("rolling.pearson_max_test[90]", found.test_max, measure)
                if not rise:
                    inside = found.low[-1] <= found.observed[-1] <= found.high[-1]
                    table.note("rolling.null", "coverage", hit=bool(inside))
            rows += table.rows(name, nobs, paths, rise=rise)
    return rows


SUBJECTS: dict[str, Callable[[], list[Row]]] = {
    "limits": limits,
    "simulated": simulated,
    "dynamics": dynamics,
    "envelope": envelope,
}


def main() -> None:
    for subject in sys.argv[1:] or SUBJECTS:
        started = time.perf_counter()
        rows = SUBJECTS[subject]()
        seconds = time.perf_counter() - started
        lines = ",\n  ".join(json.dumps(row) for row in rows)
        versions = {"numpy": np.__version__, "scipy": scipy.__version__, "arch": arch.__version__}
        head = f'"subject": "{subject}",\n "seed": {SEED},\n "versions": {json.dumps(versions)}'
        path = RESULTS / f"stability_{subject}.json"
        path.write_text(f'{{\n {head},\n "rows": [\n  {lines}\n ]\n}}\n', encoding="utf-8")
        sys.stdout.write(f"{subject}: {len(rows)} rows in {seconds:.0f} s\n")


if __name__ == "__main__":
    main()
