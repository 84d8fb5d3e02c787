"""A worker process: tasks come in on standard input, built pages go out on standard output.

It is started fresh, with one thread for linear algebra, and ends with the process that
started it: when the pipe closes, whatever it is doing, it ends its kernels and itself.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO

import psutil

from convex_research.batch.tasks import PageDone, PageFailed, Task
from convex_research.data import SNAPSHOT_VARIABLE
from convex_research.kernels import warm_kernels
from convex_research.publishing.meta.pair import SITE_VARIABLE
from convex_research.publishing.render import failure_fields, render_page
from convex_research.publishing.session import KernelSession

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FOLDER_VARIABLE", "build", "end_tree", "main", "send"]

FOLDER_VARIABLE = "CONVEX_RESEARCH_WORKER_FOLDER"
"""Folder for the worker's temporary files, removed with it."""


def main() -> None:
    """Serve tasks until the other end closes the pipe."""
    inbox, outbox = _take_pipes()
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder:  # kernels work here too, and put their sockets here
        os.chdir(folder)
    tasks: SimpleQueue[Task] = SimpleQueue()
    threading.Thread(target=_listen, args=(inbox, tasks), daemon=True).start()
    with warm_kernels():
        while True:
            for outcome in build(tasks.get()):
                send(outbox, outcome)
            send(outbox, None)


def build(task: Task) -> Iterator[PageDone | PageFailed]:
    """Build the pages of a task, from the series it carries and nothing else."""
    with tempfile.TemporaryDirectory(prefix="task-") as folder, KernelSession() as session:
        for name, content in task.series.items():
            (Path(folder) / name).write_bytes(content)
        os.environ[SNAPSHOT_VARIABLE] = folder
        os.environ[SITE_VARIABLE] = task.site_url or ""
        stages: dict[str, float] = {}
        began = time.perf_counter()
        problem: dict[str, str] | None = None
        try:  # whether the data can be used is found without starting a kernel
            task.request.check()
        except Exception as error:  # noqa: BLE001 - a page that fails must not end the others
            problem = failure_fields(error)
        stages["check"] = time.perf_counter() - began
        for kind in task.kinds:
            if problem is not None:
                yield PageFailed(slug=task.slug, kind=kind, stages=stages, **problem)
            else:
                yield _page(task, kind, session, stages)
            stages = {}


def send(pipe: BinaryIO, message: object) -> None:
    """Write a message; pickle itself knows where one ends."""
    pickle.dump(message, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _page(
    task: Task, kind: str, session: KernelSession, stages: dict[str, float]
) -> PageDone | PageFailed:
    began = time.perf_counter()
    try:
        files = render_page(
            task.request, kind, session=session, timeout=task.page_timeout, seconds=stages
        )
    except Exception as error:  # noqa: BLE001 - as above
        stages["until it failed"] = time.perf_counter() - began
        return PageFailed(slug=task.slug, kind=kind, stages=stages, **failure_fields(error))
    memory = psutil.Process().memory_info().rss
    return PageDone(slug=task.slug, kind=kind, files=files, stages=stages, memory=memory)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes for messages; what anything prints goes to standard error instead."""
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return inbox, outbox


def _listen(inbox: BinaryIO, tasks: SimpleQueue[Task]) -> None:
    """Pass tasks on; when the other end is gone, be it killed, leave nothing behind."""
    try:
        while True:
            tasks.put(pickle.load(inbox))  # noqa: S301 - from our own supervisor
    except (EOFError, OSError, pickle.UnpicklingError):
        end_tree(os.getpid(), but_root=True)
        folder = os.environ.get(FOLDER_VARIABLE)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def end_tree(pid: int, *, but_root: bool = False) -> None:
    """Kill a process with everything it has started."""
    family: list[psutil.Process] = []
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        family = [] if but_root else [root]
        family += root.children(recursive=True)
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()


if __name__ == "__main__":
    main()
