"""Coverage of intervals and size of tests: differences, tails, regimes, partial r, scenarios.

What an interval should cover is known or comes from one long simulated sample.
"""

from __future__ import annotations

import math
from functools import cache, partial
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.methodology.simulations.tally import GARCH, NORMAL, WORLDS, Tally, Where
from convex_research.methodology.simulations.tally import world as draw
from convex_research.statistics.dependence import conditional_correlation as conditional
from convex_research.statistics.dependence.comparison import (
    difference,
    fisher_test,
    jennrich_test,
)
from convex_research.statistics.dependence.tail_symmetry import symmetry, symmetry_chi2
from convex_research.statistics.dependence.tails import chi, exceedance, joint_worst
from convex_research.statistics.hedging.scenario import b_given_a, horizon_moves
from convex_research.statistics.simulate.worlds import student_returns
from convex_research.statistics.stability.contagion import forbes_rigobon, turbulent_days
from convex_research.statistics.stability.regimes import (
    Regimes,
    equality,
    pearson_in,
    volatility_regimes,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow

__all__ = ["SEED", "SUBJECTS"]

RHOS = (0.8, 0.3)
SIZES = (252, 1260)
SEED, LONG_SEED, LONG = 20240229, 31, (200_000, 6)


def world(name: str, nobs: int, paths: int, rho: float, seed: int) -> tuple[Array, Array]:
    """Returns of both legs, shape (T, paths)."""
    return draw(name, nobs, paths, rho=rho, seed=seed, dropped=250)


def settings(sizes: tuple[int, ...] = SIZES) -> Iterator[Where]:
    """Every world with both correlations and each length."""
    for name in WORLDS:
        for rho in RHOS:
            for nobs in sizes:
                yield Where(name, rho, nobs)


def pairs_of(where: Where, reps: int) -> list[tuple[Array, Array]]:
    """Samples of a setting, one pair a replication."""
    a, b = world(where.world, where.nobs, reps, where.rho or 0.0, SEED)
    return list(zip(a.T, b.T, strict=True))


def three_legs(name: str, nobs: int, paths: int, seed: int) -> Array:
    """A, B and a market with one correlation matrix, shape (3, T, paths)."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(np.array([[1.0, 0.7, 0.6], [0.7, 1.0, 0.6], [0.6, 0.6, 1.0]]))
    dropped = 250 if name == GARCH else 0
    z: Array = np.einsum("ij,jtp->itp", root, rng.standard_normal((3, nobs + dropped, paths)))
    if name != NORMAL:
        df = 8.0 if dropped else 5.0
        z *= np.sqrt((df - 2.0) / rng.chisquare(df, z.shape[1:]))
    if dropped:
        variance = np.ones((3, paths))
        for t in range(z.shape[1]):
            z[:, t] *= np.sqrt(variance)
            variance = 0.03 + 0.07 * z[:, t] ** 2 + 0.90 * variance
    return z[:, dropped:]


@cache
def long_pair(name: str, rho: float) -> tuple[Array, Array]:
    """One long sample for what has no closed form."""
    a, b = world(name, LONG[0], LONG[1], rho, LONG_SEED)
    return a.T.ravel(), b.T.ravel()


def comparison(reps: int) -> Iterator[CoverageRow]:
    """The last 90 observations against those before them."""
    for where in settings():
        tally = Tally(where)
        for x, y in pairs_of(where, reps):
            parts = (x[-90:], y[-90:], x[:-90], y[:-90])
            tally.cover("recent.difference[90]", difference(*parts), 0.0)
            tally.test("recent.fisher", fisher_test(*parts))
            tally.test("recent.jennrich", jennrich_test(*parts))
        yield from tally.rows()


def given(reps: int) -> Iterator[CoverageRow]:
    """Correlation given the market, and given what is known today."""
    for name in WORLDS:
        a, b, m = (x.T.ravel() for x in three_legs(name, *LONG, LONG_SEED))
        inverse = np.linalg.inv(np.cov([a, b, m]))
        truth = float(-inverse[0, 1] / math.sqrt(inverse[0, 0] * inverse[1, 1]))
        drop = float(np.corrcoef(a, b)[0, 1]) - truth
        for nobs in SIZES:
            tally = Tally(Where(name, round(truth, 2), nobs))
            legs = [x.T for x in three_legs(name, nobs, reps, SEED)]
            for x in zip(*legs, strict=True):
                tally.cover("correlation.partial[all]", conditional.partial(*x), truth)
                fall = conditional.partial_drop(*x)
                tally.cover("correlation.partial_drop[all]", fall, drop)
            yield from tally.rows()
    for where in settings():
        tally = Tally(where)
        for a, b in pairs_of(where, reps):
            tally.cover("correlation.ewma[0.94]", conditional.ewma(a, b), where.rho or 0.0)
        yield from tally.rows()


def _exceedance_truth(za: Array, zb: Array, threshold: float) -> float:
    """Mean of both tails' correlations: the worlds are symmetric."""
    truths = []
    for sign in (1.0, -1.0):
        beyond = (sign * za > threshold) & (sign * zb > threshold)
        truths.append(np.corrcoef(za[beyond], zb[beyond])[0, 1])
    return float(np.mean(truths))


def tails(reps: int) -> Iterator[CoverageRow]:
    """Exceedance correlation, chi and chi-bar, B on A's worst days."""
    for where in settings((252, 504, 1260)):
        long_a, long_b = long_pair(where.world, where.rho or 0.0)
        za, zb = long_a / long_a.std(), long_b / long_b.std()
        low_a, low_b = np.quantile(long_a, 0.05), np.quantile(long_b, 0.05)
        below = float(np.mean((long_a > low_a) & (long_b > low_b)))
        joint = float(np.mean((long_a < low_a) & (long_b < low_b)))
        truth_chi = 2.0 - math.log(below) / math.log(0.95)
        truth_bar = 2.0 * math.log(0.05) / math.log(joint) - 1.0
        share = float(np.mean(long_b[long_a <= low_a] < 0.0))
        thresholds = {c: _exceedance_truth(za, zb, c) for c in (0.0, 0.5, 1.0, 1.5)}
        tally = Tally(where)
        for x, y in pairs_of(where, reps):
            for c, truth in thresholds.items():
                found = exceedance(x, y, threshold=c, side="lower")
                tally.cover(f"tails.exceedance_lower[{c:g}]", found, truth)
            both = chi(x, y)
            tally.cover("tails.chi_lower[0.95]", both.chi, truth_chi)
            tally.cover("tails.chibar_lower[0.95]", both.chibar, truth_bar)
            tally.cover("tails.joint_worst", joint_worst(x, y).share, share)
        yield from tally.rows()


def tail_symmetry(reps: int) -> Iterator[CoverageRow]:
    """Size in symmetric worlds, power against a Clayton copula."""
    from scipy.special import ndtri

    for where in settings((504, 1260)):
        tally = Tally(where)
        for i, (x, y) in enumerate(pairs_of(where, reps)):
            tally.test("tails.symmetry", symmetry(x, y, seed=i))
            tally.test("tails.symmetry_chi2", symmetry_chi2(x, y))
        yield from tally.rows()
    rng = np.random.default_rng(SEED)
    for nobs in (1260, 2520):
        tally = Tally(Where("iid normal margins", 0.5, nobs))
        for i in range(reps):
            u, w = rng.random((2, nobs))
            v = ((w ** (-2.0 / 3.0) - 1.0) * u**-2.0 + 1.0) ** -0.5
            x, y = ndtri([u, v])
            note = "Clayton copula, theta 2"
            tally.test("tails.symmetry", symmetry(x, y, seed=i), "power", note)
        yield from tally.rows()


def _sorted(x: Array) -> Regimes:
    labels = volatility_regimes(x)
    if isinstance(labels, NotComputed):
        raise TypeError(labels.reason)
    return labels


def regimes(reps: int) -> Iterator[CoverageRow]:
    """Correlation in terciles of volatility, and the test that they are equal."""
    names = ("low_vol", "mid_vol", "high_vol")
    for name in WORLDS:
        for rho in RHOS:
            truths: dict[str, list[float]] = {label: [] for label in names}
            long = (x.T for x in world(name, *LONG, rho, LONG_SEED))
            for x, y in zip(*long, strict=True):
                labels = _sorted(x)
                for label, values in truths.items():
                    values.append(np.corrcoef(x[labels[label]], y[labels[label]])[0, 1])
            for nobs in SIZES:
                where = Where(name, rho, nobs)
                tally = Tally(where)
                for x, y in pairs_of(where, reps):
                    labels = _sorted(x)
                    tally.test("regimes.equality", equality(x, y, labels))
                    for label, values in truths.items():
                        found = pearson_in(x, y, labels[label])
                        tally.cover(f"regimes.pearson[{label}]", found, float(np.mean(values)))
                yield from tally.rows()
    yield from _regimes_apart(reps)


def _regimes_apart(reps: int) -> Iterator[CoverageRow]:
    note = "r .85 on calm, .65 on turbulent days"
    for nobs in SIZES:
        tally = Tally(Where(GARCH, 0.85, nobs))
        a, b = (x.T for x in world(GARCH, nobs, reps, 0.0, SEED))
        for x, y in zip(a, b, strict=True):
            labels = _sorted(x)
            rho_t = np.where(labels["high_vol"], 0.65, 0.85)
            test = equality(x, rho_t * x + np.sqrt(1 - rho_t**2) * y, labels)
            tally.test("regimes.equality", test, "power", note)
        yield from tally.rows()


def contagion(reps: int) -> Iterator[CoverageRow]:
    """Adjusted less calm correlation where the link has not changed."""
    for slope in (1.2, 0.4):
        for name in WORLDS:
            for nobs in SIZES:
                a, noise = (x.T for x in world(name, nobs, reps, 0.0, SEED))
                if name == GARCH:  # the noise keeps one variance: slope and noise fixed
                    noise = student_returns(nobs, reps, rho=0.0, seed=SEED + 1, df=8.0)[0].T
                rho = round(slope / math.hypot(slope, 1.0), 2)
                tally = Tally(Where(name, rho, nobs))
                for x, e in zip(a, noise, strict=True):
                    days = turbulent_days(x)
                    if isinstance(days, NotComputed):
                        continue
                    found = forbes_rigobon(x, slope * x + e, *days).difference
                    tally.cover("contagion.difference", found, 0.0)
                yield from tally.rows()


def _moves(daily: Array) -> Array:
    return horizon_moves(np.cumprod(np.concatenate([[1.0], 1.0 + 0.01 * daily])))


def _share_between(ordered: Array, low: float | None, high: float | None) -> float:
    ends = np.array([-np.inf if low is None else low, np.inf if high is None else high])
    first, stop = np.searchsorted(ordered, ends)
    return float((stop - first) / ordered.size)


def scenario(reps: int) -> Iterator[CoverageRow]:
    """Share of future moves that the prediction interval holds."""
    for name in WORLDS:
        for rho in RHOS:
            long_a, long_b = (x.T for x in world(name, 100_000, 6, rho, LONG_SEED))
            far_a = np.concatenate([_moves(x) for x in long_a])
            far_b = np.concatenate([_moves(x) for x in long_b])
            futures = {
                move: np.sort(far_b[np.abs(far_a - move) < 0.005])
                for move in (-0.10, -0.05, 0.05, 0.10)
            }
            for nobs in SIZES:
                where = Where(name, rho, nobs)
                tally = Tally(where)
                for x, y in pairs_of(where, reps):
                    moves = _moves(x), _moves(y)
                    for move, future in futures.items():
                        found = b_given_a(*moves, move).fitted
                        held = None
                        if isinstance(found, Estimate) and found.confidence_level is not None:
                            held = _share_between(future, found.low, found.high)
                        flags = getattr(found, "flags", ())
                        key = f"scenario.b_given_a[{100 * move:.0f}]"
                        tally.note(key, "prediction", held, flags=flags)
                yield from tally.rows()


_PROGRAMS: dict[str, tuple[Callable[[int], Iterator[CoverageRow]], int]] = {
    "comparison": (comparison, 1000),
    "conditional": (given, 1000),
    "tails": (tails, 500),
    "tail_symmetry": (tail_symmetry, 300),
    "regimes": (regimes, 1500),
    "contagion": (contagion, 600),
    "scenario": (scenario, 150),
}


def _run(name: str, reps: int | None = None) -> list[CoverageRow]:
    program, usual = _PROGRAMS[name]
    return list(program(reps or usual))


SUBJECTS: dict[str, Callable[..., list[CoverageRow]]] = {
    name: partial(_run, name) for name in _PROGRAMS
}
