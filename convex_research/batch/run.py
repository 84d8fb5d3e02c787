"""Building a list of pairs: fetch once, plan, build what changed, bring the index up to date."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from convex_research.batch.executors import ProcessExecutor, cores
from convex_research.batch.log import BatchLog
from convex_research.batch.plan import choose
from convex_research.batch.series import fetched
from convex_research.batch.state import only_batch
from convex_research.batch.work import Work
from convex_research.core.errors import ConvexResearchError, InputError
from convex_research.publishing.execute import PAGE_TIMEOUT
from convex_research.publishing.request import named

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date
    from pathlib import Path

    from convex_research.batch.executors import Executor
    from convex_research.publishing.request import PairRequest

__all__ = ["BatchChoices", "run_batch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchChoices:
    """How a batch is run; :class:`InputError` if a value makes no sense.

    Parameters
    ----------
    jobs : int, optional
        Workers at a time; by default as many as there are processors.
    executor : {"processes", "dask"}
        Where pages are built.
    scheduler : str, optional
        Dask scheduler to use, ``tls://HOST:PORT``; by default a cluster inside this process.
    force : bool
        Build every page, changed or not.
    since : datetime.date, optional
        Leave out pairs neither of whose series has an observation on or after this day.
    only : tuple of str
        Slugs of the pairs to look at; all by default.
    page_timeout : float
        Seconds a page may take.
    """

    jobs: int | None = None
    executor: Literal["processes", "dask"] = "processes"
    scheduler: str | None = None
    force: bool = False
    since: date | None = None
    only: tuple[str, ...] = ()
    page_timeout: float = PAGE_TIMEOUT

    def __post_init__(self) -> None:
        if self.jobs is not None and self.jobs < 1:
            raise InputError(f"--jobs is {self.jobs}; it needs at least one worker.")
        if not self.page_timeout > 0:
            raise InputError(f"--page-timeout is {self.page_timeout:g}; it needs some seconds.")
        if self.scheduler is not None and self.executor != "dask":
            raise InputError("--scheduler goes with --executor dask.")

    @property
    def workers(self) -> int:
        """Workers at a time, on this machine."""
        return self.jobs or cores()

    def start(self) -> Executor:
        """The executor asked for; :class:`InputError` if it is not installed."""
        if self.executor == "dask":
            from convex_research.batch.cluster import DaskExecutor

            return DaskExecutor(self.workers, self.scheduler)
        return ProcessExecutor(self.workers)


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
