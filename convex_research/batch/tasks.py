"""What a worker is given and what it gives back: all of it bytes, nothing of it a path."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.publishing.assets import notebook_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convex_research.publishing.pages import PageKind, Request

__all__ = ["PageDone", "PageFailed", "PairTask", "page_key", "program"]

# Libraries whose versions can change a number or a line of a page.
_LIBRARIES = ("arch", "jinja2", "nbconvert", "numpy", "pandas", "scipy", "statsmodels")
_SOURCES = frozenset({".css", ".ipynb", ".j2", ".js", ".json", ".py", ".svg", ".toml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTask:
    """The pages of one pair that are to be built.

    Parameters
    ----------
    slug : str
        The pair's folder.
    request : Request
        The pair and its choices.
    kinds : tuple of str
        Pages to build, in this order.
    series : dict of str to bytes
        Files of a snapshot that holds the pair's own and helper series.
    page_timeout : float
        Seconds a page may take.
    program : str
        What :func:`program` gave where the task was made: pages of one batch are not made
        by two versions of the program.
    site_url : str, optional
        Address the pages will have.
    """

    slug: str
    request: Request
    kinds: tuple[PageKind, ...]
    series: Mapping[str, bytes]
    page_timeout: float
    program: str
    site_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDone:
    """A page that was built.

    Parameters
    ----------
    slug, kind : str
        Which.
    files : dict of str to bytes
        Its files by name.
    seconds : dict of str to float
        Time taken by stage.
    memory : int
        Bytes the worker holds after it.
    """

    slug: str
    kind: PageKind
    files: Mapping[str, bytes]
    seconds: Mapping[str, float] = field(default_factory=dict)
    memory: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailed:
    """A page that could not be built.

    Parameters
    ----------
    slug, kind : str
        Which.
    reason : str
        What happened, with the cell where it did.
    seconds : dict of str to float
        Time taken by stage.
    """

    slug: str
    kind: PageKind
    reason: str
    seconds: Mapping[str, float] = field(default_factory=dict)


def page_key(
    request: Request, kind: str, slug: str, series: Mapping[str, str], site_url: str | None
) -> str:
    """What a page depends on, as a hash: while it stays the same, so does the page.

    Parameters
    ----------
    request : Request
        The pair and its choices.
    kind : {"correlation", "comparison"}
        Which page.
    slug : str
        The pair's folder.
    series : mapping of str to str
        Hash of every series the page loads, by the name it is loaded under.
    site_url : str or None
        Address the pages will have.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    content = {
        "kind": kind,
        "slug": slug,
        "parameters": request.parameters,
        "category": request.pair.categorise(),
        "series": dict(series),
        "site": site_url,
        "program": program(),
    }
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
