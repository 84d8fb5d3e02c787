"""A reader made into a provider: key, address, cache, transport, provenance."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from convex_research.catalogue.symbols import CONVERTING, DESCRIBING
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
from convex_research.data.cache.store import Cache, Entry
from convex_research.data.http.exchange import HttpAnswer, HttpRequest, Parsed, Ref, Secret
from convex_research.data.providers.assemble import assemble, describe_restatement
from convex_research.data.providers.environment import (
    find_key,
    is_offline,
    is_redirected,
    redirected,
    shared_transport,
)
from convex_research.data.providers.faults import malformed
from convex_research.data.quality.sessions import expires

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.http.exchange import Reader
    from convex_research.data.http.transport import Transport
    from convex_research.data.series import SeriesData

__all__ = ["HttpProvider"]

_REFUSED = {401, 403, 429}
_LONGEST_STALE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Found:
    """A body with its meaning and how it was come by."""

    entry: Entry
    parsed: Parsed
    stale: str = ""  # why an expired copy had to do; empty if it is current


@dataclass(frozen=True, kw_only=True)
class HttpProvider:
    """Loads the symbols of one reader.

    By default all providers share the transport of the process, and the environment decides
    whether they are offline. To refresh is to ask again even if the cache is fresh.
    """

    reader: Reader
    transport: Transport | None = None
    now: Callable[[], datetime] = clock.now
    offline: bool | None = None
    refresh: bool = False

    @property
    def name(self) -> str:
        """What stands before the colon of its symbols."""
        return self.reader.name

    @property
    def lacks_key(self) -> bool:
        """Whether nothing can be asked because a key is needed and none is set."""
        return self.reader.key_required and find_key(self.reader.key_variables) is None

    def confined(self, *, offline: bool | None, refresh: bool = False) -> HttpProvider:
        """The same provider, offline or asking again."""
        return replace(self, offline=offline, refresh=refresh)

    def load(
        self, symbol: Symbol, instrument: Instrument, start: date | None, end: date | None
    ) -> SeriesData:
        """Load a series; see :class:`convex_research.data.providers.registry.Provider`."""
        self._check_options(symbol)
        offline = is_offline() if self.offline is None else self.offline
        key = find_key(self.reader.key_variables)
        if key is None and self.reader.key_required:
            if not offline:
                advice = f"Set {self.reader.key_variables[0]}."
                problem = "a key is needed and none is set."
                raise BadKey(self.name, symbol.native, problem, advice)
            key = Secret("")  # the cache's key does not depend on it
        ref = Ref(symbol, self.now(), key)
        request = redirected(self.reader.request(ref, start, end), self.name)
        found = self._find(ref, request, instrument.calendar, offline=offline)
        parsed = found.parsed
        if not instrument.about:  # the catalogue's word goes before the provider's
            parsed = replace(parsed, **self._metadata(ref, offline=offline))
        series = assemble(symbol, instrument, found.entry, parsed, stale=found.stale)
        return series.between(start, end)

    def _check_options(self, symbol: Symbol) -> None:
        known = self.reader.options | CONVERTING | DESCRIBING
        wrong = [name for name, _ in symbol.options if name not in known]
        if wrong:
            raise InputError(
                f"{printable(symbol.public)}: unknown option {printable(wrong[0])!r}; "
                f"{self.name} knows {', '.join(sorted(known))}."
            )

    def _metadata(self, ref: Ref, *, offline: bool) -> dict[str, Any]:
        """Name, unit and kind, where the provider says them at an address of their own.

        They are a help, not the data: any failure leaves them out, and expired ones are better
        than none.
        """
        describe = getattr(self.reader, "metadata_request", None)
        request = describe(ref) if describe is not None else None
        if request is None:
            return {}
        parse = self.reader.parse_metadata  # type: ignore[attr-defined]  # one comes with the other
        request = redirected(request, self.name)
        cache = Cache(self.name, request)
        entry, fresh, said = cache.lookup(), False, {}
        with suppress(ProviderError):
            if entry is not None:
                said = parse(ref, HttpAnswer(200, entry.body, {}, ref.now))
                fresh = _is_fresh(entry, ref, None)
        with suppress(ProviderError):
            if not fresh and not offline:
                answer = self._ask(ref, request, None)
                said = parse(ref, answer)
                cache.store(answer, symbol=ref.symbol.public, now=ref.now)
        return {name: said[name] for name in ("name", "unit", "kind") if name in said}

    def _find(
        self, ref: Ref, request: HttpRequest, calendar: str | None, *, offline: bool
    ) -> _Found:
        cache = Cache(self.name, request)
        current = self._current(cache, ref, calendar, offline=offline)
        if current is not None:
            return current
        if offline:
            problem, advice = "it is not in the cache.", "Run once without --offline."
            raise NotInSnapshot(self.name, ref.symbol.native, problem, advice)
        with cache.fetching():
            # Another process may have fetched it while this one waited for the lock.
            current = self._current(cache, ref, calendar, offline=False)
            return current or self._fetch(cache, ref, request)

    def _current(
        self, cache: Cache, ref: Ref, calendar: str | None, *, offline: bool
    ) -> _Found | None:
        """The cached body, if it is still good; offline any body is."""
        entry = cache.lookup()
        if entry is None:
            return None
        expired = not _is_fresh(entry, ref, calendar)
        if not offline and (expired or (self.refresh and entry.checked < ref.now)):
            return None
        try:
            parsed = self._parsed_once(cache, ref, entry)
        except ProviderError:
            if offline:
                raise
            return None
        return _Found(entry, parsed, "this run is offline" if expired else "")

    def _fetch(self, cache: Cache, ref: Ref, request: HttpRequest) -> _Found:
        unknown = None if self.refresh else cache.unknown(ref.now)
        if unknown is not None:
            raise UnknownSeries(self.name, ref.symbol.native, *unknown)
        before, answer = self._before(cache, ref), None
        try:
            answer = self._ask(ref, request, before.entry if before else None)
            if answer.status == 304 and before is not None:
                return replace(before, entry=cache.confirm(before.entry, ref.now))
            return self._accept(cache, ref, answer, before)
        except ProviderError as error:
            problem = error
        limited = isinstance(problem, RateLimited)  # some tell it with another status
        passing = answer is None or answer.status >= 500 or limited
        if passing and before and ref.now - before.entry.checked <= _LONGEST_STALE:
            return replace(before, stale=problem.problem)
        if isinstance(problem, UnknownSeries):
            cache.remember_unknown(problem.problem, problem.advice, ref.now)
        problem.__context__ = None  # the library's own exceptions hold addresses
        raise problem

    def _before(self, cache: Cache, ref: Ref) -> _Found | None:
        """The expired body, if it can still be read; only then may it be confirmed."""
        entry = cache.lookup()
        try:
            return _Found(entry, self._parse(ref, entry)) if entry else None
        except ProviderError:
            return None

    def _ask(self, ref: Ref, request: HttpRequest, before: Entry | None) -> HttpAnswer:
        """The provider's answer, or that of another way to it where it refuses this client.

        Raises
        ------
        Upstream
            If no whole answer came.
        """
        from convex_research.data.http.transport import NoAnswer

        transport = self.transport or shared_transport()
        conditions = before.conditions if before else {}
        try:
            answer = transport.get(request, provider=self.name, conditions=conditions)
        except NoAnswer as missing:
            problem = f"{missing.problem}."
        else:
            if answer.status in _REFUSED and not is_redirected(self.name):
                second_way = getattr(self.reader, "second_way", lambda _: None)
                answer = second_way(ref) or answer
            return replace(answer, retrieved_at=ref.now)
        advice = "Check the connection, try again later, or use another provider."
        raise Upstream(self.name, ref.symbol.native, problem, advice)

    def _accept(self, cache: Cache, ref: Ref, answer: HttpAnswer, before: _Found | None) -> _Found:
        """Parse a body and only then keep it."""
        parsed = self._understand(ref, answer)
        restated = ""
        if before is not None and before.entry.body != answer.body:
            restated = describe_restatement(before.parsed, parsed, before.entry)
        symbol = ref.symbol.public
        entry = cache.store(answer, symbol=symbol, now=ref.now, restated=restated)
        if entry.retrieved_at == entry.checked_at:  # a body not seen before
            self._keep(cache, ref, entry, parsed)
        return _Found(entry, parsed)

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

    def _parsed_once(self, cache: Cache, ref: Ref, entry: Entry) -> Parsed:
        """What the body says, parsed once for all processes."""
        parsed = unpack(cache.derived(), fingerprint(self.reader, ref, entry))
        if parsed is None:
            parsed = self._parse(ref, entry)
            self._keep(cache, ref, entry, parsed)
        return parsed

    def _keep(self, cache: Cache, ref: Ref, entry: Entry, parsed: Parsed) -> None:
        origin = fingerprint(self.reader, ref, entry)
        if origin:
            cache.keep_derived(pack(parsed, origin))


def _is_fresh(entry: Entry, ref: Ref, calendar: str | None) -> bool:
    return entry.checked <= ref.now < expires(entry.checked, calendar)
