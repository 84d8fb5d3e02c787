"""Where tasks are worked on: worker processes of this machine."""

from __future__ import annotations

import os
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Protocol, Self

from convex_research.batch.supervisor import Supervisor

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from convex_research.batch.tasks import Assignment, Page

__all__ = ["Executor", "ProcessExecutor", "cores"]


class Executor(Protocol):
    """What turns tasks into pages, between entering and leaving it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None:
        """End all work at once."""

    def results(self, tasks: Iterable[Assignment]) -> Generator[Page]:
        """Every page of every task, in the order in which they are done."""
        ...


def cores() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class ProcessExecutor:
    """Worker processes of this machine, each with a thread that keeps it busy."""

    def __init__(self, jobs: int) -> None:
        self._supervisors = [Supervisor() for _ in range(jobs)]
        self._taking = threading.Lock()
        self._outcomes: SimpleQueue[Page | BaseException | None] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for supervisor in self._supervisors:
            supervisor.close()

    def results(self, tasks: Iterable[Assignment]) -> Generator[Page]:
        """See :class:`Executor`; tasks are taken one by one, as workers become free."""
        source = iter(tasks)
        for supervisor in self._supervisors:
            work = (supervisor, source)
            threading.Thread(target=self._work_off, args=work, daemon=True).start()
        busy = len(self._supervisors)
        while busy:
            message = self._outcomes.get()
            if message is None:
                busy -= 1
            elif isinstance(message, BaseException):
                raise message
            else:
                yield message

    def _work_off(self, supervisor: Supervisor, tasks: Iterator[Assignment]) -> None:
        """Have one task after the other built, until there are no more."""
        try:
            while not supervisor.is_closed:
                with self._taking:
                    task = next(tasks, None)
                if task is None:
                    break
                for outcome in supervisor.build(task):
                    self._outcomes.put(outcome)
        except BaseException as error:  # noqa: BLE001 - it is raised where the batch waits
            self._outcomes.put(error)
        finally:
            self._outcomes.put(None)
