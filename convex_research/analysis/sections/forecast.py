"""The correlation and the gap of the next month, and whether anything forecasts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dynamics.forecast import (
    HORIZON,
    METHODS,
    compare_with_mean,
    correlation_forecasts,
    gain_over_mean,
    next_correlation,
    next_hit_rate,
)
from convex_research.statistics.dynamics.gap_forecast import next_tracking_error

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``forecast.*`` key; without a method the long-run mean's.

    A hit rate is the share of past outcomes in the ranges that could have been given for them.
    """
    section = Section("forecast", returns)
    level = config.confidence_level
    forecasts = correlation_forecasts(returns.a, returns.b)
    for method in METHODS:
        suffix = "" if method == "mean" else f"_{method}"
        names = ("pearson", "hit_rate", "gain", "diebold_mariano")[: 4 if suffix else 2]
        keys = [f"{name}{suffix}[{HORIZON}]" for name in names]
        if isinstance(forecasts, NotComputed):
            section.add_each(keys, forecasts)
            continue
        section.add(keys[0], next_correlation(forecasts, method, confidence_level=level))
        section.add(keys[1], next_hit_rate(forecasts, method, confidence_level=level))
        if suffix:
            gain = gain_over_mean(forecasts, method, confidence_level=level)
            section.add_each(keys[2:], (gain, compare_with_mean(forecasts, method)))
    keys = [f"tracking_error[{HORIZON}]", f"tracking_error_hit_rate[{HORIZON}]"]
    unit = returns.units[0]
    if unit != returns.units[1]:
        section.add_each(keys, NotComputed(Missing.OTHER_UNIT, "a gap needs legs in one unit"))
        return section
    legs = returns.a, returns.b, returns.periods_per_year
    section.add_each(keys, next_tracking_error(*legs, confidence_level=level, unit=unit))
    return section
