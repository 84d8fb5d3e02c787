"""A snapshot: every series of a run, fetched once, written down, never changed.

A folder with ``manifest.json`` and one array file per series. Pages are built from it
alone, so that all pages of a batch see the same data and a provider is asked once.
What could not be fetched is in the manifest too, and raises the same error again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import convex_research.core.errors as typed_errors
from convex_research.catalogue import load_catalogue
from convex_research.core.background import in_background
from convex_research.core.errors import (
    ConvexResearchError,
    DataError,
    InputError,
    NotInSnapshot,
    printable,
)
from convex_research.data.cache.packed import fields_of, pack_arrays, read_fields, unpack_arrays
from convex_research.data.order import load_in_order
from convex_research.data.providers.registry import provider_named
from convex_research.data.series import SeriesData

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

__all__ = ["SNAPSHOT_VARIABLE", "Snapshot", "load_from_snapshot", "write_snapshot"]

SNAPSHOT_VARIABLE = "CONVEX_RESEARCH_SNAPSHOT"
_FORMAT = "convex-research-snapshot/1"
_PER_PROVIDER = 3  # requests under way at one provider; spacing holds besides


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot's folder, what can be loaded from it, and why the rest cannot."""

    folder: Path
    symbols: tuple[str, ...]
    errors: dict[str, ConvexResearchError]


def write_snapshot(
    symbols: Iterable[str],
    folder: Path,
    *,
    starts: Mapping[str, date] | None = None,
    offline: bool | None = None,
    refresh: bool = False,
    progress: Callable[[str, ConvexResearchError | None], None] | None = None,
) -> Snapshot:
    """Fetch every symbol once, in parallel over providers, and write a snapshot.

    Parameters
    ----------
    symbols : iterable of str
        Names and symbols as pages will ask for them; repeated ones count once.
    folder : pathlib.Path
        A new folder: a snapshot is never changed (InputError).
    starts : mapping of str to datetime.date, optional
        Earliest start any page wants of a symbol, where all its pages have one; a
        provider whose free history is too short for it is then passed over.
    offline, refresh, progress
        See :func:`convex_research.data.load_series`; ``progress`` is told each symbol when it is
        done, with its error if it failed.
    """
    if folder.exists():
        raise InputError(f"{folder.name} exists; a snapshot is written to a new folder.")
    wanted = list(dict.fromkeys(symbol.strip() for symbol in symbols))
    early = {name.strip(): day for name, day in (starts or {}).items()}
    results = _fetch(wanted, early, offline=offline, refresh=refresh, progress=progress)
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        entries = {name: _write(building, name, result) for name, result in results.items()}
        manifest = {"format": _FORMAT, "series": entries}
        path = building / "manifest.json"
        path.write_text(json.dumps(manifest, indent=1, ensure_ascii=False), "utf-8")
        for file in building.iterdir():
            file.chmod(0o444)
        building.chmod(0o755)
        building.rename(folder)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise
    errors = {n: r for n, r in results.items() if isinstance(r, ConvexResearchError)}
    return Snapshot(folder, tuple(n for n in results if n not in errors), errors)


def _fetch(
    names: list[str],
    starts: Mapping[str, date],
    *,
    offline: bool | None,
    refresh: bool,
    progress: Callable[[str, ConvexResearchError | None], None] | None,
) -> dict[str, SeriesData | ConvexResearchError]:
    """Load all, each provider by its own few threads; errors are results."""

    def load(name: str) -> SeriesData | ConvexResearchError:
        try:
            return load_in_order(name, starts.get(name), None, offline=offline, refresh=refresh)
        except ConvexResearchError as error:
            return error

    results: dict[str, SeriesData | ConvexResearchError] = {}
    groups: dict[str, deque[str]] = {}
    for name in names:
        groups.setdefault(_first_provider(name), deque()).append(name)

    def work_off(group: deque[str]) -> None:
        with suppress(IndexError):  # nothing is left
            while True:
                name = group.popleft()
                results[name] = result = load(name)
                if progress is not None:
                    progress(name, result if isinstance(result, ConvexResearchError) else None)

    try:
        workers = [
            in_background(work_off, g) for g in groups.values() for _ in range(_PER_PROVIDER)
        ]
        for worker in workers:
            worker.result()
    finally:
        for group in groups.values():
            group.clear()  # after an interrupt no more is asked for
    return {name: results[name] for name in names}


def _first_provider(name: str) -> str:
    """The provider that will be asked first; those without their key are not asked."""
    try:
        symbols = load_catalogue().order(name)
        able = (s for s in symbols if not getattr(provider_named(s.provider), "lacks_key", False))
        return next(able, symbols[0]).provider
    except ConvexResearchError:
        return ""


def _write(folder: Path, name: str, result: SeriesData | ConvexResearchError) -> dict[str, Any]:
    if isinstance(result, ConvexResearchError):
        return {"error": type(result).__name__, "arguments": result.__reduce__()[1]}
    body = pack_arrays(result)
    stem = hashlib.sha256(name.encode()).hexdigest()[:16]  # a name may be a path
    (folder / f"{stem}.npz").write_bytes(body)
    sha256 = hashlib.sha256(body).hexdigest()
    return {"file": f"{stem}.npz", "sha256": sha256, **fields_of(result)}


def load_from_snapshot(folder: Path, name: str) -> SeriesData:
    """A series from a snapshot and nowhere else, by any name of its symbol.

    It is ``NotInSnapshot`` if the snapshot does not hold it, else what the provider raised when the
    snapshot was written.
    """
    path = folder / "manifest.json"
    try:
        entries = _manifest(str(path), path.stat().st_mtime_ns)
    except (OSError, ValueError, KeyError, TypeError):
        entries = None
    if entries is None:
        raise InputError(f"{SNAPSHOT_VARIABLE} names a folder without a readable manifest.json.")
    entry = entries.get(name.strip())
    if entry is None:
        order = load_catalogue().order(name)
        entry = next((entries[n] for n in entries if _same(n, order)), None)
    if entry is None:
        first = load_catalogue().order(name)[0]
        problem = "the snapshot of this run does not hold it."
        raise NotInSnapshot(first.provider, first.public, problem, "Name it when the run starts.")
    if "error" in entry:
        raise _error(entry)
    return _read(folder, entry, name)


def _same(name: str, asked: tuple[Any, ...]) -> bool:
    try:
        return load_catalogue().order(name) == asked
    except ConvexResearchError:
        return False


@lru_cache(maxsize=4)
def _manifest(path: str, _changed: int) -> dict[str, Any]:
    manifest = json.loads(Path(path).read_text("utf-8"))
    if manifest["format"] != _FORMAT:
        raise ValueError("another format")
    entries: dict[str, Any] = manifest["series"]
    return entries


def _error(entry: dict[str, Any]) -> ConvexResearchError:
    kind = getattr(typed_errors, str(entry["error"]), DataError)
    error: ConvexResearchError = kind(*map(str, entry["arguments"]))
    return error


def _read(folder: Path, entry: dict[str, Any], name: str) -> SeriesData:
    try:
        body = (folder / os.path.basename(entry["file"])).read_bytes()  # noqa: PTH119  # a plain name is wanted, whatever the manifest says
    except OSError:
        body = b""
    if hashlib.sha256(body).hexdigest() != entry["sha256"]:
        raise DataError(f"{printable(name)}: its file in the snapshot is missing or damaged.")
    values, raw = unpack_arrays(body)
    return SeriesData(values=values, raw=raw, **read_fields(SeriesData, entry))
