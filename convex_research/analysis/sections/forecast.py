"""The correlation of the next month, and whether anything forecasts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.core.estimates import NotComputed
from convex_research.statistics.dynamics.forecast import (
    HORIZON,
    METHODS,
    compare_with_mean,
    correlation_forecasts,
    gain_over_mean,
    next_correlation,
)

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``forecast.*`` key; without a method the long-run mean's."""
    section = Section("forecast", returns)
    level = config.confidence_level
    made = correlation_forecasts(returns.a, returns.b)
    for method in METHODS:
        suffix = "" if method == "mean" else f"_{method}"
        if isinstance(made, NotComputed):
            section.add(f"pearson{suffix}[{HORIZON}]", made)
            if suffix:
                section.add(f"gain{suffix}[{HORIZON}]", made)
                section.add(f"diebold_mariano{suffix}[{HORIZON}]", made)
            continue
        forecast = next_correlation(made, method, confidence_level=level)
        section.add(f"pearson{suffix}[{HORIZON}]", forecast)
        if suffix:
            gain = gain_over_mean(made, method, confidence_level=level)
            section.add(f"gain{suffix}[{HORIZON}]", gain)
            test = compare_with_mean(made, method)
            section.add(f"diebold_mariano{suffix}[{HORIZON}]", test)
    return section
