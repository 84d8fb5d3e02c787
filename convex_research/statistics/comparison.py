"""Two correlations from disjoint samples: do they differ, and by how much.

The comparison is made on Fisher's scale, where the sampling error of a correlation hardly
depends on its size. Each sample brings its own HAC standard error; the samples must not
overlap, or their errors would not add up as variances do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics.correlation import pearson_influence
from convex_research.statistics.fixed_b import fixed_b_critical
from convex_research.statistics.inference import (
    MIN_NOBS_INTERVAL,
    as_pair,
    hac_std_error,
    unusable,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["difference"]


@dataclass(frozen=True, slots=True)
class _Side:
    """One sample's correlation on Fisher's scale."""

    z: float
    r: float
    std_error: float
    b: float
    lag: int
    nobs: int


def _side(a: ArrayLike, b: ArrayLike, name: str, min_nobs: int) -> _Side | NotComputed:
    x, y = as_pair(a, b)
    if (reason := unusable(x, y, min_nobs=min_nobs)) is not None:
        return NotComputed(f"{name} sample: {reason.reason}")
    r, influence = pearson_influence(x, y)
    if 1.0 - abs(r) < 1e-12:
        return NotComputed(f"{name} sample: the legs move in exact proportion")
    std_error, share, lag = hac_std_error(influence)
    return _Side(math.atanh(r), r, std_error / (1.0 - r * r), share, lag, x.size)


def difference(
    a_recent: ArrayLike,
    b_recent: ArrayLike,
    a_preceding: ArrayLike,
    b_preceding: ArrayLike,
    *,
    confidence_level: float = 0.95,
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

    Returns
    -------
    Estimate or NotComputed
        ``value`` = atanh(r1) - atanh(r0). ``std_error`` = sqrt(se1^2 + se0^2), where
        se = se(r) / (1 - r^2) comes from the influence function of each sample with
        Bartlett lag floor(1.3 sqrt(T)). The critical value is that of the shorter sample's
        b, the larger of the two. ``nobs`` = T1 + T0. Needs 30 observations a sample.

    Raises
    ------
    ValueError
        If the inputs are not one-dimensional and of equal length within a sample.

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
    recent = _side(a_recent, b_recent, "recent", MIN_NOBS_INTERVAL)
    if isinstance(recent, NotComputed):
        return recent
    preceding = _side(a_preceding, b_preceding, "preceding", MIN_NOBS_INTERVAL)
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
