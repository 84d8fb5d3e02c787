"""What each leg did on the shared dates, and how one did against the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Curve, Section
from convex_research.core.estimates import Estimate, Missing, NotComputed, dated
from convex_research.statistics.dependence.side_by_side import capture_gap, growth_gap
from convex_research.statistics.single import performance as perf
from convex_research.statistics.single.volatility import annual_volatility

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns, LegReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``performance.*`` key; all on shared dates, so that the legs compare."""
    section = Section("performance", returns)
    for name, leg in zip("ab", returns.legs, strict=True):
        add_levels(section, leg, f"_{name}")
        _growth(section, leg, name, config.confidence_level)
    _against_each_other(section, returns, config)
    return section


def add_levels(section: Section, leg: LegReturns, suffix: str = "") -> None:
    """Add the last level, the changes by horizon and the range of a year.

    Parameters
    ----------
    section : Section
        The section ``performance``.
    leg : LegReturns
        One series.
    suffix : str
        Of the statistics, ``"_a"`` for a leg of a pair.
    """
    levels, dates = leg.levels, leg.price_dates
    unit = leg.instrument.unit or "level"
    end = leg.level_day(-1)
    section.add(f"last{suffix}", dated(perf.last(levels, unit=unit), end, end))
    for horizon in perf.HORIZONS:
        if horizon.endswith("d") and leg.frequency != "daily":
            reason = NotComputed(Missing.FREQUENCY, f"the data are {leg.frequency}")
            section.add(f"change{suffix}[{horizon}]", reason)
            continue
        moved = perf.change(
            levels * leg.scale, dates, horizon, relative=leg.is_price, unit=leg.unit
        )
        at = perf.start_of_horizon(dates, horizon)
        start = leg.level_day(at) if at is not None else end
        section.add(f"change{suffix}[{horizon}]", dated(moved, start, end))
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
    if not leg.is_price:
        reason = needs_price(leg)
        section.add_curve(f"level_{name}", Curve(dates, levels, unit=leg.instrument.unit))
        section.add_each([f"{key}_{name}" for key in ("cagr", "max_drawdown", "recovery")], reason)
        return
    section.add(f"cagr_{name}", perf.cagr(levels, dates, confidence_level=level))
    deepest = perf.max_drawdown(levels)
    drawdown = Estimate(
        value=deepest.depth,
        method="observed; from the date of the peak to that of the trough",
        nobs=len(levels),
        start=leg.level_day(deepest.peak),
        end=leg.level_day(deepest.trough),
        unit="decimal",
    )
    section.add(f"max_drawdown_{name}", drawdown)
    section.add(f"recovery_{name}", perf.recovery(levels, dates))
    section.add_curve(f"drawdown_{name}", Curve(dates, perf.drawdowns(levels), unit="decimal"))
    growth = Curve(dates, 100.0 * levels / levels[0], unit="growth of 100")
    section.add_curve(f"growth_{name}", growth)


def _against_each_other(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    level = config.confidence_level
    year = returns.periods_per_year
    gaps = ("gap", "gap_test", "capture_gap", "capture_gap_test")
    if not all(leg.is_price for leg in returns.legs):
        reason = NotComputed(Missing.NOT_A_PRICE, "needs two prices")
        section.add_each(gaps, reason)
        captures = NotComputed(Missing.NOT_A_PRICE, "a capture ratio needs two prices")
        section.add_each(("capture_up", "capture_down"), captures)
        section.add(f"relative_strength[{year}]", reason)
        return
    prices_a, prices_b = returns.levels[:, 0], returns.levels[:, 1]
    grown = growth_gap(prices_a, prices_b, returns.price_dates, confidence_level=level)
    section.add_each(gaps[:2], grown)
    section.add_each(gaps[2:], capture_gap(returns.a, returns.b, confidence_level=level))
    for side in ("up", "down"):
        captured = perf.capture(returns.a, returns.b, side, confidence_level=level)
        section.add(f"capture_{side}", captured)
    strength = perf.relative_strength(prices_a, prices_b, year)
    rows = slice(max(0, returns.nobs - year), returns.nobs)
    section.add(f"relative_strength[{year}]", strength, rows)
    ratio = Curve(returns.price_dates, prices_a / prices_b, unit="price ratio")
    section.add_curve("ratio", ratio)
