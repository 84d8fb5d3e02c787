"""The law of one look at a constant correlation, simulated.

It depends little on how returns are distributed and on the correlation itself, but far out in
the tail that little counts. So it is tabulated by the correlation, and each law is that of an
equal mixture of three constant worlds: constant-correlation GARCH with Student shocks, normal
returns, and Student returns with five degrees of freedom. Where one of them is the truth, the
p-value is too small or too large by the share that its tail has in the mixture: at most three
times too small, in fact less than twice; the simulation of digests shows what remains of it.
Below one in a hundred the log of the share is a straight line in the squared statistic, fitted
to quantiles down to thirty paths. All looks of a simulated month count alike.
"""

from __future__ import annotations

import json
import math
import platform
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.statistics.simulate import worlds
from convex_research.statistics.stability.monitoring import (
    BURN_IN,
    LOOKS,
    MIN_REFERENCE,
    REFERENCE,
    detector,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["SEED", "write"]

SEED = 20250317
CORRELATIONS = (0.0, 0.5, 0.8, 0.92, 0.98)
WORLDS = ("CCC-GARCH-t8", "normal", "t5")
PATHS, AT_ONCE = 24_000, 2_000
_LEADING = 79  # rows between the reference and the first look
_STRAIGHT = 0.01  # share below which the tail is a straight line
_LEAST = 30  # paths that the last quantile fitted leaves
_END = 1e-8


def _returns(world: str, rho: float, nobs: int, seed: int) -> tuple[Array, Array]:
    if world == "normal":
        return worlds.normal_returns(nobs, AT_ONCE, rho=rho, seed=seed)
    if world == "t5":
        return worlds.student_returns(nobs, AT_ONCE, rho=rho, df=5.0, seed=seed)
    return worlds.ccc_garch_returns(worlds.garch_world(rho), nobs, AT_ONCE, seed=seed)


def all_looks(world: str, rho: float, reference: int, paths: int = PATHS) -> Array:
    """Absolute statistics of all looks of each simulated month."""
    nobs = BURN_IN + reference + _LEADING + LOOKS
    first = SEED + 100_000 * WORLDS.index(world) + 10 * reference + round(1e6 * rho)
    found = []
    for chunk in range(paths // AT_ONCE):
        a, b = _returns(world, rho, nobs, first + chunk)
        found.append(np.abs(detector(a, b, LOOKS)).ravel())
    return np.concatenate(found)


def points(sizes: Array) -> list[list[float]]:
    """Statistic and log of the share at or above it; the last two give the straight line."""
    shares = np.array([*np.exp(np.linspace(math.log(0.95), math.log(_STRAIGHT), 24))])
    statistics = np.quantile(sizes, 1.0 - shares)
    far = np.exp(np.linspace(math.log(_STRAIGHT), math.log(_LEAST * LOOKS / sizes.size), 16))[1:]
    across = np.square(np.quantile(sizes, 1.0 - far)) - statistics[-1] ** 2
    down = np.log(far) - math.log(_STRAIGHT)
    slope = float(across @ down / (across @ across))
    end = math.sqrt(statistics[-1] ** 2 + (math.log(_END) - math.log(_STRAIGHT)) / slope)
    known = [(0.0, 1.0), *zip(statistics, shares, strict=True), (end, _END)]
    return [[round(float(s), 4), round(math.log(p), 5)] for s, p in known]


def write() -> int:
    """Simulate all laws and store them where the p-values are read from."""
    laws: list[dict[str, Any]] = []
    for length in (MIN_REFERENCE, REFERENCE):
        for rho in CORRELATIONS:
            mixed = np.concatenate([all_looks(world, rho, length) for world in WORLDS])
            laws.append({"reference": length, "rho": rho, "points": points(mixed)})
    content = {
        "law": "one look at a constant correlation",
        "worlds": WORLDS,
        "paths": PATHS * len(WORLDS),
        "seed": SEED,
        "versions": {"python": platform.python_version(), "numpy": version("numpy")},
        "laws": laws,
    }
    folder = Path(str(resources.files("convex_research.statistics"))) / "tables"
    text = json.dumps(content, indent=1)
    (folder / "monitoring_law.json").write_text(text + "\n", encoding="ascii")
    return sum(len(one["points"]) for one in laws)
