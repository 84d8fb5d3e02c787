"""What has been built, so that it is not built again: a small journal beside the pages.

One line a page is appended when its files are in place. A line that a killed process left
half-written is not read, and its page is built again; the journal never claims more than
was done. It holds hashes and nothing of the clock.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from convex_research.core.errors import InputError, printable
from convex_research.core.files import locked, prepare_folder, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["STATE_FOLDER", "State", "only_batch"]

STATE_FOLDER = ".batch"
_JOURNAL = "state.jsonl"


class State:
    """The journal of an output folder.

    Attributes
    ----------
    staging : Path
        Where files are written before they are moved to their place.
    """

    def __init__(self, output: Path) -> None:
        self._output = output
        folder = prepare_folder(output / STATE_FOLDER)
        self._journal = folder / _JOURNAL
        self.staging = folder / "staging"
        shutil.rmtree(self.staging, ignore_errors=True)  # what a killed run left there
        self.staging.mkdir(exist_ok=True)
        self._built = _read(self._journal)
        self._tidy()

    def is_current(self, page: str, key: str) -> bool:
        """Whether ``slug/correlation`` was built with this key and lies there as written."""
        built = self._built.get(page)
        if built is None or built[0] != key:
            return False
        folder = (self._output / page).parent
        try:
            return all(_hash((folder / name).read_bytes()) == own for name, own in built[1].items())
        except OSError:
            return False

    def record(self, page: str, key: str, files: Mapping[str, bytes]) -> None:
        """Note that a page's files are in place."""
        self._built[page] = (key, {name: _hash(content) for name, content in files.items()})
        with self._journal.open("ab") as journal:
            journal.write(_line(page, *self._built[page]))

    def digest(self) -> str:
        """One hash of everything that has been built, for what is made of all of it."""
        built = sorted(self._built.items())
        return _hash(b"".join(_line(page, *one) for page, one in built if page != "index"))

    def close(self) -> None:
        """Bring the journal into order: the same pages give the same bytes."""
        shutil.rmtree(self.staging, ignore_errors=True)
        self._tidy()

    def _tidy(self) -> None:
        content = b"".join(_line(page, *self._built[page]) for page in sorted(self._built))
        with suppress(FileNotFoundError):
            if self._journal.read_bytes() == content:
                return
        write_atomically(self._journal, content)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _line(page: str, key: str, files: Mapping[str, str]) -> bytes:
    return json.dumps({"page": page, "key": key, "files": files}, sort_keys=True).encode() + b"\n"


def _read(journal: Path) -> dict[str, tuple[str, dict[str, str]]]:
    """Pages by name; later lines count, unreadable ones do not."""
    built: dict[str, tuple[str, dict[str, str]]] = {}
    for line in journal.read_bytes().splitlines() if journal.exists() else ():
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            entry = json.loads(line)
            files = {str(name): str(own) for name, own in entry["files"].items()}
            built[str(entry["page"])] = (str(entry["key"]), files)
    return built


@contextmanager
def only_batch(output: Path) -> Iterator[State]:
    """The state of an output folder, while no other batch writes there.

    Raises
    ------
    InputError
        If one does, or the folder cannot be written to.
    """
    folder = prepare_folder(prepare_folder(output) / STATE_FOLDER)
    where = printable(output)
    problem = f"Another batch is writing to {where}; wait for it or choose another --output."
    with locked(folder, InputError(problem)):
        state = State(output)
        try:
            yield state
        finally:
            with suppress(OSError):  # the disk may be full; the journal is whole without it
                state.close()
