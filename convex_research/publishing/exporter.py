"""The nbconvert exporter ``convex_report``: executed notebook in, page and record out."""

from __future__ import annotations

from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import BytecodeCache
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets import Bool, List, Unicode

from convex_research.analysis.record import dump_record, validate_record
from convex_research.core import formatting as fmt
from convex_research.core.errors import PublishingError, printable
from convex_research.presentation.pages.output import PAGE_MIME, RECORD_MIME
from convex_research.publishing.assets import content_policy, script, stylesheet, template_folder
from convex_research.publishing.index.entries import instrument_page
from convex_research.publishing.meta.describe import (
    describe,
    headline_key,
    leg_name,
    page_title,
)
from convex_research.publishing.meta.pair import (
    PageMeta,
    dataset,
    pair_dataset,
    render_meta,
    site_url,
)
from convex_research.publishing.notes import notes_html, read_notes
from convex_research.publishing.outline import outline
from convex_research.publishing.records import INSTRUMENT_FOLDER, UNIVERSE_FOLDER

if TYPE_CHECKING:
    from jinja2.bccache import Bucket

__all__ = ["ConvexReportExporter", "record_of", "tabs"]

_LABELS = {"correlation": "Correlation", "comparison": "Side by side"}


def record_of(notebook: Any) -> dict[str, Any]:
    """The record in a notebook's outputs; a PublishingError if it was not executed to its end."""
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


def _meta_of(record: dict[str, Any] | None, content: dict[str, str] | None) -> PageMeta:
    """What a page says of itself: a pair's in its folder, one without data beside the index."""
    if record is None:
        about = content or {}
        path = f"{about.get('kind', 'page')}.html"
        return PageMeta(title=about["title"], description=about["description"], path=path)
    if record["kind"] == "instrument":
        return _instrument_meta(record)
    if record["kind"] == "universe":
        return _universe_meta(record)
    title, description, kind = page_title(record), describe(record), record["kind"]
    return PageMeta(
        title=title,
        description=description,
        path=f"{record['pair']['slug']}/{kind}.html",
        card=f"{kind}.png",
        card_words=f"{title}. {description}",
        data=pair_dataset(record, name=title, description=description, key=headline_key(record)),
    )


def _instrument_meta(record: dict[str, Any]) -> PageMeta:
    """Title, description and data of an instrument's page."""
    one, title, description = record["instrument"], page_title(record), describe(record)
    keywords = ("volatility", "drawdown", one["name"])
    data = dataset(record, name=title, description=description, keywords=keywords, file=one["slug"])
    path = f"{INSTRUMENT_FOLDER}/{one['slug']}.html"
    return PageMeta(title=title, description=description, path=path, data=data)


def _universe_meta(record: dict[str, Any]) -> PageMeta:
    """Title, description and data of a universe's page."""
    slug, title = record["universe"]["slug"], record["title"]
    description = f"{record['summary'][0]['text']} To {record['as_of']}."
    keywords = ("correlation matrix", record["universe"]["name"])
    data = dataset(record, name=title, description=description, keywords=keywords, file=slug)
    path = f"{UNIVERSE_FOLDER}/{slug}.html"
    return PageMeta(title=title, description=description, path=path, data=data)


def _notes_beside(record: dict[str, Any] | None, resources: dict[str, Any] | None) -> str:
    """Notes in the folder of a notebook that lies among the reports, where the file names it."""
    place = (resources or {}).get("metadata", {}).get("path")
    if record is None or not place or record["kind"] == "universe":
        return ""
    about, folder = record["instrument" if "instrument" in record else "pair"], Path(place)
    instrument = record["kind"] == "instrument"
    if folder.name != (INSTRUMENT_FOLDER if instrument else about["slug"]):
        return ""
    return read_notes(folder.parent, about["slug"], record["kind"])


def _tab(label: str, href: str | None = None, *, current: bool = False) -> dict[str, Any]:
    return {"label": escape(label), "href": href, "current": current}


def tabs(record: dict[str, Any] | None, *, alone: bool = False) -> list[dict[str, Any]]:
    """Both pages of a pair and those of its legs, or the way back from an instrument's page.

    The page shown is no link, and there is none to a page that is not built.
    """
    if record is None:
        return []
    if record["kind"] == "instrument":
        back = _tab("Instruments", "../index.html#instruments")
        return [back, _tab(leg_name(record["instrument"]), current=True)]
    if record["kind"] == "universe":
        return [_tab(printable(record["universe"]["name"], limit=60), current=True)]
    listed = []
    for kind, label in _LABELS.items():
        if kind == record["kind"]:
            listed.append(_tab(label, current=True))
        else:
            listed.append(_tab(f"{label} (not built)") if alone else _tab(label, f"{kind}.html"))
    legs = [record["pair"][leg] for leg in "ab"]
    folder = f"../{INSTRUMENT_FOLDER}"
    return listed + [_tab(leg_name(one), f"{folder}/{instrument_page(one)}.html") for one in legs]


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

    notes = Unicode(
        help="The analyst's notes, markdown; by default those that lie beside the notebook."
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

        It is an error if the notebook holds neither a record nor a page's title, if the record does
        not fit its schema, or if the site's address is none.
        """
        site = site_url()
        content = _output_of(nb, PAGE_MIME)
        record = None if content else record_of(nb)
        if record is not None:
            validate_record(record)
        meta = _meta_of(record, content)
        of_many = record is not None and record["kind"] == "universe"
        text = script("page", "sort", *(("index", "map") if of_many else ()))
        style = stylesheet(*(("universe",) if of_many else ()))
        lead, sections = outline(nb)
        self._page = {
            "meta": render_meta(meta, site),
            "policy": content_policy(text, style=style),
            "stylesheet": style,
            "script": text,
            "home": "../index.html" if record is not None else "index.html",
            "tabs": tabs(record, alone=self.alone),
            "as_of": record and record["as_of"],
            "as_of_words": record and fmt.long_day(date.fromisoformat(record["as_of"])),
            "contents": record is None,
            "lead": lead,
            "notes": notes_html(self.notes or _notes_beside(record, resources)),
            "sections": sections,
        }
        page: str
        # The template reads the outline alone; nbconvert would copy every output, twice.
        bare = NotebookNode(nb, cells=[])
        page, resources = super().from_notebook_node(bare, resources, **kw)
        if record is not None:
            outputs = resources.setdefault("outputs", {})
            name = resources.get("unique_key") or record["kind"]
            # The leading "./" is for nbconvert's writer, which asks for the folder of each file.
            outputs[f"./{name}.json"] = dump_record(record).encode()
            if site is not None and meta.card is not None:
                from convex_research.presentation.charts.card import draw_card

                outputs[f"./{meta.card}"] = draw_card(record)
        return page, resources
