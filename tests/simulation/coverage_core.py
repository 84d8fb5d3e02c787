"""Coverage of the intervals of correlation, beta and volatility in simulated worlds.

Worlds: independent normal and Student t5 returns, and constant-correlation GARCH legs
(omega .03, alpha .07, beta .90, t8 shocks) after 300 observations of warming up. A fourth has
ties: t5 rounded to half a standard deviation, a third of the first leg's moves replaced by
zero. Truths without a closed form come from one long simulation. In the GARCH world a window
also has a truth of its own: its sum of conditional covariances over (roots of) sums of
conditional variances. That is beta's estimand; for r and volatility both truths are counted.

Writes results/coverage_core.json; worlds that are not run keep their rows.

Run: python tests/simulation/coverage_core.py [normal] [t5] [garch] [ties]
(all by default; about a minute each on one core)
"""

from __future__ import annotations

import json
import math
import platform
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import scipy

from convex_research.estimates import Estimate
from convex_research.statistics.correlation import kendall, pearson, spearman
from convex_research.statistics.regression import beta
from convex_research.statistics.volatility import volatility
from convex_research.statistics.worlds import (
    ccc_garch_returns,
    garch_world,
    normal_returns,
    student_returns,
)

TARGET = Path(__file__).parent / "results" / "coverage_core.json"
SEED, WARM_UP = 90210, 300
WORLDS = ("normal", "t5", "garch", "ties")
SIZES = (90, 252, 1260)
RUNS, BOOTSTRAP_RUNS = 2500, 600


def draw(world: str, nobs: int, paths: int, *, rho: float, seed: int):
    """Returns of both legs and, in the GARCH world, the conditional variances; (T, paths)."""
    if world == "normal":
        return (*normal_returns(nobs, paths, rho=rho, seed=seed), None)
    if world == "t5":
        return (*student_returns(nobs, paths, rho=rho, seed=seed), None)
    if world == "ties":
        a, b = student_returns(nobs, paths, rho=rho, seed=seed)
        a[np.random.default_rng(seed + 1).random(a.shape) < 1 / 3] = 0.0
        return np.round(2 * a) / 2, np.round(2 * b) / 2, None
    a, b = ccc_garch_returns(garch_world(rho), nobs + WARM_UP, paths, seed=seed)
    h = np.ones((2, *a.shape))
    for t in range(len(a) - 1):
        for leg, x in enumerate((a, b)):
            h[leg, t + 1] = 0.03 + 0.07 * x[t] ** 2 + 0.90 * h[leg, t]
    return a[WARM_UP:], b[WARM_UP:], h[:, WARM_UP:]


def sign_concordance(a: np.ndarray, b: np.ndarray) -> float:
    """Kendall's tau-b of the law the paths are drawn from, by pairs of independent paths."""
    half = a.shape[1] // 2
    da, db = (np.sign(x[:, :half] - x[:, half : 2 * half]) for x in (a, b))
    return float(np.mean(da * db) / math.sqrt(np.mean(da**2) * np.mean(db**2)))


@cache
def truths(world: str, rho: float) -> dict[str, float]:
    """What the statistics estimate, exactly where it is known."""
    kendall_of_ellipse = 2 / math.pi * math.asin(rho)
    if world == "normal":
        rank = 6 / math.pi * math.asin(rho / 2)
        return {"pearson": rho, "spearman": rank, "kendall": kendall_of_ellipse, "volatility": 1.0}
    # Few dates of many paths: the paths are independent.
    a, b, _ = draw(world, 1000, 8000, rho=rho, seed=SEED)
    ranks = [scipy.stats.rankdata(x[::2]) for x in (a, b)]
    found = {
        "pearson": float(np.corrcoef(a.ravel(), b.ravel())[0, 1]),
        "spearman": float(np.corrcoef(*ranks)[0, 1]),
        "kendall": sign_concordance(a, b),
        "volatility": float(a.std()),
        "beta": float(np.cov(a.ravel(), b.ravel())[0, 1] / b.var()),
    }
    if world == "t5":
        found |= {"pearson": rho, "kendall": kendall_of_ellipse}
    if world in {"t5", "garch"}:
        found["volatility"] = 1.0
    return found


def targets(world: str, rho: float, h: np.ndarray | None, path: int) -> dict[str, list[float]]:
    """Truths by statistic: the law's, then the window's own where it has one."""
    known = truths(world, rho)
    by_name = {name: [value] for name, value in known.items()}
    by_name["beta"] = [known.get("beta", rho)]
    if h is not None:
        first, second = h[0, :, path], h[1, :, path]
        shared = rho * float(np.sqrt(first * second).sum())
        by_name["beta"] = [shared / float(second.sum())]
        by_name["pearson"].append(shared / math.sqrt(float(first.sum() * second.sum())))
        by_name["volatility"].append(math.sqrt(float(first.mean())))
    return by_name


def coverage(
    world: str, nobs: int, *, rho: float, runs: int, methods: tuple[str, ...]
) -> list[dict[str, object]]:
    """Rows of achieved coverage, one a method and truth."""
    makers = {
        "pearson fixed-b": pearson,
        "pearson fixed-b 90": lambda a, b: pearson(a, b, confidence_level=0.90),
        "pearson fisher": lambda a, b: pearson(a, b, interval="fisher"),
        "pearson bootstrap": lambda a, b: pearson(a, b, interval="bootstrap"),
        "spearman": spearman,
        "kendall": kendall,
        "beta": beta,
        "volatility": lambda a, _: volatility(a),
    }
    a, b, h = draw(world, nobs, runs, rho=rho, seed=SEED + nobs)
    hits, widths, missing = defaultdict(list), defaultdict(list), defaultdict(int)
    for path in range(runs):
        x, y = np.ascontiguousarray(a[:, path]), np.ascontiguousarray(b[:, path])
        known = targets(world, rho, h, path)
        for method in methods:
            estimate = makers[method](x, y)
            if not isinstance(estimate, Estimate):
                missing[method] += 1
                continue
            widths[method].append(estimate.high - estimate.low)
            for own, truth in enumerate(known[method.split()[0]]):
                hits[method, own].append(estimate.covers(truth))
    rows = []
    for (method, own), covered in sorted(hits.items()):
        share = float(np.mean(covered))
        window_s = own or (method == "beta" and h is not None)
        rows.append(
            {
                "method": method,
                "world": world,
                "rho": rho,
                "nobs": nobs,
                "truth": "the window's own" if window_s else "the law's",
                "nominal": 0.90 if method.endswith("90") else 0.95,
                "coverage": round(share, 4),
                "std_error": round(math.sqrt(share * (1 - share) / len(covered)), 4),
                "runs": len(covered),
                "not_computed": missing[method],
                "mean_width": round(float(np.mean(widths[method])), 4),
            }
        )
    return rows


ALL = (
    "pearson fixed-b",
    "pearson fixed-b 90",
    "pearson fisher",
    "spearman",
    "kendall",
    "beta",
    "volatility",
)
PEARSON = ALL[:3]


def rows_of(world: str) -> list[dict[str, object]]:
    """Everything about one world."""
    found = []
    for nobs in SIZES:
        if world == "ties":
            ranks = ("pearson fixed-b", "spearman", "kendall")
            found += coverage(world, nobs, rho=0.5, runs=RUNS, methods=ranks)
            continue
        found += coverage(world, nobs, rho=0.5, runs=RUNS, methods=ALL)
        found += coverage(world, nobs, rho=0.85, runs=RUNS, methods=PEARSON)
        resampled = ("pearson bootstrap",)
        found += coverage(world, nobs, rho=0.5, runs=BOOTSTRAP_RUNS, methods=resampled)
    return found


def main(worlds: list[str]) -> None:
    kept = json.loads(TARGET.read_text())["rows"] if TARGET.exists() else []
    rows = [row for row in kept if row["world"] not in worlds]
    for world in worlds:
        rows += rows_of(world)
    rows.sort(key=lambda r: (WORLDS.index(r["world"]), r["rho"], r["nobs"], r["method"]))
    record = {
        "seed": SEED,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scipy": scipy.__version__,
        },
        "rows": rows,
    }
    TARGET.parent.mkdir(exist_ok=True)
    body = ",\n  ".join(json.dumps(row) for row in rows)
    head = json.dumps({k: v for k, v in record.items() if k != "rows"}, indent=1)[:-2]
    TARGET.write_text(f'{head},\n "rows": [\n  {body}\n ]\n}}\n')
    for row in rows:
        if row["world"] in worlds:
            sys.stdout.write(" ".join(str(v) for v in row.values()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:] or list(WORLDS))
