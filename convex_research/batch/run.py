"""Building a list of pairs, one page after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.batch.plan import slugs_of
from convex_research.errors import ConvexResearchError
from convex_research.publishing.files import prepare_folder
from convex_research.publishing.index import write_index
from convex_research.publishing.pages import KINDS, Request, build_page, write_failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    on_page: Callable[[str, str, str | None], None] | None = None,
) -> BatchResult:
    """Build both pages of every pair; a failure is kept and the rest goes on.

    Parameters
    ----------
    requests : list of Request
        What to build.
    output : Path
        Folder of the reports.
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
    for request, slug in zip(requests, slugs, strict=True):
        bad_input = _problem(request)
        for kind in KINDS:
            reason = bad_input
            if reason is None:
                try:
                    build_page(request, kind, folder, slug)
                except ConvexResearchError as error:
                    reason = str(error)
            if reason is None:
                built += 1
            else:
                failures.append(Failure(slug, kind, reason))
                write_failure(request, kind, folder, slug, reason)
            if on_page is not None:
                on_page(slug, kind, reason)
    return BatchResult(built, tuple(failures), write_index(folder))


def _problem(request: Request) -> str | None:
    """Why the pair's data cannot be used, found without starting a kernel."""
    try:
        request.check()
    except ConvexResearchError as error:
        return str(error)
    return None
