"""Recent observations against the disjoint ones before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.core.estimates import Missing, NotComputed, dated, too_short
from convex_research.returns import resample
from convex_research.statistics.dependence.comparison import compare, jennrich_test

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
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
    nobs = returns.nobs
    keys = [f"{name}[{window}]" for name in _NAMES]
    wide = [f"{name}_joint[{window}]" for name in _JOINT]
    # The test of the recent window has no qualifier.
    leads = window == config.recent_window
    test = "fisher" if leads else f"fisher[{window}]"
    if nobs < window + config.preceding_min or reach < window + config.preceding_min:
        reason = NotComputed(
            Missing.TOO_SHORT,
            f"needs {window} recent and {config.preceding_min} preceding observations, "
            f"there are {min(nobs, reach)} in all",
        )
        section.add_each((*keys, *wide, test, *(("jennrich",) if leads else ())), reason)
        return
    start = max(0, nobs - reach)
    old, new, both = slice(start, nobs - window), slice(nobs - window, nobs), slice(start, nobs)
    samples = (returns.a[new], returns.b[new], returns.a[old], returns.b[old])
    compared = compare(*samples, confidence_level=config.confidence_level)
    for name, key in zip(_NAMES, keys, strict=True):
        rows = {"recent": new, "preceding": old}.get(name, both)
        section.add(key, getattr(compared, name), rows)
    section.add(test, compared.test, both)
    compared = compare(*samples, confidence_level=joint)
    for name, key in zip(_JOINT, wide, strict=True):
        section.add(key, getattr(compared, name), both)
    if leads:
        section.add("jennrich", jennrich_test(*samples), both)


def _add_years(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """The last year of observations against the one before it, key ``[year]``."""
    year, nobs = returns.periods_per_year, returns.nobs
    keys = [f"{name}[year]" for name in ("difference", "recent", "preceding")]
    if nobs < 2 * year:
        reason = NotComputed(
            Missing.TOO_SHORT, f"needs {2 * year} observations, two years; there are {nobs}"
        )
        section.add_each(keys, reason)
        return
    new, old = slice(nobs - year, nobs), slice(nobs - 2 * year, nobs - year)
    both = slice(nobs - 2 * year, nobs)
    samples = (returns.a[new], returns.b[new], returns.a[old], returns.b[old])
    compared = compare(*samples, confidence_level=config.confidence_level)
    section.add(keys[0], compared.difference, both)
    section.add(keys[1], compared.recent, new)
    section.add(keys[2], compared.preceding, old)


def _add_weeks(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """The last two years of weeks against up to four before them, for closes that are apart."""
    keys = [f"weekly_{name}[{_WEEKS}]" for name in (*_NAMES, "fisher")]
    weekly = resample(returns, "weekly") if returns.frequency == "daily" else NOT_DAILY
    if isinstance(weekly, NotComputed):
        section.add_each(keys, weekly)
        return
    nobs = weekly.nobs
    if nobs < 2 * _WEEKS:
        section.add_each(keys, too_short(f"{2 * _WEEKS} weeks", nobs))
        return
    start = max(0, nobs - _WEEKS - _WEEKS_BEFORE)
    old, new, both = slice(start, nobs - _WEEKS), slice(nobs - _WEEKS, nobs), slice(start, nobs)
    samples = (weekly.a[new], weekly.b[new], weekly.a[old], weekly.b[old])
    compared = compare(*samples, confidence_level=config.confidence_level)
    parts = {"recent": new, "preceding": old}
    for name, key in zip((*_NAMES, "test"), keys, strict=True):
        rows = range(nobs)[parts.get(name, both)]
        section.add(key, dated(getattr(compared, name), weekly.day(rows[0]), weekly.day(rows[-1])))
