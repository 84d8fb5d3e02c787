"""A band that holds in all rolling windows at once, and intervals of the extremes.

Overlapping windows by the hundred are looked at together, and an extreme is picked from them: an
interval that holds for one window says nothing of either. The band is wider by a factor that was
found by simulation. Of an extreme only the inner end needs it: the window that is truly the lowest
is one fixed window, so that nothing was picked where the outer end is concerned.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, too_short

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["extreme_window", "window_band", "window_interval"]

_LEVEL = 0.95
_LEVEL_ONLY = NotComputed(
    Missing.LEVEL, "the factor that makes it hold in all windows is tabulated for 95 % only"
)


def _critical(nobs: int, window: int) -> float:
    """Standard errors either side that hold in all windows of ``nobs`` observations."""
    return 3.0 + 0.45 * math.log(nobs / window) + (0.15 if window < 60 else 0.0)


def _flawed(z: Array, confidence_level: float) -> NotComputed | None:
    if abs(confidence_level - _LEVEL) > 1e-9:
        return _LEVEL_ONLY
    if not np.isfinite(z).any():
        return too_short("one window in which r has an error", f"{z.size} observations")
    return None


def _steady(std_error: Array) -> Array:
    """No smaller than the median: what happens to look calm is not more certain for it."""
    return np.asarray(np.maximum(std_error, np.nanmedian(std_error)))


def window_interval(
    z: Array, std_error: Array, df: Array, *, confidence_level: float = 0.95
) -> tuple[Array, Array]:
    """Both ends of the interval of each window alone: z -+ t(df) se, as a single window has it."""
    from scipy.special import stdtrit

    half = stdtrit(df, 0.5 + 0.5 * confidence_level) * std_error
    return z - half, z + half


def window_band(
    z: Array, std_error: Array, *, window: int, confidence_level: float = 0.95
) -> tuple[Array, Array] | NotComputed:
    """Both ends of a band that holds in every window together.

    z -+ C max(se, median se), C = 3 + .45 ln(N / w), and .15 more where w < 60: simulated in
    returns of constant and of moving volatility.

    Parameters
    ----------
    z, std_error : array, shape (N,)
        Of the window that ends with each of N observations, NaN where there is none, from
        :func:`~convex_research.statistics.dynamics.rolling.rolling_fisher_z`.
    """
    if (reason := _flawed(z, confidence_level)) is not None:
        return reason
    half = _critical(z.size, window) * _steady(std_error)
    return z - half, z + half


def extreme_window(
    z: Array,
    std_error: Array,
    df: Array,
    side: Literal["min", "max"],
    *,
    window: int,
    confidence_level: float = 0.95,
) -> Estimate | NotComputed:
    """The lowest or highest window, with an interval that allows for the choice.

    On the scale of ``z``. Of the lowest: from min (z - t se), t Student's with each window's df, to
    min (z + C max(se, median se)), C from :func:`window_band`; of the highest mirrored.

    Parameters
    ----------
    z, std_error, df : array, shape (N,)
        As :func:`window_band` takes them, with the degrees of freedom.
    side : {"min", "max"}
        Which extreme.
    """
    from scipy.special import stdtrit

    if (reason := _flawed(z, confidence_level)) is not None:
        return reason
    known = np.isfinite(z)
    sign = 1.0 if side == "min" else -1.0
    away = sign * z[known]
    single = stdtrit(df[known], 0.5 + confidence_level / 2.0)
    critical = _critical(z.size, window)
    outer = float((away - single * std_error[known]).min())
    inner = float((away + critical * _steady(std_error[known])).min())
    ends = sorted((sign * outer, sign * inner))
    return Estimate(
        value=sign * float(away.min()),
        low=ends[0],
        high=ends[1],
        confidence_level=confidence_level,
        interval=Interval.HAC,
        method=(
            f"{'lowest' if sign > 0 else 'highest'} of {away.size} windows, HAC errors; the end "
            f"towards the others {critical:.2f} of them away, which holds in all windows"
        ),
        nobs=window,
    )
