"""Ctrl-C and SIGTERM: at any moment one line, exit code 130, and an end in two seconds.

The first of them raises ``KeyboardInterrupt`` in the main thread, so that what is open is
closed and what is finished is kept. That alone is no promise: a destructor that happens to
run swallows an exception, a library makes another of it, a thread waits for somebody. So a
thread, which hears of a signal from the system, sees to it that the program ends.
"""

from __future__ import annotations

import _thread
import atexit
import os
import signal
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["STOPPED", "run", "say_stopped", "undisguised"]

_T = TypeVar("_T")

STOPPED = 130
_LINE = "Stopped. What is finished is kept; run it again for the rest.\n"
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 1.5  # seconds in which to end well
_LAST_WORD = 0.3  # seconds in which to say so, where nobody may be reading
_BEAT = 0.05


class _Stop:
    """What has become of a signal."""

    def __init__(self) -> None:
        self.asked = False  # to stop
        self.lost = False  # the interrupt, where nobody could catch it
        self.over = False  # all but Python's own end
        self.said = False
        self.saying = _thread.allocate_lock()

    def prepare(self) -> None:
        """Answer signals from now on."""
        _answer_by(self.answer)
        atexit.register(_answer_by, signal.SIG_IGN)  # is called last; then only memory is freed
        import socket

        self.bell, self.rope = socket.socketpair()
        self.rope.settimeout(0.0)
        signal.set_wakeup_fd(self.rope.fileno(), warn_on_full_buffer=False)
        _thread.start_new_thread(self.see_to_it, ())

    def answer(self, *_: object) -> None:
        """Handle a signal; after the first, others change nothing."""
        first, self.asked = not self.asked, True
        if first and self.over:
            self.end()
        if first:
            sys.unraisablehook = self.note_lost
        if first or self.lost:
            self.lost = False
            raise KeyboardInterrupt

    def note_lost(self, dropped: Any) -> None:
        """Python drops what is raised in a destructor or a callback, and would print it."""
        self.lost = self.lost or issubclass(dropped.exc_type, KeyboardInterrupt)

    def see_to_it(self) -> None:
        """End the program after a signal, if it does not end by itself."""
        while self.bell.recv(1)[0] not in _SIGNALS:
            pass
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            time.sleep(_BEAT)
            # A signal that comes right before the main thread begins to wait does not wake it.
            if (self.lost or not self.asked) and sys.platform != "win32":
                os.kill(os.getpid(), signal.SIGINT)
        _thread.start_new_thread(self.end, ())
        time.sleep(_LAST_WORD)
        os._exit(STOPPED)

    def say(self) -> None:
        """Write the line, once a signal."""
        with self.saying:
            if not self.said:
                self.said = self.asked
                sys.stderr.write(_LINE)
                sys.stderr.flush()

    def end(self) -> NoReturn:
        """Leave without waiting for threads, or for what libraries do at exit."""
        with suppress(Exception):
            self.say()
            sys.stdout.flush()
        os._exit(STOPPED)


_stop = _Stop()


def run(program: Callable[[], object]) -> None:
    """Run a program that Ctrl-C and SIGTERM are to end.

    It is called once this is arranged for; what takes long to import is imported there.
    """
    try:
        _stop.prepare()
        try:
            program()
        finally:
            _stop.over = True
    except BaseException:
        if _stop.asked:
            _stop.end()
        raise


def _answer_by(handler: Callable[..., None] | signal.Handlers) -> None:
    for number in _SIGNALS:
        signal.signal(number, handler)


def undisguised(work: Callable[[], _T]) -> _T:
    """The result of a function; KeyboardInterrupt if a signal has come, whatever became of it."""
    try:
        result = work()
    except BaseException:
        if _stop.asked:
            raise KeyboardInterrupt from None
        raise
    if _stop.asked:
        raise KeyboardInterrupt
    return result


def say_stopped() -> None:
    """Write the line."""
    _stop.say()
