"""Two correlations from disjoint samples: do they differ, and by how much.

The comparison is made on Fisher's scale, where the sampling error of a correlation hardly
depends on its size. Each sample brings its own HAC standard error; the samples must not
overlap, or their errors would not add up as variances do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.statistics.dependence.correlation import pearson, pearson_influence
from convex_research.statistics.inference.fixed_b import (
    PVALUE_FLOOR,
    fixed_b_critical,
    fixed_b_pvalue,
)
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    MIN_NOBS_TEST,
    as_pair,
    bartlett_lag,
    hac_std_error,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike

__all__ = ["Comparison", "compare", "difference", "fisher_test", "jennrich_test"]

_NULL = "both samples have the same correlation"
_ALTERNATIVE = "the correlations of the two samples differ"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two correlations and their difference.

    Parameters
    ----------
    recent, preceding : Estimate or NotComputed
        Pearson's r of each sample with its own fixed-b interval.
    difference : Estimate or NotComputed
        Difference on Fisher's scale; see :func:`difference`.
    """

    recent: Estimate | NotComputed
    preceding: Estimate | NotComputed
    difference: Estimate | NotComputed


@dataclass(frozen=True, slots=True)
class _Side:
    """One sample's correlation on Fisher's scale."""

    z: float
    r: float
    std_error: float
    b: float
    lag: int
    nobs: int


def _side(
    a: ArrayLike, b: ArrayLike, name: str, min_nobs: int, stretch: float = 1.0
) -> _Side | NotComputed:
    x, y = as_pair(a, b)
    if (reason := unusable(x, y, min_nobs=min_nobs)) is not None:
        return NotComputed(reason.code, f"{name} sample: {reason.reason}")
    r, influence = pearson_influence(x, y)
    if 1.0 - abs(r) < 1e-12:
        return NotComputed(Missing.EXACT, f"{name} sample: the legs move in exact proportion")
    wanted = None if stretch == 1.0 else max(1, int(stretch * bartlett_lag(x.size)))
    std_error, share, lag = hac_std_error(influence, wanted)
    if not std_error > 0.0:
        return NotComputed(Missing.EXACT, f"{name} sample: the correlation has no measurable error")
    return _Side(math.atanh(r), r, std_error / (1.0 - r * r), share, lag, x.size)


def difference(
    a_recent: ArrayLike,
    b_recent: ArrayLike,
    a_preceding: ArrayLike,
    b_preceding: ArrayLike,
    *,
    confidence_level: float = 0.95,
    stretch: float = 1.0,
) -> Estimate | NotComputed:
    """Difference of two correlations on Fisher's scale, with a fixed-b HAC interval.

    Parameters
    ----------
    a_recent, b_recent : array_like, shape (T1,)
        Returns of the two legs in the later sample.
    a_preceding, b_preceding : array_like, shape (T0,)
        Returns of the two legs in the earlier sample, which shares no date with the later.
    confidence_level : float
        0.90 (for equivalence) or 0.95.
    stretch : float
        Factor on both lags.

    Returns
    -------
    Estimate or NotComputed
        ``value`` = atanh(r1) - atanh(r0). ``std_error`` = sqrt(se1^2 + se0^2), where
        se = se(r) / (1 - r^2) comes from the influence function of each sample with
        Bartlett lag floor(1.3 sqrt(T)). The critical value is that of the shorter sample's
        b, the larger of the two. ``nobs`` = T1 + T0. Needs 30 observations a sample.

    References
    ----------
    Steiger and Hakstian (1982), British J. Math. Stat. Psychology 35, 208-215.
    Lazarus, Lewis, Stock and Watson (2018), JBES 36, 541-559.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(7)
    >>> a, noise = rng.standard_normal((2, 600))
    >>> b = a + noise
    >>> round(difference(a[510:], b[510:], a[:510], b[:510]).value, 2)
    0.01
    """
    recent = _side(a_recent, b_recent, "recent", MIN_NOBS_INTERVAL, stretch)
    if isinstance(recent, NotComputed):
        return recent
    preceding = _side(a_preceding, b_preceding, "preceding", MIN_NOBS_INTERVAL, stretch)
    if isinstance(preceding, NotComputed):
        return preceding
    value, std_error, share = _gap(recent, preceding)
    half = fixed_b_critical(confidence_level, share) * std_error
    return Estimate(
        value=value,
        std_error=std_error,
        low=value - half,
        high=value + half,
        confidence_level=confidence_level,
        interval=Interval.FIXED_B,
        method=(
            f"difference of Fisher z, fixed-b HAC (Bartlett, lags {recent.lag} and "
            f"{preceding.lag}, b {share:.3f})"
        ),
        nobs=recent.nobs + preceding.nobs,
        unit="Fisher z",
    )


def _gap(recent: _Side, preceding: _Side) -> tuple[float, float, float]:
    """Difference of z, its standard error, and the b of the shorter sample."""
    std_error = math.hypot(recent.std_error, preceding.std_error)
    share = recent.b if recent.nobs <= preceding.nobs else preceding.b
    return recent.z - preceding.z, std_error, share


def compare(
    a_recent: ArrayLike,
    b_recent: ArrayLike,
    a_preceding: ArrayLike,
    b_preceding: ArrayLike,
    *,
    confidence_level: float = 0.95,
) -> Comparison:
    """Both correlations beside their difference.

    Parameters
    ----------
    a_recent, b_recent, a_preceding, b_preceding, confidence_level
        As in :func:`difference`.

    Returns
    -------
    Comparison
        The two estimates of r and the difference of their Fisher z.
    """
    return Comparison(
        recent=pearson(a_recent, b_recent, confidence_level=confidence_level),
        preceding=pearson(a_preceding, b_preceding, confidence_level=confidence_level),
        difference=difference(
            a_recent, b_recent, a_preceding, b_preceding, confidence_level=confidence_level
        ),
    )


def fisher_test(
    a_recent: ArrayLike, b_recent: ArrayLike, a_preceding: ArrayLike, b_preceding: ArrayLike
) -> TestResult | NotComputed:
    """Test of equal correlations by the ratio of the z difference to its HAC error.

    Parameters
    ----------
    a_recent, b_recent, a_preceding, b_preceding : array_like
        As in :func:`difference`; at least 60 observations a sample.

    Returns
    -------
    TestResult or NotComputed
        ``statistic`` = (z1 - z0) / sqrt(se1^2 + se0^2); p from the fixed-b law at the
        shorter sample's b. It agrees with :func:`difference`: p < 0.05 when, up to the
        table's accuracy, the 95 % interval excludes zero.

    References
    ----------
    Kiefer and Vogelsang (2005), Econometric Theory 21, 1130-1164.
    """
    recent = _side(a_recent, b_recent, "recent", MIN_NOBS_TEST)
    if isinstance(recent, NotComputed):
        return recent
    preceding = _side(a_preceding, b_preceding, "preceding", MIN_NOBS_TEST)
    if isinstance(preceding, NotComputed):
        return preceding
    value, std_error, share = _gap(recent, preceding)
    statistic = value / std_error
    pvalue = fixed_b_pvalue(statistic, share)
    return TestResult(
        statistic=statistic,
        pvalue=pvalue,
        null=_NULL,
        alternative=_ALTERNATIVE,
        distribution=f"fixed-b law of Kiefer and Vogelsang, Bartlett, b {share:.3f}",
        nobs=recent.nobs + preceding.nobs,
        pvalue_bound="<" if pvalue <= PVALUE_FLOOR else None,
    )


def jennrich_test(
    a_recent: ArrayLike, b_recent: ArrayLike, a_preceding: ArrayLike, b_preceding: ArrayLike
) -> TestResult | NotComputed:
    """Jennrich's test of equal correlation matrices, for two variables.

    Parameters
    ----------
    a_recent, b_recent, a_preceding, b_preceding : array_like
        As in :func:`difference`; at least 60 observations a sample.

    Returns
    -------
    TestResult or NotComputed
        ``statistic`` = n1 n0 / (n1 + n0) (r1 - r0)^2 / (1 - rbar^2)^2 with
        rbar = (n1 r1 + n0 r0) / (n1 + n0), chi-square with one degree of freedom. It takes
        observations for independent and normal, rejects too often on returns, and stands
        beside :func:`fisher_test` as a sensitivity only.

    References
    ----------
    Jennrich (1970), JASA 65, 904-912.
    """
    recent = _side(a_recent, b_recent, "recent", MIN_NOBS_TEST)
    if isinstance(recent, NotComputed):
        return recent
    preceding = _side(a_preceding, b_preceding, "preceding", MIN_NOBS_TEST)
    if isinstance(preceding, NotComputed):
        return preceding
    total = recent.nobs + preceding.nobs
    pooled = (recent.nobs * recent.r + preceding.nobs * preceding.r) / total
    scaled = (recent.r - preceding.r) / (1.0 - pooled * pooled)
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
