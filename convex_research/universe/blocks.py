"""A universe as blocks of pairs: a plan whose parts are measured anywhere, in any order."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.batch.tasks import Assignment, Page, PageFailed, program
from convex_research.core.errors import printable
from convex_research.universe.measures import Measures, columns, measure
from convex_research.universe.tracks import calendars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from convex_research.core.config import AnalysisConfig, ReturnKind
    from convex_research.core.typing import Array, Indices
    from convex_research.data.series import Frequency
    from convex_research.universe.tracks import Track

__all__ = ["Block", "BlockDone", "BlockTask", "joined", "keys", "plan", "work"]

_SIDE = 128  # legs a side: a block takes a second or two
_TIMEOUT = 3600.0


class Block(NamedTuple):
    """Legs of both sides, with all that it takes to measure their pairs.

    - ``tracks``: those of both sides, by place.
    - ``left``, ``right``: places in the universe, those of one calendar together.
    """

    tracks: dict[int, Track]
    left: tuple[tuple[int, ...], ...]
    right: tuple[tuple[int, ...], ...]
    config: AnalysisConfig
    kind: ReturnKind
    frequency: Frequency


def plan(
    tracks: Sequence[Track], config: AnalysisConfig, kind: ReturnKind, frequency: Frequency
) -> list[Block]:
    """Blocks that hold every pair once."""
    sides: list[list[tuple[int, ...]]] = [[]]
    for group in calendars(tracks):
        rest = tuple(group)
        while rest:
            room = _SIDE - sum(map(len, sides[-1]))
            if not room:
                sides.append([])
                continue
            sides[-1].append(rest[:room])
            rest = rest[room:]
    made = []
    for one, other in combinations_with_replacement(map(tuple, sides), 2):
        places = {i for group in (*one, *other) for i in group}
        if len(places) > 1:
            legs = {i: tracks[i] for i in sorted(places)}
            made.append(Block(legs, one, other, config, kind, frequency))
    return made


def work(block: Block) -> Measures:
    """Measure the pairs of one block."""
    same = block.left == block.right
    groups = (
        combinations_with_replacement(block.left, 2) if same else product(block.left, block.right)
    )
    return joined(
        (
            measure(
                block.tracks,
                left,
                right,
                block.config,
                kind=block.kind,
                frequency=block.frequency,
            )
            for left, right in groups
            if len({*left, *right}) > 1
        ),
        block.config,
    )


def joined(parts: Iterable[Measures], config: AnalysisConfig) -> Measures:
    """All parts as one, in the order of the pairs, whatever the order in which they came."""
    listed = list(parts)
    pairs = np.concatenate([one.pairs for one in listed])
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    return Measures(
        pairs[order],
        {
            name: np.concatenate([one.columns[name] for one in listed])[order]
            for name in columns(config)
        },
    )


def keys(blocks: Sequence[Block]) -> list[str]:
    """Hash of what each block's numbers depend on."""
    digests: dict[int, str] = {}
    made = []
    for block in blocks:
        for place, one in block.tracks.items():
            if place not in digests:
                values = one.periods.tobytes() + one.days.tobytes() + one.levels.tobytes()
                quoted = one.series.instrument.quoted.encode()
                digests[place] = hashlib.sha256(quoted + values).hexdigest()
        legs = [(place, digests[place]) for place in block.tracks]
        content = repr((program(), legs, *block[1:]))
        made.append(hashlib.sha256(content.encode()).hexdigest())
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDone(Page):
    """A block that was measured.

    - ``pairs`` (K, 2), ``values`` (C, K): columns in the order of their names.
    """

    pairs: Indices
    values: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockTask(Assignment):
    """A block for a worker, by its number in the plan."""

    number: int
    block: Block
    kinds: tuple[str, ...] = ("block",)
    page_timeout: float = _TIMEOUT

    @property
    def slug(self) -> str:
        """The number of the block."""
        return str(self.number)

    def outcomes(self) -> Iterator[Page]:
        """The block's numbers, or why there are none."""
        (kind,) = self.kinds
        try:
            made = work(self.block)
        except Exception as error:  # noqa: BLE001 - it is raised where the blocks are joined
            yield PageFailed(slug=self.slug, kind=kind, reason=printable(error, limit=300))
        else:
            values = np.stack(list(made.columns.values()))
            yield BlockDone(slug=self.slug, kind=kind, pairs=made.pairs, values=values)
