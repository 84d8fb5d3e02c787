"""Series that claims need besides the pair: a market leg, volatility, yields, credit.

What the catalogue offers and cannot be had is absent, without an error and without a word: the
claim that needs it says so. The embedded sample stays within itself, and pairs of the user's own
files or of embedded currencies never cause a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from convex_research.catalogue import load_catalogue
from convex_research.catalogue.symbols import EMBEDDED, FILES, parse_symbol
from convex_research.core.config import as_day
from convex_research.core.errors import (
    ConvexResearchError,
    SourceUnavailable,
    refuse_unknown,
)
from convex_research.data.loading import load_series

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from convex_research.catalogue import Pair
    from convex_research.data.series import SeriesData

__all__ = ["ROLES", "SAMPLE_ROLES", "chosen_helpers", "helper_names", "load_helpers"]

ROLES: dict[str, str] = {
    "market": "SPY",
    "mid_cap": "MDY",
    "small_cap": "IJR",
    "vix": "VIX",
    "yield_10y": "DGS10",
    "curve": "T10Y2Y",
    "hy_spread": "BAMLH0A0HYM2",
    "recessions": "USREC",
    "dollar": "DTWEXBGS",
    "oil": "DCOILWTICO",
}
"""Catalogue name behind each role."""

SAMPLE_ROLES: dict[str, str] = {"market": "sp500", "vix": "vix", "oil": "wti"}
"""The same for pairs of the embedded sample."""

# Instruments that are one thing under several names.
_SAME = (
    frozenset({"SPY", "SPX", "sp500"}),
    frozenset({"VIX", "vix"}),
    frozenset({"DCOILWTICO", "wti", "USO"}),
)


def helper_names(pair: Pair, chosen: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Symbol or catalogue name of every helper series a pair can use, by role.

    Those chosen take the place of the catalogue's, and ``None`` leaves a role out. So is a role
    that a leg fills. Pairs of the user's own files and of embedded currencies have chosen ones
    only: their pages ask nobody for anything. A file has its role's kind where it says none.

    Raises
    ------
    InputError
        If there is no such role, or a symbol is none.
    """
    catalogue, chosen = load_catalogue(), chosen or {}
    refuse_unknown(chosen, ROLES, "role")
    symbols = [catalogue.order(leg) for leg in (pair.a, pair.b)]
    providers = {one.provider for order in symbols for one in order}
    legs = {one.id for one in pair.instruments}
    taken = legs.union(*(group for group in _SAME if group & legs))
    roles = SAMPLE_ROLES if "sample" in providers else ROLES
    if "sample" not in providers and providers <= FILES | EMBEDDED:
        roles = {}
    asked = {role: one and _as_role(role, one) for role, one in chosen.items()}
    named = {**{role: name for role, name in roles.items() if name not in taken}, **asked}
    return {role: one for role, one in named.items() if one and catalogue.order(one) not in symbols}


def _as_role(role: str, symbol: str) -> str:
    """The symbol of a file, which has the kind and unit of its role where it says none."""
    usual = load_catalogue().describe(ROLES[role])
    if usual.kind == "price" or symbol.partition(":")[0].strip().lower() not in FILES:
        return symbol
    options = parse_symbol(symbol).options
    if {"kind", "id"} & {name for name, _ in options}:
        return symbol
    said = urlencode({"kind": usual.kind, "unit": usual.unit})
    return f"{symbol}{'&' if options else '?'}{said}"


def chosen_helpers(pair: Pair, helpers: Mapping[str, SeriesData]) -> dict[str, str]:
    """Symbols of those helper series that are not the catalogue's, by role, as they are shown."""
    usual = helper_names(pair)
    return {
        role: series.provenance.symbol
        for role, series in helpers.items()
        if role not in usual
        or series.provenance.symbol not in load_catalogue().series_names(usual[role])
    }


def load_helpers(
    pair: Pair,
    start: date | str | None = None,
    end: date | str | None = None,
    *,
    market: str | None = None,
    chosen: Mapping[str, str | None] | None = None,
    offline: bool | None = None,
) -> dict[str, SeriesData]:
    """The helper series of a pair by role, :data:`ROLES`, as far as they can be had.

    Parameters
    ----------
    pair : Pair
        The two symbols.
    start, end : date or ISO text, optional
        Bounds of the pair, inclusive.
    market : str, optional
        Symbol of the market; short for ``chosen={"market": ...}``.
    chosen : mapping of str to str, optional
        Symbols by role that take the place of the catalogue's; ``None`` leaves a role out.
    offline : bool, optional
        See :func:`convex_research.load_series`.

    Returns
    -------
    dict of str to SeriesData
        Of the catalogue's, what cannot be had is absent; once a provider does not answer it is not
        asked for the rest.

    Raises
    ------
    ConvexResearchError
        If a chosen one cannot be had.
    """
    chosen = {**(chosen or {}), **({"market": market} if market else {})}
    first, last = as_day(start, "start"), as_day(end, "as_of")
    found: dict[str, SeriesData] = {}
    silent: set[str] = set()
    for role, name in helper_names(pair, chosen).items():
        if role in chosen:
            found[role] = load_series(name, first, last, offline=offline)
            continue
        providers = {symbol.provider for symbol in load_catalogue().order(name)}
        if providers <= silent:
            continue
        try:
            found[role] = load_series(name, first, last, offline=offline)
        except SourceUnavailable:
            silent |= providers
        except ConvexResearchError:
            continue
    return found
