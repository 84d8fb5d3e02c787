"""Mail over an encrypted connection, webhooks, and an outbox that never sends twice."""

import contextlib
import email
import email.policy
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from convex_research.core.errors import InputError
from convex_research.daily.deliver import address
from convex_research.daily.deliver.handover import Delivery, deliver, write_mails
from convex_research.daily.deliver.mail import compose, mail_session
from convex_research.daily.deliver.outbox import DeliveryError, Item, Outbox, target_of

PASSWORD = "s3cret-pass-word"
TOKEN = "t0ken-in-address"
# aiosmtpd warns of its own use of asyncio and of logins that tests make on purpose.
pytestmark = [
    pytest.mark.network,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]


def signal(**changes):
    return {
        "slug": "a-vs-b",
        "title": "Alpha and Beta",
        "page": "a-vs-b/correlation.html",
        "kind": "correlation",
        "part": "change",
        "pvalue": 1e-6,
        "pvalue_adjusted": 0.004,
        "statistic": -5.2,
        "reached": "2024-05-03",
        "headline": "The correlation fell.",
        "recent": {"value": 0.4, "low": 0.1, "high": 0.6, "nobs": 40},
        "usual": {"value": 0.9, "low": 0.88, "high": 0.92, "nobs": 1170},
        "path": [0.9, 0.88, 0.86, 0.7, 0.5, 0.4],
        "evidence": [],
        **changes,
    }


def digest(as_of="2024-05-03", **changes):
    return {
        "schema": "convex-research/digest/1",
        "as_of": as_of,
        "previous": None,
        "pairs": 2,
        "pairs_with_new_data": 2,
        "comparisons": 4,
        "looks": 4,
        "signals": [signal()],
        "moved": [],
        "moved_counts": dict.fromkeys(("verdict", "recent", "break", "extreme", "move"), 0),
        "still_open": [],
        "closed": [],
        "problems": [],
        "sentence": f"1 change beyond chance (4 comparisons over 2 pairs, data to {as_of}).",
        **changes,
    }


class Mailbox:
    """A mail server's memory and its moods."""

    def __init__(self):
        self.messages, self.encrypted, self.users, self.peers = [], [], [], []
        self.refuse_rcpt = self.refuse_data = self.drop = None

    async def handle_RCPT(self, server, session, envelope, rcpt, options):  # noqa: N802
        if self.refuse_rcpt:
            return self.refuse_rcpt
        envelope.rcpt_tos.append(rcpt)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.drop:
            if self.drop == "after":
                self.messages.append(envelope)
            server.transport.abort()
            return "250 never heard"
        if self.refuse_data:
            return self.refuse_data
        self.messages.append(envelope)
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 OK"

    def authenticate(self, server, session, envelope, mechanism, data):
        good = data.login == b"robot" and data.password == PASSWORD.encode()
        self.users.append(data.login)
        return AuthResult(success=good, handled=False)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))


@contextlib.contextmanager
def serving(box, *, context=None, implicit=False, login=True, certificate=None):
    options = {"authenticator": box.authenticate, "auth_required": login}
    if implicit:
        controller = Controller(
            box, "127.0.0.1", 0, ssl_context=context, auth_require_tls=False, **options
        )
    else:
        starttls = {"tls_context": context, "require_starttls": True} if context else {}
        if not context:
            options["auth_require_tls"] = False
        controller = Controller(box, "127.0.0.1", 0, **starttls, **options)
    controller.port = free_port()
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def tls(authority):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def login(monkeypatch):
    def name(url, password=PASSWORD):
        monkeypatch.setenv(address.SMTP_VARIABLE, url)
        monkeypatch.setenv(address.PASSWORD_VARIABLE, password)
        monkeypatch.setenv(address.SENDER_VARIABLE, "robot@example.org")
        return address.mail_server()

    return name


def everything_under(folder):
    return b"\n".join(p.read_bytes() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("implicit", [False, True])  # STARTTLS, and TLS from the first byte
def test_mail_goes_encrypted_with_login(tls, trusted, login, tmp_path, implicit):
    box, said = Mailbox(), []
    with serving(box, context=tls, implicit=implicit) as port:
        scheme = "smtps" if implicit else "smtp"
        server = login(f"{scheme}://robot@localhost:{port}")
        delivery = Delivery(to=("a@example.org", "b@example.org"), server=server)
        assert deliver(digest(), delivery, tmp_path, said.append) == 0
        assert deliver(digest(), delivery, tmp_path, said.append) == 0  # nothing twice
    assert box.encrypted == [True, True]
    assert box.users == [b"robot"]
    assert sorted(m.rcpt_tos for m in box.messages) == [["a@example.org"], ["b@example.org"]]
    assert [m.mail_from for m in box.messages] == ["robot@example.org"] * 2
    assert len(said) == 2
    message = email.message_from_bytes(box.messages[0].content, policy=email.policy.default)
    assert message["Subject"] == "Correlations to 2024-05-03: Alpha and Beta"
    assert "The correlation fell" in message.get_body(("plain",)).get_content()
    assert "The correlation fell" in message.get_body(("html",)).get_content()
    assert PASSWORD not in repr(server) + repr(delivery) + "".join(said)
    assert PASSWORD.encode() not in everything_under(tmp_path) + box.messages[0].content


def test_the_picture_in_the_mail_is_the_one_it_names():
    made = compose(
        digest(), to="a@example.org", sender="r@example.org", identity="<x1@example.org>"
    )
    message = email.message_from_bytes(made, policy=email.policy.default)
    pictures = [part for part in message.walk() if part.get_content_type() == "image/png"]
    assert len(pictures) == 1
    name = pictures[0]["Content-ID"].strip("<>")
    assert f'src="cid:{name}"' in message.get_body(("html",)).get_content()
    assert pictures[0].get_content().startswith(b"\x89PNG\r\n\x1a\n")
    again = compose(
        digest(), to="a@example.org", sender="r@example.org", identity="<x1@example.org>"
    )
    assert again == made
    assert max(map(len, made.split(b"\r\n"))) <= 998


def test_a_picture_is_a_picture():
    import io

    from matplotlib import image

    from convex_research.presentation.charts.sparkline import sparkline_png

    drawn = image.imread(io.BytesIO(sparkline_png([0.9, 0.5, 0.2], 0.9)), format="png")
    assert drawn.shape[:2] == (96, 480)
    blue = (drawn[..., 2] - drawn[..., 0]) > 0.3
    columns = [np_rows.mean() for np_rows in (blue[:, x].nonzero()[0] for x in (12, 240, 468))]
    assert columns == sorted(columns)  # the line falls from left to right


def test_without_encryption_nothing_is_sent_except_to_this_machine(login, tmp_path, monkeypatch):
    box, said = Mailbox(), []
    with serving(box) as port:
        server = login(f"smtp://robot@localhost:{port}")
        assert not server.requires_tls
        assert (
            deliver(digest(), Delivery(to=("a@example.org",), server=server), tmp_path, said.append)
            == 0
        )
        # The same server under a name that is not this machine's.
        monkeypatch.setattr(address, "is_loopback", lambda _: False)
        strict = login(f"smtp://robot@localhost:{port}")
        with pytest.raises(InputError, match="offers no encryption"), mail_session(strict):
            pass
    assert len(box.messages) == 1
    assert box.users == [b"robot"]


def test_a_certificate_of_a_stranger_is_refused(tls, login, tmp_path):
    box, said = Mailbox(), []
    with serving(box, context=tls) as port:  # its authority is not trusted here
        server = login(f"smtp://robot@localhost:{port}")
        code = deliver(
            digest(), Delivery(to=("a@example.org",), server=server), tmp_path, said.append
        )
    assert code == 2
    assert "certificate" in said[0]
    assert not box.messages
    assert not box.users


def test_a_refused_login_keeps_the_mail_for_the_next_run(tls, trusted, login, tmp_path):
    box, said = Mailbox(), []
    with serving(box, context=tls) as port:
        delivery = Delivery(
            to=("a@example.org",), server=login(f"smtp://robot@localhost:{port}", "wrong-word")
        )
        assert deliver(digest(), delivery, tmp_path, said.append) == 2
        assert "refuses the login of robot" in said[0]
        assert "wrong-word" not in "".join(said)
        delivery = Delivery(to=("a@example.org",), server=login(f"smtp://robot@localhost:{port}"))
        assert deliver(digest(), delivery, tmp_path, said.append) == 0
    assert len(box.messages) == 1


def test_a_server_that_is_down_gets_it_when_it_is_back(tls, trusted, login, tmp_path):
    box, said = Mailbox(), []
    down = Delivery(to=("a@example.org",), server=login(f"smtp://robot@localhost:{free_port()}"))
    assert deliver(digest("2024-05-02"), down, tmp_path, said.append) == 3
    assert deliver(digest("2024-05-03"), down, tmp_path, said.append) == 3
    assert "2 mails not sent" in said[-1]
    assert "next run tries again" in said[-1]
    with serving(box, context=tls) as port:
        back = Delivery(to=("a@example.org",), server=login(f"smtp://robot@localhost:{port}"))
        assert deliver(digest("2024-05-03"), back, tmp_path, said.append) == 0
    subjects = [email.message_from_bytes(m.content)["Subject"] for m in box.messages]
    assert [s.split(":")[0][-10:] for s in subjects] == ["2024-05-02", "2024-05-03"]


@pytest.mark.parametrize(
    ("mood", "answer", "code", "state"),
    [
        ("refuse_rcpt", "550 no such user", 2, "refused"),
        ("refuse_rcpt", "450 mailbox busy", 3, "prepared"),
        ("refuse_data", "451 try later", 3, "prepared"),
        ("refuse_data", "554 rejected", 2, "refused"),
        ("drop", "after", 3, "in doubt"),
        ("drop", "before", 3, "in doubt"),
    ],
)
def test_what_a_server_says_decides(  # noqa: PLR0917 - fixtures and cases
    tls, trusted, login, tmp_path, mood, answer, code, state
):
    box, said = Mailbox(), []
    setattr(box, mood, answer)
    with serving(box, context=tls) as port:
        delivery = Delivery(to=("a@example.org",), server=login(f"smtp://robot@localhost:{port}"))
        assert deliver(digest(), delivery, tmp_path, said.append) == code
        [item] = Outbox(tmp_path, said.append).items()
        assert item.state == state
        setattr(box, mood, None)
        before = len(box.messages)
        deliver(digest(), delivery, tmp_path, said.append)
    assert len(box.messages) - before == (1 if state == "prepared" else 0)


@pytest.mark.parametrize("when", ["before", "while", "after"])
def test_a_crash_never_sends_twice(tmp_path, when):
    said, sent = [], []
    item = Item(
        as_of="2024-05-03", channel="mail", target="0" * 16, to="a@example.org", identity="<i@x>"
    )
    outbox = Outbox(tmp_path, said.append)
    outbox.prepare(item, b"body")

    def crashing(item, body, about_to_send):
        if when == "before":
            raise KeyboardInterrupt
        about_to_send()
        sent.append(body)
        if when == "while":
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        outbox.send(item, crashing)
    following = Outbox(tmp_path, said.append)
    assert not following.prepare(item, b"other body")
    following.settle()
    for one in following.waiting("mail"):
        following.send(one, lambda item, body, go: (go(), sent.append(body)))
    assert sent == [b"body"]
    state = next(iter(following.items())).state
    assert state == ("in doubt" if when == "while" else "handed over")
    assert any("may have arrived" in words for words in said) == (when == "while")


def put(outbox, day, state, target="a@example.org"):
    """An item of this day that ended in this state."""
    item = Item(
        as_of=day, channel="mail", target=target_of(target), to=target, identity=f"<{day}@x>"
    )
    outbox.prepare(item, b"body")

    def sender(item, body, about_to_send):
        about_to_send()
        if state != "handed over":
            raise DeliveryError("no", state)

    if state == "handed over":
        outbox.send(item, sender)
    else:
        with pytest.raises(DeliveryError):
            outbox.send(item, sender)
    return item


def test_settled_items_are_removed_after_sixty_days_and_never_sent_again(tmp_path):
    outbox = Outbox(tmp_path, print)
    old = [
        put(outbox, "2024-01-10", "handed over"),
        put(outbox, "2024-01-10", "prepared", "down@example.org"),
        put(outbox, "2024-01-11", "in doubt"),
        put(outbox, "2024-01-12", "refused"),
        put(outbox, "2024-01-12-no-answer", "handed over"),
        put(outbox, "no-answer", "handed over"),
    ]
    near = put(outbox, "2024-03-04", "handed over")
    assert outbox.prune() == 0  # 2024-01-10 is sixty days before 2024-03-10
    newest = put(outbox, "2024-03-13", "handed over")
    assert outbox.prune() == 4
    left = {item.name: item.state for item in Outbox(tmp_path, print).items()}
    assert left == {
        old[1].name: "prepared",  # still to be sent
        old[5].name: "handed over",  # has no date
        near.name: "handed over",
        newest.name: "handed over",
    }
    assert not list(tmp_path.glob("2024-01-1[12]*"))
    # What was forgotten stays sent, in this run and the next, for old and new recipients.
    for box in (outbox, Outbox(tmp_path, print)):
        for item in old[:1] + old[2:]:
            assert not box.prepare(item, b"body")
    assert [item.name for item in outbox.waiting("mail")] == [old[1].name]
    later = put(outbox, "2024-03-14", "handed over")
    assert later.name in {item.name for item in outbox.items()}


def test_a_crash_while_removing_forgets_nothing(tmp_path, monkeypatch):
    outbox = Outbox(tmp_path, print)
    items = [put(outbox, f"2024-01-{day:02d}", "handed over") for day in (10, 11, 12)]
    put(outbox, "2024-05-01", "handed over")
    real, count = type(tmp_path).unlink, []

    def failing(path, missing_ok=False):
        count.append(path)
        if len(count) == 3:
            raise KeyboardInterrupt
        real(path, missing_ok=missing_ok)

    monkeypatch.setattr(type(tmp_path), "unlink", failing)
    with pytest.raises(KeyboardInterrupt):
        outbox.prune()
    monkeypatch.undo()
    for item in items:
        assert not outbox.prepare(item, b"body")
    assert outbox.waiting("mail") == []
    outbox.prune()
    assert [item.day for item in outbox.items()] == ["2024-05-01"]


def test_an_unreadable_item_is_told_of(tmp_path):
    said = []
    (tmp_path / "2024-05-03-mail-0123456789abcdef.json").write_bytes(b"{broken")
    assert list(Outbox(tmp_path, said.append).items()) == []
    assert "cannot be read" in said[0]


class Hook:
    def __init__(self, answers):
        self.answers, self.asked = list(answers), []


@pytest.fixture
def hooks(authority):
    servers = []

    def start(*answers, secure=False):
        hook = Hook(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked.append((self.path, dict(self.headers), json.loads(body)))
                status = hook.answers.pop(0) if hook.answers else 204
                if status is None:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "https://elsewhere.example/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("localhost").configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
        servers.append(server)
        scheme = "https" if secure else "http"
        hook.url = f"{scheme}://localhost:{server.server_address[1]}/in/{TOKEN}?key={TOKEN}"
        return hook

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def post(hook, folder, said):
    delivery = Delivery(webhook=address.webhook_url(hook.url), first_wait=0.01)
    assert TOKEN not in repr(delivery)
    return deliver(digest(), delivery, folder, said.append)


@pytest.mark.parametrize(
    ("answers", "asked", "code", "state"),
    [
        ((200,), 1, 0, "handed over"),
        ((503, 429, 200), 3, 0, "handed over"),
        ((503, 503, 503, 503), 4, 3, "prepared"),
        ((500,), 1, 3, "prepared"),
        ((404,), 1, 2, "refused"),
        ((302,), 1, 2, "refused"),
        ((None,), 1, 3, "in doubt"),
    ],
)
def test_a_webhook_is_asked_again_only_when_that_is_safe(  # noqa: PLR0917 - the same
    hooks, tmp_path, answers, asked, code, state
):
    hook, said = hooks(*answers), []
    assert post(hook, tmp_path, said) == code
    assert len(hook.asked) == asked
    [item] = Outbox(tmp_path, said.append).items()
    assert item.state == state
    assert len({headers["Idempotency-Key"] for _, headers, _ in hook.asked}) == 1
    assert hook.asked[0][2]["as_of"] == "2024-05-03"
    assert TOKEN not in "".join(said)
    assert TOKEN.encode() not in everything_under(tmp_path)
    before = len(hook.asked)
    post(hook, tmp_path, said)
    assert len(hook.asked) - before == (1 if state == "prepared" else 0)


def test_a_webhook_over_tls(hooks, trusted, tmp_path):
    hook, said = hooks(secure=True), []
    assert post(hook, tmp_path, said) == 0
    assert hook.asked[0][0] == f"/in/{TOKEN}?key={TOKEN}"


def test_a_webhook_with_a_strangers_certificate_gets_nothing(hooks, tmp_path):
    hook, said = hooks(secure=True), []
    assert post(hook, tmp_path, said) == 2
    assert not hook.asked
    assert "certificate" in said[0]


def test_a_webhook_that_is_not_there(tmp_path):
    said = []
    delivery = Delivery(webhook=f"http://localhost:{free_port()}/{TOKEN}", first_wait=0.01)
    assert deliver(digest(), delivery, tmp_path, said.append) == 3
    assert "cannot be reached" in said[0]
    assert TOKEN not in said[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nobody",
        "a@",
        "@b",
        "a b@c.org",
        "a@b..org",
        "a@-b.org",
        "x\r\nBcc: y@z.org",
        ".a@b.org",
        "a@b.org\n",
    ],
)
def test_wrong_addresses_are_refused(text):
    if text.strip() != text and "\r" not in text:
        assert address.recipients([text]) == [text.strip()]
        return
    with pytest.raises(InputError, match="not a mail address"):
        address.recipients([text])


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Mail needs"),
        ("http://host", "not an address"),
        ("smtp://", "not an address"),
        ("smtp://host:port", "not an address"),
        (f"smtp://robot:{PASSWORD}@host", "holds a password"),
        ("smtp://robot@host", "names a user"),
    ],
)
def test_wrong_servers_are_refused(monkeypatch, url, words):
    monkeypatch.setenv(address.SMTP_VARIABLE, url)
    for name in (
        address.PASSWORD_VARIABLE,
        address.PASSWORD_FILE_VARIABLE,
        address.SENDER_VARIABLE,
    ):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(InputError, match=words) as caught:
        address.mail_server()
    assert PASSWORD not in str(caught.value)


def test_the_password_may_lie_in_a_file(monkeypatch, tmp_path):
    monkeypatch.setenv(address.SMTP_VARIABLE, "smtps://me%40example.org@mail.example.org")
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    monkeypatch.setenv(address.PASSWORD_FILE_VARIABLE, str(path))
    monkeypatch.delenv(address.SENDER_VARIABLE, raising=False)
    server = address.mail_server()
    assert (server.password, server.port, server.sender) == (PASSWORD, 465, "me@example.org")
    assert server.requires_tls
    path.unlink()
    with pytest.raises(InputError, match="cannot be read") as caught:
        address.mail_server()
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/x",
        "ftp://x",
        "https://",
        "https://u:p@host/x",
        f"https://ho st/{TOKEN}",
        "https://h:x/",
    ],
)
def test_wrong_webhooks_are_refused_without_being_shown(url, monkeypatch):
    monkeypatch.delenv(address.WEBHOOK_VARIABLE, raising=False)
    with pytest.raises(InputError, match="must be an address like https") as caught:
        address.webhook_url(url)
    assert TOKEN not in str(caught.value)
    assert address.webhook_url(None) is None


def test_a_dry_run_writes_mails_and_needs_no_server(tmp_path):
    paths = write_mails(digest(), Delivery(to=("a@example.org",), dry_run=True), tmp_path)
    message = email.message_from_bytes(paths[0].read_bytes(), policy=email.policy.default)
    assert message["To"] == "a@example.org"
    assert message["Message-ID"].endswith("@localhost>")


def test_delivery_errors_say_what_follows():
    assert DeliveryError("x").state == "prepared"
