"""A chart by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.instrument import InstrumentAnalysis
from convex_research.analysis.results import nearest
from convex_research.core.flags import Flag
from convex_research.presentation.charts import (
    correlation,
    dynamics,
    instrument,
    outlook,
    prices,
)
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.marks import Band, axis_unit
from convex_research.presentation.charts.over_time import Path, over_time
from convex_research.presentation.charts.ticks import as_days

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis import Curve
    from convex_research.studies import Study

__all__ = ["chart"]


def _first(study: Study) -> Chart:
    """The chart of the first screen: r, of twins the tracking error, else r by day's offset."""
    if study.clock_flags:
        return dynamics.CHARTS["offsets"](study)
    if Flag.TWINS in study.flags:
        return prices.CHARTS["tracking"](study)
    return correlation.CHARTS["rolling"](study)


_OF_ONE: dict[str, Callable[[Any], Chart]] = dict(instrument.CHARTS)
_OF_PAIR: dict[str, Callable[[Any], Chart]] = {
    **correlation.CHARTS,
    **dynamics.CHARTS,
    **outlook.CHARTS,
    **prices.CHARTS,
    "first": _first,
}


def chart(analysis: Study | InstrumentAnalysis, name: str) -> Chart:
    """A chart of an analysis; empty where it has nothing to draw.

    Parameters
    ----------
    analysis : Study or InstrumentAnalysis
        A finished analysis.
    name : str
        Such as ``"rolling"``, or the key of any path over time; ``"first"`` is the chart of a
        correlation page's first screen, which is not the same for every pair.

    Raises
    ------
    KeyError
        If there is neither; it names the nearest.

    Examples
    --------
    >>> from convex_research import study
    >>> chart(study("sample:sp500", "sample:nasdaq"), "windows")
    <Chart windows: Correlation by window, 95 % intervals>
    """
    known = _known(analysis)
    if name in known:
        return known[name](analysis)
    section = name.partition(".")[0]
    if section == name or section not in analysis.SECTIONS:
        raise nearest("chart", name, known)
    return _of_curve(analysis.curve(name), name)


def _of_curve(curve: Curve, key: str) -> Chart:
    """A path with its band as it is held."""
    if not np.isfinite(curve.value).any():
        return Chart(key, key)
    scale, unit = axis_unit(curve.unit)
    path = Path.of(curve, key)
    under = []
    if curve.low is not None and curve.high is not None:
        cut = slice(curve.dates.size - path.dates.size, None)
        low, high = scale * curve.low[cut], scale * curve.high[cut]
        under = [Band(as_days(path.dates), low, high, "band")]
    plot = over_time([path], unit=unit, under=under)
    return Chart(key, key, f"{path.extremes(2, unit)}.", (key,), (plot,), digits=3)


def chart_names(analysis: Study | InstrumentAnalysis) -> tuple[str, ...]:
    """Names of all charts of a pair or of one instrument."""
    return tuple(_known(analysis))


def _known(analysis: Study | InstrumentAnalysis) -> dict[str, Callable[[Any], Chart]]:
    return _OF_ONE if isinstance(analysis, InstrumentAnalysis) else _OF_PAIR
