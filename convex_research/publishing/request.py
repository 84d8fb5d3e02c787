"""What pages are asked for, of a pair or of an instrument; what they are called and lead to."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import orjson

from convex_research.catalogue import load_catalogue
from convex_research.catalogue.symbols import slugify
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import ConvexResearchError, InputError
from convex_research.data import load_prices, load_series
from convex_research.data.context import helper_names
from convex_research.publishing.meta.describe import headline_key, pair_name
from convex_research.publishing.notes import read_notes
from convex_research.publishing.records import (
    INSTRUMENT_FOLDER,
    PAIR_KINDS,
    UNIVERSE_FOLDER,
    PairReport,
)
from convex_research.returns import align, at_frequency, leg_returns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from convex_research.catalogue import Pair
    from convex_research.core.config import ReturnKind

__all__ = [
    "InstrumentRequest",
    "PageRequest",
    "PairRequest",
    "UniverseRequest",
    "instrument_requests",
    "leg_pages",
    "legs_of",
    "links_of",
    "named",
    "page_name",
]

_FIELDS = (
    *("value", "method", "nobs", "std_error", "low", "high"),
    *("confidence_level", "unit", "bound"),
)


def page_name(slug: str, kind: str) -> str:
    """Place of a page in the folder of reports, without ending."""
    folder = {"instrument": INSTRUMENT_FOLDER, "universe": UNIVERSE_FOLDER}.get(kind)
    return f"{folder}/{slug}" if folder else f"{slug}/{kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """The pages of a pair or of an instrument, with their choices.

    A slug is a pair's folder or the file name of an instrument, in lower-case letters, digits and
    hyphens: the plain one by default, see :func:`named`, which also reads the notes that lie beside
    the pages. Leg pages are the names of those of legs
    ``"a"`` and ``"b"`` that are not the plain ones. One page of a pair that is built alone does not
    link the other.
    """

    start: date | None = None
    as_of: date | None = None
    returns: ReturnKind = "simple"
    config: AnalysisConfig = field(default_factory=AnalysisConfig)
    accept: tuple[str, ...] = ()
    slug: str = ""
    notes: str = ""
    leg_pages: Mapping[str, str] = field(default_factory=dict, hash=False)
    alone: bool = False

    kinds: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        if not self.slug:
            object.__setattr__(self, "slug", self.plain_slug)

    @property
    def legs(self) -> tuple[str, ...]:
        """Symbols as the request names them."""
        raise NotImplementedError

    @property
    def parameters(self) -> dict[str, Any]:
        """Values of the notebook's parameters."""
        raise NotImplementedError

    @property
    def identity(self) -> str:
        """What tells this request from others with its slug."""
        raise NotImplementedError

    def check(self) -> None:
        """Load and difference in this process: bad input is found before a kernel starts."""
        raise NotImplementedError

    @property
    def series(self) -> list[str]:
        """Every series the pages load."""
        return list(self.legs)

    @property
    def choices(self) -> dict[str, Any]:
        """The parameters that all notebooks have; the later ones where they are no defaults."""
        return {
            "start": str(self.start) if self.start else None,
            "as_of": str(self.as_of) if self.as_of else None,
            "returns": self.returns,
            **self.config.parameters,
            **({"accept": list(self.accept)} if self.accept else {}),
        }

    @property
    def names(self) -> list[str]:
        """What the legs are called."""
        return [load_catalogue().describe(leg).name for leg in self.legs]

    @property
    def plain_slug(self) -> str:
        """The slug, where nothing else has it."""
        return "-vs-".join(slugify(load_catalogue().describe(leg).id) for leg in self.legs)

    @property
    def fingerprint(self) -> str:
        """Eight hex digits of the identity."""
        return hashlib.sha256(self.identity.encode()).hexdigest()[:8]

    def owns(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is of these series, whichever provider answered for them."""
        symbols = [leg["symbol"] for leg in legs_of(record)]
        return len(symbols) == len(self.legs) and all(map(_same_series, self.legs, symbols))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRequest(PageRequest):
    """The two pages of a pair."""

    pair: Pair
    helpers: Mapping[str, str | None] = field(default_factory=dict, hash=False)

    kinds: ClassVar[tuple[str, ...]] = PAIR_KINDS

    @property
    def legs(self) -> tuple[str, ...]:
        """The two symbols."""
        return self.pair.a, self.pair.b

    @property
    def parameters(self) -> dict[str, Any]:
        """Both legs with the choices."""
        helpers = dict(self.helpers)
        market = helpers.pop("market") if helpers.get("market") else None
        return {
            "a": self.pair.a,
            "b": self.pair.b,
            **self.choices,
            **({"market": market} if market else {}),
            **({"helpers": helpers} if helpers else {}),
        }

    @property
    def identity(self) -> str:
        """The parameters: a pair may be asked for over two periods."""
        return json.dumps(self.parameters, sort_keys=True)

    def check(self) -> None:
        """See :meth:`PageRequest.check`."""
        prices = load_prices(self.pair, self.start, self.as_of)
        at_frequency(align(prices, self.returns, accept=self.accept), self.config.frequency)
        for role, symbol in helper_names(self.pair, self.helpers).items():
            if role in self.helpers:
                load_series(symbol, self.start, self.as_of)

    @property
    def series(self) -> list[str]:
        """The legs and what claims need besides them."""
        return list(dict.fromkeys([*self.legs, *helper_names(self.pair, self.helpers).values()]))


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentRequest(PageRequest):
    """The page of one instrument, as pairs name it, with links to them from :func:`links_of`."""

    symbol: str
    pairs: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)

    kinds: ClassVar[tuple[str, ...]] = ("instrument",)

    @property
    def legs(self) -> tuple[str, ...]:
        """The one symbol."""
        return (self.symbol,)

    @property
    def parameters(self) -> dict[str, Any]:
        """The symbol and its pairs with the choices."""
        return {"symbol": self.symbol, "pairs": [dict(one) for one in self.pairs], **self.choices}

    @property
    def identity(self) -> str:
        """The full symbol asked first: an instrument has one page, over its longest period."""
        return str(load_catalogue().order(self.symbol)[0])

    def check(self) -> None:
        """See :meth:`PageRequest.check`."""
        if self.start is not None and self.as_of is not None and self.start > self.as_of:
            raise InputError(f"The start {self.start} is after the as-of date {self.as_of}.")
        series = load_series(self.symbol, self.start, self.as_of)
        returns = leg_returns(series, self.returns, accept=self.accept)
        at_frequency(returns, self.config.frequency)


@dataclass(frozen=True, slots=True, kw_only=True)
class UniverseRequest(PageRequest):
    """The page of a universe under its name, with the pages of its pairs that are there."""

    name: str
    symbols: tuple[str, ...]
    skip_missing: bool = False
    pages: tuple[Mapping[str, str], ...] = field(default=(), hash=False)

    kinds: ClassVar[tuple[str, ...]] = ("universe",)

    @property
    def plain_slug(self) -> str:
        """Made of the name."""
        return slugify(self.name)

    @property
    def parameters(self) -> dict[str, Any]:
        """What the universe is asked for by, with the choices."""
        return {
            "symbols": list(self.symbols),
            "name": self.name,
            **self.choices,
            **({"skip_missing": True} if self.skip_missing else {}),
            **({"pages": [dict(one) for one in self.pages]} if self.pages else {}),
        }


Asked = TypeVar("Asked", bound=PageRequest)


def named(requests: Iterable[Asked], output: Path | None = None) -> list[Asked]:
    """The requests, all of one kind, with slugs of their own.

    A slug gets a short hash where two of the requests share it, or where a page of other
    series lies under it in the output folder already. Two requests that are the same in everything
    are an InputError.
    """
    asked = list(requests)
    shared = Counter(one.plain_slug for one in asked)
    found = []
    for one in asked:
        slug = one.plain_slug
        if shared[slug] > 1 or (output is not None and _is_taken(one, output)):
            slug = f"{slug}-{one.fingerprint}"
        notes = "" if output is None else read_notes(output, slug, one.kinds[0])
        found.append(replace(one, slug=slug, notes=notes))
    twice = next((slug for slug, n in Counter(one.slug for one in found).items() if n > 1), None)
    if twice is not None:
        raise InputError(f"The pair {twice} is listed twice with the same choices.")
    return found


def _is_taken(request: PageRequest, output: Path) -> bool:
    """Whether pages of other series lie under a request's plain slug."""
    for kind in request.kinds:
        path = output / f"{page_name(request.plain_slug, kind)}.json"
        with suppress(OSError, ValueError, KeyError, TypeError):
            return not request.owns(orjson.loads(path.read_bytes()))
    return False


def legs_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a record says of its legs, of a pair's two or of the one instrument."""
    return [record["instrument"]] if "instrument" in record else [record["pair"][x] for x in "ab"]


def _same_series(leg: str, symbol: str) -> bool:
    return not _series_names(leg).isdisjoint(_series_names(symbol))


@lru_cache(maxsize=4096)
def _series_names(text: str) -> frozenset[str]:
    """How the series that may answer for a symbol are shown; none for what is no symbol."""
    try:
        return load_catalogue().series_names(text)
    except ConvexResearchError:
        return frozenset()


def instrument_requests(
    requests: Iterable[PairRequest],
    output: Path | None = None,
    reports: Sequence[PairReport] = (),
) -> dict[str, InstrumentRequest]:
    """One request a leg, by the symbol as the pairs write it, in the order of appearance.

    A leg of several pairs is shown once, over the longest period any of them asks for; two ways of
    writing one series lead to one request. It links to those of ``reports`` that have it. Its name
    is the catalogue's or the native one; see :func:`named`.
    """
    asked: dict[str, list[PairRequest]] = {}
    by_leg: dict[str, InstrumentRequest] = {}
    for request in requests:
        for leg in request.legs:
            one = by_leg.setdefault(leg, InstrumentRequest(symbol=leg))
            asked.setdefault(one.identity, []).append(request)
    first = {one.identity: one for one in reversed(by_leg.values())}
    whole = [_over_all(first[series], pairs) for series, pairs in asked.items()]
    by_series = {
        one.identity: replace(one, pairs=tuple(links_of(one, reports)))
        for one in named(whole, output)
    }
    return {leg: by_series[one.identity] for leg, one in by_leg.items()}


def _over_all(request: InstrumentRequest, pairs: Sequence[PairRequest]) -> InstrumentRequest:
    """The request over the longest period that any of the pairs asks for, as all ask for it."""
    starts, ends = [one.start for one in pairs], [one.as_of for one in pairs]
    configs = {one.config for one in pairs}
    return replace(
        request,
        start=None if None in starts else min(s for s in starts if s is not None),
        as_of=None if None in ends else max(e for e in ends if e is not None),
        returns="simple" if any(one.returns == "simple" for one in pairs) else "log",
        config=configs.pop() if len(configs) == 1 else AnalysisConfig(),
        accept=tuple(dict.fromkeys(check for one in pairs for check in one.accept)),
    )


def leg_pages(request: PairRequest, output: Path) -> dict[str, str]:
    """Names of the pages of a pair's legs, ``"a"`` and ``"b"``, that are not the plain ones."""
    by_leg = instrument_requests([request], output)
    pages = {x: by_leg[leg] for x, leg in zip("ab", request.legs, strict=True)}
    return {x: one.slug for x, one in pages.items() if one.slug != one.plain_slug}


def links_of(request: InstrumentRequest, reports: Iterable[PairReport]) -> list[dict[str, Any]]:
    """What an instrument's page shows of the pairs it appears in, the strongest first.

    Only pairs with pages, ``read_reports(output).pairs``, are among them, so that no link is dead.
    """
    links = []
    for one in reports:
        if not any(_same_series(request.symbol, leg["symbol"]) for leg in legs_of(one.record)):
            continue
        key = headline_key(one.record)
        found = one.record["estimates"][key] if key else None
        r = {"key": key, **{n: found[n] for n in _FIELDS if n in found}} if found else None
        links.append(
            {
                "slug": one.slug,
                "title": pair_name(one.record),
                "page": one.pages[0],
                "correlation": r,
            }
        )
    return sorted(links, key=_strength)


def _strength(link: Mapping[str, Any]) -> tuple[float, str]:
    r = link["correlation"]
    return (-abs(r["value"]) if r else 1.0), str(link["slug"])
