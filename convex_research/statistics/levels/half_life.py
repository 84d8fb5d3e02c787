"""Half-life of the spread between two cointegrated log prices.

Near a unit root the autoregressive coefficient is biased towards zero and its t ratio is far from
normal, and that the spread was estimated makes it worse. The interval inverts the exact law of the
t ratio, simulated with the estimation of the spread as a part of it.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed
from convex_research.statistics.inference.flags import SMALL_SAMPLE
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    unusable,
)
from convex_research.statistics.levels.cointegration import cointegrating_residual

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["half_life", "persistence_interval"]

_COLUMNS = {0.95: (1, 5), 0.90: (2, 4)}
_GRID = 401
_ENOUGH = 504


@cache
def _table() -> dict[int, Array]:
    """For each sample size the rows c = T (1 - phi), then the quantiles of the t ratio."""
    from importlib.resources import files

    source = files("convex_research.statistics") / "tables" / "half_life.csv"
    with source.open(encoding="ascii") as lines:
        _, *rows = (line.split(",") for line in lines if not line.startswith("#"))
    values = np.array([[float(x) for x in row] for row in rows])
    return {int(n): values[values[:, 0] == n, 1:] for n in np.unique(values[:, 0])}


def _quantiles(phi: Array, nobs: int, column: int) -> Array:
    """Quantile of the t ratio at each phi, between the table's sample sizes linear in 1 / T."""
    distance = nobs * (1.0 - phi)

    def at(size: int) -> Array:
        rows = _table()[size]
        return np.asarray(np.interp(np.log1p(distance), np.log1p(rows[:, 0]), rows[:, column]))

    sizes = sorted(_table())
    above = next((s for s in sizes if s >= nobs), sizes[-1])
    below = max((s for s in sizes if s <= nobs), default=sizes[0])
    if above <= below:
        return at(below)
    weight = (1.0 / below - 1.0 / nobs) / (1.0 / below - 1.0 / above)
    return (1.0 - weight) * at(below) + weight * at(above)


def persistence_interval(
    phi: float, std_error: float, nobs: int, *, confidence_level: float = 0.95
) -> tuple[float, float]:
    """Interval of the autoregressive coefficient phi of an estimated spread, at 90 or 95 %.

    All values in [0, 1] that an equal-tailed test does not reject: the high end is 1 when a unit
    root is not rejected, and both are 1 when nothing below is accepted. ``std_error`` is White's,
    with an intercept. Hansen (1999), Review of Economics and Statistics 81, 594-607 (the
    principle); Andrews (1993), Econometrica 61, 139-165.
    """
    columns = _COLUMNS.get(round(confidence_level, 6))
    if columns is None:
        raise ValueError(f"no quantiles for confidence level {confidence_level}")
    # Equal steps in log distance from one: as fine near a unit root as the half-life needs.
    distance = np.expm1(np.linspace(0.0, math.log1p(nobs), _GRID))
    grid = 1.0 - distance / nobs
    t = (phi - grid) / std_error
    lower, upper = (_quantiles(grid, nobs, column) for column in columns)
    # t falls and the quantiles fall as phi rises; each margin changes its sign once.
    return _crossing(grid, t - upper), _crossing(grid, t - lower)


def _crossing(grid: Array, margin: Array) -> float:
    """Where the margin, rising from the left end (phi = 1) on, passes zero; 1 or 0 if nowhere."""
    if margin[0] >= 0.0:
        return 1.0
    positive = np.flatnonzero(margin >= 0.0)
    if positive.size == 0:
        return 0.0
    i = int(positive[0])
    share = margin[i - 1] / (margin[i - 1] - margin[i])
    return float(grid[i - 1] + share * (grid[i] - grid[i - 1]))


def half_life(
    log_a: ArrayLike, log_b: ArrayLike, *, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Half-life of the Engle-Granger residual, in observations.

    ln 2 / -ln(phi), phi from the regression of the residual on a constant and its own lag. The
    interval inverts the simulated law of phi's t ratio (White's standard error); it is open above
    when a unit root is not rejected. The value is biased down, more so the longer the half-life, so
    that it may be the interval's low end.
    """
    y, x = as_pair(log_a, log_b)
    if (reason := unusable(y, x, min_nobs=MIN_NOBS_TEST)) is not None:
        return reason
    if round(confidence_level, 6) not in _COLUMNS:
        text = "the law of its interval is tabulated for 90 and 95 % only"
        return NotComputed(Missing.LEVEL, text)
    resid = cointegrating_residual(y, x)
    if resid is None:
        text = "the two prices move in exact proportion, so there is no spread"
        return NotComputed(Missing.EXACT, text)
    phi, std_error = _autoregression(resid)
    beyond = phi >= 1.0 or phi**y.size > 0.5  # a half-life beyond the sample is one of nothing
    if beyond or phi <= 0.0:
        why = "does not revert in this sample" if beyond else "reverts within one observation"
        return NotComputed(Missing.UNDEFINED, f"the spread {why}: it has no half-life")
    if std_error <= 1e-12:
        return NotComputed(Missing.EXACT, "the spread is predicted without error")
    low_phi, high_phi = persistence_interval(
        phi, std_error, y.size, confidence_level=confidence_level
    )
    value = _half_life_of(phi)
    unbounded = high_phi >= 1.0
    return Estimate(
        value=value,
        std_error=value * value * std_error / (phi * math.log(2.0)),
        low=min(_half_life_of(low_phi), value) if low_phi < 1.0 else value,
        high=None if unbounded else max(_half_life_of(high_phi), value),
        bound="unbounded" if unbounded else None,
        confidence_level=confidence_level,
        interval=Interval.TEST_INVERSION,
        method=(
            f"ln 2 / -ln(phi), phi {phi:.4f} of the Engle-Granger residual; test inversion"
            " with the simulated law of phi's t ratio (standard error by the delta method)"
        ),
        nobs=y.size,
        unit="observations",
        # 92 % instead of 95 when the spread moves with B and volatility clusters.
        flags=(SMALL_SAMPLE,) if y.size < _ENOUGH else (),
    )


def _half_life_of(phi: float) -> float:
    return math.log(2.0) / -math.log(phi) if phi > 0.0 else 0.0


def _autoregression(resid: Array) -> tuple[float, float]:
    """Coefficient of a series on its own lag with intercept, and White's standard error."""
    unit = resid / float(np.abs(resid).max())
    lagged, now = unit[:-1] - unit[:-1].mean(), unit[1:] - unit[1:].mean()
    spread = float(lagged @ lagged)
    phi = float(lagged @ now) / spread
    scores = lagged * (now - phi * lagged)
    return phi, math.sqrt(float(scores @ scores)) / spread
