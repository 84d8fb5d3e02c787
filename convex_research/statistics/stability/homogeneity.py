"""Whether several disjoint samples have one correlation, and how far the farthest two differ.

Each sample, such as a calendar year, brings its own standard error with its own degrees of
freedom. Nothing is pooled, so that a turbulent year does not lend its error to a calm one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, TestResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array
    from convex_research.statistics.inference.jackknife import FisherZ


__all__ = ["welch_james", "widest_gap"]


def _columns(samples: Sequence[FisherZ]) -> tuple[Array, Array, Array]:
    """Fisher's z, its variance and its degrees of freedom, each of shape (k,)."""
    if len(samples) < 2:
        raise ValueError(f"needs at least two samples, got {len(samples)}")
    z, error, df = np.array([(one.z, one.std_error, one.df) for one in samples]).T
    return z, error**2, df


def welch_james(samples: Sequence[FisherZ]) -> TestResult:
    """Test of equal correlations that lets every sample have its own error.

    Parameters
    ----------
    samples : sequence of FisherZ, length k
        Two at least, without shared days.

    Returns
    -------
    TestResult
        With w = 1 / se^2, W = sum w, zbar = sum w z / W, A = sum (1 - w / W)^2 / df:
        ``statistic`` = sum w (z - zbar)^2 / (k - 1) / (1 + 2 (k - 2) A / (k^2 - 1)), referred
        to F with k - 1 and (k^2 - 1) / (3 A) degrees of freedom. For two samples it is the
        square of Welch's t.

    Raises
    ------
    ValueError
        If there are fewer than two samples.

    References
    ----------
    Welch (1951), Biometrika 38, 330-336.
    James (1951), Biometrika 38, 324-329.
    """
    from scipy.special import fdtrc

    z, variance, df = _columns(samples)
    k = z.size
    share = 1.0 / variance / (1.0 / variance).sum()
    spread = float(((z - share @ z) ** 2 / variance).sum())
    loss = float(((1.0 - share) ** 2 / df).sum())
    statistic = spread / (k - 1) / (1.0 + 2.0 * (k - 2) * loss / (k * k - 1.0))
    denominator = (k * k - 1.0) / (3.0 * loss)
    return TestResult(
        statistic=statistic,
        pvalue=float(fdtrc(k - 1, denominator, statistic)),
        null="the correlation is the same in every sample",
        alternative="the correlation differs between samples",
        distribution=f"Welch-James, F({k - 1}, {denominator:.1f})",
        nobs=sum(one.nobs for one in samples),
    )


def widest_gap(samples: Sequence[FisherZ], *, confidence_level: float = 0.95) -> Estimate:
    """Difference of Fisher's z between the two samples that differ most.

    Parameters
    ----------
    samples : sequence of FisherZ, length k
        Two at least, without shared days.
    confidence_level : float
        Nominal coverage; 0.90 to judge by two one-sided tests at 5 % whether all samples are
        equivalent.

    Returns
    -------
    Estimate
        ``value`` = max |z_i - z_j|, ``std_error`` that of the same pair,
        sqrt(se_i^2 + se_j^2). ``low`` allows for the choice among the k (k - 1) / 2 pairs:
        the largest |z_i - z_j| - t se_ij, zero at least, t of Sidak's level
        ``confidence_level``^(1 / pairs). ``high`` needs no such allowance, because all pairs
        must lie below it: the largest |z_i - z_j| + t se_ij, t of the level itself. Both t
        have Welch's degrees of freedom.

    Raises
    ------
    ValueError
        If there are fewer than two samples.

    References
    ----------
    Sidak (1967), JASA 62, 626-633.
    Berger (1982), Technometrics 24, 295-300 (intersection of tests).
    """
    from scipy.special import stdtrit

    z, variance, df = _columns(samples)
    i, j = np.triu_indices(z.size, 1)
    gap, square = np.abs(z[i] - z[j]), variance[i] + variance[j]
    error = np.sqrt(square)
    welch = square**2 / (variance[i] ** 2 / df[i] + variance[j] ** 2 / df[j])
    chosen = stdtrit(welch, 0.5 + 0.5 * confidence_level ** (1.0 / gap.size))
    single = stdtrit(welch, 0.5 + 0.5 * confidence_level)
    widest = int(gap.argmax())
    return Estimate(
        value=float(gap[widest]),
        std_error=float(error[widest]),
        low=max(0.0, float((gap - chosen * error).max())),
        high=float((gap + single * error).max()),
        confidence_level=confidence_level,
        interval=Interval.WELCH_SIDAK,
        method=f"widest of {gap.size} pairs, Welch t; the low end by Sidak, HAC error a sample",
        nobs=sum(one.nobs for one in samples),
        unit="Fisher z",
    )
