"""Every series of a batch, fetched once, before the first page."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.batch.series import Store, earliest_starts
from convex_research.data import write_snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from convex_research.batch.log import BatchLog
    from convex_research.core.errors import ConvexResearchError
    from convex_research.publishing.request import PairRequest

__all__ = ["fetched"]


@contextmanager
def fetched(requests: Sequence[PairRequest], kept: Path | None, log: BatchLog) -> Iterator[Store]:
    """Every series in a snapshot, fetched unless one is there; what failed is in it too."""
    with tempfile.TemporaryDirectory(prefix="convex-batch-") as temporary:
        folder = (kept or Path(temporary) / "snapshot").resolve()
        with log.stage("fetch"):
            if not folder.is_dir():
                _fetch(requests, folder, log)
            store = Store(folder)
        yield store


def _fetch(requests: Sequence[PairRequest], folder: Path, log: BatchLog) -> None:
    names = list(dict.fromkeys(n for one in requests for n in one.series))

    def told(_: str, error: ConvexResearchError | None) -> None:
        log.tell("fetched", error=str(error) if error else None, series=len(names))

    log.tell("start", series=len(names), pairs=len(requests))
    write_snapshot(names, folder, starts=earliest_starts(requests), progress=told)
