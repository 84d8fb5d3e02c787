"""The ``regression.*`` keys beyond the plain line: rises and falls, leads and lags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import slope_unit
from convex_research.statistics.inference.hac_regression import (
    beta_dimson,
    beta_down,
    beta_up,
    up_down,
)

if TYPE_CHECKING:
    from convex_research.analysis.section import Section
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

SHIFTS = (1, 5)


def add_hac_betas(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """Add ``beta_up``, ``beta_down``, ``up_down`` and ``beta_dimson[k]`` to a section."""
    a, b, level = returns.a, returns.b, config.confidence_level
    unit = slope_unit(*returns.units)
    section.add("beta_up", beta_up(a, b, confidence_level=level, unit=unit))
    section.add("beta_down", beta_down(a, b, confidence_level=level, unit=unit))
    section.add("up_down", up_down(a, b))
    for shifts in SHIFTS:
        beta = beta_dimson(a, b, shifts, confidence_level=level, unit=unit)
        section.add(f"beta_dimson[{shifts}]", beta)
