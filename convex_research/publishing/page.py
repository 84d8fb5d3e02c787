"""``publish``: from a pair to its page, record and executed notebook."""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from convex_research.core.config import as_day
from convex_research.core.files import prepare_folder, write_atomically
from convex_research.data import load_prices
from convex_research.publishing.execute import Parameters, execute_notebook, notebook_bytes
from convex_research.returns import align

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from convex_research.catalogue import Pair
    from convex_research.core.config import ReturnKind

__all__ = [
    "KINDS",
    "PAGE_TIMEOUT",
    "Request",
    "build_page",
    "folder_of",
    "publish",
    "render_page",
    "write_failure",
    "write_page",
]

PageKind = Literal["correlation", "comparison"]
KINDS: tuple[PageKind, ...] = ("correlation", "comparison")
FAILURE_SCHEMA = "convex-research/failure/1"
PAGE_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A pair with the choices of its pages.

    Parameters
    ----------
    pair : Pair
        The two symbols.
    start, as_of : datetime.date, optional
        Inclusive bounds on prices.
    returns : {"simple", "log"}
        How prices become returns.
    """

    pair: Pair
    start: date | None = None
    as_of: date | None = None
    returns: ReturnKind = "simple"

    @property
    def parameters(self) -> Parameters:
        """Values of the report notebooks' parameters."""
        return {
            "a": self.pair.a,
            "b": self.pair.b,
            "start": str(self.start) if self.start else None,
            "as_of": str(self.as_of) if self.as_of else None,
            "returns": self.returns,
        }

    @property
    def fingerprint(self) -> str:
        """Eight hex digits that tell requests with the same slug apart."""
        text = json.dumps(self.parameters, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:8]

    def check(self) -> None:
        """Load and align in this process: bad input is found before a kernel starts."""
        align(load_prices(self.pair, self.start, self.as_of), self.returns)


def folder_of(request: Request, output: Path) -> str:
    """Slug of the folder for a request; hashed if another pair lives there already."""
    slug = request.pair.slug
    for kind in KINDS:
        path = output / slug / f"{kind}.json"
        with suppress(OSError, ValueError, KeyError, TypeError):
            legs = json.loads(path.read_text("utf-8"))["pair"]
            if (legs["a"]["symbol"], legs["b"]["symbol"]) != request.pair.public_symbols:
                return f"{slug}-{request.fingerprint}"
    return slug


def publish(
    pair: Pair,
    kind: Literal["correlation", "comparison", "all"] = "correlation",
    output: str | Path = "reports",
    *,
    start: date | str | None = None,
    as_of: date | str | None = None,
    returns: ReturnKind = "simple",
) -> list[Path]:
    """Build pages of a pair and bring the index up to date.

    Parameters
    ----------
    pair : Pair
        The two symbols.
    kind : {"correlation", "comparison", "all"}
        Which pages.
    output : path
        Folder of the reports.
    start, as_of : date or ISO text, optional
        Inclusive bounds on prices.
    returns : {"simple", "log"}
        How prices become returns.

    Returns
    -------
    list of Path
        The pages written; a ``.json`` record and the executed ``.ipynb`` lie beside each.

    Raises
    ------
    ConvexResearchError
        Before anything is written if the input is bad; see
        :mod:`convex_research.core.errors`.
    """
    from convex_research.publishing.index.write import write_index
    from convex_research.publishing.instruments import leg_names, publish_instruments

    request = Request(
        pair=pair, start=as_day(start, "start"), as_of=as_day(as_of, "as_of"), returns=returns
    )
    request.check()
    folder = prepare_folder(Path(output))
    slug = folder_of(request, folder)
    kinds = KINDS if kind == "all" else (kind,)
    alone = len(kinds) == 1 and not all((folder / slug / f"{k}.html").is_file() for k in KINDS)
    legs = leg_names(request, folder)
    pages = [build_page(request, one, folder, slug, alone=alone, legs=legs) for one in kinds]
    pages += publish_instruments([request], folder)
    write_index(folder)
    return pages


def build_page(
    request: Request,
    kind: PageKind,
    output: Path,
    slug: str,
    *,
    alone: bool = False,
    legs: Mapping[str, str] | None = None,
) -> Path:
    """Execute one notebook and write page, record and notebook, or nothing.

    Raises
    ------
    ConvexResearchError
        If the notebook fails.
    """
    files = render_page(request, kind, slug, alone=alone, legs=legs)
    return write_page(files, kind, output, slug)


def render_page(
    request: Request,
    kind: PageKind,
    slug: str,
    *,
    timeout: float = PAGE_TIMEOUT,
    alone: bool = False,
    legs: Mapping[str, str] | None = None,
    seconds: dict[str, float] | None = None,
) -> dict[str, bytes]:
    """Execute one notebook and make its files, without writing any.

    Parameters
    ----------
    request : Request
        The pair and its choices.
    kind : {"correlation", "comparison"}
        Which page.
    slug : str
        The pair's folder, as the record names it.
    timeout : float
        Seconds the notebook may take.
    alone : bool
        Whether the pair's other page is not built, so that nothing may link to it.
    legs : mapping of str to str, optional
        Names of the pages of ``"a"`` and ``"b"`` where they are not the plain ones.
    seconds : dict of str to float, optional
        Is told how long the stages took.

    Returns
    -------
    dict of str to bytes
        By file name; the page comes last, so that it stands for all when written so.

    Raises
    ------
    ConvexResearchError
        If the notebook fails.
    """
    from convex_research.publishing.exporter import ConvexReportExporter, record_of

    told = {} if seconds is None else seconds
    notebook = execute_notebook(kind, request.parameters, timeout=timeout, seconds=told)
    with _timed(told, "conversion"):
        record: dict[str, Any] = record_of(notebook)
        record["pair"]["slug"] = slug
        for leg, name in (legs or {}).items():
            record["pair"][leg]["page"] = name
        html, resources = ConvexReportExporter(alone=alone).from_notebook_node(notebook)
        made = ((n.removeprefix("./"), c) for n, c in resources["outputs"].items())
        return {
            f"{kind}.ipynb": notebook_bytes(notebook),
            **{name: content for name, content in made if name.endswith((".json", ".png"))},
            f"{kind}.html": html.encode(),
        }


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        seconds[stage] = time.perf_counter() - began


def write_page(
    files: dict[str, bytes], kind: PageKind, output: Path, slug: str, *, beside: Path | None = None
) -> Path:
    """Write the files of a page and remove the trace of an earlier failure."""
    for name, content in files.items():
        write_atomically(output / slug / name, content, beside=beside)
    for left in {f"{kind}.failed.json", f"{kind}.png"} - set(files):
        with suppress(FileNotFoundError):
            (output / slug / left).unlink()
    return output / slug / f"{kind}.html"


def write_failure(
    request: Request,
    kind: PageKind,
    output: Path,
    slug: str,
    reason: str,
    *,
    beside: Path | None = None,
) -> None:
    """Leave a record of a page that could not be built, for the index."""
    names = [one.name for one in request.pair.instruments]
    failure = {
        "schema": FAILURE_SCHEMA,
        "kind": kind,
        "slug": slug,
        "names": names,
        "reason": reason,
    }
    text = json.dumps(failure, indent=2) + "\n"
    write_atomically(output / slug / f"{kind}.failed.json", text, beside=beside)
