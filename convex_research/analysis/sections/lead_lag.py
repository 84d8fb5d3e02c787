"""Whether one leg moves before the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.analysis.sections.asynchrony import NOT_DAILY
from convex_research.core.estimates import NotComputed
from convex_research.returns import resample
from convex_research.statistics.leads.lead_lag import cross_correlation, granger, lead_sum, wald
from convex_research.statistics.leads.predictability import clark_west, out_of_sample_rsquared
from convex_research.statistics.leads.skip_lead import SKIPPED, SKIPPED_RARE, skip_wald

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

SHIFTS = range(-5, 6)
LAGS = 5


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``lead_lag.*`` key; "ab" means that A helps to predict B."""
    section = Section("lead_lag", returns)
    level = config.confidence_level
    for shift in SHIFTS:
        r = cross_correlation(returns.a, returns.b, shift, confidence_level=level)
        section.add(f"ccf[{shift}]", r)
    weekly = resample(returns, "weekly")
    directions = (("ab", returns.a, returns.b), ("ba", returns.b, returns.a))
    for name, cause, effect in directions:
        for lags in range(1, LAGS + 1):
            section.add(f"granger_{name}[{lags}]", granger(cause, effect, lags))
        section.add(f"wald_{name}[{LAGS}]", wald(cause, effect, LAGS))
        total = lead_sum(cause, effect, LAGS, confidence_level=level)
        section.add(f"sum_{name}[{LAGS}]", total)
        gain = out_of_sample_rsquared(cause, effect, confidence_level=level)
        section.add(f"oos_rsquared_{name}[1]", gain)
        section.add(f"clark_west_{name}[1]", clark_west(cause, effect))
        for later in (SKIPPED, SKIPPED_RARE):
            test = skip_wald(cause, effect, later) if returns.frequency == "daily" else NOT_DAILY
            section.add(f"skip_{name}[{later[0]}-{later[-1]}]", test)
        if isinstance(weekly, NotComputed):
            section.add(f"wald_weekly_{name}[1]", weekly)
        else:
            legs = (weekly.a, weekly.b) if name == "ab" else (weekly.b, weekly.a)
            section.add(f"wald_weekly_{name}[1]", wald(legs[0], legs[1], 1, hac_lag=None))
    return section
