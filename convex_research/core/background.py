"""Work that nobody waits for longer than he wants to, be it one caller or Python at its end."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Deadline", "hang_up", "in_background"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


def in_background(work: Callable[_P, _T], *args: _P.args, **options: _P.kwargs) -> Future[_T]:
    """Start a function in a thread of its own, which ends with the program at the latest.

    Python joins the threads of an executor before it ends, whatever they wait for.
    """
    outcome: Future[_T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work(*args, **options))
        except BaseException as error:  # noqa: BLE001 - it is raised where the outcome is asked for
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome


def hang_up(sock: socket.socket | None) -> None:
    """Break a connection off, so that a thread that waits for its other end goes on."""
    if sock is not None:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)


class Deadline:
    """A time by which a transfer is over, whatever it waits for: names, handshakes, headers.

    The time limit of a socket is one for each piece, and a clock can be looked at only between
    pieces: a source that sends a byte a second passes both. So the work is done in the
    background, and left there. The seconds, monotonic, are for all calls together.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds until then; not positive when it has passed."""
        return self._end - self._clock()

    def call(self, work: Callable[[], _T], abandon: Callable[[], object]) -> _T:
        """The result of a function; a TimeoutError if it does not come in time, or not at all.

        ``abandon`` is called then, and makes the function end soon.
        """
        if self.left <= 0:
            raise TimeoutError
        outcome = in_background(work)
        try:
            return outcome.result(self.left)
        except BaseException:  # an interrupt as well
            if not outcome.done():
                abandon()
            raise
