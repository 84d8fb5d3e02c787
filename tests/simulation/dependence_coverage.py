"""Coverage of intervals and size of tests: differences, tails, regimes, partial r, scenarios.

Worlds: independent normal, independent Student t5, and constant-correlation GARCH (omega .03,
alpha .07, beta .90, t8 shocks). What an interval should cover is known or comes from one
long simulated sample. Results are kept beside this file, one JSON a subject.

Run: python tests/simulation/dependence_coverage.py [SUBJECT ...]   (all: about ten minutes)
"""

from __future__ import annotations

import json
import math
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import scipy

from convex_research.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.comparison import difference, fisher_test, jennrich_test
from convex_research.statistics.conditional_correlation import ewma, partial, partial_drop
from convex_research.statistics.contagion import forbes_rigobon, turbulent_days
from convex_research.statistics.regimes import equality, pearson_in, volatility_regimes
from convex_research.statistics.scenario import b_given_a, horizon_moves
from convex_research.statistics.tail_symmetry import symmetry, symmetry_chi2
from convex_research.statistics.tails import chi, exceedance, joint_worst
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
RHOS = (0.8, 0.3)
SIZES = (252, 1260)
SEED, LONG_SEED, LONG = 20240229, 31, (200_000, 6)


def world(name: str, nobs: int, paths: int, rho: float, seed: int) -> tuple[Array, Array]:
    if name == "iid normal":
        return normal_returns(nobs, paths, rho=rho, seed=seed)
    if name == "iid t5":
        return student_returns(nobs, paths, rho=rho, seed=seed)
    # 250 days are dropped: the variances start at their mean, not in their own law.
    a, b = ccc_garch_returns(garch_world(rho), nobs + 250, paths, seed=seed)
    return np.ascontiguousarray(a[250:]), np.ascontiguousarray(b[250:])


def settings(sizes: tuple[int, ...] = SIZES) -> Iterator[tuple[str, float, int]]:
    for name in WORLDS:
        for rho in RHOS:
            for nobs in sizes:
                yield name, rho, nobs


def three_legs(name: str, nobs: int, paths: int, seed: int) -> Array:
    """A, B and a market with one correlation matrix, shape (3, T, paths)."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky([[1.0, 0.7, 0.6], [0.7, 1.0, 0.6], [0.6, 0.6, 1.0]])
    dropped = 250 if name == "CCC-GARCH t8" else 0
    z = np.einsum("ij,jtp->itp", root, rng.standard_normal((3, nobs + dropped, paths)))
    if name != "iid normal":
        df = 8.0 if dropped else 5.0
        z *= np.sqrt((df - 2.0) / rng.chisquare(df, z.shape[1:]))
    if dropped:
        variance = np.ones((3, paths))
        for t in range(z.shape[1]):
            z[:, t] *= np.sqrt(variance)
            variance = 0.03 + 0.07 * z[:, t] ** 2 + 0.90 * variance
    return z[:, dropped:]


def long_pair(name: str, rho: float) -> tuple[Array, Array]:
    a, b = world(name, LONG[0], LONG[1], rho, LONG_SEED)
    return a.T.ravel(), b.T.ravel()


def row(key: str, where: tuple[str, float, int], results: list, truth: float | None) -> Row:
    """Share that covers the truth, or share of p-values at or below 5 %."""
    used = [r for r in results if not isinstance(r, NotComputed)]
    hit: list[bool] = []
    if truth is not None:
        hit = [r.covers(truth) for r in used if isinstance(r, Estimate)]
    else:
        hit = [r.pvalue <= 0.05 for r in used if isinstance(r, TestResult)]
    enough = len(used) >= 100
    return {
        "key": key,
        "measure": "coverage" if truth is not None else "size",
        "nominal": 0.95 if truth is not None else 0.05,
        "achieved": round(float(np.mean(hit)), 4) if enough else None,
        "world": where[0],
        "rho": where[1],
        "nobs": where[2],
        "target": None if truth is None else round(truth, 6),
        "replications": len(results),
        "computed": len(used),
        "flagged": sum(bool(r.flags) for r in used) if truth is not None else 0,
    }


def comparison(reps: int) -> Iterator[Row]:
    for where in settings():
        name, rho, nobs = where
        a, b = (x.T for x in world(name, nobs, reps, rho, SEED))
        parts = [(x[-90:], y[-90:], x[:-90], y[:-90]) for x, y in zip(a, b, strict=True)]
        yield row("recent.difference[90]", where, [difference(*p) for p in parts], 0.0)
        yield row("recent.fisher", where, [fisher_test(*p) for p in parts], None)
        yield row("recent.jennrich", where, [jennrich_test(*p) for p in parts], None)


def conditional(reps: int) -> Iterator[Row]:
    for name in WORLDS:
        a, b, m = (x.T.ravel() for x in three_legs(name, *LONG, LONG_SEED))
        inverse = np.linalg.inv(np.cov([a, b, m]))
        given = float(-inverse[0, 1] / math.sqrt(inverse[0, 0] * inverse[1, 1]))
        drop = float(np.corrcoef(a, b)[0, 1]) - given
        for nobs in SIZES:
            where = (name, round(given, 2), nobs)
            legs = [x.T for x in three_legs(name, nobs, reps, SEED)]
            sets = list(zip(*legs, strict=True))
            yield row("correlation.partial[all]", where, [partial(*x) for x in sets], given)
            yield row(
                "correlation.partial_drop[all]", where, [partial_drop(*x) for x in sets], drop
            )
    for where in settings():
        name, rho, nobs = where
        a, b = (x.T for x in world(name, nobs, reps, rho, SEED))
        found = [ewma(x, y) for x, y in zip(a, b, strict=True)]
        yield row("correlation.ewma[0.94]", where, found, rho)


def tails(reps: int) -> Iterator[Row]:
    for where in settings((252, 504, 1260)):
        name, rho, nobs = where
        long_a, long_b = long_pair(name, rho)
        za, zb = long_a / long_a.std(), long_b / long_b.std()
        a, b = (x.T for x in world(name, nobs, reps, rho, SEED))
        pairs = list(zip(a, b, strict=True))
        for c in (0.0, 0.5, 1.0, 1.5):
            truths = []
            for sign in (1.0, -1.0):
                beyond = (sign * za > c) & (sign * zb > c)
                truths.append(np.corrcoef(za[beyond], zb[beyond])[0, 1])
            found = [exceedance(x, y, threshold=c, side="lower") for x, y in pairs]
            yield row(f"tails.exceedance_lower[{c:g}]", where, found, float(np.mean(truths)))
        low_a, low_b = np.quantile(long_a, 0.05), np.quantile(long_b, 0.05)
        below = float(np.mean((long_a > low_a) & (long_b > low_b)))
        joint = float(np.mean((long_a < low_a) & (long_b < low_b)))
        both = [chi(x, y) for x, y in pairs]
        truth = 2.0 - math.log(below) / math.log(0.95)
        yield row("tails.chi_lower[0.95]", where, [d.chi for d in both], truth)
        truth = 2.0 * math.log(0.05) / math.log(joint) - 1.0
        yield row("tails.chibar_lower[0.95]", where, [d.chibar for d in both], truth)
        share = float(np.mean(long_b[long_a <= low_a] < 0.0))
        worst = [joint_worst(x, y).share for x, y in pairs]
        yield row("tails.joint_worst", where, worst, share)


def tail_symmetry(reps: int) -> Iterator[Row]:
    for where in settings((504, 1260)):
        name, rho, nobs = where
        a, b = (x.T for x in world(name, nobs, reps, rho, SEED))
        pairs = list(zip(a, b, strict=True))
        found = [symmetry(x, y, seed=i) for i, (x, y) in enumerate(pairs)]
        yield row("tails.symmetry", where, found, None)
        yield row("tails.symmetry_chi2", where, [symmetry_chi2(x, y) for x, y in pairs], None)
    rng = np.random.default_rng(SEED)
    for nobs in (1260, 2520):
        found = []
        for i in range(reps):
            u, w = rng.random((2, nobs))
            v = ((w ** (-2.0 / 3.0) - 1.0) * u**-2.0 + 1.0) ** -0.5
            found.append(symmetry(*scipy.special.ndtri([u, v]), seed=i))
        where = ("Clayton copula (theta 2), normal margins", 0.5, nobs)
        yield {**row("tails.symmetry", where, found, None), "measure": "power", "nominal": None}


def regimes(reps: int) -> Iterator[Row]:
    for name in WORLDS:
        for rho in RHOS:
            long = [x.T for x in world(name, *LONG, rho, LONG_SEED)]
            truths: dict[str, list[float]] = {"low_vol": [], "mid_vol": [], "high_vol": []}
            for x, y in zip(*long, strict=True):
                labels = volatility_regimes(x)
                for label, values in truths.items():
                    values.append(np.corrcoef(x[labels[label]], y[labels[label]])[0, 1])
            for nobs in SIZES:
                where = (name, rho, nobs)
                a, b = (x.T for x in world(name, nobs, reps, rho, SEED))
                sets = [(x, y, volatility_regimes(x)) for x, y in zip(a, b, strict=True)]
                yield row("regimes.equality", where, [equality(*s) for s in sets], None)
                for label, values in truths.items():
                    found = [pearson_in(x, y, labels[label]) for x, y, labels in sets]
                    key = f"regimes.pearson[{label}]"
                    yield row(key, where, found, float(np.mean(values)))
    for nobs in SIZES:
        where = ("CCC-GARCH legs, r .85 on calm and .65 on turbulent days", 0.85, nobs)
        a, b = (x.T for x in world("CCC-GARCH t8", nobs, reps, 0.0, SEED))
        found = []
        for x, y in zip(a, b, strict=True):
            labels = volatility_regimes(x)
            rho_t = np.where(labels["high_vol"], 0.65, 0.85)
            found.append(equality(x, rho_t * x + np.sqrt(1 - rho_t**2) * y, labels))
        yield {**row("regimes.equality", where, found, None), "measure": "power", "nominal": None}


def contagion(reps: int) -> Iterator[Row]:
    for slope in (1.2, 0.4):
        for name in WORLDS:
            for nobs in SIZES:
                a, noise = (x.T for x in world(name, nobs, reps, 0.0, SEED))
                if name == "CCC-GARCH t8":  # the noise keeps one variance: slope and noise fixed
                    noise = student_returns(nobs, reps, rho=0.0, seed=SEED + 1, df=8.0)[0].T
                found = []
                for x, e in zip(a, noise, strict=True):
                    days = turbulent_days(x)
                    if isinstance(days, NotComputed):
                        continue
                    found.append(forbes_rigobon(x, slope * x + e, *days).difference)
                rho = round(slope / math.hypot(slope, 1.0), 2)
                yield row("contagion.difference", (name, rho, nobs), found, 0.0)


def scenario(reps: int) -> Iterator[Row]:
    def moves(daily: Array) -> Array:
        return horizon_moves(np.cumprod(np.concatenate([[1.0], 1.0 + 0.01 * daily])))

    for name in WORLDS:
        for rho in RHOS:
            long_a, long_b = (x.T for x in world(name, 100_000, 6, rho, LONG_SEED))
            far_a = np.concatenate([moves(x) for x in long_a])
            far_b = np.concatenate([moves(x) for x in long_b])
            for nobs in SIZES:
                a, b = (x.T for x in world(name, nobs, reps, rho, SEED))
                sets = [(moves(x), moves(y)) for x, y in zip(a, b, strict=True)]
                for move in (-0.10, -0.05, 0.05, 0.10):
                    future = np.sort(far_b[np.abs(far_a - move) < 0.005])
                    found = [b_given_a(x, y, move).fitted for x, y in sets]
                    held = [
                        np.diff(np.searchsorted(future, [e.low, e.high]))[0] / future.size
                        for e in found
                        if isinstance(e, Estimate)
                    ]
                    made = row(
                        f"scenario.b_given_a[{100 * move:.0f}]", (name, rho, nobs), found, 0.0
                    )
                    made |= {"achieved": round(float(np.mean(held)), 4), "target": None}
                    yield {**made, "measure": "share of future moves held"}


SUBJECTS: dict[str, tuple[Callable[[int], Iterator[Row]], int]] = {
    "comparison": (comparison, 1000),
    "conditional": (conditional, 1000),
    "tails": (tails, 500),
    "tail_symmetry": (tail_symmetry, 300),
    "regimes": (regimes, 1500),
    "contagion": (contagion, 600),
    "scenario": (scenario, 150),
}


def main(names: list[str]) -> None:
    RESULTS.mkdir(exist_ok=True)
    for name in names or list(SUBJECTS):
        run, reps = SUBJECTS[name]
        started = time.perf_counter()
        rows = list(run(reps))
        record = {
            "subject": name,
            "seed": SEED,
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__},
            "rows": rows,
        }
        lines = ",\n".join("  " + json.dumps(r) for r in rows)
        text = json.dumps({**record, "rows": []}, indent=1).replace(
            '"rows": []', f'"rows": [\n{lines}\n ]'
        )
        (RESULTS / f"dependence_{name}.json").write_text(text + "\n")
        seconds = time.perf_counter() - started
        sys.stdout.write(f"{name}: {len(rows)} rows, {seconds:.0f} s\n")


if __name__ == "__main__":
    main(sys.argv[1:])
