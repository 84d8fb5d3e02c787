"""Which provider answers which symbols.

Another package adds one through the entry point group ``convex_research.providers``:
a class with ``load`` (:class:`Provider`), or one with the two pure functions ``request``
and ``parse`` (:class:`convex_research.data.http.exchange.Reader`), which then has cache,
transport, keys and offline use for nothing.
"""

from __future__ import annotations

import difflib
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol, cast

from convex_research.core.errors import InputError, printable

if TYPE_CHECKING:
    from datetime import date

    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.http.exchange import Reader
    from convex_research.data.series import SeriesData

__all__ = ["Provider", "provider_named", "provider_names"]

ENTRY_POINT_GROUP = "convex_research.providers"

_BUILT_IN = {
    "sample": "convex_research.data.providers.sample:SampleProvider",
    "csv": "convex_research.data.files.userfile:FileProvider",
    "file": "convex_research.data.files.userfile:FileProvider",
    "cboe": "convex_research.data.providers.cboe:CboeReader",
    "coingecko": "convex_research.data.providers.coingecko:CoingeckoReader",
    "dbnomics": "convex_research.data.providers.dbnomics:DbnomicsReader",
    "ecb": "convex_research.data.providers.ecb:EcbReader",
    "fx": "convex_research.data.providers.fx:FxProvider",
    "fred": "convex_research.data.providers.fred:FredReader",
    "stooq": "convex_research.data.providers.stooq:StooqReader",
    "tiingo": "convex_research.data.providers.tiingo:TiingoReader",
    "yahoo": "convex_research.data.providers.yahoo:YahooReader",
}


class Provider(Protocol):
    """What answers the symbols of one provider: ``name`` is what stands before the colon."""

    def load(
        self, symbol: Symbol, instrument: Instrument, start: date | None, end: date | None
    ) -> SeriesData:
        """Load a series, bounded inclusively by ``start`` and ``end``.

        Raises
        ------
        ProviderError, DataError
            What the source answered instead of data, or that these cannot be used.
        """
        ...


@cache
def _locations() -> dict[str, str]:
    others = {point.name: point.value for point in entry_points(group=ENTRY_POINT_GROUP)}
    return {**others, **_BUILT_IN}


def provider_names() -> tuple[str, ...]:
    """Names of all providers, built in and installed."""
    return tuple(sorted(_locations()))


@cache
def provider_named(name: str) -> Provider:
    """The provider with this name; an InputError offers the nearest names."""
    location = _locations().get(name)
    if location is None:
        near = difflib.get_close_matches(name, provider_names(), 1, 0.4)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise InputError(
            f"Unknown provider {printable(name)!r}.{hint} There are {', '.join(provider_names())}."
        )
    module, _, attribute = location.partition(":")
    instance = getattr(import_module(module), attribute)()
    if hasattr(instance, "load"):
        return cast("Provider", instance)
    from convex_research.data.providers.provider import HttpProvider

    return HttpProvider(reader=cast("Reader", instance))
