"""The top of a page: title, warnings, tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import strength_words
from convex_research.core import formatting as fmt
from convex_research.core.cells import numbers
from convex_research.core.estimates import Estimate, NotComputed, named
from convex_research.core.fragments import Fragment, paragraph, tag, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis.results import Analysis
    from convex_research.core.estimates import Result

__all__ = ["heading", "tiled"]


def heading(analysis: Analysis, title: str, sample: str, *, about: str = "") -> Fragment:
    """A title, what the instrument is, the sample in words, and warnings about the data."""
    html = tag("h1", text(title))
    if any(note.check == "embedded_sample" for note in analysis.returns.quality):
        sample += " Embedded sample: not current data."
    if about:
        html += paragraph(text(about), data_about="catalogue")
    html += paragraph(text(sample), class_="sample", data_about="sample")
    return Fragment(html + banner(analysis).html, title)


def banner(analysis: Analysis) -> Fragment:
    """Warnings about the data that a reader must see first."""
    seen = dict.fromkeys(
        (note.level, note.message)
        for note in analysis.returns.quality
        if note.check == "stale" or note.level != "note"
    )
    warnings = [(level, fmt.with_minus(message)) for level, message in seen]
    items = "".join(tag("li", text(message), class_=level) for level, message in warnings)
    listed = tag("ul", items, class_="banner", data_about="source") if items else ""
    prose = " ".join(message for _, message in warnings)
    return Fragment(listed, "data warnings", prose)


def tiled(analysis: Analysis, listed: Iterable[tuple[str, str, bool]]) -> Fragment:
    """A tile for each label and key, with the sign of a positive number where asked."""
    boxes = "".join(_tile(label, key, analysis[key], plus=plus) for label, key, plus in listed)
    return Fragment(tag("div", boxes, class_="tiles"), "main numbers")


def _tile(label: str, key: str, result: Result, *, plus: bool) -> str:
    html = paragraph(text(label), class_="name")
    html += paragraph(numbers(key, result, plus=plus), class_="big")
    if isinstance(result, Estimate) and key.startswith("correlation."):
        html += paragraph(text(strength_words(result).capitalize()), class_="label")
    html += paragraph(text(_sample_of(result)), class_="note")
    return tag("div", html, class_="tile", data_key=key)


def _sample_of(result: Result) -> str:
    """What a number rests on, in a few words."""
    if isinstance(result, NotComputed):
        return named(result.reason)
    if isinstance(result, Estimate) and result.confidence_level is None:
        return fmt.span(result) if result.start != result.end else fmt.day(result.end)
    return f"n {fmt.count(result.nobs)}, to {fmt.day(result.end)}"
