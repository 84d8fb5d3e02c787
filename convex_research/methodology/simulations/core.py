"""Coverage of the intervals of correlation, beta and volatility.

A fourth world has ties: t5 rounded to half a standard deviation, a third of the first leg's
moves replaced by zero. Truths without a closed form come from one long simulation. In the
GARCH world a window also has a truth of its own: its sum of conditional covariances over
(roots of) sums of conditional variances. That is beta's estimand; for r and volatility both
truths are counted.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from convex_research.methodology.simulations.tally import GARCH, NORMAL, T5, Tally, Where, world
from convex_research.statistics.dependence.correlation import kendall, pearson, spearman
from convex_research.statistics.dependence.regression import beta
from convex_research.statistics.single.volatility import volatility

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.estimates import Estimate, NotComputed
    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow

    Maker = Callable[[Array, Array], Estimate | NotComputed]

__all__ = ["LONG_RUN", "OWN", "SEED", "SUBJECTS", "TIES", "coverage", "truths"]

SEED, WARM_UP = 90210, 300
TIES = "iid t5 with ties"
OWN = "the window's own value"
LONG_RUN = "the long run's level"
SIZES = (90, 252, 1260)
RUNS, BOOTSTRAP_RUNS = 2500, 600

# Estimator, record key and variant by the name that callers pick it with.
MAKERS: dict[str, tuple[Maker, str, str]] = {
    "pearson": (pearson, "correlation.pearson[all]", ""),
    "pearson 90": (
        lambda a, b: pearson(a, b, confidence_level=0.90),
        "correlation.pearson[all]",
        "",
    ),
    "fisher": (
        lambda a, b: pearson(a, b, interval="fisher"),
        "correlation.pearson[all]",
        "Fisher's interval, for comparison",
    ),
    "bootstrap": (
        lambda a, b: pearson(a, b, interval="bootstrap"),
        "correlation.pearson[all]",
        "stationary bootstrap, for comparison",
    ),
    "spearman": (spearman, "correlation.spearman[all]", ""),
    "kendall": (kendall, "correlation.kendall[all]", ""),
    "beta": (beta, "regression.beta[all]", ""),
    "volatility": (lambda a, _: volatility(a), "volatility.daily_a[all]", ""),
}
PEARSON = ("pearson", "fisher", "bootstrap")


def draw(
    name: str, nobs: int, paths: int, *, rho: float, seed: int
) -> tuple[Array, Array, Array | None]:
    """Returns of both legs and, in the GARCH world, conditional variances (2, T, paths)."""
    if name in {NORMAL, T5}:
        return (*world(name, nobs, paths, rho=rho, seed=seed), None)
    if name == TIES:
        a, b = world(T5, nobs, paths, rho=rho, seed=seed)
        a[np.random.default_rng(seed + 1).random(a.shape) < 1 / 3] = 0.0
        return np.round(2 * a) / 2, np.round(2 * b) / 2, None
    a, b = world(GARCH, nobs + WARM_UP, paths, rho=rho, seed=seed)
    h = np.ones((2, *a.shape))
    for t in range(len(a) - 1):
        for leg, x in enumerate((a, b)):
            h[leg, t + 1] = 0.03 + 0.07 * x[t] ** 2 + 0.90 * h[leg, t]
    return a[WARM_UP:], b[WARM_UP:], h[:, WARM_UP:]


def sign_concordance(a: Array, b: Array) -> float:
    """Kendall's tau-b of the law the paths are drawn from, by pairs of independent paths."""
    half = a.shape[1] // 2
    da, db = (np.sign(x[:, :half] - x[:, half : 2 * half]) for x in (a, b))
    return float(np.mean(da * db) / math.sqrt(float(np.mean(da**2) * np.mean(db**2))))


@cache
def truths(name: str, rho: float) -> dict[str, float]:
    """What the statistics estimate, exactly where it is known, by the statistic's name."""
    from scipy.stats import rankdata

    kendall_of_ellipse = 2 / math.pi * math.asin(rho)
    if name == NORMAL:
        rank = 6 / math.pi * math.asin(rho / 2)
        return {
            "pearson": rho,
            "spearman": rank,
            "kendall": kendall_of_ellipse,
            "volatility": 1.0,
            "beta": rho,
        }
    # Few dates of many paths: the paths are independent.
    a, b, _ = draw(name, 1000, 8000, rho=rho, seed=SEED)
    ranks = [rankdata(x[::2]) for x in (a, b)]
    found = {
        "pearson": float(np.corrcoef(a.ravel(), b.ravel())[0, 1]),
        "spearman": float(np.corrcoef(*ranks)[0, 1]),
        "kendall": sign_concordance(a, b),
        "volatility": float(a.std()),
        "beta": float(np.cov(a.ravel(), b.ravel())[0, 1] / b.var()),
    }
    if name == T5:
        found |= {"pearson": rho, "kendall": kendall_of_ellipse}
    if name in {T5, GARCH}:
        found["volatility"] = 1.0
    return found


def targets(name: str, rho: float, h: Array | None, path: int) -> dict[str, dict[str, float]]:
    """Truths by statistic and variant: the law's, and the window's own where it has one."""
    by_name = {statistic: {"": value} for statistic, value in truths(name, rho).items()}
    if h is not None:
        first, second = h[0, :, path], h[1, :, path]
        shared = rho * float(np.sqrt(first * second).sum())
        by_name["beta"] = {OWN: shared / float(second.sum())}
        by_name["pearson"][OWN] = shared / math.sqrt(float(first.sum() * second.sum()))
        by_name["volatility"] = {LONG_RUN: 1.0, OWN: math.sqrt(float(first.mean()))}
    return by_name


def coverage(
    name: str, nobs: int, *, rho: float, runs: int, methods: tuple[str, ...]
) -> list[CoverageRow]:
    """Achieved coverage, one row a method and truth.

    Parameters
    ----------
    name : str
        World.
    nobs, runs : int
        Length and number of samples.
    rho : float
        Correlation.
    methods : tuple of str
        Names in ``MAKERS``, all of one level.
    """
    a, b, h = draw(name, nobs, runs, rho=rho, seed=SEED + nobs)
    tally = Tally(Where(name, rho, nobs))
    for path in range(runs):
        x, y = np.ascontiguousarray(a[:, path]), np.ascontiguousarray(b[:, path])
        known = targets(name, rho, h, path)
        for method in methods:
            maker, key, variant = MAKERS[method]
            estimate = maker(x, y)
            statistic = "pearson" if method in {*PEARSON, "pearson 90"} else method
            for own, truth in known[statistic].items():
                note = "; ".join(part for part in (variant, own) if part)
                tally.cover(key, estimate, truth, note)
    return tally.rows(0.90 if methods == ("pearson 90",) else 0.95)


def _subject(name: str) -> list[CoverageRow]:
    """Everything about one world."""
    rows: list[CoverageRow] = []
    for nobs in SIZES:
        if name == TIES:
            rows += coverage(name, nobs, rho=0.5, runs=RUNS, methods=("pearson", *RANKS))
            continue
        rest = ("pearson", "fisher", *RANKS, "beta", "volatility")
        rows += coverage(name, nobs, rho=0.5, runs=RUNS, methods=rest)
        rows += coverage(name, nobs, rho=0.85, runs=RUNS, methods=("pearson", "fisher"))
        for rho in (0.5, 0.85):
            rows += coverage(name, nobs, rho=rho, runs=RUNS, methods=("pearson 90",))
        rows += coverage(name, nobs, rho=0.5, runs=BOOTSTRAP_RUNS, methods=("bootstrap",))
    return rows


RANKS = ("spearman", "kendall")
SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "core_normal": lambda: _subject(NORMAL),
    "core_t5": lambda: _subject(T5),
    "core_garch": lambda: _subject(GARCH),
    "core_ties": lambda: _subject(TIES),
}
