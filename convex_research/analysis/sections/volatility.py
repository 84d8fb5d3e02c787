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
    from convex_research.core.estimates import Estimate
    from convex_research.returns import AlignedReturns, LegReturns

_UNITS = NotComputed(Missing.OTHER_UNIT, "the legs have different units")


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``volatility.*`` key; ``daily`` means per period of the data."""
    section = Section("volatility", returns)
    for name, leg in zip("ab", returns.legs, strict=True):
        add_volatilities(section, leg, config, f"_{name}")
    for window in windows_of(returns, config):
        key, rows, level = window.qualifier, window.rows, config.confidence_level
        missing = window.missing
        if missing is None and returns.units[0] != returns.units[1]:
            missing = _UNITS
        legs = returns.a[rows], returns.b[rows]
        ratio = missing or volatility_ratio(*legs, confidence_level=level)
        section.add(f"ratio[{key}]", ratio, rows)
        section.add(f"ratio_test[{key}]", missing or volatility_ratio_test(*legs), rows)
    _add_change(section, returns, config)
    return section


def add_volatilities(
    section: Section, leg: LegReturns, config: AnalysisConfig, suffix: str = ""
) -> None:
    """Add the standard deviation by window of one leg, per period and a year."""
    for window in windows_of(leg, config):
        daily = window.missing or volatility_in(leg, window.rows, config)
        section.add(f"daily{suffix}[{window.qualifier}]", daily, window.rows)
        annual = annualise(daily, leg.periods_per_year)
        section.add(f"annual{suffix}[{window.qualifier}]", annual, window.rows)


def volatility_in(leg: LegReturns, rows: slice, config: AnalysisConfig) -> Estimate | NotComputed:
    """Standard deviation per period in some rows."""
    return volatility(leg.values[rows], confidence_level=config.confidence_level, unit=leg.unit)


def _add_change(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """The ratio of the last year against that of up to four years before it."""
    window, nobs = config.year, returns.nobs
    start = max(0, nobs - config.recent_window - config.preceding_window)
    new, old = slice(nobs - window, nobs), slice(start, nobs - window)
    change: Pair = _UNITS
    if returns.units[0] == returns.units[1]:
        change = too_short(f"{window + config.preceding_min} observations", nobs)
        if nobs - window - start >= config.preceding_min:
            samples = (x[rows] for rows in (new, old) for x in (returns.a, returns.b))
            change = volatility_change(*samples, confidence_level=config.confidence_level)
    keys = (f"ratio_change[{window}]", f"ratio_change_test[{window}]")
    section.add_each(keys, change, slice(start, nobs))
