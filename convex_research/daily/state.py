"""What one daily run leaves for the next: the lock, the state, and an unfinished publication."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import orjson

from convex_research.core.errors import ConvexResearchError, printable
from convex_research.core.files import locked, prepare_folder, write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

__all__ = ["DAILY_FOLDER", "AlreadyRunningError", "DailyState", "only_daily"]

DAILY_FOLDER = ".daily"
STATE_SCHEMA = "convex-research/daily-state/1"
_STATE = re.compile(r"\d{4}-\d{2}-\d{2}\.json")
_WITHDRAWN = ".withdrawn"
_STATES_KEPT = 5


class AlreadyRunningError(ConvexResearchError):
    """Another daily run works on the same folder."""

    exit_code = 4


@contextmanager
def only_daily(output: Path) -> Iterator[Path]:
    """Hold the one lock of an output folder: the private folder, with recipients' addresses.

    Raises
    ------
    AlreadyRunningError
        At once, if another run holds it.
    InputError
        If the folder cannot be written to.
    """
    folder = prepare_folder(output / DAILY_FOLDER)
    with suppress(OSError):
        os.chmod(folder, 0o700)  # noqa: PTH101 - a folder of another owner stays as it is
    where = printable(output)
    busy = AlreadyRunningError(f"Another daily run is at work in {where}; nothing was done.")
    with locked(folder, busy):
        yield folder


class DailyState:
    """State files and the pending publication; ``tell`` hears what is damaged."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self._states = folder / "state"
        self._pending = folder / "pending.json"
        self._tell = tell

    def latest(self) -> dict[str, Any]:
        """The newest readable state; empty if there is none."""
        stored = (self._read(path) or {} for path in self._paths())
        states = (one["state"] for one in stored if isinstance(one.get("state"), dict))
        return next(states, {})

    def save(self, state: Mapping[str, Any]) -> None:
        """Keep a state; the five newest stay."""
        content = {"schema": STATE_SCHEMA, "state": state}
        write_atomically(self._states / f"{state['as_of']}.json", orjson.dumps(content))
        for path in self._paths()[_STATES_KEPT:]:
            path.unlink(missing_ok=True)

    def days(self) -> list[str]:
        """Days whose state is kept, newest first."""
        return [path.stem for path in self._paths()]

    def withdraw(self, day: str) -> None:
        """Forget the state of a day; that it was withdrawn stays known."""
        path = self._states / f"{day}.json"
        write_atomically(path.with_suffix(_WITHDRAWN), b"")
        path.unlink(missing_ok=True)

    def was_withdrawn(self, day: str) -> bool:
        """Whether the digest of a day was taken back."""
        return (self._states / f"{day}{_WITHDRAWN}").exists()

    def pending(self) -> dict[str, Any] | None:
        """A digest that was decided on but perhaps not published, or not withdrawn."""
        return self._read(self._pending) if self._pending.exists() else None

    def decide(self, content: Mapping[str, Any]) -> None:
        """From here on this digest is the one of its date, or gone, whatever happens."""
        write_atomically(self._pending, orjson.dumps({"schema": STATE_SCHEMA, **content}))

    def clear_pending(self) -> None:
        """The pending digest is published, or withdrawn."""
        self._pending.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        found = self._states.glob("*.json") if self._states.is_dir() else ()
        return sorted((p for p in found if _STATE.fullmatch(p.name)), reverse=True)

    def _read(self, path: Path) -> dict[str, Any] | None:
        with suppress(OSError, ValueError, KeyError, TypeError):
            content: dict[str, Any] = orjson.loads(path.read_bytes())
            if content["schema"] == STATE_SCHEMA:
                return content
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        self._tell(f"{path.name} in {DAILY_FOLDER} is damaged; it is now {aside.name}.")
        return None
