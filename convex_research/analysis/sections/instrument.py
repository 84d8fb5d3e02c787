"""The three sections of one instrument: what it did, how it moves, what its returns are like."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.section import Curve, Section, calendar_years
from convex_research.analysis.sections.diagnostics import add_diagnostics
from convex_research.analysis.sections.performance import (
    FALL,
    add_fall,
    add_levels,
    add_years,
    needs_price,
)
from convex_research.analysis.sections.volatility import add_volatilities, volatility_in
from convex_research.core.estimates import Missing, NotComputed, Result, dated, observed, too_short
from convex_research.statistics.dynamics.garch import GarchFit, garch
from convex_research.statistics.single import performance as perf
from convex_research.statistics.single.distribution import quantile, student_tails
from convex_research.statistics.single.episodes import deepest_episodes
from convex_research.statistics.single.history import history_percentile, usual_range
from convex_research.statistics.single.rolling_volatility import rolling_volatility
from convex_research.statistics.single.volatility import annualise

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import LegReturns

__all__ = ["EPISODES", "QUANTILES", "SECTIONS"]

EPISODES = 5
QUANTILES = (0.01, 0.05, 0.5, 0.95, 0.99)


def performance(returns: LegReturns, config: AnalysisConfig) -> Section:
    """Every ``performance.*`` key of an instrument; no letter names a leg."""
    section = Section("performance", returns)
    levels, dates = returns.levels, returns.price_dates
    add_levels(section, returns)
    growth: Result = needs_price(returns)
    if returns.is_price:
        growth = perf.cagr(levels, dates, confidence_level=config.confidence_level)
    else:
        unit = returns.instrument.unit or "level"
        section.add("last_percentile", history_percentile(levels))
        section.add("last_usual", usual_range(levels, unit=unit))
    section.add("cagr", growth)
    _extreme_moves(section, returns)
    _add_drawdowns(section, returns)
    add_years(section, returns)
    section.add_curve("level", Curve(dates, levels, unit=returns.instrument.unit or "level"))
    return section


def _extreme_moves(section: Section, returns: LegReturns) -> None:
    """The largest rise and fall of one period."""
    for name, at in (("best", returns.values.argmax()), ("worst", returns.values.argmin())):
        move = observed(returns.values[at], unit=returns.unit)
        section.add(name, dated(move, returns.level_day(int(at)), returns.day(int(at))))


def _add_drawdowns(section: Section, returns: LegReturns) -> None:
    """Deepest falls from a peak: relative for prices, in the unit of changes otherwise."""
    add_fall(section, returns)
    episodes = deepest_episodes(returns.levels, EPISODES, relative=returns.is_price)
    if not episodes:
        text = "the series never falls below an earlier value"
        section.add("max_drawdown", NotComputed(Missing.NOT_MOVING, text))
    for rank, fall in enumerate(episodes, start=1):
        peak, trough = returns.level_day(fall.peak), returns.level_day(fall.trough)
        value = returns.scale * fall.depth
        depth = observed(value, fall.trough - fall.peak, returns.unit, FALL)
        if rank == 1:
            whole = replace(depth, nobs=len(returns.levels))
            section.add("max_drawdown", dated(whole, peak, trough))
        section.add(f"drawdown[{rank}]", dated(depth, peak, trough))
        if fall.recovery is None:
            text = f"the peak was not reached by {returns.level_day(-1)}"
            section.add(f"recovery[{rank}]", NotComputed(Missing.NOT_IN_SAMPLE, text))
            continue
        back = returns.level_day(fall.recovery)
        days = (back - peak).days
        recovery = observed(days, fall.recovery - fall.peak, "days", "peak to recovery")
        section.add(f"recovery[{rank}]", dated(recovery, peak, back))


def volatility_section(returns: LegReturns, config: AnalysisConfig) -> Section:
    """Every ``volatility.*`` key; ``daily`` means per period of the data."""
    section = Section("volatility", returns)
    add_volatilities(section, returns, config)
    for year, rows, _ in calendar_years(returns):
        yearly = annualise(volatility_in(returns, rows, config), returns.periods_per_year)
        section.add(f"annual[{year}]", yearly, rows)
    _add_rolling(section, returns, config)
    _add_garch(section, returns)
    return section


def _add_rolling(section: Section, returns: LegReturns, config: AnalysisConfig) -> None:
    window = config.rolling_window
    keys = (f"rolling_min[{window}]", f"rolling_max[{window}]")
    ranks = (f"rolling_percentile[{window}]", f"rolling_usual[{window}]")
    if returns.nobs < window + 1:
        short = too_short(f"{window + 1} observations", returns.nobs)
        section.add_each((*keys, *ranks), short)
        return
    paths = rolling_volatility(returns.values, window, confidence_level=config.confidence_level)
    value, low, high = (math.sqrt(returns.periods_per_year) * path for path in paths)
    curve = Curve(returns.dates, value, low, high, unit=returns.unit)
    section.add_curve(f"rolling[{window}]", curve)
    defined = np.flatnonzero(np.isfinite(value))
    if not defined.size:
        still = NotComputed(Missing.NOT_MOVING, "the series does not move in any window")
        section.add_each((*keys, *ranks), still)
        return
    section.add_each(ranks, (history_percentile(value), usual_range(value, unit=returns.unit)))
    for key, pick in zip(keys, (np.argmin, np.argmax), strict=True):
        at = int(defined[pick(value[defined])])
        # The window's own interval would not allow for the choice: the truly calmest or
        # wildest window's volatility lies outside it more often than inside.
        method = f"observed; picked from {defined.size} windows"
        extreme = observed(value[at], window, returns.unit, method)
        section.add(key, extreme, slice(at - window + 1, at + 1))


def _add_garch(section: Section, returns: LegReturns) -> None:
    """Conditional volatility, annualised; the last is the forecast for the next period."""
    fit = garch(returns.values)
    names = ("garch_next", "garch_persistence", "garch_half_life")
    if not isinstance(fit, GarchFit):
        section.add_each(names, fit)
        return
    factor = math.sqrt(returns.periods_per_year) / 100.0
    method = "GARCH(1,1), Gaussian quasi maximum likelihood; no interval"
    last = float(fit.resid[-1]) ** 2 * float(fit.variance[-1])
    variance = fit.omega + fit.alpha * last + fit.beta * float(fit.variance[-1])
    following = observed(factor * math.sqrt(variance), fit.nobs, returns.unit, method)
    persistence = observed(fit.persistence, fit.nobs, method=method)
    half_life: Result
    if fit.persistence <= 0.0 or fit.persistence**fit.nobs > 0.5:
        left = "leave nothing behind in this fit", "do not fade within this sample"
        text = f"shocks to volatility {left[fit.persistence > 0.0]}"
        half_life = NotComputed(Missing.UNDEFINED, text)
    else:
        periods = math.log(0.5) / math.log(fit.persistence)
        half_life = observed(periods, fit.nobs, "observations", method)
    section.add_each(names, (following, persistence, half_life))
    path = Curve(returns.dates, factor * np.sqrt(fit.variance), unit=returns.unit)
    section.add_curve("garch", path)


def diagnostics(returns: LegReturns, config: AnalysisConfig) -> Section:
    """Every ``diagnostics.*`` key of an instrument."""
    section = Section("diagnostics", returns)
    add_diagnostics(section, returns, config)
    section.add("student_df", student_tails(returns.values))
    for share in QUANTILES:
        value = quantile(
            returns.values, share, confidence_level=config.confidence_level, unit=returns.unit
        )
        section.add(f"quantile[{share:g}]", value)
    return section


SECTIONS: dict[str, Any] = {
    "performance": performance,
    "volatility": volatility_section,
    "diagnostics": diagnostics,
}
