"""Achieved coverage of every interval in every world, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.methodology.pages.coverage import WORLDS, promises
from convex_research.methodology.pages.methods import load_methods
from convex_research.presentation.charts.canvas import Canvas, Entry
from convex_research.presentation.charts.figure import chart, decimals

if TYPE_CHECKING:
    from convex_research.core.fragments import Fragment

__all__ = ["coverage_chart"]

_MARKS = {  # colour, outline, and the outline's name
    "iid normal": ("mark", "m-3.5-3.5h7v7h-7z", "square"),
    "iid t5": ("a", "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z", "circle"),
    "CCC-GARCH t8": ("b", "m0-5l5 5-5 5-5-5z", "diamond"),
}
_LEFT = 190.0
_FLOOR = 0.80


def _lowest() -> dict[str, dict[str, float]]:
    """Lowest coverage at 95 % of each method by world, samples of a year and more."""
    found: dict[str, dict[str, float]] = {}
    for method in load_methods():
        for row in promises(method):
            counted = row.nominal == 0.95 and row.nobs >= 252 and row.world in WORLDS
            if not counted or row.achieved is None:
                continue
            by_world = found.setdefault(method.id, {})
            by_world[row.world] = min(by_world.get(row.world, 1.0), row.achieved)
    return found


def coverage_chart() -> Fragment:
    """Lowest achieved coverage of each kind of interval, one mark a world."""
    found = _lowest()
    names = list(found)[::-1]
    canvas = Canvas(60.0 + 19.0 * len(names), left=_LEFT, right=10.0)
    canvas.x = (_FLOOR - 0.005, 1.005)
    canvas.y = (-0.7, len(names) - 0.3)
    canvas.y_ticks(range(len(names)), [name.replace("-", " ") for name in names])
    ticks = [0.80, 0.85, 0.90, 0.95, 1.0]
    canvas.x_ticks(ticks, [fmt.number(100 * t, 0) for t in ticks])
    for world, (colour, _, outline) in _MARKS.items():
        canvas.legend.append(Entry(f"dot f-{colour}", f"{world} ({outline})"))
    canvas.area([0.93, 0.97], [-0.7] * 2, [len(names) - 0.3] * 2, "93 to 97")
    canvas.path([0.95] * 2, [-0.7, len(names) - 0.3], colour="muted", dashes="--", width=1.0)
    for height, name in enumerate(names):
        for world, (colour, outline, _) in _MARKS.items():
            value = found[name].get(world)
            if value is None:
                continue
            canvas.marks([max(value, _FLOOR)], [height], outline, colour=colour)
            if value < _FLOOR:  # off the axis: the number stands beside the mark
                words = f"{fmt.number(100 * value, 0)}"
                x, y = canvas.at_x(_FLOOR + 0.006), canvas.at_y(height)
                canvas.say(x, y + 4.0, words, colour="ink")
    lowest = min((v, name, w) for name in names for w, v in found[name].items())
    show = decimals(1)
    rows = [
        [
            name.replace("-", " "),
            *(show(100 * found[name][w]) if w in found[name] else "" for w in WORLDS),
        ]
        for name in names[::-1]
    ]
    return chart(
        canvas,
        name="coverage",
        title="Lowest coverage of nominal 95 % intervals, 252 observations and more, per cent",
        description=(
            f"{len(names)} kinds of interval in up to three simulated worlds; the shaded band is "
            "93 to 97; what lies below 80 is drawn at 80 with its number. The lowest is "
            f"{show(100 * lowest[0])} for {lowest[1]} in {lowest[2]}."
        ),
        key="coverage",
        header=("Interval", *WORLDS),
        rows=rows,
    )
