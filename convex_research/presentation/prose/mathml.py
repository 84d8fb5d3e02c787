"""Formulas as MathML, made at build time: browsers draw it, nothing is loaded."""

from __future__ import annotations

from functools import cache
from xml.etree import ElementTree as ET

_MATHML = "{http://www.w3.org/1998/Math/MathML}"

# What the pages' stylesheet and the browsers need; anything else is dropped, above all
# style attributes, which the pages' security policy forbids.
_KEPT = {"display", "mathvariant", "stretchy", "accent", "form", "fence", "width", "displaystyle"}

# Symbols the converter takes for identifiers: an operator gets its space.
_OPERATORS = set("±≤≥∼→∣⌊⌋′")


@cache
def formula(latex: str, *, block: bool = True) -> str:
    r"""A ``<math>`` element for a formula in LaTeX, which its ``alttext`` keeps.

    It stands on a line of its own or in a sentence, and has no ``style`` attributes.

    Examples
    --------
    >>> formula(r"r^2", block=False)
    '<math alttext="r^2"><mrow><msup><mi>r</mi><mn>2</mn></msup></mrow></math>'
    """
    from latex2mathml.converter import convert

    root = ET.fromstring(convert(latex, display="block" if block else "inline"))  # noqa: S314
    for element in root.iter():
        element.tag = element.tag.removeprefix(_MATHML)
        element.attrib = {k: v for k, v in element.attrib.items() if k in _KEPT}
        if element.tag == "mi" and element.text in _OPERATORS:
            element.tag = "mo"
            if element.text in "⌊⌋":
                element.set("stretchy", "false")
    if not block:
        root.attrib.pop("display", None)
    root.set("alttext", latex)
    return ET.tostring(root, encoding="unicode")
