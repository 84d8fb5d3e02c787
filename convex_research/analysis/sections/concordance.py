"""Same direction on the same day, and on the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.statistics.dependence.concordance import (
    hit_rate,
    same_sign,
    same_sign_extreme,
    sign_test,
)

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

EXTREME = 0.05


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``concordance.*`` key; "ab" means A today and B tomorrow."""
    section = Section("concordance", returns)
    a, b, level = returns.a, returns.b, config.confidence_level
    section.add("same_sign[all]", same_sign(a, b, confidence_level=level))
    extreme = same_sign_extreme(a, b, share=EXTREME, confidence_level=level)
    section.add(f"same_sign_extreme[{EXTREME:g}]", extreme)
    section.add("sign_test", sign_test(a, b))
    for name, cause, effect in (("ab", a, b), ("ba", b, a)):
        section.add(f"hit_{name}", hit_rate(cause, effect, confidence_level=level, lag=0))
        section.add(f"next_{name}", sign_test(cause[:-1], effect[1:], lag=0))
    return section
