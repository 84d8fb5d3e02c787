"""Telling a running session's row from a close by its volume."""

from __future__ import annotations

import numpy as np

__all__ = ["RECENT", "thin_last_session"]

_SHARE = 0.40  # half-day sessions have about half the usual volume and stay above
_ROWS = 60
RECENT = _ROWS + 1  # rows that decide


def thin_last_session(
    volumes: np.ndarray[tuple[int], np.dtype[np.float64]] | None,
) -> bool:
    """Whether the last volume is below 40 % of the median of the sixty before.

    Parameters
    ----------
    volumes : numpy.ndarray, shape (n,), or None
        Daily volumes, NaN where unknown.

    Returns
    -------
    bool
        Always false with fewer than twenty known volumes.
    """
    if volumes is None or len(volumes) < 2:
        return False
    before = volumes[-_ROWS - 1 : -1]
    before = before[np.isfinite(before)]
    usual = float(np.median(before)) if len(before) >= 20 else 0.0
    return bool(usual > 0 and volumes[-1] < _SHARE * usual)
