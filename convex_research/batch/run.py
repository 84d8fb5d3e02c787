"""Building a list of pairs: fetch once, plan, build what changed, bring the index up to date."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convex_research.batch.choices import BatchChoices
from convex_research.batch.fetch import fetched
from convex_research.batch.log import Failure, Ledger
from convex_research.batch.plan import choose, slugs_of
from convex_research.batch.state import only_batch
from convex_research.batch.work import Work
from convex_research.core.errors import ConvexResearchError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from convex_research.publishing.page import Request

__all__ = ["BatchChoices", "BatchResult", "Failure", "run_batch"]


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
    rebuilt, unchanged, failed, left_out : tuple of str
        Slugs of the pairs with new pages, of those whose pages were up to date, of those
        with a page that failed, and of those that ``only`` or ``since`` left out.
    report : Path
        ``batch-report.json``.
    ledger : Ledger
        The account of it, with times.
    """

    pages: int
    failures: tuple[Failure, ...]
    index: Path
    rebuilt: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[str, ...]
    left_out: tuple[str, ...]
    report: Path
    ledger: Ledger


def run_batch(
    requests: Sequence[Request],
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
    requests : sequence of Request
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
    slugs = slugs_of(requests)
    wanted = choose(slugs, choices.only)
    ledger = Ledger(on_event=_both(on_event, on_page))
    ledger.left_out = [slug for slug in slugs if slug not in wanted]
    asked = [(one, slug) for one, slug in zip(requests, slugs, strict=True) if slug in wanted]
    executor = choices.start()
    with only_batch(output) as state:
        work = Work(output, state, ledger, choices)
        try:
            with fetched([one for one, _ in asked], snapshot, ledger) as store, executor:
                planned = work.plan_pairs(asked, store)
                work.build(planned, executor)
                looked_at = [one for one, slug in asked if slug not in ledger.left_out]
                work.build(work.plan_instruments(requests, looked_at, store), executor)
        except KeyboardInterrupt:
            ledger.interrupted = True
            with suppress(ConvexResearchError):
                work.finish()
            raise
        report = work.finish()
    return BatchResult(
        pages=len(ledger.built),
        failures=tuple(ledger.failures),
        index=output / "index.html",
        rebuilt=ledger.rebuilt,
        unchanged=tuple(sorted(ledger.unchanged)),
        failed=ledger.failed,
        left_out=tuple(sorted(ledger.left_out)),
        report=report,
        ledger=ledger,
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
