"""What each leg did on the shared dates, and how one did against the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import Curve, Section, calendar_years
from convex_research.core.estimates import Estimate, Missing, NotComputed, dated, observed
from convex_research.core.flags import Flag
from convex_research.statistics.dependence.side_by_side import (
    capture_gap,
    growth_gap,
    reward_gap,
    years_ahead,
)
from convex_research.statistics.single import dividends
from convex_research.statistics.single import performance as perf
from convex_research.statistics.single.episodes import underwater
from convex_research.statistics.single.reward import reward_for_risk
from convex_research.statistics.single.volatility import annual_volatility

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.returns import AlignedReturns, LegReturns
    from convex_research.statistics.single.reward import Measure

FALL = "observed; from the date of the peak to that of the trough"
MEASURES: tuple[Measure, ...] = ("sharpe", "sortino")


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``performance.*`` key; all on shared dates, so that the legs compare."""
    section = Section("performance", returns)
    for name, leg in zip("ab", returns.legs, strict=True):
        add_levels(section, leg, f"_{name}")
        _growth(section, leg, name, config.confidence_level)
    _against_each_other(section, returns, config)
    return section


def add_levels(section: Section, leg: LegReturns, suffix: str = "") -> None:
    """Add the last level, the changes by horizon and the range of a year."""
    levels, dates = leg.levels, leg.price_dates
    unit = leg.instrument.unit or "level"
    end = leg.level_day(-1)
    section.add(f"last{suffix}", dated(perf.last(levels, unit=unit), end, end))
    for horizon in perf.HORIZONS:
        if horizon.endswith("d") and leg.frequency != "daily":
            reason = NotComputed(Missing.FREQUENCY, f"the data are {leg.frequency}")
            section.add(f"change{suffix}[{horizon}]", reason)
            continue
        scaled = levels * leg.scale
        change = perf.change(scaled, dates, horizon, relative=leg.is_price, unit=leg.unit)
        at = perf.start_of_horizon(dates, horizon)
        start = leg.level_day(at) if at is not None else end
        section.add(f"change{suffix}[{horizon}]", dated(change, start, end))
    for side in ("low", "high"):
        extreme, at = perf.extreme_of_year(levels, dates, side, unit=unit)
        day = leg.level_day(at)
        section.add(f"range_{side}{suffix}[52w]", dated(extreme, day, day))


def needs_price(leg: LegReturns) -> NotComputed:
    """Why a rate or a level has no growth."""
    kind = leg.instrument.kind
    return NotComputed(Missing.NOT_A_PRICE, f"needs a price; this series is a {kind}")


def _growth(section: Section, leg: LegReturns, name: str, level: float) -> None:
    levels, dates = leg.levels, leg.price_dates
    volatility = annual_volatility(
        leg.values, leg.periods_per_year, confidence_level=level, unit=leg.unit
    )
    section.add(f"annual_volatility_{name}", volatility)
    add_years(section, leg, f"_{name}")
    if not leg.is_price:
        reason = needs_price(leg)
        section.add_curve(f"level_{name}", Curve(dates, levels, unit=leg.instrument.unit))
        keys = ("cagr", "max_drawdown", "recovery", "drawdown_last", "calmar", "price_growth")
        section.add_each([f"{key}_{name}" for key in (*keys, "dividend_yield", *MEASURES)], reason)
        return
    growth = perf.cagr(levels, dates, confidence_level=level)
    section.add(f"cagr_{name}", growth)
    deepest = perf.max_drawdown(levels)
    peak, trough = leg.level_day(deepest.peak), leg.level_day(deepest.trough)
    drawdown = observed(deepest.depth, len(levels), "decimal", FALL)
    section.add(f"max_drawdown_{name}", dated(drawdown, peak, trough))
    section.add(f"recovery_{name}", perf.recovery(levels, dates))
    add_fall(section, leg, f"_{name}")
    section.add(f"calmar_{name}", _calmar(growth, drawdown))
    for measure in MEASURES:
        year = leg.periods_per_year
        ratio = reward_for_risk(leg.values, measure, year, confidence_level=level)
        section.add(f"{measure}_{name}", ratio)
    _dividends(section, leg, name, growth)
    grown = Curve(dates, 100.0 * levels / levels[0], unit="growth of 100")
    section.add_curve(f"growth_{name}", grown)


def add_fall(section: Section, leg: LegReturns, suffix: str = "") -> None:
    """Add the path of falls from the highest level so far, and the last of it."""
    path = leg.scale * underwater(leg.levels, relative=leg.is_price)
    end = leg.level_day(-1)
    section.add_curve(f"drawdown{suffix}", Curve(leg.price_dates, path, unit=leg.unit))
    section.add(f"drawdown_last{suffix}", dated(observed(path[-1], unit=leg.unit), end, end))


def _calmar(growth: Result, drawdown: Estimate) -> Result:
    """Growth a year over the deepest fall, observed."""
    if not isinstance(growth, Estimate):
        return growth
    if not drawdown.value < 0.0:
        return NotComputed(Missing.UNDEFINED, "it never fell")
    method = "observed; growth a year over the deepest fall"
    return observed(growth.value / -drawdown.value, drawdown.nobs, method=method)


def _dividends(section: Section, leg: LegReturns, name: str, growth: Result) -> None:
    """The past year's dividends, and growth without any, where closes hold them."""
    keys = (f"dividend_yield_{name}", f"price_growth_{name}")
    if leg.series.raw is None or not leg.series.dividends:
        words = "the series has no dividends beside its prices"
        section.add_each(keys, NotComputed(Missing.NOT_IN_SAMPLE, words))
        return
    closes = leg.series.raw
    known = closes.index.to_numpy().astype("datetime64[D]")
    paid = dividends.payouts(closes.to_numpy(), known, leg.series.dividends)
    start, end = (np.datetime64(leg.level_day(at), "D") for at in (0, -1))
    section.add(keys[0], dividends.dividend_yield(*paid, end))
    if isinstance(growth, Estimate):
        growth = dividends.price_growth(growth.value, *paid, start, end)
    section.add(keys[1], growth)


def add_years(section: Section, leg: LegReturns, suffix: str = "") -> None:
    """Add the change over every calendar year, from the last level of the one before."""
    for year, rows, partial in calendar_years(leg):
        start, end = leg.levels[rows.start], leg.levels[rows.stop]
        value = end / start - 1.0 if leg.is_price else leg.scale * (end - start)
        change = observed(value, rows.stop - rows.start, leg.unit)
        if partial:
            change = replace(change, flags=(Flag.PARTIAL_YEAR,))
        first, last = leg.level_day(rows.start), leg.level_day(rows.stop)
        section.add(f"calendar_year{suffix}[{year}]", dated(change, first, last))


def _against_each_other(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    level = config.confidence_level
    year = returns.periods_per_year
    gaps = ("gap", "gap_test", "capture_gap", "capture_gap_test")
    rewards = [f"{measure}_{what}" for measure in MEASURES for what in ("gap", "gap_test")]
    if not all(leg.is_price for leg in returns.legs):
        reason = NotComputed(Missing.NOT_A_PRICE, "needs two prices")
        section.add_each((*gaps, *rewards, "wins[year]", "wins_test[year]"), reason)
        captures = NotComputed(Missing.NOT_A_PRICE, "a capture ratio needs two prices")
        section.add_each(("capture_up", "capture_down"), captures)
        section.add(f"relative_strength[{year}]", reason)
        return
    prices_a, prices_b = returns.levels[:, 0], returns.levels[:, 1]
    grown = growth_gap(prices_a, prices_b, returns.price_dates, confidence_level=level)
    section.add_each(gaps[:2], grown)
    section.add_each(gaps[2:], capture_gap(returns.a, returns.b, confidence_level=level))
    for i, measure in enumerate(MEASURES):
        less = reward_gap(returns.a, returns.b, measure, year, confidence_level=level)
        section.add_each(rewards[2 * i : 2 * i + 2], less)
    for side in ("up", "down"):
        captured = perf.capture(returns.a, returns.b, side, confidence_level=level)
        section.add(f"capture_{side}", captured)
    _years(section, returns, level)
    strength = perf.relative_strength(prices_a, prices_b, year)
    rows = slice(max(0, returns.nobs - year), returns.nobs)
    section.add(f"relative_strength[{year}]", strength, rows)
    ratio = Curve(returns.price_dates, prices_a / prices_b, unit="price ratio")
    section.add_curve("ratio", ratio)


def _years(section: Section, returns: AlignedReturns, level: float) -> None:
    """In how many full calendar years A did better."""
    full = [rows for _, rows, partial in calendar_years(returns) if not partial]
    grown = [returns.levels[rows.stop] / returns.levels[rows.start] for rows in full]
    wins = years_ahead([x[0] - x[1] for x in grown], confidence_level=level)
    part = slice(full[-1].start, full[0].stop) if full else None
    section.add_each(("wins[year]", "wins_test[year]"), wins, part)
