"""One analysis for the two pages of a pair, though each notebook has a process of its own.

The kernel that finishes an analysis first leaves it in a folder that only this user can
open and only this run knows of; the other takes it from there. What is left is found by a
hash of everything that goes into an analysis, so it is the same analysis or none at all.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.analysis.pair import PairAnalysis

__all__ = ["SHARED_VARIABLE", "keep", "shared_analyses", "take"]

SHARED_VARIABLE = "CONVEX_RESEARCH_SHARED_ANALYSES"
_KEPT = ("_sections", "_claims", "_runs")


@contextmanager
def shared_analyses() -> Iterator[None]:
    """Let the notebooks executed in the block share analyses; all are gone at its end."""
    before = os.environ.get(SHARED_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="convex-research-") as folder:
        os.environ[SHARED_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[SHARED_VARIABLE]
            if before is not None:
                os.environ[SHARED_VARIABLE] = before


def take(analysis: PairAnalysis) -> bool:
    """Fill an analysis with the finished one of the same data and choices, if there is one.

    It is taken away: a pair has two pages.
    """
    path = _place_of(analysis)
    if path is None:
        return False
    with suppress(FileNotFoundError):
        body = _private_bytes(path)
        path.unlink()
        state = _Reader(io.BytesIO(body), _inputs(analysis)).load()
        for name in _KEPT:
            if name in state:
                setattr(analysis, name, state[name])
        return True
    return False


def keep(analysis: PairAnalysis) -> None:
    """Leave a finished analysis for the other page of the pair."""
    path = _place_of(analysis)
    if path is None or path.exists():
        return
    body = io.BytesIO()
    state = {name: value for name, value in vars(analysis).items() if name in _KEPT}
    _Writer(body, _inputs(analysis)).dump(state)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(body.getvalue())
    Path(temporary).replace(path)


def _place_of(analysis: PairAnalysis) -> Path | None:
    """Where an analysis of these data and choices lies, if anything is shared."""
    named = os.environ.get(SHARED_VARIABLE)
    if not named:
        return None
    folder = Path(named)
    with suppress(OSError):
        about = folder.lstat()
        if stat.S_ISDIR(about.st_mode) and _is_ours_alone(about):
            # Everything an analysis is made of, whatever that will be one day.
            made_of = pickle.dumps(_inputs(analysis))
            return folder / hashlib.sha256(made_of).hexdigest()
    return None


def _inputs(analysis: PairAnalysis) -> tuple[Any, ...]:
    return (analysis.returns, analysis.config, analysis.helpers)


def _private_bytes(path: Path) -> bytes:
    """Content of a file of ours; unpickling runs code, so it must not be anybody else's."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(file.fileno())
        if not (stat.S_ISREG(about.st_mode) and _is_ours_alone(about)):
            raise FileNotFoundError(path)
        return file.read()


def _is_ours_alone(about: os.stat_result) -> bool:
    ours = not hasattr(os, "getuid") or about.st_uid == os.getuid()
    return ours and (os.name == "nt" or not about.st_mode & 0o077)


class _Writer(pickle.Pickler):
    """Leaves out what the other process has already: the data and choices themselves."""

    def __init__(self, file: io.BytesIO, inputs: tuple[Any, ...]) -> None:
        super().__init__(file)
        self._places = {id(one): place for place, one in enumerate(inputs)}

    def persistent_id(self, obj: Any) -> int | None:
        return self._places.get(id(obj))


class _Reader(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, inputs: tuple[Any, ...]) -> None:
        super().__init__(file)
        self._inputs = inputs

    def persistent_load(self, pid: int) -> Any:
        return self._inputs[pid]
