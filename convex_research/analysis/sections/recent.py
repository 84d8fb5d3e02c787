"""Recent observations against the disjoint ones before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.analysis.sections.correlation import flag_heavy_tails
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dependence.comparison import (
    compare,
    difference,
    fisher_test,
    jennrich_test,
)

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``recent.*`` key."""
    section = Section("recent", returns)
    window, nobs = config.recent_window, returns.nobs
    start = max(0, nobs - window - config.preceding_window)
    old, new, both = slice(start, nobs - window), slice(nobs - window, nobs), slice(start, nobs)
    named = [f"{name}[{window}]" for name in ("difference", "recent", "preceding", "equivalence")]
    keys = (*named, "fisher", "jennrich")
    _add_years(section, returns, config)
    if nobs < window + config.preceding_min:
        reason = NotComputed(
            Missing.TOO_SHORT,
            f"needs {window} recent and {config.preceding_min} preceding observations, "
            f"there are {nobs} in all",
        )
        for key in keys:
            section.add(key, reason)
        return section
    samples = (returns.a[new], returns.b[new], returns.a[old], returns.b[old])
    compared = compare(*samples, confidence_level=config.confidence_level)
    gap = flag_heavy_tails(compared.difference, returns, both)
    section.add(keys[0], gap, both)
    section.add(keys[1], compared.recent, new)
    section.add(keys[2], compared.preceding, old)
    # Two one-sided tests at 5 % are a 90 % interval inside the margin.
    section.add(keys[3], difference(*samples, confidence_level=0.90), both)
    section.add(keys[4], fisher_test(*samples), both)
    section.add(keys[5], jennrich_test(*samples), both)
    return section


def _add_years(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """The last year of observations against the one before it, key ``[year]``."""
    year, nobs = returns.periods_per_year, returns.nobs
    keys = [f"{name}[year]" for name in ("difference", "recent", "preceding")]
    if nobs < 2 * year:
        reason = NotComputed(
            Missing.TOO_SHORT, f"needs {2 * year} observations, two years; there are {nobs}"
        )
        for key in keys:
            section.add(key, reason)
        return
    new, old = slice(nobs - year, nobs), slice(nobs - 2 * year, nobs - year)
    both = slice(nobs - 2 * year, nobs)
    samples = (returns.a[new], returns.b[new], returns.a[old], returns.b[old])
    compared = compare(*samples, confidence_level=config.confidence_level)
    section.add(keys[0], flag_heavy_tails(compared.difference, returns, both), both)
    section.add(keys[1], compared.recent, new)
    section.add(keys[2], compared.preceding, old)
