"""How sure it is that a parameter lies above or below an edge, from its interval.

An interval is the set of edges that a test does not reject, so it carries the test: its half-width
in standard errors is the critical value, and that names the Student law.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from convex_research.core.estimates import Estimate

__all__ = ["Scale", "effect_found", "pvalue_above", "pvalue_below"]

Scale = Literal["identity", "fisher", "log", "rest", "share"]


def _distance(value: float, point: float, scale: Scale) -> float:
    """How far a value lies above a point on the scale on which its error is Student's."""
    if scale == "identity":
        return value - point
    if scale == "share":
        spread = point * (1.0 - point)
        return (value - point) / math.sqrt(spread) if spread > 0.0 else math.inf
    return _link(value, scale) - _link(point, scale)


def _link(x: float, scale: Scale) -> float:
    """A value on its scale; infinite at the ends of its range."""
    if scale == "fisher":
        return math.atanh(x) if abs(x) < 1.0 else math.copysign(math.inf, x)
    if scale == "log":
        return math.log(x) if x > 0.0 else -math.inf
    return -math.log1p(-x) if x < 1.0 else math.inf


def _slope(value: float, scale: Scale) -> float:
    """Derivative of the scale at the value; of a share, what makes its error one of a trial."""
    slopes = {
        "identity": 1.0,
        "fisher": 1.0 - value * value,
        "log": value,
        "rest": 1.0 - value,
        "share": math.sqrt(max(value * (1.0 - value), 0.0)),
    }
    return 1.0 / max(slopes[scale], 1e-300)


def pvalue_above(estimate: Estimate, edge: float, scale: Scale = "identity") -> float:
    """One-sided p-value of the hypothesis that a parameter is not above an edge.

    P(T_df > t), t the critical value times the distance to the edge over that to the end of the
    interval on the same side, df that of the Student law with this critical value; the normal law
    where the interval is narrower than its, or has no standard error. Below (1 - level) / 2 exactly
    where the interval lies above the edge. 1 without an end on that side; 0 or 1 for a number
    without error.

    - ``estimate``: with an interval and its standard error.
    - ``scale``: on which the interval is symmetric: the value, atanh of a correlation, the log of a
      positive number, the log of what a cut leaves, Wilson's score of a share.
    """
    return _pvalue(estimate, edge, scale, 1.0)


def pvalue_below(estimate: Estimate, edge: float, scale: Scale = "identity") -> float:
    """The same for the hypothesis that the parameter is not below the edge."""
    return _pvalue(estimate, edge, scale, -1.0)


def effect_found(estimate: Estimate, tail: float, power: float) -> float | None:
    """How far from an edge a parameter has to lie for a one-sided test to find it.

    Noncentrality of Student's t at which it passes its critical value with this probability, times
    the standard error over its median, of the normal law where :func:`pvalue_above` takes that.
    None without an interval of some width.

    - ``estimate``: with an interval of two ends.
    - ``tail``: level of the test of :func:`pvalue_above`.
    - ``power``: share of samples in which it rejects.
    """
    from scipy.special import chdtri, nctdtrinc, ndtri, stdtridf, stdtrit

    level, low, high = estimate.confidence_level, estimate.low, estimate.high
    if level is None or low is None or high is None or not 0.0 < high - low < math.inf:
        return None
    half, inside = 0.5 * (high - low), 0.5 + level / 2.0
    normal = float(ndtri(inside))
    critical = half / estimate.std_error if estimate.std_error else normal
    if critical <= normal * (1.0 + 1e-9):
        return half * float(ndtri(1.0 - tail) + ndtri(power)) / normal
    df = float(stdtridf(inside, critical))
    needed = float(nctdtrinc(df, 1.0 - power, stdtrit(df, 1.0 - tail)))
    return half / critical * needed / math.sqrt(chdtri(df, 0.5) / df)


def _pvalue(estimate: Estimate, edge: float, scale: Scale, side: float) -> float:
    from scipy.special import ndtr, ndtri, stdtr, stdtridf

    value, level = estimate.value, estimate.confidence_level
    beyond = side * (value - edge) > 0.0
    if level is None:
        return 0.0 if beyond and "exact" in estimate.flags else 1.0
    end = estimate.low if edge <= value else estimate.high
    if end is None:
        return 1.0
    if end == value:
        return 0.0 if beyond else 1.0
    width = abs(_distance(value, end, scale))
    if not 0.0 < width < math.inf:
        return 0.0 if beyond else 1.0
    tail = 0.5 + level / 2.0
    normal = float(ndtri(tail))
    error = (estimate.std_error or 0.0) * _slope(value, scale)
    critical = width / error if error > 0.0 else normal
    ratio = side * _distance(value, edge, scale) / width
    if critical <= normal * (1.0 + 1e-9) or not math.isfinite(critical):
        return float(ndtr(-normal * ratio))
    df = float(stdtridf(tail, critical))
    return float(stdtr(df, -critical * ratio))
