"""Pictures small enough for a table cell or a mail: a line, and a place within a range."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.arrays import thin
from convex_research.core.fragments import text
from convex_research.presentation.charts.marks import PERCENT
from convex_research.presentation.charts.svg import (
    COLOURS,
    number,
    paint,
    share_of_width,
    to_png,
    trace,
)
from convex_research.presentation.charts.ticks import exact_digits, round_ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.estimates import Estimate
    from convex_research.core.typing import Array, ArrayLike

_WIDTH, _HEIGHT, _MARGIN = 240.0, 48.0, 4.0
_MOST = 90  # points of a line
_LEAST = 0.05  # a smaller range of a correlation is not blown up to the full height
_LEAST_AXIS = 0.1  # width of the axis of a table's bars
_TINY_WIDTH, _TINY_HEIGHT, _TINY_MOST = 120, 40, 28


def _points(value: ArrayLike, level: float | None) -> tuple[Array, float]:
    """Points of a line, and the height of the level it is compared with."""
    path = np.asarray(value, dtype=np.float64)
    path = path[np.isfinite(path)]
    at = thin(path, _MOST)
    ends = path if level is None else np.append(path, level)
    low, high = float(ends.min()), float(ends.max())
    spread = ((high - low) or 1.0) if level is None else max(high - low, _LEAST)
    x = _MARGIN + (_WIDTH - 2.0 * _MARGIN) * at / (path.size - 1)
    y = np.append(path[at], low if level is None else level)
    y = _HEIGHT - _MARGIN - (_HEIGHT - 2.0 * _MARGIN) * (y - low) / spread
    return np.column_stack([x, y[:-1]]), float(y[-1])


def sparkline(
    value: ArrayLike, *, label: str, colour: str = "a", level: float | None = None
) -> str:
    """A line of evenly spaced values without axes, in a colour of the palette.

    The label is for a person who cannot see it. A level is drawn dashed: what the line, then of
    correlations and with a dot at its end, is compared with. Less than two values are no line.
    """
    if np.isfinite(value).sum() < 2:
        return ""
    points, height = _points(value, level)
    line = f'<path{paint(stroke=colour)} fill="none" stroke-width="1.5" d="{trace(points)}"/>'
    if level is not None:
        left, right, y = number(_MARGIN), number(_WIDTH - _MARGIN), number(height)
        end = "M{} {}h0".format(*map(number, points[-1]))
        line = (
            f'<path{paint(stroke="muted")} stroke-dasharray="3 3" d="M{left} {y}H{right}"/>{line}'
            f'<path{paint(stroke=colour)} stroke-width="6" stroke-linecap="round" d="{end}"/>'
        )
    return (
        f'<svg class="spark" role="img" aria-label="{text(label)}" '
        f'viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" preserveAspectRatio="none">{line}</svg>'
    )


def sparkline_png(value: ArrayLike, level: float) -> bytes:
    """The same line with its level as a picture of twice the size; the same bytes every time."""
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    points, height = _points(value, level)
    figure = Figure(figsize=(_WIDTH / 72.0, _HEIGHT / 72.0), dpi=144, facecolor="#ffffff")
    x, y = points[:, 0] / _WIDTH, 1.0 - points[:, 1] / _HEIGHT
    usual = [1.0 - height / _HEIGHT] * 2
    for line in (
        Line2D([x[0], x[-1]], usual, color=COLOURS["muted"], linewidth=1, dashes=(3, 3)),
        Line2D(x, y, color=COLOURS["a"], linewidth=2),
        Line2D(x[-1:], y[-1:], color=COLOURS["a"], marker="o", markersize=6),
    ):
        figure.add_artist(line)
    return to_png(figure)


def tiny_path(path: Sequence[Sequence[Any]]) -> str:
    """SVG path data for dated correlations, −1 at the bottom and 1 at the top.

    At least two pairs of ISO date and value, oldest first, in whole units of a 120 by 40 field.

    Examples
    --------
    >>> tiny_path([["2020-01-01", -1.0], ["2020-01-03", 1.0]])
    'M0 38l117-36'
    """
    days = np.array([date.fromisoformat(day).toordinal() for day, _ in path])
    value = np.array([float(r) for _, r in path])
    at = thin(value, _TINY_MOST)
    x = (_TINY_WIDTH - 3) * (days[at] - days[0]) / max(days[-1] - days[0], 1)
    y = 0.5 * _TINY_HEIGHT - (0.5 * _TINY_HEIGHT - 2) * value[at]
    return trace(np.column_stack([x, y]).round())


def range_bar(value: float, low: float, high: float, *, label: str, colour: str = "a") -> str:
    """Where a value stands between a low and a high; the label says it in words."""
    x = share_of_width(0.5 if high <= low else (value - low) / (high - low))
    return (
        f'<svg class="range" role="img" aria-label="{text(label)}">'
        f'<line{paint(stroke="muted")} stroke-width="3" stroke-opacity="0.4" '
        'x1="2%" x2="98%" y1="50%" y2="50%"/>'
        f'<circle{paint(fill=colour)} cx="{x}" cy="50%" r="5"/></svg>'
    )


class Scale(NamedTuple):
    """The common axis: its ends, and its ticks with their labels."""

    low: float
    high: float
    ticks: dict[float, str]

    @classmethod
    def over(cls, estimates: Sequence[Estimate], include: Sequence[float] = ()) -> Scale:
        """A round axis, at least 0.1 wide, that holds every value and every finite end."""
        ends = [x for e in estimates for x in (e.value, e.low, e.high) if x is not None]
        ends += include
        low, high = min(ends), max(ends)
        if high - low < _LEAST_AXIS:
            middle = 0.5 * (low + high)
            low, high = middle - 0.5 * _LEAST_AXIS, middle + 0.5 * _LEAST_AXIS
        pad = 0.03 * (high - low)
        low, high = low - pad, high + pad
        if all(e.unit == "dimensionless" for e in estimates) and max(map(abs, ends)) <= 1.0:
            low, high = max(low, -1.0), min(high, 1.0)
        percent = all(e.unit.startswith("decimal") for e in estimates)
        factor, unit = (100.0, PERCENT) if percent else (1.0, "")
        ticks = round_ticks(factor * low, factor * high)
        digits = exact_digits(ticks, 0)
        return cls(low, high, {t / factor: fmt.number(t, digits) + unit for t in ticks})

    def at(self, x: float) -> str:
        """Place of a value in per cent of the width, held inside it."""
        return share_of_width((x - self.low) / (self.high - self.low))


def bar(estimate: Estimate, scale: Scale, *, colour: str = "a") -> str:
    """One dot with its interval, for people who see; the number stands beside it as text."""
    parts = []
    for tick in scale.ticks:
        x, line = scale.at(tick), paint(stroke="muted" if tick == 0.0 else "grid")
        parts.append(f'<line{line} stroke-width="1" x1="{x}" x2="{x}" y1="0" y2="100%"/>')
    if estimate.confidence_level is not None:
        low = scale.low if estimate.low is None else estimate.low
        high = scale.high if estimate.high is None else estimate.high
        parts.append(
            f'<line{paint(stroke=colour)} stroke-width="5" stroke-opacity="0.4" '
            f'x1="{scale.at(low)}" x2="{scale.at(high)}" y1="50%" y2="50%"/>'
        )
    parts.append(f'<circle{paint(fill=colour)} cx="{scale.at(estimate.value)}" cy="50%" r="4.5"/>')
    return f'<svg class="whisker" aria-hidden="true">{"".join(parts)}</svg>'
