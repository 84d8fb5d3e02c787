"""The law of the largest of a month's looks at a constant correlation, simulated.

Returns follow the constant-correlation GARCH world with Student shocks, correlation 0.8; two
lengths of the reference sample. Other constant worlds differ little, and the table of the
digests' false signals shows by how much.
"""

from __future__ import annotations

import json
import math
import platform
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import numpy as np

from convex_research.statistics.monitoring import (
    BURN_IN,
    LOOKS,
    MIN_REFERENCE,
    REFERENCE,
    detector,
)
from convex_research.statistics.worlds import ccc_garch_returns, garch_world

__all__ = ["SEED", "write"]

SEED = 20250317
RHO = 0.8
PATHS, AT_ONCE = 200_000, 2_000
_LEADING = 79  # rows between the reference and the first look


def largest_looks(reference: int, paths: int = PATHS) -> np.ndarray:
    """Largest absolute statistic of each simulated month, ascending."""
    nobs = BURN_IN + reference + _LEADING + LOOKS
    found = []
    for chunk in range(paths // AT_ONCE):
        a, b = ccc_garch_returns(garch_world(RHO), nobs, AT_ONCE, seed=SEED + reference + chunk)
        found.append(np.abs(detector(a, b, LOOKS)).max(axis=0))
    return np.sort(np.concatenate(found))


def points(largest: np.ndarray) -> list[list[float]]:
    """Statistic and log of the share at or above it, down to 20 paths."""
    shares = [1.0, *np.exp(np.linspace(math.log(0.95), math.log(20.0 / largest.size), 40))]
    statistics = [0.0, *np.quantile(largest, 1.0 - np.array(shares[1:]))]
    return [
        [round(float(s), 4), round(math.log(p), 5)] for s, p in zip(statistics, shares, strict=True)
    ]


def write() -> int:
    """Simulate both laws and store them where the p-values are read from."""
    laws = {length: points(largest_looks(length)) for length in (MIN_REFERENCE, REFERENCE)}
    content = {
        "law": f"largest of {LOOKS} consecutive looks at a constant correlation",
        "world": f"CCC-GARCH-t8, rho {RHO}",
        "paths": PATHS,
        "seed": SEED,
        "versions": {"python": platform.python_version(), "numpy": version("numpy")},
        "laws": [{"reference": length, "points": found} for length, found in laws.items()],
    }
    folder = Path(str(resources.files("convex_research.statistics"))) / "tables"
    text = json.dumps(content, indent=1)
    (folder / "monitoring_law.json").write_text(text + "\n", encoding="ascii")
    return sum(len(found) for found in laws.values())
