"""Where the cache lives, and writing files so that no reader sees half of one."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

__all__ = ["CACHE_VARIABLE", "cache_folder", "write_atomically"]

CACHE_VARIABLE = "CONVEX_RESEARCH_CACHE"


def cache_folder() -> Path:
    """The folder named by ``CONVEX_RESEARCH_CACHE``, else the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("convex_research", appauthor=False)


def write_atomically(path: Path, content: bytes) -> None:
    """Write beside the target and rename, so that the target is old or new, never torn.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
