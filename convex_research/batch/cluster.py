"""Dask as the place where tasks are worked on: a cluster of one's own, or one that is there.

A Dask worker does not run notebooks itself. Each of its threads keeps a worker process
like those of :mod:`convex_research.batch.executors`, so pages come out the same, and a
page that dies takes nothing of the cluster with it. A cluster of one's own therefore needs
no processes: it lives in this one and listens on nothing, so nobody else can reach it.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Self

from convex_research.batch.supervisor import Supervisor
from convex_research.batch.tasks import PageFailed, program
from convex_research.core.errors import InputError, SourceUnavailable, printable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from convex_research.batch.tasks import Assignment, Page

__all__ = ["DaskExecutor", "build_remotely", "close_workers"]

_CONNECT = 10.0
_ATTEMPTS = 3
# A cluster of our own has nobody who looks at it: it need not watch itself, which takes a
# twentieth of two processors.
_OWN_CLUSTER = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.admin.system-monitor.gil.enabled": False,
}
# A task carries its data.
_HEAVY_TASKS = {"distributed.admin.large-graph-warning-threshold": "1GB"}
# Of this Dask worker: one for each thread of a client, and the clients that want no more.
_supervisors: dict[tuple[str, int], Supervisor] = {}
_closed_clients: set[str] = set()
_lock = threading.Lock()


class DaskExecutor:
    """A Dask cluster: the one of a scheduler that runs elsewhere, or ``jobs`` threads of its own.

    Certificates are those of Dask's own configuration, ``distributed.comm.tls``.
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
        self._waiting: dict[Any, tuple[Assignment, int]] = {}

    def __enter__(self) -> Self:
        with self._open:
            self._connect()
            self._open = self._open.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def results(self, tasks: Iterable[Assignment]) -> Generator[Page]:
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
            following: Assignment | None = task
            if outcomes is not None:
                following, attempt = next(source, None), 0
            if following is not None:
                submitted = self._submit(following)
                waiting[submitted] = following, attempt + 1
                done.add(submitted)
            future.release()
            yield from outcomes or ()

    def _release_workers(self) -> None:
        """Leave a cluster as it was found; workers that are gone need nothing."""
        with suppress(Exception):
            self._client.cancel(list(self._waiting))
            self._client.run(close_workers, self._client.id, on_error="ignore", wait=False)

    def _submit(self, task: Assignment) -> Any:
        return self._client.submit(build_remotely, task, self._client.id, pure=False)

    def _connect(self) -> None:
        import dask
        from distributed import Client

        self._open.enter_context(dask.config.set(_HEAVY_TASKS))
        if self._scheduler is None:
            self._open.enter_context(dask.config.set(_OWN_CLUSTER))
            cluster = _own_cluster(self._jobs)
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
                    "Give its address as --scheduler tls://HOST:PORT or tcp://HOST:PORT.",
                ) from None
        self._open.callback(_close, self._client)
        self._open.callback(self._release_workers)


def _own_cluster(threads: int) -> Any:
    """A cluster inside this process, without a socket.

    Dask's own local cluster opens pages over HTTP in any case, which ask nobody who they are.
    """
    from distributed import Scheduler, SpecCluster, Worker

    def without_http(server: Any) -> Any:
        return type(server.__name__, (server,), {"start_http_server": lambda *_, **__: None})

    inside = {"protocol": "inproc://"}
    # Notebooks run outside of Dask's own process; its limits would be wrong.
    worker = {**inside, "nthreads": threads, "memory_limit": 0}
    return SpecCluster(
        scheduler={"cls": without_http(Scheduler), "options": {**inside, "dashboard": False}},
        workers={"own": {"cls": without_http(Worker), "options": worker}},
        silence_logs=50,
    )


def build_remotely(task: Assignment, client: str) -> list[Page]:
    """Build a task in a worker process that belongs to the calling thread and its client."""
    if task.program != program():
        reason = "this Dask worker has another version of convex-research or of its libraries."
        return [PageFailed(slug=task.slug, kind=kind, reason=reason) for kind in task.kinds]
    with _lock:
        if client in _closed_clients:  # a task that was still on its way
            return []
        supervisor = _supervisors.setdefault((client, threading.get_ident()), Supervisor())
    return list(supervisor.build(task))


async def close_workers(client: str) -> None:
    """End the client's worker processes on this Dask worker; it is asked to, not waited for."""
    with _lock:
        _closed_clients.add(client)
        supervisors = [_supervisors.pop(key) for key in list(_supervisors) if key[0] == client]
    for supervisor in supervisors:
        supervisor.close()


def _close(resource: Any) -> None:
    """Close a client or a cluster; one that does not answer is left to end by itself."""
    with suppress(Exception):
        resource.close(timeout=1)


def _outcomes(future: Any, task: Assignment, *, last: bool) -> Sequence[Page] | None:
    """What came of a task; nothing if Dask lost it and it is to be tried again.

    A task itself never raises, so what is raised here is the cluster's: a worker that ended
    with the pages in its memory, a connection that broke.
    """
    try:
        pages: Sequence[Page] = future.result()
    except Exception as error:  # noqa: BLE001 - Dask raises many kinds
        if not last:
            return None
        cause = printable(f"{type(error).__name__}: {error}")
        reason = f"Dask lost it {_ATTEMPTS} times; the last time it said {cause}"
        return [PageFailed(slug=task.slug, kind=kind, reason=reason) for kind in task.kinds]
    return pages
