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

from filelock import FileLock, Timeout

from convex_research.core.errors import InputError, printable
from convex_research.core.files import cannot_write, prepare_folder, write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["STATE_FOLDER", "State", "only_batch"]

STATE_FOLDER = ".batch"
_JOURNAL = "state.jsonl"


class State:
    """The journal of an output folder.

    Parameters
    ----------
    output : Path
        Folder of the reports.

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
        """Whether a page was built with this key and lies there as it was written.

        Parameters
        ----------
        page : str
            Folder and name without ending, ``slug/correlation``.
        key : str
            What it depends on.
        """
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
        lines = (_line(page, *built) for page, built in sorted(self._built.items()))
        return _hash(b"".join(line for line in lines if b'"page": "index"' not in line))

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
    try:
        lines = journal.read_bytes().splitlines()
    except FileNotFoundError:
        return built
    for line in lines:
        try:
            entry = json.loads(line)
            files = {str(name): str(own) for name, own in entry["files"].items()}
            built[str(entry["page"])] = (str(entry["key"]), files)
        except (ValueError, KeyError, TypeError, AttributeError):
            continue
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
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        where = printable(output)
        raise InputError(
            f"Another batch is writing to {where}; wait for it or choose another --output."
        ) from None
    except OSError as error:
        raise cannot_write(output, error) from None
    try:
        state = State(output)
        try:
            yield state
        finally:
            with suppress(OSError):  # the disk may be full; the journal is whole without it
                state.close()
    finally:
        lock.release()
