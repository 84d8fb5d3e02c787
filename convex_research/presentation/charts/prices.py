"""Charts of prices: growth, drawdowns, the price ratio, its z-score, the residual."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, joined
from convex_research.presentation.charts.canvas import Canvas
from convex_research.presentation.charts.figure import Entry, axis_unit, chart, last_of, rows_of
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis import Curve, InstrumentAnalysis
    from convex_research.studies import Study

__all__ = [
    "drawdown_chart",
    "growth_chart",
    "level_chart",
    "ratio_chart",
    "residual_chart",
    "underwater_chart",
    "zscore_chart",
]

_LOG_FROM = 12.0  # a path that grew by more is a corner on a plain axis


def growth_chart(analysis: Study) -> Fragment:
    """Growth of 100 of the legs that are prices; levels of those that are not."""
    curves = analysis.section("performance").curves
    legs = list(zip("ab", names.legs(analysis), strict=True))
    grown = [
        (leg, names.short(one), curves[f"performance.growth_{leg}"])
        for leg, one in legs
        if f"performance.growth_{leg}" in curves
    ]
    parts = []
    if grown:
        key = f"performance.growth_{grown[0][0]}"
        parts.append(_lines("growth", "Growth of 100", key, grown, digits=1))
    for leg, one in legs:
        key = f"performance.level_{leg}"
        if f"performance.growth_{leg}" not in curves:
            line = (leg, names.short(one), curves[key])
            title = f"{names.short(one)}, {one.unit}"
            parts.append(_lines(f"level-{leg}", title, key, [line], digits=2))
    return joined(parts, "growth of 100")


def level_chart(analysis: InstrumentAnalysis) -> Fragment:
    """The level or price of one instrument on its own dates."""
    curve = analysis.curve("performance.level")
    name, unit = names.short(analysis.instrument), analysis.instrument.unit or "level"
    digits = _digits(float(np.abs(curve.value).max()))
    line = ("a", "value", curve)
    return _lines("level", f"{name}, {unit}", "performance.last", [line], digits=digits)


def _digits(value: float) -> int:
    """Decimals that show three digits of a small level, two of others."""
    return 2 if value >= 1.0 or value == 0.0 else 2 - int(np.floor(np.log10(value)))


def drawdown_chart(analysis: Study) -> Fragment:
    """Distance of each price from its running maximum."""
    curves = analysis.section("performance").curves
    lines = [
        (leg, names.short(one), curves[f"performance.drawdown_{leg}"])
        for leg, one in zip("ab", names.legs(analysis), strict=True)
        if f"performance.drawdown_{leg}" in curves
    ]
    if not lines:
        return Fragment("", "no drawdowns")
    key = f"performance.max_drawdown_{lines[0][0]}"
    title = "Drawdown from the highest close so far"
    return _lines("drawdown", title, key, lines, digits=1, fill=True)


def underwater_chart(analysis: InstrumentAnalysis) -> Fragment:
    """Distance of one instrument from its highest level so far."""
    curve = analysis.curve("performance.drawdown")
    title = "Fall from the highest close so far"
    if not analysis.returns.is_price:
        title = f"Distance below the highest value so far, {curve.unit}"
    line = ("a", "value", curve)
    return _lines("drawdown", title, "performance.max_drawdown", [line], digits=1, fill=True)


def ratio_chart(analysis: Study) -> Fragment:
    """Price of A over price of B."""
    curve = analysis.section("performance").curves.get("performance.ratio")
    if curve is None:
        return Fragment("", "no price ratio")
    a, b = (names.short(one) for one in names.legs(analysis))
    digits = _digits(float(np.abs(curve.value).max()))
    lines = [("a", f"{a} over {b}", curve)]
    title = f"Price ratio, {a} over {b}"
    return _lines("ratio", title, "spread.ratio", lines, digits=digits)


def zscore_chart(analysis: Study) -> Fragment:
    """Distance of the log price ratio from its trailing mean, in standard deviations."""
    curve = analysis.section("spread").curves.get("spread.zscore")
    if curve is None or not np.isfinite(curve.value).any():
        return Fragment("", "no z-score")
    first = int(np.flatnonzero(np.isfinite(curve.value))[0])
    dates, value = curve.dates[first:], curve.value[first:]
    a, b = (names.short(one) for one in names.legs(analysis))
    beyond = float(np.mean(np.abs(value[np.isfinite(value)]) > 2.0))
    return _around_zero(
        "zscore",
        f"z-score of the price ratio, {a} over {b}",
        "spread.zscore",
        (dates, value),
        label="z-score, trailing 252 observations",
        tail=f" Beyond ±2 on {fmt.percent(beyond)} of the days.",
        levels=(-2.0, 2.0),
    )


def residual_chart(analysis: Study) -> Fragment:
    """The residual of the cointegrating regression of log prices."""
    curve = analysis.section("cointegration").curves.get("cointegration.residual")
    if curve is None or not np.isfinite(curve.value).any():
        return Fragment("", "no residual")
    a, b = (names.short(one) for one in names.legs(analysis))
    return _around_zero(
        "residual",
        f"Spread: log price of {a} less its regression on that of {b}",
        "cointegration.engle_granger[1]",
        (curve.dates, curve.value),
        label="residual, log points",
        tail="",
        levels=(),
    )


def _around_zero(
    name: str,
    title: str,
    key: str,
    path: tuple[Any, Any],
    *,
    label: str,
    tail: str,
    levels: tuple[float, ...],
) -> Fragment:
    """One line about zero with reference levels on both sides."""
    dates, value = path
    canvas = Canvas(230.0)
    canvas.line(dates, value, width=1.3)
    low, high = canvas.y
    canvas.y = (min([low, *levels]), max([high, *levels]))
    canvas.dates(dates)
    canvas.values(0)
    canvas.level(0.0, dashes="-")
    for height in levels:
        canvas.level(height)
    signed = partial(fmt.number, plus=True)
    legend = [Entry("s-a", label, (value,))]
    if levels:
        legend.append(Entry("s-muted dashed", "±2 standard deviations"))
    return chart(
        canvas,
        name=name,
        title=title,
        description=(
            f"{dates[0]} to {dates[-1]}: last {last_of(value, signed)}, lowest "
            f"{signed(float(np.nanmin(value)))}, highest {signed(float(np.nanmax(value)))}.{tail}"
        ),
        key=key,
        legend=legend,
        dates=dates,
        header=("Date", label[0].upper() + label[1:]),
        rows=rows_of(dates, value, show=lambda x: fmt.number(x, 3, plus=True)),
    )


def _lines(
    name: str,
    title: str,
    key: str,
    lines: list[tuple[str, str, Curve]],
    *,
    digits: int,
    fill: bool = False,
) -> Fragment:
    """One or two lines over time, the first solid, the second dashed; falls are shaded to zero."""
    scale, suffix = axis_unit(lines[0][2].unit)
    dates = lines[0][2].dates
    dashed = {leg: leg == "b" and len(lines) > 1 for leg, _, _ in lines}

    def show(x: float) -> str:
        return fmt.number(scale * x, digits) + suffix

    canvas = Canvas(240.0 if fill else 290.0, right=62.0)
    lowest = min(float(np.nanmin(curve.value)) for _, _, curve in lines)
    highest = max(float(np.nanmax(curve.value)) for _, _, curve in lines)
    for leg, _, curve in lines:
        dashes = "--" if dashed[leg] else "-"
        canvas.line(dates, curve.value, colour=leg, dashes=dashes, width=1.3 if fill else 1.6)
        if fill:
            canvas.band(dates, curve.value, np.zeros_like(curve.value), colour=leg, alpha=0.1)
    if fill:
        canvas.y = (min(1.05 * lowest, -1e-9), 0.0)
    elif lowest > 0.0 and highest > _LOG_FROM * lowest:
        canvas.logarithmic(lowest, highest)
        title += ", logarithmic scale"
    canvas.dates(dates)
    canvas.values(0, scale=scale, suffix=suffix)
    paths = "; ".join(
        f"{label} " * (len(lines) > 1) + _extremes(curve, show) for _, label, curve in lines
    )
    return chart(
        canvas,
        name=name,
        title=title,
        description=f"{dates[0]} to {dates[-1]}: {paths}.",
        key=key,
        legend=[
            Entry(
                f"s-{leg}{' dashed' * dashed[leg]}", label, (scale * curve.value,), digits, suffix
            )
            for leg, label, curve in lines
        ],
        dates=dates,
        header=("Date", *(label[0].upper() + label[1:] for _, label, _ in lines)),
        rows=rows_of(dates, *(curve.value for _, _, curve in lines), show=show),
    )


def _extremes(curve: Curve, show: Callable[[float], str]) -> str:
    """Both ends of a path, its lowest and its highest value with their dates."""
    value = curve.value
    lowest, highest = int(np.nanargmin(value)), int(np.nanargmax(value))
    first, low, high, last = (show(float(value[i])) for i in (0, lowest, highest, -1))
    return (
        f"from {first} to {last}, lowest {low} on {curve.dates[lowest]}, highest {high} on "
        f"{curve.dates[highest]}"
    )
