"""Simulate the law of the residual's autoregression and write the package's table of it.

For T observations, a random walk x and a spread u with u_t = phi u_(t-1) + e_t,
c = T (1 - phi): regress x + u on a constant and x, keep the residual, regress it on a
constant and its own lag, and keep t = (phi_hat - phi) / se with White's standard error.
The first regression is part of the law: at phi = 1 it moves the quantiles by half a unit
against those of Dickey and Fuller. The slope between the prices does not matter.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["write"]

SIZES = (60, 120, 252, 504, 1260, 2520)
DISTANCES = (0, 0.5, 1, 2, 3.5, 5, 7.5, 10, 15, 20, 30, 45, 65, 100, 160, 250, 400, 700, 1200, 2400)
LEVELS = (0.025, 0.05, 0.5, 0.95, 0.975)
DRAWS, CHUNK, SEED = 60_000, 1_000, 20250101
TARGET = Path(__file__).parents[2] / "statistics/tables/half_life.csv"


def spreads(phi: float, shocks: Array, first: Array) -> Array:
    """Autoregression started in its stationary law (at zero for a unit root)."""
    from scipy.signal import lfilter

    start = first / np.sqrt(1.0 - phi * phi) if phi < 1.0 else np.zeros_like(first)
    return np.asarray(lfilter([1.0], [1.0, -phi], shocks, axis=1, zi=(phi * start)[:, None])[0])


def t_ratios(u: Array, x: Array, phi: float) -> Array:
    """Studentised estimates, one a row of ``u``; rows of ``x`` are centred."""
    u = u - u.mean(axis=1, keepdims=True)
    slope = np.einsum("ij,ij->i", u, x) / np.einsum("ij,ij->i", x, x)
    resid = u - slope[:, None] * x
    lagged, now = resid[:, :-1], resid[:, 1:]
    lagged = lagged - lagged.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", lagged, lagged)
    estimate = np.einsum("ij,ij->i", lagged, now) / spread
    error = now - now.mean(axis=1, keepdims=True) - estimate[:, None] * lagged
    std_error = np.sqrt(np.einsum("ij,ij->i", lagged**2, error**2)) / spread
    return np.asarray((estimate - phi) / std_error)


def write() -> int:
    """Simulate and write the table; the number of its rows."""
    rng = np.random.default_rng(SEED)
    lines = [
        "# Quantiles of (phi_hat - phi) / se for the autoregression of a cointegrating residual.",
        (
            f"# {DRAWS} draws a row, seed {SEED}, numpy {np.__version__}; written by "
            "evidence/simulations/half_life_table.py"
        ),
        "nobs,distance," + ",".join(str(p) for p in LEVELS),
    ]
    for nobs in SIZES:
        distances = [c for c in DISTANCES if c <= nobs]
        found: dict[float, list[Array]] = {c: [] for c in distances}
        for _ in range(DRAWS // CHUNK):
            x = np.cumsum(rng.standard_normal((CHUNK, nobs)), axis=1)
            x -= x.mean(axis=1, keepdims=True)
            shocks, first = rng.standard_normal((CHUNK, nobs)), rng.standard_normal(CHUNK)
            for c in distances:
                phi = 1.0 - c / nobs
                found[c].append(t_ratios(spreads(phi, shocks, first), x, phi))
        for c in distances:
            quantiles = np.quantile(np.concatenate(found[c]), LEVELS)
            lines.append(f"{nobs},{c:g}," + ",".join(f"{q:.4f}" for q in quantiles))
    TARGET.write_text("\n".join(lines) + "\n", encoding="ascii")
    return len(lines) - 3
