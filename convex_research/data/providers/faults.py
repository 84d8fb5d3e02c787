"""What a provider answers instead of data, as typed errors.

Providers use status codes loosely: FRED sends 400 for a bad key and for an unknown
series alike, Stooq sends everything with 200. So the text decides, and the status
only where the text says nothing.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from convex_research.core.errors import (
    BadKey,
    HistoryLimit,
    Malformed,
    ProviderError,
    RateLimited,
    UnknownSeries,
    Upstream,
    printable,
)
from convex_research.data.http.exchange import REDACTED

if TYPE_CHECKING:
    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["fault_in", "malformed", "no_observations", "raise_for_fault", "text_fault"]

# Order matters: a message about limits may mention plans and keys.
_BY_TEXT: dict[type[ProviderError], str] = {
    HistoryLimit: r"allowed time range|past \d+ days|historical data (older|beyond)|beyond .* plan",
    RateLimited: r"rate.?limit|too many requests|daily hits limit|call frequency"
    r"|request allocation|requests per (minute|hour|day)|throttl|quota",
    BadKey: r"api.?_?key|invalid token|access token|authentication|unauthori[sz]ed|credentials"
    r"|not a valid key|requires? (a|an) .*(subscription|plan)|please (log in|subscribe)",
    UnknownSeries: r"does not exist|doesn't exist|not found|could not find|no data|delisted|no such"
    r"|unknown (symbol|series|ticker|id)|invalid (symbol|ticker|vs_currency|coin)",
}
# CoinGecko's own numbers; the rest are HTTP statuses repeated in the body.
_BY_CODE: dict[int, type[ProviderError]] = {
    **dict.fromkeys((10002, 10005, 10010, 10011, 401), BadKey),
    **dict.fromkeys((1020, 423), Upstream),
    10012: HistoryLimit,
    429: RateLimited,
    404: UnknownSeries,
}
_LONGEST_ERROR = 8_000  # bytes; a longer body is data, and reading it twice would cost
_MESSAGE_KEYS = (
    *("error_message", "message", "detail", "description", "Note", "Information"),
    "Error Message",
)
_HOLDERS = ("error", "status", "errors", "chart", "finance")
_XML_MESSAGE = re.compile(
    r'<error\b[^>]*\bmessage="([^"]*)"|<Message>([^<]*)</Message>', re.IGNORECASE
)
_TITLE = re.compile(r"<title[^>]*>([^<]*)</title>", re.IGNORECASE)


def fault_in(ref: Ref, answer: HttpAnswer) -> ProviderError | None:
    """The typed error an answer stands for, whatever its bytes, or nothing if it may hold data."""
    status = answer.status
    message, code = _message(answer)
    if status == 429:
        return _error(RateLimited, ref, message or "it answers HTTP 429")
    if status >= 500:
        return _error(Upstream, ref, message or f"it answers HTTP {status}", status)
    if status == 200 and message is None and code is None:
        return None
    kind = _kind(message or "", code)
    if kind is None:
        kind = _by_status(status, ref)
    return _error(kind, ref, message or f"it answers HTTP {status}", status)


def text_fault(ref: Ref, said: str) -> ProviderError | None:
    """The typed error a plain text stands for, if it is one that is known."""
    kind = _kind(said, None)
    return None if kind is None else _error(kind, ref, said)


def raise_for_fault(ref: Ref, answer: HttpAnswer) -> None:
    """Raise the typed error an answer stands for, if it stands for one."""
    error = fault_in(ref, answer)
    if error is not None:
        raise error


def malformed(ref: Ref, problem: str) -> Malformed:
    """An answer that is not what the provider documents."""
    return Malformed(
        ref.symbol.provider,
        ref.symbol.native,
        f"the answer is malformed: {_clean(ref, problem)}",
        "Try again later; if it stays so, the provider has changed its format.",
    )


def no_observations(ref: Ref) -> UnknownSeries:
    """A proper answer with nothing in it."""
    return UnknownSeries(
        ref.symbol.provider,
        ref.symbol.native,
        "the provider answers without a single observation.",
        "Check the symbol; it may be delisted, or have no daily data.",
    )


def _kind(said: str, code: int | None) -> type[ProviderError] | None:
    if code in _BY_CODE and code not in {401, 404}:
        return _BY_CODE[code]
    text = said.casefold()
    for kind, pattern in _BY_TEXT.items():
        if re.search(pattern, text):
            return kind
    return _BY_CODE.get(code) if code is not None else None


def _by_status(status: int, ref: Ref) -> type[ProviderError]:
    if status in {401, 402, 407} or (status == 403 and ref.key is not None):
        return BadKey
    if status in {404, 410, 400, 422, 200}:  # refused parameters are an unusable symbol
        return UnknownSeries
    return Upstream


def _advice(kind: type[ProviderError], ref: Ref, status: int) -> str:
    provider = ref.symbol.provider
    if kind is BadKey:
        variable = ref.key.variable if ref.key is not None else f"{provider.upper()}_API_KEY"
        return f"Check the environment variable {variable}."
    if kind is RateLimited:
        return "Wait some minutes, or set a key that allows more."
    if kind is HistoryLimit:
        return "Ask for a later start, set a key of a paid plan, or use another provider."
    if kind is Upstream:
        blocked = " It may block this network's address." if status == 403 else ""
        return f"Try again later, or use another provider.{blocked}"
    return "Check the symbol and its options."


def _error(kind: type[ProviderError], ref: Ref, said: str, status: int = 0) -> ProviderError:
    says = _clean(ref, said).rstrip(". ")
    problem = f"the provider says: {says}." if not says.startswith("it answers") else f"{says}."
    return kind(ref.symbol.provider, ref.symbol.native, problem, _advice(kind, ref, status))


def _clean(ref: Ref, text: str) -> str:
    """Untrusted text on one short line, without the key it may echo."""
    if ref.key is not None and ref.key.reveal():
        text = text.replace(ref.key.reveal(), REDACTED)
    return printable(" ".join(text.split()), limit=180)


def _message(answer: HttpAnswer) -> tuple[str | None, int | None]:
    """The error text and number in a body; both absent when it may be data."""
    good = answer.status == 200
    if good and len(answer.body) > _LONGEST_ERROR:
        return None, None
    start = answer.body.lstrip()[:1]
    if start in {b"{", b"["}:
        try:
            return _from_json(json.loads(answer.body))
        except (ValueError, RecursionError):
            start = b""
    text = answer.body[:4000].decode("utf-8", "replace")
    if start == b"<":
        match = _XML_MESSAGE.search(text) or (None if good else _TITLE.search(text))
        return (next(part for part in match.groups() if part is not None) if match else None), None
    return (None if good else _plain(answer.body)), None


def _plain(body: bytes) -> str | None:
    return body[:300].decode("utf-8", "replace").strip() or None


def _from_json(found: Any) -> tuple[str | None, int | None]:
    """Look where providers put their errors; data keys are never looked at."""
    if isinstance(found, str):
        return found or None, None
    if not isinstance(found, dict):
        return None, None
    code = found.get("error_code", found.get("code"))
    texts = [*(found.get(key) for key in _MESSAGE_KEYS), code]
    message = next((text for text in texts if isinstance(text, str) and text), None)
    number = code if type(code) is int else None
    for key in _HOLDERS:
        inner = found.get(key)
        if not (key == "status" and isinstance(inner, str)):
            text, inner_number = _from_json(inner)
            message = message or text
            number = inner_number if number is None else number
    return message, number
