"""Standard deviation of each leg by window, daily and annualised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section, windows_of
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.single.volatility import annualise, volatility, volatility_ratio

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``volatility.*`` key; ``daily`` means per period of the data."""
    section = Section("volatility", returns)
    for window in windows_of(returns, config):
        key, rows = window.qualifier, window.rows
        for leg, x, unit in zip("ab", (returns.a, returns.b), returns.units, strict=True):
            daily = window.missing or volatility(
                x[rows], confidence_level=config.confidence_level, unit=unit
            )
            section.add(f"daily_{leg}[{key}]", daily, rows)
            annual = annualise(daily, returns.periods_per_year)
            section.add(f"annual_{leg}[{key}]", annual, rows)
        ratio = window.missing
        if ratio is None and returns.units[0] != returns.units[1]:
            ratio = NotComputed(Missing.OTHER_UNIT, "the legs have different units")
        legs = returns.a[rows], returns.b[rows]
        level = config.confidence_level
        section.add(f"ratio[{key}]", ratio or volatility_ratio(*legs, confidence_level=level), rows)
    return section
