"""The difference of two correlations from windows without a shared day: in z, and in r."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.core.estimates import Estimate, Interval
from convex_research.statistics.inference.jackknife import StudentZ

if TYPE_CHECKING:
    from convex_research.statistics.inference.jackknife import FisherZ

__all__ = ["change_in_r", "change_in_z", "difference_z"]


def difference_z(later: StudentZ, earlier: StudentZ) -> StudentZ:
    """Difference of two independent values on Fisher's scale.

    z1 - z0 with sqrt(se1^2 + se0^2) and Welch's degrees of freedom, (se1^2 + se0^2)^2 / (se1^4 /
    df1 + se0^4 / df0). Welch 1947.

    - ``later``, ``earlier``: each with its own standard error and degrees of freedom.
    """
    one, other = later.std_error**2, earlier.std_error**2
    df = (one + other) ** 2 / (one**2 / later.df + other**2 / earlier.df)
    return StudentZ(later.z - earlier.z, math.sqrt(one + other), df, later.nobs + earlier.nobs)


def change_in_z(later: FisherZ, earlier: FisherZ, *, confidence_level: float = 0.95) -> Estimate:
    """Difference of Fisher's z with Welch's interval.

    - ``later``, ``earlier``: of windows that share no day.
    """
    change = difference_z(later, earlier)
    low, high = change.ends(confidence_level)
    return Estimate(
        value=change.z,
        std_error=change.std_error,
        low=low,
        high=high,
        confidence_level=confidence_level,
        interval=Interval.JACKKNIFE,
        method=f"difference of Fisher z by {_law(later, earlier)}, Welch t with {change.df:.1f} df",
        nobs=change.nobs,
        unit="Fisher z",
    )


def change_in_r(later: FisherZ, earlier: FisherZ, *, confidence_level: float = 0.95) -> Estimate:
    """Difference of two correlations in r, its interval made from those of both.

    d = r1 - r0 with d - sqrt((r1 - l1)^2 + (u0 - r0)^2) and d + sqrt((u1 - r1)^2 + (r0 - l0)^2), l
    and u the ends of each correlation's interval. Zou 2007.

    - ``later``, ``earlier``: of windows that share no day.
    """
    new, old = math.tanh(later.z), math.tanh(earlier.z)
    new_low, new_high = (math.tanh(z) for z in later.ends(confidence_level))
    old_low, old_high = (math.tanh(z) for z in earlier.ends(confidence_level))
    errors = (one.std_error / math.cosh(one.z) ** 2 for one in (later, earlier))
    return Estimate(
        value=new - old,
        std_error=math.hypot(*errors),
        low=new - old - math.hypot(new - new_low, old_high - old),
        high=new - old + math.hypot(new_high - new, old - old_low),
        confidence_level=confidence_level,
        interval=Interval.JACKKNIFE,
        method=f"difference of r by {_law(later, earlier)}, interval of Zou from both",
        nobs=later.nobs + earlier.nobs,
    )


def _law(later: FisherZ, earlier: FisherZ) -> str:
    return f"jackknife, HAC (Bartlett, lags {later.lag} and {earlier.lag})"
