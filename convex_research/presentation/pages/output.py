"""The record inside the notebook's output, so that standard tools can carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.analysis import InstrumentAnalysis
from convex_research.core.fragments import Fragment

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = [
    "PAGE_MIME",
    "RECORD_MIME",
    "SECTION_MIME",
    "PageOutput",
    "RecordOutput",
    "SectionOutput",
    "record",
]

RECORD_MIME = "application/vnd.convex-research.record.v1+json"
PAGE_MIME = "application/vnd.convex-research.page.v1+json"
SECTION_MIME = "application/vnd.convex-research.section.v1+json"


class RecordOutput:
    """Shown by Jupyter as data: the exporter reads it back.

    Parameters
    ----------
    content : dict
        A record.
    """

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def __repr__(self) -> str:
        kind = self.content["kind"]
        about = self.content["instrument" if kind == "instrument" else "pair"]
        return f"<record of {about['slug']}, {kind}>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {RECORD_MIME: self.content, "text/plain": repr(self)}


class PageOutput:
    """Title and description of a page that is not about a pair.

    Parameters
    ----------
    content : dict
        ``kind``, ``title`` and ``description``.
    """

    def __init__(self, content: dict[str, str]) -> None:
        self.content = content

    def __repr__(self) -> str:
        return f"<page: {self.content['title']}>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {PAGE_MIME: self.content, "text/plain": repr(self)}


class SectionOutput(Fragment):
    """A piece that begins a section of its page; its heading travels beside the markup.

    Parameters
    ----------
    html, summary : str
        As a fragment's; the markup begins with the heading.
    heading : dict
        ``id`` and ``title`` of the section.
    """

    def __init__(self, html: str, summary: str, heading: dict[str, str]) -> None:
        super().__init__(html, summary)
        self.heading = heading

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {SECTION_MIME: self.heading, "text/html": self._repr_html_()}


def record(analysis: Study | InstrumentAnalysis, kind: str = "correlation") -> RecordOutput:
    """The analysis as a record for the page's ``.json``.

    Parameters
    ----------
    analysis : Study or InstrumentAnalysis
        A finished analysis.
    kind : {"correlation", "comparison"}, optional
        Which page of a pair it belongs to.
    """
    if isinstance(analysis, InstrumentAnalysis):
        return RecordOutput(analysis.to_dict())
    return RecordOutput(analysis.to_dict(kind))
