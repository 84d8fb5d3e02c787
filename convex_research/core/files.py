"""Writing so that a reader never sees half a file; where the package's notebooks lie."""

from __future__ import annotations

import os
import tempfile
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.core.errors import InputError, PublishingError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.core.errors import ConvexResearchError

__all__ = [
    "TEMPORARY",
    "cannot_write",
    "locked",
    "notebook_path",
    "prepare_folder",
    "write_atomically",
]

TEMPORARY = ".tmp-"
"""How files begin that are not in their place yet; a killed process may leave one."""


def cannot_write(folder: Path, error: OSError) -> InputError:
    """The error for an output that cannot be written: a full disk, a read-only folder."""
    cause = error.strerror or type(error).__name__
    return InputError(
        f"Cannot write to {printable(folder)}: {cause}; make room or choose another --output."
    )


def prepare_folder(folder: Path) -> Path:
    """Make the output folder; an InputError if it cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise cannot_write(folder, error) from None
    return folder


@contextmanager
def locked(folder: Path, busy: ConvexResearchError) -> Iterator[None]:
    """Hold the one lock of a folder, which ends with its process, however that ends.

    Raises
    ------
    ConvexResearchError
        ``busy``, at once, if another process holds it.
    InputError
        If the folder cannot be written to.
    """
    from filelock import FileLock, Timeout

    with ExitStack() as stack:
        try:
            stack.enter_context(FileLock(folder / "lock").acquire(timeout=0))
        except Timeout:
            raise busy from None
        except OSError as error:
            raise cannot_write(folder, error) from None
        yield


def write_atomically(path: Path, content: str | bytes, *, beside: Path | None = None) -> None:
    """Write a file next to its place and move it there in one step.

    ``beside`` is a folder on the same disk to write it in first; what a killed process leaves there
    can be swept away.
    """
    data = content.encode() if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=TEMPORARY, dir=beside or path.parent)
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


def notebook_path(kind: str) -> Path:
    """The report notebook of a kind, from the wheel or from the checkout."""
    package = Path(__file__).parent.parent
    for folder in (package / "notebooks", package.parent / "notebooks"):
        path = folder / f"{kind}.ipynb"
        if path.is_file():
            return path
    raise PublishingError(f"the notebook {kind}.ipynb is missing; install convex-research again")
