"""Stationary and circular block bootstrap whose draws are shared between statistics.

A resample is a list of blocks, not of observations. A statistic made of moments needs only
each block's sum, read from a prefix sum: the cost falls by the block length, and no
resampled series is ever built.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.estimates import Estimate, NotComputed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
    Indices = NDArray[np.int64]

__all__ = [
    "REPLICATIONS",
    "BlockDraws",
    "block_length",
    "circular_draws",
    "correlation_interval",
    "data_seed",
    "stationary_draws",
    "stationary_std_error",
]

REPLICATIONS = 1999
"""Chosen so that (replications + 1) times the usual tail shares is an integer."""


@dataclass(frozen=True, slots=True)
class BlockDraws:
    """Blocks of all replications, end to end.

    Parameters
    ----------
    start : array of int, shape (m,)
        First observation of each block; a block runs past the end to the beginning.
    length : array of int, shape (m,)
        Observations in each block; they add up to ``nobs`` in every replication.
    first : array of int, shape (replications,)
        Position in ``start`` of each replication's first block.
    nobs : int
        Observations in the sample.
    """

    start: Indices
    length: Indices
    first: Indices
    nobs: int

    @property
    def replications(self) -> int:
        """Number of resamples."""
        return self.first.size

    def block_sums(self, columns: Array) -> Array:
        """Sum of each column over each block, shape (m, k).

        Parameters
        ----------
        columns : array, shape (nobs, k)
            Series to sum; centre them first, prefix sums keep what is left of the digits.
        """
        prefix = np.zeros((2 * self.nobs + 1, columns.shape[1]))
        np.cumsum(np.concatenate([columns, columns]), axis=0, out=prefix[1:])
        return np.asarray(prefix[self.start + self.length] - prefix[self.start])

    def sums(self, columns: Array) -> Array:
        """Sum of each column over each resample, shape (replications, k)."""
        return np.asarray(np.add.reduceat(self.block_sums(columns), self.first, axis=0))

    def indices(self) -> Indices:
        """Observation numbers of every resample, shape (replications, nobs)."""
        ends = np.cumsum(self.length)
        offset = np.arange(ends[-1]) - np.repeat(ends - self.length, self.length)
        flat = (np.repeat(self.start, self.length) + offset) % self.nobs
        return np.asarray(flat.reshape(self.replications, self.nobs))


def data_seed(*arrays: Array, salt: str = "") -> int:
    """Derive a seed from the data alone, so that equal inputs give equal pages.

    Parameters
    ----------
    *arrays : array
        The data the draws are for.
    salt : str
        Distinguishes several uses of the same data.
    """
    digest = hashlib.sha256(salt.encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array, dtype="<f8").tobytes())
    return int.from_bytes(digest.digest()[:8], "little")


def _check(nobs: int, length: float, replications: int) -> None:
    if nobs < 1 or replications < 1:
        raise ValueError(f"needs observations and replications, got {nobs} and {replications}")
    if not (math.isfinite(length) and length >= 1.0):
        raise ValueError(f"block length must be at least 1, got {length}")


def stationary_draws(
    nobs: int, block_length: float, *, replications: int = REPLICATIONS, seed: int
) -> BlockDraws:
    """Blocks of the stationary bootstrap: uniform starts, geometric lengths.

    Parameters
    ----------
    nobs : int
        Observations in the sample.
    block_length : float
        Mean block length, at least 1.
    replications : int
        Resamples.
    seed : int
        Seed of the draws.

    Returns
    -------
    BlockDraws
        Replication r begins a block at its first observation and, independently with
        probability 1 / ``block_length``, at each later one.

    Raises
    ------
    ValueError
        If a size is below one.

    References
    ----------
    Politis and Romano (1994), JASA 89, 1303-1313.
    """
    _check(nobs, block_length, replications)
    rng = np.random.default_rng(seed)
    total = replications * nobs
    # The lack of memory of the geometric law lets one run of gaps serve all replications:
    # a forced cut at each replication's beginning changes nothing after it.
    expected = total / block_length
    gaps = rng.geometric(1.0 / block_length, int(expected + 6.0 * math.sqrt(expected)) + 16)
    cuts = np.cumsum(gaps)
    while cuts[-1] < total:
        more = rng.geometric(1.0 / block_length, 1024)
        cuts = np.concatenate([cuts, cuts[-1] + np.cumsum(more)])
    forced = np.arange(replications, dtype=np.int64) * nobs
    begin = np.concatenate([forced, cuts[(cuts < total) & (cuts % nobs != 0)]])
    begin.sort(kind="stable")
    return _from_cuts(begin, forced, nobs, rng)


def circular_draws(
    nobs: int, block_length: int, *, replications: int = REPLICATIONS, seed: int
) -> BlockDraws:
    """Blocks of the circular bootstrap: uniform starts, fixed lengths, the last one cut.

    Parameters
    ----------
    nobs, block_length, replications, seed : int
        As in :func:`stationary_draws`.

    Raises
    ------
    ValueError
        If a size is below one.

    References
    ----------
    Politis and Romano (1992), in Exploring the Limits of Bootstrap, 263-270.
    """
    _check(nobs, block_length, replications)
    forced = np.arange(replications, dtype=np.int64) * nobs
    begin = (forced[:, None] + np.arange(0, nobs, block_length)).ravel()
    return _from_cuts(begin, forced, nobs, np.random.default_rng(seed))


def _from_cuts(begin: Indices, forced: Indices, nobs: int, rng: np.random.Generator) -> BlockDraws:
    total = forced.size * nobs
    return BlockDraws(
        start=rng.integers(0, nobs, begin.size),
        length=np.diff(begin, append=total),
        first=np.searchsorted(begin, forced),
        nobs=nobs,
    )


def block_length(x: Array) -> tuple[float, float]:
    """Automatic block lengths of Politis and White, as corrected by Patton.

    Parameters
    ----------
    x : array, shape (T,)
        The influence values of the statistic to be resampled.

    Returns
    -------
    stationary, circular : float
        Mean length for the stationary and length for the circular bootstrap, at least 1.

    References
    ----------
    Politis and White (2004), Econometric Reviews 23, 53-70;
    Patton, Politis and White (2009), Econometric Reviews 28, 372-375.
    """
    from arch.bootstrap import optimal_block_length

    stationary, circular = optimal_block_length(x).to_numpy()[0]
    return max(float(stationary), 1.0), max(float(circular), 1.0)


def correlation_interval(
    x: Array,
    y: Array,
    r: float,
    influence: Array,
    *,
    confidence_level: float = 0.95,
    replications: int = REPLICATIONS,
    seed: int | None = None,
) -> Estimate | NotComputed:
    """Stationary bootstrap interval of Pearson's r.

    Parameters
    ----------
    x, y : array, shape (T,)
        Finite series, neither constant.
    r : float
        Their correlation, inside (-1, 1).
    influence : array, shape (T,)
        Influence values of r; the block length is chosen for them.
    confidence_level : float
        Nominal coverage, in (0, 1).
    replications : int
        Resamples.
    seed : int, optional
        Seed of the draws; by default it is made from the data.

    Returns
    -------
    Estimate or NotComputed
        tanh(z +/- c se_z), z = atanh(r): symmetric percentile-t. c is the quantile of
        |z* - z| / se* over the resamples, se* from the sums of influence values over the
        resample's own blocks. Of percentile, basic, equal-tailed and symmetric percentile-t
        it is the one whose coverage does not fall below nominal in small samples.

    Notes
    -----
    se is the exact standard deviation of a resampled mean of the influence values, so it
    is what se* estimates (Goetze and Kuensch 1996, Annals of Statistics 24, 1914-1933).
    """
    nobs = x.size
    # The automatic length is often one, as if independent; a floor guards against a missed
    # dependence. Studentising needs several blocks in a resample: hence the ceiling.
    length = min(max(block_length(influence)[0], nobs ** (1.0 / 3.0)), nobs / 6.0)
    used_seed = data_seed(x, y, salt="correlation") if seed is None else seed
    draws = stationary_draws(nobs, length, replications=replications, seed=used_seed)
    z_star, se_star = _studentised_correlation(x, y, r, draws)
    z, slope = math.atanh(r), 1.0 - r * r
    se_z = stationary_std_error(influence, length) / slope
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(z_star - z) / se_star
    t[~np.isfinite(t)] = np.inf  # a resample of one block, or one without spread
    t.sort()
    critical = float(t[min(math.ceil((replications + 1) * confidence_level), replications) - 1])
    if not (math.isfinite(critical) and se_z > 0.0):
        return NotComputed("the resamples have too little spread for a bootstrap interval")
    return Estimate(
        value=r,
        std_error=se_z * slope,
        low=math.tanh(z - critical * se_z),
        high=math.tanh(z + critical * se_z),
        confidence_level=confidence_level,
        method=(
            f"stationary bootstrap, symmetric percentile-t on the Fisher scale, "
            f"mean block {length:.1f}, {replications} replications"
        ),
        nobs=nobs,
    )


def stationary_std_error(x: Array, block_length: float) -> float:
    """Give the closed-form standard deviation of a stationary bootstrap mean.

    Parameters
    ----------
    x : array, shape (T,)
        Influence values.
    block_length : float
        Mean block length.

    Returns
    -------
    float
        sqrt(V / T), V = sum_j w_j gamma_j over circular lags, w_j = (1 - 1 / length)^j and
        its mirror image (Politis and Romano 1994, lemma 1).
    """
    nobs = x.size
    u = x - x.mean()
    spectrum = np.abs(np.fft.rfft(u)) ** 2
    circular = np.fft.irfft(spectrum, nobs) / nobs  # gamma_j + gamma_(T - j)
    lag = np.arange(nobs)
    stay = 1.0 - 1.0 / block_length
    weight = (1.0 - lag / nobs) * stay**lag
    total = circular[0] + 2.0 * float(circular[1:] @ weight[1:])
    return math.sqrt(max(total, 0.0) / nobs)


def _studentised_correlation(
    x: Array, y: Array, r: float, draws: BlockDraws
) -> tuple[Array, Array]:
    """Fisher's z of each resample and its standard error from the resample's blocks."""
    zx, zy = _unit(x), _unit(y)
    moments = np.column_stack([zx, zy, zx * zx - 1.0, zy * zy - 1.0, zx * zy - r])
    blocks = draws.block_sums(moments)
    sums = np.add.reduceat(blocks, draws.first, axis=0) / draws.nobs
    mean_x, mean_y = sums[:, 0], sums[:, 1]
    var_x = np.maximum(1.0 + sums[:, 2] - mean_x**2, 1e-300)
    var_y = np.maximum(1.0 + sums[:, 3] - mean_y**2, 1e-300)
    root = np.sqrt(var_x * var_y)
    r_star = np.clip((r + sums[:, 4] - mean_x * mean_y) / root, -1.0 + 1e-15, 1.0 - 1e-15)

    # A block's sum of influence values is linear in its sums of moments; the constants are
    # those of its resample, and the coefficient of the block's length is minus the mean.
    weight = np.empty((draws.replications, 5))
    weight[:, 0] = -mean_y / root + r_star * mean_x / var_x
    weight[:, 1] = -mean_x / root + r_star * mean_y / var_y
    weight[:, 2] = -0.5 * r_star / var_x
    weight[:, 3] = -0.5 * r_star / var_y
    weight[:, 4] = 1.0 / root
    mean = np.einsum("rk,rk->r", weight, sums)
    count = np.diff(draws.first, append=draws.start.size)
    score = np.einsum("bk,bk->b", np.repeat(weight, count, axis=0), blocks)
    score -= np.repeat(mean, count) * draws.length
    spread = np.sqrt(np.add.reduceat(score * score, draws.first)) / draws.nobs
    return np.arctanh(r_star), spread / (1.0 - r_star**2)


def _unit(x: Array) -> Array:
    centred = x - x.mean()
    centred /= np.abs(centred).max()
    return np.asarray(centred / math.sqrt(float(centred @ centred) / x.size))
