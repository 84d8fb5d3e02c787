"""Raw, adjusted and calm correlation, always together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.core.estimates import NotComputed
from convex_research.statistics.stability.contagion import forbes_rigobon, turbulent_days

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``contagion.*`` key."""
    section = Section("contagion", returns)
    keys = ("raw", "calm", "forbes_rigobon", "difference")
    days = turbulent_days(returns.a)
    if isinstance(days, NotComputed):
        section.add_each(keys, days)
        return section
    r = forbes_rigobon(returns.a, returns.b, *days, confidence_level=config.confidence_level)
    section.add_each(keys, (r.raw, r.calm, r.adjusted, r.difference))
    return section
