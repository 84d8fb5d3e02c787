"""``cr.screen``: a universe of symbols, files or a frame, loaded and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.core.config import AnalysisConfig, as_day
from convex_research.core.errors import ConvexResearchError, InputError, printable
from convex_research.data.files.memory import columns_of, hand_over, is_tabular
from convex_research.data.files.universe import symbols_of
from convex_research.data.loading import load_series
from convex_research.universe.blocks import joined, plan, work
from convex_research.universe.screen import Screen
from convex_research.universe.tracks import frequency_of, track

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from convex_research.core.config import ReturnKind
    from convex_research.data.series import SeriesData

__all__ = ["screen", "screen_of"]

_FEWEST = 60


def screen(
    universe: Any,
    *,
    name: str = "universe",
    config: AnalysisConfig | None = None,
    start: date | str | None = None,
    as_of: date | str | None = None,
    returns: ReturnKind = "simple",
    skip_missing: bool = False,
    offline: bool | None = None,
) -> Screen:
    """Measure every pair of many instruments.

    Parameters
    ----------
    universe : str, sequence of str, or DataFrame
        Symbols, in one string with commas or as a list; ``"file:prices.csv#*"`` for all series of
        a file; or a frame of prices on dates, a column each.
    name : str
        Of the universe, for its page.
    config : AnalysisConfig, optional
        Windows, level and frequency.
    start, as_of : datetime.date or str, optional
        Inclusive bounds on prices.
    returns : {"simple", "log"}
        How prices become returns.
    skip_missing : bool
        Whether instruments that cannot be had are left out and named, rather than an error.
    offline : bool, optional
        Whether only what is kept may be used.

    Returns
    -------
    Screen

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
    first, last = as_day(start, "start"), as_day(as_of, "as_of")
    series, missing = _loaded(universe, first, last, offline=offline)
    if missing and not skip_missing:
        listed = "; ".join(missing.values())
        raise InputError(
            f"{len(missing)} of {len(missing) + len(series)} instruments cannot be had: {listed} "
            "Leave them out, or go on without them by --skip-missing (skip_missing=True)."
        )
    return screen_of(series, name=name, config=config, returns=returns, skipped=missing)


def screen_of(
    series: Sequence[SeriesData],
    *,
    name: str = "universe",
    config: AnalysisConfig | None = None,
    returns: ReturnKind = "simple",
    skipped: dict[str, str] | None = None,
) -> Screen:
    """Measure every pair of loaded series; see :func:`screen`."""
    config, left = config or AnalysisConfig(), dict(skipped or {})
    known: dict[str, SeriesData] = {}
    for one in series:
        symbol = one.provenance.symbol
        if symbol in known:
            continue
        if len(one.values) < _FEWEST:
            left[symbol] = f"{symbol} has {len(one.values)} observations; {_FEWEST} are needed."
            continue
        known[symbol] = one
    if len(known) < 2:
        reasons = " ".join(left.values())
        raise InputError(f"a screen needs two instruments or more. {reasons}".strip())
    frequency = frequency_of(list(known.values()), config.frequency)
    tracks = tuple(track(one, frequency) for one in known.values())
    parts = map(work, plan(tracks, config, returns, frequency))
    measures = joined(parts, config)
    return Screen(name, tracks, measures, config, returns, frequency, left)


def _loaded(
    universe: Any, start: date | None, end: date | None, *, offline: bool | None
) -> tuple[list[SeriesData], dict[str, str]]:
    """Series by symbol, and why some cannot be had."""
    if is_tabular(universe):
        handed = hand_over(columns_of(universe))
        return [handed.load(symbol, start, end) for symbol in handed.symbols], {}
    found, missing = [], {}
    for symbol in _symbols(universe):
        try:
            found.append(load_series(symbol, start, end, offline=offline))
        except ConvexResearchError as error:
            missing[symbol] = printable(str(error), limit=300)
    return found, missing


def _symbols(universe: Any) -> Iterable[str]:
    """Symbols of a text or a list, each once."""
    listed = universe.split(",") if isinstance(universe, str) else universe
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        kind = type(universe).__name__
        raise InputError(f"screen needs symbols, or a frame of prices; got {kind}.")
    expanded = (one for text in listed if text.strip() for one in symbols_of(text.strip()))
    return dict.fromkeys(expanded)
