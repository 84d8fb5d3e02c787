"""A worker process and its supervisor, which starts it again when it is lost."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.batch.tasks import PageFailed
from convex_research.batch.worker import FOLDER_VARIABLE, end_tree, send
from convex_research.core.errors import printable
from convex_research.data import SNAPSHOT_VARIABLE
from convex_research.kernels.preload import ONE_THREAD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from convex_research.batch.tasks import Assignment, Page

__all__ = ["Supervisor"]

_ATTEMPTS = 3  # a page that costs so many workers is at fault itself
_GRACE = 30.0  # the notebook's own limit comes first, for it can name the cell


class Supervisor:
    """Has one worker process at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._overdue = False
        self._folder = ""
        self._lock = threading.Lock()

    def build(self, task: Assignment) -> Iterator[Page]:
        """Have a task built; what a lost worker did not finish is done again.

        Yields an outcome for each page, and none more once it is closed.
        """
        kinds, lost = list(task.kinds), 0
        began = time.perf_counter()
        while kinds and not self._closed:
            self._overdue = False
            try:
                for outcome in self._attempt(replace(task, kinds=tuple(kinds))):
                    kinds.remove(outcome.kind)
                    lost, began = 0, time.perf_counter()
                    yield outcome
            except (EOFError, OSError, pickle.UnpicklingError):
                stderr = self._end()
                lost += 1
                if self._closed:
                    return
                if self._overdue:
                    reason = f"took longer than {task.page_timeout:g} s and was stopped."
                elif lost == _ATTEMPTS:
                    reason = f"ended its worker {lost} times (killed, or out of memory?){stderr}."
                else:
                    continue
                stages = {"until it failed": time.perf_counter() - began}
                yield PageFailed(slug=task.slug, kind=kinds.pop(0), reason=reason, stages=stages)
                lost, began = 0, time.perf_counter()

    def close(self) -> None:
        """End the worker and its kernels at once; nothing is built any more."""
        with self._lock:
            self._closed = True
        self._end()

    @property
    def is_closed(self) -> bool:
        """Whether it builds nothing any more."""
        return self._closed

    def _attempt(self, task: Assignment) -> Iterator[Page]:
        inbox, outbox = self._pipes()
        send(outbox, task)
        while True:
            watch = threading.Timer(task.page_timeout + _GRACE, self._stop_overdue)
            watch.daemon = True
            watch.start()
            try:
                message: Any = pickle.load(inbox)  # noqa: S301 - our own worker's
            finally:
                watch.cancel()
            if message is None:
                return
            yield message

    def _stop_overdue(self) -> None:
        self._overdue = True
        if self._process is not None:
            end_tree(self._process.pid)

    def _pipes(self) -> tuple[BinaryIO, BinaryIO]:
        with self._lock:
            if self._closed:
                raise EOFError
            if self._process is None:
                self._process = self._start()
            process = self._process
        if process.stdout is None or process.stdin is None:
            raise EOFError
        return process.stdout, process.stdin  # type: ignore[return-value]  # IO[bytes], binary

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder = tempfile.mkdtemp(prefix="convex-")
        # A session of its own: Ctrl-C on the terminal is for the batch alone to answer.
        with (Path(self._folder) / "stderr").open("wb") as stderr:
            return subprocess.Popen(
                # -P: nothing in the current folder can pass itself off as a library.
                [sys.executable, "-P", "-m", "convex_research.batch.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=_environment(self._folder),
                start_new_session=True,
            )

    def _end(self) -> str:
        """End the worker with all it started; the last line of its standard error."""
        with self._lock:
            process, self._process = self._process, None
            folder, self._folder = self._folder, ""
        if process is None:
            return ""
        end_tree(process.pid)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        process.wait()
        lines: list[str] = []
        with suppress(OSError):
            lines = (Path(folder) / "stderr").read_text("utf-8", "replace").strip().splitlines()
        shutil.rmtree(folder, ignore_errors=True)
        return f"; it said {printable(lines[-1])}" if lines else ""


def _environment(folder: str) -> dict[str, str]:
    own = {**os.environ, **ONE_THREAD, "TMPDIR": folder}
    own.pop(SNAPSHOT_VARIABLE, None)
    own[FOLDER_VARIABLE] = folder
    if len(folder) < 40:  # sockets lie in this folder, and their paths have a limit
        own["JUPYTER_RUNTIME_DIR"] = folder
    return own
