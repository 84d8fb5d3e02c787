"""What the environment says: keys, addresses, offline; and the transport all share."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from convex_research.core.errors import InputError
from convex_research.data.cache.store import cache_folder
from convex_research.data.http.exchange import Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from convex_research.data.http.exchange import HttpRequest
    from convex_research.data.http.transport import Transport

__all__ = [
    "OFFLINE_VARIABLE",
    "find_key",
    "is_offline",
    "is_redirected",
    "redirected",
    "report_waiting",
    "shared_transport",
]

OFFLINE_VARIABLE = "CONVEX_RESEARCH_OFFLINE"

_waiting: list[Callable[[str, float], None]] = []


def is_offline() -> bool:
    """Whether ``CONVEX_RESEARCH_OFFLINE`` confines this process to cache and samples."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().casefold() not in {"", "0", "false", "no"}


def find_key(variables: Sequence[str]) -> Secret | None:
    """The first key set in these environment variables.

    One with characters that no key can have is an InputError, which does not show it.
    """
    for variable in variables:
        value = os.environ.get(variable, "").strip()
        if value:
            if not (value.isascii() and value.isprintable()):
                raise InputError(f"The key in {variable} has characters no key can have.")
            return Secret(value, variable)
    return None


def is_redirected(provider: str) -> bool:
    """Whether the user has given this provider another address."""
    return bool(os.environ.get(_address_variable(provider), "").strip())


def _address_variable(provider: str) -> str:
    return f"CONVEX_RESEARCH_{provider.upper().replace('-', '_')}_URL"


def redirected(request: HttpRequest, provider: str) -> HttpRequest:
    """The request at the host ``CONVEX_RESEARCH_<PROVIDER>_URL`` names, if it is set.

    What is no address is an InputError.
    """
    variable = _address_variable(provider)
    base = os.environ.get(variable, "").strip().rstrip("/")
    if not base:
        return request
    try:
        parts = urlsplit(base)
        usable = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
        usable = usable and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"{variable} is not an address like http://127.0.0.1:8000.")
    return replace(request, url=f"{base}{urlsplit(request.url).path}")


def report_waiting(tell: Callable[[str, float], None] | None) -> None:
    """Choose who is told host and seconds before a wait of a second or more.

    By default that is a line on a terminal's standard error.
    """
    _waiting[:] = [tell] if tell is not None else []


def _tell_waiting(host: str, seconds: float) -> None:
    if _waiting:
        _waiting[0](host, seconds)
    elif sys.stderr.isatty():
        sys.stderr.write(f"waiting {seconds:.0f} s before asking {host}\n")


def shared_transport() -> Transport:
    """The transport of this process, spacing its requests through the cache folder."""
    return _transport(cache_folder())


@cache
def _transport(folder: Path) -> Transport:
    from convex_research.data.http.spacing import Spacing
    from convex_research.data.http.transport import Transport

    spacing = Spacing(folder / "spacing", waiting=_tell_waiting)
    return Transport(spacing, waiting=_tell_waiting)
