"""Correlation by window, by calendar year, by ranks, and weekly.

``page`` has the intervals that hold in all windows of a page together, ``pearson_daily`` those that
hold on all days of a year for one who reads the page every day.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.analysis.section import Section, calendar_years, windows_of
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.analysis.shared_sample import market_sample
from convex_research.core.config import YEARS
from convex_research.core.estimates import Estimate, Missing, NotComputed, Result, too_short
from convex_research.core.flags import Flag
from convex_research.returns import resample
from convex_research.statistics.dependence.asynchrony import MIN_NOBS_SYNCHRONISED, synchronised
from convex_research.statistics.dependence.conditional_correlation import (
    ewma,
    partial,
    partial_drop,
)
from convex_research.statistics.dependence.correlation import kendall, pearson, spearman
from convex_research.statistics.inference.jackknife import FisherZ, fisher_z

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

    _Windows = dict[str, tuple[slice, FisherZ | NotComputed]]

_YEAR_NOBS = 126
# Half-widths so many times those of a single look hold on all days of a year: simulated in returns
# of constant and of moving volatility, at 95 %.
_DAILY_LEVEL = 0.95
_DAILY = {"30": 2.5, "90": 1.8, "252": 1.5, "1260": 1.3, "all": 1.2}


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
    windows: _Windows = {}

    def add_pearson(key: str, rows: slice, *flags: Flag) -> None:
        z = fisher_z(a[rows], b[rows])
        windows[key] = rows, z
        if isinstance(z, FisherZ) and config.interval == "jackknife":
            result: Result = z.estimate(level)
        else:
            result = pearson(a[rows], b[rows], interval=config.interval, confidence_level=level)
        if flags and isinstance(result, Estimate):
            result = replace(result, flags=(*result.flags, *flags))
        section.add(f"pearson[{key}]", result, rows)

    ranked_windows = {*map(str, config.long_windows), "all"}
    for window in windows_of(returns, config):
        key, rows = window.qualifier, window.rows
        if window.missing is None:
            add_pearson(key, rows)
        else:
            section.add(f"pearson[{key}]", window.missing)
            windows[key] = rows, window.missing
        if key not in ranked_windows:
            continue
        for name, rank in (("spearman", spearman), ("kendall", kendall)):
            ranked = window.missing or rank(a[rows], b[rows], confidence_level=level)
            section.add(f"{name}[{key}]", ranked, rows)
    for year, rows, incomplete in calendar_years(returns):
        add_pearson(str(year), rows, *((Flag.PARTIAL_YEAR,) if incomplete else ()))
    _joint(section, windows, level)
    _every_day(section, windows, level)
    section.add("ewma[0.94]", ewma(a, b, confidence_level=level))
    _partial(section, returns, helpers, level)
    _clock_free(section, returns, config)
    return section


def _joint(section: Section, windows: _Windows, level: float) -> None:
    """Intervals that hold in all windows shown, each at Sidak's level for their number.

    Sidak (1967), JASA 62, 626-633: valid whatever the windows share.
    """
    short = too_short(f"a calendar year of {_YEAR_NOBS} observations", "fewer")
    shown = {
        key: z if not _is_year(key) or rows.stop - rows.start >= _YEAR_NOBS else short
        for key, (rows, z) in windows.items()
    }
    computed = [windows[key][0] for key, z in shown.items() if isinstance(z, FisherZ)]
    distinct = len({(rows.start, rows.stop) for rows in computed})
    for key, z in shown.items():
        result: Result
        if isinstance(z, NotComputed):
            result = z
        else:
            note = f"; holds in {distinct} windows together (Sidak)"
            alone = z.estimate(level ** (1.0 / distinct), note=note)
            result = replace(alone, confidence_level=level)
        section.add(f"page[{key}]", result, windows[key][0])


def _is_year(key: str) -> bool:
    return key.isdecimal() and int(key) in YEARS


def _every_day(section: Section, windows: _Windows, level: float) -> None:
    """Intervals that hold on all days of a year together, for the windows with a factor."""
    for key, factor in _DAILY.items():
        if key not in windows:
            continue
        rows, z = windows[key]
        result: Result
        if isinstance(z, NotComputed):
            result = z
        elif abs(level - _DAILY_LEVEL) > 1e-9:
            result = NotComputed(
                Missing.LEVEL,
                "the factor that makes it hold on all days of a year is tabulated for 95 % only",
            )
        else:
            note = f"; {factor:g} times as wide, to hold on all days of a year"
            result = z.estimate(level, factor=factor, note=note)
        section.add(f"pearson_daily[{key}]", result, rows)


def _partial(
    section: Section, returns: AlignedReturns, helpers: Mapping[str, Any], level: float
) -> None:
    """What is left of r when the market is taken out, and what that takes away."""
    shared = market_sample(returns, helpers)
    if isinstance(shared, NotComputed):
        section.add_each(("partial[all]", "partial_drop[all]"), shared)
        return
    for name, statistic in (("partial", partial), ("partial_drop", partial_drop)):
        result = statistic(shared.a, shared.b, shared.others[:, 0], confidence_level=level)
        shared.add(section, f"{name}[all]", result)


def _clock_free(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """Weekly r and daily r with a day's leeway: closes hours apart dilute plain daily r."""
    for key, count in ((str(MIN_NOBS_SYNCHRONISED), MIN_NOBS_SYNCHRONISED), ("all", returns.nobs)):
        rows = slice(max(0, returns.nobs - count), returns.nobs)
        wide: Result = NOT_DAILY
        if returns.frequency == "daily":
            legs = returns.a[rows], returns.b[rows]
            wide = synchronised(*legs, confidence_level=config.confidence_level)
        section.add(f"synchronised[{key}]", wide, rows)
    weekly = resample(returns, "weekly")
    if isinstance(weekly, NotComputed):
        section.add("weekly[all]", weekly)
        return
    r = pearson(weekly.a, weekly.b, confidence_level=config.confidence_level)
    section.add("weekly[all]", r)
