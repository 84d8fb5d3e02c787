"""Charts of prices: growth, drawdowns, the price ratio, its z-score, the residual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, joined
from convex_research.presentation.charts.canvas import Canvas
from convex_research.presentation.charts.figure import Key, chart, rows_of
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from convex_research.analysis import Curve
    from convex_research.studies import Study

__all__ = ["drawdown_chart", "growth_chart", "ratio_chart", "residual_chart", "zscore_chart"]

_LOG_FROM = 12.0  # a path that grew by more is a corner on a plain axis
PERCENT = "\N{NARROW NO-BREAK SPACE}%"


def growth_chart(analysis: Study) -> Fragment:
    """Growth of 100 of the legs that are prices; levels of those that are not."""
    section = analysis.section("performance").curves
    legs = list(zip("ab", names.legs(analysis), strict=True))
    grown = [
        (leg, names.short(one), section[f"performance.growth_{leg}"])
        for leg, one in legs
        if f"performance.growth_{leg}" in section
    ]
    parts = []
    if grown:
        key = f"performance.growth_{grown[0][0]}"
        parts.append(_lines("growth", "Growth of 100", key, grown, digits=1))
    for leg, one in legs:
        if f"performance.growth_{leg}" in section:
            continue
        curve = section[f"performance.level_{leg}"]
        title = f"{names.short(one)}, {one.unit}"
        key = f"performance.level_{leg}"
        parts.append(_lines(f"level-{leg}", title, key, [(leg, names.short(one), curve)], digits=2))
    return joined(parts, "growth of 100")


def drawdown_chart(analysis: Study) -> Fragment:
    """Distance of each price from its running maximum."""
    section = analysis.section("performance").curves
    lines = [
        (leg, names.short(one), section[f"performance.drawdown_{leg}"])
        for leg, one in zip("ab", names.legs(analysis), strict=True)
        if f"performance.drawdown_{leg}" in section
    ]
    if not lines:
        return Fragment("", "no drawdowns")
    key = f"performance.max_drawdown_{lines[0][0]}"
    title = "Drawdown from the highest close so far"
    return _lines("drawdown", title, key, lines, digits=1, scale=100.0, suffix=PERCENT, fill=True)


def ratio_chart(analysis: Study) -> Fragment:
    """Price of A over price of B."""
    curve = analysis.section("performance").curves.get("performance.ratio")
    if curve is None:
        return Fragment("", "no price ratio")
    a, b = (names.short(one) for one in names.legs(analysis))
    digits = max(2, 2 - int(np.floor(np.log10(float(np.abs(curve.value).max())))))
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
        words="z-score, trailing 252 observations",
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
        words="residual, log points",
        tail="",
        levels=(),
    )


def _around_zero(
    name: str,
    title: str,
    key: str,
    path: tuple[Any, Any],
    *,
    words: str,
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
    legend = [Key("s-a", words, (value,))]
    if levels:
        legend.append(Key("s-muted dashed", "±2 standard deviations"))
    return chart(
        canvas,
        name=name,
        title=title,
        description=(
            f"{dates[0]} to {dates[-1]}: last {fmt.number(float(value[-1]), plus=True)}, lowest "
            f"{fmt.number(float(np.nanmin(value)), plus=True)}, highest "
            f"{fmt.number(float(np.nanmax(value)), plus=True)}.{tail}"
        ),
        key=key,
        legend=legend,
        dates=dates,
        header=("Date", words[0].upper() + words[1:]),
        rows=rows_of(dates, value, show=lambda x: fmt.number(x, 3, plus=True)),
    )


def _lines(
    name: str,
    title: str,
    key: str,
    lines: list[tuple[str, str, Curve]],
    *,
    digits: int,
    scale: float = 1.0,
    suffix: str = "",
    fill: bool = False,
) -> Fragment:
    """One or two lines over time: the first solid, the second dashed."""

    def show(x: float) -> str:
        return fmt.number(scale * x, digits) + suffix

    canvas = Canvas(290.0 if not fill else 240.0, right=58.0)
    dates = lines[0][2].dates
    for leg, _, curve in lines:
        dashed = leg == "b" and len(lines) > 1
        canvas.line(curve.dates, curve.value, colour=leg, dashes="--" if dashed else "-")
        if fill:
            canvas.band(curve.dates, curve.value, np.zeros_like(curve.value), colour=leg, alpha=0.1)
    lowest = min(float(np.nanmin(c.value)) for _, _, c in lines)
    highest = max(float(np.nanmax(c.value)) for _, _, c in lines)
    if lowest > 0.0 and highest > _LOG_FROM * lowest:
        canvas.logarithmic(lowest, highest)
        title += ", logarithmic scale"
    canvas.dates(dates)
    canvas.values(0, scale=scale, suffix=suffix)
    ends = "; ".join(
        f"{words} from {show(float(c.value[0]))} to {show(float(c.value[-1]))}, lowest "
        f"{show(float(np.nanmin(c.value)))}, highest {show(float(np.nanmax(c.value)))}"
        for _, words, c in lines
    )
    return chart(
        canvas,
        name=name,
        title=title,
        description=f"{dates[0]} to {dates[-1]}: {ends}.",
        key=key,
        legend=[
            Key(
                f"s-{leg} dashed" if leg == "b" and len(lines) > 1 else f"s-{leg}",
                words,
                (scale * c.value,),
                digits,
                suffix,
            )
            for leg, words, c in lines
        ],
        dates=dates,
        header=("Date", *(words for _, words, _ in lines)),
        rows=rows_of(dates, *(c.value for _, _, c in lines), show=show),
    )
