"""Notes of the analyst: a file of markdown beside a page, shown on it and never written."""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["notes_html", "notes_name", "read_notes"]


def notes_name(slug: str, kind: str) -> str:
    """Place of the notes in the folder of reports; both pages of a pair share them.

    Examples
    --------
    >>> notes_name("spy-vs-iwm", "comparison"), notes_name("spy", "instrument")
    ('spy-vs-iwm/notes.md', 'instruments/spy.notes.md')
    """
    return f"instruments/{slug}.notes.md" if kind == "instrument" else f"{slug}/notes.md"


def read_notes(output: Path, slug: str, kind: str) -> str:
    """Text of the notes, empty where there are none."""
    with suppress(FileNotFoundError, NotADirectoryError):
        text = (output / notes_name(slug, kind)).read_text("utf-8-sig", errors="replace")
        return text.strip()
    return ""


def notes_html(markdown: str) -> str:
    """Notes as markup: HTML in them is shown as text, headings stand below that of the notes."""
    html: str = MarkdownWithMath(renderer=_Notes()).render(markdown)
    return html.strip()


class _Notes(IPythonRenderer):  # type: ignore[misc]  # nbconvert has no types
    def __init__(self) -> None:
        super().__init__(escape=True, exclude_anchor_links=True)

    def heading(self, text: str, level: int, **_: Any) -> str:
        """All headings have one level; the page's own begin above it."""
        del level
        return f"<h3>{text}</h3>\n"

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """A link to a page or within this one; anything else is its words alone."""
        if urlsplit(url.strip()).scheme not in {"", "http", "https", "mailto"}:
            return text
        html: str = super().link(text, url, title)
        return html

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A link in its place: a page loads nothing."""
        return self.link(text or escape(url), url, title)
