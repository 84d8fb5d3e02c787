"""Writing so that a reader never sees half a file."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import TYPE_CHECKING

from convex_research.errors import InputError, printable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["prepare_folder", "write_atomically"]


def prepare_folder(folder: Path) -> Path:
    """Make the output folder.

    Raises
    ------
    InputError
        If it cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(
            f"Cannot write to {printable(folder)}: {error.strerror}; choose another --output."
        ) from None
    return folder


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and move it there in one step."""
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)  # noqa: PTH101 - mkstemp makes it private
        os.replace(temporary, path)  # noqa: PTH105 - the atomic step
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108
        raise
