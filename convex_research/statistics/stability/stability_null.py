"""What the stability tests look like when nothing changes but volatility.

With clustering volatility the tests' textbook laws reject too often: the slope of A on B is
rho sqrt(h_a / h_b), which moves although the correlation does not. So the same statistics
are computed on paths of a constant-correlation GARCH fitted to the pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.simulate.worlds import CccGarch, ccc_garch_returns
from convex_research.statistics.stability.constant_correlation import wied_lag, wied_statistics
from convex_research.statistics.stability.regression_stability import (
    newey_west_lag,
    score_forms,
    sup_path,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["StabilityNull", "default_paths", "stability_null"]

_SIMULATED_AT_ONCE = 1 << 18  # values a leg: 2 MB
_FEWEST_AT_ONCE = 32  # paths: the recursion's steps cost as much for one path as for these
_EVALUATED_AT_ONCE = 1 << 16  # statistics make ten arrays of this size: they stay in the cache


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityNull:
    """Sorted statistics of simulated samples, all from the same paths.

    Parameters
    ----------
    wied_log, wied_sqrt : array, shape (paths,)
        Correlation test with lag [log T] - 1 and floor(1.3 sqrt(T)).
    sup_f, nyblom : array, shape (paths,)
        Regression tests with the default lag.
    """

    wied_log: Array
    wied_sqrt: Array
    sup_f: Array
    nyblom: Array


def default_paths(nobs: int) -> int:
    """Paths that a fixed effort allows: 399 up to 1,263 observations, never below 199."""
    return max(199, min(399, 504_000 // nobs))


def stability_null(
    model: CccGarch, nobs: int, *, seed: int, paths: int | None = None
) -> StabilityNull:
    """Simulate the stability statistics under constant correlation.

    Parameters
    ----------
    model : CccGarch
        The null, usually :func:`~convex_research.statistics.dynamics.garch.ccc_garch` of the pair.
    nobs : int
        Length of the sample that is tested.
    seed : int
        Seed of the draws.
    paths : int, optional
        Simulated samples, :func:`default_paths` by default. The smallest p-value is
        1 / (paths + 1).

    Returns
    -------
    StabilityNull
    """
    count = default_paths(nobs) if paths is None else paths
    lags = (wied_lag(nobs, "log"), wied_lag(nobs, "1.3sqrt"))
    wide = min(count, max(_FEWEST_AT_ONCE, _SIMULATED_AT_ONCE // nobs))
    narrow = max(1, _EVALUATED_AT_ONCE // nobs)
    seeds = np.random.SeedSequence(seed).generate_state(-(-count // wide))
    pieces = []
    for first, piece_seed in zip(range(0, count, wide), seeds, strict=True):
        size = min(wide, count - first)
        a, b = ccc_garch_returns(model, nobs, size, seed=int(piece_seed), precision="single")
        pieces += [
            _statistics(a[:, i : i + narrow], b[:, i : i + narrow], lags)
            for i in range(0, size, narrow)
        ]
    log, sqrt, sup, wander = np.sort(np.concatenate(pieces, axis=1).astype(np.float64), axis=1)
    return StabilityNull(wied_log=log, wied_sqrt=sqrt, sup_f=sup, nyblom=wander)


def _statistics(a: Array, b: Array, lags: tuple[int, int]) -> Array:
    """The four statistics of every path, shape (4, paths)."""
    nobs = a.shape[0]
    forms = score_forms(a, b, newey_west_lag(nobs))
    path, _ = sup_path(forms)
    return np.vstack([wied_statistics(a, b, lags), path.max(axis=0), forms.sum(axis=0) / nobs**2])
