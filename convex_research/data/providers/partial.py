"""Telling a running session's row from a close: by the clock, or by its volume."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from convex_research.data.clock import GRACE
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    import pandas as pd

    from convex_research.data.http.exchange import HttpAnswer

__all__ = ["RECENT", "closed_sessions", "thin_last_session"]

_SHARE = 0.40  # half-day sessions have about half the usual volume and stay above
_ROWS = 60
RECENT = _ROWS + 1  # rows that decide


def closed_sessions(
    values: pd.Series[float],
    answer: HttpAnswer,
    volumes: Any = None,
    *,
    zone: str = "America/New_York",
    close: time = time(16),
) -> tuple[pd.Series[float], tuple[QualityNote, ...]]:
    """The values without that of a session under way when the answer came, and a note on it.

    ``volumes`` are the last :data:`RECENT`, None or NaN where unknown. The day's value stands at
    ``close`` in the exchange's ``zone``.
    """
    last, local = values.index[-1].date(), answer.retrieved_at.astimezone(ZoneInfo(zone))
    running = local.date() < last <= local.date() + GRACE  # what lies beyond is no session
    running = running or (last == local.date() and local.time() < close)
    if len(values) < 2 or not (running or thin_last_session(volumes)):
        return values, ()
    why = "the session was not over" if running else "its volume is below 40 % of the usual"
    note = QualityNote("partial_session", "note", f"{last} left out: {why}.")
    return values.iloc[:-1], (note,)


def thin_last_session(volumes: Any) -> bool:
    """Whether the last volume is below 40 % of the median of the sixty before.

    Volumes are None or NaN where unknown; fewer than twenty known ones say nothing.
    """
    if volumes is None or len(volumes) < 2:
        return False
    *before, last = np.asarray(volumes[-RECENT:], dtype=np.float64)
    known = np.array(before)[np.isfinite(before)]
    usual = float(np.median(known)) if known.size >= 20 else 0.0
    return bool(usual > 0 and last < _SHARE * usual)
