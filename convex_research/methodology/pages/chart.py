"""Achieved coverage of every interval in every world, at a glance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.fragments import table
from convex_research.methodology.pages.coverage import WORLDS, promises
from convex_research.methodology.pages.methods import load_methods
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.marks import Axis, Dots, Note, Plot, Rule, Zone

if TYPE_CHECKING:
    from convex_research.core.fragments import Fragment
    from convex_research.presentation.charts.marks import Mark

__all__ = ["coverage_chart"]

_MARKS = {  # colour, outline, and the outline's name
    "iid normal": ("mark", "m-3.5-3.5h7v7h-7z", "square"),
    "iid t5": ("a", "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0z", "circle"),
    "CCC-GARCH t8": ("b", "m0-5l5 5-5 5-5-5z", "diamond"),
}
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
    names = list(found)
    places = {name: -float(k) for k, name in enumerate(names)}
    marks: list[Mark] = [
        Zone(93.0, 97.0, "93 to 97"),
        Rule(95.0, across=False, dashes="--"),
    ]
    for world, (colour, outline, shape) in _MARKS.items():
        listed = [(found[name][world], places[name]) for name in names if world in found[name]]
        x, y = np.array(listed).T
        marks.append(
            Dots(100.0 * np.maximum(x, _FLOOR), y, f"{world} ({shape})", colour, outline=outline)
        )
        # Off the axis: the number stands beside the mark.
        for value, height in zip(x, y, strict=True):
            if value < _FLOOR:
                words = fmt.number(100.0 * value, 0)
                marks.append(Note(100.0 * _FLOOR + 0.6, height, words, dot=False))
    labels = tuple(name.replace("-", " ") for name in names)
    plot = Plot(
        tuple(marks),
        Axis(100.0 * _FLOOR - 0.5, 100.5, at=(80.0, 85.0, 90.0, 95.0, 100.0)),
        Axis(0.5 - len(names), 0.5, "label", labels),
    )
    lowest = min((v, name, w) for name in names for w, v in found[name].items())
    header = ("Interval", *WORLDS)
    rows = [
        [
            name.replace("-", " "),
            *(fmt.number(100 * found[name][w], 1) if w in found[name] else "" for w in WORLDS),
        ]
        for name in names
    ]
    title = "Lowest coverage of nominal 95 % intervals, 252 observations and more, per cent"
    return Chart(
        "coverage",
        title,
        (
            f"{len(names)} kinds of interval in up to three simulated worlds; the shaded band is "
            "93 to 97; what lies below 80 is drawn at 80 with its number. The lowest is "
            f"{fmt.number(100 * lowest[0], 1)} for {lowest[1]} in {lowest[2]}."
        ),
        ("coverage",),
        (plot,),
        values=table(f"{title}: values", header, rows, sortable=True),
    ).figure
