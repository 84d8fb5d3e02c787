"""One fold a method: formula, assumptions, limits, evidence, source."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from convex_research.core.fragments import paragraph, tag, text
from convex_research.methodology.pages.agreement import agreement_table
from convex_research.methodology.pages.coverage import coverage_table, promises, verdict_words
from convex_research.methodology.pages.methods import SECTIONS, load_methods, source_of
from convex_research.presentation.pages.output import SectionOutput
from convex_research.presentation.prose.mathml import formula

if TYPE_CHECKING:
    from convex_research.methodology.pages.methods import Method

__all__ = ["methods"]


def methods(section: str) -> SectionOutput:
    """Heading and methods of one section, each folded.

    Parameters
    ----------
    section : str
        First part of record keys, or ``"intervals"``.

    Raises
    ------
    KeyError
        If there is no such section.
    """
    title, name = SECTIONS[section], f"section-{section}"
    html = tag("h2", text(title), id=name)
    html += "".join(_article(method) for method in _methods_in(section))
    return SectionOutput(html, f"methods: {title.lower()}", {"id": name, "title": title})


def _methods_in(section: str) -> list[Method]:
    return [method for method in load_methods() if method.section == section]


def _listed(title: str, points: tuple[str, ...]) -> str:
    items = "".join(tag("li", text(point)) for point in points)
    return tag("dt", text(title)) + tag("dd", tag("ul", items))


def _article(method: Method) -> str:
    keys = ", ".join(tag("code", text(key)) for key in method.keys)
    facts = _listed("Assumes", method.assumptions) + _listed("Cannot say", method.cannot)
    facts += _listed("Reference", method.reference)
    if keys:
        facts += tag("dt", "Keys") + tag("dd", keys)
    parts = [
        *(tag("div", formula(one), class_="formula", tabindex="0") for one in method.formula),
        paragraph(text(method.where)),
        tag("dl", facts, class_="facts"),
        coverage_table(method).html or _nothing(method, "simulated"),
        agreement_table(method).html or _nothing(method, "compared"),
        _sources(method),
    ]
    head = tag("h3", text(method.title), id=method.id)
    head += tag("span", text(_simulated(method)), class_="when")
    return tag("details", tag("summary", head) + "".join(parts), class_="method printed")


def _simulated(method: Method) -> str:
    """How its promises held, in a few words."""
    rows = promises(method)
    if not rows:
        return ""
    held = sum(row.verdict == "holds" for row in rows)
    bold = sum(verdict_words(row) in {"too narrow", "rejects too often"} for row in rows)
    return f"{len(rows)} promises simulated, {held} held, {bold} too bold"


def _nothing(method: Method, what: str) -> str:
    """Where there is no evidence the page says so; what is only observed needs none."""
    if not method.keys or "observed" in method.title:
        return ""
    words = {
        "simulated": "Coverage or size is not simulated for this method.",
        "compared": "No other program's answer is stored for this method; its tests use closed "
        "forms, slow loops or identities.",
    }[what]
    return paragraph(text(words), class_="note")


def _sources(method: Method) -> str:
    """Each function's source, one click away."""
    made = []
    for path in method.functions:
        # Every character of the source stays as it is, line breaks too.
        code = tag("pre", tag("code", escape(source_of(path), quote=False)), tabindex="0")
        summary = tag("summary", "Source of " + tag("code", text(path)))
        made.append(tag("details", summary + code))
    return "".join(made)
