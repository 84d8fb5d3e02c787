"""A reader made into a provider: key, address, cache, transport, provenance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from convex_research.core.errors import (
    BadKey,
    InputError,
    NotInSnapshot,
    ProviderError,
    RateLimited,
    UnknownSeries,
    Upstream,
    printable,
)
from convex_research.data import clock
from convex_research.data.cache.parsed import fingerprint, pack, unpack
from convex_research.data.cache.restated import describe_restatement
from convex_research.data.cache.store import Cache, Entry
from convex_research.data.http.exchange import HttpAnswer, HttpRequest, Parsed, Ref, Secret
from convex_research.data.providers.assemble import assemble
from convex_research.data.providers.environment import (
    find_key,
    is_offline,
    is_redirected,
    redirected,
    shared_transport,
)
from convex_research.data.providers.faults import malformed
from convex_research.data.providers.metadata import read_metadata
from convex_research.data.quality.sessions import expires

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.http.exchange import Reader
    from convex_research.data.http.transport import Transport
    from convex_research.data.providers.metadata import DescribingReader
    from convex_research.data.series import SeriesData

__all__ = ["HttpProvider"]

DESCRIBING = frozenset({"calendar", "kind", "name", "unit"})  # options any symbol may have
_REFUSED = {401, 403, 429}
_LONGEST_STALE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Found:
    """A body with its meaning and how it was come by."""

    entry: Entry
    parsed: Parsed
    stale: str = ""  # why an expired copy had to do; empty if it is current


class HttpProvider:
    """Loads the symbols of one reader.

    Parameters
    ----------
    reader : Reader
        Two pure functions.
    transport : Transport, optional
        Shared by all providers of a process by default.
    now : callable, optional
        Aware current time.
    offline : bool, optional
        Cache only; the environment decides by default.
    refresh : bool
        Ask again even if the cache is fresh.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        transport: Transport | None = None,
        now: Callable[[], datetime] = clock.now,
        offline: bool | None = None,
        refresh: bool = False,
    ) -> None:
        self.reader = reader
        self.name = reader.name
        self._transport = transport
        self._now = now
        self._offline = offline
        self._refresh = refresh

    @property
    def lacks_key(self) -> bool:
        """Whether nothing can be asked because a key is needed and none is set."""
        return self.reader.key_required and find_key(self.reader.key_variables) is None

    def confined(self, *, offline: bool | None, refresh: bool = False) -> HttpProvider:
        """The same provider, offline or asking again."""
        if offline is None and not refresh:
            return self
        return HttpProvider(
            self.reader, transport=self._transport, now=self._now, offline=offline, refresh=refresh
        )

    def load(
        self, symbol: Symbol, instrument: Instrument, start: date | None, end: date | None
    ) -> SeriesData:
        """Load a series; see :class:`convex_research.data.providers.registry.Provider`."""
        self._check_options(symbol)
        offline = is_offline() if self._offline is None else self._offline
        key = find_key(self.reader.key_variables)
        if key is None and self.reader.key_required:
            if not offline:
                raise self._without_key(symbol)
            key = Secret("")  # the cache's key does not depend on it
        ref = Ref(symbol, self._now(), key)
        request = redirected(self.reader.request(ref, start, end), self.name)
        found = self._find(ref, request, instrument.calendar, offline=offline)
        if not instrument.about:  # the catalogue's word goes before the provider's
            found = self._with_metadata(ref, found, offline=offline)
        series = assemble(symbol, instrument, found.entry, found.parsed, stale=found.stale)
        return series.between(start, end)

    def _with_metadata(self, ref: Ref, found: _Found, *, offline: bool) -> _Found:
        describe = getattr(self.reader, "metadata_request", None)
        request = describe(ref) if describe is not None else None
        if request is None:
            return found
        request, kept = redirected(request, self.name), Cache(self.name)

        def ask() -> HttpAnswer:
            from convex_research.data.http.transport import NoAnswer

            try:
                return self._ask(request, None)
            except NoAnswer as missing:
                problem = missing.problem
            raise Upstream(self.name, ref.symbol.native, problem)

        reader = cast("DescribingReader", self.reader)
        said = read_metadata(reader, ref, request, kept, None if offline else ask)
        fields = {field: said[field] for field in ("name", "unit", "kind") if field in said}
        return replace(found, parsed=replace(found.parsed, **fields))  # type: ignore[arg-type]

    def _find(
        self, ref: Ref, request: HttpRequest, calendar: str | None, *, offline: bool
    ) -> _Found:
        kept = Cache(self.name)
        current = self._current(kept, ref, request, calendar, offline=offline)
        if current is not None:
            return current
        if offline:
            raise NotInSnapshot(
                self.name,
                ref.symbol.native,
                "it is not in the cache.",
                "Run once without --offline.",
            )
        with kept.fetching(request):
            # Another process may have fetched it while this one waited for the lock.
            current = self._current(kept, ref, request, calendar, offline=False)
            return current or self._fetch(kept, ref, request)

    def _current(
        self, kept: Cache, ref: Ref, request: HttpRequest, calendar: str | None, *, offline: bool
    ) -> _Found | None:
        """The cached body, if it is still good; offline any body is."""
        entry = kept.lookup(request)
        if entry is None or (self._refresh and not offline and entry.checked < ref.now):
            return None
        expired = not entry.checked <= ref.now < expires(entry.checked, calendar)
        if expired and not offline:
            return None
        try:
            parsed = self._remembered(kept, ref, request, entry)
        except ProviderError:
            if offline:
                raise
            return None
        return _Found(entry, parsed, "this run is offline" if expired else "")

    def _fetch(self, kept: Cache, ref: Ref, request: HttpRequest) -> _Found:
        from convex_research.data.http.transport import NoAnswer

        remembered = None if self._refresh else kept.unknown(request, ref.now)
        if remembered is not None:
            raise UnknownSeries(self.name, ref.symbol.native, *remembered)
        before = self._before(kept, ref, request)
        problem: ProviderError
        try:
            answer = self._ask(request, before.entry if before else None)
        except NoAnswer as missing:
            problem = Upstream(
                self.name,
                ref.symbol.native,
                f"{missing.problem}.",
                "Check the connection, try again later, or use another provider.",
            )
            passing = True
        else:
            answer = replace(self._or_second_way(ref, answer), retrieved_at=ref.now)
            if answer.status == 304 and before is not None:
                return replace(before, entry=self._confirm(kept, request, before.entry, ref))
            try:
                return self._accept(kept, ref, request, answer, before)
            except ProviderError as error:
                limited = isinstance(error, RateLimited)  # some tell it with another status
                problem, passing = error, limited or answer.status >= 500
        if passing and before and ref.now - before.entry.checked <= _LONGEST_STALE:
            return replace(before, stale=problem.problem)
        if isinstance(problem, UnknownSeries):
            self._try_writing(
                lambda: kept.remember_unknown(request, (problem.problem, problem.advice), ref.now)
            )
        problem.__context__ = None  # the library's own exceptions hold addresses
        raise problem

    def _before(self, kept: Cache, ref: Ref, request: HttpRequest) -> _Found | None:
        """The expired body, if it can still be read; only then may it be confirmed."""
        entry = kept.lookup(request)
        try:
            return _Found(entry, self._parse(ref, entry)) if entry else None
        except ProviderError:
            return None

    def _ask(self, request: HttpRequest, before: Entry | None) -> HttpAnswer:
        conditions = {}
        if before is not None and before.etag:
            conditions["If-None-Match"] = before.etag
        elif before is not None and before.last_modified:
            conditions["If-Modified-Since"] = before.last_modified
        transport = self._transport or shared_transport()
        return transport.get(request, provider=self.name, conditions=conditions)

    def _or_second_way(self, ref: Ref, answer: HttpAnswer) -> HttpAnswer:
        """Another way to a provider that refuses this client, where its reader has one."""
        second_way = getattr(self.reader, "second_way", None)
        if answer.status not in _REFUSED or second_way is None or is_redirected(self.name):
            return answer
        other: HttpAnswer | None = second_way(ref)
        return answer if other is None else other

    def _accept(
        self,
        kept: Cache,
        ref: Ref,
        request: HttpRequest,
        answer: HttpAnswer,
        before: _Found | None,
    ) -> _Found:
        """Parse a body and only then keep it."""
        parsed = self._understand(ref, answer)
        restated = ""
        if before is not None and before.entry.body != answer.body:
            restated = describe_restatement(before.parsed, parsed, before.entry)
        stored: list[Entry] = []
        self._try_writing(
            lambda: stored.append(
                kept.store(
                    request, answer, symbol=ref.symbol.public, now=ref.now, restated=restated
                )
            )
        )
        if not stored:
            return _Found(_unstored(ref, request, answer), parsed)
        if stored[0].retrieved_at == stored[0].checked_at:  # a body not seen before
            self._keep_parsed(kept, ref, request, stored[0], parsed)
        return _Found(stored[0], parsed)

    def _confirm(self, kept: Cache, request: HttpRequest, before: Entry, ref: Ref) -> Entry:
        confirmed = [before]
        self._try_writing(lambda: confirmed.append(kept.confirm(request, before, ref.now)))
        return confirmed[-1]

    @staticmethod
    def _try_writing(write: Callable[[], object]) -> None:
        """A cache that cannot be written costs time, not the answer."""
        try:
            write()
        except OSError:
            return

    def _understand(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """What the reader makes of an answer; its own mistakes are malformed answers too."""
        try:
            return self.reader.parse(ref, answer)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            problem = f"its reader fails on it ({type(error).__name__})."
        raise malformed(ref, problem)

    def _parse(self, ref: Ref, entry: Entry) -> Parsed:
        retrieved = datetime.fromisoformat(entry.retrieved_at)
        return self._understand(ref, HttpAnswer(200, entry.body, {}, retrieved))

    def _remembered(self, kept: Cache, ref: Ref, request: HttpRequest, entry: Entry) -> Parsed:
        """What the body says, parsed once for all processes."""
        content = kept.derived(request)
        parsed = unpack(content, self._made_from(ref, entry)) if content else None
        if parsed is None:
            parsed = self._parse(ref, entry)
            self._keep_parsed(kept, ref, request, entry, parsed)
        return parsed

    def _keep_parsed(
        self, kept: Cache, ref: Ref, request: HttpRequest, entry: Entry, parsed: Parsed
    ) -> None:
        made_from = self._made_from(ref, entry)
        if made_from:
            kept.keep_derived(request, pack(parsed, made_from))

    def _made_from(self, ref: Ref, entry: Entry) -> str:
        return fingerprint(self.reader, ref, entry.retrieved_at, entry.sha256)

    def _check_options(self, symbol: Symbol) -> None:
        known = self.reader.options | DESCRIBING
        wrong = [name for name, _ in symbol.options if name not in known]
        if wrong:
            raise InputError(
                f"{printable(symbol.public)}: unknown option {printable(wrong[0])!r}; "
                f"{self.name} knows {', '.join(sorted(known))}."
            )

    def _without_key(self, symbol: Symbol) -> BadKey:
        variable = self.reader.key_variables[0]
        return BadKey(
            self.name, symbol.native, "a key is needed and none is set.", f"Set {variable}."
        )


def _unstored(ref: Ref, request: HttpRequest, answer: HttpAnswer) -> Entry:
    import hashlib

    at = ref.now.isoformat(timespec="seconds")
    return Entry(
        symbol=ref.symbol.public,
        url=request.redacted,
        sha256=hashlib.sha256(answer.body).hexdigest(),
        retrieved_at=at,
        checked_at=at,
    )
