"""What each leg's returns look like by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.statistics.single.diagnostics import (
    arch_lm,
    jarque_bera,
    ljung_box,
    tail_index,
)

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``diagnostics.*`` key."""
    section = Section("diagnostics", returns)
    for leg, x in zip("ab", (returns.a, returns.b), strict=True):
        section.add(f"tail_index_{leg}", tail_index(x, confidence_level=config.confidence_level))
        section.add(f"ljung_box_{leg}", ljung_box(x))
        section.add(f"arch_lm_{leg}", arch_lm(x))
        section.add(f"jarque_bera_{leg}", jarque_bera(x))
    return section
