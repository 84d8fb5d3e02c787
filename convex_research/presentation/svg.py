"""From a matplotlib figure to SVG that belongs into a page.

Colours become presentation attributes plus a class, so that the stylesheet can turn
them for dark mode and no ``style`` attribute is needed (the pages' security policy
forbids them). Text stays text; coordinates have one decimal; the same figure gives the
same bytes.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["COLOURS", "to_svg"]

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
}
_CLASSES = {colour: name for name, colour in COLOURS.items()}
_SVG = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_LONG_NUMBER = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
_KEPT = (
    "stroke-width",
    "stroke-dasharray",
    "stroke-opacity",
    "stroke-linecap",
    "fill-opacity",
    "opacity",
    "text-anchor",
)


def _rounded(match: re.Match[str]) -> str:
    short = f"{float(match[0]):.1f}".removesuffix(".0")
    return "0" if short == "-0" else short


def _declarations(style: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in style.split(";") if ":" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}


def _restyle(element: ET.Element) -> None:
    """Turn a ``style`` attribute into presentation attributes and classes."""
    style = _declarations(element.attrib.pop("style", ""))
    classes = []
    for part in ("fill", "stroke"):
        colour = style.get(part)
        if colour is None:
            continue
        element.set(part, colour)
        if colour.lower() in _CLASSES:
            classes.append(f"{part[0]}-{_CLASSES[colour.lower()]}")
    for name in _KEPT:
        if name in style:
            element.set(name, _LONG_NUMBER.sub(lambda m: f"{float(m[0]):.3g}", style[name]))
    if element.tag == f"{_SVG}text":
        size = re.search(r"([\d.]+)px", style.get("font", style.get("font-size", "")))
        if size:
            element.set("font-size", size[1])
        if "fill" not in style:
            element.set("fill", COLOURS["muted"])
            classes.append("f-muted")
    if classes:
        element.set("class", " ".join(classes))


def _rename_ids(root: ET.Element, prefix: str) -> None:
    """Short ids, unique in the page, for what is referred to; no others."""
    source = ET.tostring(root, encoding="unicode")
    used = set(re.findall(r"(?:url\(#|href=\"#)([\w-]+)", source))
    names = {old: f"{prefix}-{i}" for i, old in enumerate(sorted(used))}
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in names:
            element.set("id", names[old])
        for name, value in list(element.attrib.items()):
            if name == _XLINK:
                del element.attrib[name]
                element.set("href", "#" + names[value[1:]])
            elif value.startswith("url(#"):
                element.set(name, f"url(#{names[value[5:-1]]})")


def _drop(root: ET.Element, names: set[str]) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {_SVG + name for name in names}:
                parent.remove(child)


def _flatten(root: ET.Element) -> None:
    """Remove group elements that say nothing any more."""
    changed = True
    while changed:
        changed = False
        for parent in list(root.iter()):
            for at, child in enumerate(list(parent)):
                if child.tag == f"{_SVG}g" and not child.attrib:
                    parent[at : at + 1] = list(child)
                    changed = True
                    break
            if changed:
                break


def to_svg(figure: Figure, *, name: str, title: str, description: str) -> str:
    """Draw a figure as an SVG element for a page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Finished figure; it must use the colours of ``COLOURS`` only.
    name : str
        Prefix of the ids in it, unique in the page.
    title, description : str
        What a person who cannot see the picture is told.

    Returns
    -------
    str
        ``<svg role="img">`` with title and description, without ``style`` attributes.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "convex_research"}):
        FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    root = ET.fromstring(buffer.getvalue())  # noqa: S314 - matplotlib's own output
    _drop(root, {"metadata", "style"})
    for element in root.iter():
        _restyle(element)
        for attribute in ("d", "x", "y", "transform", "points", "width", "height", "viewBox"):
            if attribute in element.attrib:
                short = _LONG_NUMBER.sub(_rounded, element.attrib[attribute])
                element.set(attribute, re.sub(r"\s+", " ", short).strip())
    _rename_ids(root, name)
    _flatten(root)
    for attribute in ("width", "height", "version"):
        root.attrib.pop(attribute, None)
    root.attrib.update(
        {"class": "chart", "role": "img", "aria-labelledby": f"{name}-title {name}-desc"}
    )
    for at, (tag, words) in enumerate((("title", title), ("desc", description))):
        element = ET.Element(f"{_SVG}{tag}", {"id": f"{name}-{tag}"})
        element.text = words
        root.insert(at, element)
    for element in root.iter():
        element.tag = element.tag.removeprefix(_SVG)
        if element.text is not None and not element.text.strip():
            element.text = None
        element.tail = None
    return re.sub(r"\s*\n\s*", " ", ET.tostring(root, encoding="unicode"))
