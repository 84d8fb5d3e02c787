"""Pieces of an instrument's page, one call a cell."""

from convex_research.presentation.charts.instrument import (
    calendar_year_chart,
    distribution_chart,
    level_chart,
    underwater_chart,
    volatility_chart,
)
from convex_research.presentation.pages.appendix import disclaimer
from convex_research.presentation.pages.instrument_appendix import (
    instrument_data,
    instrument_method,
    instrument_record,
    instrument_reproduce,
)
from convex_research.presentation.pages.instrument_head import (
    instrument_answer,
    instrument_tiles,
    instrument_title,
    pairs_of_instrument,
)
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
    "instrument_data",
    "instrument_method",
    "instrument_record",
    "instrument_reproduce",
    "instrument_tiles",
    "instrument_title",
    "level_chart",
    "pairs_of_instrument",
    "quantile_table",
    "underwater_chart",
    "volatility_chart",
    "volatility_table",
]
