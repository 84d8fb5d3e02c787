"""What a worker is given and what it gives back: all of it bytes, nothing of it a path."""

from __future__ import annotations

import hashlib
import json
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.core.files import notebook_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Assignment", "Page", "PageDone", "PageFailed", "page_key", "program"]

# Libraries whose versions can change a number or a line of a page.
_LIBRARIES = ("arch", "jinja2", "nbconvert", "numpy", "pandas", "scipy", "statsmodels")
_SOURCES = frozenset({".css", ".ipynb", ".j2", ".js", ".json", ".py", ".svg", ".toml"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(ABC):
    """What a worker is given.

    Parameters
    ----------
    kinds : tuple of str
        Which parts of it to do, in this order.
    page_timeout : float
        Seconds a part may take.
    program : str
        What :func:`program` gave where it was made: nothing is made by two versions of the program.
    """

    kinds: tuple[str, ...]
    page_timeout: float
    program: str

    @property
    @abstractmethod
    def slug(self) -> str:
        """Its name among those of one run."""

    @abstractmethod
    def outcomes(self) -> Iterator[Page]:
        """Do it, here; an outcome for each of its parts, and no error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which page of a pair or an instrument, and how many seconds each stage of it took."""

    slug: str
    kind: str
    stages: Mapping[str, float] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """Its place in the folder of reports, without ending."""
        from convex_research.publishing.request import page_name

        return page_name(self.slug, self.kind)

    @property
    def seconds(self) -> float:
        """All stages together."""
        return sum(self.stages.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDone(Page):
    """A page that was built: its files by name, and the bytes the worker holds after it."""

    files: Mapping[str, bytes]
    memory: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailed(Page):
    """A page that could not be built.

    ``reason`` is what happened with the first line of the cell where it did, and ``cell`` and
    ``message`` are its parts.
    """

    reason: str
    cell: str = ""
    message: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """As :func:`~convex_research.publishing.render.failure_fields` gives them."""
        message = self.message or self.reason
        return {"reason": self.reason, "cell": self.cell, "message": message}


def page_key(kind: str, slug: str, series: Mapping[str, str], **more: Any) -> str:
    """Hash of what a page depends on: while it stays the same, so does the page.

    ``series`` has the hash of every series the page loads; ``more`` parameters, address and
    whatever else JSON can hold.
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
    digest = hashlib.sha256()
    for folder in sorted({package, notebook_path("correlation").parent}):
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
