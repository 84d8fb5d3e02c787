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
from convex_research.statistics.inference.block_draws import data_seed
from convex_research.statistics.inference.influence_interval import as_pair, as_series, unusable

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = ["extremes_in_stress", "swing_correlation", "year_changes", "year_swings"]

MIN_YEARS = 10
_PERMUTATIONS = 9_999
_EXTREME = 0.10


def _ranks(x: Array) -> Array:
    return np.argsort(np.argsort(x, kind="stable"), kind="stable").astype(np.float64)


def year_changes(years: list[tuple[ArrayLike, ArrayLike]]) -> tuple[Array, Array] | NotComputed:
    """Size of the change of Fisher's z, and of A's log volatility, from year to year.

    Parameters
    ----------
    years : list of (array_like, array_like)
        Returns of both legs in each calendar year, in order; ten at least.
    """
    if len(years) < MIN_YEARS:
        return too_short(f"{MIN_YEARS} calendar years", len(years))
    z, volatility = [], []
    for a, b in years:
        x, y = as_pair(a, b)
        if (reason := unusable(x, y)) is not None:
            return reason
        r = float(np.corrcoef(x, y)[0, 1])
        if 1.0 - abs(r) < 1e-12:
            return NotComputed(Missing.EXACT, "the legs move in exact proportion in one year")
        z.append(math.atanh(r))
        volatility.append(math.log(float(x.std(ddof=1))))
    return np.abs(np.diff(z)), np.abs(np.diff(volatility))


def swing_correlation(
    swings: Array, turns: Array, *, ranks: bool = True, confidence_level: float = 0.95
) -> Estimate:
    """Correlation of two series of changes between years.

    Parameters
    ----------
    swings, turns : array, shape (m,)
        From :func:`year_changes`.
    ranks : bool
        Of their ranks (Spearman), or of the changes themselves.
    confidence_level : float
        Nominal coverage.
    """
    from scipy.special import ndtri

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

    Parameters
    ----------
    years : list of (array_like, array_like)
        Returns of both legs in each calendar year, in order; ten at least.
    confidence_level : float
        Coverage of the interval.

    Returns
    -------
    rank_correlation : Estimate or NotComputed
        Spearman's rho of |change of Fisher z| and |change of log volatility of A| from one
        year to the next. Interval by Bonett and Wright's standard error
        sqrt((1 + rho^2 / 2) / (m - 3)) on Fisher's scale: years are taken as independent.
    test : TestResult or NotComputed
        One-sided permutation test, 9,999 seeded permutations.

    References
    ----------
    Bonett and Wright (2000), Psychometrika 65, 23-28.
    """
    changes = year_changes(years)
    if isinstance(changes, NotComputed):
        return changes, changes
    swings, turns = changes
    estimate = swing_correlation(swings, turns, confidence_level=confidence_level)
    rho = estimate.value
    left, right = _ranks(swings), _ranks(turns)
    rng = np.random.default_rng(data_seed(swings, turns, salt="year swings"))
    shuffled = rng.permuted(np.tile(right, (_PERMUTATIONS, 1)), axis=1)
    mean = (left.size - 1) / 2.0
    products = (shuffled - mean) @ (left - mean)
    reached = int((products >= float((right - mean) @ (left - mean)) - 1e-9).sum())
    test = TestResult(
        statistic=rho,
        pvalue=(reached + 1.0) / (_PERMUTATIONS + 1.0),
        null="changes of correlation and of volatility are unrelated",
        alternative="they are large in the same years",
        distribution=f"{_PERMUTATIONS} permutations, one-sided",
        nobs=swings.size,
    )
    return estimate, test


def extremes_in_stress(
    path: ArrayLike, stress: Mask, *, extreme_share: float = _EXTREME
) -> tuple[Estimate | NotComputed, Estimate | NotComputed, TestResult | NotComputed]:
    """How often the most extreme rolling windows fall into stress, against the base rate.

    Parameters
    ----------
    path : array_like, shape (T,)
        Rolling correlation, NaN where undefined.
    stress : array of bool, shape (T,)
        Whether the window that ends on a day holds days of a named stress episode.
    extreme_share : float
        Share of windows, those farthest from the median, that count as extreme.

    Returns
    -------
    share, base : Estimate or NotComputed
        Share of the windows farthest from the median, and of all windows, in stress. Observed
        shares without an interval: windows overlap.
    test : TestResult or NotComputed
        The stress labels are shifted round the sample by every amount in turn, which keeps
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
