"""A worker process: tasks come in on standard input, their outcomes go out on standard output.

It is started fresh, with one thread for linear algebra, and ends with the process that
started it: when the pipe closes, whatever it is doing, it ends its kernels and itself.
"""

from __future__ import annotations

import os
import pickle
import shutil
import threading
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, BinaryIO

import psutil

if TYPE_CHECKING:
    from convex_research.batch.tasks import Assignment

__all__ = ["FOLDER_VARIABLE", "end_tree", "main", "send"]

FOLDER_VARIABLE = "CONVEX_RESEARCH_WORKER_FOLDER"
"""Folder for the worker's temporary files, removed with it."""


def main() -> None:
    """Serve tasks until the other end closes the pipe."""
    inbox, outbox = _take_pipes()
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder:  # kernels work here too, and put their sockets here
        os.chdir(folder)
    tasks: SimpleQueue[Assignment] = SimpleQueue()
    threading.Thread(target=_listen, args=(inbox, tasks), daemon=True).start()
    while True:
        for outcome in tasks.get().outcomes():
            send(outbox, outcome)
        send(outbox, None)


def send(pipe: BinaryIO, message: object) -> None:
    """Write a message; pickle itself knows where one ends."""
    pickle.dump(message, pipe, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The two pipes for messages; what anything prints goes to standard error instead."""
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return inbox, outbox


def _listen(inbox: BinaryIO, tasks: SimpleQueue[Assignment]) -> None:
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
