"""Where the cache lives."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["CACHE_VARIABLE", "cache_folder"]

CACHE_VARIABLE = "CONVEX_RESEARCH_CACHE"


def cache_folder() -> Path:
    """The folder named by ``CONVEX_RESEARCH_CACHE``, else the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("convex_research", appauthor=False)
