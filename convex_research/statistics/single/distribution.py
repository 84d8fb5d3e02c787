"""The shape of one leg's returns: quantiles, asymmetry, and a Student law fitted to them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Estimate, Interval, NotComputed
from convex_research.statistics.dynamics.garch import student_df
from convex_research.statistics.inference.fixed_b import fixed_b_critical
from convex_research.statistics.inference.influence_interval import (
    as_series,
    hac_std_error,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["Histogram", "histogram", "quantile", "student_tails"]

_MIN_BEYOND = 5  # observations beyond a quantile; with fewer its interval is a guess
_NORMAL_DF = 199.0  # where the search for degrees of freedom ends


def quantile(
    x: ArrayLike, share: float, *, confidence_level: float = 0.95, unit: str = "decimal"
) -> Estimate | NotComputed:
    """Empirical quantile at a share in (0, 1), with an interval that needs no density.

    Linear interpolation of order statistics. The ends are the quantiles at share ± c s, where s is
    the HAC standard error of the share of observations at or below the quantile (Woodruff's
    interval, fixed-b critical value c). An end that would lie outside the sample is open. Woodruff
    (1952), Journal of the American Statistical Association 47, 635-646.
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"share is not in (0, 1): {share}")
    series = as_series(x)
    needed = math.ceil(_MIN_BEYOND / min(share, 1.0 - share) - 1e-9)
    if (reason := unusable(series, min_nobs=max(30, needed))) is not None:
        return reason
    value = float(np.quantile(series, share))
    std_error, b, lag = hac_std_error((series <= value).astype(np.float64) - share)
    half = fixed_b_critical(confidence_level, b) * std_error
    ends = [
        float(np.quantile(series, at)) if 0.0 < at < 1.0 else None
        for at in (share - half, share + half)
    ]
    return Estimate(
        value=value,
        low=ends[0],
        high=ends[1],
        confidence_level=confidence_level,
        interval=Interval.FIXED_B,
        method=f"Woodruff interval, fixed-b HAC (Bartlett, lag {lag}, b {b:.3f})",
        nobs=series.size,
        unit=unit,
        bound="unbounded" if None in ends else None,
    )


def student_tails(x: ArrayLike) -> Estimate | NotComputed:
    """Degrees of freedom of the Student law that fits the returns best.

    Maximum likelihood between 2.1 and 200. No interval: the likelihood takes draws for independent,
    and volatility that clusters would make it far too short.
    """
    series = as_series(x)
    if (reason := unusable(series, min_nobs=100)) is not None:
        return reason
    centred = series - series.mean()
    df = student_df(centred / np.abs(centred).max())
    ending = "; at the upper end of the search, a normal law" if df > _NORMAL_DF else ""
    return Estimate(
        value=df,
        method=f"maximum likelihood, draws taken as independent{ending}",
        nobs=series.size,
    )


class Histogram(NamedTuple):
    """Bars between ``edges``, and normal and Student densities of the sample's moments at ``at``.

    ``density`` is the share of observations in each bar over its width; ``outside`` counts those
    beyond the outermost.
    """

    edges: Array
    density: Array
    at: Array
    normal: Array
    student: Array
    outside: int


def histogram(x: ArrayLike, df: float, *, reach: float = 5.0, bars: int = 51) -> Histogram:
    """Histogram within ``reach`` standard deviations, with a normal and a Student law.

    ``df`` is the Student law's, above 2; an odd number of bars puts one around the mean.
    """
    if df <= 2.0:
        raise ValueError(f"df must be above 2, got {df}")
    from scipy.special import gammaln

    series = as_series(x)
    mean, scale = float(series.mean()), float(series.std(ddof=1))
    edges = mean + scale * np.linspace(-reach, reach, bars + 1)
    counts, _ = np.histogram(series, edges)
    z = np.linspace(-reach, reach, 121)
    normal = np.exp(-0.5 * z * z) / (math.sqrt(2.0 * math.pi) * scale)
    constant = gammaln(0.5 * (df + 1.0)) - gammaln(0.5 * df) - 0.5 * math.log(math.pi * (df - 2.0))
    student = np.exp(constant - 0.5 * (df + 1.0) * np.log1p(z * z / (df - 2.0))) / scale
    return Histogram(
        edges=edges,
        density=counts / (series.size * np.diff(edges)),
        at=mean + scale * z,
        normal=normal,
        student=student,
        outside=series.size - int(counts.sum()),
    )
