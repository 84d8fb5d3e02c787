"""The clock, asked in one place: it decides while a series is loaded, and never afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from convex_research.core.errors import DataError, printable
from convex_research.data.series import FutureRow

if TYPE_CHECKING:
    import pandas as pd

    from convex_research.data.series import SeriesData

__all__ = ["GRACE", "first_future_row", "last_day", "now", "refuse_future"]

GRACE = timedelta(days=1)
"""Somewhere it is tomorrow already."""


def now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def last_day() -> date:
    """The last day that can have an observation: today in UTC, with a day's grace for zones."""
    return now().date() + GRACE


def first_future_row(values: pd.Series[float]) -> FutureRow | None:
    """The first of these values, on increasing dates, on a day that no clock has reached."""
    import pandas as pd

    days = values.index
    at = int(days.searchsorted(pd.Timestamp(last_day()), side="right"))
    return FutureRow(days[at].date()) if at < len(days) else None


def refuse_future(series: SeriesData) -> None:
    """Stop at a row dated after the day of loading, with a DataError that names it."""
    found = series.future
    if found is not None:
        row = "a row" if found.row is None else f"row {found.row}"
        raise DataError(
            f"{printable(series.provenance.symbol)}: {row} is dated {found.day}, in the future; "
            "correct it, or end before that day with --as-of (as_of in a file of pairs, --end "
            "of fetch)."
        )
