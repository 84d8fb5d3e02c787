"""Building a list of pairs: fetch once, plan, build what changed, bring the index up to date."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convex_research.batch.choices import BatchChoices
from convex_research.batch.fetch import fetched
from convex_research.batch.log import BatchLog
from convex_research.batch.plan import choose
from convex_research.batch.state import only_batch
from convex_research.batch.work import Work
from convex_research.core.errors import ConvexResearchError
from convex_research.publishing.request import named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from convex_research.batch.tasks import PageFailed
    from convex_research.publishing.request import PairRequest

__all__ = ["BatchChoices", "BatchResult", "run_batch"]


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch did.

    Parameters
    ----------
    pages : int
        Pages built.
    failures : tuple of PageFailed
        Pages that could not be built.
    index : Path
        The index page.
    rebuilt, unchanged, failed, left_out : tuple of str
        Slugs of the pairs with new pages, of those whose pages were up to date, of those
        with a page that failed, and of those that ``only`` or ``since`` left out.
    report : Path
        ``batch-report.json``.
    log : BatchLog
        The account of it, with times.
    """

    pages: int
    failures: tuple[PageFailed, ...]
    index: Path
    rebuilt: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[str, ...]
    left_out: tuple[str, ...]
    report: Path
    log: BatchLog


def run_batch(
    requests: Sequence[PairRequest],
    output: Path,
    *,
    snapshot: Path | None = None,
    choices: BatchChoices | None = None,
    on_page: Callable[[str, str, str | None], None] | None = None,
    on_event: Callable[[dict[str, Any]], None] | None = None,
) -> BatchResult:
    """Build both pages of every pair that changed; a failure is kept and the rest goes on.

    All series are fetched once, before the first page, into a snapshot from which alone
    the pages are built: they see the same data, and a provider sees one request a series.
    A page whose data, parameters, notebook and program are those of its last build, and
    which lies there unaltered, is not built again. What failed is tried again.

    Parameters
    ----------
    requests : sequence of PairRequest
        What to build.
    output : Path
        Folder of the reports.
    snapshot : Path, optional
        Folder to keep the snapshot in; one that exists is built from as it is. By
        default it is removed at the end.
    choices : BatchChoices, optional
        How to run it.
    on_page : callable, optional
        Called with slug, kind and the reason of a failure (or ``None``) after each page.
    on_event : callable, optional
        Called with everything that happens, as a dictionary that JSON can hold;
        ``event`` is ``start``, ``fetched``, ``plan``, ``page``, ``done`` or ``stopped``.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        If the folder cannot be written to, another batch writes there, or a pair is
        listed twice.
    KeyboardInterrupt
        When interrupted; what is finished is kept, and the index is written.
    """
    choices = choices or BatchChoices()
    requests = named(requests, output)
    wanted = choose([one.slug for one in requests], choices.only)
    log = BatchLog(on_event=_both(on_event, on_page))
    log.left_out = [one.slug for one in requests if one.slug not in wanted]
    asked = [one for one in requests if one.slug in wanted]
    executor = choices.start()
    with only_batch(output) as state:
        work = Work(output, state, log, choices)
        try:
            with fetched(asked, snapshot, log) as store, executor:
                asked = work.with_news(asked, store)
                work.build(work.plan_pairs(asked, store), executor)
                work.build(work.plan_instruments(requests, asked, store), executor)
        except KeyboardInterrupt:
            log.interrupted = True
            with suppress(ConvexResearchError):
                work.finish()
            raise
        report = work.finish()
    return BatchResult(
        pages=len(log.built),
        failures=tuple(log.failures),
        index=output / "index.html",
        rebuilt=log.rebuilt,
        unchanged=tuple(sorted(log.unchanged)),
        failed=log.failed,
        left_out=tuple(sorted(log.left_out)),
        report=report,
        log=log,
    )


def _both(
    on_event: Callable[[dict[str, Any]], None] | None,
    on_page: Callable[[str, str, str | None], None] | None,
) -> Callable[[dict[str, Any]], None]:
    def tell(said: dict[str, Any]) -> None:
        if on_event is not None:
            on_event(said)
        if on_page is not None and said["event"] == "page":
            on_page(said["slug"], said["kind"], said["reason"])

    return tell
