"""Measuring a plan of blocks: here, on processes or on Dask, and on from where a run ended."""

from __future__ import annotations

import hashlib
import io
import shutil
import time
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING

import numpy as np

from convex_research.batch.tasks import PageFailed, program
from convex_research.core.errors import InputError
from convex_research.core.files import locked, prepare_folder, write_atomically
from convex_research.data.cache.store import cache_folder
from convex_research.universe.blocks import BlockDone, BlockTask, joined, keys
from convex_research.universe.measures import Measures, columns

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from pathlib import Path

    from convex_research.batch.run import BatchChoices
    from convex_research.batch.tasks import Page
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.typing import Array, Indices
    from convex_research.universe.blocks import Block

__all__ = ["measured"]

_FEW = 4  # blocks that take as long as starting workers
_MANY = 30  # blocks that are worth going on with: half a minute
_KEPT = 14 * 86400.0  # seconds that an ended run waits to be gone on with


def measured(
    blocks: Sequence[Block],
    config: AnalysisConfig,
    choices: BatchChoices,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Measures:
    """Measure every block; the same bytes wherever, and however often it was interrupted.

    Blocks of a large universe are written into the cache as they are done. A run that was ended is
    gone on with by the next one of the same inputs, and a finished one removes them.

    Parameters
    ----------
    blocks : sequence of Block
        From :func:`~convex_research.universe.blocks.plan`.
    config : AnalysisConfig
        Of the blocks.
    choices : BatchChoices
        Workers and where they are; without a number of them, a small plan is worked off here.
    progress : callable, optional
        Called with the number of blocks that are done, and of all.

    Raises
    ------
    InputError
        If a block cannot be measured, or another process measures the same.
    """
    if len(blocks) <= _MANY:
        parts = _Parts(len(blocks))
        _work_off(blocks, parts, choices, progress)
        return parts.joined(config)
    listed = keys(blocks)
    place = hashlib.sha256("".join(listed).encode()).hexdigest()[:16]
    folder = prepare_folder(cache_folder() / "screens" / place)
    _remove_old(folder.parent)
    with locked(folder, InputError("another process measures the same universe; wait for it.")):
        parts = _Parts(len(blocks), [folder / f"{key[:32]}.npy" for key in listed])
        _work_off(blocks, parts, choices, progress)
        made = parts.joined(config)
    shutil.rmtree(folder, ignore_errors=True)
    return made


class _Parts:
    """Numbers of the blocks that are done, in memory or in files: first both places, then columns.

    Columns are read one by one, so that no more than one of all pairs is in memory twice.
    """

    def __init__(self, count: int, files: Sequence[Path] = ()) -> None:
        self._files = files
        self._held: list[Array | None] = [None] * count
        for number, path in enumerate(files):
            if path.exists():
                self._held[number] = np.load(path, mmap_mode="r")

    @property
    def missing(self) -> list[int]:
        """Numbers of the blocks that are to be measured."""
        return [number for number, one in enumerate(self._held) if one is None]

    def keep(self, number: int, pairs: Indices, values: Array) -> None:
        """Take in a block that is done."""
        made = np.concatenate([pairs.T.astype(np.float64), values])
        if self._files:
            written = io.BytesIO()
            np.save(written, made)
            write_atomically(self._files[number], written.getvalue())
            made = np.load(self._files[number], mmap_mode="r")
        self._held[number] = made

    def joined(self, config: AnalysisConfig) -> Measures:
        """Every pair of every block."""
        names = columns(config)
        parts = [one for one in self._held if one is not None]
        return joined(
            (
                Measures(one[:2].T.astype(np.intp), dict(zip(names, one[2:], strict=True)))
                for one in parts
            ),
            config,
        )


def _work_off(
    blocks: Sequence[Block],
    parts: _Parts,
    choices: BatchChoices,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Measure what is missing."""
    if progress is not None:
        progress(len(blocks) - len(parts.missing), len(blocks))
    tasks = (
        BlockTask(number=number, block=blocks[number], program=program())
        for number in parts.missing
    )
    few = choices.jobs is None and len(blocks) < _FEW
    here = choices.executor == "processes" and (choices.jobs == 1 or few)
    with nullcontext() if here else choices.start() as executor:
        results = _here(tasks) if executor is None else executor.results(tasks)
        with closing(results):
            for outcome in results:
                if isinstance(outcome, PageFailed):
                    raise InputError(f"a block of the screen failed: {outcome.reason}")
                if isinstance(outcome, BlockDone):
                    parts.keep(int(outcome.slug), outcome.pairs, outcome.values)
                    if progress is not None:
                        progress(len(blocks) - len(parts.missing), len(blocks))


def _here(tasks: Iterable[BlockTask]) -> Generator[Page]:
    """One after the other in this process."""
    for task in tasks:
        yield from task.outcomes()


def _remove_old(folder: Path) -> None:
    """Remove what nobody has gone on with."""
    for one in folder.iterdir():
        if time.time() - one.stat().st_mtime > _KEPT:
            shutil.rmtree(one, ignore_errors=True)
