"""When the spread's moves are large: after breakdowns, at reconstitutions, tomorrow."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import Section
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.core.estimates import Missing, NotComputed, observed
from convex_research.statistics.dynamics.rolling import rolling_pearson
from convex_research.statistics.levels.divergence import (
    after_breakdowns,
    breakdowns,
    event_ratio,
    volatility_forecast_gain,
)

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

REACH = 5
# The Russell indices are rebuilt on the fourth Friday of June; from 2026 on the second Friday
# of November too.
_TWICE_FROM = 2026


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``divergence.*`` key."""
    section = Section("divergence", returns)
    window, level = config.rolling_window, config.confidence_level
    keys = (f"after_breakdowns[{window}]", "breakdown_episodes", "volatility_gain")
    missing = other_units(returns)
    if missing is None and returns.frequency != "daily":
        missing = NOT_DAILY
    if missing is not None:
        section.add_each((*keys, "reconstitution"), missing)
        return section
    spread = returns.a - returns.b
    low = breakdowns(rolling_pearson(returns.a, returns.b, window))
    ratio, episodes = after_breakdowns(spread, low, confidence_level=level)
    gain = volatility_forecast_gain(spread, confidence_level=level)
    section.add_each(keys, (ratio, observed(episodes, returns.nobs), gain))
    moves = event_ratio(spread, reconstitution_windows(returns), confidence_level=level)
    section.add("reconstitution", moves)
    return section


def other_units(returns: AlignedReturns) -> NotComputed | None:
    """Why two legs have no spread, if they have none."""
    if returns.units[0] == returns.units[1]:
        return None
    text = f"a spread needs one unit; these are {' and '.join(returns.units)}"
    return NotComputed(Missing.OTHER_UNIT, text)


def reconstitution_windows(returns: AlignedReturns, reach: int = REACH) -> list[slice]:
    """Rows from ``reach`` sessions before to as many after each reconstitution."""
    days = returns.dates.astype("datetime64[D]")
    first, last = returns.day(0).year, returns.day(-1).year
    windows = []
    for year in range(first, last + 1):
        fridays = [_friday(year, 6, 4)]
        if year >= _TWICE_FROM:
            fridays.append(_friday(year, 11, 2))
        for friday in fridays:
            row = int(np.searchsorted(days, np.datetime64(friday)))
            near = row < days.size and days[row] - np.datetime64(friday) <= np.timedelta64(4, "D")
            if near and row >= reach and row + reach < days.size:
                windows.append(slice(row - reach, row + reach + 1))
    return windows


def _friday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 7 * (number - 1))
