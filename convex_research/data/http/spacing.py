"""Keeping a distance between requests to one host, over all processes and threads."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["Spacing"]

_PATIENCE = 30.0  # seconds for the lock itself; it is held for microseconds
_LONGEST_QUEUE = 900.0  # seconds; a slot further ahead comes from a clock that jumped


@dataclass
class Spacing:
    """Hands out time slots; a file per host holds the next free one.

    The lock is held only while a slot is taken, never while waiting or asking, so a
    process that is killed leaves at most one unused slot behind. ``waiting`` is told host and
    seconds before a wait of a second or more.
    """

    folder: Path
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    waiting: Callable[[str, float], None] | None = None
    _own: dict[str, float] = field(default_factory=dict, init=False)
    _own_lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def wait(self, host: str, interval: float) -> None:
        """Take the next slot of a host and wait for it."""
        pause = self._take(host, interval) - self.clock()
        if pause >= 1.0 and self.waiting is not None:
            self.waiting(host, pause)
        if pause > 0:
            self.sleep(pause)

    def _take(self, host: str, interval: float) -> float:
        path = self.folder / re.sub(r"[^A-Za-z0-9.-]", "_", host)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{path}.lock", timeout=_PATIENCE):
                slot = self._next(path.read_text("ascii") if path.exists() else "")
                path.write_text(repr(slot + interval), "ascii")
        except (OSError, Timeout, UnicodeDecodeError):  # without a folder, this process alone
            with self._own_lock:
                slot = self._next(repr(self._own.get(host, 0.0)))
                self._own[host] = slot + interval
        return slot

    def _next(self, written: str) -> float:
        now = self.clock()
        try:
            free = float(written)
        except ValueError:
            return now
        return free if now < free < now + _LONGEST_QUEUE else now
