"""From a request to the files of a page, written whole or not at all, and what failed."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from convex_research.core.errors import ConvexResearchError, PublishingError, printable
from convex_research.core.files import write_atomically
from convex_research.publishing.execute import PAGE_TIMEOUT, execute_notebook, notebook_bytes
from convex_research.publishing.index.page import render_notice
from convex_research.publishing.request import page_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from convex_research.publishing.request import PageRequest
    from convex_research.publishing.session import KernelSession

__all__ = [
    "failure_fields",
    "render_page",
    "write_failure",
    "write_page",
]

FAILURE_SCHEMA = "convex-research/failure/1"


def render_page(
    request: PageRequest,
    kind: str,
    *,
    session: KernelSession | None = None,
    timeout: float = PAGE_TIMEOUT,
    seconds: dict[str, float] | None = None,
) -> dict[str, bytes]:
    """Execute one notebook and make its files, without writing any.

    For session, timeout and seconds see ``execute_notebook``, which raises what fails; seconds get
    those of ``"conversion"`` besides.

    Returns
    -------
    dict of str to bytes
        By file name; the page comes last, so that it stands for all when written so.
    """
    from convex_research.publishing.exporter import ConvexReportExporter, record_of

    stages = {} if seconds is None else seconds
    notebook = execute_notebook(
        kind, request.parameters, session=session, timeout=timeout, seconds=stages
    )
    stem = page_name(request.slug, kind).rpartition("/")[2]
    began = time.perf_counter()
    _sign(record_of(notebook), request)
    exporter = ConvexReportExporter(alone=request.alone, notes=request.notes)
    html, resources = exporter.from_notebook_node(notebook, {"unique_key": stem})
    files = {
        f"{stem}.ipynb": notebook_bytes(notebook),
        **{name.removeprefix("./"): body for name, body in resources["outputs"].items()},
        f"{stem}.html": html.encode(),
    }
    stages["conversion"] = time.perf_counter() - began
    return files


def _sign(record: dict[str, Any], request: PageRequest) -> None:
    """Enter in a record what its page and those of its legs are called."""
    about = next(record[part] for part in ("pair", "instrument", "universe") if part in record)
    about["slug"] = request.slug
    for leg, name in request.leg_pages.items():
        about[leg]["page"] = name


def write_page(
    files: Mapping[str, bytes], page: str, output: Path, *, beside: Path | None = None
) -> Path:
    """Write the files of a page and remove the trace of an earlier failure; the page's path.

    Files are those of :func:`render_page`, the page is named by ``page_name``; for ``beside`` see
    :func:`~convex_research.core.files.write_atomically`.
    """
    place = output / page
    for name, content in files.items():
        write_atomically(place.parent / name, content, beside=beside)
    for left in {f"{place.name}.failed.json", f"{place.name}.png"} - set(files):
        with suppress(FileNotFoundError):
            (place.parent / left).unlink()
    return place.with_suffix(".html")


def failure_fields(error: Exception) -> dict[str, str]:
    """Why there is no page: ``reason``, and its parts ``cell`` and ``message``."""
    if isinstance(error, PublishingError):
        return {"reason": str(error), "cell": error.cell, "message": error.message}
    if isinstance(error, ConvexResearchError):
        reason = str(error)
    else:
        reason = printable(f"internal error: {type(error).__name__}: {error}", limit=500)
    return {"reason": reason, "cell": "", "message": reason}


def write_failure(
    request: PageRequest,
    kind: str,
    output: Path,
    fields: Mapping[str, str],
    *,
    beside: Path | None = None,
) -> None:
    """Leave a record of a page that could not be built, for the index.

    Where there is no page from an earlier build, a short one that says so takes its place: other
    pages link to it. Fields are those of :func:`failure_fields`.
    """
    about = {"schema": FAILURE_SCHEMA, "kind": kind, "slug": request.slug, "names": request.names}
    text = json.dumps({**about, **fields}, indent=2) + "\n"
    place = output / page_name(request.slug, kind)
    write_atomically(place.with_suffix(".failed.json"), text, beside=beside)
    page = place.with_suffix(".html")
    if not page.is_file():
        title = " and ".join(printable(name, limit=60) for name in request.names)
        notice = render_notice(title, printable(fields["reason"]))
        write_atomically(page, notice, beside=beside)
