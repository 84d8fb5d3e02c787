"""The parts of a page in order: what stands before the first heading, then the sections."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

__all__ = ["Section", "outline"]

_HEADING = re.compile(r"\s*(?:<div class=\"convex-piece\">)?\s*<h2([^>]*)>(.*?)</h2>", re.DOTALL)
_ID = re.compile(r"\bid=\"([^\"]+)\"")


@dataclass(slots=True)
class Section:
    """A heading with what stands below it.

    Parameters
    ----------
    id : str
        Of the heading, unique in the page.
    title : str
        Plain text of the heading.
    parts : list of str
        Finished markup; the first holds the heading.
    empty : bool
        Whether there is nothing below the heading.
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
    """Cut a notebook's markdown and HTML outputs at its headings of the second level.

    A section whose cells showed nothing is left out with its heading: an empty section
    says nothing, and prose must not fill it.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        Executed notebook.

    Returns
    -------
    lead : list of str
        Markup before the first heading.
    sections : list of Section
    """
    lead: list[str] = []
    sections: list[Section] = []
    taken: set[str] = set()
    for part in _parts(nb):
        heading = _HEADING.match(part)
        if heading is None:
            (sections[-1].parts if sections else lead).append(part)
            if sections:
                sections[-1].empty = False
            continue
        section, shown = _opened(heading, part, taken)
        section.parts.append(shown)
        sections.append(section)
    return lead, [one for one in sections if not one.empty]


def _opened(heading: re.Match[str], part: str, taken: set[str]) -> tuple[Section, str]:
    """A section for a heading, whose id is made from its words where it has none."""
    attributes, inner = heading.groups()
    title = unescape(re.sub(r"<[^>]+>", "", inner)).strip()
    given = _ID.search(attributes)
    name = given[1] if given else _free(_slug(title), taken)
    taken.add(name)
    below = part[heading.end() :].replace("</div>", "").strip()
    if not given:
        at = heading.start(1)
        part = f'{part[:at]} id="{name}"{part[at:]}'
    return Section(name, title, empty=not below), part


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "section"


def _free(name: str, taken: set[str]) -> str:
    # Charts and evidence have ids of their own; a section's never looks like one of them.
    number, free = 1, f"s-{name}"
    while free in taken:
        number += 1
        free = f"s-{name}-{number}"
    return free


def _parts(nb: Any) -> list[str]:
    """Finished markup of the page: markdown cells, and outputs that are HTML."""
    markdown = MarkdownWithMath(renderer=IPythonRenderer(escape=True, exclude_anchor_links=True))
    parts = []
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            parts.append(markdown.render(cell.source).strip())
        for output in cell.get("outputs", ()):
            html = output.get("data", {}).get("text/html")
            # Results of the set-up cells are for people in Jupyter; pieces of the page
            # are marked by their class.
            if html is not None and "convex-piece" in html[:60]:
                parts.append("".join(html))
    return parts
