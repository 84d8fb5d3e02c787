"""The sections of an analysis: which statistics apply to which kind of pair.

Every module here has ``compute(returns, config) -> Section``; its name is the first part of the
keys it makes. One that uses further series besides the pair has ``compute_with_helpers(returns,
config, helpers)`` too, and is run through that. They decide and date; the arithmetic is in
``statistics``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from convex_research.analysis.threads import on_one_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from convex_research.analysis.section import Section
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

__all__ = ["SECTIONS", "compute_section"]

SECTIONS: tuple[str, ...] = (
    "asynchrony",
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
    "concordance",
    "consistency",
    "leads",
    "divergence",
    "market",
    "macro",
    "persistence",
)


@on_one_thread
def compute_section(
    name: str,
    returns: AlignedReturns,
    config: AnalysisConfig,
    helpers: Mapping[str, Any] | None = None,
) -> Section:
    """Run one section by name."""
    module = import_module(f"convex_research.analysis.sections.{name}")
    if hasattr(module, "compute_with_helpers"):
        return cast("Section", module.compute_with_helpers(returns, config, helpers or {}))
    compute = cast("Callable[[AlignedReturns, AnalysisConfig], Section]", module.compute)
    return compute(returns, config)
