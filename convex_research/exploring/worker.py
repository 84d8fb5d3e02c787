"""One thread that does the newest of what it was asked."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Request = TypeVar("Request")


class Worker(Generic[Request]):
    """Runs requests away from the kernel's main thread, newest first and only.

    A request that is overtaken before it begins is never run; one that is overtaken while
    it runs can see so by :meth:`overtaken` and stop. Work begins after so many seconds without
    a new request, so that a burst of changes is one piece of work. ``run`` gets a request and
    its ticket and must not raise.
    """

    def __init__(self, run: Callable[[Request, int], None], *, settle: float = 0.2) -> None:
        self._run = run
        self._settle = settle
        self._condition = threading.Condition()
        self._next: list[Request] = []
        self._asked = 0
        self._done = 0
        self._thread: threading.Thread | None = None

    def ask(self, request: Request) -> None:
        """Put a request in the place of any that has not begun."""
        with self._condition:
            self._next = [request]
            self._asked += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._loop, daemon=True)
                self._thread.start()
            self._condition.notify_all()

    def overtaken(self, ticket: int) -> bool:
        """Whether something newer has been asked."""
        return ticket != self._asked

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until everything asked is done; whether it is."""
        with self._condition:
            return self._condition.wait_for(lambda: self._done == self._asked, timeout)

    def _loop(self) -> None:
        first = True
        while True:
            with self._condition:
                self._condition.wait_for(lambda: bool(self._next))
                while not first and self._condition.wait(self._settle):
                    pass
                request, ticket = self._next.pop(), self._asked
            first = False
            self._run(request, ticket)
            with self._condition:
                self._done = ticket
                self._condition.notify_all()
