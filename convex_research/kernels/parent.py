"""The parent: imports once and forks a kernel for every order.

``python -m convex_research.kernels.parent CHANNEL`` serves whoever holds the other
end of the socket CHANNEL, an open file, and ends with it.
``... parent --listen PATH SECONDS`` serves all who connect to PATH and ends when nobody
has had a kernel for so long.

Every kernel belongs to a connection of its own: when that closes, because its owner closed
it or died, the kernel and what it started are killed.
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field

from convex_research.kernels.kernel import Order, become_kernel
from convex_research.kernels.preload import count_threads, give_back_memory, load_stack, rehearse
from convex_research.kernels.wire import receive, send

__all__ = ["Parent", "main"]

# The owner's end closes when it dies; a copy of it in a process that the owner forked
# would keep it open, so who our parent is is looked at as well.
_LOOK_SECONDS = 1.0
_PATIENCE = 5.0


@dataclass
class Parent:
    """Takes orders, forks kernels and tells owners when theirs end.

    Parameters
    ----------
    source : socket.socket
        Where connections come from: a listening socket, or one that sends them as files.
    listening : bool
        Which of the two it is.
    idle_seconds : float, optional
        Without kernels for so long, the parent ends; only when listening.
    """

    source: socket.socket
    listening: bool
    idle_seconds: float = 0.0
    _owners: dict[int, socket.socket] = field(default_factory=dict)
    _kernels: dict[int, int] = field(default_factory=dict)
    _wakeup: tuple[socket.socket, ...] = ()

    def serve(self) -> Order | None:
        """Serve until the owner is gone or nobody wants a kernel.

        An order is returned in a forked child, which is to become that kernel; nothing in the
        parent, when it is time to end.
        """
        self._wakeup = reading, writing = socket.socketpair()
        for end in self._wakeup:
            end.settimeout(0.0)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
        born_to, wanted_at = os.getppid(), time.monotonic()
        while True:
            ready = self._wait(reading)
            if reading in ready:
                with suppress(BlockingIOError):
                    reading.recv(4096)
            self._reap()
            if self.source in ready and not self._accept():
                return None
            for descriptor in [n for n in self._owners if self._owners[n] in ready]:
                order = self._read_order(descriptor)
                if order is not None:
                    return order
            if self._owners:
                wanted_at = time.monotonic()
            idle = time.monotonic() - wanted_at > self.idle_seconds
            if idle if self.listening else os.getppid() != born_to:
                return None

    def _wait(self, reading: socket.socket) -> set[socket.socket]:
        """The sockets with something to read."""
        by_number = {one.fileno(): one for one in (reading, self.source, *self._owners.values())}
        poll = select.poll()
        for number in by_number:
            poll.register(number, select.POLLIN)
        return {by_number[number] for number, _ in poll.poll(_LOOK_SECONDS * 1000)}

    def _accept(self) -> bool:
        """Take a new connection; false when there will be no more."""
        if self.listening:
            new, _ = self.source.accept()
        else:
            arrived = None
            with suppress(OSError):
                arrived = receive(self.source)
            if arrived is None:
                return False
            new = socket.socket(fileno=arrived[1][0])
        new.settimeout(_PATIENCE)
        self._owners[new.fileno()] = new
        return True

    def _read_order(self, descriptor: int) -> Order | None:
        """An owner sent its order, or is gone; the order, in a process forked to take it."""
        owner, arrived = self._owners[descriptor], None
        if descriptor not in self._kernels:
            with suppress(OSError, ValueError):
                arrived = receive(owner)
        if arrived is None:
            self._drop(descriptor)
            return None
        message, files = arrived
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            others = [one for one in self._owners.values() if one is not owner]
            for one in (self.source, *self._wakeup, *others):
                one.close()
            return Order(**message, files=files, owner=owner)
        self._kernels[descriptor] = pid
        for number in files:
            os.close(number)
        return None

    def _drop(self, descriptor: int) -> None:
        """Kill the kernel of an owner, with all it started, and forget both."""
        self._owners.pop(descriptor).close()
        pid = self._kernels.pop(descriptor, None)
        if pid is not None:
            _kill_group(pid)

    def _reap(self) -> None:
        """Collect processes that have ended, and send their owners the exit code."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            for descriptor in [n for n, kernel in self._kernels.items() if kernel == pid]:
                del self._kernels[descriptor]
                owner = self._owners.pop(descriptor)
                with suppress(OSError):
                    send(owner, {"ended": os.waitstatus_to_exitcode(status)})
                owner.close()

    def end(self) -> None:
        """Kill what is left."""
        for pid in self._kernels.values():
            _kill_group(pid)


def _kill_group(pid: int) -> None:
    """Kill a kernel and what it started; a newborn one does not lead its group yet."""
    for kill in (os.killpg, os.kill):
        with suppress(OSError):
            kill(pid, signal.SIGKILL)


def _source(arguments: list[str]) -> tuple[socket.socket, bool, float]:
    if arguments[0] == "--listen":
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(arguments[1])
        listener.listen(64)
        return listener, True, float(arguments[2])
    return socket.socket(fileno=int(arguments[0])), False, 0.0


def main(arguments: list[str]) -> None:
    """Be the parent, and in its children the kernels."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # ``-m`` has put the folder we are in first; an ordinary kernel drops it as well.
    del sys.path[0]
    library_environment = load_stack()
    rehearse()
    if count_threads() > 1:
        sys.exit("a library started threads, with which a process must not fork")
    source, listening, idle_seconds = _source(arguments)
    give_back_memory()
    gc.freeze()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    parent, pid = Parent(source, listening, idle_seconds), os.getpid()
    order = parent.serve()
    if order is not None:
        become_kernel(order, library_environment, pid)
        return
    if listening:
        # First of all: who connects from now on must find nobody and start another.
        with suppress(OSError):
            os.unlink(arguments[1])  # noqa: PTH108
    parent.end()
    # Nothing of the parent is worth tidying, and its libraries take their time.
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
