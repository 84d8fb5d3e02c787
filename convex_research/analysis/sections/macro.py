"""The spread and the correlation against volatility, yields, credit, the dollar and oil."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.section import Section
from convex_research.analysis.shared_sample import (
    PARTIAL_HELPER,
    STALE_HELPER,
    SharedSample,
    shared_sample,
)
from convex_research.core.estimates import (
    Estimate,
    Missing,
    NotComputed,
    Result,
    observed,
    too_short,
)
from convex_research.statistics.dependence.conditional_correlation import given, partial
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.dependence.explained import explained, explained_gap, explained_test
from convex_research.statistics.dependence.exposure import mean_gap
from convex_research.statistics.dynamics.rolling import rolling_pearson
from convex_research.statistics.leads.explained_ahead import expanding_fit, fit_rsquared
from convex_research.statistics.leads.predictability import larger_model_test
from convex_research.statistics.stability.macro_shift import monthly_shift

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.core.config import AnalysisConfig
    from convex_research.core.typing import Array, Dates, Mask
    from convex_research.returns import AlignedReturns

DRIVERS = ("vix", "yield_10y", "curve", "hy_spread", "dollar", "oil")
RISK = ("vix", "hy_spread")
SHIFTERS = ("vix", "hy_spread", "yield_10y")
_SHARE_WINDOW = 26
_FULL = 0.9
_LEAST_DRIVERS = 2
_RECOVERY_DAYS = 365
_OTHER_UNITS = NotComputed(
    Missing.OTHER_UNIT, "the legs have different units, so there is no spread"
)


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``macro.*`` key, without further series."""
    return compute_with_helpers(returns, config, {})


def compute_with_helpers(
    returns: AlignedReturns, config: AnalysisConfig, helpers: Mapping[str, Any]
) -> Section:
    """Every ``macro.*`` key."""
    section = Section("macro", returns)
    level = config.confidence_level
    levels = (("", level), ("_90", 0.90))
    for name in RISK:
        # With the market taken out of both as well: a bolder leg gains with the market anyway.
        shared = _spread_sample(returns, helpers, (name, "market"))
        if isinstance(shared, NotComputed):
            section.add(f"risk_after_beta[{name}]", shared)
        else:
            spread, measure, market = shared.a - shared.b, -shared.others[:, 0], shared.others[:, 1]
            r = partial(spread, measure, market, confidence_level=level)
            shared.add(section, f"risk_after_beta[{name}]", r)
        shared = _spread_sample(returns, helpers, (name,))
        if isinstance(shared, NotComputed):
            section.add_each([f"risk{suffix}[{name}]" for suffix, _ in levels], shared)
            continue
        for suffix, used in levels:
            r = pearson(shared.a - shared.b, -shared.others[:, 0], confidence_level=used)
            shared.add(section, f"risk{suffix}[{name}]", r)
    _risk_tests(section, returns, helpers)
    for name in SHIFTERS:
        shared = shared_sample(returns, helpers, (name,))
        if isinstance(shared, NotComputed):
            section.add_each([f"shift{suffix}[{name}]" for suffix, _ in levels], shared)
            continue
        for suffix, used in levels:
            slope = monthly_shift(shared.a, shared.b, shared.levels[1:, 0], confidence_level=used)
            shared.add(section, f"shift{suffix}[{name}]", slope)
    _spread(section, spread_drivers(returns, helpers), level)
    _recoveries(section, returns, helpers, level)
    return section


def _spread_sample(
    returns: AlignedReturns,
    helpers: Mapping[str, Any],
    names: tuple[str, ...],
    *,
    weekly: bool = False,
) -> SharedSample | NotComputed:
    """The pair and further series, where the legs have a spread."""
    if returns.units[0] != returns.units[1]:
        return _OTHER_UNITS
    return shared_sample(returns, helpers, names, weekly=weekly)


def _risk_tests(section: Section, returns: AlignedReturns, helpers: Mapping[str, Any]) -> None:
    """The joint tests of every measure of risk appetite that is loaded, without and with beta."""
    loaded = tuple(name for name in RISK if name in helpers)
    for test, market in (("risk_test", ()), ("risk_after_beta_test", ("market",))):
        shared = _spread_sample(returns, helpers, (*(loaded or RISK[:1]), *market))
        if isinstance(shared, NotComputed):
            section.add(test, shared)
            continue
        spread, measures = shared.a - shared.b, -shared.others
        if market:
            spread, measures = given(measures[:, -1], spread, measures[:, :-1])
        shared.add(section, test, explained_test(spread, measures))


def spread_drivers(
    returns: AlignedReturns, helpers: Mapping[str, Any]
) -> SharedSample | NotComputed:
    """The pair and every loaded macro series by the week."""
    drivers = tuple(name for name in DRIVERS if name in helpers)
    if returns.units[0] == returns.units[1] and len(drivers) < _LEAST_DRIVERS:
        text = "needs at least two of VIX, yields, credit spread, dollar and oil"
        return NotComputed(Missing.NO_HELPER, text)
    return _spread_sample(returns, helpers, drivers, weekly=True)


_WEEKLY = ("rsquared", "test", "oos_rsquared", "clark_west", "idiosyncratic_gap", "oos_gap")


def _spread(section: Section, weekly: SharedSample | NotComputed, level: float) -> None:
    if isinstance(weekly, NotComputed):
        section.add_each([f"{name}[weekly]" for name in _WEEKLY], weekly)
        return
    spread = weekly.a - weekly.b
    r2 = explained(spread, weekly.others, confidence_level=level)
    weekly.add(section, "rsquared[weekly]", r2)
    weekly.add(section, "test[weekly]", explained_test(spread, weekly.others))
    fit = expanding_fit(spread, weekly.others)
    if isinstance(fit, NotComputed):
        section.add_each(("oos_rsquared[weekly]", "clark_west[weekly]"), fit)
    else:
        weekly.add(section, "oos_rsquared[weekly]", fit_rsquared(fit, confidence_level=level))
        weekly.add(section, "clark_west[weekly]", larger_model_test(fit))
    gap, ahead = closeness_gap(weekly, level=level)
    weekly.add(section, "idiosyncratic_gap[weekly]", gap)
    weekly.add(section, "oos_gap[weekly]", ahead)


def closeness_gap(
    weekly: SharedSample, weeks: int = _SHARE_WINDOW, *, level: float = 0.95
) -> tuple[Result, Result]:
    """What macro explains of the spread in weeks of close coupling less that in loose ones.

    In sample, and with coefficients known from the past. Coupling is r of as many weeks, which
    end the week before.
    """
    spread = weekly.a - weekly.b
    alone = np.full(spread.size, np.nan)
    path = rolling_pearson(weekly.a, weekly.b, weeks)
    alone[1:] = 1.0 - path[:-1] ** 2
    known = np.isfinite(alone)
    if int(known.sum()) < 3 * _SHARE_WINDOW:
        few = too_short(f"{4 * _SHARE_WINDOW} weeks", spread.size)
        return few, few
    first, second = np.quantile(alone[known], (1.0 / 3.0, 2.0 / 3.0))
    top, bottom = known & (alone > second), known & (alone <= first)
    gap = explained_gap(spread, weekly.others, bottom, top, confidence_level=level)
    fit = expanding_fit(spread, weekly.others)
    if isinstance(fit, NotComputed):
        return gap, fit
    last = fit.actual.size
    tight, loose = (fit_rsquared(fit, mask[-last:]) for mask in (bottom, top))
    if isinstance(tight, NotComputed) or isinstance(loose, NotComputed):
        text = "too few weeks of one sort are left to fit out of sample"
        return gap, NotComputed(Missing.TOO_SHORT, text)
    return gap, observed(tight.value - loose.value, int((bottom | top)[-last:].sum()))


def recoveries(levels: Array, dates: Dates) -> list[int]:
    """Rows at which a recession ends: the first day whose month is out of it."""
    ended = (levels[1:] < 0.5) & (levels[:-1] >= 0.5)
    return [int(row) + 1 for row in np.flatnonzero(ended) if row + 1 < dates.size]


def _recoveries(
    section: Section, returns: AlignedReturns, helpers: Mapping[str, Any], level: float
) -> None:
    """Annual lead of A in the twelve months after recessions, with the number of them."""
    recessions = after_recoveries(returns, helpers)
    if isinstance(recessions, NotComputed):
        section.add_each(("recoveries", "recovery_gap"), recessions)
        return
    after, known, count, flags = recessions
    spread, inside, days = (returns.a - returns.b)[known], after[known], returns.dates[known]
    first, last = (day.astype("datetime64[D]").item() for day in (days[0], days[-1]))
    gap = mean_gap(
        spread,
        inside,
        ~inside,
        scale=returns.periods_per_year,
        confidence_level=level,
        unit=f"{returns.units[0]} a year",
    )
    seen = observed(count, spread.size)
    section.add("recoveries", replace(seen, start=first, end=last, flags=flags))
    if isinstance(gap, Estimate):
        gap = replace(gap, start=first, end=last, flags=(*gap.flags, *flags))
    section.add("recovery_gap", gap)


def after_recoveries(
    returns: AlignedReturns, helpers: Mapping[str, Any]
) -> tuple[Mask, Mask, int, tuple[str, ...]] | NotComputed:
    """Days in the twelve months after recessions, and the days of which that is known.

    The series of recessions says nothing of days before it begins, and of days more than two of
    its steps after it ends. Then how many recoveries begin inside the known days, and what a
    reader must know about the series.
    """
    series = helpers.get("recessions")
    if series is None:
        return NotComputed(Missing.NO_HELPER, "needs the dates of recessions")
    if returns.units[0] != returns.units[1]:
        return _OTHER_UNITS
    stamps, days = series.dates, returns.dates
    step = np.median(np.diff(stamps)) if stamps.size > 1 else np.timedelta64(31, "D")
    known = (days >= stamps[0]) & (days <= stamps[-1] + 2 * step)
    if not known.any():
        pair = f"the pair runs from {returns.day(0)} to {returns.day(-1)}"
        text = f"the dates of recessions end {stamps[-1]}; {pair}"
        return NotComputed(Missing.NO_HELPER, text)
    ends = stamps[recoveries(series.values.to_numpy(dtype=np.float64), stamps)]
    after = np.zeros(days.size, dtype=np.bool_)
    count = 0
    for end in ends:
        mask = (days >= end) & (days < end + np.timedelta64(_RECOVERY_DAYS, "D")) & known
        count += bool(mask.any() and days[0] <= end)
        after |= mask
    flags = (PARTIAL_HELPER,) if known.mean() < _FULL else ()
    if series.provenance.stale:
        flags = (*flags, STALE_HELPER)
    return after, known, count, flags
