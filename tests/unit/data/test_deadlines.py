"""Sources and servers that drip: a byte now and then, so that no wait for a piece is long."""

import asyncio
import gzip
import random
import socket
import threading
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller

from convex_research.core.background import Deadline
from convex_research.core.errors import Upstream
from convex_research.daily.deliver import mail, webhook
from convex_research.daily.deliver.address import MailServer
from convex_research.daily.deliver.outbox import DeliveryError, Item
from convex_research.data import write_snapshot
from convex_research.data.http.exchange import HttpRequest
from convex_research.data.http.spacing import Spacing
from convex_research.data.http.transport import Limits, NoAnswer, Transport
from convex_research.data.providers import provider, yahoo_fallback

pytestmark = pytest.mark.network

SOON = 0.3  # seconds; what drips does so for a minute
LONG = 60.0
OK = b"HTTP/1.1 200 OK\r\n"
TWOS = b"2" * 6000
PACKED = gzip.compress(random.Random(5).randbytes(6000))


@pytest.fixture
def transport(apart):
    return Transport(Spacing(apart / "spacing"), limits=Limits(total=SOON))


@pytest.mark.parametrize(
    ("said", "more"),
    [
        (OK + b"Content-Length: 90000\r\n\r\n", TWOS),
        (OK + b"\r\n", TWOS),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", TWOS),
        (OK + b"Content-Encoding: gzip\r\n\r\n", PACKED),
        (OK + b"X-Long: ", TWOS),
        (b"HTTP/1.1 20", TWOS),
    ],
    ids=["length", "no length", "chunked", "gzip", "headers", "status"],
)
def test_an_answer_that_drips_ends_in_time(drip, transport, said, more):
    server = drip(said, more)
    request = HttpRequest(url=f"http://127.0.0.1:{server.port}/x")
    with pytest.raises(NoAnswer, match="does not finish its answer in time"):
        transport.get(request, provider="p")
    assert server.left.wait(LONG), "the connection is hung up, and its thread ends"


def test_the_next_request_has_a_session_of_its_own(drip, serve, transport):
    with pytest.raises(NoAnswer):
        transport.get(HttpRequest(url=f"http://127.0.0.1:{drip(OK).port}/x"), provider="p")
    host = serve()
    host.reply = (200, b"whole", {})
    assert transport.get(HttpRequest(url=f"{host.url}/y"), provider="p").body == b"whole"


def test_a_snapshot_goes_on_without_the_series_that_drips(drip, transport, monkeypatch, tmp_path):
    monkeypatch.setenv("CONVEX_RESEARCH_FRED_URL", f"http://127.0.0.1:{drip(OK).port}")
    monkeypatch.setattr(provider, "shared_transport", lambda: transport)
    snapshot = write_snapshot(["fred:DGS10", "sample:vix"], tmp_path / "snapshot")
    assert snapshot.symbols == ("sample:vix",)
    assert isinstance(snapshot.errors["fred:DGS10"], Upstream)
    assert "in time" in str(snapshot.errors["fred:DGS10"])


def test_yfinance_has_a_deadline_too(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(yahoo_fallback, "_ask", lambda _: over.wait(LONG))
    monkeypatch.setattr(yahoo_fallback.importlib.util, "find_spec", lambda _: "there")
    ref = SimpleNamespace(symbol=SimpleNamespace(native="SPY"))
    assert yahoo_fallback.ask_yfinance(ref, SOON) is None
    assert not over.is_set()
    over.set()


def test_a_deadline_holds_for_all_calls_together():
    now = [0.0]
    deadline = Deadline(10.0, clock=lambda: now[0])
    assert deadline.call(lambda: 7, abandon=pytest.fail) == 7
    with pytest.raises(ZeroDivisionError):
        deadline.call(lambda: 1 / 0, abandon=pytest.fail)
    now[0] = 10.0
    with pytest.raises(TimeoutError):
        deadline.call(pytest.fail, abandon=pytest.fail)


# --- mail and webhooks ---------------------------------------------------------------------


@pytest.fixture
def hurry(monkeypatch):
    """Have a module's deadlines stand still until the function returned is called."""

    def arrange(module):
        now = [0.0]
        monkeypatch.setattr(module, "Deadline", partial(Deadline, clock=lambda: now[0]))
        return lambda: now.__setitem__(0, LONG - SOON)

    return arrange


def item(number=1):
    return Item(
        as_of="2024-05-03",
        channel="mail",
        target=f"{number:016d}",
        to=f"a{number}@example.org",
        identity=f"<i{number}@x>",
    )


def mail_server(port):
    return MailServer(
        host="127.0.0.1",
        port=port,
        implicit_tls=False,
        user=None,
        password=None,
        sender="robot@example.org",
        requires_tls=False,
    )


def test_a_mail_server_that_drips_its_greeting_is_down(drip, hurry, monkeypatch):
    soon, connected = hurry(mail), mail._connected

    def connect(*arguments):
        sock = connected(*arguments)
        soon()
        return sock

    monkeypatch.setattr(mail, "_connected", connect)
    server = drip(None)
    with pytest.raises(DeliveryError) as caught, mail.mail_session(mail_server(server.port)):
        pytest.fail("there is no session")
    assert "cannot be reached (it does not answer in time)" in str(caught.value)
    assert (caught.value.state, caught.value.exit_code) == ("prepared", 3)
    assert server.left.wait(LONG)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd")
def test_a_mail_server_that_drips_over_a_message_is_asked_no_more(hurry, tmp_path):
    class Slow:
        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            while not server.transport.is_closing():
                server.transport.write(b"2")
                await asyncio.sleep(0.01)

    soon, sent = hurry(mail), []

    def send(session, number):
        with pytest.raises(DeliveryError) as caught:
            session.send(item(number), b"x", lambda: (sent.append(number), soon()))
        return caught.value.state

    with serving(Slow()) as port, mail.mail_session(mail_server(port)) as session:
        assert send(session, 1) == "in doubt"
        assert send(session, 2) == "prepared"
    assert sent == [1]


@contextmanager
def serving(handler):
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    controller = Controller(handler, "127.0.0.1", port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def test_a_webhook_that_drips_leaves_its_item_in_doubt(drip, hurry):
    server, soon = drip(b"HTTP/1.1 20"), hurry(webhook)
    send = webhook.webhook_sender(f"http://127.0.0.1:{server.port}/x")
    with pytest.raises(DeliveryError, match="did not answer") as caught:
        send(item(), b"{}", soon)
    assert caught.value.state == "in doubt"
    assert server.left.wait(LONG)
