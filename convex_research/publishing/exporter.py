"""The nbconvert exporter ``convex_report``: executed notebook in, page and record out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from convex_research.analysis.record import dump_record, validate_record
from convex_research.errors import PublishingError
from convex_research.presentation.output import PAGE_MIME, RECORD_MIME
from convex_research.publishing.assets import content_policy, stylesheet, template_folder
from convex_research.publishing.describe import describe, page_title

__all__ = ["ConvexReportExporter", "record_of"]

_OTHER_PAGE = {
    "correlation": {"href": "comparison.html", "label": "Side by side"},
    "comparison": {"href": "correlation.html", "label": "Correlation"},
}


def record_of(notebook: Any) -> dict[str, Any]:
    """The record in a notebook's outputs.

    Raises
    ------
    PublishingError
        If the notebook has not been executed to its end.
    """
    record = _output_of(notebook, RECORD_MIME)
    if record is None:
        raise PublishingError("the notebook holds no record; execute it to its last cell first.")
    return record


def _output_of(notebook: Any, mime: str) -> dict[str, Any] | None:
    """The last output of a type, if there is one."""
    for cell in reversed(notebook.cells):
        for output in cell.get("outputs", ()):
            content: dict[str, Any] | None = output.get("data", {}).get(mime)
            if content is not None:
                return content
    return None


@dataclass(frozen=True, slots=True)
class _Page:
    """What the template shows."""

    title: str
    description: str
    policy: str
    stylesheet: str
    home: str
    other: dict[str, str] | None
    parts: list[str]


def _pair_page(record: dict[str, Any]) -> dict[str, Any]:
    """What a pair's page says of itself; it lies in the pair's folder."""
    return {
        "title": page_title(record),
        "description": describe(record),
        "home": "../index.html",
        "other": _OTHER_PAGE[record["kind"]],
    }


def _single_page(content: dict[str, str]) -> dict[str, Any]:
    """What a page without a pair says of itself; it lies beside the index."""
    return {
        "title": content["title"],
        "description": content["description"],
        "home": "index.html",
        "other": None,
    }


class ConvexReportExporter(TemplateExporter):  # type: ignore[misc]  # nbconvert has no types
    """Make a report page from an executed report notebook.

    ``jupyter nbconvert --to convex_report executed.ipynb`` writes ``executed.html`` and
    ``executed.json``, the record. Code is left out; markdown and HTML outputs stand in
    the notebook's order. (nbconvert's own HTML exporter would pass the page through a
    parser that spoils inline SVG.)
    """

    export_from_notebook = "Convex report"
    output_mimetype = "text/html"

    @property
    def extra_template_basedirs(self) -> list[str]:  # noqa: D102 - nbconvert's own name
        return [str(template_folder())]

    def _template_name_default(self) -> str:
        return "convex_report"

    def _file_extension_default(self) -> str:
        return ".html"

    def _init_resources(self, resources: dict[str, Any] | None) -> dict[str, Any]:
        made: dict[str, Any] = super()._init_resources(resources)
        made["page"] = self._page
        return made

    def from_notebook_node(
        self, nb: Any, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Convert a notebook; a pair's record stands in ``resources["outputs"]``.

        Raises
        ------
        PublishingError
            If the notebook holds neither a record nor a page's title.
        ConvexResearchError
            If the record does not fit its schema.
        """
        content = _output_of(nb, PAGE_MIME)
        record = None if content else record_of(nb)
        if record is not None:
            validate_record(record)
        about = _single_page(content) if content else _pair_page(record or {})
        self._page = _Page(
            **about, policy=content_policy(), stylesheet=stylesheet(), parts=_parts(nb)
        )
        page: str
        page, resources = super().from_notebook_node(nb, resources, **kw)
        if record is not None:
            name = resources.get("unique_key") or record["kind"]
            # The leading "./" is for nbconvert's writer, which asks for the folder of each file.
            resources.setdefault("outputs", {})[f"./{name}.json"] = dump_record(record).encode()
        return page, resources


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
