"""``cr.screen``: a universe of symbols, files or a frame, loaded and measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from convex_research.batch.plan import listed_symbols
from convex_research.batch.run import BatchChoices
from convex_research.core.config import AnalysisConfig, as_day
from convex_research.core.errors import ConvexResearchError, InputError, printable
from convex_research.data.files.content import one_reading
from convex_research.data.files.memory import columns_of, hand_over, is_tabular
from convex_research.data.loading import load_series
from convex_research.data.quality.gate import admitted, check_series
from convex_research.universe.asked import Asked
from convex_research.universe.blocks import plan
from convex_research.universe.run import measured
from convex_research.universe.screen import Screen
from convex_research.universe.tracks import frequency_of, track

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from datetime import date

    from convex_research.core.config import ReturnKind
    from convex_research.data.series import QualityNote, SeriesData

__all__ = ["screen", "screen_of"]

_FEWEST = 60
_ENDED = 31  # days before most others
_PEGGED = 2e-4  # deviation of a day's move of a rate: a third of a per cent a year
_YEAR = 252


@dataclass
class _Loaded:
    """Series by the symbol asked for, and why others are not among them."""

    series: dict[str, SeriesData] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    quality: dict[str, list[QualityNote]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        symbols: Iterable[str],
        load: Callable[[str], SeriesData],
        accept: Collection[str],
    ) -> _Loaded:
        """Load symbols, each once."""
        made = cls()
        with one_reading():
            for symbol in dict.fromkeys(symbols):
                try:
                    series = load(symbol)
                except ConvexResearchError as error:
                    made.missing[symbol] = printable(error, limit=300)
                else:
                    made.take(symbol, series, accept)
        return made

    def take(self, asked: str, series: SeriesData, accept: Collection[str]) -> None:
        """Keep a series that the gate admits, once."""
        notes = check_series(series)
        try:
            admitted(notes, accept)
        except ConvexResearchError as error:
            self.missing[asked] = printable(error, limit=300)
            return
        if series.provenance.symbol not in self.known:
            self.known.add(series.provenance.symbol)
            self.series[asked] = series
            self.quality[asked] = [one for one in notes if one.level != "note"]


def screen(
    universe: Any,
    *,
    name: str = "universe",
    config: AnalysisConfig | None = None,
    start: date | str | None = None,
    as_of: date | str | None = None,
    returns: ReturnKind = "simple",
    accept: Collection[str] = (),
    skip_missing: bool = False,
    offline: bool | None = None,
    jobs: int | None = None,
    executor: Literal["processes", "dask"] = "processes",
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Screen:
    """Measure every pair of many instruments.

    Parameters
    ----------
    universe : str, sequence of str, or DataFrame
        Symbols with commas, a file with one symbol a line, ``"file:prices.csv#*"`` for all series
        of a file, or a list of such; or a frame of prices on dates, a column each.
    name : str
        Of the universe, for its page.
    config : AnalysisConfig, optional
        Windows, level and frequency.
    start, as_of : datetime.date or str, optional
        Inclusive bounds on prices.
    returns : {"simple", "log"}
        How prices become returns.
    accept : collection of str
        Checks of the quality gate whose refusal is overruled, by name.
    skip_missing : bool
        Whether instruments that cannot be had or used are left out and named, rather than an error.
    offline : bool, optional
        Whether only what is kept may be used.
    jobs, executor, scheduler
        Workers for blocks of pairs; see :class:`~convex_research.batch.run.BatchChoices`.
    progress : callable, optional
        Called with the number of blocks that are done, and of all.

    Returns
    -------
    Screen
        Without instruments that are too short, that ended long before most others, that are
        pegged, or that are another under a second name: ``skipped`` says which, and why.

    Raises
    ------
    InputError
        If fewer than two instruments are left, or some cannot be had; all are named at once.

    Examples
    --------
    >>> s = screen("sample:sp500,sample:nasdaq,sample:wti")
    >>> round(float(s.matrix().loc["sample:sp500", "sample:nasdaq"]), 2)
    0.96
    """
    choices = BatchChoices(jobs=jobs, executor=executor, scheduler=scheduler)
    first, last = as_day(start, "start"), as_day(as_of, "as_of")
    if first is not None and last is not None and first > last:
        raise InputError(f"The start {first} is after the as-of date {last}.")
    memory = hand_over(columns_of(universe)) if is_tabular(universe) else None
    symbols = memory.symbols if memory is not None else _symbols(universe)
    load = memory.load if memory is not None else partial(load_series, offline=offline)
    loaded = _Loaded.of(symbols, lambda one: load(one, first, last), accept)
    if loaded.missing and not skip_missing:
        raise InputError(_missing(loaded))
    texts = () if memory is not None else tuple(_texts(universe))
    asked = Asked(texts, first, last, tuple(accept), skip_missing, memory)
    return _measured(
        loaded,
        asked,
        name=name,
        config=config,
        returns=returns,
        choices=choices,
        progress=progress,
    )


def screen_of(
    series: Iterable[SeriesData],
    *,
    name: str = "universe",
    config: AnalysisConfig | None = None,
    returns: ReturnKind = "simple",
    jobs: int | None = None,
) -> Screen:
    """Measure every pair of loaded series; see :func:`screen`."""
    loaded = _Loaded()
    for one in series:
        loaded.take(one.provenance.symbol, one, ())
    if loaded.missing:
        raise InputError(_missing(loaded))
    asked = Asked(tuple(loaded.series))
    choices = BatchChoices(jobs=jobs)
    return _measured(loaded, asked, name=name, config=config, returns=returns, choices=choices)


def _missing(loaded: _Loaded) -> str:
    """Everything that cannot be had, and why the first cannot."""
    names, reasons = zip(*loaded.missing.items(), strict=True)
    listed = ", ".join(printable(one, limit=60) for one in names)
    total = len(names) + len(loaded.series)
    one = f"{len(names):,} of {total:,} instruments cannot be had: {listed}."
    why = " ".join(dict.fromkeys(reasons)) if len(names) <= 3 else f"The first: {reasons[0]}"
    return f"{one} {why} To go on without them: --skip-missing (skip_missing=True)."


def _measured(
    loaded: _Loaded,
    asked: Asked,
    *,
    name: str,
    config: AnalysisConfig | None,
    returns: ReturnKind,
    choices: BatchChoices,
    progress: Callable[[int, int], None] | None = None,
) -> Screen:
    config = config or AnalysisConfig()
    if config.interval != "jackknife":
        raise InputError(f"a screen has jackknife intervals, not {config.interval}.")
    _leave_out(loaded)
    known = loaded.series
    if len(known) < 2:
        reasons = " ".join([*loaded.missing.values(), *loaded.left.values()])
        raise InputError(f"a screen needs two instruments or more. {reasons}".strip())
    frequency = frequency_of(list(known.values()), config.frequency)
    tracks = tuple(track(one, frequency) for one in known.values())
    blocks = plan(tracks, config, returns, frequency)
    measures = measured(blocks, config, choices, progress=progress)
    return Screen(
        name=name,
        tracks=tracks,
        measures=measures,
        config=config,
        kind=returns,
        frequency=frequency,
        skipped=loaded.missing | loaded.left,
        sources=tuple(known),
        quality=tuple(note for one in known for note in loaded.quality[one]),
        asked=asked,
    )


def _leave_out(loaded: _Loaded) -> None:
    """Move out of the series what is too short, ended, pegged, or there under another name."""
    long = {k: s for k, s in loaded.series.items() if len(s.values) >= _FEWEST}
    for symbol, one in loaded.series.items():
        if symbol not in long:
            rows = len(one.values)
            loaded.left[symbol] = f"{_shown(one)} has {rows} observations; {_FEWEST} are needed."
    ends = {k: s.values.index[-1] for k, s in long.items()}
    usual = sorted(ends.values())[len(ends) // 2] if ends else None
    first: dict[bytes, SeriesData] = {}
    for symbol, one in long.items():
        content = one.values.to_numpy().tobytes() + one.values.index.to_numpy().tobytes()
        twin = first.setdefault(content, one)
        if usual is not None and (usual - ends[symbol]).days > _ENDED:
            loaded.left[symbol] = (
                f"{_shown(one)} ends {ends[symbol]:%Y-%m-%d}, most others {usual:%Y-%m-%d}."
            )
        elif _pegged(one):
            loaded.left[symbol] = f"{_shown(one)} is pegged: it hardly moves."
        elif twin is not one:
            loaded.left[symbol] = f"{_shown(one)} is {_shown(twin)} under another name."
    for symbol in loaded.left:
        loaded.series.pop(symbol, None)


def _shown(series: SeriesData) -> str:
    return printable(series.provenance.symbol, limit=60)


def _pegged(series: SeriesData) -> bool:
    """Whether a rate of two currencies stood still over the past year."""
    if series.provenance.provider != "fx":
        return False
    moves = np.diff(np.log(series.values.to_numpy()[-_YEAR - 1 :]))
    return bool(moves.std() < _PEGGED)


def _texts(universe: Any) -> list[str]:
    listed = [universe] if isinstance(universe, str) else universe
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        kind = type(universe).__name__
        raise InputError(f"screen needs symbols, or a frame of prices; got {kind}.")
    return [one.strip() for one in listed if one.strip()]


def _symbols(universe: Any) -> Iterable[str]:
    """Symbols of texts, each a file, a list, or a symbol that stands for one or several."""
    return (one for text in _texts(universe) for one in listed_symbols(text))
