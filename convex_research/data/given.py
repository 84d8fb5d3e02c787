"""A pair as people give it: symbols, catalogue names, series and frames, in any mixture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from convex_research.catalogue import Pair, load_catalogue
from convex_research.catalogue.symbols import FILES
from convex_research.core.errors import InputError, refuse_unknown
from convex_research.data.context import ROLES, helper_names, load_helpers
from convex_research.data.files.memory import columns_of, hand_over, is_tabular
from convex_research.data.loading import load_prices, load_series
from convex_research.data.series import Prices, SeriesData

if TYPE_CHECKING:
    from datetime import date

    from convex_research.data.files.memory import HandedOver

__all__ = ["Given", "given"]


@dataclass(frozen=True, slots=True)
class Given:
    """A pair and its helper series, of which some may lie in memory.

    Parameters
    ----------
    pair : Pair
        Symbols of the legs.
    helpers : mapping of str to str or SeriesData, optional
        Further series by role that take the place of the catalogue's, ``None`` for none; an empty
        mapping for none at all, and the catalogue's where there is no mapping.
    memory : HandedOver, optional
        What was handed over in memory, and is named so in pair and helpers.
    """

    pair: Pair
    helpers: Mapping[str, str | SeriesData | None] | None = None
    memory: HandedOver | None = None

    def prices(self, start: date | None = None, end: date | None = None) -> Prices:
        """Both legs; see :func:`convex_research.load_prices`."""
        if self.memory is None:
            return load_prices(self.pair, start=start, end=end)
        return Prices(self.pair, *(self._load(x, start, end) for x in (self.pair.a, self.pair.b)))

    def load_helpers(
        self, start: date | None = None, end: date | None = None
    ) -> dict[str, SeriesData]:
        """The helper series by role; see :func:`convex_research.load_helpers`."""
        if self.helpers is not None and not self.helpers:
            return {}
        asked = self.helpers or {}
        at_hand = {
            role: one if isinstance(one, SeriesData) else self._load(one, start, end)
            for role, one in asked.items()
            if isinstance(one, SeriesData) or (one and self._holds(one))
        }
        chosen = {r: None if r in at_hand else one for r, one in asked.items()}
        symbols = {r: one for r, one in chosen.items() if not isinstance(one, SeriesData)}
        return load_helpers(self.pair, start, end, chosen=symbols) | at_hand

    def placed(self, places: Mapping[str, str]) -> tuple[Pair, dict[str, str | None]]:
        """Pair and helpers by symbols alone, those in memory at the places they were written to."""
        pair = Pair(*(places.get(leg, leg) for leg in (self.pair.a, self.pair.b)))
        if self.helpers is not None and not self.helpers:
            return pair, dict.fromkeys(helper_names(self.pair))
        symbols = {
            role: one.provenance.symbol if isinstance(one, SeriesData) else one
            for role, one in (self.helpers or {}).items()
        }
        return pair, {role: places.get(one or "", one) for role, one in symbols.items()}

    def _holds(self, symbol: str) -> bool:
        return self.memory is not None and symbol in self.memory.symbols

    def _load(self, symbol: str, start: date | None, end: date | None) -> SeriesData:
        if self.memory is not None and symbol in self.memory.symbols:
            return self.memory.load(symbol, start, end)
        return load_series(symbol, start, end)


def given(
    a: object,
    b: object = None,
    kind: str | tuple[str, str] = "price",
    helpers: Mapping[str, Any] | None = None,
) -> Given:
    """What is meant by two symbols or series, one frame, or a :class:`Pair`.

    Parameters
    ----------
    a, b, kind, helpers
        As :func:`convex_research.study` takes them.

    Raises
    ------
    InputError
        If they are no pair, or a helper is no series or in no known role.
    """
    if isinstance(a, Pair) and b is None:
        legs: list[Any] = [a.a, a.b]
    else:
        legs = _legs(a, b)
    if not isinstance(helpers, Mapping | None):
        kind = type(helpers).__name__
        raise InputError(f'helpers must be a mapping such as {{"market": "SPY"}}; got {kind}.')
    refuse_unknown(helpers or {}, ROLES, "role")
    further = {role: _helper(role, one) for role, one in (helpers or {}).items()}
    series = [one for one in (*legs, *further.values()) if isinstance(one, pd.Series)]
    memory = None
    if series:
        count = sum(isinstance(one, pd.Series) for one in legs)
        kinds = (kind,) * count if isinstance(kind, str) else tuple(kind)
        roles = [role for role, one in further.items() if isinstance(one, pd.Series)]
        usual = [load_catalogue().describe(ROLES[role]) for role in roles]
        units = ("",) * count + tuple(one.unit if one.kind != "price" else "" for one in usual)
        memory = hand_over(series, (*kinds, *(one.kind for one in usual)), units)
    names = iter(memory.symbols if memory else ())
    pair = a if isinstance(a, Pair) else Pair(*(_named(one, names) for one in legs))
    roles_of = {role: _named(one, names) for role, one in further.items()}
    return Given(pair, None if helpers is None else roles_of, memory)


def _named(one: Any, names: Any) -> Any:
    return next(names) if isinstance(one, pd.Series) else one


def _legs(a: object, b: object) -> list[Any]:
    """Two symbols or series."""
    legs = [a] if b is None else [a, b]
    if not all(isinstance(one, str) or is_tabular(one) for one in legs):
        raise InputError(
            "a study needs two symbols or series, one Pair, or one frame of two columns; "
            f"got {' and '.join(type(one).__name__ for one in legs)}."
        )
    columns = [[one] if isinstance(one, str) else columns_of(one) for one in legs]
    flat = [one for each in columns for one in each]
    if len(flat) != 2:
        names = ", ".join(repr(one if isinstance(one, str) else one.name) for one in flat[:12])
        long = any(one.index.has_duplicates for one in flat if isinstance(one, pd.Series))
        hint = " A long frame is widened by its pivot method." if long else ""
        raise InputError(f"a study needs two series; got {len(flat)}: {names}.{hint}")
    return flat


def _helper(role: str, one: Any) -> Any:
    """A symbol, a loaded series, or a series in memory; one of a file travels as the latter."""
    if isinstance(one, SeriesData) and one.provenance.provider in FILES:
        return one.values.rename(one.instrument.name)
    if one is None or isinstance(one, str | SeriesData):
        return one
    columns = columns_of(one) if is_tabular(one) else []
    if len(columns) != 1:
        raise InputError(f"helper {role} must be a symbol or one series; got {type(one).__name__}.")
    return columns[0]
