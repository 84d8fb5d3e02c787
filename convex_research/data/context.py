"""Series that claims need besides the pair: a market leg, volatility, yields, credit.

What cannot be had is absent, without an error and without a word: the claim that needs it
says so. The embedded sample stays within itself, and pairs of the user's own files or of
embedded currencies never cause a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.catalogue import load_catalogue
from convex_research.catalogue.symbols import EMBEDDED, FILES
from convex_research.core.config import as_day
from convex_research.core.errors import ConvexResearchError, SourceUnavailable
from convex_research.data.loading import load_series

if TYPE_CHECKING:
    from datetime import date

    from convex_research.catalogue import Pair
    from convex_research.data.series import SeriesData

__all__ = ["ROLES", "SAMPLE_ROLES", "helper_names", "load_helpers"]

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


def helper_names(pair: Pair) -> dict[str, str]:
    """Catalogue name of every helper series a pair can use, by role.

    A role that a leg fills is left out. There is none for pairs of the user's own files and of
    embedded currencies, whose pages ask nobody for anything.
    """
    symbols = [load_catalogue().order(leg) for leg in (pair.a, pair.b)]
    providers = {one.provider for order in symbols for one in order}
    if "sample" not in providers and providers <= FILES | EMBEDDED:
        return {}
    legs = {one.id for one in pair.instruments}
    taken = legs.union(*(group for group in _SAME if group & legs))
    roles = SAMPLE_ROLES if "sample" in providers else ROLES
    return {role: name for role, name in roles.items() if name not in taken}


def load_helpers(
    pair: Pair,
    start: date | str | None = None,
    end: date | str | None = None,
    *,
    offline: bool | None = None,
) -> dict[str, SeriesData]:
    """The helper series of a pair by role, :data:`ROLES`, as far as they can be had.

    Bounds are those of the pair, inclusive. Once a provider does not answer it is not asked for
    the rest.
    """
    first, last = as_day(start, "start"), as_day(end, "as_of")
    found: dict[str, SeriesData] = {}
    silent: set[str] = set()
    for role, name in helper_names(pair).items():
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
