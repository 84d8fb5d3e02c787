"""The digest as a JSON request to a webhook."""

from __future__ import annotations

import http.client
import ssl
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from convex_research.core.background import Deadline, hang_up
from convex_research.daily.deliver.outbox import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.daily.deliver.outbox import Item

__all__ = ["webhook_sender"]

_SECONDS = 20.0  # between two pieces of an answer
_ATTEMPTS = 4
_BUSY = {429, 503}


class _BusyError(Exception):
    """Certainly not taken; asking again in a moment is safe."""


def webhook_sender(
    url: str, *, first_wait: float = 1.0, seconds: float = 60.0
) -> Callable[[Item, bytes, Callable[[], None]], None]:
    """A sender for the outbox, which shows no more of the address than its host.

    It asks up to four times, in at most ``seconds``, while the host cannot be reached or says
    that it is busy; the first wait is ``first_wait`` seconds, each further one twice as long.
    An answer that never comes leaves the item in doubt.
    """
    from tenacity import (
        Retrying,
        retry_if_exception_type,
        stop_after_attempt,
        stop_after_delay,
        wait_exponential,
    )

    host = urlsplit(url).hostname or ""

    def send(item: Item, body: bytes, about_to_send: Callable[[], None]) -> None:
        attempts = Retrying(
            retry=retry_if_exception_type(_BusyError),
            stop=stop_after_attempt(_ATTEMPTS) | stop_after_delay(seconds),
            wait=wait_exponential(multiplier=first_wait, max=30.0),
            reraise=True,
        )
        try:
            attempts(_post, url, item, body, about_to_send, Deadline(seconds))
        except _BusyError as error:
            raise DeliveryError(f"{host} {error}") from None

    return send


def _post(
    url: str, item: Item, body: bytes, about_to_send: Callable[[], None], deadline: Deadline
) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(host, parts.port, timeout=_SECONDS)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "convex-research",
        "Idempotency-Key": item.identity,
    }

    def ask() -> int:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status

    def abandon() -> None:
        hang_up(connection.sock)

    with closing(connection):
        try:
            deadline.call(connection.connect, abandon)
        except ssl.SSLCertVerificationError as error:
            problem = f"the certificate of {host} is not valid: {error.verify_message}"
            raise DeliveryError(problem, exit_code=2) from None
        except OSError:
            raise _BusyError("cannot be reached") from None
        about_to_send()
        try:
            status = deadline.call(ask, abandon)
        except (OSError, http.client.HTTPException):
            problem = f"{host} took the digest but did not answer; it is not sent again"
            raise DeliveryError(problem, "in doubt") from None
    if status in _BUSY:
        raise _BusyError(f"is busy ({status})")
    if status >= 500:
        raise DeliveryError(f"{host} failed ({status})")
    if not 200 <= status < 300:
        problem = f"{host} refuses the digest ({status}); redirections are not followed"
        raise DeliveryError(problem, "refused", exit_code=2)
