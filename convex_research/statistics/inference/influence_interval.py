"""From an influence function to an interval: what every other statistic leans on.

A statistic with influence values IF_t satisfies sqrt(n) (estimate - truth) ~ N(0, Omega), Omega the
long-run variance of IF_t. Omega is estimated with Bartlett weights and a lag so long that its own
noise matters; fixed-b critical values allow for that noise.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, too_short
from convex_research.statistics.inference.fixed_b import fixed_b_critical

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike, Mask

__all__ = [
    "FEWEST_DF",
    "MIN_NOBS_INTERVAL",
    "MIN_NOBS_TEST",
    "as_pair",
    "as_series",
    "bartlett_lag",
    "carried_critical",
    "carried_df",
    "carrying_days",
    "hac_std_error",
    "influence_interval",
    "long_run_covariance",
    "long_run_variance",
    "moves",
    "short_lag",
    "symmetric_interval",
    "unusable",
]

MIN_NOBS_INTERVAL = 30
MIN_NOBS_TEST = 60
FEWEST_DF = 4.0
_ROUNDING = 1e-12  # a spread below this share of the size is what arithmetic leaves behind

Law = Literal["fixed-b", "student", "larger"]
Link = Literal["identity", "fisher", "log"]
_SCALES = {"identity": "", "fisher": ", Fisher scale", "log": ", log scale"}


def as_series(x: ArrayLike, name: str = "x") -> Array:
    """A contiguous 1-D float array."""
    array = np.ascontiguousarray(x, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one-dimensional, got shape {array.shape}")
    return array


def as_pair(a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    """Two 1-D float arrays of equal length."""
    left, right = as_series(a, "a"), as_series(b, "b")
    if left.shape != right.shape:
        raise ValueError(f"a and b differ in length: {left.size} and {right.size}")
    return left, right


def moves(x: Array, *, size: Array | float | None = None, axis: int = -1) -> Mask:
    """Whether values spread by more than rounding: what is constant has no correlation.

    max - min > 1e-12 size, without the axis of time; false where a value is missing or infinite.

    - ``size``: magnitude of the numbers that ``x`` was computed from, such as that of two returns
      for their difference; the largest of ``x`` by default.
    """
    low, high = x.min(axis=axis), x.max(axis=axis)
    if size is None:
        size = np.maximum(high, -low)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(high - low > _ROUNDING * size)


def unusable(*series: Array, min_nobs: int = MIN_NOBS_INTERVAL) -> NotComputed | None:
    """The reason why no estimate can be made from these series, if there is one."""
    nobs = series[0].size
    if nobs < min_nobs:
        return too_short(f"at least {min_nobs:,} observations", f"{nobs:,}")
    for x in series:
        if not np.isfinite(x).all():
            return NotComputed(Missing.MISSING_VALUES, "the sample has missing or infinite values")
        if not moves(x):
            return NotComputed(Missing.NOT_MOVING, "one series does not move in this sample")
    return None


def bartlett_lag(nobs: int) -> int:
    """Truncation lag floor(1.3 sqrt(n)) of Lazarus, Lewis, Stock and Watson (2018)."""
    return min(math.floor(1.3 * math.sqrt(nobs)), nobs - 1)


def short_lag(nobs: int) -> int:
    """Lag floor(4 (T / 100)^(2/9)) of Newey and West (1994), as a consistent HAC error needs."""
    return math.floor(4.0 * math.pow(nobs / 100.0, 2.0 / 9.0))


def long_run_covariance(x: Array, lag: int) -> Array:
    """Bartlett (Newey-West) long-run covariance of the columns of ``x``.

    Gamma_0 + sum_j (1 - j / (lag + 1)) (Gamma_j + Gamma_j'), divisor T, columns centred here.
    """
    sums = _run_sums((x - x.mean(axis=0)).T, lag)
    return np.asarray(sums @ sums.T / (x.shape[0] * (lag + 1.0)))


def long_run_variance(x: Array, lag: int) -> Array:
    """Bartlett long-run variance over the last axis; see :func:`long_run_covariance`."""
    sums = _run_sums(x - x.mean(axis=-1, keepdims=True), lag)
    return np.asarray(np.einsum("...t,...t->...", sums, sums) / (x.shape[-1] * (lag + 1.0)))


def _run_sums(u: Array, lag: int) -> Array:
    """Sums of every lag + 1 neighbours in the last axis, runs cut off by an end too.

    Two observations j apart stand in lag + 1 - j runs together: the runs' mean square is Bartlett's
    variance, never negative, and takes a time that does not grow with the lag.
    """
    nobs = u.shape[-1]
    if lag < 0:
        raise ValueError(f"(lag + 1) / n is {lag + 1}/{nobs}, not in (0, 1]")
    total = np.zeros((*u.shape[:-1], nobs + 2 * lag + 1))
    np.cumsum(u, axis=-1, out=total[..., lag + 1 : lag + 1 + nobs])
    total[..., lag + 1 + nobs :] = total[..., lag + nobs, None]
    return np.asarray(total[..., lag + 1 :] - total[..., : -lag - 1])


def hac_std_error(influence: Array, lag: int | None = None) -> tuple[float, float, int]:
    """Standard error of an estimate from its influence values.

    - ``influence``: influence values of the estimate, one an observation.
    - ``std_error``: sqrt(Omega / T).
    - ``b``: (lag + 1) / T, the share that selects the critical value.
    """
    nobs = influence.size
    used = bartlett_lag(nobs) if lag is None else lag
    omega = float(long_run_variance(influence, used))
    return math.sqrt(max(omega, 0.0) / nobs), (used + 1) / nobs, used


def carrying_days(influence: Array) -> Array:
    """Number of days that carry the variance: (sum f^2)^2 / sum f^4, at least 1.

    - ``influence`` (..., T): influence values, one series a row; centred here.
    """
    centred = influence - influence.mean(axis=-1, keepdims=True)
    largest = np.abs(centred).max(axis=-1, keepdims=True)
    squares = (centred / np.where(largest > 0.0, largest, 1.0)) ** 2  # no overflow at any scale
    fourth = np.einsum("...t,...t->...", squares, squares)
    return np.asarray(np.maximum(squares.sum(axis=-1) ** 2 / np.maximum(fourth, 1e-300), 1.0))


def carried_df(influence: Array, b: float) -> Array:
    """Degrees of freedom of a HAC error where few days carry the variance, as in heavy tails.

    Fixed-b values allow for the noise that the lag brings, not for that of the fourth moments of
    the influence values. Both count as lost degrees of freedom here.

    1 / (1 / d + b / 1.5), 4 at least, d from :func:`carrying_days`, 1.5 / b those of a Bartlett
    variance. Lazarus et al. 2018.

    - ``influence`` (..., T): influence values of the estimate, one series a row.
    """
    # With one or two such days no law is near; the critical value would only become absurd.
    return np.maximum(1.0 / (1.0 / carrying_days(influence) + b / 1.5), FEWEST_DF)


def carried_critical(influence: Array, confidence_level: float, b: float) -> tuple[float, float]:
    """Student's two-sided critical value with :func:`carried_df` degrees of freedom, and these."""
    from scipy.special import stdtrit

    df = float(carried_df(influence, b))
    return float(stdtrit(df, 0.5 + confidence_level / 2.0)), df


def symmetric_interval(
    value: float,
    std_error: float,
    critical: float,
    *,
    confidence_level: float,
    interval: Interval,
    method: str,
    nobs: int,
    link: Link = "identity",
    unit: str = "dimensionless",
    flags: tuple[str, ...] = (),
    carrying_days: float | None = None,
) -> Estimate:
    """An estimate with ``critical`` standard errors to either side, on the scale of ``link``.

    Fisher's z for correlations and the log for positive quantities; the error is that of the
    value, divided by the slope of the scale, and the ends are mapped back.
    """
    half = critical * std_error
    if link == "fisher":
        z, half_z = math.atanh(value), half / (1.0 - value * value)
        low, high = math.tanh(z - half_z), math.tanh(z + half_z)
    elif link == "log":
        ratio = math.exp(half / value)
        low, high = value / ratio, value * ratio
    else:
        low, high = value - half, value + half
    return Estimate(
        value=value,
        std_error=std_error,
        low=low,
        high=high,
        confidence_level=confidence_level,
        interval=interval,
        method=method,
        nobs=nobs,
        unit=unit,
        flags=flags,
        carrying_days=carrying_days,
    )


def influence_interval(
    value: float,
    influence: Array,
    *,
    confidence_level: float,
    law: Law = "fixed-b",
    link: Link = "identity",
    unit: str = "dimensionless",
    lag: int | None = None,
    nobs: int | None = None,
    noise: float = 0.0,
    flags: tuple[str, ...] = (),
) -> Estimate:
    """HAC interval of an estimate from its influence values, on the scale of ``link``.

    - ``influence``: on the whole time line also for statistics of some days, see
      :func:`~convex_research.statistics.inference.masked.spread_influence`.
    - ``law``: of the critical value: fixed-b; :func:`carried_critical`; or for statistics of some
      days, where few carry most of the variance, the larger of fixed-b and Student's with
      :func:`carrying_days` degrees of freedom, and the larger of the HAC and the uncorrelated
      standard error.
    - ``nobs``: days used.
    - ``noise``: standard error of another source, added as variances are.
    """
    from scipy.special import stdtrit

    std_error, b, used = hac_std_error(influence, lag)
    days = float(carrying_days(influence))
    kind, carrying, method = Interval.HAC, None, f"HAC (Bartlett, lag {used}"
    if law == "fixed-b":
        critical = fixed_b_critical(confidence_level, b)
        kind, method = Interval.FIXED_B, f"fixed-b {method}, b {b:.3f})"
    elif law == "student":
        critical, df = carried_critical(influence, confidence_level, b)
        carrying, method = days, f"{method}), Student t with {df:.1f} df"
    else:
        std_error = max(std_error, float(influence.std()) / math.sqrt(influence.size))
        student = float(stdtrit(days, 0.5 + confidence_level / 2.0))
        critical = max(fixed_b_critical(confidence_level, b), student)
        method = f"{method}), larger of fixed-b and Student t with {days:.0f} df"
    return symmetric_interval(
        value,
        math.hypot(std_error, noise),
        critical,
        confidence_level=confidence_level,
        interval=kind,
        method=method + _SCALES[link],
        nobs=influence.size if nobs is None else nobs,
        link=link,
        unit=unit,
        flags=flags,
        carrying_days=carrying,
    )
