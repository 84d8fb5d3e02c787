"""Whether the legs close at different times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dependence.asynchrony import Asynchrony, asynchrony

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

NOT_DAILY = NotComputed(Missing.FREQUENCY, "needs daily data")


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:  # noqa: ARG001
    """Every ``asynchrony.*`` key; "ab" means A today and B tomorrow."""
    section = Section("asynchrony", returns)
    links = asynchrony(returns.a, returns.b) if returns.frequency == "daily" else NOT_DAILY
    section.add_each(Asynchrony._fields, links)
    return section
