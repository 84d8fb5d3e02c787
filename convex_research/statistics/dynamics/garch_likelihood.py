"""Gaussian quasi maximum likelihood of a GARCH(1,1) in unit scale.

A pair needs six to ten of these fits. A general library takes about 20 ms for each, mostly for
numerical gradients, and seconds to import when the disk is cold; with the exact gradient a fit
takes 3 ms. The library remains the reference that the tests compare with.

The maximum is searched in (mu, log omega, p, s), p = alpha + beta and s = alpha / p. There alpha,
beta >= 0 and alpha + beta < 1 are a box, and the variables are nearly orthogonal.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["conditional_variance", "loss_and_gradient", "maximise"]

# Persistence with the values of alpha that are tried at it.
_PERSISTENCE = (0.5, 0.9, 0.98, 0.995)
_NEWS = (0.005, 0.05, 0.1, 0.2)
_LOG_OMEGA = (math.log(1e-8), math.log(10.0))
_MAX_PERSISTENCE = 1.0 - 1e-9
_BOUNDS = ((-10.0, 10.0), _LOG_OMEGA, (0.0, _MAX_PERSISTENCE), (0.0, 1.0))
# Without news the variance does not identify the memory, and short samples have several
# maxima as well: only there does the first maximum found need rivals.
_WEAK_NEWS = 0.01
_SHORT = 250
_FLAT = 1e-5  # largest slope of the mean log-likelihood at what counts as a maximum
_ROUGH, _FINE = 1e-9, 1e-12  # a search ends when a step gains less


class Maximum(NamedTuple):
    """Where the likelihood is highest, in the unit of the data."""

    mu: float
    omega: float
    alpha: float
    beta: float


def conditional_variance(
    squares: Array, *, omega: float, alpha: float, beta: float, backcast: float
) -> Array:
    """Run the variance recursion for given squared deviations.

    - ``backcast``: stands in for both e_0^2 and h_0, so that h_1 = omega + (alpha + beta)
      ``backcast``.
    """
    from scipy.signal import lfilter

    drive = np.empty_like(squares)
    drive[0] = omega + alpha * backcast
    drive[1:] = omega + alpha * squares[:-1]
    variance, _ = lfilter([1.0], [1.0, -beta], drive, zi=[beta * backcast])
    return np.asarray(variance)


def loss_and_gradient(theta: Array, unit: Array, backcast: float) -> tuple[float, Array]:
    """Mean of (log h_t + e_t^2 / h_t) / 2 and its gradient.

    With w_t the derivative of the loss by h_t, the gradient by a coefficient is sum_t w_t dh_t =
    sum_t l_t d_t: d_t is what the coefficient adds to h_t directly and l_t = w_t + beta l_{t+1},
    one filter run backwards whatever the number of coefficients.

    - ``theta`` (4,): (mu, log omega, alpha + beta, alpha / (alpha + beta)).
    """
    from scipy.signal import lfilter

    mu, log_omega, persistence, share = theta.tolist()
    omega, alpha = math.exp(log_omega), persistence * share
    beta = persistence - alpha
    deviation = unit - mu
    squares = deviation * deviation
    variance = conditional_variance(squares, omega=omega, alpha=alpha, beta=beta, backcast=backcast)
    inverse = 1.0 / variance
    ratio = squares * inverse
    loss = float(np.log(variance).sum() + ratio.sum())
    ratio -= 1.0
    ratio *= -inverse
    weight = lfilter([1.0], [1.0, -beta], ratio[::-1])[::-1]
    first, later = backcast * float(weight[0]), weight[1:]
    by_alpha = first + float(squares[:-1] @ later)
    by_beta = first + float(variance[:-1] @ later)
    by_mu = -2.0 * (alpha * float(deviation[:-1] @ later) + float(deviation @ inverse))
    gradient = np.array(
        [
            by_mu,
            omega * float(weight.sum()),
            share * by_alpha + (1.0 - share) * by_beta,
            persistence * (by_alpha - by_beta),
        ]
    )
    half = 0.5 / unit.size
    return half * loss, half * gradient


def maximise(unit: Array, backcast: float) -> Maximum | None:
    """Parameters of highest likelihood for data of zero mean and unit variance.

    1e-8 <= omega <= 10; ``None`` when no search ends where the likelihood is flat. One search
    starts at the best of a grid of coefficients with unit variance. Below 250 observations, or
    where that one ends with alpha < .01, the best start of every persistence is followed as well,
    because there are several maxima then.
    """
    starts = _starts(unit, backcast)
    best = _search(starts[0], unit, backcast, _FINE)
    settled = best is not None and best[1][2] * best[1][3] >= _WEAK_NEWS
    if not settled or unit.size < _SHORT:
        rivals = [_search(start, unit, backcast, _ROUGH) for start in starts[1:]]
        for rival in rivals:
            if rival is not None and (best is None or rival[0] < best[0]):
                best = _search(rival[1], unit, backcast, _FINE) or rival
    if best is None:
        return None
    mu, log_omega, persistence, share = best[1].tolist()
    alpha = persistence * share
    return Maximum(mu, math.exp(log_omega), alpha, max(persistence - alpha, 0.0))


def _starts(unit: Array, backcast: float) -> list[Array]:
    """Best grid point of each persistence, the best of all first."""
    squares = unit * unit
    tried = []
    for persistence in _PERSISTENCE:
        losses = []
        for alpha in _NEWS:
            variance = conditional_variance(
                squares,
                omega=1.0 - persistence,
                alpha=alpha,
                beta=persistence - alpha,
                backcast=backcast,
            )
            losses.append(float(np.log(variance).sum() + (squares / variance).sum()))
        least = int(np.argmin(losses))
        start = (0.0, math.log(1.0 - persistence), persistence, _NEWS[least] / persistence)
        tried.append((losses[least], start))
    return [np.array(start) for _, start in sorted(tried)]


def _search(start: Array, unit: Array, backcast: float, gain: float) -> tuple[float, Array] | None:
    """Loss and position where a search ends, if that is a minimum."""
    from scipy.optimize import minimize

    optimum = minimize(
        loss_and_gradient,
        start,
        args=(unit, backcast),
        jac=True,
        method="SLSQP",  # L-BFGS-B wakes BLAS threads at every step, which costs more than the fit
        bounds=_BOUNDS,
        options={"ftol": gain, "maxiter": 500},
    )
    if not math.isfinite(optimum.fun):
        return None
    low, high = np.array(_BOUNDS).T
    # What is left of a downhill step of length one inside the box.
    step = np.clip(optimum.x - optimum.jac, low, high) - optimum.x
    flat = bool(optimum.success) or float(np.abs(step).max()) <= _FLAT
    return (float(optimum.fun), optimum.x) if flat else None
