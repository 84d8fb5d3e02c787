"""The three sections of one instrument: what it did, how it moves, what its returns are like."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.section import Curve, Section, calendar_years, windows_of
from convex_research.analysis.sections.performance import add_levels, add_years, needs_price
from convex_research.core.estimates import Estimate, Missing, NotComputed, Result, dated, too_short
from convex_research.statistics.dynamics.garch import GarchFit, garch
from convex_research.statistics.single import performance as perf
from convex_research.statistics.single.diagnostics import (
    arch_lm,
    jarque_bera,
    ljung_box,
    tail_index,
)
from convex_research.statistics.single.distribution import quantile, student_tails
from convex_research.statistics.single.episodes import deepest_episodes, underwater
from convex_research.statistics.single.history import history_percentile, usual_range
from convex_research.statistics.single.rolling_volatility import rolling_volatility
from convex_research.statistics.single.volatility import annualise, volatility

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
    if returns.is_price:
        growth: Result = perf.cagr(levels, dates, confidence_level=config.confidence_level)
    else:
        growth = needs_price(returns)
        unit = returns.instrument.unit or "level"
        section.add("last_percentile", history_percentile(levels))
        section.add("last_usual", usual_range(levels, unit=unit))
    section.add("cagr", growth)
    _extreme_moves(section, returns)
    _add_drawdowns(section, returns)
    add_years(section, returns)
    section.add_curve("level", Curve(dates, levels, unit=returns.instrument.unit or "level"))
    return section


def _observed(value: float, nobs: int, unit: str, method: str = "observed") -> Estimate:
    return Estimate(value=value, method=method, nobs=max(nobs, 1), unit=unit)


def _extreme_moves(section: Section, returns: LegReturns) -> None:
    """The largest rise and fall of one period."""
    for name, at in (("best", returns.values.argmax()), ("worst", returns.values.argmin())):
        one = _observed(float(returns.values[at]), 1, returns.unit)
        section.add(name, dated(one, returns.level_day(int(at)), returns.day(int(at))))


def _add_drawdowns(section: Section, returns: LegReturns) -> None:
    """Deepest falls from a peak: relative for prices, in the unit of changes otherwise."""
    unit, scale = returns.unit, returns.scale
    path = scale * underwater(returns.levels, relative=returns.is_price)
    section.add_curve("drawdown", Curve(returns.price_dates, path, unit=unit))
    end = returns.level_day(-1)
    section.add("drawdown_last", dated(_observed(float(path[-1]), 1, unit), end, end))
    method = "observed; from the date of the peak to that of the trough"
    found = deepest_episodes(returns.levels, EPISODES, relative=returns.is_price)
    if not found:
        section.add(
            "max_drawdown",
            NotComputed(Missing.NOT_MOVING, "the series never falls below an earlier value"),
        )
    for rank, one in enumerate(found, start=1):
        peak, trough = returns.level_day(one.peak), returns.level_day(one.trough)
        depth = _observed(scale * one.depth, one.trough - one.peak, unit, method)
        if rank == 1:
            whole = replace(depth, nobs=len(returns.levels))
            section.add("max_drawdown", dated(whole, peak, trough))
        section.add(f"drawdown[{rank}]", dated(depth, peak, trough))
        if one.recovery is None:
            section.add(
                f"recovery[{rank}]",
                NotComputed(Missing.NOT_IN_SAMPLE, f"the peak was not reached by {end}"),
            )
            continue
        back = returns.level_day(one.recovery)
        days = _observed(
            float((back - peak).days), one.recovery - one.peak, "days", "peak to recovery"
        )
        section.add(f"recovery[{rank}]", dated(days, peak, back))


def volatility_section(returns: LegReturns, config: AnalysisConfig) -> Section:
    """Every ``volatility.*`` key; ``daily`` means per period of the data."""
    section = Section("volatility", returns)
    for window in windows_of(returns, config):
        one = window.missing or _one_volatility(returns, window.rows, config)
        section.add(f"daily[{window.qualifier}]", one, window.rows)
        section.add(
            f"annual[{window.qualifier}]",
            annualise(one, returns.periods_per_year),
            window.rows,
        )
    for year, rows, _ in calendar_years(returns):
        yearly = annualise(_one_volatility(returns, rows, config), returns.periods_per_year)
        section.add(f"annual[{year}]", yearly, rows)
    _add_rolling(section, returns, config)
    _add_garch(section, returns)
    return section


def _one_volatility(
    returns: LegReturns, rows: slice, config: AnalysisConfig
) -> Estimate | NotComputed:
    values = returns.values[rows]
    return volatility(values, confidence_level=config.confidence_level, unit=returns.unit)


def _add_rolling(section: Section, returns: LegReturns, config: AnalysisConfig) -> None:
    window = config.rolling_window
    keys = (f"rolling_min[{window}]", f"rolling_max[{window}]")
    if returns.nobs < window + 1:
        reason = too_short(f"{window + 1} observations", returns.nobs)
        section.add_each(keys, reason)
        return
    factor = math.sqrt(returns.periods_per_year)
    value, low, high = (
        factor * path
        for path in rolling_volatility(
            returns.values, window, confidence_level=config.confidence_level
        )
    )
    curve = Curve(returns.dates, value, low, high, unit=returns.unit)
    section.add_curve(f"rolling[{window}]", curve)
    defined = np.flatnonzero(np.isfinite(value))
    if not defined.size:
        still = NotComputed(Missing.NOT_MOVING, "the series does not move in any window")
        section.add_each(keys, still)
        return
    for key, pick in zip(keys, (np.argmin, np.argmax), strict=True):
        at = int(defined[pick(value[defined])])
        one = Estimate(
            value=float(value[at]),
            # The window's own interval would not allow for the choice: the truly calmest or
            # wildest window's volatility lies outside it more often than inside.
            method=f"observed; picked from {defined.size} windows",
            nobs=window,
            unit=returns.unit,
        )
        section.add(key, one, slice(at - window + 1, at + 1))


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
    following = fit.omega + fit.alpha * last + fit.beta * float(fit.variance[-1])
    shown: list[Result] = [
        _observed(factor * math.sqrt(following), fit.nobs, returns.unit, method),
        _observed(fit.persistence, fit.nobs, "dimensionless", method),
    ]
    if fit.persistence <= 0.0:
        shown.append(
            NotComputed(Missing.UNDEFINED, "shocks to volatility leave nothing behind in this fit")
        )
    elif fit.persistence**fit.nobs > 0.5:
        shown.append(
            NotComputed(Missing.UNDEFINED, "shocks to volatility do not fade within this sample")
        )
    else:
        half_life = math.log(0.5) / math.log(fit.persistence)
        shown.append(_observed(half_life, fit.nobs, "observations", method))
    section.add_each(names, shown)
    path = Curve(returns.dates, factor * np.sqrt(fit.variance), unit=returns.unit)
    section.add_curve("garch", path)


def diagnostics(returns: LegReturns, config: AnalysisConfig) -> Section:
    """Every ``diagnostics.*`` key of an instrument."""
    section = Section("diagnostics", returns)
    level = config.confidence_level
    section.add("tail_index", tail_index(returns.values, confidence_level=level))
    section.add("student_df", student_tails(returns.values))
    for share in QUANTILES:
        one = quantile(returns.values, share, confidence_level=level, unit=returns.unit)
        section.add(f"quantile[{share:g}]", one)
    section.add("ljung_box", ljung_box(returns.values))
    section.add("arch_lm", arch_lm(returns.values))
    section.add("jarque_bera", jarque_bera(returns.values))
    return section


SECTIONS: dict[str, Any] = {
    "performance": performance,
    "volatility": volatility_section,
    "diagnostics": diagnostics,
}
