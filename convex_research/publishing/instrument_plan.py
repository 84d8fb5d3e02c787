"""Which instruments there are in a list of pairs, what their pages are called and lead to."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convex_research.catalogue import load_catalogue, resolve
from convex_research.catalogue.symbols import slugify
from convex_research.data import load_series
from convex_research.publishing.meta.describe import headline_key, pair_title
from convex_research.publishing.records import INSTRUMENT_FOLDER, PairReport
from convex_research.returns import leg_returns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from convex_research.core.config import ReturnKind
    from convex_research.publishing.page import Request

__all__ = ["InstrumentRequest", "free_name", "instrument_requests", "leg_names", "links_of"]

_FIELDS = (
    *("value", "method", "nobs", "std_error", "low", "high"),
    *("confidence_level", "unit", "bound"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentRequest:
    """One instrument with the choices of its page.

    Parameters
    ----------
    symbol : str
        As the pairs name it.
    name : str
        File name of its page without ending: lower-case letters, digits and hyphens.
    start, as_of : datetime.date, optional
        Inclusive bounds on its values.
    returns : {"simple", "log"}
        How prices become returns.
    """

    symbol: str
    name: str
    start: date | None = None
    as_of: date | None = None
    returns: ReturnKind = "simple"

    def parameters(self, pairs: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Values of the notebook's parameters."""
        return {
            "symbol": self.symbol,
            "start": str(self.start) if self.start else None,
            "as_of": str(self.as_of) if self.as_of else None,
            "returns": self.returns,
            "pairs": [dict(one) for one in pairs],
        }

    @property
    def series(self) -> str:
        """The full symbol asked first, which tells two series of one name apart."""
        return str(load_catalogue().order(self.symbol)[0])

    @property
    def public_symbol(self) -> str:
        """The symbol as pages show it."""
        return resolve(self.symbol).public

    def check(self) -> None:
        """Load and difference in this process: bad input is found before a kernel starts.

        Raises
        ------
        ConvexResearchError
            What loading raises, or if the series is too short or refused.
        """
        leg_returns(load_series(self.symbol, self.start, self.as_of), self.returns)


def instrument_requests(
    requests: Iterable[Request], output: Path | None = None
) -> dict[str, InstrumentRequest]:
    """One request a leg, by the symbol as the pairs write it.

    A leg of several pairs is shown once, over the longest period any of them asks for. Its
    name is the catalogue's or the native one; names that two series share, in these pairs
    or with a page that lies in ``output`` already, get a short hash.

    Parameters
    ----------
    requests : iterable of Request
        Pairs.
    output : Path, optional
        Folder of the reports.

    Returns
    -------
    dict of str to InstrumentRequest
        In the order in which the legs appear; two ways of writing one series lead to one
        request.
    """
    catalogue = load_catalogue()
    asked: dict[str, list[Request]] = {}
    written: dict[str, str] = {}
    for request in requests:
        for leg in (request.pair.a, request.pair.b):
            series = str(catalogue.order(leg)[0])
            written.setdefault(leg, series)
            asked.setdefault(series, []).append(request)
    first = {series: leg for leg, series in reversed(written.items())}
    plain = {series: slugify(catalogue.describe(leg).id) for series, leg in first.items()}
    shared = Counter(plain.values())
    made = {}
    for series, pairs in asked.items():
        name = plain[series]
        if shared[name] > 1 or _taken(output, name, resolve(first[series]).public):
            name = _hashed(name, series)
        starts = [one.start for one in pairs]
        ends = [one.as_of for one in pairs]
        made[series] = InstrumentRequest(
            symbol=first[series],
            name=name,
            start=None if None in starts else min(s for s in starts if s is not None),
            as_of=None if None in ends else max(e for e in ends if e is not None),
            returns="simple" if any(one.returns == "simple" for one in pairs) else "log",
        )
    return {leg: made[series] for leg, series in written.items()}


def free_name(request: InstrumentRequest, output: Path) -> str:
    """Name of a page in a folder; hashed where another series has it already."""
    if _taken(output, request.name, request.public_symbol):
        return _hashed(request.name, request.series)
    return request.name


def _hashed(name: str, series: str) -> str:
    return f"{name}-{hashlib.sha256(series.encode()).hexdigest()[:8]}"


def _taken(output: Path | None, name: str, symbol: str) -> bool:
    """Whether a page of another series has this name."""
    if output is None:
        return False
    with suppress(OSError, ValueError, KeyError, TypeError):
        record = json.loads((output / INSTRUMENT_FOLDER / f"{name}.json").read_bytes())
        return bool(record["instrument"]["symbol"] != symbol)
    return False


def leg_names(request: Request, output: Path) -> dict[str, str]:
    """Names of the pages of a pair's legs, ``"a"`` and ``"b"``, that are not the plain ones."""
    made = instrument_requests([request], output)
    catalogue = load_catalogue()
    legs = {"a": request.pair.a, "b": request.pair.b}
    return {
        leg: made[symbol].name
        for leg, symbol in legs.items()
        if made[symbol].name != slugify(catalogue.describe(symbol).id)
    }


def links_of(request: InstrumentRequest, reports: Iterable[PairReport]) -> list[dict[str, Any]]:
    """What an instrument's page is told of the pairs it appears in.

    Parameters
    ----------
    request : InstrumentRequest
        The instrument.
    reports : iterable of PairReport
        Pairs with pages, such as ``read_reports(output).pairs``; a page that failed is not
        among them, so that no link is dead.

    Returns
    -------
    list of dict
        ``slug``, ``title``, ``page`` and ``correlation``, the strongest first.
    """
    symbol = request.public_symbol
    links = []
    for one in reports:
        if symbol not in {one.record["pair"][leg]["symbol"] for leg in "ab"}:
            continue
        key = headline_key(one.record)
        found = one.record["estimates"][key] if key else None
        r = {"key": key, **{n: found[n] for n in _FIELDS if n in found}} if found else None
        links.append(
            {
                "slug": one.slug,
                "title": pair_title(one.record),
                "page": one.pages[0],
                "correlation": r,
            }
        )
    return sorted(links, key=_strength)


def _strength(link: Mapping[str, Any]) -> tuple[float, str]:
    r = link["correlation"]
    return (-abs(r["value"]) if r else 1.0), str(link["slug"])
