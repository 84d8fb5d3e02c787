"""Starting parents, and asking them for kernels."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.kernels.preload import PARENT_ENVIRONMENT
from convex_research.kernels.wire import receive, send

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "KERNEL_NAME",
    "ForkedKernel",
    "NoWarmKernel",
    "OwnedParent",
    "await_ready",
    "order_kernel",
    "parent_of_this_process",
    "start_parent",
    "warm_kernels",
]

KERNEL_NAME = "convex-research-warm"
_KERNELS = Path(__file__).parent / "spec"
_MODULE = ("-m", "convex_research.kernels.parent")
START_SECONDS = 60.0
_ANSWER_SECONDS = 30.0


class NoWarmKernel(Exception):
    """Why a kernel cannot be forked here."""


class ForkedKernel:
    """A kernel's process, with what :class:`subprocess.Popen` has of it.

    Parameters
    ----------
    connection : socket.socket
        To the parent that forked it; closing it kills the kernel.
    pid : int
        Its process, which leads a group and a session of its own.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection = connection
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Exit code, or ``None`` while it runs."""
        return self._exit_code(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; :class:`subprocess.TimeoutExpired` if that does not come in time."""
        code = self._exit_code(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(KERNEL_NAME, timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to the kernel and to what it started."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def end(self, patience: float) -> None:
        """Kill it, and wait so long for its end; without patience, take that for granted."""
        self.kill()
        if patience > 0.0:
            self.wait(patience)
        elif self.returncode is None:
            self.returncode = -signal.SIGKILL
            self._connection.close()  # of which its parent makes sure, too

    def _exit_code(self, seconds: float | None) -> int | None:
        if self.returncode is None and _arrives(self._connection, seconds):
            arrived = None
            with suppress(OSError, ValueError):
                arrived = receive(self._connection)
            # A parent that ends without a word has killed its kernels.
            self.returncode = -signal.SIGKILL if arrived is None else int(arrived[0]["ended"])
            self._connection.close()
        return self.returncode


def _arrives(source: Any, seconds: float | None) -> bool:
    """Whether there is something to read within so many seconds."""
    poll = select.poll()
    poll.register(source, select.POLLIN)
    return bool(poll.poll(None if seconds is None else seconds * 1000))


def order_kernel(
    connection: socket.socket, message: dict[str, Any], files: tuple[int, int, int]
) -> ForkedKernel:
    """Order a kernel over a fresh connection; no kernel if the parent does not answer."""
    try:
        connection.settimeout(_ANSWER_SECONDS)
        send(connection, message, files)
        answer = receive(connection)
    except (OSError, ValueError) as error:
        connection.close()
        raise NoWarmKernel(f"the process that forks them does not answer ({error})") from None
    if answer is None or "ended" in answer[0]:
        connection.close()
        ended = "the process that forks them has" if answer is None else "a forked kernel"
        raise NoWarmKernel(f"{ended} ended before it was ready")
    return ForkedKernel(connection, int(answer[0]["pid"]))


class OwnedParent:
    """A parent that serves this process and ends with it."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        if not hasattr(os, "fork"):
            raise NoWarmKernel("this system cannot fork")
        self._channel, there = socket.socketpair()
        try:
            self._process = start_parent(str(there.fileno()), keep=(there.fileno(),))
        finally:
            there.close()
        self._ready = False

    def kernel(self, message: dict[str, Any], files: tuple[int, int, int]) -> ForkedKernel:
        """A kernel; a parent that has died is replaced once."""
        if self._process.poll() is not None and self._ready:
            self.close()
            self._start()
        if not self._ready:
            await_ready(self._process)
            self._ready = True
        here, there = socket.socketpair()
        try:
            send(self._channel, {}, (there.fileno(),))
        except OSError as error:
            here.close()
            raise NoWarmKernel(f"the process that forks them is gone ({error})") from None
        finally:
            there.close()
        return order_kernel(here, message, files)

    def close(self) -> None:
        """End the parent and every kernel that is left."""
        self._channel.close()
        if not self._ready:  # it still imports, has no kernels, and does not listen
            self._process.kill()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def start_parent(*arguments: str, keep: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """Start a parent; it says on its output when it is ready."""
    command = [sys.executable, *_MODULE, *arguments]
    try:
        return subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **PARENT_ENVIRONMENT},
            pass_fds=keep,
            start_new_session=True,
            cwd=Path(sys.executable).anchor,  # nothing of the folder we are in gets imported
        )
    except OSError as error:
        raise NoWarmKernel(f"the process that forks them does not start ({error})") from None


def await_ready(process: subprocess.Popen[bytes]) -> None:
    """Wait until a parent has imported everything.

    No kernel, with the last line it said, if it ends instead; or if it takes too long.
    """
    assert process.stdout is not None
    assert process.stderr is not None
    if _arrives(process.stdout, START_SECONDS) and process.stdout.readline():
        return
    process.kill()
    lines = process.stderr.read().decode(errors="replace").strip().splitlines()
    process.wait()
    raise NoWarmKernel(lines[-1] if lines else "the process that forks them does not start")


_owned: list[OwnedParent] = []
_warned: set[str] = set()


def parent_of_this_process() -> OwnedParent | None:
    """The parent :func:`warm_kernels` started, if we are inside it."""
    return _owned[-1] if _owned else None


def warn_once(reason: object) -> None:
    """Log, once for each reason, that kernels are ordinary ones and why."""
    line = f"Kernels start the ordinary way, which is slower: {reason}."
    if line not in _warned:
        _warned.add(line)
        logging.getLogger(__name__).warning(line)


@contextmanager
def warm_kernels() -> Iterator[None]:
    """Fork the kernels of all notebooks this process executes, until the end of the block.

    The parent starts at once and imports while the caller goes on; the first notebook
    waits for it. Blocks may be nested, and entered from any thread. Where kernels cannot be
    forked, notebooks run in ordinary kernels and a line says so.

    Examples
    --------
    >>> from convex_research.kernels import warm_kernels
    >>> with warm_kernels():  # doctest: +SKIP
    ...     publish(pair, "all")
    """
    from convex_research.kernels.manager import kernels_named

    if _owned:
        yield
        return
    try:
        parent = OwnedParent()
    except NoWarmKernel as reason:
        warn_once(reason)
        yield
        return
    _owned.append(parent)
    try:
        with kernels_named(KERNEL_NAME, _KERNELS):
            yield
    finally:
        _owned.remove(parent)
        parent.close()
