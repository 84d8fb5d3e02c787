"""Where tasks are worked on: worker processes of this machine."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol, Self

from convex_research.batch.station import Station

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from convex_research.batch.tasks import PageDone, PageFailed, Task

__all__ = ["Executor", "ProcessExecutor", "cores"]


class Executor(Protocol):
    """What turns tasks into pages, between entering and leaving it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None:
        """End all work at once."""

    def results(self, tasks: Iterable[Task]) -> Generator[PageDone | PageFailed]:
        """Every page of every task, in the order in which they are done."""
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
        self._stations = [Station() for _ in range(jobs)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for station in self._stations:
            station.close()

    def results(self, tasks: Iterable[Task]) -> Generator[PageDone | PageFailed]:
        """See :class:`Executor`; tasks are taken one by one, as workers become free."""
        floor = _Floor(iter(tasks))
        for station in self._stations:
            threading.Thread(target=floor.keep_busy, args=(station,), daemon=True).start()
        busy = len(self._stations)
        while busy:
            message = floor.inbox.get()
            if message is None:
                busy -= 1
            elif isinstance(message, BaseException):
                raise message
            else:
                yield message


class _Floor:
    """Where stations take tasks and put pages."""

    def __init__(self, tasks: Iterator[Task]) -> None:
        self._tasks = tasks
        self._taking = threading.Lock()
        self.inbox: SimpleQueue[PageDone | PageFailed | BaseException | None] = SimpleQueue()

    def keep_busy(self, station: Station) -> None:
        """Have one task after the other built, until there are no more."""
        try:
            while not station.is_closed:
                with self._taking:
                    task = next(self._tasks, None)
                if task is None:
                    break
                for outcome in station.build(task):
                    self.inbox.put(outcome)
        except BaseException as error:  # noqa: BLE001 - it is raised where the batch waits
            self.inbox.put(error)
        finally:
            self.inbox.put(None)
