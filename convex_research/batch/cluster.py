"""Dask as the place where tasks are worked on: a cluster of one's own, or one that is there.

A Dask worker does not run notebooks itself. Each of its threads keeps a worker process
like those of :mod:`convex_research.batch.executors`, so pages come out the same, and a
page that dies takes nothing of the cluster with it.
"""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from convex_research.batch.station import Station
from convex_research.batch.tasks import PageFailed, program
from convex_research.core.errors import InputError, SourceUnavailable, printable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from convex_research.batch.tasks import PageDone, Task

__all__ = ["DaskExecutor", "build_remotely", "dask_setup"]

_CONNECT = 10.0
_ATTEMPTS = 3
# A cluster of our own has nobody who looks at it: it need not watch itself, which takes a
# twentieth of two processors.
_OWN_CLUSTER = {
    "distributed.worker.preload": [__name__],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.gil.enabled": False,
}
_stations: dict[int, Station] = {}  # of this Dask worker, one a thread


class DaskExecutor:
    """A Dask cluster.

    Parameters
    ----------
    jobs : int
        Workers of a local cluster, where no scheduler is named.
    scheduler : str, optional
        Address of a scheduler that runs elsewhere, ``tcp://HOST:PORT``.

    Raises
    ------
    InputError
        If Dask is not installed.
    """

    def __init__(self, jobs: int, scheduler: str | None = None) -> None:
        try:
            import distributed  # noqa: F401 - asked for before anything is fetched
        except ImportError:
            raise InputError(
                "--executor dask needs Dask: pip install 'convex-research[dask]'."
            ) from None
        self._jobs = jobs
        self._scheduler = scheduler
        self._open = ExitStack()
        self._client: Any = None
        self._waiting: dict[Any, tuple[Task, int]] = {}

    def __enter__(self) -> Self:
        try:
            self._connect()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def results(self, tasks: Iterable[Task]) -> Generator[PageDone | PageFailed]:
        """See :class:`convex_research.batch.executors.Executor`.

        Dask runs the tasks of a worker it has lost again, elsewhere. A task that is lost
        again and again is a failure of its pages.
        """
        from distributed import as_completed

        source = iter(tasks)
        ahead = 2 * max(1, sum(self._client.nthreads().values()))
        self._waiting = waiting = {self._submit(task): (task, 1) for task in islice(source, ahead)}
        done = as_completed(waiting)
        for future in done:
            task, attempt = waiting.pop(future)
            outcomes = _outcomes(future, task, last=attempt == _ATTEMPTS)
            following: Task | None = task
            if outcomes is None:
                attempt += 1
            else:
                following, attempt = next(source, None), 1
            if following is not None:
                submitted = self._submit(following)
                waiting[submitted] = following, attempt
                done.add(submitted)
            future.release()
            yield from outcomes or ()

    def _release_workers(self) -> None:
        """Leave a cluster as it was found; workers that are gone need nothing."""
        with suppress(Exception):
            self._client.cancel(list(self._waiting))
            self._client.run(close_stations, on_error="ignore", wait=False)

    def _submit(self, task: Task) -> Any:
        return self._client.submit(build_remotely, task, pure=False)

    def _connect(self) -> None:
        import dask
        from distributed import Client, LocalCluster

        if self._scheduler is None:
            self._open.enter_context(dask.config.set(_OWN_CLUSTER))
            cluster = LocalCluster(
                n_workers=self._jobs,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address=None,
                silence_logs=50,
                # Notebooks run outside of Dask's own processes; its limits would be wrong.
                memory_limit=0,
            )
            self._open.callback(_close, cluster)
            self._client = Client(cluster)
        else:
            try:
                self._client = Client(self._scheduler, timeout=_CONNECT)
            except (OSError, ValueError, TypeError) as error:
                raise SourceUnavailable(
                    "dask",
                    self._scheduler,
                    f"the scheduler cannot be reached ({printable(error, limit=80)}).",
                    "Give its address as --scheduler tcp://HOST:PORT.",
                ) from None
        self._open.callback(_close, self._client)
        self._open.callback(self._release_workers)


def build_remotely(task: Task) -> list[PageDone | PageFailed]:
    """Build a task in a worker process that belongs to the calling thread."""
    if task.program != program():
        reason = "this Dask worker has another version of convex-research or of its libraries."
        return [PageFailed(slug=task.slug, kind=kind, reason=reason) for kind in task.kinds]
    station = _stations.setdefault(threading.get_ident(), Station())
    return list(station.build(task))


def dask_setup(_worker: object) -> None:
    """Leave Ctrl-C, which reaches all of a terminal's programs, to the one that was started.

    Dask calls this by its name in the workers of a cluster of our own.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)


async def close_stations() -> None:
    """End the worker processes of this Dask worker; it is asked to and not waited for."""
    while _stations:
        _stations.popitem()[1].close()


def _close(one: Any) -> None:
    """Close a client or a cluster; one that does not answer is left to end by itself."""
    with suppress(Exception):
        one.close(timeout=1)


def _outcomes(future: Any, task: Task, *, last: bool) -> Sequence[PageDone | PageFailed] | None:
    """What came of a task; nothing if Dask lost it and it is to be tried again.

    A task itself never raises, so what is raised here is the cluster's: a worker that ended
    with the pages in its memory, a connection that broke.
    """
    try:
        pages: Sequence[PageDone | PageFailed] = future.result()
    except Exception as error:  # noqa: BLE001 - Dask raises many kinds
        if not last:
            return None
        cause = printable(f"{type(error).__name__}: {error}")
        reason = f"Dask lost it {_ATTEMPTS} times; the last time it said {cause}"
        return [PageFailed(slug=task.slug, kind=kind, reason=reason) for kind in task.kinds]
    return pages
