"""The one place that speaks HTTP: timeouts, spacing, retries, and no key in sight.

What comes out is an answer, whatever its status, or :class:`NoAnswer`. Nothing that
leaves here holds an address with a key: not an exception, its causes, or a log line.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_plus, urlsplit
from weakref import WeakSet

import requests
import tenacity
from requests.adapters import HTTPAdapter

from convex_research.core.background import Deadline, hang_up
from convex_research.data.http.exchange import REDACTED, HttpAnswer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Mapping

    from convex_research.data.http.exchange import HttpRequest, Secret
    from convex_research.data.http.spacing import Spacing

__all__ = ["Limits", "NoAnswer", "Transport"]

_AGENT = "Mozilla/5.0 (X11; Linux x86_64) convex-research/0.1"
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_LARGEST_BODY = 64 * 2**20
_SHORTEST_KEY = 8
_KEPT_HEADERS = ("etag", "last-modified", "content-type", "retry-after")


class NoAnswer(Exception):  # it is a state of the network, told in one word
    """No whole answer came: why, without an address, and whether asking again may help."""

    def __init__(self, problem: str, *, again: bool = True) -> None:
        self.problem = problem
        self.again = again
        super().__init__(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How patient the transport is, in seconds: for a connection, and between two pieces.

    ``total`` holds for all tries and the waits between them, whatever the source does meanwhile;
    the first wait is doubled each time.
    """

    connect: float = 5.0
    read: float = 30.0
    tries: int = 4
    total: float = 60.0
    first_wait: float = 0.5


@dataclass
class Transport:
    """Sends requests at the distance of ``spacing``, which all processes share.

    ``waiting`` is told host and seconds before a wait of a second or more.
    """

    spacing: Spacing
    limits: Limits = field(default_factory=Limits)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    waiting: Callable[[str, float], None] | None = None
    _local: threading.local = field(default_factory=threading.local, init=False)
    _unwilling: dict[str, float] = field(default_factory=dict, init=False)

    def get(
        self, request: HttpRequest, *, provider: str, conditions: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        """Ask, and ask again after connection errors, timeouts, 5xx and 429 only.

        Spacing is kept per provider and host; conditions are ``If-None-Match`` and
        ``If-Modified-Since``. The last answer comes back, whatever its status; :class:`NoAnswer` is
        raised if none came whole.
        """
        host = urlsplit(request.url).netloc
        deadline: list[Deadline] = []

        def once() -> HttpAnswer | NoAnswer:
            self.spacing.wait(f"{provider}-{host}", request.min_interval)
            if not deadline:  # waiting for the first slot is politeness, not failure
                deadline.append(Deadline(self.limits.total, self.clock))
            return self._once(request, conditions or {}, deadline[0])

        def stop(state: tenacity.RetryCallState) -> bool:
            spent = state.attempt_number >= self._tries(host)
            return spent or self._wait(state) > deadline[0].left

        retrying = tenacity.Retrying(
            stop=stop,
            wait=self._wait,
            retry=tenacity.retry_if_result(_may_pass),
            sleep=lambda seconds: self._pause(host, seconds),
            retry_error_callback=lambda state: state.outcome and state.outcome.result(),
        )
        outcome: HttpAnswer | NoAnswer = retrying(once)
        if isinstance(outcome, NoAnswer):
            self._unwilling[host] = self.clock()
            raise outcome
        if _may_pass(outcome):
            self._unwilling[host] = self.clock()
        else:
            self._unwilling.pop(host, None)
        return outcome

    def _tries(self, host: str) -> int:
        """One try while a host is known to fail, so that a batch fails fast."""
        since = self._unwilling.get(host)
        down = since is not None and self.clock() - since < self.limits.total
        return 1 if down else self.limits.tries

    def _wait(self, state: tenacity.RetryCallState) -> float:
        pause = self.limits.first_wait * 2.0 ** (state.attempt_number - 1)
        outcome = state.outcome.result() if state.outcome is not None else None
        if isinstance(outcome, HttpAnswer):
            pause = max(pause, _retry_after(outcome))
        return pause

    def _pause(self, host: str, seconds: float) -> None:
        if seconds >= 1.0 and self.waiting is not None:
            self.waiting(host, seconds)
        self.sleep(seconds)

    def _session(self, host: str | None) -> Session:
        kind = "loopback" if host in _LOOPBACK else "outside"
        session: Session | None = getattr(self._local, kind, None)
        if session is None:
            session = Session()
            session.headers["User-Agent"] = _AGENT
            session.trust_env = kind == "outside"  # no proxy stands before this machine
            setattr(self._local, kind, session)
        return session

    def _once(
        self, request: HttpRequest, conditions: Mapping[str, str], deadline: Deadline
    ) -> HttpAnswer | NoAnswer:
        """One request, in what is left of the time."""
        session = self._session(urlsplit(request.url).hostname)
        try:
            return deadline.call(partial(self._ask, session, request, conditions), session.hang_up)
        except TimeoutError:
            vars(self._local).clear()  # the thread that is left behind has the session
            return NoAnswer("it does not finish its answer in time", again=False)

    def _ask(
        self, session: requests.Session, request: HttpRequest, conditions: Mapping[str, str]
    ) -> HttpAnswer | NoAnswer:
        """The answer. The library's own exceptions hold the address, so none leaves."""
        secrets = request.secrets
        _keep_out_of_logs(secrets)
        shown = [*request.params, *((n, secret.reveal()) for n, secret in request.secret_params)]
        headers = {**dict(request.headers), **conditions}
        headers |= {name: secret.header() for name, secret in request.secret_headers}
        try:
            with session.get(
                request.url,
                params=shown,
                headers=headers,
                timeout=(self.limits.connect, self.limits.read),
                stream=True,
                allow_redirects=not secrets,  # a redirect may lead a key elsewhere
            ) as response:
                body = _read(response)
                if isinstance(body, NoAnswer):
                    return body
                found = {name: response.headers.get(name, "") for name in _KEPT_HEADERS}
                status = response.status_code
        except (OSError, ValueError) as error:  # all of requests' own are one or the other
            return _in_words(error)
        kept = {name: _scrub(value, secrets) for name, value in found.items() if value}
        return HttpAnswer(status, _scrub_bytes(body, secrets), kept, datetime.now(UTC))


def _read(response: requests.Response) -> bytes | NoAnswer:
    pieces, size = [], 0
    for piece in response.iter_content(2**16):
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST_BODY:
            return NoAnswer(f"it sends more than {_LARGEST_BODY // 2**20} MB", again=False)
    return b"".join(pieces)


def _in_words(error: Exception) -> NoAnswer:
    """What happened, without the exception itself."""
    for kind, problem, again in (
        (requests.exceptions.SSLError, "its certificate cannot be trusted", False),
        (requests.exceptions.ProxyError, "the proxy refuses or cannot be reached", True),
        (requests.exceptions.Timeout, "it does not answer in time", True),
        (requests.exceptions.ConnectionError, "it cannot be reached", True),
        (requests.exceptions.ChunkedEncodingError, "the connection broke", True),
        (ValueError, "its address or answer cannot be used", False),
    ):
        if isinstance(error, kind):
            return NoAnswer(problem, again=again)
    return NoAnswer("the connection broke")


def _may_pass(outcome: HttpAnswer | NoAnswer) -> bool:
    if isinstance(outcome, NoAnswer):
        return outcome.again
    return outcome.status == 429 or outcome.status >= 500


def _retry_after(answer: HttpAnswer) -> float:
    """Seconds the server asks for; zero and nonsense say nothing."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0.0
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - answer.retrieved_at).total_seconds())


def _scrub(text: str, secrets: tuple[Secret, ...]) -> str:
    for secret in secrets:
        if secret.reveal():
            text = text.replace(secret.reveal(), REDACTED)
            text = text.replace(quote_plus(secret.reveal()), REDACTED)
    return text


def _scrub_bytes(body: bytes, secrets: tuple[Secret, ...]) -> bytes:
    for secret in secrets:
        if len(secret.reveal()) >= _SHORTEST_KEY:  # a shorter one might occur in numbers
            body = body.replace(secret.reveal().encode(), REDACTED.encode())
    return body


class _KeyFilter(logging.Filter):
    """Takes keys out of the lines that urllib3 writes when logging is at its noisiest."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: dict[str, Secret] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        safe = _scrub(line, tuple(self.secrets.values()))
        if safe != line:
            record.msg, record.args = safe, ()
        return True


_FILTER = _KeyFilter()


def _keep_out_of_logs(secrets: tuple[Secret, ...]) -> None:
    for secret in secrets:
        _FILTER.secrets[secret.reveal()] = secret
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logger = logging.getLogger(name)
        if _FILTER not in logger.filters:
            logger.addFilter(_FILTER)


class Session(requests.Session):
    """A session of requests that knows its sockets: an answer has none before its headers end."""

    def __init__(self) -> None:
        super().__init__()
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._over = False
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Adapter(self._connected))

    def _connected(self, sock: socket.socket) -> None:
        self._sockets.add(sock)
        if self._over:
            hang_up(sock)

    def hang_up(self) -> None:
        """Break off what is under way, for good."""
        self._over = True
        for sock in list(self._sockets):
            hang_up(sock)


class _Adapter(HTTPAdapter):
    """Tells of every socket that has been connected."""

    def __init__(self, connected: Callable[[socket.socket], None]) -> None:
        self._connected = connected
        super().__init__()

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        """The pool that a request takes its connection from."""
        pool: Any = super().get_connection_with_tls_context(*args, **options)
        if "ConnectionCls" not in vars(pool):
            pool.ConnectionCls = partial(self._made, pool.ConnectionCls)
        return pool

    def _made(self, kind: Callable[..., Any], **options: Any) -> Any:
        connection = kind(**options)
        connect = connection.connect

        def told() -> None:
            connect()
            self._connected(connection.sock)

        connection.connect = told
        return connection
