"""The history of one number as a picture."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.arrays import runs
from convex_research.presentation.charts.drawing import WIDE, Drawing
from convex_research.presentation.charts.marks import Band, Dots
from convex_research.presentation.charts.over_time import Path, over_time
from convex_research.presentation.charts.svg import paint
from convex_research.presentation.charts.ticks import as_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array

__all__ = ["history_svg"]


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
    x = as_days(dates)
    alone = [run.start for run in runs(np.isfinite(value)) if run.stop - run.start == 1]
    under = [] if low is None or high is None else [Band(x, low, high)]
    include = [end for band in under for end in (*band.low, *band.high)]
    dots = Dots(x[alone], value[alone], size=6.0, alpha=1.0)
    plot = over_time([Path("", dates, value)], include=include, under=under, more=[dots])
    paper = (
        f'<rect{paint(fill="paper")} width="100%" height="100%"/>'
        "<style>text{font-family:system-ui,sans-serif}</style>"
    )
    named = replace(plot, y=replace(plot.y, name=title))
    return Drawing(named, WIDE).svg(title, f"{days[0]} to {days[-1]}", paper)
