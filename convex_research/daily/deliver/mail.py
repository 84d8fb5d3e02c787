"""The digest as mail: composed once, sent over a connection that nobody can read."""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import contextmanager, suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from convex_research.core.background import Deadline, hang_up
from convex_research.core.errors import InputError, printable
from convex_research.daily.deliver.outbox import DeliveryError, digest_identity
from convex_research.daily.digest_pages import MOST_IN_MAIL, digest_text, line_of, mail_html
from convex_research.daily.wording import subject
from convex_research.presentation.charts.sparkline import sparkline_png
from convex_research.publishing.atom import EPOCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from convex_research.daily.deliver.address import MailServer
    from convex_research.daily.deliver.outbox import Item

    _T = TypeVar("_T")

__all__ = ["MailSession", "compose", "mail_session", "message_id"]

_SECONDS = 30.0  # between two pieces of an answer
_FAREWELL = 5.0


def message_id(recipient: str, digest: bytes, sender: str) -> str:
    """Message-ID of a digest for a recipient: the same however often it is made."""
    return f"<{digest_identity(recipient, digest)}@{sender.rpartition('@')[2]}>"


def compose(
    content: Mapping[str, Any], *, to: str, sender: str, identity: str, site: str | None = None
) -> bytes:
    """The message (RFC 5322): plain text, and HTML with the pictures it shows.

    ``identity`` is from :func:`message_id`, ``site`` the address of the reports. It is dated
    by the data: the same digest gives the same bytes.
    """
    message = EmailMessage(policy=SMTP.clone(max_line_length=78))
    message["From"] = sender
    message["To"] = to
    message["Subject"] = printable(subject(content), limit=150)
    end = f"{content['as_of'] or EPOCH}T23:59:00+00:00"
    message["Date"] = format_datetime(datetime.fromisoformat(end))
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(digest_text(content, site), cte="quoted-printable")
    local, domain = identity.strip("<>").split("@")
    pictures: dict[int, tuple[str, bytes]] = {}
    for i, signal in enumerate(content["signals"][:MOST_IN_MAIL]):
        if (line := line_of(signal)) is not None:
            pictures[i] = (f"{local}.{i}@{domain}", sparkline_png(*line))
    markup = mail_html(content, {i: cid for i, (cid, _) in pictures.items()}, site)
    message.add_alternative(markup, subtype="html", cte="quoted-printable")
    html = message.get_payload()[1]  # type: ignore[index]
    for i, (cid, picture) in pictures.items():
        html.add_related(  # type: ignore[union-attr]
            picture,
            maintype="image",
            subtype="png",
            cid=f"<{cid}>",
            disposition="inline",
            filename=f"correlation-{i + 1}.png",
        )
    for number, part in enumerate(message.walk()):
        if part.is_multipart():  # from the identity instead of from chance
            part.set_boundary(f"=_{number}_{local}")
    return message.as_bytes()


class MailSession:
    """An open connection to a mail server; see :func:`mail_session`."""

    def __init__(self, smtp: smtplib.SMTP, server: MailServer, seconds: float) -> None:
        self._smtp = smtp
        self._server = server
        self._seconds = seconds
        self._lost = False

    def call(self, work: Callable[[], _T], deadline: Deadline) -> _T:
        """What the server answers, if in time; after it was late once, nothing is asked."""
        if self._lost:
            raise TimeoutError
        return deadline.call(partial(self._heard, work), self._abandon)

    def _heard(self, work: Callable[[], _T]) -> _T:
        try:
            return work()
        finally:
            if self._lost:  # nobody else may close what this thread has read from
                self._smtp.close()

    def _abandon(self) -> None:
        self._lost = True
        hang_up(self._smtp.sock)

    def send(self, item: Item, body: bytes, about_to_send: Callable[[], None]) -> None:
        """Hand one message over; ``about_to_send`` is called before its first byte.

        Raises
        ------
        DeliveryError
            Saying whether it can be sent again.
        """
        begun = False
        deadline = Deadline(self._seconds)
        try:
            self.call(partial(self._announce, item), deadline)
            about_to_send()
            begun = True
            _expect(self.call(partial(self._smtp.data, body), deadline), "the message")
        except smtplib.SMTPDataError as error:
            raise _refused(error.smtp_code, error.smtp_error, "the message") from None
        except (smtplib.SMTPException, OSError) as error:
            if begun:
                raise DeliveryError(
                    f"the connection to {self._server.host} broke while the message was sent; it "
                    "may have arrived and is not sent again",
                    "in doubt",
                ) from None
            raise _unreachable(self._server, error) from None

    def _announce(self, item: Item) -> None:
        self._smtp.rset()
        _expect(self._smtp.mail(self._server.sender), "the sender")
        _expect(self._smtp.rcpt(item.to), f"the address {item.to}")


def _expect(answer: tuple[int, bytes], what: str) -> None:
    if not 200 <= answer[0] < 300:
        raise _refused(*answer, what)


def _refused(code: int, words: bytes | str, what: str) -> DeliveryError:
    text = words if isinstance(words, str) else words.decode("utf-8", "replace")
    reply = printable(text, limit=120)
    if 400 <= code < 500:
        return DeliveryError(f"the server put {what} off: {code} {reply}")
    return DeliveryError(f"the server refuses {what}: {code} {reply}", "refused", exit_code=2)


def _unreachable(server: MailServer, error: Exception) -> DeliveryError:
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = f"the certificate of {server.host} is not valid: {error.verify_message}"
        return DeliveryError(problem, exit_code=2)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else None
    if isinstance(error, TimeoutError):
        reason = "it does not answer in time"
    words = printable(reason or type(error).__name__, limit=80)
    return DeliveryError(f"{server.host}:{server.port} cannot be reached ({words})")


@contextmanager
def mail_session(server: MailServer, seconds: float = 60.0) -> Iterator[MailSession]:
    """Connect, encrypt and log in, in at most ``seconds``; as long as each message may take.

    Raises
    ------
    DeliveryError
        If the server is down.
    InputError
        If it offers no encryption or refuses the login.
    """
    deadline = Deadline(seconds)
    context = ssl.create_default_context()
    try:
        smtp = _Smtp(deadline.call(partial(_connected, server, context), lambda: None), server)
    except OSError as error:
        raise _unreachable(server, error) from None
    session = MailSession(smtp, server, seconds)
    try:
        try:
            session.call(partial(_encrypt_and_log_in, smtp, server, context), deadline)
        except smtplib.SMTPAuthenticationError as error:
            raise InputError(
                f"{server.host} refuses the login of {printable(server.user)} "
                f"({error.smtp_code}); check the password."
            ) from None
        except (smtplib.SMTPException, OSError) as error:
            raise _unreachable(server, error) from None
        yield session
    finally:
        with suppress(smtplib.SMTPException, OSError):
            session.call(smtp.quit, Deadline(_FAREWELL))


class _Smtp(smtplib.SMTP):
    """Speaks over a socket that is there before the first word, and can be hung up."""

    def __init__(self, sock: socket.socket, server: MailServer) -> None:
        self._given = sock
        name = server.sender.rpartition("@")[2]
        super().__init__(server.host, server.port, name, timeout=_SECONDS)

    def connect(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        """Leave the greeting for later."""
        self.sock, self.file = self._given, None
        return 220, b""


def _connected(server: MailServer, context: ssl.SSLContext) -> socket.socket:
    sock = socket.create_connection((server.host, server.port), _SECONDS)
    return context.wrap_socket(sock, server_hostname=server.host) if server.implicit_tls else sock


def _encrypt_and_log_in(smtp: smtplib.SMTP, server: MailServer, context: ssl.SSLContext) -> None:
    code, words = smtp.getreply()
    if code != 220:
        raise smtplib.SMTPConnectError(code, words)
    smtp.ehlo()
    if not server.implicit_tls:
        if smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
        elif server.requires_tls:
            raise InputError(f"{server.host} offers no encryption; nothing was sent to it.")
    if server.user is not None and server.password is not None:
        if not smtp.has_extn("auth"):
            raise InputError(f"{server.host} offers no login; remove the user from the address.")
        smtp.login(server.user, server.password)
