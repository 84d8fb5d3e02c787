"""The words between a reader, the transport and the cache.

A reader is two pure functions: ``request`` says what to ask, ``parse`` says what the
answer means. Neither touches the network, the clock or the environment, so both are
tested on bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlencode

from convex_research.core.errors import InputError, printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    import pandas as pd

    from convex_research.catalogue import Kind
    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.series import QualityNote

__all__ = [
    "HttpAnswer",
    "HttpRequest",
    "Parsed",
    "Reader",
    "Ref",
    "Secret",
    "native_name",
    "native_parts",
]

REDACTED = "REDACTED"


class Secret:
    """A key that cannot be printed by accident.

    What may be shown is the environment variable it was read from. ``scheme`` is the word
    before it in an ``Authorization`` header.
    """

    __slots__ = ("_value", "scheme", "variable")

    def __init__(self, value: str, variable: str = "", scheme: str = "") -> None:
        self._value = value
        self.variable = variable
        self.scheme = scheme

    def reveal(self) -> str:
        """The key itself; only the transport has a use for it."""
        return self._value

    def header(self) -> str:
        """The key as a header's value."""
        return f"{self.scheme} {self._value}".strip()

    def with_scheme(self, scheme: str) -> Secret:
        """The same key behind a scheme's word."""
        return Secret(self._value, self.variable, scheme)

    def __repr__(self) -> str:
        return f"Secret({self.variable or 'hidden'})"

    __str__ = __repr__

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return Secret, ("", self.variable, self.scheme)  # a pickle travels; the key does not


@dataclass(frozen=True, slots=True)
class Ref:
    """What is asked for, as a reader needs to know it: ``now`` is the aware time of the request."""

    symbol: Symbol
    now: datetime
    key: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One GET.

    Secrets are part of neither the cache's key nor any record. ``min_interval`` is the distance in
    seconds between two requests to this provider's host, over all processes.
    """

    url: str
    params: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    secret_params: tuple[tuple[str, Secret], ...] = ()
    secret_headers: tuple[tuple[str, Secret], ...] = ()
    min_interval: float = 0.5

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret in this request."""
        return tuple(secret for _, secret in (*self.secret_params, *self.secret_headers))

    @property
    def redacted(self) -> str:
        """The address with its query, secrets replaced."""
        shown = [*self.params, *((name, REDACTED) for name, _ in self.secret_params)]
        return f"{self.url}?{urlencode(shown)}" if shown else self.url


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: headers by lower-case name, the body decoded.

    It was first retrieved at ``retrieved_at``; a day not over by then is not a close.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]
    retrieved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What an answer says.

    Parameters
    ----------
    values, raw : pandas.Series
        float64 without missing values on unique, increasing, naive dates: adjusted for splits and
        dividends where the provider has that, with the closes before as ``raw``.
    missing : int
        Observations without a value.
    adjustment, licence : str
        One line each for the page.
    splits, dividends : tuple of (datetime.date, float)
        Dated factors (new shares per old) and cash amounts.
    name, unit, kind, calendar : str, optional
        What the provider says the series is; the catalogue's word goes before it.
    notes : tuple of QualityNote
        What a reader of the page should know.
    """

    values: pd.Series[float]
    missing: int
    adjustment: str
    licence: str
    raw: pd.Series[float] | None = None
    splits: tuple[tuple[date, float], ...] = ()
    dividends: tuple[tuple[date, float], ...] = ()
    name: str | None = None
    unit: str | None = None
    kind: Kind | None = None
    calendar: str | None = None
    notes: tuple[QualityNote, ...] = field(default=())


class Reader(Protocol):
    """A provider over HTTP, without the network.

    Attributes
    ----------
    name : str
        The part of a symbol before the colon.
    key_variables : tuple of str
        Environment variables that may hold the key, in order.
    key_required : bool
        Whether nothing can be asked without one.
    options : frozenset of str
        Options of a symbol that this reader understands.
    """

    name: str
    key_variables: tuple[str, ...] = ()
    key_required: bool = False
    options: frozenset[str] = frozenset()

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:
        """What to ask for. Most ask for all there is, so that one body serves every period."""
        ...

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """What the answer says.

        Raises
        ------
        ProviderError
            One of the typed errors, whatever the bytes are.
        """
        ...


def native_name(symbol: Symbol, *, allowed: str = "^=.-_") -> str:
    """The native part of a symbol; an InputError if it cannot stand in an address."""
    native = symbol.native
    plain = native.isascii() and all(c.isalnum() or c in allowed for c in native)
    if not plain or len(native) > 80 or not any(c.isalnum() for c in native):
        raise InputError(
            f"{printable(symbol.public)}: {symbol.provider} names are letters, digits "
            f"and {' '.join(allowed)}, 80 at most."
        )
    return native


def native_parts(symbol: Symbol, form: str) -> list[str]:
    """Parts of a native name between slashes, as many as ``form`` has; an InputError shows it."""
    native, parts = symbol.native, symbol.native.split("/")
    plain = native.isascii() and all(c.isalnum() or c in "/.-_:@" for c in native)
    named = all(any(c.isalnum() for c in part) for part in parts)
    if not (plain and named) or len(native) > 200 or len(parts) != form.count("/") + 1:
        raise InputError(
            f"{printable(symbol.public)}: write {symbol.provider}:{form}, of letters, digits "
            "and . - _ : @ only."
        )
    return parts
