"""A page for every leg of the pairs: building it, and keeping what failed."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.analysis.record import dump_record
from convex_research.catalogue import load_catalogue
from convex_research.catalogue.symbols import slugify
from convex_research.core.config import as_day
from convex_research.core.errors import ConvexResearchError, InputError, printable
from convex_research.core.files import prepare_folder, write_atomically
from convex_research.publishing.execute import execute_notebook, notebook_bytes
from convex_research.publishing.instrument_plan import (
    InstrumentRequest,
    free_name,
    instrument_requests,
    leg_names,
    links_of,
)
from convex_research.publishing.records import INSTRUMENT_FOLDER, read_reports

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from convex_research.core.config import ReturnKind
    from convex_research.publishing.page import Request

__all__ = [
    "InstrumentRequest",
    "build_instrument",
    "instrument_requests",
    "leg_names",
    "links_of",
    "publish_instrument",
    "publish_instruments",
    "render_instrument",
    "write_instrument",
    "write_instrument_failure",
]

FAILURE_SCHEMA = "convex-research/failure/1"


def render_instrument(
    request: InstrumentRequest, pairs: Sequence[Mapping[str, Any]] = (), *, timeout: float = 600.0
) -> dict[str, bytes]:
    """Execute the notebook and make its files, without writing any.

    Parameters
    ----------
    request : InstrumentRequest
        The instrument.
    pairs : sequence of dict
        From :func:`links_of`.
    timeout : float
        Seconds the notebook may take.

    Returns
    -------
    dict of str to bytes
        By file name in the folder of instruments; the page comes last.

    Raises
    ------
    ConvexResearchError
        If the notebook fails.
    """
    from convex_research.publishing.exporter import ConvexReportExporter, record_of

    notebook = execute_notebook("instrument", request.parameters(pairs), timeout=timeout)
    record: dict[str, Any] = record_of(notebook)
    record["instrument"]["slug"] = request.name
    html, _ = ConvexReportExporter().from_notebook_node(notebook)
    return {
        f"{request.name}.ipynb": notebook_bytes(notebook),
        f"{request.name}.json": dump_record(record).encode(),
        f"{request.name}.html": html.encode(),
    }


def write_instrument(
    files: Mapping[str, bytes], name: str, output: Path, *, beside: Path | None = None
) -> Path:
    """Write the files of a page and remove the trace of an earlier failure."""
    folder = output / INSTRUMENT_FOLDER
    for file_name, content in files.items():
        write_atomically(folder / file_name, content, beside=beside)
    with suppress(FileNotFoundError):
        (folder / f"{name}.failed.json").unlink()
    return folder / f"{name}.html"


def build_instrument(
    request: InstrumentRequest, output: Path, pairs: Sequence[Mapping[str, Any]] = ()
) -> Path:
    """Execute the notebook and write page, record and notebook, or nothing.

    Parameters
    ----------
    request : InstrumentRequest
        The instrument.
    output : Path
        Folder of the reports.
    pairs : sequence of dict
        From :func:`links_of`.

    Returns
    -------
    Path
        The page, ``output/instruments/NAME.html``.

    Raises
    ------
    ConvexResearchError
        If the notebook fails.
    """
    return write_instrument(render_instrument(request, pairs), request.name, output)


def publish_instrument(
    symbol: str,
    output: str | Path = "reports",
    *,
    start: date | str | None = None,
    as_of: date | str | None = None,
    returns: ReturnKind = "simple",
) -> Path:
    """Build the page of one instrument and bring the index up to date.

    Parameters
    ----------
    symbol : str
        A full symbol or a catalogue name.
    output : path
        Folder of the reports; pairs in it that have the instrument are linked.
    start, as_of : date or ISO text, optional
        Inclusive bounds on its values.
    returns : {"simple", "log"}
        How prices become returns.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ConvexResearchError
        Before anything is written if the input is bad.
    """
    from convex_research.publishing.index.write import write_index

    first, last = as_day(start, "start"), as_day(as_of, "as_of")
    if first is not None and last is not None and first > last:
        raise InputError(f"The start {first} is after the as-of date {last}.")
    plain = slugify(load_catalogue().describe(symbol).id)
    request = InstrumentRequest(symbol=symbol, name=plain, start=first, as_of=last, returns=returns)
    request.check()
    folder = prepare_folder(Path(output))
    request = replace(request, name=free_name(request, folder))
    page = build_instrument(request, folder, links_of(request, read_reports(folder).pairs))
    write_index(folder)
    return page


def publish_instruments(requests: Iterable[Request], output: Path) -> list[Path]:
    """Build the page of every leg, after the pages of the pairs; a failure is kept.

    Parameters
    ----------
    requests : iterable of Request
        Pairs whose pages lie in ``output``.
    output : Path
        Folder of the reports.

    Returns
    -------
    list of Path
        The pages built.
    """
    reports = read_reports(output).pairs
    pages = []
    for one in dict.fromkeys(instrument_requests(requests, output).values()):
        try:
            pages.append(build_instrument(one, output, links_of(one, reports)))
        except ConvexResearchError as error:
            write_instrument_failure(one, output, str(error))
    return pages


def write_instrument_failure(request: InstrumentRequest, output: Path, reason: str) -> None:
    """Leave a record of a page that could not be built, for the index.

    Where there is no page from an earlier build, a short one that says so takes its place:
    other pages link to it.
    """
    folder = output / INSTRUMENT_FOLDER
    one = load_catalogue().describe(request.symbol)
    failure = {
        "schema": FAILURE_SCHEMA,
        "kind": "instrument",
        "slug": request.name,
        "names": [one.name],
        "reason": reason,
    }
    write_atomically(folder / f"{request.name}.failed.json", json.dumps(failure, indent=2) + "\n")
    page = folder / f"{request.name}.html"
    if not page.is_file():
        from convex_research.publishing.index.page import render_notice

        write_atomically(page, render_notice(printable(one.name, limit=60), printable(reason)))
