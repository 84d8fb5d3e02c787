"""Stationary and circular blocks, drawn once and shared between statistics.

A resample is a list of blocks, not of observations. A statistic made of moments needs only each
block's sum, read from a prefix sum: the cost falls by the block length, and no resampled series is
ever built.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Literal

    from convex_research.core.typing import Array, Indices

__all__ = [
    "REPLICATIONS",
    "BlockDraws",
    "data_seed",
    "drawn_pvalue",
    "guarded_block_length",
    "stationary_draws",
    "stationary_std_error",
    "symmetric_half_width",
]

REPLICATIONS = 1999
"""Chosen so that (replications + 1) times the usual tail shares is an integer."""


def drawn_pvalue(reached: int, draws: int) -> tuple[float, Literal["<="] | None]:
    """p-value of a statistic that so many of its draws under the null reached.

    - ``reached``, ``draws``: draws at least as extreme as what was observed, and all of them.
    - ``pvalue``: (1 + reached) / (1 + draws): what was observed counts as a draw.
    - ``bound``: set where no draw reached it: more draws could only say that p is smaller.
    """
    return (1.0 + reached) / (1.0 + draws), None if reached else "<="


@dataclass(frozen=True, slots=True)
class BlockDraws:
    """Blocks of all replications, end to end.

    - ``start`` (m,): first observation of each block; a block runs past the end to the beginning.
    - ``length`` (m,): observations in each block; they add up to ``nobs`` in every replication.
    - ``first`` (replications,): position in ``start`` of each replication's first block.
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

        - ``columns`` (nobs, k): series to sum; centre them first, prefix sums keep what is left of
          the digits.
        """
        # One column after the other: gathering whole rows is ten times slower.
        end = self.start + self.length
        sums = np.empty((columns.shape[1], self.start.size))
        prefix = np.zeros(2 * self.nobs + 1)
        for column, out in zip(columns.T, sums, strict=True):
            np.cumsum(np.concatenate([column, column]), out=prefix[1:])
            np.subtract(prefix.take(end), prefix.take(self.start), out=out)
        return sums.T

    def sums(self, columns: Array) -> Array:
        """Sum of each column over each resample, shape (replications, k)."""
        return self.totals(self.block_sums(columns))

    def totals(self, block_sums: Array) -> Array:
        """Sum the blocks' sums over each resample, shape (replications, k)."""
        totals = [np.add.reduceat(column, self.first) for column in block_sums.T]
        return np.stack(totals, axis=1)

    def indices(self) -> Indices:
        """Observation numbers of every resample, shape (replications, nobs)."""
        ends = np.cumsum(self.length)
        offset = np.arange(ends[-1]) - np.repeat(ends - self.length, self.length)
        flat = (np.repeat(self.start, self.length) + offset) % self.nobs
        return np.asarray(flat.reshape(self.replications, self.nobs))


def data_seed(*arrays: Array, salt: str = "") -> int:
    """Derive a seed from the data alone, so that equal inputs give equal pages.

    - ``salt``: distinguishes several uses of the same data.
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

    Replication r begins a block at its first observation and, independently with probability 1 /
    ``block_length``, at each later one. Politis and Romano 1994.

    - ``block_length``: mean block length, at least 1.
    """
    _check(nobs, block_length, replications)
    rng = np.random.default_rng(seed)
    total = replications * nobs
    # The lack of memory of the geometric law lets one run of gaps serve all replications:
    # a forced cut at each replication's beginning changes nothing after it.
    expected = total / block_length
    cuts = np.cumsum(_geometric(rng, block_length, int(expected + 6.0 * math.sqrt(expected)) + 16))
    while cuts[-1] < total:
        cuts = np.concatenate([cuts, cuts[-1] + np.cumsum(_geometric(rng, block_length, 1024))])
    forced = np.arange(replications, dtype=np.int64) * nobs
    begin = np.concatenate([forced, cuts[(cuts < total) & (cuts % nobs != 0)]])
    begin.sort(kind="stable")
    return BlockDraws(
        start=rng.integers(0, nobs, begin.size),
        length=np.diff(begin, append=total),
        first=np.searchsorted(begin, forced),
        nobs=nobs,
    )


def _geometric(rng: np.random.Generator, mean: float, size: int) -> Indices:
    """Draw geometric lengths as whole parts of exponential ones: twice as fast."""
    rate = -math.log1p(-1.0 / mean) if mean > 1.0 else math.inf
    return (rng.standard_exponential(size) / rate).astype(np.int64) + 1


def stationary_std_error(x: Array, block_length: float) -> float:
    """Give the closed-form standard deviation of a stationary bootstrap mean.

    sqrt(V / T), V = sum_j w_j gamma_j over circular lags, w_j = (1 - 1 / length)^j and its mirror
    image (Politis and Romano 1994, lemma 1).
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


def guarded_block_length(x: Array) -> float:
    """Give the mean block length for influence values ``x``, held inside sensible bounds.

    The automatic length of the stationary bootstrap (Politis and White, as corrected by Patton), at
    least T^(1/3), at most 1.3 sqrt(T) and T / 6. The automatic one is often 1, as if observations
    were independent; the floor guards against dependence it missed. The ceiling leaves enough
    blocks in a resample to studentise with: one long crisis would otherwise stretch the blocks and
    with them the interval. Politis and White (2004), Econometric Reviews 23, 53-70; Patton, Politis
    and White (2009), Econometric Reviews 28, 372-375.
    """
    from arch.bootstrap import optimal_block_length

    nobs = float(x.size)
    with np.errstate(invalid="ignore"):  # a constant has no length, and gets the least
        automatic = float(optimal_block_length(x)["stationary"].iloc[0])
    ceiling = min(1.3 * math.sqrt(nobs), nobs / 6.0)
    return float(min(max(nobs ** (1.0 / 3.0), automatic), ceiling))


def symmetric_half_width(
    deviation: Array, std_error_star: Array, std_error: float, *, confidence_level: float
) -> float | None:
    """Half width of a symmetric percentile-t interval.

    Quantile of the absolute studentised deviations times ``std_error``; ``None`` when too many
    resamples have no spread.

    - ``deviation`` (replications,): resampled minus original estimate.
    - ``std_error_star`` (replications,): standard error of each resample.
    - ``std_error``: standard error of the original estimate.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.abs(deviation) / std_error_star
    t[~np.isfinite(t)] = np.inf  # a resample of one block, or one without spread
    t.sort()
    rank = min(math.ceil((t.size + 1) * confidence_level), t.size) - 1
    critical = float(t[rank])
    return critical * std_error if math.isfinite(critical) and std_error > 0.0 else None
