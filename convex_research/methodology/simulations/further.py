"""Trends and leads, standardised regimes, hedging methods: power, and what was left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import NotComputed
from convex_research.methodology.simulations.printed import variances
from convex_research.methodology.simulations.relation import (
    DROPPED,
    LEADS,
    RHO,
    SEED,
    autoregressive,
    world,
)
from convex_research.methodology.simulations.tally import GARCH, NORMAL, WORLDS, Tally, Where
from convex_research.statistics.dependence import concordance
from convex_research.statistics.dependence.comparison import fisher_test
from convex_research.statistics.dynamics.garch import GarchFit, garch
from convex_research.statistics.hedging.hedge import compare_hedges, effectiveness_out
from convex_research.statistics.hedging.hedge_ratios import (
    ewma_ratios,
    kalman_ratios,
    naive_ratios,
    rolling_ratios,
)
from convex_research.statistics.inference.paired_losses import diebold_mariano
from convex_research.statistics.leads import lead_lag
from convex_research.statistics.leads.lead_share import lead_share
from convex_research.statistics.leads.predictability import clark_west
from convex_research.statistics.levels import cointegration as coint
from convex_research.statistics.levels.trend import trend_test
from convex_research.statistics.levels.unit_root import adf, kpss
from convex_research.statistics.levels.variance_ratio import (
    HORIZONS,
    chow_denning,
    variance_ratio,
    variance_ratio_test,
)
from convex_research.statistics.single import diagnostics
from convex_research.statistics.stability import constancy
from convex_research.statistics.stability.regimes import (
    difference_between,
    equality,
    pearson_in,
    volatility_regimes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow

__all__ = ["SUBJECTS"]

REVERTING = "autoregression, phi 0.95"
BOTH = "both levels revert, phi 0.95"
WALK = "random walk"
MOMENTUM = "steps lean on those before, phi 0.15"
STEADY = "follows its own past, phi 0.2"
STEPPED = "r .6, then .3 in the second half"
BOLDER = "one ratio is 0.3 too high"


def trends() -> list[CoverageRow]:
    """Unit roots, variance ratios and the second Johansen test."""
    rows: list[CoverageRow] = []
    for name in (NORMAL, GARCH):
        for nobs, paths in ((252, 600), (1260, 300)):
            a, b = (0.01 * v for v in world(name, nobs + 300, paths, SEED + 7))
            single, pair = Tally(Where(name, None, nobs)), Tally(Where(name, RHO, nobs))
            reverting = autoregressive(a, 0.95)[300:]
            both = autoregressive(b, 0.95)[300:]
            leaning = np.cumsum(autoregressive(a, 0.15)[300:], axis=0)
            walk, other = (np.cumsum(v[300:], axis=0) for v in (a, b))
            for i in range(paths):
                x, z = walk[:, i], reverting[:, i]
                single.test("cointegration.adf_a", adf(z), "power", REVERTING)
                single.test("cointegration.kpss_a", kpss(x), "power", WALK)
                single.test("cointegration.chow_denning", chow_denning(z), "power", REVERTING)
                for q in HORIZONS:
                    key = f"cointegration.variance_ratio_z[{q}]"
                    single.test(key, variance_ratio_test(z, q), "power", REVERTING)
                    found = variance_ratio(x, q)
                    single.cover(f"cointegration.variance_ratio[{q}]", found, 1.0)
                if nobs == 1260:
                    drawn = trend_test(x, 60, seed=i)
                    single.test("persistence.trend_test[60]", drawn)
                    drawn = trend_test(leaning[:, i], 60, seed=i)
                    single.test("persistence.trend_test[60]", drawn, "power", MOMENTUM)
                # One common trend: rank one is the truth.
                level = other[:, i]
                second = coint.johansen_trace(0.8 * level + z, level, 1)
                pair.test("cointegration.johansen_trace_1", second, note="no drift")
                level = level + 0.002 * np.arange(nobs)
                second = coint.johansen_trace(0.8 * level + z, level, 1)
                pair.test("cointegration.johansen_trace_1", second, note="drift")
                second = coint.johansen_trace(both[:, i] + z, both[:, i], 1)
                pair.test("cointegration.johansen_trace_1", second, "power", BOTH)
            rows += single.rows() + pair.rows()
    return rows


def leads() -> list[CoverageRow]:
    """What lagged returns add: shares, blocks, power of the remaining tests."""
    rows: list[CoverageRow] = []
    for name in WORLDS:
        for nobs, paths in ((252, 500), (1260, 300)):
            a, b = world(name, nobs, paths, SEED + 13)
            new_a, new_b = world(name, nobs, paths, SEED + 14, rho=0.3)
            own = autoregressive(a, 0.2)
            tally, single = Tally(Where(name, RHO, nobs)), Tally(Where(name, None, nobs))
            half = nobs // 2
            for i in range(paths):
                x, y = a[:, i], b[:, i]
                led = y + 0.15 * np.append(0.0, x[:-1])
                tally.test("leads.block_ab[1]", lead_lag.wald(x, y, 5, tested=(1,), hac_lag=None))
                block = lead_lag.wald(x, led, 5, tested=(1,), hac_lag=None)
                tally.test("leads.block_ab[1]", block, "power", LEADS)
                tally.test("lead_lag.granger_ab[1]", lead_lag.granger(x, led, 1), "power", LEADS)
                tally.test("lead_lag.clark_west_ab[1]", clark_west(x, led), "power", LEADS)
                ahead = concordance.sign_test(x[:-1], led[1:])
                tally.test("concordance.next_ab", ahead, "power", LEADS)
                tally.cover("leads.share_ab[5]", lead_share(x, y, 5), 0.0)
                tally.test("concordance.sign_test", concordance.sign_test(x, new_b[:, i]))
                box = diagnostics.ljung_box(own[:, i])
                single.test("diagnostics.ljung_box_a", box, "power", STEADY)
                stepped = (
                    np.concatenate([x[:half], new_a[half:, i]]),
                    np.concatenate([y[:half], new_b[half:, i]]),
                )
                later, earlier = constancy.halves(nobs)
                u, v = stepped
                equal = fisher_test(u[later], v[later], u[earlier], v[earlier])
                tally.test("consistency.halves_test", equal, "power", STEPPED)
                moved = constancy.gap_test(u, v, later, earlier)
                tally.test("consistency.beta_halves_test", moved, "power", STEPPED)
            rows += tally.rows() + single.rows()
    return rows


def standardised() -> list[CoverageRow]:
    """Regimes on residuals of fitted GARCH legs: the shocks have one correlation."""
    rows: list[CoverageRow] = []
    for name in (NORMAL, GARCH):
        for nobs, paths in ((252, 200), (1260, 200)):
            a, b = world(name, nobs, paths, SEED + 17)
            tally = Tally(Where(name, RHO, nobs))
            for x, y in zip(0.01 * a.T, 0.01 * b.T, strict=True):
                _one_correlation(tally, x, y)
            rows += tally.rows()
    return rows


def _one_correlation(tally: Tally, x: Array, y: Array) -> None:
    labels, fits = volatility_regimes(x), (garch(x), garch(y))
    if isinstance(labels, NotComputed) or not all(isinstance(f, GarchFit) for f in fits):
        tally.test("regimes.standardised_equality", None)
        return
    legs = tuple(fit.resid for fit in fits if isinstance(fit, GarchFit))
    tally.test("regimes.standardised_equality", equality(legs[0], legs[1], labels))
    for label in ("low_vol", "high_vol"):
        found = pearson_in(legs[0], legs[1], labels[label])
        tally.cover(f"regimes.standardised_pearson[{label}]", found, RHO)
    far, near = labels["high_vol"], labels["low_vol"]
    gap = difference_between(legs[0], legs[1], far, near)
    tally.cover("regimes.standardised_difference[high_vol-low_vol]", gap, 0.0)


METHODS = ("naive", "ols", "ewma", "kalman")


def hedge_methods() -> list[CoverageRow]:
    """Out-of-sample effectiveness of each method, and the test between two of them.

    The estimand is what the method's rule leaves on average over the samples; the fixed ratio
    is held against the window's own variances. DCC is left out: its expanding fits would take
    an hour, and its losses are scored in the same way.
    """
    rows: list[CoverageRow] = []
    for name in (NORMAL, GARCH):
        nobs = 252 + 504
        a, b = (0.01 * v for v in world(name, nobs, 400, SEED + 19))
        left, plain = dict.fromkeys(METHODS, 0.0), 0.0
        h = variances(name, nobs, 400, SEED + 19)[:, 252:]
        own = 1.0 - (h[0] + h[1] - 2.0 * RHO * np.sqrt(h[0] * h[1])).mean(0) / h[0].mean(0)
        samples = []
        for x, y in zip(a.T, b.T, strict=True):
            paths = _paths(x, y)
            samples.append((x, y, paths))
            plain += float(np.sum(x[252:] ** 2))
            for method, path in paths.items():
                left[method] += float(np.sum((x[252:] - path * y[252:]) ** 2))
        tally = Tally(Where(name, RHO, nobs - 252))
        rng = np.random.default_rng(SEED)
        for i, (x, y, paths) in enumerate(samples):
            for method, path in paths.items():
                found = effectiveness_out(x, y, path)
                truth = float(own[i]) if method == "naive" else 1.0 - left[method] / plain
                tally.cover(f"hedge.effectiveness_out[{method}]", found, truth)
            # Ratios that err by the same law on either side leave equal variance.
            noise = 0.2 * rng.standard_normal((2, nobs - 252))
            equal = {"ewma": paths["ols"] + noise[0], "ols": paths["ols"] + noise[1]}
            tally.test("hedge.diebold_mariano[ewma]", compare_hedges(x, y, equal))
            worse = {"naive": paths["ols"] + 0.3, "ols": paths["ols"]}
            test = compare_hedges(x, y, worse)
            tally.test("hedge.diebold_mariano[naive]", test, "power", BOLDER)
        rows += tally.rows()
    return rows


def _paths(x: Array, y: Array) -> dict[str, Array]:
    found = {
        "naive": naive_ratios(x.size),
        "ols": rolling_ratios(x, y),
        "ewma": ewma_ratios(x, y),
        "kalman": kalman_ratios(x, y),
    }
    return {method: path for method, path in found.items() if not isinstance(path, NotComputed)}


def scored_forecasts() -> list[CoverageRow]:
    """Diebold and Mariano's test on overlapping forecasts of 21 sessions."""
    rows: list[CoverageRow] = []
    rng = np.random.default_rng(SEED)
    for nobs in (252, 1008):
        tally = Tally(Where("losses that overlap by 20 of 21", None, nobs))
        for _ in range(1000):
            steps = rng.standard_normal((2, nobs + 20 + DROPPED)) ** 2
            first, second = (np.convolve(s, np.ones(21) / 21, "valid")[-nobs:] for s in steps)
            tally.test(
                "forecast.diebold_mariano_ewma",
                diebold_mariano(first, second, names=("ewma", "mean"), horizon=63),
            )
            better = diebold_mariano(first + 0.25, second, names=("ewma", "mean"), horizon=63)
            note = f"loss larger by {0.25 / math.sqrt(2):.2f} of its spread"
            tally.test("forecast.diebold_mariano_ewma", better, "power", note)
        rows += tally.rows()
    return rows


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "trends": trends,
    "leads": leads,
    "standardised": standardised,
    "hedge_methods": hedge_methods,
    "scored_forecasts": scored_forecasts,
}
