"""The history of one number as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.arrays import runs
from convex_research.presentation.charts.canvas import WIDTH, Canvas
from convex_research.presentation.charts.svg import paint

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array

__all__ = ["history_svg"]

_HEIGHT = 320.0


def history_svg(
    title: str,
    days: Sequence[str],
    value: Array,
    low: Array | None = None,
    high: Array | None = None,
) -> str:
    """A line over time, with a band where there are intervals.

    Parameters
    ----------
    title : str
        Any text; it is escaped.
    days : sequence of str
        ISO dates, ascending.
    value, low, high : array, shape (n,)
        NaN where there is none; such days leave a gap, and a value alone is a dot.

    Returns
    -------
    str
        An SVG document; the same history gives the same bytes.
    """
    dates = np.array(days, dtype="datetime64[D]")
    canvas = Canvas(_HEIGHT, left=4.0, right=64.0)
    if low is not None and high is not None:
        for run in runs(np.isfinite(low + high)):
            canvas.band(dates[run], low[run], high[run])
    canvas.line(dates, value)
    alone = [run.start for run in runs(np.isfinite(value)) if run.stop - run.start == 1]
    canvas.dots(dates[alone].astype(float), value[alone])
    bottom, top = canvas.y
    canvas.y = (bottom, top + 0.12 * (top - bottom))  # the title stands above the line
    canvas.dates(dates)
    canvas.values(0)
    canvas.say(4.0, 24.0, title, colour="ink", halo=True)
    canvas.under[:0] = [
        f'<rect{paint(fill="paper")} width="{WIDTH:g}" height="{_HEIGHT:g}"/>',
        "<style>text{font-family:system-ui,sans-serif}</style>",
    ]
    return canvas.svg("history", title, f"{days[0]} to {days[-1]}")
