"""Instruments and pairs: what they are, and where their series come from."""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import resources
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, get_args

from convex_research.catalogue.symbols import (
    CONVERTING,
    DESCRIBING,
    EMBEDDED,
    IN_MEMORY,
    Symbol,
    parse_symbol,
    slugify,
)
from convex_research.core.errors import InputError, printable
from convex_research.core.fragments import facts, table

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "KINDS",
    "Catalogue",
    "Instrument",
    "Kind",
    "Pair",
    "load_catalogue",
    "related_pairs",
    "resolve",
]

Kind = Literal["price", "rate", "spread", "level"]
KINDS: tuple[str, ...] = get_args(Kind)
_ENDINGS = frozenset((".csv", ".parquet", ".tsv", ".txt", ".xlsx"))
_DEFAULTS = {("coingecko", "vs", "usd"), ("fred", "units", "lin")}


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a series is.

    Parameters
    ----------
    id : str
        Short name used in slugs and tables.
    name : str
        Full name.
    kind : {"price", "rate", "spread", "level"}
        Prices become returns; rates, spreads and levels become differences.
    unit : str
        Unit of the level: ``"USD"``, ``"index points"``, ``"percent"``, ``"points"``.
    calendar : str, optional
        Exchange calendar code (``"XNYS"``), ``"24/7"``, or ``None`` if unknown.
    category : str
        equity, volatility, rate, credit, commodity, crypto, currency, macro or other.
    symbols : tuple of str
        Full symbols in the order in which providers are asked.
    about : str
        One factual sentence.
    quoted : {"level", "return"}
        What the source writes down; returns are compounded when they are loaded.
    """

    id: str
    name: str
    kind: Kind = "price"
    unit: str = ""
    calendar: str | None = None
    category: str = "other"
    symbols: tuple[str, ...] = ()
    about: str = ""
    quoted: Literal["level", "return"] = "level"

    def __repr__(self) -> str:
        unit = f" in {self.unit}" if self.unit else ""
        return f"<Instrument {self.id}, {self.name}, {self.kind}{unit}>"

    def _repr_html_(self) -> str:
        listed = [
            ("Id", self.id),
            ("Kind", self.kind),
            ("Unit", self.unit),
            ("Category", self.category),
            ("Calendar", self.calendar),
            ("Symbols, in the order asked", ", ".join(self.symbols)),
            ("About", self.about),
        ]
        return facts(self.name, listed)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two instruments, in order: "beta" is A on B.

    Parameters
    ----------
    a, b : str
        Symbols, or names in the catalogue.
    category : str, optional
        peer, cross-asset, volatility, rate, crypto or commodity; derived from the
        instruments where it is not given.

    Attributes
    ----------
    instruments : tuple of Instrument
        What the catalogue, or the symbol alone, says of the two legs.
    symbols : tuple of Symbol
        The series that is asked first for each leg.

    Raises
    ------
    InputError
        If a symbol cannot be parsed or resolved, or both name the same series.

    Examples
    --------
    >>> Pair("sample:sp500", "sample:nasdaq").slug
    'sp500-vs-nasdaq'
    """

    a: str
    b: str
    category: str | None = None
    instruments: tuple[Instrument, Instrument] = field(init=False, repr=False, compare=False)
    symbols: tuple[Symbol, Symbol] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        catalogue, legs = load_catalogue(), (self.a, self.b)
        if not all(isinstance(leg, str) for leg in legs):
            given = " and ".join(type(leg).__name__ for leg in legs)
            raise TypeError(f"a Pair needs two symbols, got {given}; study takes series.")
        a, b = (catalogue.order(leg) for leg in legs)
        if set(a) & set(b):
            raise InputError(
                f"{printable(self.a)} and {printable(self.b)} are the same series; "
                "a pair needs two different ones."
            )
        object.__setattr__(self, "symbols", (a[0], b[0]))
        both = [catalogue.describe(leg) for leg in legs]
        object.__setattr__(self, "instruments", tuple(_told_apart(both, self.symbols)))

    @property
    def slug(self) -> str:
        """Folder name of the pair: ``sp500-vs-nasdaq``."""
        a, b = self.instruments
        return f"{slugify(a.id)}-vs-{slugify(b.id)}"

    @property
    def public_symbols(self) -> tuple[str, str]:
        """The symbols as they may be shown: names resolved, files of one name by their folders."""
        a, b = self.symbols
        if a.public != b.public:
            return a.public, b.public
        first, second = (one.public.replace(":", f":{one.folder}/", 1) for one in self.symbols)
        return first, second

    def categorise(self) -> str:
        """The category given, the catalogue's, or the one the legs imply."""
        if self.category:
            return self.category
        return load_catalogue().category_of(*self.instruments)

    def _repr_html_(self) -> str:
        rows = [
            (leg, symbol, one.name, one.kind)
            for leg, symbol, one in zip("AB", self.public_symbols, self.instruments, strict=True)
        ]
        caption = f"Pair {self.slug}, {self.categorise()}"
        return table(caption, ("Leg", "Symbol", "Name", "Kind"), rows).html


class Catalogue:
    """The instruments, by id, and the pairs, in order, that ship with the package."""

    def __init__(
        self, instruments: dict[str, Instrument], listed: Sequence[dict[str, str]]
    ) -> None:
        self.instruments = instruments
        self._listed = listed
        self._by_symbol = {
            parse_symbol(symbol): one for one in instruments.values() for symbol in one.symbols
        }
        self._by_name: dict[str, Instrument] = {}
        for name, one in instruments.items():
            self._by_name.setdefault(name.casefold(), one)

    def __repr__(self) -> str:
        return f"<Catalogue of {len(self.instruments)} instruments, {len(self._listed)} pairs>"

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The pairs in the order of the file; a pair looks its legs up in the catalogue."""
        return tuple(Pair(**entry) for entry in self._listed)

    def _repr_html_(self) -> str:
        rows = [
            (one.id, one.name, one.kind, one.category, ", ".join(one.symbols))
            for one in self.instruments.values()
        ]
        caption = f"{len(rows)} instruments and {len(self.pairs)} pairs with names"
        return table(caption, ("Id", "Name", "Kind", "Category", "Symbols"), rows).html

    def named(self, name: str) -> Instrument | None:
        """The instrument with this id; its case matters only where two differ by it."""
        return self.instruments.get(name) or self._by_name.get(name.casefold())

    def order(self, text: str) -> tuple[Symbol, ...]:
        """Symbols to ask for a name, in order; a full symbol is asked alone.

        Options after a name are those of each of its symbols.

        Raises
        ------
        InputError
            If a bare name is not in the catalogue.
        """
        known, options = self._with_options(text)
        if known is None:
            return (resolve(text),)
        joined = [f"{one}{'&' if '?' in one else '?'}{options}" for one in known.symbols]
        return tuple(map(parse_symbol, joined if options else known.symbols))

    def _with_options(self, text: str) -> tuple[Instrument | None, str]:
        """The instrument that is named, and the options after its name."""
        name, _, options = text.strip().partition("?")
        return self.named(name), options

    def series_names(self, text: str) -> frozenset[str]:
        """How every series that may answer for a name is shown.

        Options that only describe a series, such as its unit, do not tell two apart.
        """
        return frozenset(_without(one, DESCRIBING).public for one in self.order(text))

    def describe(self, text: str) -> Instrument:
        """The instrument behind a name or symbol; a bare one where it is unknown."""
        known, options = self._with_options(text)
        if known is not None:
            return _described(known, self.order(text)[0]) if options else known
        symbol = resolve(text)
        if symbol.is_file:
            return _from_file(symbol, self._said_to_be(symbol))
        listed = self._by_symbol.get(_without(symbol, DESCRIBING | CONVERTING))
        if listed is None:
            name = printable(symbol.native)
            listed = Instrument(id=symbol.stem, name=name, symbols=(str(symbol),))
        return _described(listed, symbol)

    def _said_to_be(self, symbol: Symbol) -> Instrument | None:
        """The instrument of the catalogue whose series a file holds, where ``id=`` says so."""
        name = symbol.option("id")
        known = self.named(name) if name else None
        if name and known is None:
            near = ", ".join(self.nearest(name)) or "see `convex-research catalogue`"
            raise InputError(
                f"{printable(symbol.public)}: id={printable(name)} is not in the catalogue: {near}."
            )
        return known

    def category_of(self, a: Instrument, b: Instrument) -> str:
        """Category of a pair: as listed, else from the legs' own categories."""
        for pair in self.pairs:
            if pair.category and {one.id for one in pair.instruments} == {a.id, b.id}:
                return pair.category
        kinds = {a.category, b.category}
        for category in ("volatility", "crypto", "rate", "commodity"):
            if category in kinds:
                return category
        return "peer" if len(kinds) == 1 and "other" not in kinds else "cross-asset"

    def nearest(self, name: str, limit: int = 3) -> list[str]:
        """Catalogue names most like ``name``, for an error message."""
        close = difflib.get_close_matches(name.casefold(), list(self._by_name), limit, 0.5)
        return [self._by_name[match].id for match in close]


def _without(symbol: Symbol, names: frozenset[str]) -> Symbol:
    """The symbol as the catalogue writes it: no describing options, no defaults."""
    kept = (
        (name, value)
        for name, value in symbol.options
        if name not in names and (symbol.provider, name, value) not in _DEFAULTS
    )
    return Symbol(symbol.provider, symbol.native, tuple(kept))


def _described(one: Instrument, symbol: Symbol) -> Instrument:
    """The instrument with what the symbol's options say of it; returns are a kind of price."""
    to = symbol.option("to")
    if to is not None:  # pages of the same series in two currencies are two
        one = replace(one, id=f"{one.id}-in-{to.upper()}")
    said: dict[str, Any] = {name: x for name, x in symbol.options if name in DESCRIBING}
    kind = said.get("kind")
    if kind == "return":
        growth = {} if said.get("unit", "percent") != "percent" else {"unit": "growth of 100"}
        return replace(one, **{**said, **growth, "kind": "price"}, quoted="return")
    if kind is not None and kind not in KINDS:
        raise InputError(
            f"{printable(symbol.public)}: kind={printable(kind)} is unknown; "
            f"use one of {', '.join(KINDS)}, return."
        )
    return replace(one, **said)


def _from_file(symbol: Symbol, known: Instrument | None) -> Instrument:
    """What a file's symbol says of its series, or the instrument that it is said to be."""
    own = known or Instrument(id=symbol.stem, name=printable(symbol.title), unit="price units")
    source = _HANDED_OVER if IN_MEMORY in symbol.native else _OWN_FILE
    own = replace(own, about=f"{own.about} {source}".strip())
    one = _described(replace(own, symbols=(symbol.public,)), symbol)
    if one.kind != "price" and not symbol.option("unit") and known is None:
        return replace(one, unit="points")
    return one


_OWN_FILE = "A series from the user's own file."
_HANDED_OVER = "A series that was handed over in memory."


def _told_apart(legs: Sequence[Instrument], symbols: Sequence[Symbol]) -> list[Instrument]:
    """Both legs; two files of one name by the names of their folders too."""
    folders = [symbol.folder for symbol in symbols]
    if legs[0].name != legs[1].name or not all(folders) or folders[0] == folders[1]:
        return [*legs]
    return [
        replace(leg, id=f"{folder}-{leg.id}", name=printable(f"{folder}/{leg.name}"))
        for leg, folder in zip(legs, folders, strict=True)
    ]


@cache
def load_catalogue() -> Catalogue:
    """The catalogue shipped with the package, read once."""
    text = resources.files(__package__).joinpath("catalogue.toml").read_text("utf-8")
    table = tomllib.loads(text)
    instruments = {}
    for group in table["groups"]:
        for own in group.pop("instruments"):
            one, name = {**group, **own}, own["id"]
            symbols = (x.format(id=name, lower=name.lower()) for x in one.pop("symbols"))
            instruments[name] = Instrument(**one, symbols=tuple(symbols))
    listed = [dict(zip(("a", "b", "category"), pair, strict=True)) for pair in table["pairs"]]
    return Catalogue(instruments, listed)


def resolve(text: str) -> Symbol:
    """The symbol behind a name: itself if full, else the catalogue's first provider.

    The InputError on a bare name that is not in the catalogue offers the nearest ones.
    """
    catalogue, name = load_catalogue(), text.partition("?")[0].strip()
    if catalogue.named(name) is not None:
        return catalogue.order(text)[0]
    if ":" in text:
        return parse_symbol(text)
    shown = printable(name)
    if PurePath(name).suffix.lower() in _ENDINGS:
        raise InputError(f"{shown!r} is not in the catalogue; a file is written file:{shown}")
    near = catalogue.nearest(name)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    raise InputError(
        f"{shown!r} is not in the catalogue.{hint} `convex-research catalogue` lists it; other "
        f"series are written provider:name, such as yahoo:{shown} or file:prices.csv."
    )


def related_pairs(pair: Pair, *, limit: int = 12) -> tuple[Pair, ...]:
    """At most ``limit`` catalogue pairs that share a leg with ``pair``, then those of its category.

    The pair itself is not among them, in either order. A pair whose legs are not in the catalogue
    has no category to share.
    """
    own = {one.id for one in pair.instruments}
    category = pair.categorise()
    others = [p for p in load_catalogue().pairs if {i.id for i in p.instruments} != own]
    shared = [p for p in others if own & {i.id for i in p.instruments}]
    # A page of embedded series leads to its like, not to pairs that need a source.
    world = _embedded_in(pair)
    known = all(one.category != "other" for one in pair.instruments)
    alike = [
        p
        for p in others
        if known and p not in shared and p.categorise() == category and _embedded_in(p) == world
    ]
    return tuple((shared + alike)[:limit])


def _embedded_in(pair: Pair) -> frozenset[str]:
    return EMBEDDED.intersection(symbol.provider for symbol in pair.symbols)
