"""HTTP connections that can be broken off by another thread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import requests
from requests.adapters import HTTPAdapter

from convex_research.core.background import hang_up

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

__all__ = ["Session"]


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
