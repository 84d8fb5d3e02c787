"""Second stage of DCC(1,1): the correlation path, its likelihood and its scores.

With d_t = Q_t - Qbar the recursion is d_{t+1} = a (z_t z_t' - Qbar) + b d_t from d_1 = 0. Hence d =
a g with g one linear filter of the products, d's derivative by a is g and that by b is the same
filter applied to d once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["correlation_path", "second_stage"]


def _delayed(x: Array, b: float) -> Array:
    """Filter y_{t+1} = x_t + b y_t, y_1 = 0, along the last axis."""
    from scipy.signal import lfilter

    return np.asarray(lfilter([0.0, 1.0], [1.0, -b], x, axis=-1))


def _surprises(za: Array, zb: Array, target: float) -> Array:
    """Products z z' minus their target: rows 11, 22, 12."""
    return np.stack([za * za - 1.0, zb * zb - 1.0, za * zb - target])


def correlation_path(za: Array, zb: Array, a: float, b: float, target: float) -> Array:
    """Conditional correlations of DCC(1,1), and the one after the sample.

    Reaction ``a`` and memory ``b`` are at least 0, a + b < 1. Element t of T + 1 uses residuals
    before t only.

    - ``za``, ``zb``: standardised residuals.
    - ``target``: off-diagonal element of Qbar; its diagonal is one.
    """
    surprises = np.pad(_surprises(za, zb, target), ((0, 0), (0, 1)))
    q11, q22, q12 = a * _delayed(surprises, b) + np.array([[1.0], [1.0], [target]])
    return np.asarray(q12 / np.sqrt(q11 * q22))


def second_stage(za: Array, zb: Array, a: float, b: float, target: float) -> tuple[float, Array]:
    """Log-likelihood of the second stage and its scores by (a, b).

    - ``value``: -1/2 sum [log(1 - r^2) + (za^2 + zb^2 - 2 r za zb) / (1 - r^2) - za^2 - zb^2].
    - ``scores`` (2, T): derivatives of each term by a and by b.
    """
    by_a = _delayed(_surprises(za, zb, target), b)
    deviation = a * by_a
    by_b = _delayed(deviation, b)
    q11, q22, q12 = deviation + np.array([[1.0], [1.0], [target]])
    root = np.sqrt(q11 * q22)
    rho = q12 / root
    rest = 1.0 - rho * rho
    squares, product = za * za + zb * zb, za * zb
    form = (squares - 2.0 * rho * product) / rest
    value = -0.5 * float(np.sum(np.log(rest) + form - squares))
    by_rho = (rho + product - rho * form) / rest
    scores = np.stack(
        [by_rho * (dq[2] / root - 0.5 * rho * (dq[0] / q11 + dq[1] / q22)) for dq in (by_a, by_b)]
    )
    return value, scores
