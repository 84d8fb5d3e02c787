"""What rolling correlations look like when the correlation never changes.

Five years of returns with clustering volatility and heavy tails show 90-day correlations far from
their mean although nothing happened. The envelope is simulated from a constant-correlation GARCH
with Student shocks fitted to both legs, whose correlation is then moved so that its windows have
the observed windows' mean: the envelope asks about spread, not level. An observed window means
something only where it leaves the envelope.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from convex_research.core.estimates import (
    Estimate,
    Interval,
    Missing,
    NotComputed,
    TestResult,
    too_short,
)
from convex_research.statistics.dynamics.garch import GarchFit, ccc_garch, garch
from convex_research.statistics.dynamics.rolling import rolling_paths, rolling_pearson
from convex_research.statistics.inference.block_draws import drawn_pvalue
from convex_research.statistics.inference.flags import JUMPS_OUTSIDE_LAW
from convex_research.statistics.simulate.worlds import CccGarch, ccc_garch_returns
from convex_research.statistics.stability.constant_correlation import prepared_legs

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["Envelope", "rolling_envelope"]

MAX_NOBS = 1260
_SIMULATED_AT_ONCE = 1 << 18
_EVALUATED_AT_ONCE = 1 << 17
_PILOT = 1 << 16
_DIES_OUT = NotComputed(
    Missing.NO_FIT,
    "in the GARCH fitted to a leg volatility dies out, so later windows have no correlation",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Rolling correlation under constant correlation.

    - ``null_low``, ``null_high``: mean over dates of a window's two points between which
      ``confidence_level`` of its correlations lie when nothing changes.
    - ``null_min``, ``null_max``: median over paths of the smallest and largest window, with the
      range that ``confidence_level`` of paths stay in.
    - ``test_min``, ``test_max``: whether the observed extremes are lower or higher than constant
      correlation explains.
    - ``percentile``: position of the last observed window among simulated last windows, in percent.
    - ``low``, ``high`` (m,): both points for each of the m = T - window + 1 windows.
    - ``observed`` (m,): rolling correlations of the sample.
    - ``first``: position in the given arrays of the last observation of the first window.
    """

    null_low: Estimate
    null_high: Estimate
    null_min: Estimate
    null_max: Estimate
    test_min: TestResult
    test_max: TestResult
    percentile: float
    low: Array
    high: Array
    observed: Array
    first: int


def _calibrated(model: CccGarch, observed: Array, nobs: int, seed: int) -> CccGarch:
    """The model with windows whose correlation averages to the observed ones'.

    One step on Fisher's scale, from pilot paths. It matters where volatilities move apart or where
    correlation and volatility rise together.
    """
    window = nobs - observed.size + 1
    a, b = ccc_garch_returns(model, nobs, max(20, _PILOT // nobs), seed=seed)
    gap = _mean_z(observed) - _mean_z(rolling_paths(a, b, window))
    return replace(model, rho=math.tanh(math.atanh(model.rho) + gap))


def _mean_z(correlations: Array) -> float:
    return float(np.arctanh(np.clip(correlations, -0.999999, 0.999999)).mean())


def rolling_envelope(
    a: ArrayLike,
    b: ArrayLike,
    *,
    seed: int,
    window: int = 90,
    paths: int = 1000,
    legs: tuple[GarchFit, GarchFit] | None = None,
    confidence_level: float = 0.95,
) -> Envelope | NotComputed:
    """Simulate the envelope of rolling correlation for the last up to 1,260 observations.

    Not computed with fewer than three windows' length, when a leg has no GARCH fit, and when one
    does not move within a window, of the sample or of a simulated path.

    Parameters
    ----------
    paths : int
        Simulated samples.
    legs : tuple of GarchFit, optional
        Both legs fitted to exactly these last observations; fitted here by default.
    """
    if window < 3:
        raise ValueError(f"window must be at least 3, got {window}")
    x, y = (np.asarray(leg, dtype=np.float64)[-MAX_NOBS:] for leg in (a, b))
    dropped = np.size(a) - x.size
    prepared = prepared_legs(x, y)
    if isinstance(prepared, NotComputed):
        return prepared
    nobs = x.size
    if nobs < 3 * window:
        return too_short(f"{3 * window} observations for an envelope of {window}", nobs)
    fits = _fitted_legs(x, y) if legs is None else legs
    if isinstance(fits, NotComputed):
        return fits
    if any(fit.nobs != nobs for fit in fits):
        raise ValueError(f"legs must be fitted to the last {nobs} observations")
    observed = rolling_pearson(x, y, window)[window - 1 :]
    if not np.isfinite(observed).all():
        return NotComputed(
            Missing.NOT_MOVING, f"a leg does not move within a window of {window} observations"
        )
    model = _calibrated(ccc_garch(fits[0], fits[1]), observed, nobs, seed)
    low, high, extremes = _simulate(model, nobs, window, paths, seed, level=confidence_level)
    if not np.isfinite(extremes).all():
        return _DIES_OUT
    band = (float(low.mean()), float(high.mean()))
    results = _summary(extremes, observed, nobs, band, confidence_level)
    return Envelope(**results, low=low, high=high, observed=observed, first=dropped + window - 1)


def _fitted_legs(x: Array, y: Array) -> tuple[GarchFit, GarchFit] | NotComputed:
    leg_a, leg_b = garch(x), garch(y)
    if isinstance(leg_a, NotComputed):
        return leg_a
    if isinstance(leg_b, NotComputed):
        return leg_b
    return leg_a, leg_b


def _simulate(
    model: CccGarch, nobs: int, window: int, paths: int, seed: int, *, level: float
) -> tuple[Array, Array, Array]:
    """Pointwise low and high and each path's (minimum, maximum, last), shape (3, paths)."""
    wide = max(1, min(paths, _SIMULATED_AT_ONCE // nobs))
    narrow = max(1, _EVALUATED_AT_ONCE // nobs)
    seeds = np.random.SeedSequence(seed).generate_state(-(-paths // wide))
    # Four bytes suffice for quantiles that are printed with three digits, and halve memory.
    rolled = np.empty((nobs - window + 1, paths), dtype=np.float32)
    for first, piece_seed in zip(range(0, paths, wide), seeds, strict=True):
        size = min(wide, paths - first)
        a, b = ccc_garch_returns(model, nobs, size, seed=int(piece_seed), precision="single")
        for i in range(0, size, narrow):
            j = min(i + narrow, size)
            rolled[:, first + i : first + j] = rolling_paths(a[:, i:j], b[:, i:j], window)
    summary = np.stack([rolled.min(axis=0), rolled.max(axis=0), rolled[-1]]).astype(np.float64)
    tail = 0.5 * (1.0 - level) * (paths - 1)
    ranks = (round(tail), paths - 1 - round(tail))
    rolled.sort(axis=1)  # faster than finding two ranks
    low, high = (rolled[:, rank].astype(np.float64) for rank in ranks)
    return low, high, summary


class _Results(TypedDict):
    null_low: Estimate
    null_high: Estimate
    null_min: Estimate
    null_max: Estimate
    test_min: TestResult
    test_max: TestResult
    percentile: float


def _summary(
    extremes: Array, observed: Array, nobs: int, band: tuple[float, float], confidence_level: float
) -> _Results:
    """Numbers and tests from each path's (minimum, maximum, last) and the mean band."""
    minima, maxima, last = extremes
    paths = minima.size
    share = round(100.0 * confidence_level, 6)
    tail = 50.0 - share / 2.0
    law = f"{paths} paths of a constant-correlation GARCH-t fitted to both legs"

    def level(value: float, name: str) -> Estimate:
        return Estimate(value=value, method=f"{name} of a window: {law}", nobs=nobs)

    def extreme(values: Array, name: str) -> Estimate:
        ends = np.quantile(
            values, [0.5 - confidence_level / 2.0, 0.5, 0.5 + confidence_level / 2.0]
        )
        return Estimate(
            value=float(ends[1]),
            low=float(ends[0]),
            high=float(ends[2]),
            confidence_level=confidence_level,
            interval=Interval.SIMULATION,
            method=f"{name} window of a path, range of {share:g} % of paths: {law}",
            nobs=nobs,
        )

    def test(statistic: float, beyond: Array, name: str) -> TestResult:
        pvalue, bound = drawn_pvalue(int(np.count_nonzero(beyond)), paths)
        return TestResult(
            statistic=statistic,
            pvalue=pvalue,
            pvalue_bound=bound,
            null="the correlation is constant and only volatility clusters",
            alternative=f"the {name} window is more extreme than that allows",
            distribution=law,
            nobs=nobs,
            flags=(JUMPS_OUTSIDE_LAW,),
        )

    smallest, largest = float(observed.min()), float(observed.max())
    below = np.count_nonzero(last < observed[-1]) + 0.5 * np.count_nonzero(last == observed[-1])
    return _Results(
        null_low=level(band[0], f"{tail:g} % point"),
        null_high=level(band[1], f"{100.0 - tail:g} % point"),
        null_min=extreme(minima, "smallest"),
        null_max=extreme(maxima, "largest"),
        test_min=test(smallest, minima <= smallest, "smallest"),
        test_max=test(largest, maxima >= largest, "largest"),
        percentile=100.0 * float(below) / paths,
    )
