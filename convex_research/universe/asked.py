"""What a universe was asked for by, and what its members are called."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from convex_research.catalogue.symbols import FILES, parse_symbol
from convex_research.core.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from convex_research.data.files.memory import HandedOver
    from convex_research.data.series import SeriesData

__all__ = ["Asked", "public", "short_names"]


def public(symbol: str) -> str:
    """A symbol without the folder of its file; a list of them by its file's name."""
    if symbol.partition(":")[0].strip().lower() in FILES:
        return parse_symbol(symbol).public
    return PurePath(symbol).name if "/" in symbol and ":" not in symbol else symbol


class Asked(NamedTuple):
    """What a universe was asked for by, so that its page can load it again.

    - ``universe``: texts as :func:`~convex_research.universe.load.screen` takes them; none where
      the series lie in ``memory``.
    """

    universe: tuple[str, ...]
    start: date | None = None
    as_of: date | None = None
    accept: tuple[str, ...] = ()
    skip_missing: bool = False
    memory: HandedOver | None = None


def short_names(series: Sequence[SeriesData]) -> dict[str, str]:
    """Short names by symbol; of rates with one base, the other currency."""
    symbols = [one.provenance.symbol for one in series]
    short = [min(one.instrument.name, one.instrument.id, key=len) for one in series]
    if {one.provenance.provider for one in series} == {"fx"}:
        short = [symbol.partition(":")[2] for symbol in symbols]
        if len({one[:3] for one in short}) == 1:
            short = [one[3:] for one in short]
    short = [printable(one, limit=24) for one in short]
    if len(set(short)) < len(short):
        short = [printable(one, limit=40) for one in symbols]
    return dict(zip(symbols, short, strict=True))
