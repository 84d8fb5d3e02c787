"""Pictures small enough for a table cell: a line, and a place within a range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.fragments import text
from convex_research.presentation.charts.canvas import thin
from convex_research.presentation.charts.svg import number, paint

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["range_bar", "sparkline"]

_WIDTH, _HEIGHT = 200.0, 36.0
_POINTS = 90


def sparkline(value: Array, *, words: str, colour: str = "a") -> str:
    """A line without axes.

    Parameters
    ----------
    value : array, shape (T,)
        At least two finite values, evenly spaced.
    words : str
        What a person who cannot see it is told.
    colour : str
        Name in the palette.
    """
    good = value[np.isfinite(value)]
    if good.size < 2:
        return ""
    kept = thin(good, _POINTS)
    low, high = float(good.min()), float(good.max())
    x = 2.0 + (_WIDTH - 4.0) * kept / (good.size - 1)
    y = 3.0 + (_HEIGHT - 6.0) * (high - good[kept]) / ((high - low) or 1.0)
    points = "L".join(f"{number(float(i))} {number(float(j))}" for i, j in zip(x, y, strict=True))
    return (
        f'<svg class="spark" role="img" aria-label="{text(words)}" '
        f'viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none">'
        f'<path{paint(stroke=colour)} fill="none" stroke-width="1.5" d="M{points}"/></svg>'
    )


def range_bar(value: float, low: float, high: float, *, words: str, colour: str = "a") -> str:
    """Where a value stands between a low and a high.

    Parameters
    ----------
    value, low, high : float
        In one unit.
    words : str
        What a person who cannot see it is told.
    colour : str
        Name in the palette.
    """
    share = 0.5 if high <= low else min(1.0, max(0.0, (value - low) / (high - low)))
    x = f"{number(2.0 + 96.0 * share)}%"
    return (
        f'<svg class="range" role="img" aria-label="{text(words)}">'
        f'<line{paint(stroke="muted")} stroke-width="3" stroke-opacity="0.4" '
        'x1="2%" x2="98%" y1="50%" y2="50%"/>'
        f'<circle{paint(fill=colour)} cx="{x}" cy="50%" r="5"/></svg>'
    )
