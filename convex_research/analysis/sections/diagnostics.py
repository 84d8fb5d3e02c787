"""What each leg's returns look like by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.statistics.diagnostics import tail_index

if TYPE_CHECKING:
    from convex_research.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``diagnostics.*`` key."""
    section = Section("diagnostics", returns)
    for leg, x in zip("ab", (returns.a, returns.b), strict=True):
        section.add(f"tail_index_{leg}", tail_index(x, confidence_level=config.confidence_level))
    return section
