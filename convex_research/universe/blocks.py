"""A universe as blocks of pairs: a plan whose parts are measured anywhere, in any order."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.universe.measures import Measures, columns, measure
from convex_research.universe.tracks import calendars

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from convex_research.core.config import AnalysisConfig, ReturnKind
    from convex_research.data.series import Frequency
    from convex_research.universe.tracks import Track

__all__ = ["Block", "joined", "plan", "work"]

_SIDE = 128  # legs a side: a block takes a second or two


class Block(NamedTuple):
    """Legs of both sides, with all that it takes to measure their pairs.

    - ``tracks``: those of both sides, by place.
    - ``left``, ``right``: places in the universe.
    """

    tracks: dict[int, Track]
    left: tuple[int, ...]
    right: tuple[int, ...]
    config: AnalysisConfig
    kind: ReturnKind
    frequency: Frequency


def plan(
    tracks: Sequence[Track], config: AnalysisConfig, kind: ReturnKind, frequency: Frequency
) -> list[Block]:
    """Blocks that hold every pair once."""
    sides = [
        tuple(group[first : first + _SIDE])
        for group in calendars(tracks)
        for first in range(0, len(group), _SIDE)
    ]
    return [
        Block({i: tracks[i] for i in {*left, *right}}, left, right, config, kind, frequency)
        for left, right in combinations_with_replacement(sides, 2)
        if len({*left, *right}) > 1
    ]


def work(block: Block) -> Measures:
    """Measure the pairs of one block."""
    return measure(
        block.tracks,
        block.left,
        block.right,
        block.config,
        kind=block.kind,
        frequency=block.frequency,
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
