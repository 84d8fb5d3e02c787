"""The parts of a page in order: what stands before the first heading, then the sections."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from convex_research.presentation.pages.output import PAGE_MIME, RECORD_MIME, SECTION_MIME
from convex_research.publishing.notes import notes_html

__all__ = ["Section", "outline"]


@dataclass(slots=True)
class Section:
    """A heading with what stands below it.

    The id is unique in the page, the title plain text, and parts are finished markup, of which the
    first holds the heading.
    """

    id: str
    title: str
    parts: list[str] = field(default_factory=list)
    empty: bool = True

    @property
    def html(self) -> str:
        """Finished markup of the whole section."""
        return "\n".join(self.parts)


def outline(nb: Any) -> tuple[list[str], list[Section]]:
    """Cut a notebook's markdown and outputs at its headings of the second level.

    A section whose cells showed nothing is left out with its heading: an empty section says
    nothing, and prose must not fill it. Before the sections comes the markup that leads them.
    Cells with nbconvert's tag ``remove_cell`` are for those who read the notebook.
    """
    lead: list[str] = []
    sections: list[Section] = []
    headings = _Headings()
    markdown = MarkdownWithMath(renderer=headings)
    for cell in nb.cells:
        if "remove_cell" in cell.metadata.get("tags", ()):
            continue
        if cell.cell_type == "markdown":
            headings.last = None
            part = markdown.render(cell.source).strip()
            if (opened := headings.last) and part.startswith(opened.html):
                opened.empty = part == opened.html
                opened.parts = [part]
                sections.append(opened)
            else:
                _add(part, lead, sections)
        for output in cell.get("outputs", ()):
            if heading := output.get("data", {}).get(SECTION_MIME):
                sections.append(Section(heading["id"], heading["title"]))
            _add(_shown(output), lead, sections)
    return lead, [one for one in sections if not one.empty]


def _add(part: str, lead: list[str], sections: list[Section]) -> None:
    if part and sections:
        sections[-1].parts.append(part)
        sections[-1].empty = False
    elif part:
        lead.append(part)


def _shown(output: Any) -> str:
    """Markup of an output: HTML, markdown, an image, else its text; not errors and logs."""
    if output.output_type == "stream" and output.name == "stdout":
        return f"<pre>{escape(output.text)}</pre>"
    data = output.get("data", {})
    if RECORD_MIME in data or PAGE_MIME in data:
        return ""  # for the exporter
    if "text/html" in data:
        return "".join(data["text/html"])
    if "text/markdown" in data:
        return notes_html("".join(data["text/markdown"]))
    for image in ("image/png", "image/jpeg"):
        if image in data:
            words, body = (escape("".join(data.get(m, "")).strip()) for m in ("text/plain", image))
            return f'<img alt="{words}" src="data:{image};base64,{body}">'
    return f"<pre>{escape(''.join(data['text/plain']))}</pre>" if "text/plain" in data else ""


class _Headings(IPythonRenderer):  # type: ignore[misc]  # nbconvert has no types
    """Markdown as HTML; a heading of the second level gets an id that is made from its words."""

    def __init__(self) -> None:
        super().__init__(escape=True, exclude_anchor_links=True)
        self.last: Section | None = None
        self._taken: set[str] = set()

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        """Remember the first of the second level."""
        if level != 2 or self.last is not None:
            html: str = super().heading(text, level, **attrs)
            return html
        title = Markup(text).striptags()  # noqa: S704 - read as text
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"
        # Charts and evidence have ids of their own; a section's never looks like one of them.
        number, name = 1, f"s-{slug}"
        while name in self._taken:
            number += 1
            name = f"s-{slug}-{number}"
        self._taken.add(name)
        html = f'<h2 id="{name}">{text}</h2>'
        self.last = Section(name, title, [html])
        return html + "\n"
