"""Correlation matrices for those who invert them: shrunk, cleaned, and positive definite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.inference.jackknife import standardised

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["cleaned", "ledoit_wolf", "positive_definite"]

_LEAST = 1e-8


def ledoit_wolf(returns: Array) -> tuple[Array, float]:
    """Correlation matrix shrunk towards the identity, and by how much.

    (1 - d) R + d I of standardised returns, d = min(b^2, e^2) / e^2, e^2 = ||R - m I||^2 / M, b^2 =
    sum_t ||u_t u_t' - R||^2 / (M n^2), m the mean of the diagonal. Ledoit and Wolf (2004), Journal
    of Multivariate Analysis 88, 365-411.

    - ``returns`` (M, n).
    """
    u = standardised(returns)
    legs, nobs = u.shape
    matrix = u @ u.T / nobs
    away = float(np.square(matrix - np.eye(legs)).sum()) / legs
    # ||u u' - R||^2 = (u'u)^2 - 2 u'Ru + ||R||^2, and the mean of u'Ru is ||R||^2.
    lengths = np.einsum("it,it->t", u, u)
    noise = (float(lengths @ lengths) / nobs - float(np.square(matrix).sum())) / (legs * nobs)
    share = min(noise / away, 1.0) if away > 0.0 else 1.0
    return (1.0 - share) * matrix + share * np.eye(legs), share


def cleaned(matrix: Array, nobs: int) -> Array:
    """Correlation matrix whose eigenvalues within noise are one: those below the edge averaged.

    The edge is (1 + sqrt(M / n))^2 of Marchenko and Pastur, that of legs without any link; the
    diagonal is made one again. Laloux et al. (1999), Physical Review Letters 83, 1467-1470.
    """
    legs = matrix.shape[0]
    values, vectors = np.linalg.eigh(matrix)
    noise = values < (1.0 + np.sqrt(legs / nobs)) ** 2
    if noise.any():
        values[noise] = values[noise].mean()
    return _correlation((vectors * np.maximum(values, _LEAST)) @ vectors.T)


def positive_definite(matrix: Array) -> Array:
    """The matrix with eigenvalues of at least 1e-8, as one of pairs with own histories may lack."""
    values, vectors = np.linalg.eigh(matrix)
    if values[0] >= _LEAST:
        return matrix
    return _correlation((vectors * np.maximum(values, _LEAST)) @ vectors.T)


def _correlation(covariance: Array) -> Array:
    scale = np.sqrt(np.diag(covariance))
    made = covariance / np.outer(scale, scale)
    np.fill_diagonal(made, 1.0)
    return np.asarray(0.5 * (made + made.T))
