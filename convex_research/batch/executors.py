"""Where tasks are worked on: worker processes of this machine."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol

from convex_research.batch.station import Station

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from convex_research.batch.tasks import PageDone, PageFailed, PairTask

__all__ = ["Executor", "ProcessExecutor", "cores"]


class Executor(Protocol):
    """What turns tasks into pages."""

    def results(self, tasks: Iterable[PairTask]) -> Generator[PageDone | PageFailed]:
        """Every page of every task, in the order in which they are done.

        Closing the generator ends all work at once.
        """
        ...


def cores() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ProcessExecutor:
    """Worker processes of this machine, each with a thread that keeps it busy.

    Parameters
    ----------
    jobs : int
        Most workers.
    """

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs

    def results(self, tasks: Iterable[PairTask]) -> Generator[PageDone | PageFailed]:
        """See :class:`Executor`; tasks are taken one by one, as workers become free."""
        floor = _Floor(iter(tasks))
        stations = [Station() for _ in range(self.jobs)]
        try:
            for station in stations:
                threading.Thread(target=floor.keep_busy, args=(station,), daemon=True).start()
            busy = len(stations)
            while busy:
                message = floor.inbox.get()
                if message is None:
                    busy -= 1
                elif isinstance(message, BaseException):
                    raise message
                else:
                    yield message
        finally:
            for station in stations:
                station.close()


class _Floor:
    """Where stations take tasks and put pages."""

    def __init__(self, tasks: Iterator[PairTask]) -> None:
        self._tasks = tasks
        self._taking = threading.Lock()
        self.inbox: SimpleQueue[PageDone | PageFailed | BaseException | None] = SimpleQueue()

    def keep_busy(self, station: Station) -> None:
        """Have one task after the other built, until there are no more."""
        try:
            while True:
                with self._taking:
                    task = next(self._tasks, None)
                if task is None:
                    break
                for outcome in station.build(task):
                    self.inbox.put(outcome)
        except BaseException as error:  # noqa: BLE001 - it is raised where the batch waits
            self.inbox.put(error)
        finally:
            station.close()
            self.inbox.put(None)
