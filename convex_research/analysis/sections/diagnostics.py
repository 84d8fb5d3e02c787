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
    from convex_research.returns import AlignedReturns, LegReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``diagnostics.*`` key."""
    section = Section("diagnostics", returns)
    for name, leg in zip("ab", returns.legs, strict=True):
        add_diagnostics(section, leg, config, f"_{name}")
    return section


def add_diagnostics(
    section: Section, leg: LegReturns, config: AnalysisConfig, suffix: str = ""
) -> None:
    """Add the tail index and the tests of one leg."""
    x = leg.values
    index = tail_index(x, confidence_level=config.confidence_level)
    keys = [f"{name}{suffix}" for name in ("tail_index", "ljung_box", "arch_lm", "jarque_bera")]
    section.add_each(keys, (index, ljung_box(x), arch_lm(x), jarque_bera(x)))
