"""What a provider says a series is, where it says so at an address of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from convex_research.core.errors import ProviderError
from convex_research.data.http.exchange import HttpAnswer
from convex_research.data.quality.sessions import expires

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.data.cache.store import Cache
    from convex_research.data.http.exchange import HttpRequest, Ref

__all__ = ["DescribingReader", "read_metadata"]


class DescribingReader(Protocol):
    """A reader whose provider describes its series."""

    def metadata_request(self, ref: Ref) -> HttpRequest | None:
        """Where to ask, if anywhere."""
        ...

    def parse_metadata(self, ref: Ref, answer: HttpAnswer) -> dict[str, str]:
        """``name``, ``unit``, ``kind``, ``frequency``, ``updated``, as far as given."""
        ...


def read_metadata(
    reader: DescribingReader,
    ref: Ref,
    request: HttpRequest,
    kept: Cache,
    ask: Callable[[], HttpAnswer] | None,
) -> dict[str, str]:
    """The description from the cache, or asked for; empty where there is none.

    A description is a help, not the data: any failure leaves it out, and an expired
    one is better than none.

    Parameters
    ----------
    reader : DescribingReader
        Reads it.
    ref : Ref
        The series.
    request : HttpRequest
        Where to ask.
    kept : Cache
        The provider's cache.
    ask : callable or None
        Sends the request; ``None`` offline.

    Returns
    -------
    dict of str to str
    """
    entry = kept.lookup(request)
    known: dict[str, str] = {}
    if entry is not None:
        try:
            known = reader.parse_metadata(ref, HttpAnswer(200, entry.body, {}, ref.now))
        except ProviderError:
            entry = None
    fresh = entry is not None and entry.checked <= ref.now < expires(entry.checked, None)
    if fresh or ask is None:
        return known
    try:
        answer = ask()
        metadata = reader.parse_metadata(ref, answer)
        kept.store(request, answer, symbol=ref.symbol.public, now=ref.now)
    except (ProviderError, OSError):
        return known
    return metadata
