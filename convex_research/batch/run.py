"""Building a list of pairs: fetch once, plan, build what changed, bring the index up to date."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from convex_research.batch.choices import BatchChoices
from convex_research.batch.log import BatchLog
from convex_research.batch.plan import choose
from convex_research.batch.series import fetched
from convex_research.batch.state import only_batch
from convex_research.batch.work import Work
from convex_research.core.errors import ConvexResearchError
from convex_research.publishing.request import named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from convex_research.publishing.request import PairRequest

__all__ = ["BatchChoices", "BatchLog", "run_batch"]


def run_batch(
    requests: Sequence[PairRequest],
    output: Path,
    *,
    snapshot: Path | None = None,
    choices: BatchChoices | None = None,
    on_event: Callable[[dict[str, Any]], None] = lambda _: None,
) -> BatchLog:
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
    on_event : callable, optional
        Called with everything that happens, as a dictionary that JSON can hold;
        ``event`` is ``start``, ``fetched``, ``plan``, ``page``, ``done`` or ``stopped``.

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
    left_out = tuple(sorted(one.slug for one in requests if one.slug not in wanted))
    log = BatchLog(output=output, on_event=on_event, left_out=left_out)
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
        work.finish()
    return log
