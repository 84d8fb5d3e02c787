"""Looking after the cache: what it holds, whether it is whole, and emptying it."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from convex_research.core.files import TEMPORARY
from convex_research.data.cache.store import (
    body_path,
    cache_folder,
    read_body,
    read_meta,
    write_meta,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
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


def _places(folder: Path | None) -> Iterator[tuple[str, Path]]:
    """Provider and folder of every entry."""
    for provider in _providers(folder or cache_folder()):
        yield from ((provider.name, one) for one in sorted(provider.iterdir()) if one.is_dir())


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
    for provider, place in _places(folder):
        entry, meta = read_meta(place), place / "meta.json"
        damaged = [path for path in place.glob("*.gz") if read_body(place, path.stem) is None]
        wrong = ["a body is damaged"] * len(damaged)
        if entry is None and meta.exists():
            damaged.append(meta)
            wrong.append("its description cannot be read")
        if entry and not body_path(place, entry.sha256).exists():
            wrong.append("its body is missing")
        name = entry.symbol if entry else place.name
        problems += [Problem(provider, name, what) for what in wrong]
        if repair:
            for path in damaged:
                path.unlink(missing_ok=True)
            _sweep(place)
    return tuple(problems)


def prune(folder: Path | None = None, *, keep: int = 1) -> int:
    """Remove earlier bodies beyond the ``keep`` latest of each entry; how many they were."""
    removed = 0
    for _, place in _places(folder):
        entry = read_meta(place)
        if entry is None:
            continue
        earlier = entry.earlier[len(entry.earlier) - keep :] if keep else ()
        write_meta(place, replace(entry, earlier=earlier))
        wanted = {entry.sha256, *(sha for sha, _ in earlier)}
        unwanted = [path for path in place.glob("*.gz") if path.stem not in wanted]
        for path in unwanted:
            path.unlink(missing_ok=True)
        removed += len(unwanted)
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
