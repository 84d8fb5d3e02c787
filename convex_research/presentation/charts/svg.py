"""From a matplotlib figure to SVG that belongs into a page.

Colours become presentation attributes plus a class, so that the stylesheet can turn
them for dark mode and no ``style`` attribute is needed (the pages' security policy
forbids them). Text stays text; coordinates have one decimal; the same figure gives the
same bytes.
"""

from __future__ import annotations

import io
import re
from functools import cache
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from convex_research.core.fragments import text as escaped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "number", "paint", "to_png", "to_svg"]

# Okabe and Ito's palette, which colour-blind readers can tell apart; lines also differ
# in their dashes.
COLOURS = {
    "ink": "#1b1f24",
    "muted": "#5f6b76",
    "grid": "#d8dee4",
    "a": "#0072b2",
    "b": "#c04a00",
    "band": "#0073b3",
    "mark": "#007a5a",
    "paper": "#ffffff",
}
_CLASSES = {colour: name for name, colour in COLOURS.items()}
_SVG = "{http://www.w3.org/2000/svg}"
_LONG_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_KEPT = (
    "stroke-width",
    "stroke-dasharray",
    "stroke-opacity",
    "stroke-linecap",
    "fill-opacity",
    "opacity",
)
_DOT = re.compile(r"M([-\d.]+) ([-\d.]+)L\1 \2(?=M|$)")


def number(x: float) -> str:
    """A coordinate with one decimal at most."""
    short = f"{x:.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def paint(*names: str, **colours: str) -> str:
    """Classes, and attributes that fill or stroke with a colour of the palette."""
    classes = " ".join((*names, *(f"{part[0]}-{name}" for part, name in colours.items())))
    listed = "".join(f' {part}="{COLOURS[name]}"' for part, name in colours.items())
    return f' class="{classes}"{listed}'


def _declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.split(";") if ":" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _path(data: str) -> str:
    """A path with short numbers and no needless space; a dot is a line of no length."""
    short = _LONG_NUMBER.sub(lambda match: number(float(match[0])), data)
    return _DOT.sub(r"M\1 \2h0", re.sub(r"\s*([MLCQz])\s*", r"\1", short).strip())


def _drawn(element: ET.Element) -> str:
    """One path of the figure with presentation attributes and classes."""
    style = _declarations(element.attrib.get("style", ""))
    classes, listed = [], []
    for part in ("fill", "stroke"):
        colour = style.get(part)
        if colour is None:
            continue
        listed.append(f'{part}="{colour}"')
        if colour.lower() in _CLASSES:
            classes.append(f"{part[0]}-{_CLASSES[colour.lower()]}")
    if "stroke" not in style and "fill" not in style:
        listed.append('fill="none"')
    for name in _KEPT:
        if name in style:
            value = _LONG_NUMBER.sub(lambda m: f"{float(m[0]):.3g}", style[name])
            listed.append(f'{name}="{value}"')
    named = f' class="{" ".join(classes)}"' if classes else ""
    return f'<path{named} {" ".join(listed)} d="{_path(element.attrib["d"])}"/>'


@cache
def _settings() -> dict[str, object]:
    return {"svg.fonttype": "none", "svg.hashsalt": "convex_research"}


def to_svg(
    figure: Figure, *, name: str, title: str, description: str, under: str = "", over: str = ""
) -> str:
    """Draw a figure as an SVG element for a page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Finished figure of lines and areas, in the colours of ``COLOURS`` only.
    name : str
        Prefix of the ids in it, unique in the page.
    title, description : str
        What a person who cannot see the picture is told.
    under, over : str
        Finished SVG drawn below and above the figure, such as grid and labels.

    Returns
    -------
    str
        ``<svg role="img">`` with title and description, without ``style`` attributes.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.BytesIO()
    with mpl.rc_context(_settings()):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(buffer.getvalue())  # noqa: S314 - matplotlib's own output
    paths = "".join(
        _drawn(path) for path in _paths(root) if path.attrib.get("d", "").strip() not in {"", "z"}
    )
    box = _LONG_NUMBER.sub(lambda match: number(float(match[0])), root.attrib["viewBox"])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="{box}" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escaped(title)}</title>'
        f'<desc id="{name}-desc">{escaped(description)}</desc>{under}{paths}{over}</svg>'
    )


def to_png(figure: Figure) -> bytes:
    """A figure as a PNG; the same figure gives the same bytes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def _paths(root: ET.Element) -> list[ET.Element]:
    """What is drawn; shapes that are defined once and used often are put in their places."""
    shapes = {e.attrib["id"]: e for e in root.iter(f"{_SVG}path") if "id" in e.attrib}
    used: list[ET.Element] = []
    _collect(root, shapes, used)
    return used


def _collect(parent: ET.Element, shapes: dict[str, ET.Element], used: list[ET.Element]) -> None:
    for child in parent:
        if child.tag == f"{_SVG}defs":
            continue
        if child.tag == f"{_SVG}use":
            shape = shapes[child.attrib["{http://www.w3.org/1999/xlink}href"][1:]]
            dx, dy = float(child.attrib.get("x", 0)), float(child.attrib.get("y", 0))
            style = shape.attrib.get("style", "") + ";" + child.attrib.get("style", "")
            moved = {"d": _moved(shape.attrib["d"], dx, dy), "style": style}
            used.append(ET.Element(f"{_SVG}path", moved))
        elif child.tag == f"{_SVG}path":
            used.append(child)
        else:
            _collect(child, shapes, used)


def _moved(data: str, dx: float, dy: float) -> str:
    """A path of absolute commands moved by an offset."""
    words = data.replace("\n", " ").split()
    offset = (dx, dy)
    shifted, at = [], 0
    for word in words:
        if word[0].isalpha():
            shifted.append(word)
            at = 0
        else:
            shifted.append(repr(float(word) + offset[at % 2]))
            at += 1
    return " ".join(shifted)
