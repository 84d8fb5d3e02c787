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
    made = correlation_forecasts(returns.a, returns.b)
    for method in METHODS:
        suffix = "" if method == "mean" else f"_{method}"
        if isinstance(made, NotComputed):
            section.add(f"pearson{suffix}[{HORIZON}]", made)
            section.add(f"hit_rate{suffix}[{HORIZON}]", made)
            if suffix:
                section.add(f"gain{suffix}[{HORIZON}]", made)
                section.add(f"diebold_mariano{suffix}[{HORIZON}]", made)
            continue
        forecast = next_correlation(made, method, confidence_level=level)
        section.add(f"pearson{suffix}[{HORIZON}]", forecast)
        held = next_hit_rate(made, method, confidence_level=level)
        section.add(f"hit_rate{suffix}[{HORIZON}]", held)
        if suffix:
            gain = gain_over_mean(made, method, confidence_level=level)
            section.add(f"gain{suffix}[{HORIZON}]", gain)
            test = compare_with_mean(made, method)
            section.add(f"diebold_mariano{suffix}[{HORIZON}]", test)
    keys = (f"tracking_error[{HORIZON}]", f"tracking_error_hit_rate[{HORIZON}]")
    unit = returns.units[0]
    if unit != returns.units[1]:
        section.add_each(keys, NotComputed(Missing.OTHER_UNIT, "a gap needs legs in one unit"))
        return section
    legs = returns.a, returns.b, returns.periods_per_year
    section.add_each(keys, next_tracking_error(*legs, confidence_level=level, unit=unit))
    return section
