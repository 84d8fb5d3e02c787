"""Typed errors: what is wrong, with which symbol and provider, and what to do.

Every error carries the exit code the command line ends with: 2 for something the
user can correct, 3 for a source that is unavailable for the moment.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = [
    "AlignmentError",
    "BadKey",
    "ConvexResearchError",
    "DataError",
    "HistoryLimit",
    "InputError",
    "Malformed",
    "NotInSnapshot",
    "PublishingError",
    "RateLimited",
    "SourceUnavailable",
    "UnknownSeries",
    "Upstream",
    "printable",
    "refuse_unknown",
]


def printable(text: object, *, limit: int = 200) -> str:
    """Untrusted text on one line: control characters escaped, long text cut."""
    raw = str(text)
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in raw)
    return safe if len(safe) <= limit else safe[: limit - 1] + "…"


class ConvexResearchError(Exception):
    """Root of every error the package raises on purpose; the command line returns its exit code."""

    exit_code = 1


class InputError(ConvexResearchError):
    """Something the user gave cannot be used; the message says what to change."""

    exit_code = 2


class DataError(InputError):
    """A series was read, but its content cannot be analysed as it is."""


class AlignmentError(InputError):
    """Two series cannot be brought onto shared dates."""


class PublishingError(ConvexResearchError):
    """A page could not be built: the problem, the cell's first line, and what the cell raised.

    ``message`` is the cause; the problem where there is none.
    """

    def __init__(self, problem: str, cell: str = "", cause: str = "") -> None:
        self.problem, self.cell, self.cause = problem, cell, cause
        self.message = cause or problem
        place = f" in `{cell}`" if cell else ""
        super().__init__(f"{problem}{place}{f': {cause}' if cause else '.'}")

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.problem, self.cell, self.cause)


class ProviderError(ConvexResearchError):
    """Base of what a provider can answer instead of data.

    It holds who was asked and for what, the problem in one sentence, and what the user can do.
    """

    def __init__(self, provider: str, symbol: str, problem: str, advice: str = "") -> None:
        self.provider = provider
        self.symbol = symbol
        self.problem = problem
        self.advice = advice
        text = f"{provider}: {printable(symbol)}: {problem}"
        super().__init__(f"{text} {advice}".strip())

    def __reduce__(self) -> tuple[type, tuple[str, str, str, str]]:
        return type(self), (self.provider, self.symbol, self.problem, self.advice)


class UnknownSeries(ProviderError, InputError):
    """The provider does not have this series."""


class BadKey(ProviderError, InputError):
    """The key is missing, malformed, revoked or not allowed to do this."""


class HistoryLimit(ProviderError, InputError):
    """The history asked for is longer than this access allows."""


class SourceUnavailable(ProviderError):
    """The source cannot answer now; trying later may help."""

    exit_code = 3


class RateLimited(SourceUnavailable):
    """Too many requests for this source."""


class Upstream(SourceUnavailable):
    """The source is down or unreachable."""


class Malformed(SourceUnavailable):
    """The answer is not what this provider documents."""


class NotInSnapshot(SourceUnavailable):
    """The series is not in the snapshot or cache that this run is confined to."""


def refuse_unknown(given: Collection[str], known: Collection[str], what: str) -> None:
    """Refuse the first name that is not known, with its nearest neighbours.

    Raises
    ------
    InputError
        Naming it, and all that are known.
    """
    for name in given:
        if name not in known:
            near = get_close_matches(name, list(known), 1, 0.5)
            hint = f" (did you mean {near[0]}?)" if near else ""
            listed = ", ".join(known)
            raise InputError(f"unknown {what} {printable(name)!r}{hint}; known are {listed}.")
