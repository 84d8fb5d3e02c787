"""What a worker is given and what it gives back: all of it bytes, nothing of it a path."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.publishing.assets import notebook_path
from convex_research.publishing.instruments import render_instrument
from convex_research.publishing.page import render_page
from convex_research.publishing.records import INSTRUMENT_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convex_research.publishing.instruments import InstrumentRequest
    from convex_research.publishing.page import PageKind, Request

__all__ = [
    "InstrumentTask",
    "PageDone",
    "PageFailed",
    "PairTask",
    "Task",
    "page_key",
    "page_name",
    "program",
]

# Libraries whose versions can change a number or a line of a page.
_LIBRARIES = ("arch", "jinja2", "nbconvert", "numpy", "pandas", "scipy", "statsmodels")
_SOURCES = frozenset({".css", ".ipynb", ".j2", ".js", ".json", ".py", ".svg", ".toml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Pages that are to be built from the same series.

    Parameters
    ----------
    slug : str
        The pair's folder, or the name of the instrument's page.
    kinds : tuple of str
        Pages to build, in this order.
    series : dict of str to bytes
        Files of a snapshot that holds all series the pages load.
    page_timeout : float
        Seconds a page may take.
    program : str
        What :func:`program` gave where the task was made: pages of one batch are not made
        by two versions of the program.
    site_url : str, optional
        Address the pages will have.
    """

    slug: str
    kinds: tuple[str, ...]
    series: Mapping[str, bytes]
    page_timeout: float
    program: str
    site_url: str | None

    def check(self) -> None:
        """Find what is wrong with the data before a kernel starts.

        Raises
        ------
        ConvexResearchError
            What is wrong.
        """
        raise NotImplementedError

    def render(self, kind: str, seconds: dict[str, float]) -> dict[str, bytes]:
        """Make the files of one page; ``seconds`` is told how long the stages took.

        Raises
        ------
        ConvexResearchError
            If the notebook fails.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTask(Task):
    """The pages of one pair.

    Parameters
    ----------
    request : Request
        The pair and its choices.
    """

    request: Request

    def check(self) -> None:
        """See :meth:`Task.check`."""
        self.request.check()

    def render(self, kind: str, seconds: dict[str, float]) -> dict[str, bytes]:
        """See :meth:`Task.render`."""
        page: PageKind = "correlation" if kind == "correlation" else "comparison"
        return render_page(
            self.request, page, self.slug, timeout=self.page_timeout, seconds=seconds
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentTask(Task):
    """The page of one instrument.

    Parameters
    ----------
    request : InstrumentRequest
        The instrument and its choices.
    links : tuple of dict
        The pairs it appears in.
    """

    request: InstrumentRequest
    links: tuple[Mapping[str, Any], ...]

    def check(self) -> None:
        """See :meth:`Task.check`."""
        self.request.check()

    def render(self, kind: str, seconds: dict[str, float]) -> dict[str, bytes]:
        """See :meth:`Task.render`."""
        began = time.perf_counter()
        files = render_instrument(self.request, self.links, timeout=self.page_timeout)
        seconds[kind] = time.perf_counter() - began
        return files


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which page.

    Parameters
    ----------
    slug : str
        The pair's folder, or the name of the instrument's page.
    kind : {"correlation", "comparison", "instrument"}
        Which page of it.
    seconds : dict of str to float
        Time taken by stage.
    """

    slug: str
    kind: str
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its place in the folder of reports, without ending."""
        return page_name(self.slug, self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDone(Page):
    """A page that was built.

    Parameters
    ----------
    files : dict of str to bytes
        Its files by name.
    memory : int
        Bytes the worker holds after it.
    """

    files: Mapping[str, bytes]
    memory: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailed(Page):
    """A page that could not be built.

    Parameters
    ----------
    reason : str
        What happened, with the cell where it did.
    """

    reason: str


def page_name(slug: str, kind: str) -> str:
    """Place of a page in the folder of reports, without ending."""
    return f"{INSTRUMENT_FOLDER}/{slug}" if kind == "instrument" else f"{slug}/{kind}"


def page_key(kind: str, slug: str, series: Mapping[str, str], **more: Any) -> str:
    """What a page depends on, as a hash: while it stays the same, so does the page.

    Parameters
    ----------
    kind : {"correlation", "comparison", "instrument"}
        Which page.
    slug : str
        The pair's folder, or the name of the instrument's page.
    series : mapping of str to str
        Hash of every series the page loads, by the name it is loaded under.
    **more
        Parameters, address and whatever else JSON can hold.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    content = {"kind": kind, "slug": slug, "series": dict(series), "program": program(), **more}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@cache
def program() -> str:
    """Hash of the package's own files, of the notebooks, and of the versions beneath.

    Files are read instead of trusting the package's version: an editable installation
    changes without changing that.
    """
    package = Path(str(resources.files("convex_research")))
    folders = sorted({package, notebook_path("correlation").parent})
    digest = hashlib.sha256()
    for folder in folders:
        for path in _sources(folder):
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    versions = {name: version(name) for name in _LIBRARIES}
    digest.update(json.dumps([versions, sys.version_info[:2]], sort_keys=True).encode())
    return digest.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    """Files a page can depend on: not the command line, not what runs the batch."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] == "batch" or parts[0].startswith("cli") or "__pycache__" in parts:
            continue
        if path.suffix in _SOURCES and ".ipynb_checkpoints" not in parts:
            yield path
