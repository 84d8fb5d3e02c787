"""Bootstrap interval of Pearson's correlation, from moments of shared block draws."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed
from convex_research.statistics.inference.block_draws import (
    REPLICATIONS,
    BlockDraws,
    data_seed,
    guarded_block_length,
    stationary_draws,
    stationary_std_error,
    symmetric_half_width,
)
from convex_research.statistics.inference.influence_interval import symmetric_interval
from convex_research.statistics.inference.jackknife import standardised

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["correlation_interval"]


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

    tanh(z +/- c se_z), z = atanh(r): symmetric percentile-t. c is the quantile of |z* - z| / se*
    over the resamples, se* from the sums of influence values over the resample's own blocks. Of
    percentile, basic, equal-tailed and symmetric percentile-t it is the one whose coverage does not
    fall below nominal in small samples.

    se is the exact standard deviation of a resampled mean of the influence values, so it is what
    se* estimates (Goetze and Kuensch 1996, Annals of Statistics 24, 1914-1933).

    - ``r``: their correlation, inside (-1, 1).
    - ``influence``: influence values of r; the block length is chosen for them.
    """
    nobs = x.size
    length = guarded_block_length(influence)
    used_seed = data_seed(x, y, salt="correlation") if seed is None else seed
    draws = stationary_draws(nobs, length, replications=replications, seed=used_seed)
    z_star, se_star = _studentised_correlation(x, y, r, draws)
    z, se_r = math.atanh(r), stationary_std_error(influence, length)
    se_z = se_r / (1.0 - r * r)
    half = symmetric_half_width(z_star - z, se_star, se_z, confidence_level=confidence_level)
    if half is None:
        return NotComputed(
            Missing.EXACT, "the resamples have too little spread for a bootstrap interval"
        )
    return symmetric_interval(
        r,
        se_r,
        half / se_z,
        link="fisher",
        confidence_level=confidence_level,
        interval=Interval.BOOTSTRAP,
        method=(
            f"stationary bootstrap, symmetric percentile-t on the Fisher scale, "
            f"mean block {length:.1f}, {replications} replications"
        ),
        nobs=nobs,
    )


def _studentised_correlation(
    x: Array, y: Array, r: float, draws: BlockDraws
) -> tuple[Array, Array]:
    """Fisher's z of each resample and its standard error from the resample's blocks."""
    zx, zy = standardised(x), standardised(y)
    moments = np.column_stack([zx, zy, zx * zx - 1.0, zy * zy - 1.0, zx * zy - r])
    blocks = draws.block_sums(moments)
    sums = draws.totals(blocks) / draws.nobs
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
    score = np.repeat(-mean, count) * draws.length
    for column, sums_of_blocks in zip(weight.T, blocks.T, strict=True):
        score += np.repeat(column, count) * sums_of_blocks
    spread = np.sqrt(np.add.reduceat(score * score, draws.first)) / draws.nobs
    return np.arctanh(r_star), spread / (1.0 - r_star**2)
