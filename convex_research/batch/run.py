"""Building a list of pairs, one page after the other."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.batch.plan import slugs_of
from convex_research.data import SNAPSHOT_VARIABLE, write_snapshot
from convex_research.data.context import helper_names
from convex_research.errors import ConvexResearchError
from convex_research.publishing.files import prepare_folder
from convex_research.publishing.index import write_index
from convex_research.publishing.pages import (
    KINDS,
    PageKind,
    Request,
    build_page,
    write_failure,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

__all__ = ["BatchResult", "Failure", "run_batch"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A page that could not be built, and why."""

    slug: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch did.

    Parameters
    ----------
    pages : int
        Pages built.
    failures : tuple of Failure
        Pages that could not be built.
    index : Path
        The index page.
    """

    pages: int
    failures: tuple[Failure, ...]
    index: Path


def run_batch(
    requests: list[Request],
    output: Path,
    *,
    snapshot: Path | None = None,
    on_page: Callable[[str, str, str | None], None] | None = None,
) -> BatchResult:
    """Build both pages of every pair; a failure is kept and the rest goes on.

    All series are fetched once, before the first page, into a snapshot from which alone
    the pages are built: they see the same data, and a provider sees one request a series.

    Parameters
    ----------
    requests : list of Request
        What to build.
    output : Path
        Folder of the reports.
    snapshot : Path, optional
        Folder to keep the snapshot in; one that exists is built from as it is. By
        default it is removed at the end.
    on_page : callable, optional
        Called with slug, kind and the reason of a failure (or ``None``) after each page.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        If the folder cannot be written to or a pair is listed twice.
    """
    slugs = slugs_of(requests)
    folder = prepare_folder(output)
    built = 0
    failures: list[Failure] = []
    with _only_from_snapshot(requests, snapshot):
        for request, slug in zip(requests, slugs, strict=True):
            bad_input = _problem(request)
            for kind in KINDS:
                reason = bad_input or _build(request, kind, folder, slug)
                if reason is None:
                    built += 1
                else:
                    failures.append(Failure(slug, kind, reason))
                    write_failure(request, kind, folder, slug, reason)
                if on_page is not None:
                    on_page(slug, kind, reason)
    return BatchResult(built, tuple(failures), write_index(folder))


@contextmanager
def _only_from_snapshot(requests: list[Request], kept: Path | None) -> Iterator[None]:
    """Fetch everything into a snapshot; until the end, this process and its kernels read it."""
    before = os.environ.get(SNAPSHOT_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="convex-research-") as temporary:
        folder = (kept or Path(temporary) / "snapshot").resolve()
        if not folder.is_dir():
            # What failed is kept in it and fails its pages.
            write_snapshot(_series(requests), folder, starts=_earliest_starts(requests))
        os.environ[SNAPSHOT_VARIABLE] = str(folder)
        try:
            yield
        finally:
            os.environ.pop(SNAPSHOT_VARIABLE)
            if before is not None:
                os.environ[SNAPSHOT_VARIABLE] = before


def _series(requests: list[Request]) -> list[str]:
    """Every series the pages will load: the legs and what claims need besides them."""
    legs = [leg for one in requests for leg in (one.pair.a, one.pair.b)]
    return [*legs, *(name for one in requests for name in helper_names(one.pair).values())]


def _earliest_starts(requests: list[Request]) -> dict[str, date]:
    """Earliest start of each series all of whose pairs have one."""
    asked: dict[str, list[date | None]] = {}
    for one in requests:
        for leg in (one.pair.a, one.pair.b):
            asked.setdefault(leg, []).append(one.start)
    return {
        leg: min(start for start in starts if start is not None)
        for leg, starts in asked.items()
        if None not in starts
    }


def _build(request: Request, kind: PageKind, folder: Path, slug: str) -> str | None:
    """Build a page; the reason if that fails."""
    try:
        build_page(request, kind, folder, slug)
    except ConvexResearchError as error:
        return str(error)
    return None


def _problem(request: Request) -> str | None:
    """Why the pair's data cannot be used, found without starting a kernel."""
    try:
        request.check()
    except ConvexResearchError as error:
        return str(error)
    return None
