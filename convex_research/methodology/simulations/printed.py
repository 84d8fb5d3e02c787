"""Intervals of a pair's returns that the other programs leave out.

In the GARCH world a window's volatilities and betas are held against its own conditional
variances, which are what the package says they estimate; differences of correlation, means
and shares of days against the law's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate
from convex_research.methodology.simulations.relation import (
    DROPPED,
    RHO,
    SEED,
    correlation_of,
    world,
)
from convex_research.methodology.simulations.tally import GARCH, T5, WORLDS, Tally, Where
from convex_research.statistics.dependence import concordance
from convex_research.statistics.dependence.comparison import (
    compare,
    difference,
    fisher_test,
    jennrich_test,
)
from convex_research.statistics.dependence.regression import alpha, rsquared
from convex_research.statistics.dependence.tails import chi, exceedance, joint_worst
from convex_research.statistics.hedging.hedge import effectiveness_in, hedge_ratio
from convex_research.statistics.inference import hac_regression
from convex_research.statistics.leads.lead_lag import cross_correlation
from convex_research.statistics.leads.predictability import out_of_sample_rsquared
from convex_research.statistics.levels.spread import spread_volatility, tracking_error
from convex_research.statistics.simulate.worlds import ccc_garch_returns, garch_world
from convex_research.statistics.single import diagnostics
from convex_research.statistics.single.performance import cagr, capture
from convex_research.statistics.stability import constancy
from convex_research.statistics.stability.homogeneity import MARGIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.typing import Array, Mask
    from convex_research.methodology.rows import CoverageRow

__all__ = ["SUBJECTS", "WEAKER"]

SIZES = ((90, 800), (252, 800), (1260, 500))
WEAKER = "r .6, then .3 in the last 90"
OUTER = "of the outer 5 %"
LAW = "of the law's far tail, for comparison"
EDGE = "the difference lies on the margin of .20"


def variances(name: str, nobs: int, paths: int, seed: int) -> Array:
    """Conditional variances of both legs, shape (2, T, paths); ones outside GARCH."""
    h = np.ones((2, nobs + DROPPED, paths))
    if name != GARCH:
        return h[:, DROPPED:]
    legs = ccc_garch_returns(garch_world(RHO), nobs + DROPPED, paths, seed=seed)
    for own, x in zip(h, legs, strict=True):
        for t in range(len(x) - 1):
            own[t + 1] = 0.03 + 0.07 * x[t] ** 2 + 0.90 * own[t]
    return h[:, DROPPED:]


def own_beta(h: Array) -> float:
    """A window's sum of conditional covariances over its sum of variances of B."""
    return float(RHO * np.sqrt(h[0] * h[1]).sum() / h[1].sum())


def slopes() -> list[CoverageRow]:
    """Regression and hedge in sample, in all three worlds and at all three lengths."""
    rows: list[CoverageRow] = []
    for name in WORLDS:
        shared = correlation_of(name) ** 2
        for nobs, paths in SIZES:
            a, b = world(name, nobs, paths, SEED + nobs)
            noise = world(name, nobs, paths, SEED + 6, rho=0.0)[0]
            h = variances(name, nobs, paths, SEED + nobs)
            tally = Tally(Where(name, RHO, nobs))
            parts = constancy.halves(nobs)
            for i, (x, y) in enumerate(zip(a.T, b.T, strict=True)):
                own = own_beta(h[:, :, i])
                tally.cover("regression.alpha[all]", alpha(x, y), 0.0)
                tally.cover("regression.rsquared[all]", rsquared(x, y), shared)
                tally.cover("regression.beta_down", hac_regression.beta_down(x, y), own)
                tally.cover("hedge.ratio[all]", hedge_ratio(x, y), own)
                if nobs == 90:  # longer samples are in the tables of hedges and returns
                    tally.cover("hedge.effectiveness_in", effectiveness_in(x, y), shared)
                if nobs == 90 or name == T5:
                    for k in (1, 5):
                        fit = hac_regression.beta_dimson(x, y, k)
                        tally.cover(f"regression.beta_dimson[{k}]", fit, own)
                _halves(tally, (x, y, noise[:, i]), parts, h[:, :, i])
            rows += tally.rows()
    return rows


def _halves(
    tally: Tally, legs: tuple[Array, Array, Array], parts: tuple[Mask, ...], h: Array
) -> None:
    """Second half less first: r against nothing, beta against the halves' own betas."""
    x, y, noise = legs
    gap = own_beta(h[:, parts[0]]) - own_beta(h[:, parts[1]])
    compared = compare(x[parts[0]], y[parts[0]], x[parts[1]], y[parts[1]])
    tally.cover("consistency.halves", compared.difference_r, 0.0)
    tally.cover("consistency.beta_halves", constancy.beta_gap(x, y, *parts), gap)
    tally.test("consistency.halves_test", compared.test)
    # A's conditional beta moves in the GARCH world: there the null needs a slope of its own.
    fixed = RHO * y + 0.8 * noise
    tally.test("consistency.beta_halves_test", constancy.gap_test(fixed, y, *parts))


def single_figures() -> list[CoverageRow]:
    """Volatility of the spread, growth, captures, shares of days, shifted correlations."""
    rows: list[CoverageRow] = []
    for name in WORLDS:
        together = 0.5 + math.asin(RHO) / math.pi
        extreme, outer = _extreme_share(name), _outer_index(name)
        for nobs, paths in SIZES:
            a, b = world(name, nobs, paths, SEED + nobs)
            h = variances(name, nobs, paths, SEED + nobs)
            gap = h[0] + h[1] - 2.0 * RHO * np.sqrt(h[0] * h[1])
            dates = np.datetime64("2010-01-04") + np.arange(nobs + 1) * 7 // 5
            tally = Tally(Where(name, RHO, nobs))
            for i, (x, y) in enumerate(zip(a.T, b.T, strict=True)):
                own = math.sqrt(float(gap[:, i].mean()))
                tally.cover("spread.volatility", spread_volatility(x, y), own)
                yearly = tracking_error(x, y, 252)
                tally.cover("spread.tracking_error", yearly, own * math.sqrt(252))
                prices = np.exp(np.concatenate([[0.0], 0.01 * np.cumsum(x)]))
                tally.cover("performance.cagr_a", cagr(prices, dates), 0.0)
                share = RHO * float(np.sqrt(h[0, :, i]).mean() / np.sqrt(h[1, :, i]).mean())
                for side in ("up", "down"):
                    tally.cover(f"performance.capture_{side}", capture(x, y, side), share)
                tally.cover("concordance.same_sign[all]", concordance.same_sign(x, y), together)
                far = concordance.same_sign_extreme(x, y)
                tally.cover("concordance.same_sign_extreme[0.05]", far, extreme)
                tally.cover("concordance.hit_ab", concordance.hit_rate(x, y), 0.5)
                tally.test("concordance.next_ab", concordance.sign_test(x[:-1], y[1:]))
                tally.test("concordance.sign_test", concordance.sign_test(x, y), "power", "r .6")
                for shift in (1, 5):
                    found = cross_correlation(x, y, shift)
                    tally.cover(f"lead_lag.ccf[{shift}]", found, 0.0)
                index = diagnostics.tail_index(x)
                tally.cover("diagnostics.tail_index_a", index, outer, OUTER)
                if name == T5:
                    tally.cover("diagnostics.tail_index_a", index, 5.0, LAW)
            rows += tally.rows()
    return rows


def _extreme_share(name: str) -> float:
    """Share of same signs on A's lowest and highest 5 % of days, from one long sample."""
    a, b = (x.T.ravel() for x in world(name, 4000, 500, SEED + 1))
    far = np.abs(a) >= np.quantile(np.abs(a), 0.90)
    return float(np.mean(np.sign(a[far]) == np.sign(b[far])))


def _outer_index(name: str) -> float:
    """Hill's index of the outer 5 % of the law itself, from one long sample."""
    x = np.abs(world(name, 4000, 500, SEED + 1)[0]).ravel()
    edge = float(np.quantile(x, 0.95))
    return float(1.0 / np.mean(np.log(x[x > edge] / edge)))


def short_samples() -> list[CoverageRow]:
    """Ninety observations: what is given holds, and what is not is not computed."""
    rows: list[CoverageRow] = []
    for name in WORLDS:
        a, b = world(name, 90, 800, SEED + 90)
        long_a, long_b = (x.T.ravel() for x in world(name, 4000, 500, SEED + 1))
        za, zb = long_a / long_a.std(), long_b / long_b.std()
        low = np.quantile(long_a, 0.05)
        share = float(np.mean(long_b[long_a <= low] < 0.0))
        below = float(np.mean((long_a > low) & (long_b > np.quantile(long_b, 0.05))))
        both = (za < 0.0) & (zb < 0.0)
        tail = float(np.corrcoef(za[both], zb[both])[0, 1])
        tally = Tally(Where(name, RHO, 90))
        for x, y in zip(a.T, b.T, strict=True):
            found = exceedance(x, y, threshold=0.0, side="lower")
            tally.cover("tails.exceedance_lower[0]", found, tail)
            truth = 2.0 - math.log(below) / math.log(0.95)
            tally.cover("tails.chi_lower[0.95]", chi(x, y).chi, truth)
            tally.cover("tails.joint_worst", joint_worst(x, y).share, share)
            parts = (x[-30:], y[-30:], x[:-30], y[:-30])
            tally.cover("recent.difference[90]", difference(*parts), 0.0, "30 against 60")
            ahead = out_of_sample_rsquared(x, y)
            tally.cover("lead_lag.oos_rsquared_ab[1]", ahead, 0.0)
        rows += tally.rows()
    return rows


def differences() -> list[CoverageRow]:
    """Power to see a weaker correlation, and false equivalence on the margin."""
    rows: list[CoverageRow] = []
    for name in WORLDS:
        for nobs, paths in ((342, 600), (1260, 500)):
            a, b = world(name, nobs, paths, SEED + 2)
            new_a, new_b = world(name, nobs, paths, SEED + 3, rho=0.3)
            on_margin = math.tanh(math.atanh(correlation_of(name)) - MARGIN)
            edge_a, edge_b = world(name, nobs, paths, SEED + 4, rho=on_margin)
            tally = Tally(Where(name, RHO, nobs))
            for i in range(paths):
                before = (a[:-90, i], b[:-90, i])
                changed = (new_a[-90:, i], new_b[-90:, i], *before)
                tally.test("recent.fisher", fisher_test(*changed), "power", WEAKER)
                tally.test("recent.jennrich", jennrich_test(*changed), "power", WEAKER)
                gap = difference(edge_a[-90:, i], edge_b[-90:, i], *before, confidence_level=0.90)
                inside = None
                if isinstance(gap, Estimate) and gap.low is not None and gap.high is not None:
                    inside = float(gap.low > -MARGIN and gap.high < MARGIN)
                tally.note("recent.equivalence[90]", "size", inside, note=EDGE)
            rows += tally.rows()
    return rows


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "slopes": slopes,
    "single_figures": single_figures,
    "short_samples": short_samples,
    "differences": differences,
}
