"""Simulate the fixed-b limit law and write the package's table of it.

The law is W(1) / sqrt(Q(b)): W(1) is standard normal and independent of Q(b), which depends
on the Brownian bridge alone. Hence P(|t| > x) = E[2 Phi(-x sqrt(Q(b)))], and only Q(b) is
drawn: the mean over draws of a smooth function is far less noisy than counting exceedances.

On a grid of N steps Q(b) is the quadratic form u'Ku / N of the demeaned normal vector u with
Bartlett weights K, that is a sum of chi-squares weighted by the eigenvalues of MKM / N. The
same chi-squares serve every b, so that the table is smooth in b.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["write"]

STEPS, DRAWS, CHUNK, SEED = 2000, 200_000, 4_000, 20050905
SHARES = np.concatenate(
    [
        np.arange(1, 10) * 0.005,
        np.arange(5, 15) * 0.01,
        [0.15, 0.17, 0.2, 0.225, 0.25, 0.275],
        np.arange(6, 21) * 0.05,
    ]
).round(4)
STATISTICS = np.concatenate(
    [np.arange(0.1, 6.0, 0.1), np.arange(6.0, 12.0, 0.25), np.arange(12.0, 40.1, 1.0)]
).round(4)
TARGET = Path(__file__).parents[2] / "statistics/tables/fixed_b_bartlett.csv"


def eigenvalues(share: float) -> Array:
    """Weights of the chi-squares in Q(b), shape (STEPS,)."""
    from scipy.linalg import eigvalsh, toeplitz

    kernel = toeplitz(np.maximum(1.0 - np.arange(STEPS) / (share * STEPS), 0.0))
    kernel -= kernel.mean(axis=0)
    kernel -= kernel.mean(axis=1, keepdims=True)
    return np.asarray(np.maximum(eigvalsh(kernel / STEPS), 0.0))


def write() -> int:
    """Simulate and write the table; the number of its rows."""
    from scipy.special import log_ndtr, ndtri_exp

    weights = np.stack([eigenvalues(share) for share in SHARES], axis=1)
    rng = np.random.default_rng(SEED)
    total = np.zeros((SHARES.size, STATISTICS.size))
    for _ in range(DRAWS // CHUNK):
        chi_squares = rng.standard_normal((CHUNK, STEPS)) ** 2
        root = np.sqrt(chi_squares @ weights)
        for i in range(SHARES.size):
            tail = log_ndtr(-np.multiply.outer(STATISTICS, root[:, i]))
            total[i] += 2.0 * np.exp(tail).sum(axis=1)
    log_p = np.log(total / DRAWS)
    # Stored as the normal deviate with the same two-sided tail: nearly linear in t.
    deviates = -ndtri_exp(log_p - np.log(2.0))
    title = "two-sided normal deviate of P(|t| > x); rows b, columns x"
    lines = [
        f"# {title}; N={STEPS}, draws={DRAWS}, seed={SEED}, numpy {np.__version__}",
        "b," + ",".join(f"{x:g}" for x in STATISTICS),
    ]
    lines += [
        f"{b:g}," + ",".join(f"{z:.5f}" for z in row)
        for b, row in zip(SHARES, deviates, strict=True)
    ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="ascii")
    return len(lines) - 2
