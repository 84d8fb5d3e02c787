"""What SVG is written with: colours, coordinates and paths; and PNG of a matplotlib figure."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from convex_research.core.typing import Array

# Okabe and Ito's palette, which colour-blind readers can tell apart; lines also differ
# in their dashes.
COLOURS = {
    "ink": "#15181c",
    "muted": "#626971",
    "grid": "#e9e6e0",
    "text": "#31363c",
    "axis": "#cbc6bd",
    "r": "#17608f",
    "soft": "#9db7c8",
    "next": "#8a4a00",
    "a": "#0072b2",
    "b": "#b94b00",
    "mark": "#007a5a",
    "paper": "#ffffff",
}


def number(x: float) -> str:
    """A coordinate with one decimal at most."""
    short = f"{x:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def paint(*names: str, **colours: str) -> str:
    """Classes, and attributes that fill or stroke with a colour of the palette."""
    classes = " ".join((*names, *(f"{part[0]}-{name}" for part, name in colours.items())))
    listed = "".join(f' {part}="{COLOURS[name]}"' for part, name in colours.items())
    return f' class="{classes}"{listed}'


def trace(points: Array) -> str:
    """Path data of a line through points, shape (N, 2), each the step from the one before."""
    rounded = np.round(points, 1)
    (x, y), steps = rounded[0], np.diff(rounded, axis=0)
    lines = (f"l{number(dx)}{'' if dy < 0 else ' '}{number(dy)}" for dx, dy in steps)
    return f"M{number(x)} {number(y)}{''.join(lines)}"


def share_of_width(share: float) -> str:
    """A place in a picture that has the width of its column, as a per cent of it."""
    return f"{number(2.0 + 96.0 * min(1.0, max(0.0, share)))}%"


def to_png(figure: Figure) -> bytes:
    """A figure as a PNG; the same figure gives the same bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()
