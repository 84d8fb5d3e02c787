"""The sections of an analysis: which statistics apply to which kind of pair.

Every module here has ``compute(returns, config) -> Section``; its name is the first
part of the keys it makes. They decide and date; the arithmetic is in ``statistics``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis.section import Section
    from convex_research.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

__all__ = ["SECTIONS", "compute_section"]

SECTIONS: tuple[str, ...] = (
    "correlation",
    "regression",
    "volatility",
    "rolling",
    "recent",
    "stability",
    "dynamics",
    "tails",
    "contagion",
    "regimes",
    "lead_lag",
    "cointegration",
    "hedge",
    "spread",
    "performance",
    "scenario",
    "forecast",
    "diagnostics",
)


def compute_section(name: str, returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Run one section by name."""
    module = import_module(f"convex_research.analysis.sections.{name}")
    compute = cast("Callable[[AlignedReturns, AnalysisConfig], Section]", module.compute)
    return compute(returns, config)
