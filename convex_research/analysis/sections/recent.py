"""Recent observations against the disjoint ones before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.core.estimates import Missing, NotComputed, dated, too_short
from convex_research.returns import resample
from convex_research.statistics.dependence.comparison import compare, jennrich_test

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.core.typing import Array
    from convex_research.returns import AlignedReturns

_NAMES = ("difference", "difference_r", "equivalence", "recent", "preceding")
_JOINT = ("difference", "difference_r")
_WEEKS = 104
_WEEKS_BEFORE = 208


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``recent.*`` key.

    The recent window and the last year are each compared with what lies before them, so far back
    that both reach over the same observations. ``_joint`` has the intervals that hold for both
    looks at once (Sidak).
    """
    section = Section("recent", returns)
    reach = config.recent_window + config.preceding_window
    windows = sorted({config.recent_window, config.year})
    long = min(returns.nobs, reach) - config.preceding_min
    looks = sum(window <= long for window in windows)
    joint = config.confidence_level ** (1.0 / max(looks, 1))
    for window in windows:
        _add(section, returns, config, window, reach=reach, joint=joint)
    _add_years(section, returns, config)
    _add_weeks(section, returns, config)
    return section


def _add(
    section: Section,
    returns: AlignedReturns,
    config: AnalysisConfig,
    window: int,
    *,
    reach: int,
    joint: float,
) -> None:
    """The last ``window`` observations against those before them."""
    nobs, needed = returns.nobs, config.preceding_min
    leads = window == config.recent_window  # its tests have no qualifier
    keys = {name: f"{name}[{window}]" for name in _NAMES}
    keys["test"] = "fisher" if leads else f"fisher[{window}]"
    wide = {name: f"{name}_joint[{window}]" for name in _JOINT}
    if min(nobs, reach) < window + needed:
        text = f"needs {window} recent and {needed} preceding observations"
        reason = NotComputed(Missing.TOO_SHORT, f"{text}, there are {min(nobs, reach)} in all")
        last = ("jennrich",) if leads else ()
        section.add_each([*keys.values(), *wide.values(), *last], reason)
        return
    start = max(0, nobs - reach)
    _against_before(section, returns, window, start, keys, level=config.confidence_level)
    samples = _against_before(section, returns, window, start, wide, level=joint)
    if leads:
        section.add("jennrich", jennrich_test(*samples), slice(start, nobs))


def _against_before(
    section: Section,
    sample: AlignedReturns,
    window: int,
    start: int,
    keys: Mapping[str, str],
    *,
    level: float,
) -> tuple[Array, Array, Array, Array]:
    """Add parts of the comparison of the last ``window`` rows with those before, from a first."""
    nobs = sample.nobs
    old, new, both = slice(start, nobs - window), slice(nobs - window, nobs), slice(start, nobs)
    samples = sample.a[new], sample.b[new], sample.a[old], sample.b[old]
    comparison = compare(*samples, confidence_level=level)
    parts = {"recent": new, "preceding": old}
    for name, key in keys.items():
        rows = range(nobs)[parts.get(name, both)]
        result: Result = getattr(comparison, name)
        section.add(key, dated(result, sample.day(rows[0]), sample.day(rows[-1])))
    return samples


def _add_years(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """The last year of observations against the one before it, key ``[year]``."""
    year, nobs = returns.periods_per_year, returns.nobs
    keys = {name: f"{name}[year]" for name in ("difference", "recent", "preceding")}
    if nobs < 2 * year:
        text = f"needs {2 * year} observations, two years; there are {nobs}"
        section.add_each([*keys.values()], NotComputed(Missing.TOO_SHORT, text))
        return
    start, level = nobs - 2 * year, config.confidence_level
    _against_before(section, returns, year, start, keys, level=level)


def _add_weeks(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """The last two years of weeks against up to four before them, for closes that are apart."""
    keys = {name: f"weekly_{name}[{_WEEKS}]" for name in _NAMES}
    keys["test"] = f"weekly_fisher[{_WEEKS}]"
    weekly = resample(returns, "weekly") if returns.frequency == "daily" else NOT_DAILY
    if not isinstance(weekly, NotComputed) and weekly.nobs < 2 * _WEEKS:
        weekly = too_short(f"{2 * _WEEKS} weeks", weekly.nobs)
    if isinstance(weekly, NotComputed):
        section.add_each([*keys.values()], weekly)
        return
    start, level = max(0, weekly.nobs - _WEEKS - _WEEKS_BEFORE), config.confidence_level
    _against_before(section, weekly, _WEEKS, start, keys, level=level)
