"""The average correlation of a universe over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.estimates import NotComputed
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.marks import Band
from convex_research.presentation.charts.over_time import Path, over_time
from convex_research.presentation.charts.ticks import as_days

if TYPE_CHECKING:
    from convex_research.universe.screen import Screen

__all__ = ["average_chart"]


def average_chart(screen: Screen) -> Chart:
    """Average correlation of every rolling window, with a band that holds in all of them."""
    curve, window = screen.joint.path, screen.config.rolling_window
    period = fmt.PERIODS[screen.frequency]
    title = f"Average correlation over {window} {period}s"
    if isinstance(curve, NotComputed):
        return Chart("average", title)
    path = Path.of(curve, "average r")
    under, include = [], []
    if curve.low is not None and curve.high is not None:
        cut = slice(curve.dates.size - path.dates.size, None)
        low, high = curve.low[cut], curve.high[cut]
        level = fmt.level(screen.config.confidence_level)
        label = f"{level} band, all windows together"
        under = [Band(as_days(path.dates), low, high, label)]
        include = [float(np.nanmin(low)), float(np.nanmax(high))]
    key = f"average.path[{window}]"
    words = f"{path.extremes(2, plus=True)}."
    plot = over_time([path], plus=True, under=under, include=include)
    return Chart("average", title, words, (key,), (plot,))
