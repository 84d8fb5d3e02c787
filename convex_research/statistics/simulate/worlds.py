"""Simulated worlds: what a statistic is held against, and what a null is drawn from.

Four worlds have a constant correlation by construction: independent normal returns, independent
Student returns, returns whose variances follow a GARCH(1,1) each while the standardised shocks keep
one correlation (Bollerslev 1990), and returns whose volatility is drawn beside the shocks, most of
it common to both legs. Whatever moves in a rolling or recursive correlation there is sampling
noise.

Both legs are time-major, shape (T, paths): a time step is contiguous, so that recursions and prefix
sums over time run over whole rows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.random import Generator

    from convex_research.core.typing import Array

__all__ = [
    "CccGarch",
    "ccc_garch_returns",
    "garch_volatility",
    "garch_world",
    "mixing_factors",
    "normal_returns",
    "student_returns",
    "sv_returns",
]

Precision = Literal["double", "single"]

_DTYPES: dict[Precision, Any] = {"double": np.float64, "single": np.float32}
_NORMAL_DF = 200.0
_MIXING_SIZE = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CccGarch:
    """Two GARCH(1,1) legs with Student shocks and one constant correlation.

    Leg i follows x_t = sqrt(h_t) z_t, h_{t+1} = omega + (alpha z_t^2 + beta) h_t, in any unit. The
    shocks are correlated normals times mixing factors sqrt((df - 2) / chi2_df); both factors are
    driven by one uniform draw, so that equal degrees of freedom give the bivariate Student law and
    each leg has exactly its own degrees of freedom. Bollerslev (1990), Review of Economics and
    Statistics 72, 498-505.

    Parameters
    ----------
    omega, alpha, beta, df : tuple of float
        One value a leg; df >= 200 is taken as normal.
    rho : float
        Correlation of the normals behind the shocks, in (-1, 1).
    start : tuple of float
        First conditional variance of each leg.
    """

    omega: tuple[float, float]
    alpha: tuple[float, float]
    beta: tuple[float, float]
    df: tuple[float, float]
    rho: float
    start: tuple[float, float]


def garch_world(rho: float) -> CccGarch:
    """Give the reference world: omega .03, alpha .07, beta .90, t8 shocks, unit variance a leg."""
    return CccGarch(
        omega=(0.03, 0.03),
        alpha=(0.07, 0.07),
        beta=(0.90, 0.90),
        df=(8.0, 8.0),
        rho=rho,
        start=(1.0, 1.0),
    )


def _correlated(
    rho: float, nobs: int, paths: int, rng: Generator, precision: Precision = "double"
) -> Array:
    """Draw standard normals with correlation ``rho``, shape (T, 2, paths)."""
    z: Array = rng.standard_normal((nobs, 2, paths), dtype=_DTYPES[precision])
    z[:, 1] *= math.sqrt(1.0 - rho * rho)
    z[:, 1] += rho * z[:, 0]
    return z


@lru_cache(maxsize=8)
def mixing_factors(df: float) -> Array:
    """Values of sqrt((df - 2) / chi2_df) at 65,536 equally likely midpoints, mean square 1.

    Decreasing. Drawing an index is a hundred times cheaper than drawing a gamma variate; the tail
    beyond 1 in 131,072 is cut, far outside any path used here.
    """
    from scipy.special import chdtri, expit

    nodes = np.linspace(-14.0, 14.0, 561)
    levels = (np.arange(_MIXING_SIZE) + 0.5) / _MIXING_SIZE
    logits = np.log(levels / (1.0 - levels))
    log_chi2 = np.log(chdtri(df, expit(-nodes)))  # chdtri takes the upper tail
    factors = np.exp(-0.5 * np.interp(logits, nodes, log_chi2))
    factors /= math.sqrt(float(np.mean(factors**2)))
    factors.flags.writeable = False  # callers share it
    return np.asarray(factors)


def _mix(z: Array, df: tuple[float, float], rng: Generator) -> None:
    """Turn normals into unit-variance Student shocks in place, one draw for both legs."""
    if min(df) >= _NORMAL_DF:
        return
    index = rng.integers(0, _MIXING_SIZE, size=(z.shape[0], z.shape[2]), dtype=np.uint16)
    for leg in (0, 1):
        if leg == 0 or df[1] != df[0]:
            factors = mixing_factors(df[leg]).astype(z.dtype).take(index)
        z[:, leg] *= factors


def normal_returns(nobs: int, paths: int, *, rho: float, seed: int) -> tuple[Array, Array]:
    """Independent bivariate normal returns of unit variance and correlation ``rho``."""
    z = _correlated(rho, nobs, paths, np.random.default_rng(seed))
    return z[:, 0], z[:, 1]


def student_returns(
    nobs: int, paths: int, *, rho: float, seed: int, df: float = 5.0
) -> tuple[Array, Array]:
    """Independent bivariate Student returns of unit variance; see :func:`normal_returns`."""
    rng = np.random.default_rng(seed)
    z = _correlated(rho, nobs, paths, rng)
    _mix(z, (df, df), rng)
    return z[:, 0], z[:, 1]


def sv_returns(nobs: int, paths: int, *, rho: float, seed: int) -> tuple[Array, Array]:
    """Normal returns under stochastic volatility that both legs share for the most part.

    Each leg's log variance is a common AR(1) (coefficient .98, innovations of .20) plus an own one
    (.95, .10), both from their stationary law; see :func:`normal_returns`. Taylor (1994),
    Mathematical Finance 4, 183-204.
    """
    rng = np.random.default_rng(seed)
    z = _correlated(rho, nobs, paths, rng)
    memory, sizes = np.array([[0.98], [0.95], [0.95]]), np.array([[0.20], [0.10], [0.10]])
    state = sizes / np.sqrt(1.0 - memory**2) * rng.standard_normal((3, paths))
    for day in range(nobs):
        z[day] *= np.exp(0.5 * (state[0] + state[1:]))
        state = memory * state + sizes * rng.standard_normal((3, paths))
    return z[:, 0], z[:, 1]


def ccc_garch_returns(
    model: CccGarch, nobs: int, paths: int, *, seed: int, precision: Precision = "double"
) -> tuple[Array, Array]:
    """Simulate a constant-correlation GARCH pair with Student shocks, in the unit of its variances.

    Single precision takes half the time and other draws.
    """
    rng = np.random.default_rng(seed)
    z = _correlated(model.rho, nobs, paths, rng, precision)
    _mix(z, model.df, rng)
    z *= garch_volatility(z, model)
    return z[:, 0], z[:, 1]


def garch_volatility(z: Array, model: CccGarch) -> Array:
    """Conditional standard deviations of both legs, shape (T, 2, paths) as ``z``."""
    omega, alpha, beta, start = (
        np.array(values, dtype=z.dtype)[:, None]
        for values in (model.omega, model.alpha, model.beta, model.start)
    )
    # h_{t+1} = omega + h_t (alpha z_t^2 + beta): only two vector operations stay in the loop,
    # on whole rows of equal shape, three times as fast as broadcasting; h_t's factor waits
    # where h_{t+1} will be, because fresh memory costs more than the arithmetic.
    h = np.empty_like(z)
    h[0] = start
    np.square(z[:-1], out=h[1:])
    h[1:] *= alpha
    h[1:] += beta
    floor = np.broadcast_to(omega, h[0].shape).copy()
    multiply, add, now = np.multiply, np.add, h[0]
    for following in list(h[1:]):
        multiply(now, following, following)
        add(following, floor, following)
        now = following
    return np.sqrt(h, out=h)
