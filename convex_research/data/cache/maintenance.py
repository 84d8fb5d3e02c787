"""Looking after the cache: what it holds, whether it is whole, and emptying it."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from convex_research.core.files import TEMPORARY
from convex_research.data.cache.folder import cache_folder
from convex_research.data.cache.store import body_path, read_body, read_meta, write_meta

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CacheInfo", "Problem", "clear", "info", "prune", "verify"]


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """The cache's folder, and by provider its current series, all bodies, and bytes on disk."""

    folder: Path
    entries: dict[str, int]
    bodies: dict[str, int]
    size: dict[str, int]


@dataclass(frozen=True, slots=True)
class Problem:
    """A damaged entry: whose it is (the folder's name where that cannot be read), what is wrong."""

    provider: str
    symbol: str
    what: str


def _providers(folder: Path) -> list[Path]:
    root = folder / "http"
    return sorted(p for p in root.iterdir() if p.is_dir()) if root.is_dir() else []


def info(folder: Path | None = None) -> CacheInfo:
    """Count entries, bodies and bytes of the user's cache, or of another one."""
    folder = folder or cache_folder()
    found = CacheInfo(folder, {}, {}, {})
    for provider in _providers(folder):
        files = [path for path in provider.rglob("*") if path.is_file()]
        found.entries[provider.name] = sum(path.name == "meta.json" for path in files)
        found.bodies[provider.name] = sum(path.suffix == ".gz" for path in files)
        found.size[provider.name] = sum(path.stat().st_size for path in files)
    return found


def verify(folder: Path | None = None, *, repair: bool = True) -> tuple[Problem, ...]:
    """Check every body against its hash; there is no problem if all is well.

    To repair is to remove what is damaged: it is fetched again when it is next needed.
    """
    problems: list[Problem] = []
    for provider in _providers(folder or cache_folder()):
        for place in sorted(p for p in provider.iterdir() if p.is_dir()):
            entry = read_meta(place)
            name = entry.symbol if entry else place.name
            bodies = list(place.glob("*.gz"))
            damaged = [path for path in bodies if read_body(place, path.stem) is None]
            problems += [Problem(provider.name, name, "a body is damaged") for _ in damaged]
            unread = entry is None and (place / "meta.json").exists()
            if unread:
                problems.append(Problem(provider.name, name, "its description cannot be read"))
            if entry and not body_path(place, entry.sha256).exists():
                problems.append(Problem(provider.name, name, "its body is missing"))
            if repair:
                for path in [*damaged, *([place / "meta.json"] if unread else [])]:
                    path.unlink(missing_ok=True)
                _sweep(place)
    return tuple(problems)


def prune(folder: Path | None = None, *, keep: int = 1) -> int:
    """Remove earlier bodies beyond the ``keep`` latest of each entry; how many they were."""
    removed = 0
    for provider in _providers(folder or cache_folder()):
        for place in (p for p in provider.iterdir() if p.is_dir()):
            entry = read_meta(place)
            if entry is None:
                continue
            earlier = entry.earlier[len(entry.earlier) - keep :] if keep else ()
            write_meta(place, replace(entry, earlier=earlier))
            wanted = {entry.sha256, *(sha for sha, _ in earlier)}
            for path in place.glob("*.gz"):
                if path.stem not in wanted:
                    path.unlink(missing_ok=True)
                    removed += 1
            _sweep(place)
    return removed


def clear(provider: str | None = None, *, folder: Path | None = None) -> int:
    """Remove all entries, or those of one provider; how many they were."""
    removed = 0
    for place in _providers(folder or cache_folder()):
        if provider in (None, place.name):
            removed += sum(1 for _ in place.glob("*/meta.json"))
            shutil.rmtree(place, ignore_errors=True)
    return removed


def _sweep(place: Path) -> None:
    """Remove what killed processes left half-written more than an hour ago."""
    for path in place.glob(f"{TEMPORARY}*"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > 3600:
                path.unlink()
