"""The record inside the notebook's output, so that standard tools can carry it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.analysis import PairAnalysis
from convex_research.core.fragments import Fragment

if TYPE_CHECKING:
    from convex_research.instruments import InstrumentStudy
    from convex_research.studies import Study
    from convex_research.universe.screen import Screen

RECORD_MIME = "application/vnd.convex-research.record.v1+json"
PAGE_MIME = "application/vnd.convex-research.page.v1+json"
SECTION_MIME = "application/vnd.convex-research.section.v1+json"


class DataOutput:
    """Data of a type that Jupyter shows in a few words and the exporter reads back."""

    def __init__(self, mime: str, content: dict[str, Any], summary: str) -> None:
        self.mime, self.content, self.summary = mime, content, summary

    def __repr__(self) -> str:
        return f"<{self.summary}>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {self.mime: self.content, "text/plain": repr(self)}


class SectionOutput(Fragment):
    """A piece that begins a section of its page.

    The markup begins with the heading, whose ``id`` and ``title`` travel beside it.
    """

    def __init__(self, html: str, summary: str, heading: dict[str, str]) -> None:
        super().__init__(html, summary)
        self.heading = heading

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {SECTION_MIME: self.heading, "text/html": self._repr_html_()}


def record(analysis: Study | InstrumentStudy | Screen, kind: str = "correlation") -> DataOutput:
    """The analysis as a record for the page's ``.json``.

    Parameters
    ----------
    analysis : Study, InstrumentStudy or Screen
        Finished.
    kind : {"correlation", "comparison"}, optional
        Which page of a pair it belongs to.
    """
    content = analysis.to_dict(kind) if isinstance(analysis, PairAnalysis) else analysis.to_dict()
    about = next(content[part] for part in ("pair", "instrument", "universe") if part in content)
    return DataOutput(RECORD_MIME, content, f"record of {about['slug']}, {content['kind']}")
