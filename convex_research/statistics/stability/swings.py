"""What large changes of correlation go with: volatility by year, and named stress windows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import (
    Estimate,
    Interval,
    Missing,
    NotComputed,
    TestResult,
    too_short,
)
from convex_research.statistics.inference.block_draws import data_seed, drawn_pvalue
from convex_research.statistics.inference.influence_interval import as_pair, as_series, unusable
from convex_research.statistics.inference.jackknife import fisher_z

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["extremes_in_stress", "swing_correlation", "year_marks", "year_swings"]

MIN_YEARS = 10
_PERMUTATIONS = 9_999
_EXTREME = 0.10


def _ranks(x: Array) -> Array:
    order = np.argsort(x, axis=-1, kind="stable")
    return np.argsort(order, axis=-1, kind="stable").astype(np.float64)


def year_marks(years: list[tuple[ArrayLike, ArrayLike]]) -> tuple[Array, Array] | NotComputed:
    """Fisher's z of each year in units of its own error, and the log of its turbulence.

    - ``years``: returns of both legs in each calendar year, in order; ten at least.
    - ``marks`` (k,): (z_i - z) / s_i, z the average weighted by 1 / s_i^2: what is alike in all
      years if the correlation is constant, whatever volatility does to their errors.
    - ``turbulence`` (k,): half the log determinant of the year's covariance matrix. One leg's
      volatility would not do: its sampling error goes with that of r (correlation r / sqrt 2 for
      normal returns), so that the two would swing together where nothing changes.
    """
    if len(years) < MIN_YEARS:
        return too_short(f"{MIN_YEARS} calendar years", len(years))
    z, error, turbulence = [], [], []
    for a, b in years:
        x, y = as_pair(a, b)
        if (reason := unusable(x, y)) is not None:
            return reason
        one = fisher_z(x, y)
        if isinstance(one, NotComputed):
            return NotComputed(one.code, f"one year: {one.reason}")
        z.append(one.z)
        error.append(one.std_error)
        spread = math.log(float(x.std(ddof=1))) + math.log(float(y.std(ddof=1)))
        turbulence.append(spread - math.log(math.cosh(one.z)))  # 1 - r^2 = 1 / cosh(z)^2
    weight = 1.0 / np.square(error)
    marks = (np.array(z) - float(weight @ z) / float(weight.sum())) / np.array(error)
    return marks, np.array(turbulence)


def swing_correlation(
    marks: Array, turbulence: Array, *, ranks: bool = True, confidence_level: float = 0.95
) -> Estimate:
    """Correlation of the sizes of both series' changes from one year to the next.

    - ``marks``, ``turbulence`` (k,): from :func:`year_marks`.
    - ``ranks``: of their ranks (Spearman), or of the changes themselves.
    """
    from scipy.special import ndtri

    swings, turns = np.abs(np.diff(marks)), np.abs(np.diff(turbulence))
    pair = (_ranks(swings), _ranks(turns)) if ranks else (swings, turns)
    rho = float(np.corrcoef(*pair)[0, 1])
    size = swings.size
    error = math.sqrt((1.0 + rho * rho / 2.0) / (size - 3.0))
    half = float(ndtri(0.5 + confidence_level / 2.0)) * error
    centre = math.atanh(min(max(rho, -0.999999), 0.999999))
    return Estimate(
        value=rho,
        std_error=error * (1.0 - rho * rho),
        low=min(math.tanh(centre - half), rho),
        high=max(math.tanh(centre + half), rho),
        confidence_level=confidence_level,
        interval=Interval.BONETT_WRIGHT,
        method="Bonett-Wright",
        nobs=size,
    )


def year_swings(
    years: list[tuple[ArrayLike, ArrayLike]], *, confidence_level: float = 0.95
) -> tuple[Estimate | NotComputed, TestResult | NotComputed]:
    """Whether correlation changes more between years when volatility does.

    Bonett and Wright (2000), Psychometrika 65, 23-28.

    - ``years``: returns of both legs in each calendar year, in order; ten at least.
    - ``rank_correlation``: Spearman's rho of the changes of both series of :func:`year_marks` from
      one year to the next, without their signs. Interval by Bonett and Wright's standard error
      sqrt((1 + rho^2 / 2) / (m - 3)) on Fisher's scale.
    - ``test``: one-sided: the years' marks, alike under a constant correlation, are put in 9,999
      seeded orders and their changes taken anew. Rejects at 5 % in .03 to .09 of samples of 10 and
      20 years; in .13 where each leg jumps alone, which lowers r as it raises volatility.
    """
    found = year_marks(years)
    if isinstance(found, NotComputed):
        return found, found
    marks, turbulence = found
    estimate = swing_correlation(marks, turbulence, confidence_level=confidence_level)
    right = _ranks(np.abs(np.diff(turbulence)))
    right -= right.mean()
    rng = np.random.default_rng(data_seed(marks, turbulence, salt="year swings"))
    orders = rng.permuted(np.tile(marks, (_PERMUTATIONS, 1)), axis=1)
    products = _ranks(np.abs(np.diff(orders, axis=1))) @ right
    own = float(_ranks(np.abs(np.diff(marks))) @ right)
    reached = int((products >= own - 1e-9).sum())
    pvalue, bound = drawn_pvalue(reached, _PERMUTATIONS)
    test = TestResult(
        statistic=estimate.value,
        pvalue=pvalue,
        pvalue_bound=bound,
        null="changes of correlation and of volatility are unrelated",
        alternative="they are large in the same years",
        distribution=(
            f"{_PERMUTATIONS} orders of the years, one-sided (size .02 to .10; .13 where each leg"
            " jumps alone)"
        ),
        nobs=estimate.nobs,
    )
    return estimate, test


def extremes_in_stress(
    path: ArrayLike, stress: Mask, *, extreme_share: float = _EXTREME
) -> tuple[Estimate | NotComputed, Estimate | NotComputed, TestResult | NotComputed]:
    """How often the most extreme rolling windows fall into stress, against the base rate.

    - ``path``: rolling correlation, NaN where undefined.
    - ``stress``: whether the window that ends on a day holds days of a named stress episode.
    - ``extreme_share``: share of windows, those farthest from the median, that count as extreme.
    - ``share``, ``base``: share of the windows farthest from the median, and of all windows, in
      stress. Observed shares without an interval: windows overlap.
    - ``test``: the stress labels are shifted round the sample by every amount in turn, which keeps
      both series' own dependence; p is the share of shifts that reach the observed share.
    """
    values = as_series(path, "path")
    if stress.shape != values.shape:
        raise ValueError(f"stress has shape {stress.shape}, the path {values.shape}")
    known = np.isfinite(values)
    values, labels = values[known], stress[known].astype(np.float64)
    reason = unusable(values, min_nobs=252)
    if reason is None and not 0.0 < labels.mean() < 1.0:
        reason = NotComputed(Missing.NOT_IN_SAMPLE, "no named stress window lies inside the sample")
    if reason is not None:
        return reason, reason, reason
    distance = np.abs(values - np.median(values))
    extreme = distance >= np.quantile(distance, 1.0 - extreme_share)
    count = int(extreme.sum())
    # Circular cross-correlation gives the overlap at every shift at once.
    overlap = np.fft.irfft(
        np.fft.rfft(extreme.astype(np.float64)) * np.conj(np.fft.rfft(labels)), n=values.size
    )
    observed = float(labels[extreme].sum())
    pvalue = float((overlap >= observed - 1e-6).mean())
    shares = [
        Estimate(value=float(value), method="observed", nobs=int(nobs))
        for value, nobs in ((observed / count, count), (labels.mean(), values.size))
    ]
    test = TestResult(
        statistic=observed / count - float(labels.mean()),
        pvalue=min(max(pvalue, 1.0 / values.size), 1.0),
        null="extreme windows are in stress as often as other windows",
        alternative="they are in stress more often",
        distribution=f"all {values.size} circular shifts of the labels",
        nobs=values.size,
    )
    return shares[0], shares[1], test
