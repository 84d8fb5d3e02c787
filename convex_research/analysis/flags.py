"""Which flags a pair or a series carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from convex_research.analysis.section import calendar_years
from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.core.flags import CLOCK, Flag
from convex_research.data.quality.sessions import hours_apart
from convex_research.statistics.dependence.asynchrony import Asynchrony, rarely_traded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis.section import Section
    from convex_research.core.estimates import Result
    from convex_research.returns import AlignedReturns, LegReturns, Sample

__all__ = ["TWINS", "clock_flags", "data_flags", "leading_keys", "link_flags"]

TWINS = 0.99
"""r above this is that of twins: what is left is the tracking error."""

# Closes nearer to each other than this leave no trace in daily returns.
_HOURS = 1.0
# A yield in whole basis points rests on many days, and trades on all of them.
_ROUNDED = ("rate", "spread")
# Of rows on Saturdays and Sundays in a series that trades on every day.
_WEEKEND = 0.2


def clock_flags(returns: AlignedReturns, links: Section) -> tuple[Flag, ...]:
    """Closes at different times, and legs that trade rarely, by the section ``asynchrony``.

    Of daily data only.
    """
    if returns.frequency != "daily":
        return ()
    parts = [links.results[f"asynchrony.{name}"] for name in Asynchrony._fields]
    flags = []
    if _known_apart(returns) or _links_apart(parts):
        flags.append(Flag.ASYNCHRONOUS)
    rare = rarely_traded(returns.a, returns.b)
    for leg, rarely, flag in zip(
        returns.legs, rare, (Flag.RARELY_TRADED_A, Flag.RARELY_TRADED_B), strict=True
    ):
        if rarely and leg.instrument.kind not in _ROUNDED:
            flags.append(flag)
    return tuple(flags)


def _links_apart(parts: list[Result]) -> bool:
    if any(isinstance(part, NotComputed) for part in parts):
        return False
    return Asynchrony(*cast("Any", parts)).apart


def _known_apart(returns: AlignedReturns) -> bool:
    """Whether calendars say that the closes differ; where they do not know, weekends tell."""
    hours = hours_apart(*(leg.instrument.calendar for leg in returns.legs))
    if hours is not None:
        return hours >= _HOURS
    first, second = map(_trades_on_weekends, returns.legs)
    return first != second


def _trades_on_weekends(leg: LegReturns) -> bool:
    days = leg.series.values.index.to_numpy().astype("datetime64[D]").astype(np.int64)
    weekend = np.isin((days + 3) % 7, (5, 6))  # 1970-01-01 was a Thursday
    return float(weekend.mean()) > _WEEKEND


def link_flags(r: Result) -> tuple[Flag, ...]:
    """Twins, or legs that move exactly in step, by r over the whole sample."""
    if isinstance(r, NotComputed):
        return (Flag.EXACT,) if r.code == Missing.EXACT else ()
    value = r.value if isinstance(r, Estimate) else 0.0
    if abs(value) == 1.0:
        return (Flag.EXACT,)
    return (Flag.TWINS,) if value > TWINS else ()


def data_flags(sample: Sample) -> tuple[Flag, ...]:
    """Outdated copies, and calendar years that lack a part."""
    flags = []
    if any(leg.series.provenance.stale for leg in sample.legs):
        flags.append(Flag.STALE)
    if any(incomplete for _, _, incomplete in calendar_years(sample)):
        flags.append(Flag.PARTIAL_YEAR)
    return tuple(flags)


def leading_keys(flags: Iterable[str], year: int) -> tuple[str, ...]:
    """Keys of the correlation that leads, best first; the first that has an interval does."""
    daily = (f"correlation.pearson[{year}]", "correlation.pearson[all]")
    if CLOCK.isdisjoint(flags):
        return daily
    return ("correlation.synchronised[all]", "correlation.weekly[all]", *daily)
