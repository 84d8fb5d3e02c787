"""How much one leg's past tells of the other, by blocks of lags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.core.estimates import Missing, NotComputed, TestResult, too_short
from convex_research.statistics.leads.lead_lag import wald
from convex_research.statistics.leads.lead_share import explained_share, lead_share, rotation_test
from convex_research.statistics.leads.skip_lead import SKIPPED, SKIPPED_RARE, skip_wald

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.returns import AlignedReturns

LAGS = 5
BLOCKS = (("1", 5, (1,)), ("2-5", 5, (2, 3, 4, 5)), ("6-20", 20, tuple(range(6, 21))))
_NO_SPREAD = NotComputed(Missing.OTHER_UNIT, "the legs have different units, so there is no spread")
# Below 150 observations a coefficient the Wald test rejects too often.
_NOBS_PER_LAG = 150


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``leads.*`` key; "ab" means that A's past helps to predict B."""
    section = Section("leads", returns)
    legs = (("ab", returns.a, returns.b), ("ba", returns.b, returns.a))
    for name, cause, effect in legs:
        for block, lags, tested in BLOCKS:
            needed = _NOBS_PER_LAG * len(tested)
            test: Result = too_short(f"{needed:,} observations", f"{returns.nobs:,}")
            if returns.nobs >= needed:
                test = wald(cause, effect, lags, tested=tested, hac_lag=None)
            section.add(f"block_{name}[{block}]", test)
        for suffix, level in (("", config.confidence_level), ("_90", 0.90)):
            share: Result = lead_share(cause, effect, LAGS, confidence_level=level)
            section.add(f"share_{name}{suffix}[{LAGS}]", share)
        for later in (SKIPPED, SKIPPED_RARE):
            share = skip_wald(cause, effect, later) if returns.frequency == "daily" else NOT_DAILY
            if isinstance(share, TestResult):
                share = explained_share(share, len(later), confidence_level=config.confidence_level)
            section.add(f"skip_share_{name}[{later[0]}-{later[-1]}]", share)
        rotation: Result = _NO_SPREAD
        if returns.units[0] == returns.units[1]:
            rotation = rotation_test(cause, effect, returns.a - returns.b, LAGS)
        section.add(f"rotation_{name}[{LAGS}]", rotation)
    return section
