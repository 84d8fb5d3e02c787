"""Whether disjoint samples have one correlation, and how far the farthest two differ.

Each sample, such as a calendar year or the days before a date, brings its own standard error with
its own degrees of freedom. Nothing is pooled, so that a turbulent year does not lend its error to a
calm one.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Estimate, Interval, TestResult
from convex_research.statistics.inference.two_windows import difference_z

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array
    from convex_research.statistics.inference.jackknife import FisherZ, StudentZ


__all__ = ["MARGIN", "Gaps", "equivalence", "gaps_between", "welch_james", "widest_gap"]


MARGIN = 0.20
"""Smallest difference of Fisher's z that matters: a ratio of volatilities that changes by 22 %."""


class Gaps(NamedTuple):
    """Differences of Fisher's z between samples that share no day.

    - ``value``, ``std_error``, ``df`` (m,): z_j - z_i with the errors and degrees of freedom of
      :func:`~convex_research.statistics.inference.two_windows.difference_z`.
    - ``nobs``: observations they all rest on.
    """

    value: Array
    std_error: Array
    df: Array
    nobs: int


def _columns(samples: Sequence[StudentZ]) -> Array:
    """Values, standard errors and degrees of freedom, each a row."""
    return np.array([(one.z, one.std_error, one.df) for one in samples]).T


def _enough(samples: Sequence[FisherZ]) -> None:
    if len(samples) < 2:
        raise ValueError(f"needs at least two samples, got {len(samples)}")


def welch_james(samples: Sequence[FisherZ]) -> TestResult:
    """Test of equal correlations that lets every sample have its own error.

    With w = 1 / se^2, W = sum w, zbar = sum w z / W, A = sum (1 - w / W)^2 / df: ``statistic`` =
    sum w (z - zbar)^2 / (k - 1) / (1 + 2 (k - 2) A / (k^2 - 1)), referred to F with k - 1 and (k^2
    - 1) / (3 A) degrees of freedom. For two samples it is the square of Welch's t. Welch (1951),
    Biometrika 38, 330-336; James (1951), Biometrika 38, 324-329.

    Parameters
    ----------
    samples : sequence of FisherZ, length k
        Two at least, without shared days.
    """
    from scipy.special import fdtrc

    _enough(samples)
    z, error, df = _columns(samples)
    k = z.size
    weight = 1.0 / error**2
    share = weight / weight.sum()
    spread = float((weight * (z - share @ z) ** 2).sum())
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


def gaps_between(
    samples: Sequence[FisherZ], pairs: Sequence[tuple[int, int]] | None = None
) -> Gaps:
    """Differences between samples, each of two.

    Parameters
    ----------
    samples : sequence of FisherZ, length k
        Two at least; no two that are compared share a day.
    pairs : sequence of (int, int), optional
        Which are compared, the earlier one first; all k (k - 1) / 2 pairs by default, and then all
        samples are counted in ``nobs``, else those of the first pair.
    """
    _enough(samples)
    compared = combinations(range(len(samples)), 2) if pairs is None else pairs
    gaps = [difference_z(samples[j], samples[i]) for i, j in compared]
    nobs = sum(one.nobs for one in samples) if pairs is None else gaps[0].nobs
    value, error, df = _columns(gaps)
    return Gaps(value, error, df, nobs)


def widest_gap(gaps: Gaps, *, confidence_level: float = 0.95) -> Estimate:
    """Largest difference of Fisher's z, unsigned.

    ``value`` = max |gap|, ``std_error`` that of the same pair. ``low`` allows for the choice among
    the pairs: the largest |gap| - t se, zero at least, t of Sidak's level ``confidence_level``^(1 /
    m). ``high`` needs no such allowance, because all pairs must lie below it: the largest |gap| + t
    se, t of the level itself. Both t have Welch's degrees of freedom. Sidak (1967), JASA 62,
    626-633; Berger (1982), Technometrics 24, 295-300 (intersection of tests).

    Parameters
    ----------
    gaps : Gaps
        Of m pairs of samples.
    """
    from scipy.special import stdtrit

    size = np.abs(gaps.value)
    chosen = stdtrit(gaps.df, 0.5 + 0.5 * confidence_level ** (1.0 / size.size))
    single = stdtrit(gaps.df, 0.5 + 0.5 * confidence_level)
    widest = int(size.argmax())
    return Estimate(
        value=float(size[widest]),
        std_error=float(gaps.std_error[widest]),
        low=max(0.0, float((size - chosen * gaps.std_error).max())),
        high=float((size + single * gaps.std_error).max()),
        confidence_level=confidence_level,
        interval=Interval.WELCH_SIDAK,
        method=f"widest of {size.size} pairs, Welch t; the low end by Sidak, HAC error a sample",
        nobs=gaps.nobs,
        unit="Fisher z",
    )


def equivalence(gaps: Gaps, margin: float = MARGIN) -> TestResult:
    """Test that no difference reaches a margin, by two one-sided tests of each.

    ``statistic`` = (margin - |gap|) / se of the pair that is least inside, ``pvalue`` the upper
    tail of Student's t there: the largest of all one-sided p-values. Below 0.05 where the 90 %
    interval of :func:`widest_gap` ends below the margin. Berger (1982), Technometrics 24, 295-300.

    Parameters
    ----------
    gaps : Gaps
        Of one pair of samples or more.
    margin : float
        On Fisher's scale, above zero; :data:`MARGIN` by default.
    """
    from scipy.special import stdtr

    room = (margin - np.abs(gaps.value)) / gaps.std_error
    tails = stdtr(gaps.df, -room)
    least = int(tails.argmax())
    return TestResult(
        statistic=float(room[least]),
        pvalue=float(tails[least]),
        null=f"Fisher's z differs by {margin:g} or more",
        alternative="it differs by less",
        distribution=f"two one-sided Welch t, {gaps.df[least]:.1f} df",
        nobs=gaps.nobs,
    )
