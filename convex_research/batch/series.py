"""The batch's series: fetched once into a snapshot, and cut into what one pair needs."""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.catalogue import load_catalogue
from convex_research.core.errors import ConvexResearchError, InputError
from convex_research.data import write_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from convex_research.batch.log import BatchLog
    from convex_research.publishing.request import PairRequest

__all__ = ["Store", "earliest_starts", "fetched"]


@contextmanager
def fetched(requests: Sequence[PairRequest], kept: Path | None, log: BatchLog) -> Iterator[Store]:
    """Every series in a snapshot, fetched unless one is there; what failed is in it too."""
    names = list(dict.fromkeys(n for one in requests for n in one.series))

    def tell(_: str, error: ConvexResearchError | None) -> None:
        log.tell("fetched", error=str(error) if error else None, series=len(names))

    with tempfile.TemporaryDirectory(prefix="convex-batch-") as temporary:
        folder = (kept or Path(temporary) / "snapshot").resolve()
        with log.stage("fetch"):
            if not folder.is_dir():
                log.tell("start", series=len(names), pairs=len(requests))
                write_snapshot(names, folder, starts=earliest_starts(requests), progress=tell)
            store = Store(folder)
        yield store


def earliest_starts(requests: Sequence[PairRequest]) -> dict[str, date]:
    """Earliest start of each series that only pairs with a start use, as a leg or a helper."""
    asked: dict[str, list[date | None]] = {}
    for one in requests:
        for name in one.series:
            asked.setdefault(name, []).append(one.start)
    return {
        name: min(start for start in starts if start is not None)
        for name, starts in asked.items()
        if None not in starts
    }


class Store:
    """A snapshot on disk, read by the piece.

    Parameters
    ----------
    folder : Path
        As :func:`convex_research.data.write_snapshot` wrote it.

    Raises
    ------
    InputError
        If it is not one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            manifest = json.loads((folder / "manifest.json").read_bytes())
            self._format, self._entries = manifest["format"], dict(manifest["series"])
        except (OSError, ValueError, KeyError, TypeError):
            raise InputError(f"{folder.name} has no readable manifest.json.") from None
        self._hashes: dict[str, str] = {}

    def entry(self, name: str) -> dict[str, Any] | None:
        """What the snapshot says of a series, under this or another name of it."""
        if name.strip() not in self._entries:
            asked = _order(name)
            same = (e for n, e in self._entries.items() if asked and _order(n) == asked)
            self._entries[name.strip()] = next(same, None)
        found: dict[str, Any] | None = self._entries[name.strip()]
        return found

    def hashes(self, names: Sequence[str]) -> dict[str, str]:
        """Hash of each series with its provenance; of the error where it has none."""
        for name in names:
            if name not in self._hashes:
                text = json.dumps(self.entry(name), sort_keys=True)
                self._hashes[name] = hashlib.sha256(text.encode()).hexdigest()
        return {name: self._hashes[name] for name in names}

    def end(self, name: str) -> str | None:
        """Last observation of a series, as ISO text."""
        entry = self.entry(name)
        return entry["provenance"]["end"] if entry is not None and "error" not in entry else None

    def part(self, names: Sequence[str]) -> dict[str, bytes]:
        """A snapshot of these series alone, as bytes by file name."""
        entries = {name.strip(): self.entry(name) for name in names}
        held = {name: entry for name, entry in entries.items() if entry is not None}
        manifest = {"format": self._format, "series": held}
        files = {"manifest.json": json.dumps(manifest).encode()}
        for entry in held.values():
            if "file" in entry:
                path = self._folder / str(entry["file"]).rpartition("/")[2]
                files[path.name] = path.read_bytes() if path.is_file() else b""
        return files


def _order(name: str) -> tuple[Any, ...] | None:
    try:
        return load_catalogue().order(name)
    except ConvexResearchError:
        return None
