"""How often digests report a change that is none, and how soon one that is.

``python tests/simulation/digest_proof.py`` runs it again and writes ``digest_proof.json``.
Two hundred pairs are watched for 120 days, in six months of 20 looks each, with the package's
own statistics and the package's own decisions. Where a change is planted it comes on day 41 and
stays. Every digest that reports anything in a world without change is false.
"""

from __future__ import annotations

import json
import math
import platform
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from convex_research.daily.ledger import Look, decide
from convex_research.statistics import monitoring, worlds
from convex_research.statistics.repeated_looks import repeated_looks_pvalue

TARGET = Path(__file__).with_suffix(".json")
SEED = 20250401
PAIRS, DAYS, MONTH, SHIFT_DAY, WITHIN = 200, 120, 20, 40, 40
BEFORE = monitoring.BURN_IN + monitoring.REFERENCE + monitoring.GAP - 1
SESSIONS = [f"2024-{1 + d // MONTH:02d}-{1 + d % MONTH:02d}" for d in range(DAYS)]


@dataclass(frozen=True)
class Case:
    name: str
    law: str
    before: tuple[float, float]  # correlations of the pairs, from..to
    after: float | None = None
    shifted: int = 0
    replications: int = 40


CASES = (
    Case("constant", "CCC-GARCH-t8", (0.2, 0.95), replications=100),
    Case("constant", "iid normal", (0.2, 0.95)),
    Case("constant", "iid t5", (0.2, 0.95)),
    Case("constant, shocks shared by all pairs", "CCC-GARCH-t8", (0.2, 0.95)),
    *(
        Case("shift", "CCC-GARCH-t8", (before, before), after, shifted, 60 if shifted == 1 else 12)
        for before, after in ((0.95, 0.65), (0.9, 0.6), (0.85, 0.55), (0.8, 0.5), (0.6, 0.9))
        for shifted in (1, 20, 60)
    ),
)


def returns(case: Case, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Both legs of every pair, shape (T, pairs); the first pairs shift."""
    rng = np.random.default_rng(seed)
    nobs = BEFORE + DAYS
    rho = np.tile(np.linspace(*case.before, PAIRS), (nobs, 1))
    if case.after is not None:
        rho[BEFORE + SHIFT_DAY :, : case.shifted] = case.after
    z = rng.standard_normal((nobs, 2, PAIRS))
    if "shared" in case.name:  # pairs of one market: half of each shock is common
        z = math.sqrt(0.5) * z + math.sqrt(0.5) * rng.standard_normal((nobs, 2, 1))
    z[:, 1] = rho * z[:, 0] + np.sqrt(1.0 - rho**2) * z[:, 1]
    if case.law != "iid normal":
        df = 5.0 if case.law == "iid t5" else 8.0
        worlds._mix(z, (df, df), rng)
    if case.law == "CCC-GARCH-t8":
        z *= worlds._volatility(z, worlds.garch_world(0.0))
    return 0.01 * z[:, 0], 0.01 * z[:, 1]


def looks_of(a: np.ndarray, b: np.ndarray):
    """Statistics, p-values and spread moves of every day, each shape (120, pairs)."""
    x, y, s = (monitoring.standardised(leg) for leg in (a, b, a - b))
    parts = []
    for month in range(DAYS // MONTH):
        end = BEFORE - monitoring.GAP + 1 + month * MONTH
        reference = slice(max(monitoring.BURN_IN, end - monitoring.REFERENCE), end)
        upto = BEFORE + (month + 1) * MONTH
        fitted = monitoring.fit_reference(x[reference], y[reference])
        change = monitoring.change_statistics(x[:upto], y[:upto], fitted, MONTH)
        moves, _ = monitoring.tail_pvalues(s[reference], s[upto - MONTH : upto])
        parts.append((change, moves, s[upto - MONTH : upto]))
    return (np.concatenate(kind) for kind in zip(*parts, strict=True))


def digests(case: Case, seed: int) -> list[list[tuple[int, str]]]:
    """News of each of the 120 digests: pair and kind."""
    change, moves, sizes = looks_of(*returns(case, seed))
    listed = [f"{i}/{kind}" for i in range(PAIRS) for kind in ("correlation", "spread")]
    state, told = {}, []
    pvalue = np.vectorize(repeated_looks_pvalue)
    change_p = np.ones_like(change)
    large = np.abs(change) > 1.5  # smaller ones decide nothing
    if large.any():
        change_p[large] = pvalue(change[large])
    for day, as_of in enumerate(SESSIONS):
        today = []
        for i in range(PAIRS):
            for kind, size, part, p in (
                ("correlation", change, "change", change_p),
                ("spread", sizes, "move", moves),
            ):
                seen = {part: float(p[day, i])}
                today.append(
                    Look(
                        slug=str(i),
                        kind=kind,
                        as_of=as_of,
                        statistic=float(size[day, i]),
                        pvalues=seen,
                    )
                )
        decision = decide(state, today, listed)
        state = decision.state
        told.append([(int(one["slug"]), one["kind"]) for one in decision.news])
    return told


def run(case: Case) -> dict[str, object]:
    """One row of the table."""
    false_digests = months_with_false = reports = false_reports = 0
    found, fdp = [], []
    for replication in range(case.replications):
        told = digests(case, SEED + 1000 * replication)
        wrong = [
            [
                one
                for one in news
                if one[1] != "correlation" or one[0] >= case.shifted or day < SHIFT_DAY
            ]
            for day, news in enumerate(told)
        ]
        false_digests += sum(bool(one) for one in wrong)
        for month in range(DAYS // MONTH):
            days = slice(month * MONTH, (month + 1) * MONTH)
            number, bad = sum(map(len, told[days])), sum(map(len, wrong[days]))
            months_with_false += bool(bad)
            fdp.append(bad / max(number, 1))
        reports += sum(map(len, told))
        false_reports += sum(map(len, wrong))
        first = {
            pair: day
            for day, news in reversed(list(enumerate(told)))
            for pair, kind in news
            if kind == "correlation" and day >= SHIFT_DAY
        }
        found += [first.get(i, DAYS) - SHIFT_DAY < WITHIN for i in range(case.shifted)]
    count = case.replications * DAYS
    return {
        **asdict(case),
        "digests": count,
        "digests_with_false_report": false_digests / count,
        "months_with_false_report": months_with_false / (case.replications * DAYS // MONTH),
        "false_discovery_rate": round(float(np.mean(fdp)), 5),
        "reports": reports,
        "false_reports": false_reports,
        "found_within_40": round(float(np.mean(found)), 4) if found else None,
        "found_std_error": round(float(np.std(found) / math.sqrt(len(found))), 4)
        if found
        else None,
    }


def main() -> None:
    rows = []
    for case in CASES:
        started = time.perf_counter()
        rows.append(run(case))
        sys.stdout.write(f"{time.perf_counter() - started:5.0f} s {json.dumps(rows[-1])}\n")
        sys.stdout.flush()
    versions = {"python": platform.python_version(), "numpy": version("numpy")}
    versions["scipy"] = version("scipy")
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    head = json.dumps({"seed": SEED, "versions": versions}, indent=1)[:-2]
    TARGET.write_text(f'{head},\n "rows": [\n{lines}\n ]\n}}\n', encoding="ascii")


if __name__ == "__main__":
    main()
