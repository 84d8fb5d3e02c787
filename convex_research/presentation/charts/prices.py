"""Charts of prices: growth, drawdowns, the price ratio, its z-score, the residual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, joined
from convex_research.presentation.charts.canvas import Canvas
from convex_research.presentation.charts.figure import (
    axis_unit,
    chart,
    decimals,
    last_of,
    on_axis,
)
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis import Curve, InstrumentAnalysis
    from convex_research.core.typing import Array, Dates
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


def _of_legs(analysis: Study, stem: str) -> dict[str, tuple[str, Curve]]:
    """Name and path of each leg that has one of a kind."""
    curves = analysis.section("performance").curves
    return {
        leg: (names.short(one), curves[f"performance.{stem}_{leg}"])
        for leg, one in zip("ab", names.legs(analysis), strict=True)
        if f"performance.{stem}_{leg}" in curves
    }


def growth_chart(analysis: Study) -> Fragment:
    """Growth of 100 of the legs that are prices; levels of those that are not."""
    grown = _of_legs(analysis, "growth")
    parts = []
    if grown:
        key = f"performance.growth_{next(iter(grown))}"
        parts.append(_lines("growth", "Growth of 100", key, grown, digits=1))
    units = dict(zip("ab", (one.unit for one in names.legs(analysis)), strict=True))
    for leg, (name, curve) in _of_legs(analysis, "level").items():
        key, line = f"performance.level_{leg}", {leg: (name, curve)}
        parts.append(_lines(f"level-{leg}", f"{name}, {units[leg]}", key, line, digits=2))
    return joined(parts, "growth of 100")


def level_chart(analysis: InstrumentAnalysis) -> Fragment:
    """The level or price of one instrument on its own dates."""
    curve = analysis.curve("performance.level")
    name, unit = names.short(analysis.instrument), analysis.instrument.unit or "level"
    line = {"a": ("value", curve)}
    return _lines("level", f"{name}, {unit}", "performance.last", line, digits=_digits(curve))


def _digits(curve: Curve) -> int:
    """Decimals that show three digits of a small level, two of others."""
    value = float(np.abs(curve.value).max())
    return 2 if value >= 1.0 or value == 0.0 else 2 - int(np.floor(np.log10(value)))


def drawdown_chart(analysis: Study) -> Fragment:
    """Distance of each price from its running maximum."""
    lines = _of_legs(analysis, "drawdown")
    if not lines:
        return Fragment("", "no drawdowns")
    key = f"performance.max_drawdown_{next(iter(lines))}"
    title = "Drawdown from the highest close so far"
    return _lines("drawdown", title, key, lines, digits=1, fill=True)


def underwater_chart(analysis: InstrumentAnalysis) -> Fragment:
    """Distance of one instrument from its highest level so far."""
    curve = analysis.curve("performance.drawdown")
    title = "Fall from the highest close so far"
    if not analysis.returns.is_price:
        title = f"Distance below the highest value so far, {curve.unit}"
    line = {"a": ("value", curve)}
    return _lines("drawdown", title, "performance.max_drawdown", line, digits=1, fill=True)


def ratio_chart(analysis: Study) -> Fragment:
    """Price of A over price of B."""
    curve = analysis.section("performance").curves.get("performance.ratio")
    if curve is None:
        return Fragment("", "no price ratio")
    label = " over ".join(names.short(one) for one in names.legs(analysis))
    title, line = f"Price ratio, {label}", {"a": (label, curve)}
    return _lines("ratio", title, "spread.ratio", line, digits=_digits(curve))


def zscore_chart(analysis: Study) -> Fragment:
    """Distance of the log price ratio from its trailing mean, in standard deviations."""
    curve = analysis.section("spread").curves.get("spread.zscore")
    if curve is None or not np.isfinite(curve.value).any():
        return Fragment("", "no z-score")
    defined = curve.value[np.isfinite(curve.value)]
    return _around_zero(
        "zscore",
        f"z-score of the price ratio, {' over '.join(map(names.short, names.legs(analysis)))}",
        "spread.zscore",
        on_axis(curve),
        label="z-score, trailing 252 observations",
        tail=f" Beyond ±2 on {fmt.percent(float(np.mean(np.abs(defined) > 2.0)))} "
        f"of the {names.per_period(analysis)}s.",
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
        curve,
        label="residual, log points",
    )


def _around_zero(
    name: str,
    title: str,
    key: str,
    curve: Curve,
    *,
    label: str,
    tail: str = "",
    levels: tuple[float, ...] = (),
) -> Fragment:
    """One line about zero with reference levels on both sides."""
    dates, value = curve.dates, curve.value
    canvas = Canvas(230.0)
    canvas.line(dates, value, label, width=1.3)
    low, high = canvas.y
    canvas.y = (min(low, *levels, 0.0), max(high, *levels, 0.0))
    canvas.dates(dates)
    canvas.values(0)
    canvas.level(0.0, dashes="-")
    for height in levels:
        canvas.level(height, "±2 standard deviations" if height > 0.0 else "")
    signed = decimals(2, plus=True)
    return chart(
        canvas,
        name=name,
        title=title,
        description=(
            f"{dates[0]} to {dates[-1]}: last {last_of(value, signed)}, lowest "
            f"{signed(float(np.nanmin(value)))}, highest {signed(float(np.nanmax(value)))}.{tail}"
        ),
        key=key,
        header=("Date", label[0].upper() + label[1:]),
        show=decimals(3, plus=True),
    )


def _lines(
    name: str,
    title: str,
    key: str,
    lines: dict[str, tuple[str, Curve]],
    *,
    digits: int,
    fill: bool = False,
) -> Fragment:
    """Lines by colour, that of B dashed beside another; falls are shaded to zero."""
    scale, unit = axis_unit(next(iter(lines.values()))[1].unit)
    show = decimals(digits, unit)
    canvas = Canvas(240.0 if fill else 290.0, right=62.0, digits=digits, unit=unit)
    paths = []
    for leg, (label, curve) in lines.items():
        dates, value = curve.dates, scale * curve.value
        dashes = "--" if leg == "b" and len(lines) > 1 else "-"
        width = 1.3 if fill else 1.6
        canvas.line(dates, value, label, colour=leg, dashes=dashes, width=width)
        if fill:
            canvas.band(dates, value, np.zeros_like(value), colour=leg, alpha=0.1)
        paths.append(f"{label} " * (len(lines) > 1) + _extremes(dates, value, show))
    drawn = np.concatenate([scale * curve.value for _, curve in lines.values()])
    lowest, highest = float(np.nanmin(drawn)), float(np.nanmax(drawn))
    if fill:
        canvas.y = (min(1.05 * lowest, -1e-9), 0.0)
    elif lowest > 0.0 and highest > _LOG_FROM * lowest:
        canvas.log, canvas.y = True, (lowest / 1.12, highest * 1.12)
        title += ", logarithmic scale"
    canvas.dates(dates)
    canvas.values(0)
    return chart(
        canvas,
        name=name,
        title=title,
        description=f"{dates[0]} to {dates[-1]}: {'; '.join(paths)}.",
        key=key,
        header=("Date", *(label[0].upper() + label[1:] for label, _ in lines.values())),
        show=show,
    )


def _extremes(dates: Dates, value: Array, show: Callable[[float], str]) -> str:
    """Both ends of a path, its lowest and its highest value with their dates."""
    lowest, highest = int(np.nanargmin(value)), int(np.nanargmax(value))
    return (
        f"from {show(value[0])} to {show(value[-1])}, lowest {show(value[lowest])} on "
        f"{dates[lowest]}, highest {show(value[highest])} on {dates[highest]}"
    )
