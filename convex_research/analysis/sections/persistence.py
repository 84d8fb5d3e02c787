"""Whether relative performance comes in episodes of a year and more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import Section
from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.core.formatting import PERIODS
from convex_research.statistics.inference.block_draws import data_seed
from convex_research.statistics.levels.trend import episode_test, trend_test
from convex_research.statistics.levels.variance_ratio import variance_ratio

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

YEAR = 252


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``persistence.*`` key; on the log price ratio."""
    section = Section("persistence", returns)
    if not all(leg.is_price for leg in returns.legs) or float(returns.levels.min()) <= 0.0:
        reason = NotComputed(Missing.NOT_A_PRICE, "needs two prices above zero")
        names = ("variance_ratio", "trend_test", "longest_episode", "episode_test")
        section.add_each([f"{name}[{YEAR}]" for name in names], reason)
        return section
    ratio = np.log(returns.levels[:, 0] / returns.levels[:, 1])
    level = config.confidence_level
    section.add(f"variance_ratio[{YEAR}]", variance_ratio(ratio, YEAR, confidence_level=level))
    seed = data_seed(ratio, salt="trend")
    section.add(f"trend_test[{YEAR}]", trend_test(ratio, YEAR, seed=seed))
    longest, test = episode_test(ratio, YEAR, seed=data_seed(ratio, salt="episodes"))
    if isinstance(longest, Estimate):
        longest = replace(longest, unit=f"{PERIODS[returns.frequency]}s")
    section.add(f"longest_episode[{YEAR}]", longest)
    section.add(f"episode_test[{YEAR}]", test)
    return section
