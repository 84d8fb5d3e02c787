"""Coverage, size and power of lead-lag, cointegration, hedge, forecast and bootstrap results.

Worlds: independent normal and Student t5 returns, and the constant-correlation GARCH with t8
shocks (omega .03, alpha .07, beta .90). Estimands without a closed form come from one long
simulation. Writes results/relation_coverage.json; parts that are not run keep their results.

Run: python tests/simulation/relation_coverage.py [returns] [hedges] [bootstrap] [levels]
[forecasts]   (all parts by default; one to two minutes each on one core)
"""

from __future__ import annotations

import json
import math
import platform
import sys
from collections import defaultdict
from pathlib import Path

import arch
import numpy as np
import scipy
import statsmodels

from convex_research.estimates import Estimate, TestResult
from convex_research.statistics import cointegration as coint
from convex_research.statistics import diagnostics, hac_regression, lead_lag
from convex_research.statistics.correlation import pearson
from convex_research.statistics.forecast import correlation_forecasts, next_correlation
from convex_research.statistics.half_life import half_life
from convex_research.statistics.hedge import effectiveness_in, effectiveness_out
from convex_research.statistics.hedge_ratios import rolling_ratios
from convex_research.statistics.predictability import clark_west
from convex_research.statistics.unit_root import adf, kpss
from convex_research.statistics.variance_ratio import HORIZONS, chow_denning, variance_ratio_test
from convex_research.statistics.worlds import (
    ccc_garch_returns,
    garch_world,
    normal_returns,
    student_returns,
)

SEED, RHO = 4711, 0.6
TARGET = Path(__file__).parent / "results" / "relation_coverage.json"


class Tally:
    """Counts of what covered or rejected, by key."""

    def __init__(self) -> None:
        self.hits: dict[str, list[bool]] = defaultdict(list)
        self.missing: dict[str, int] = defaultdict(int)

    def add(self, key: str, result: object, truth: float | None = None) -> None:
        if isinstance(result, TestResult):
            self.hits[key].append(result.pvalue < 0.05)
        elif isinstance(result, Estimate) and truth is not None:
            self.hits[key].append(result.covers(truth))
        else:
            self.missing[key] += 1

    def rows(self) -> dict[str, dict[str, float]]:
        found = {}
        for key, hits in self.hits.items():
            share = float(np.mean(hits))
            found[key] = {
                "share": round(share, 4),
                "std_error": round(math.sqrt(share * (1 - share) / len(hits)), 4),
                "runs": len(hits),
                "not_computed": self.missing[key],
            }
        return found


def world(name: str, nobs: int, paths: int, seed: int, rho: float = RHO):
    if name == "normal":
        return normal_returns(nobs, paths, rho=rho, seed=seed)
    if name == "t5":
        return student_returns(nobs, paths, rho=rho, seed=seed)
    a, b = ccc_garch_returns(garch_world(rho), nobs + 200, paths, seed=seed)
    return a[200:], b[200:]


def truth(name: str) -> float:
    if name != "garch":
        return RHO
    a, b = world("garch", 4000, 1500, SEED)
    return float(np.mean(a * b) / math.sqrt(np.mean(a * a) * np.mean(b * b)))


def own_betas(name: str, nobs: int, paths: int, seed: int) -> np.ndarray:
    """Each path's own sum of covariances over sum of variances: what its beta estimates."""
    if name != "garch":
        return np.full(paths, RHO)
    spreads = []
    for x in ccc_garch_returns(garch_world(RHO), nobs + 200, paths, seed=seed):
        h = np.ones_like(x)
        for t in range(len(x) - 1):
            h[t + 1] = 0.03 + 0.07 * x[t] ** 2 + 0.90 * h[t]
        spreads.append(np.sqrt(h[200:]))
    of_a, of_b = spreads
    return RHO * (of_a * of_b).sum(axis=0) / (of_b**2).sum(axis=0)


def returns_side(tally: Tally, r: dict[str, float]) -> None:
    """Regression, lead-lag, single legs, hedges: all on returns."""
    for name in ("normal", "garch"):
        for nobs, paths in ((252, 800), (504, 500), (1260, 400)):
            a, b = world(name, nobs, paths, SEED + nobs)
            at = f"[{name},{nobs}]"
            betas = own_betas(name, nobs, paths, SEED + nobs)
            for i, (x, y) in enumerate(zip(0.01 * a.T, 0.01 * b.T, strict=True)):
                for lags in (1, 5):
                    tally.add(f"size lead_lag.granger[{lags}] {at}", lead_lag.granger(x, y, lags))
                    tally.add(f"size lead_lag.wald[{lags}] {at}", lead_lag.wald(x, y, lags))
                led = y + 0.15 * np.append(0.0, x[:-1])
                tally.add(f"power .15 lead_lag.wald[5] {at}", lead_lag.wald(x, led, 5))
                tally.add(f"cover lead_lag.sum[5] {at}", lead_lag.lead_sum(x, y, 5), 0.0)
                tally.add(f"size lead_lag.clark_west[1] {at}", clark_west(x, y))
                tally.add(f"size regression.up_down {at}", hac_regression.up_down(x, y))
                bent = x + 0.2 * np.minimum(y, 0.0)
                tally.add(f"power .2 regression.up_down {at}", hac_regression.up_down(bent, y))
                beta = betas[i]
                tally.add(f"cover regression.beta_up {at}", hac_regression.beta_up(x, y), beta)
                tally.add(f"cover beta_dimson[1] {at}", hac_regression.beta_dimson(x, y, 1), beta)
                tally.add(f"cover beta_dimson[5] {at}", hac_regression.beta_dimson(x, y, 5), beta)
                for test in (diagnostics.ljung_box, diagnostics.arch_lm, diagnostics.jarque_bera):
                    kind = "size" if name == "normal" else "rejects"
                    tally.add(f"{kind} diagnostics.{test.__name__} {at}", test(x))


def hedges(tally: Tally, r: dict[str, float]) -> None:
    for name in ("normal", "t5", "garch"):
        long_a, long_b = (0.01 * v for v in world(name, 4000, 60, SEED + 1))
        left, plain = 0.0, 0.0
        for x, y in zip(long_a.T, long_b.T, strict=True):
            ratios = rolling_ratios(x, y)
            left += float(np.sum((x[252:] - ratios * y[252:]) ** 2))
            plain += float(np.sum(x[252:] ** 2))
        for nobs, paths in ((252, 600), (1260, 400)):
            a, b = world(name, nobs, paths, SEED + 2 + nobs)
            more_a, more_b = world(name, nobs + 252, paths, SEED + 3 + nobs)
            at = f"[{name},{nobs}]"
            for i in range(paths):
                x, y = a[:, i], b[:, i]
                tally.add(
                    f"cover hedge.effectiveness_in {at}", effectiveness_in(x, y), r[name] ** 2
                )
                x, y = more_a[:, i], more_b[:, i]
                out = effectiveness_out(x, y, rolling_ratios(x, y))
                tally.add(f"cover hedge.effectiveness_out {at}", out, 1.0 - left / plain)


def bootstrap(tally: Tally, r: dict[str, float]) -> None:
    for name in ("normal", "t5", "garch"):
        for nobs, paths in ((90, 800), (252, 600), (1260, 300)):
            a, b = world(name, nobs, paths, SEED + 5 + nobs)
            for x, y in zip(a.T, b.T, strict=True):
                result = pearson(x, y, interval="bootstrap")
                tally.add(f"cover correlation.pearson bootstrap [{name},{nobs}]", result, r[name])


def autoregressive(shocks: np.ndarray, phi: float) -> np.ndarray:
    from scipy.signal import lfilter

    return lfilter([1.0], [1.0, -phi], shocks, axis=0)


def levels_side(tally: Tally, r: dict[str, float]) -> None:
    """Cointegration, half-life, variance ratios: all on log prices."""
    for name in ("normal", "garch"):
        for nobs, paths in ((252, 1000), (1260, 500)):
            burn = 300
            a, b = (0.01 * v for v in world(name, nobs + burn, paths, SEED + 7 + nobs))
            # B's own shocks and shocks of the spread, correlated as in the world.
            log_b = np.cumsum(b, axis=0)[burn:]
            at = f"[{name},{nobs}]"
            for phi in (0.90, 0.97, 0.99, 1.0):
                spread = autoregressive(a, phi)[burn:] if phi < 1 else np.cumsum(a[burn:], axis=0)
                life = math.log(2) / -math.log(phi) if phi < 1 else math.inf
                for x, y in zip((0.8 * log_b + spread).T, log_b.T, strict=True):
                    tally.add(
                        f"cover cointegration.half_life phi {phi} {at}", half_life(x, y), life
                    )
            unrelated_a, unrelated_b = (
                np.cumsum(v, axis=0) for v in world(name, nobs, paths, SEED + 9 + nobs, rho=0.3)
            )
            reverting = autoregressive(a, 0.95)[burn:]
            tests = {
                "engle_granger[1]": coint.engle_granger,
                "engle_granger[aic]": lambda x, y: coint.engle_granger(x, y, lags="aic"),
                "phillips_ouliaris": coint.phillips_ouliaris,
                "johansen_trace_0": lambda x, y: coint.johansen_trace(x, y, 0),
            }
            for i in range(paths):
                x, y = unrelated_a[:, i], unrelated_b[:, i]
                z = log_b[:, i]
                for key, test in tests.items():
                    tally.add(f"size cointegration.{key} {at}", test(x, y))
                    if i < 200:
                        tied = test(z + reverting[:, i], z)
                        tally.add(f"power phi .95 cointegration.{key} {at}", tied)
                tally.add(f"size cointegration.adf {at}", adf(x))
                tally.add(
                    f"size cointegration.kpss, phi .5 {at}", kpss(autoregressive(a[:, i], 0.5))
                )
                for horizon in HORIZONS:
                    result = variance_ratio_test(x - y, horizon)
                    tally.add(f"size cointegration.variance_ratio[{horizon}] {at}", result)
                tally.add(f"size cointegration.chow_denning {at}", chow_denning(x - y))


def forecasts(tally: Tally, r: dict[str, float]) -> None:
    """The outcome after the sample against the interval made before it."""
    for name in ("normal", "garch"):
        a, b = (0.01 * v for v in world(name, 1260 + 21, 150, SEED + 11))
        for x, y in zip(a.T, b.T, strict=True):
            made = correlation_forecasts(x[:1260], y[:1260])
            outcome = float(np.corrcoef(x[1260:], y[1260:])[0, 1])
            for method in ("mean", "ewma", "dcc"):
                result = next_correlation(made, method)
                tally.add(f"cover forecast.pearson[21] {method} [{name},1260]", result, outcome)


PARTS = {
    "returns": returns_side,
    "hedges": hedges,
    "bootstrap": bootstrap,
    "levels": levels_side,
    "forecasts": forecasts,
}


def main(parts: list[str]) -> None:
    r = {name: truth(name) for name in ("normal", "t5", "garch")}
    results = json.loads(TARGET.read_text())["results"] if TARGET.exists() else {}
    for part in parts or PARTS:
        tally = Tally()
        PARTS[part](tally, r)
        results[part] = tally.rows()
    record = {
        "script": "tests/simulation/relation_coverage.py",
        "seed": SEED,
        "nominal": {"cover": 0.95, "size": 0.05},
        "versions": {
            "python": platform.python_version(),
            **{m.__name__: m.__version__ for m in (np, scipy, statsmodels, arch)},
        },
        "estimands": {"correlation": {k: round(v, 5) for k, v in r.items()}},
        "results": results,
    }
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(record, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
