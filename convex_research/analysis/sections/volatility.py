"""Standard deviation of each leg by window, daily and annualised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section, windows_of
from convex_research.core.estimates import Missing, NotComputed, too_short
from convex_research.statistics.dependence.side_by_side import (
    Pair,
    volatility_change,
    volatility_ratio_test,
)
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
        section.add(f"ratio_test[{key}]", ratio or volatility_ratio_test(*legs), rows)
    _add_change(section, returns, config)
    return section


def _add_change(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """The ratio of the last year against that of up to four years before it."""
    window, nobs = config.year, returns.nobs
    start = max(0, nobs - config.recent_window - config.preceding_window)
    new, old = slice(nobs - window, nobs), slice(start, nobs - window)
    if returns.units[0] != returns.units[1]:
        made: Pair = NotComputed(Missing.OTHER_UNIT, "the legs have different units")
    elif nobs - window - start < config.preceding_min:
        made = too_short(f"{window + config.preceding_min} observations", nobs)
    else:
        legs = returns.a, returns.b
        samples = (x[rows] for rows in (new, old) for x in legs)
        made = volatility_change(*samples, confidence_level=config.confidence_level)
    keys = (f"ratio_change[{window}]", f"ratio_change_test[{window}]")
    section.add_each(keys, made, slice(start, nobs))
