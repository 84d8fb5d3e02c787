"""Pieces of an instrument's page, one call a cell."""

from convex_research.presentation.charts.instrument import (
    calendar_year_chart,
    distribution_chart,
    volatility_chart,
)
from convex_research.presentation.charts.prices import level_chart, underwater_chart
from convex_research.presentation.pages.appendix import (
    disclaimer,
    instrument_method,
    provenance,
    reproduce,
)
from convex_research.presentation.pages.instrument_head import (
    instrument_answer,
    instrument_tiles,
    instrument_title,
    pairs_of_instrument,
)
from convex_research.presentation.pages.output import record
from convex_research.presentation.tables.instrument import (
    calendar_year_table,
    changes_table,
    diagnostics_table,
    drawdown_table,
    quantile_table,
    volatility_table,
)

__all__ = [
    "calendar_year_chart",
    "calendar_year_table",
    "changes_table",
    "diagnostics_table",
    "disclaimer",
    "distribution_chart",
    "drawdown_table",
    "instrument_answer",
    "instrument_method",
    "instrument_tiles",
    "instrument_title",
    "level_chart",
    "pairs_of_instrument",
    "provenance",
    "quantile_table",
    "record",
    "reproduce",
    "underwater_chart",
    "volatility_chart",
    "volatility_table",
]
