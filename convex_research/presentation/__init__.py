"""Pieces of a page: pure functions of a finished analysis, one call a cell."""

from convex_research.presentation.charts.correlation import (
    rolling_chart,
    scatter_chart,
    years_chart,
)
from convex_research.presentation.charts.dynamics import (
    beta_chart,
    breaks_chart,
    dcc_chart,
    lead_lag_chart,
)
from convex_research.presentation.charts.instrument import (
    calendar_year_chart,
    distribution_chart,
    volatility_chart,
)
from convex_research.presentation.charts.intervals import (
    forecast_chart,
    hedge_chart,
    regimes_chart,
    scenario_chart,
    tails_chart,
)
from convex_research.presentation.charts.prices import (
    drawdown_chart,
    growth_chart,
    level_chart,
    ratio_chart,
    residual_chart,
    underwater_chart,
    zscore_chart,
)
from convex_research.presentation.pages.appendix import (
    disclaimer,
    instrument_method,
    instruments,
    methodology,
    provenance,
    related,
    reproduce,
)
from convex_research.presentation.pages.instrument_head import (
    instrument_answer,
    instrument_tiles,
    instrument_title,
    pairs_of_instrument,
)
from convex_research.presentation.pages.output import record
from convex_research.presentation.pages.sections import section
from convex_research.presentation.prose.claims import (
    claim_sentence,
    claims,
    cross_asset,
    questions,
    verdicts,
)
from convex_research.presentation.prose.headline import (
    answer,
    comparison_title,
    correlation_title,
    tiles,
)
from convex_research.presentation.prose.readings import reading
from convex_research.presentation.tables.detail import detail_table
from convex_research.presentation.tables.evidence import evidence
from convex_research.presentation.tables.instrument import (
    calendar_year_table,
    changes_table,
    diagnostics_table,
    drawdown_table,
    quantile_table,
    volatility_table,
)
from convex_research.presentation.tables.pair import (
    capture_table,
    extremes_table,
    ninety_day_table,
    ranks_table,
    recent_table,
    side_by_side_table,
    statistics_table,
    windows_table,
    years_table,
)
from convex_research.presentation.tables.scenarios import (
    forecast_table,
    scenario_table,
    stress_table,
    worst_days_table,
)

__all__ = [
    "answer",
    "beta_chart",
    "breaks_chart",
    "calendar_year_chart",
    "calendar_year_table",
    "capture_table",
    "changes_table",
    "claim_sentence",
    "claims",
    "comparison_title",
    "correlation_title",
    "cross_asset",
    "dcc_chart",
    "detail_table",
    "diagnostics_table",
    "disclaimer",
    "distribution_chart",
    "drawdown_chart",
    "drawdown_table",
    "evidence",
    "extremes_table",
    "forecast_chart",
    "forecast_table",
    "growth_chart",
    "hedge_chart",
    "instrument_answer",
    "instrument_method",
    "instrument_tiles",
    "instrument_title",
    "instruments",
    "lead_lag_chart",
    "level_chart",
    "methodology",
    "ninety_day_table",
    "pairs_of_instrument",
    "provenance",
    "quantile_table",
    "questions",
    "ranks_table",
    "ratio_chart",
    "reading",
    "recent_table",
    "record",
    "regimes_chart",
    "related",
    "reproduce",
    "residual_chart",
    "rolling_chart",
    "scatter_chart",
    "scenario_chart",
    "scenario_table",
    "section",
    "side_by_side_table",
    "statistics_table",
    "stress_table",
    "tails_chart",
    "tiles",
    "underwater_chart",
    "verdicts",
    "volatility_chart",
    "volatility_table",
    "windows_table",
    "worst_days_table",
    "years_chart",
    "years_table",
    "zscore_chart",
]
