"""A provider on this machine: bodies by path, requests written down."""

from __future__ import annotations

import gzip
import importlib.util
import socket
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

PROVIDERS = ("cboe", "coingecko", "dbnomics", "ecb", "fred", "stooq", "tiingo", "yahoo")
KEYS = ("FRED_API_KEY", "COINGECKO_API_KEY", "COINGECKO_PRO_API_KEY", "TIINGO_API_KEY")


@dataclass
class Asked:
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    at: float


@dataclass
class Host:
    """Answers with ``replies[path ending]``, else ``reply``: (status, body, headers)."""

    url: str = ""
    reply: object = (404, b"no such thing", {})
    replies: dict[str, object] = field(default_factory=dict)
    delay: float = 0.0
    asked: list[Asked] = field(default_factory=list)

    def answer(self, path: str):
        for ending, reply in self.replies.items():
            if path.endswith(ending):
                return reply
        return self.reply


def _handler(host: Host):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            parts = urlsplit(self.path)
            headers = {k.lower(): v for k, v in self.headers.items()}
            host.asked.append(Asked(parts.path, parse_qs(parts.query), headers, time.time()))
            if host.delay:
                time.sleep(host.delay)
            reply = host.answer(parts.path)
            if callable(reply):
                reply = reply(host.asked[-1], len(host.asked))
            status, body, extra = reply
            self.send_response(status)
            for name, value in extra.items():
                self.send_header(name, value)
            if "Content-Length" not in extra:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            if "Content-Length" in extra:
                self.close_connection = True

        def log_message(self, *_):
            pass

    return Handler


@pytest.fixture
def serve():
    """Start hosts on this machine; they stop when the test ends."""
    servers = []

    def start() -> Host:
        host = Host()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(host))
        server.daemon_threads = True
        host.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        servers.append(server)
        return host

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@dataclass
class Drip:
    """A server that says something, and then a byte at a time until its client has gone."""

    port: int
    asked: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)

    def serve(self, listener: socket.socket, said: bytes | None, more):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection, said, more), daemon=True).start()

    def _talk(self, connection: socket.socket, said: bytes | None, more):
        with connection:
            try:
                if said is not None:
                    connection.recv(2**16)
                    connection.sendall(said)
                self.asked.set()
                for byte in more:  # a minute
                    connection.sendall(bytes([byte]))
                    time.sleep(0.01)
            except OSError:
                self.left.set()


@pytest.fixture
def drip():
    """Start servers that drip: after ``said`` in answer to a request, or from the first byte."""
    listeners = []

    def start(said: bytes | None, more: bytes = b"2" * 6000) -> Drip:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        one = Drip(listener.getsockname()[1])
        threading.Thread(target=one.serve, args=(listener, said, more), daemon=True).start()
        return one

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def apart(monkeypatch, tmp_path):
    """An empty cache, no keys, and every provider at a closed port."""
    monkeypatch.setenv("CONVEX_RESEARCH_CACHE", str(tmp_path / "cache"))
    for name in PROVIDERS:
        monkeypatch.setenv(f"CONVEX_RESEARCH_{name.upper()}_URL", "http://127.0.0.1:9")
    for name in (*KEYS, "STOOQ_API_KEY", "CONVEX_RESEARCH_OFFLINE", "CONVEX_RESEARCH_SNAPSHOT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "cache"


@pytest.fixture
def host(serve, apart, monkeypatch) -> Host:
    """One host for all providers."""
    one = serve()
    for name in PROVIDERS:
        monkeypatch.setenv(f"CONVEX_RESEARCH_{name.upper()}_URL", one.url)
    return one


@pytest.fixture(scope="session")
def embedded():
    """Daily returns of an index by its name, read from arch's folder without this package."""

    def returns(name: str) -> np.ndarray:
        folder = Path(importlib.util.find_spec("arch").origin).parent / "data"
        with gzip.open(folder / name / f"{name}.csv.gz", "rt") as lines:
            column = next(lines).strip().split(",").index("Adj Close")
            prices = np.array([float(line.split(",")[column]) for line in lines])
        return prices[1:] / prices[:-1] - 1.0

    return returns
