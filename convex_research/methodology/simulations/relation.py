"""Coverage, size and power of lead-lag, cointegration, hedge, forecast and bootstrap results.

Estimands without a closed form come from one long simulation.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.methodology.simulations.tally import GARCH, NORMAL, T5, WORLDS, Tally, Where
from convex_research.methodology.simulations.tally import world as draw
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.dynamics.forecast import correlation_forecasts, next_correlation
from convex_research.statistics.hedging.hedge import effectiveness_in, effectiveness_out
from convex_research.statistics.hedging.hedge_ratios import rolling_ratios
from convex_research.statistics.inference import hac_regression
from convex_research.statistics.leads import lead_lag
from convex_research.statistics.leads.predictability import clark_west
from convex_research.statistics.levels import cointegration as coint
from convex_research.statistics.levels.half_life import half_life
from convex_research.statistics.levels.unit_root import adf, kpss
from convex_research.statistics.levels.variance_ratio import (
    HORIZONS,
    chow_denning,
    variance_ratio_test,
)
from convex_research.statistics.simulate.worlds import ccc_garch_returns, garch_world
from convex_research.statistics.single import diagnostics

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow

__all__ = ["SEED", "SUBJECTS"]

SEED, RHO, DROPPED = 4711, 0.6, 200
LEADS = "A leads B by 0.15"
BENT = "beta 0.2 higher on falls"
REVERTS = "reverting, phi 0.95"


def world(name: str, nobs: int, paths: int, seed: int, rho: float = RHO) -> tuple[Array, Array]:
    """Returns of both legs, shape (T, paths)."""
    return draw(name, nobs, paths, rho=rho, seed=seed, dropped=DROPPED)


@cache
def correlation_of(name: str) -> float:
    """What Pearson's r estimates in a world."""
    if name != GARCH:
        return RHO
    a, b = world(GARCH, 4000, 1500, SEED)
    return float(np.mean(a * b) / math.sqrt(float(np.mean(a * a) * np.mean(b * b))))


def own_betas(name: str, nobs: int, paths: int, seed: int) -> Array:
    """Each path's own sum of covariances over sum of variances: what its beta estimates."""
    if name != GARCH:
        return np.full(paths, RHO)
    spreads = []
    for x in ccc_garch_returns(garch_world(RHO), nobs + DROPPED, paths, seed=seed):
        h = np.ones_like(x)
        for t in range(len(x) - 1):
            h[t + 1] = 0.03 + 0.07 * x[t] ** 2 + 0.90 * h[t]
        spreads.append(np.sqrt(h[DROPPED:]))
    of_a, of_b = spreads
    return np.asarray(RHO * (of_a * of_b).sum(axis=0) / (of_b**2).sum(axis=0))


def returns_side() -> list[CoverageRow]:
    """Regression, lead-lag and single legs."""
    rows: list[CoverageRow] = []
    for name in (NORMAL, GARCH):
        for nobs, paths in ((252, 800), (504, 500), (1260, 400)):
            a, b = world(name, nobs, paths, SEED + nobs)
            tally, single = Tally(Where(name, RHO, nobs)), Tally(Where(name, None, nobs))
            betas = own_betas(name, nobs, paths, SEED + nobs)
            for x, y, beta in zip(0.01 * a.T, 0.01 * b.T, betas, strict=True):
                _leads(tally, x, y)
                tally.test("regression.up_down", hac_regression.up_down(x, y))
                bent = x + 0.2 * np.minimum(y, 0.0)
                tally.test("regression.up_down", hac_regression.up_down(bent, y), "power", BENT)
                tally.cover("regression.beta_up", hac_regression.beta_up(x, y), beta)
                for k in (1, 5):
                    fit = hac_regression.beta_dimson(x, y, k)
                    tally.cover(f"regression.beta_dimson[{k}]", fit, beta)
                _diagnose(single, x, clustered=name == GARCH)
            rows += tally.rows() + single.rows()
    return rows


def _leads(tally: Tally, x: Array, y: Array) -> None:
    for lags in (1, 5):
        tally.test(f"lead_lag.granger_ab[{lags}]", lead_lag.granger(x, y, lags))
        tally.test(f"lead_lag.wald_ab[{lags}]", lead_lag.wald(x, y, lags))
    led = y + 0.15 * np.append(0.0, x[:-1])
    tally.test("lead_lag.wald_ab[5]", lead_lag.wald(x, led, 5), "power", LEADS)
    tally.cover("lead_lag.sum_ab[5]", lead_lag.lead_sum(x, y, 5), 0.0)
    tally.test("lead_lag.clark_west_ab[1]", clark_west(x, y))


def _diagnose(tally: Tally, x: Array, *, clustered: bool) -> None:
    """Size where the null holds; power where volatility clusters and tails are heavy."""
    tally.test("diagnostics.ljung_box_a", diagnostics.ljung_box(x))
    for name, test, broken in (
        ("arch_lm", diagnostics.arch_lm, "volatility clusters"),
        ("jarque_bera", diagnostics.jarque_bera, "tails are heavy"),
    ):
        told = ("power", broken) if clustered else ("size", "")
        tally.test(f"diagnostics.{name}_a", test(x), *told)


def hedges() -> list[CoverageRow]:
    """Effectiveness in and out of sample."""
    rows: list[CoverageRow] = []
    for name in WORLDS:
        long_a, long_b = (0.01 * v for v in world(name, 4000, 60, SEED + 1))
        left, plain = 0.0, 0.0
        for x, y in zip(long_a.T, long_b.T, strict=True):
            ratios = _rolling(x, y)
            left += float(np.sum((x[252:] - ratios * y[252:]) ** 2))
            plain += float(np.sum(x[252:] ** 2))
        for nobs, paths in ((252, 600), (1260, 400)):
            a, b = world(name, nobs, paths, SEED + 2 + nobs)
            more_a, more_b = world(name, nobs + 252, paths, SEED + 3 + nobs)
            tally = Tally(Where(name, RHO, nobs))
            for i in range(paths):
                inside = effectiveness_in(a[:, i], b[:, i])
                tally.cover("hedge.effectiveness_in", inside, correlation_of(name) ** 2)
                x, y = more_a[:, i], more_b[:, i]
                out = effectiveness_out(x, y, _rolling(x, y))
                tally.cover("hedge.effectiveness_out[ols]", out, 1.0 - left / plain)
            rows += tally.rows()
    return rows


def _rolling(x: Array, y: Array) -> Array:
    ratios = rolling_ratios(x, y)
    if isinstance(ratios, NotComputed):
        raise TypeError(ratios.reason)
    return ratios


def bootstrap() -> list[CoverageRow]:
    """The bootstrap interval of r."""
    rows: list[CoverageRow] = []
    note = "stationary bootstrap, for comparison"
    for name in (NORMAL, T5, GARCH):
        for nobs, paths in ((90, 800), (252, 600), (1260, 300)):
            a, b = world(name, nobs, paths, SEED + 5 + nobs)
            tally = Tally(Where(name, RHO, nobs))
            for x, y in zip(a.T, b.T, strict=True):
                result = pearson(x, y, interval="bootstrap")
                tally.cover("correlation.pearson[all]", result, correlation_of(name), note)
            rows += tally.rows()
    return rows


def autoregressive(shocks: Array, phi: float) -> Array:
    """First-order autoregression of the shocks along time."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([1.0], [1.0, -phi], shocks, axis=0))


def levels() -> list[CoverageRow]:
    """Cointegration, half-life, variance ratios: all on log prices."""
    rows: list[CoverageRow] = []
    for name in (NORMAL, GARCH):
        for nobs, paths in ((252, 1000), (1260, 500)):
            burn = 300
            a, b = (0.01 * v for v in world(name, nobs + burn, paths, SEED + 7 + nobs))
            # B's own shocks and shocks of the spread, correlated as in the world.
            log_b = np.cumsum(b, axis=0)[burn:]
            tied = Tally(Where(name, RHO, nobs))
            for phi in (0.90, 0.97, 0.99, 1.0):
                spread = autoregressive(a, phi)[burn:] if phi < 1 else np.cumsum(a[burn:], axis=0)
                life = math.log(2) / -math.log(phi) if phi < 1 else math.inf
                for x, y in zip((0.8 * log_b + spread).T, log_b.T, strict=True):
                    tied.cover("cointegration.half_life", half_life(x, y), life, f"phi {phi}")
            reverting = autoregressive(a, 0.95)[burn:]
            for z, gap in list(zip(log_b.T, reverting.T, strict=True))[:200]:
                for key, test in _PAIR_TESTS.items():
                    tied.test(f"cointegration.{key}", test(z + gap, z), "power", REVERTS)
            loose = Tally(Where(name, 0.3, nobs))
            unrelated = (
                np.cumsum(v, axis=0) for v in world(name, nobs, paths, SEED + 9 + nobs, 0.3)
            )
            for x, y in zip(*(v.T for v in unrelated), strict=True):
                _unrelated(loose, x, y)
            single = Tally(Where(name, None, nobs))
            for shocks in a.T:
                stationary = kpss(autoregressive(shocks, 0.5))
                single.test("cointegration.kpss_a", stationary, note="stationary, phi 0.5")
            rows += tied.rows() + loose.rows() + single.rows()
    return rows


_PAIR_TESTS: dict[str, Callable[[Array, Array], object]] = {
    "engle_granger[1]": coint.engle_granger,
    "engle_granger[aic]": lambda x, y: coint.engle_granger(x, y, lags="aic"),
    "phillips_ouliaris": coint.phillips_ouliaris,
    "johansen_trace_0": lambda x, y: coint.johansen_trace(x, y, 0),
}


def _unrelated(tally: Tally, x: Array, y: Array) -> None:
    """Two random walks without a common trend."""
    for key, test in _PAIR_TESTS.items():
        tally.test(f"cointegration.{key}", test(x, y))
    tally.test("cointegration.adf_a", adf(x))
    for horizon in HORIZONS:
        result = variance_ratio_test(x - y, horizon)
        tally.test(f"cointegration.variance_ratio_z[{horizon}]", result)
    tally.test("cointegration.chow_denning", chow_denning(x - y))


def forecasts() -> list[CoverageRow]:
    """The outcome after the sample against the interval made before it."""
    rows: list[CoverageRow] = []
    for name in (NORMAL, GARCH):
        a, b = (0.01 * v for v in world(name, 1260 + 21, 500, SEED + 11))
        tally = Tally(Where(name, RHO, 1260))
        for x, y in zip(a.T, b.T, strict=True):
            made = correlation_forecasts(x[:1260], y[:1260])
            if isinstance(made, NotComputed):
                raise TypeError(made.reason)
            outcome = float(np.corrcoef(x[1260:], y[1260:])[0, 1])
            for method, suffix in (("mean", ""), ("ewma", "_ewma"), ("dcc", "_dcc")):
                result = next_correlation(made, method)
                inside = result.covers(outcome) if isinstance(result, Estimate) else None
                flags = getattr(result, "flags", ())
                tally.note(f"forecast.pearson{suffix}[21]", "prediction", inside, flags=flags)
        rows += tally.rows()
    return rows


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "returns": returns_side,
    "hedges": hedges,
    "bootstrap": bootstrap,
    "levels": levels,
    "forecasts": forecasts,
}
