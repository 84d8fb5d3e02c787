"""Ten worlds in which real prices could live, each with the truth of its window.

Returns of both legs have about unit variance. A window's own truth is the variance-weighted
correlation: the sum of its conditional covariances over the root of the product of the sums of
its conditional variances, with volatilities known. Where jumps fall it is known twice: by their
law (``covariance``), and by the days on which they fell (``given_jumps``).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter

from convex_research.methodology.simulations.tally import Tally, Where
from convex_research.statistics.simulate.worlds import mixing_factors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.random import Generator

    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow

    Rho = float | Array  # of all days, or of each, shape (T, 1)
    Break = tuple[int, float]

__all__ = ["WORLDS", "Paths", "over_worlds", "r_follows_volatility", "simulate"]

WARM_UP = 300
JUMP_DAYS, JUMP_SIZE, JUMP_SHARED = 0.01, 5.0, 0.9


@dataclass(frozen=True, slots=True)
class Paths:
    """Simulated returns with their conditional second moments.

    Parameters
    ----------
    a, b : array, shape (T, paths) or (T,)
        Returns of the legs.
    covariance : array, shape (3, T, paths) or (3, T)
        Conditional variance of A, of B, and their covariance.
    given_jumps : array, optional
        The same, given on which days jumps fell.
    """

    a: Array
    b: Array
    covariance: Array
    given_jumps: Array | None = None

    def __iter__(self) -> Iterator[Paths]:
        """One path after the other, its returns of shape (T,) and in one piece."""
        for i in range(self.a.shape[1]):
            jumps = None if self.given_jumps is None else self.given_jumps[..., i]
            a, b = (np.ascontiguousarray(leg[:, i]) for leg in (self.a, self.b))
            yield Paths(a, b, self.covariance[..., i], jumps)

    def window(self, rows: slice = slice(None), *, jumps: bool = False) -> Array:
        """Variance-weighted correlation of a window, a value a path."""
        moments = self.given_jumps if jumps and self.given_jumps is not None else self.covariance
        first, second, shared = moments[:, rows].sum(axis=1)
        return np.asarray(shared / np.sqrt(first * second))

    def slope(self, rows: slice = slice(None)) -> Array:
        """Slope of A on B over a window, a value a path."""
        _, second, shared = self.covariance[:, rows].sum(axis=1)
        return np.asarray(shared / second)


def _shocks(rho: Rho, nobs: int, paths: int, rng: Generator) -> Array:
    """Standard normals with correlation ``rho``, shape (2, T, paths)."""
    z = rng.standard_normal((2, nobs, paths))
    z[1] = rho * z[0] + np.sqrt(1.0 - np.square(rho)) * z[1]
    return z


def _warm(rho: Rho) -> Rho:
    """The correlation of the days before the sample too, where it changes in it."""
    return rho if isinstance(rho, float) else np.vstack([np.repeat(rho[:1], WARM_UP, axis=0), rho])


def _student(z: Array, df: float, rng: Generator) -> Array:
    """Bivariate Student shocks of unit variance: one mixing variable for both legs."""
    return z * mixing_factors(df)[rng.integers(0, mixing_factors(df).size, size=z.shape[1:])]


def _moments(variance: Array, rho: Rho) -> Array:
    first, second = variance
    return np.stack([first, second, rho * np.sqrt(first * second)])


def _plain(z: Array, variance: Array, rho: Rho) -> Paths:
    a, b = z * np.sqrt(variance)
    return Paths(a, b, _moments(variance, rho))


def _normal(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    z = _shocks(rho, nobs, paths, rng)
    return _plain(z, np.ones_like(z), rho)


def _t3(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    z = _student(_shocks(rho, nobs, paths, rng), 3.0, rng)
    return _plain(z, np.ones_like(z), rho)


def _recursion(z: Array, omega: float, up: float, down: float, beta: float) -> Array:
    """Variances h' = omega + (up or down by the shock's sign) x^2 + beta h, mean 1 at first."""
    h = np.ones_like(z)
    news = beta + np.where(z < 0.0, down, up) * z * z
    for day in range(z.shape[1] - 1):
        h[:, day + 1] = omega + h[:, day] * news[:, day]
    return h


def _garch(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    z = _student(_shocks(_warm(rho), nobs + WARM_UP, paths, rng), 8.0, rng)
    h = _recursion(z, 0.03, 0.07, 0.07, 0.90)
    return _plain(z[:, WARM_UP:], h[:, WARM_UP:], rho)


def _gjr(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    z = _student(_shocks(_warm(rho), nobs + WARM_UP, paths, rng), 6.0, rng)
    h = _recursion(z, 0.02, 0.02, 0.14, 0.90)
    return _plain(z[:, WARM_UP:], h[:, WARM_UP:], rho)


def _ar(memory: float, size: float, shape: tuple[int, ...], rng: Generator) -> Array:
    """Stationary AR(1) along the second last axis."""
    shocks = size * rng.standard_normal(shape)
    shocks[..., 0, :] /= math.sqrt(1.0 - memory * memory)
    return np.asarray(lfilter([1.0], [1.0, -memory], shocks, axis=-2))


def _log_variance(
    nobs: int, paths: int, rng: Generator, common: tuple[float, float], own: float
) -> Array:
    """Log variances of both legs: a common AR(1) and an own one of coefficient .95."""
    shared = _ar(*common, (nobs, paths), rng)
    return shared + _ar(0.95, own, (2, nobs, paths), rng)


def _sv(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    variance = np.exp(_log_variance(nobs, paths, rng, (0.98, 0.20), 0.10))
    return _plain(_shocks(rho, nobs, paths, rng), variance, rho)


def _strong_sv(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    variance = np.exp(_log_variance(nobs, paths, rng, (0.985, 0.25), 0.15))
    return _plain(_shocks(rho, nobs, paths, rng), variance, rho)


def _on_days(shape: tuple[int, ...], rng: Generator) -> Array:
    """One where a jump falls, zero elsewhere."""
    return (rng.random(shape) < JUMP_DAYS).astype(float)


def _with_jumps(base: Paths, load: Array, hit: Array, rng: Generator) -> Paths:
    """Add jumps: ``hit`` (jumps, T, paths) says when, ``load`` (2, jumps) how far each leg goes."""
    size = JUMP_SIZE * rng.standard_normal(hit.shape) * hit
    a, b = np.stack([base.a, base.b]) + np.einsum("lj,jtp->ltp", load, size)
    square = np.stack([load[0] ** 2, load[1] ** 2, load[0] * load[1]])
    days = JUMP_SIZE**2 * np.einsum("mj,jtp->mtp", square, hit)
    law = JUMP_SIZE**2 * JUMP_DAYS * square.sum(axis=1)[:, None, None]
    return Paths(a, b, base.covariance + law, base.covariance + days)


def _common_jumps(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    hit = _on_days((1, nobs, paths), rng)
    load = np.array([[1.0], [JUMP_SHARED]])
    return _with_jumps(_garch(nobs, paths, rho, rng), load, hit, rng)


def _own_jumps(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    hit = _on_days((2, nobs, paths), rng)
    return _with_jumps(_garch(nobs, paths, rho, rng), np.eye(2), hit, rng)


def _threefold(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    base = _garch(nobs, paths, rho, rng)
    scale = np.where(np.arange(nobs) < nobs // 2, 1.0, 3.0)[:, None]
    return Paths(base.a * scale, base.b * scale, base.covariance * scale**2)


def _rough(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    """Log variance of many half-lives, from a day to a year, which falls raise (leverage)."""
    z = _student(_shocks(_warm(rho), nobs + WARM_UP, paths, rng), 6.0, rng)
    market = (z[0] + z[1]) / np.sqrt(2.0 + 2.0 * _warm(rho))
    state = np.zeros((2, nobs + WARM_UP, paths))
    for half_life in (1.0, 5.0, 22.0, 250.0):
        memory = 0.5 ** (1.0 / half_life)
        size = 0.35 * math.sqrt(1.0 - memory * memory)
        news = 0.8 * rng.standard_normal((2, nobs + WARM_UP, paths)) * 0.5 - 0.6 * market
        state[:, 1:] += lfilter([size], [1.0, -memory], news[:, :-1], axis=-2)
    variance = np.exp(state - 0.25)[:, WARM_UP:]
    return _plain(z[:, WARM_UP:], variance, rho)


def _ticks(nobs: int, paths: int, rho: Rho, rng: Generator) -> Paths:
    """GARCH of skewed shocks, a fifth of a standard deviation the smallest move."""
    nobs_all, mix = nobs + WARM_UP, 0.4
    z = _shocks(_warm(rho), nobs_all, paths, rng)
    falls = np.abs(rng.standard_normal((nobs_all, paths))) - math.sqrt(2.0 / math.pi)
    scale = math.sqrt(1.0 - mix * mix + mix * mix * (1.0 - 2.0 / math.pi))
    z = (math.sqrt(1.0 - mix * mix) * z - mix * falls) / scale
    shared = ((1.0 - mix * mix) * rho + mix * mix * (1.0 - 2.0 / math.pi)) / scale**2
    h = _recursion(z, 0.03, 0.07, 0.07, 0.90)[:, WARM_UP:]
    z = z[:, WARM_UP:]
    tick = 0.2
    moves = np.round(z * np.sqrt(h) / tick) * tick
    moments = _moments(h, shared)
    moments[:2] += tick**2 / 12.0  # Sheppard: rounding adds a uniform error
    return Paths(moves[0], moves[1], moments)


WORLDS: dict[str, Callable[[int, int, Rho, Generator], Paths]] = {
    "iid normal": _normal,
    "CCC-GARCH t8": _garch,
    "GJR t6": _gjr,
    "common stochastic volatility": _sv,
    "strong stochastic volatility": _strong_sv,
    "common jumps": _common_jumps,
    "own jumps": _own_jumps,
    "iid t3": _t3,
    "volatility threefold": _threefold,
    "rough volatility with leverage": _rough,
    "skewed, coarse ticks": _ticks,
}


def simulate(
    world: str, nobs: int, paths: int, *, rho: float, seed: int, broken: Break | None = None
) -> Paths:
    """Draw returns of both legs in a world of constant correlation, or of one that breaks.

    Parameters
    ----------
    world : str
        One of ``WORLDS``.
    nobs, paths : int
        Length and number of samples.
    rho : float
        Correlation of the shocks.
    seed : int
        Seed of the draws.
    broken : (int, float), optional
        Observation from which the correlation of the shocks is another, and which.
    """
    rng = np.random.default_rng([seed, list(WORLDS).index(world), nobs])
    if broken is None:
        return WORLDS[world](nobs, paths, float(rho), rng)
    at, later = broken
    path = np.where(np.arange(nobs) < at, rho, later)[:, None]
    return WORLDS[world](nobs, paths, path, rng)


def r_follows_volatility(nobs: int, paths: int, *, rho: float, seed: int) -> Paths:
    """Stochastic volatility whose common log variance also moves r: atanh r + .35 of it."""
    rng = np.random.default_rng([seed, nobs])
    shared = _ar(0.98, 0.20, (nobs, paths), rng)
    variance = np.exp(shared + _ar(0.95, 0.10, (2, nobs, paths), rng))
    moving = np.tanh(math.atanh(rho) + 0.35 * shared)
    return _plain(_shocks(moving, nobs, paths, rng), variance, moving)


def over_worlds(
    observe: Callable[[Tally, Paths], None],
    lengths: Iterable[tuple[int, int]],
    *,
    seed: int,
    rho: float = 0.8,
    worlds: Iterable[str] = tuple(WORLDS),
    broken: Callable[[int], Break] | None = None,
) -> list[CoverageRow]:
    """What a program observes in each world at each length.

    Parameters
    ----------
    observe : callable
        Counts what it finds in one path.
    lengths : iterable of (int, int)
        Observations, and paths of that length.
    seed, rho, worlds
        Of the draws.
    broken : callable, optional
        From the observations to the break.
    """
    rows: list[CoverageRow] = []
    for world in worlds:
        for nobs, paths in lengths:
            tally = Tally(Where(world, rho, nobs))
            at = broken(nobs) if broken else None
            for path in simulate(world, nobs, paths, rho=rho, seed=seed, broken=at):
                observe(tally, path)
            rows += tally.rows()
    return rows
