"""How a batch is run: how many workers, where, and which pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from convex_research.batch.executors import ProcessExecutor, cores
from convex_research.core.errors import InputError
from convex_research.publishing.execute import PAGE_TIMEOUT

if TYPE_CHECKING:
    from datetime import date

    from convex_research.batch.executors import Executor

__all__ = ["BatchChoices"]


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
