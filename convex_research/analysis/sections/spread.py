"""The return spread and the price ratio."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.analysis.section import Curve, Section
from convex_research.analysis.sections.divergence import other_units
from convex_research.core.estimates import Missing, NotComputed, too_short
from convex_research.statistics.dependence.side_by_side import own_share
from convex_research.statistics.levels.spread import (
    WINDOW,
    price_ratio,
    spread_volatility,
    spread_volatility_path,
    tracking_error,
    zscore,
    zscore_path,
)
from convex_research.statistics.single.history import history_percentile, usual_range

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``spread.*`` key."""
    section = Section("spread", returns)
    _ratio(section, returns)
    _gap(section, returns, config.confidence_level)
    _tracking(section, returns, config.rolling_window)
    return section


def _tracking(section: Section, returns: AlignedReturns, window: int) -> None:
    """Tracking error over the rolling window, and where the last one stands among all."""
    keys = (f"tracking_error_percentile[{window}]", f"tracking_error_usual[{window}]")
    unit = returns.units[0]
    if unit != returns.units[1]:
        section.add_each(keys, NotComputed(Missing.OTHER_UNIT, "a spread needs one unit"))
        return
    path = spread_volatility_path(returns.a, returns.b, window=window)
    path *= math.sqrt(returns.periods_per_year)
    section.add_curve(f"tracking_error[{window}]", Curve(returns.dates, path, unit=unit))
    section.add_each(keys, (history_percentile(path), usual_range(path, unit=unit)))


def _ratio(section: Section, returns: AlignedReturns) -> None:
    if not all(leg.is_price for leg in returns.legs):
        reason = NotComputed(Missing.NOT_A_PRICE, "a price ratio needs two prices")
        section.add_each(("ratio", "zscore", "zscore_percentile", "zscore_usual"), reason)
        return
    a, b = returns.levels[:, 0], returns.levels[:, 1]
    nobs = returns.nobs
    section.add("ratio", price_ratio(a, b), slice(nobs - 1, nobs))
    section.add("zscore", zscore(a, b), slice(max(0, nobs - WINDOW), nobs))
    unit = "standard deviations"
    path = Curve(returns.price_dates, zscore_path(a, b), unit=unit)
    section.add_curve("zscore", path)
    section.add("zscore_percentile", history_percentile(path.value))
    section.add("zscore_usual", usual_range(path.value, unit=unit))


def _gap(section: Section, returns: AlignedReturns, level: float) -> None:
    unit, year = returns.units[0], returns.periods_per_year
    one_unit = other_units(returns)
    trailing = slice(max(0, returns.nobs - WINDOW), returns.nobs)
    for key, rows in (("", slice(0, returns.nobs)), (f"[{WINDOW}]", trailing)):
        a, b = returns.a[rows], returns.b[rows]
        missing = one_unit
        if missing is None and key and returns.nobs < WINDOW:
            missing = too_short(f"{WINDOW} observations", returns.nobs)
        per_period = missing or spread_volatility(a, b, confidence_level=level, unit=unit)
        per_year = missing or tracking_error(a, b, year, confidence_level=level, unit=unit)
        section.add(f"volatility{key}", per_period, rows)
        section.add(f"tracking_error{key}", per_year, rows)
        names = [f"own_share{test}[{WINDOW if key else 'all'}]" for test in ("", "_test")]
        section.add_each(names, missing or own_share(a, b, confidence_level=level), rows)
    if one_unit is None:
        path = spread_volatility_path(returns.a, returns.b)
        section.add_curve("volatility", Curve(returns.dates, path, unit=unit))
        section.add("volatility_percentile", history_percentile(path))
        section.add("volatility_usual", usual_range(path, unit=unit))
