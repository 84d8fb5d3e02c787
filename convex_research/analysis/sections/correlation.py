"""Correlation by window, by calendar year, by ranks, and weekly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.analysis.section import Section, calendar_years, windows_of
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.analysis.shared_sample import is_leg, shared_sample
from convex_research.core.estimates import Estimate, Missing, NotComputed, Result
from convex_research.core.flags import Flag
from convex_research.returns import resample
from convex_research.statistics.dependence.asynchrony import synchronised
from convex_research.statistics.dependence.conditional_correlation import (
    ewma,
    partial,
    partial_drop,
)
from convex_research.statistics.dependence.correlation import kendall, pearson, spearman
from convex_research.statistics.single.diagnostics import moments_suspect, tail_index

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

HEAVY_TAILS = "heavy_tails"


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``correlation.*`` key, without further series."""
    return compute_with_helpers(returns, config, {})


def compute_with_helpers(
    returns: AlignedReturns, config: AnalysisConfig, helpers: Mapping[str, Any]
) -> Section:
    """Every ``correlation.*`` key; the partial ones need a market leg."""
    section = Section("correlation", returns)
    a, b = returns.a, returns.b
    level = config.confidence_level

    def pearson_of(rows: slice) -> Result:
        r = pearson(a[rows], b[rows], interval=config.interval, confidence_level=level)
        return flag_heavy_tails(r, returns, rows)

    ranked_windows = {*map(str, config.long_windows), "all"}
    for window in windows_of(returns, config):
        key, rows = window.qualifier, window.rows
        section.add(f"pearson[{key}]", window.missing or pearson_of(rows), rows)
        if key not in ranked_windows:
            continue
        for name, rank in (("spearman", spearman), ("kendall", kendall)):
            ranked = window.missing or rank(a[rows], b[rows], confidence_level=level)
            section.add(f"{name}[{key}]", ranked, rows)
    for year, rows, incomplete in calendar_years(returns):
        result = pearson_of(rows)
        if incomplete and isinstance(result, Estimate):
            result = replace(result, flags=(*result.flags, Flag.PARTIAL_YEAR))
        section.add(f"pearson[{year}]", result, rows)
    section.add("ewma[0.94]", ewma(a, b, confidence_level=level))
    _partial(section, returns, helpers, level)
    _clock_free(section, returns, config)
    return section


def _partial(
    section: Section, returns: AlignedReturns, helpers: Mapping[str, Any], level: float
) -> None:
    """What is left of r when the market is taken out, and what that takes away."""
    shared = shared_sample(returns, helpers, ("market",))
    if not isinstance(shared, NotComputed) and is_leg(shared):
        shared = NotComputed(Missing.MARKET_IS_LEG, "one of the legs is the market itself")
    for name, statistic in (("partial", partial), ("partial_drop", partial_drop)):
        if isinstance(shared, NotComputed):
            section.add(f"{name}[all]", shared)
            continue
        market = shared.others[:, 0]
        result = statistic(shared.a, shared.b, market, confidence_level=level)
        shared.add(section, f"{name}[all]", result)


def flag_heavy_tails(result: Result, returns: AlignedReturns, rows: slice) -> Result:
    """Flag an estimate when a leg's fourth moment is in doubt in these rows."""
    if not isinstance(result, Estimate):
        return result
    tails = [tail_index(x[rows]) for x in (returns.a, returns.b)]
    if any(isinstance(t, Estimate) and moments_suspect(t) for t in tails):
        return replace(result, flags=(*result.flags, HEAVY_TAILS))
    return result


def _clock_free(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """Weekly r and daily r with a day's leeway: closes hours apart dilute plain daily r."""
    wide = (
        synchronised(returns.a, returns.b, confidence_level=config.confidence_level)
        if returns.frequency == "daily"
        else NOT_DAILY
    )
    section.add("synchronised[all]", wide)
    weekly = resample(returns, "weekly")
    if isinstance(weekly, NotComputed):
        section.add("weekly[all]", weekly)
        return
    r = pearson(weekly.a, weekly.b, confidence_level=config.confidence_level)
    section.add("weekly[all]", r)
