"""Two correlations from disjoint samples: do they differ, and by how much.

The comparison is made on Fisher's scale, where the sampling error of a correlation hardly depends
on its size. Each sample brings its own HAC standard error and degrees of freedom; the samples must
not overlap, or their errors would not add up as variances do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.core.estimates import Estimate, NotComputed, TestResult, too_short
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.inference.flags import FEW_DAYS_CARRY
from convex_research.statistics.inference.influence_interval import MIN_NOBS_TEST
from convex_research.statistics.inference.jackknife import FisherZ, fisher_z
from convex_research.statistics.inference.two_windows import change_in_r, change_in_z, difference_z

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike

__all__ = ["Comparison", "compare", "difference", "fisher_test", "jennrich_test"]

_NULL = "both samples have the same correlation"
_ALTERNATIVE = "the correlations of the two samples differ"
_FEW_DAYS = 10.0
_RECENT = ("recent sample", "preceding sample")


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two correlations and their difference.

    - ``recent``, ``preceding``: Pearson's r of each sample with its own interval.
    - ``difference``, ``equivalence``: difference on Fisher's scale; its 90 % interval inside a
      margin is what two one-sided tests at 5 % show.
    - ``difference_r``, ``equivalence_r``: the same in r.
    - ``test``: of equal correlations; see :func:`fisher_test`.
    """

    recent: Estimate | NotComputed
    preceding: Estimate | NotComputed
    difference: Estimate | NotComputed
    equivalence: Estimate | NotComputed
    difference_r: Estimate | NotComputed
    equivalence_r: Estimate | NotComputed
    test: TestResult | NotComputed


def _sides(
    *samples: ArrayLike, stretch: float = 1.0, names: tuple[str, str] = _RECENT
) -> tuple[FisherZ, FisherZ] | NotComputed:
    """Both correlations on Fisher's scale, or the first reason why one is missing."""
    found = []
    for name, a, b in zip(names, samples[::2], samples[1::2], strict=True):
        one = fisher_z(a, b, stretch=stretch)
        if isinstance(one, NotComputed):
            return NotComputed(one.code, f"{name}: {one.reason}")
        found.append(one)
    return found[0], found[1]


def _long_enough(
    sides: tuple[FisherZ, FisherZ] | NotComputed,
) -> tuple[FisherZ, FisherZ] | NotComputed:
    """The same if a test can be made of them."""
    if isinstance(sides, NotComputed):
        return sides
    fewest = min(one.nobs for one in sides)
    if fewest < MIN_NOBS_TEST:
        return too_short(f"at least {MIN_NOBS_TEST} observations in each sample", fewest)
    return sides


def difference(
    a_recent: ArrayLike,
    b_recent: ArrayLike,
    a_preceding: ArrayLike,
    b_preceding: ArrayLike,
    *,
    confidence_level: float = 0.95,
    stretch: float = 1.0,
) -> Estimate | NotComputed:
    """Difference of two correlations on Fisher's scale, with Welch's interval.

    atanh(r1) - atanh(r0); see
    :func:`~convex_research.statistics.inference.two_windows.change_in_z`. ``nobs`` = T1 + T0. Needs
    30 observations a sample. Efron and Stein 1981; Welch 1947.

    Parameters
    ----------
    a_recent, b_recent : array_like, shape (T1,)
        Returns of the two legs in the later sample.
    a_preceding, b_preceding : array_like, shape (T0,)
        Returns of the two legs in the earlier sample, which shares no date with the later.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(7)
    >>> a, noise = rng.standard_normal((2, 600))
    >>> b = a + noise
    >>> round(difference(a[510:], b[510:], a[:510], b[:510]).value, 2)
    0.01
    """
    sides = _sides(a_recent, b_recent, a_preceding, b_preceding, stretch=stretch)
    if isinstance(sides, NotComputed):
        return sides
    return change_in_z(*sides, confidence_level=confidence_level)


def compare(
    a_recent: ArrayLike,
    b_recent: ArrayLike,
    a_preceding: ArrayLike,
    b_preceding: ArrayLike,
    *,
    confidence_level: float = 0.95,
    stretch: float = 1.0,
    names: tuple[str, str] = _RECENT,
) -> Comparison:
    """Both correlations, their difference in z and in r, and the test of equality.

    What cannot be had says why.

    Parameters
    ----------
    names : tuple of str
        What a reason calls the samples.
    """
    samples = (a_recent, b_recent, a_preceding, b_preceding)
    sides = _sides(*samples, stretch=stretch, names=names)
    if isinstance(sides, NotComputed):
        one, other = (
            pearson(*legs, confidence_level=confidence_level, stretch=stretch)
            for legs in (samples[:2], samples[2:])
        )
        return Comparison(one, other, sides, sides, sides, sides, sides)
    return Comparison(
        recent=sides[0].estimate(confidence_level),
        preceding=sides[1].estimate(confidence_level),
        difference=change_in_z(*sides, confidence_level=confidence_level),
        equivalence=change_in_z(*sides, confidence_level=0.90),
        difference_r=change_in_r(*sides, confidence_level=confidence_level),
        equivalence_r=change_in_r(*sides, confidence_level=0.90),
        test=_equal(sides),
    )


def fisher_test(
    a_recent: ArrayLike, b_recent: ArrayLike, a_preceding: ArrayLike, b_preceding: ArrayLike
) -> TestResult | NotComputed:
    """Test of equal correlations by the ratio of the z difference to its HAC error.

    ``statistic`` = (z1 - z0) / sqrt(se1^2 + se0^2), referred to Student's t with Welch's degrees of
    freedom: p < 0.05 exactly when the 95 % interval of :func:`difference` excludes zero. Welch
    1947.
    """
    return _equal(_sides(a_recent, b_recent, a_preceding, b_preceding))


def _equal(sides: tuple[FisherZ, FisherZ] | NotComputed) -> TestResult | NotComputed:
    sides = _long_enough(sides)
    if isinstance(sides, NotComputed):
        return sides
    change = difference_z(*sides)
    flags = (FEW_DAYS_CARRY,) if sides[1].carrying_days < _FEW_DAYS else ()
    return change.test(_NULL, _ALTERNATIVE, law="degrees of freedom (Welch)", flags=flags)


def jennrich_test(
    a_recent: ArrayLike, b_recent: ArrayLike, a_preceding: ArrayLike, b_preceding: ArrayLike
) -> TestResult | NotComputed:
    """Jennrich's test of equal correlation matrices, for two variables.

    ``statistic`` = n1 n0 / (n1 + n0) (r1 - r0)^2 / (1 - rbar^2)^2 with rbar = (n1 r1 + n0 r0) / (n1
    + n0), chi-square with one degree of freedom. It takes observations for independent and normal,
    rejects too often on returns, and stands beside :func:`fisher_test` as a sensitivity only.
    Jennrich (1970), JASA 65, 904-912.
    """
    sides = _long_enough(_sides(a_recent, b_recent, a_preceding, b_preceding))
    if isinstance(sides, NotComputed):
        return sides
    recent, preceding = sides
    total = recent.nobs + preceding.nobs
    new, old = math.tanh(recent.z), math.tanh(preceding.z)
    pooled = (recent.nobs * new + preceding.nobs * old) / total
    scaled = (new - old) / (1.0 - pooled * pooled)
    statistic = recent.nobs * preceding.nobs / total * scaled * scaled
    return TestResult(
        statistic=statistic,
        pvalue=math.erfc(math.sqrt(0.5 * statistic)),  # chi-square with one degree of freedom
        null=_NULL,
        alternative=_ALTERNATIVE,
        distribution="chi-square with 1 degree of freedom",
        nobs=total,
        flags=("assumes_iid_normal",),
    )
