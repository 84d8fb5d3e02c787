"""Likelihood of a few paired observations under a bivariate Student law, by windows.

Both scales of a window are unknown but near one, which a penalty says: quadratic near one, so that
a correlation that changed at usual volatilities is not explained away by scales, and linear far
away, so that a jump of the volatility is taken for what it is. A day on which neither leg moves at
all, a holiday or a halt, says nothing about their correlation and is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["DF", "Products", "likelihood_gain", "moving_days", "student_weights"]

DF = 8.0
"""Degrees of freedom of the Student law."""
SCALE_WIDTH = 0.03
"""Where the penalty on the mean and on half the difference of both log scales turns linear."""
_ROUNDS, _STEPS = 5, 2
_FARTHEST = 0.9999
_FEWEST = 0.5


class Products(NamedTuple):
    """Products of the legs inside each window, arrays of shape (w, ...).

    - ``aa``, ``ab``, ``bb``: squares of the first leg, cross products, squares of the second.
    """

    aa: Array
    ab: Array
    bb: Array


class _Point(NamedTuple):
    """Mean m and half difference h of both log scales, and arctanh z of the correlation."""

    m: Array
    h: Array
    z: Array


def moving_days(products: Products) -> Array:
    """Days of each window on which a leg moves."""
    return np.asarray(np.count_nonzero(products.aa + products.bb, axis=0).astype(np.float64))


def student_weights(distance: Array) -> Array:
    """(8 + 2) / (8 + squared distance)."""
    return np.asarray((DF + 2.0) / (DF + distance))


def _distance(products: Products, at: _Point) -> tuple[Array, Array]:
    """Squared distances, shape (w, ...), and the correlation."""
    rho = np.tanh(at.z)
    room = 1.0 - rho * rho
    near = np.exp(-2.0 * at.m) / room
    distance = products.aa * (near * np.exp(-2.0 * at.h))
    distance -= products.ab * (2.0 * near * rho)
    distance += products.bb * (near * np.exp(2.0 * at.h))
    return np.maximum(distance, 0.0), rho


def _pull(x: Array) -> Array:
    """Slope of the penalty at x, over x: it weakens far from zero."""
    return np.asarray(1.0 / (SCALE_WIDTH * np.sqrt(SCALE_WIDTH**2 + x * x)))


def _step(moments: Products, at: _Point, nobs: Array, *, free: bool) -> _Point:
    """One scoring step at given Student weights; ``moments`` are weighted means."""
    rho = np.tanh(at.z)
    room = 1.0 - rho * rho
    both = np.exp(-2.0 * at.m)
    aa, bb = both * np.exp(-2.0 * at.h) * moments.aa, both * np.exp(2.0 * at.h) * moments.bb
    ab = both * moments.ab
    pull_m, pull_h = _pull(at.m), _pull(at.h)
    toward_m = nobs * ((aa + bb - 2.0 * rho * ab) / room - 2.0) - at.m * pull_m
    toward_h = nobs * (aa - bb) / room - at.h * pull_h
    # Expected information of (m, z) is [[4, -2 rho], [-2 rho, 1 + rho^2]] a row; h stands alone.
    step_h = toward_h / (4.0 * nobs / room + pull_h)
    info_m = 4.0 * nobs + pull_m
    if not free:
        step_m = toward_m / info_m
        return _Point(_moved(at.m, step_m, 0.5), _moved(at.h, step_h, 0.5), at.z)
    toward_z = nobs * (rho + ab - rho * (aa - 2.0 * rho * ab + bb) / room)
    info_z, cross = nobs * (1.0 + rho * rho), -2.0 * nobs * rho
    determinant = info_m * info_z - cross * cross
    step_m = (info_z * toward_m - cross * toward_z) / determinant
    step_z = (info_m * toward_z - cross * toward_m) / determinant
    farthest = np.arctanh(_FARTHEST)
    z = np.clip(_moved(at.z, step_z, 0.6), -farthest, farthest)
    return _Point(_moved(at.m, step_m, 0.5), _moved(at.h, step_h, 0.5), z)


def _moved(x: Array, step: Array, most: float) -> Array:
    return np.asarray(x + np.clip(step, -most, most))


def likelihood_gain(products: Products, rho: Array) -> tuple[Array, Array]:
    """How much a window's own correlation adds to the penalised log-likelihood.

    Lange, Little and Taylor (1989), Journal of the American Statistical Association 84, 881-896
    (weights of the Student law); Green (1990), Journal of the Royal Statistical Society B 52,
    443-452 (penalties).

    - ``products``: of w observations a window; what the legs are divided by makes both scales near
      one.
    - ``rho``: the usual correlation; broadcast to the windows.
    - ``gain``: l at the best correlation minus l at ``rho``, each at its own best scales; at least
      0, and 0 where less than half of the days moved. With w the days that moved, l = - w (2 m +
      log(1 - rho^2) / 2) - 5 sum log(1 + d / 8) - sqrt(1 + (m / .03)^2) - sqrt(1 + (h / .03)^2), d
      the squared distances, m and h mean and half difference of the log scales.
    - ``own``: the best correlation.
    """
    shape = products.aa.shape[1:]
    nobs = moving_days(products)
    seen = nobs >= _FEWEST * products.aa.shape[0]
    nobs = np.where(seen, nobs, 1.0)
    zero = np.zeros(shape)
    clipped = np.clip(rho, -_FARTHEST, _FARTHEST)
    begin = _Point(zero, zero, np.broadcast_to(np.arctanh(clipped), shape))
    usual = _best(products, nobs, begin, free=False)
    own = _best(products, nobs, usual, free=True)
    gain = _loglik(products, nobs, own) - _loglik(products, nobs, usual)
    return np.where(seen, np.maximum(gain, 0.0), 0.0), np.tanh(own.z)


def _best(products: Products, nobs: Array, at: _Point, *, free: bool) -> _Point:
    for _ in range(_ROUNDS):
        weight = student_weights(_distance(products, at)[0])
        moments = Products(*(np.einsum("w...,w...->...", weight, x) / nobs for x in products))
        for _ in range(_STEPS):
            at = _step(moments, at, nobs, free=free)
    return at


def _loglik(products: Products, nobs: Array, at: _Point) -> Array:
    distance, rho = _distance(products, at)
    loglik = -nobs * (2.0 * at.m + 0.5 * np.log(1.0 - rho * rho))
    loglik -= 0.5 * (DF + 2.0) * np.log1p(distance / DF).sum(axis=0)
    for x in (at.m, at.h):
        loglik -= np.sqrt(1.0 + np.square(x / SCALE_WIDTH))
    return np.asarray(loglik)
