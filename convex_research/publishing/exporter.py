"""The nbconvert exporter ``convex_report``: executed notebook in, page and record out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import Bool, List

from convex_research.analysis.record import dump_record, validate_record
from convex_research.core.errors import PublishingError
from convex_research.presentation.pages.output import PAGE_MIME, RECORD_MIME
from convex_research.publishing.assets import content_policy, script, stylesheet, template_folder
from convex_research.publishing.meta.describe import describe, headline_key, page_title
from convex_research.publishing.meta.instrument import instrument_meta, leg_tabs, own_tab
from convex_research.publishing.meta.pair import PageMeta, pair_dataset, render_meta, site_url
from convex_research.publishing.outline import Section, outline

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

__all__ = ["ConvexReportExporter", "record_of"]

# The section of the correlation page below which the claims of the other page are mentioned.
_EVIDENCE = "s-evidence"
_LABELS = {"correlation": "Correlation", "comparison": "Side by side"}


def record_of(notebook: Any) -> dict[str, Any]:
    """The record in a notebook's outputs.

    Raises
    ------
    PublishingError
        If the notebook has not been executed to its end.
    """
    record = _output_of(notebook, RECORD_MIME)
    if record is None:
        raise PublishingError("the notebook holds no record; execute it to its last cell first")
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

    meta: str
    policy: str
    stylesheet: str
    script: str
    home: str
    tabs: list[dict[str, Any]]
    other: dict[str, str | None]
    lead: list[str]
    sections: list[Section]


def _meta_of(record: dict[str, Any] | None, content: dict[str, str] | None) -> PageMeta:
    if record is None:
        return _single_meta(content or {})
    return instrument_meta(record) if record["kind"] == "instrument" else _pair_meta(record)


def _pair_meta(record: dict[str, Any]) -> PageMeta:
    """What a pair's page says of itself; it lies in the pair's folder."""
    title, description, kind = page_title(record), describe(record), record["kind"]
    data = pair_dataset(record, name=title, description=description, key=headline_key(record))
    return PageMeta(
        title=title,
        description=description,
        path=f"{record['pair']['slug']}/{kind}.html",
        card=f"{kind}.png",
        card_words=f"{title}. {description}",
        data=data,
    )


def _single_meta(content: dict[str, str]) -> PageMeta:
    """What a page without a pair says of itself; it lies beside the index."""
    return PageMeta(
        title=content["title"],
        description=content["description"],
        path=f"{content.get('kind', 'page')}.html",
    )


def _tabs(record: dict[str, Any] | None, *, alone: bool) -> list[dict[str, Any]]:
    """Both pages of a pair and those of its legs.

    The page shown is no link, and there is none to a page that is not built.
    """
    if record is None:
        return []
    if record["kind"] == "instrument":
        return own_tab(record)
    tabs = []
    for one, label in _LABELS.items():
        current = one == record["kind"]
        missing = alone and not current
        tabs.append(
            {
                "label": f"{label} (not built)" if missing else label,
                "href": None if current or missing else f"{one}.html",
                "current": current,
            }
        )
    return tabs + leg_tabs(record)


def _other_claims(record: dict[str, Any] | None, *, alone: bool) -> dict[str, str | None]:
    """Below which section the claims of the pair's other page are mentioned, and its address."""
    if record is None or record["kind"] != "correlation":
        return {"below": None, "href": None}
    return {"below": _EVIDENCE, "href": None if alone else f"comparison.html#{_EVIDENCE}"}


class _Compiled(BytecodeCache):
    """Templates compiled by this process; each page has an environment of its own."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code from memory if it is there."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


class ConvexReportExporter(TemplateExporter):  # type: ignore[misc]  # nbconvert has no types
    """Make a report page from an executed report notebook.

    ``jupyter nbconvert --to convex_report executed.ipynb`` writes ``executed.html`` and
    ``executed.json``, the record. Code is left out; markdown and HTML outputs stand in
    the notebook's order. (nbconvert's own HTML exporter would pass the page through a
    parser that spoils inline SVG.) With ``CONVEX_RESEARCH_SITE_URL`` in the environment
    the page names its own address, and its preview image is written beside it.
    """

    export_from_notebook = "Convex report"
    output_mimetype = "text/html"

    alone = Bool(
        default_value=False, help="Whether the pair's other page is not built, so not linked."
    ).tag(config=True)

    # None of nbconvert's own has anything to do here, and after each it checks the notebook.
    default_preprocessors = List([])

    @property
    def extra_template_basedirs(self) -> list[str]:  # noqa: D102 - nbconvert's own name
        return [str(template_folder())]

    def _template_name_default(self) -> str:
        return "convex_report"

    def _file_extension_default(self) -> str:
        return ".html"

    def _create_environment(self) -> Any:
        environment = super()._create_environment()
        environment.bytecode_cache = _COMPILED
        return environment

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
            If the record does not fit its schema, or the site's address is none.
        """
        site = site_url()
        content = _output_of(nb, PAGE_MIME)
        record = None if content else record_of(nb)
        if record is not None:
            validate_record(record)
        meta = _meta_of(record, content)
        text = script("page", "sort")
        lead, sections = outline(nb)
        self._page = _Page(
            meta=render_meta(meta, site),
            policy=content_policy(text),
            stylesheet=stylesheet(),
            script=text,
            home="../index.html" if record is not None else "index.html",
            tabs=_tabs(record, alone=self.alone),
            other=_other_claims(record, alone=self.alone),
            lead=lead,
            sections=sections,
        )
        page: str
        # The template reads the outline alone; nbconvert would copy every output, twice.
        bare = NotebookNode(nb, cells=[])
        page, resources = super().from_notebook_node(bare, resources, **kw)
        if record is not None:
            with_card = site is not None and meta.card is not None
            self._add_files(resources, record, meta, with_card=with_card)
        return page, resources

    def _add_files(
        self, resources: dict[str, Any], record: dict[str, Any], meta: PageMeta, *, with_card: bool
    ) -> None:
        """What is written beside the page: the record, and the preview image of a site."""
        outputs = resources.setdefault("outputs", {})
        name = resources.get("unique_key") or record["kind"]
        # The leading "./" is for nbconvert's writer, which asks for the folder of each file.
        outputs[f"./{name}.json"] = dump_record(record).encode()
        if with_card:
            from convex_research.presentation.charts.card import draw_card

            outputs[f"./{meta.card}"] = draw_card(record)
