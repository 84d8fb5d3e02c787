"""What each leg did on the shared dates, and how one did against the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Curve, Section
from convex_research.core.estimates import Estimate, NotComputed, dated
from convex_research.statistics.single import performance as perf
from convex_research.statistics.single.volatility import annual_volatility

if TYPE_CHECKING:
    from datetime import date

    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

_NEEDS_PRICE = "needs a price; this series is a {kind}"


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``performance.*`` key; all on shared dates, so that the legs compare."""
    section = Section("performance", returns)
    for column, leg in enumerate("ab"):
        _levels(section, returns, column, leg)
        _growth(section, returns, column, leg, config.confidence_level)
    _against_each_other(section, returns, config)
    return section


def _day(returns: AlignedReturns, index: int) -> date:
    day: date = returns.price_dates[index].item()
    return day


def _levels(section: Section, returns: AlignedReturns, column: int, leg: str) -> None:
    levels, dates = returns.levels[:, column], returns.price_dates
    series = (returns.prices.a, returns.prices.b)[column]
    is_price = series.instrument.kind == "price"
    unit = series.instrument.unit or "level"
    end = _day(returns, -1)
    section.add(f"last_{leg}", dated(perf.last(levels, unit=unit), end, end))
    for horizon in perf.HORIZONS:
        if horizon.endswith("d") and returns.frequency != "daily":
            reason = NotComputed(f"the data are {returns.frequency}")
            section.add(f"change_{leg}[{horizon}]", reason)
            continue
        moved = perf.change(
            levels, dates, horizon, relative=is_price, unit="decimal" if is_price else unit
        )
        at = perf.start_of_horizon(dates, horizon)
        start = _day(returns, at) if at is not None else end
        section.add(f"change_{leg}[{horizon}]", dated(moved, start, end))
    for side in ("low", "high"):
        extreme, at = perf.extreme_of_year(levels, dates, side, unit=unit)
        day = _day(returns, at)
        section.add(f"range_{side}_{leg}[52w]", dated(extreme, day, day))


def _growth(section: Section, returns: AlignedReturns, column: int, leg: str, level: float) -> None:
    levels, dates = returns.levels[:, column], returns.price_dates
    series = (returns.prices.a, returns.prices.b)[column]
    volatility = annual_volatility(
        returns.values[:, column],
        returns.periods_per_year,
        confidence_level=level,
        unit=returns.units[column],
    )
    section.add(f"annual_volatility_{leg}", volatility)
    if series.instrument.kind != "price":
        reason = NotComputed(_NEEDS_PRICE.format(kind=series.instrument.kind))
        section.add(f"cagr_{leg}", reason)
        section.add_curve(f"level_{leg}", Curve(dates, levels, unit=series.instrument.unit))
        section.add(f"max_drawdown_{leg}", reason)
        return
    section.add(f"cagr_{leg}", perf.cagr(levels, dates, confidence_level=level))
    deepest = perf.max_drawdown(levels)
    drawdown = Estimate(
        value=deepest.depth,
        method="observed; from the date of the peak to that of the trough",
        nobs=len(levels),
        start=_day(returns, deepest.peak),
        end=_day(returns, deepest.trough),
        unit="decimal",
    )
    section.add(f"max_drawdown_{leg}", drawdown)
    section.add_curve(f"drawdown_{leg}", Curve(dates, perf.drawdowns(levels), unit="decimal"))
    growth = Curve(dates, 100.0 * levels / levels[0], unit="growth of 100")
    section.add_curve(f"growth_{leg}", growth)


def _against_each_other(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    kinds = [leg.instrument.kind for leg in (returns.prices.a, returns.prices.b)]
    both_prices = kinds == ["price", "price"]
    for side in ("up", "down"):
        if both_prices:
            level = config.confidence_level
            captured = perf.capture(returns.a, returns.b, side, confidence_level=level)
            section.add(f"capture_{side}", captured)
        else:
            section.add(f"capture_{side}", NotComputed("a capture ratio needs two prices"))
    year = returns.periods_per_year
    if not both_prices:
        section.add(f"relative_strength[{year}]", NotComputed("needs two prices"))
        return
    prices_a, prices_b = returns.levels[:, 0], returns.levels[:, 1]
    strength = perf.relative_strength(prices_a, prices_b, year)
    rows = slice(max(0, returns.nobs - year), returns.nobs)
    section.add(f"relative_strength[{year}]", strength, rows)
    ratio = Curve(returns.price_dates, prices_a / prices_b, unit="price ratio")
    section.add_curve("ratio", ratio)
