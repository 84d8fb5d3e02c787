"""Handing a digest over: prepared for every recipient first, then sent, oldest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from convex_research.core.errors import ConvexResearchError
from convex_research.core.files import write_atomically
from convex_research.daily.deliver.mail import compose, mail_session, message_id
from convex_research.daily.deliver.outbox import (
    DeliveryError,
    Item,
    Outbox,
    digest_identity,
    target_of,
)
from convex_research.daily.deliver.webhook import webhook_sender
from convex_research.daily.feeds import digest_name
from convex_research.daily.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from convex_research.daily.deliver.address import MailServer

__all__ = ["Delivery", "deliver", "write_mails"]

_NOBODY = "convex-research@localhost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where digests go.

    Parameters
    ----------
    to : tuple of str
        Mail addresses.
    server : MailServer or None
        Needed to send mail.
    webhook : str or None
        Address of a webhook; a secret.
    dry_run : bool
        Write the mails into files and send nothing.
    site : str or None
        Address of the output folder, ending in a slash.
    first_wait : float
        Seconds before a busy webhook is asked again.
    """

    to: tuple[str, ...] = ()
    server: MailServer | None = None
    webhook: str | None = field(default=None, repr=False)
    dry_run: bool = False
    site: str | None = None
    first_wait: float = 1.0


def _mails(
    content: Mapping[str, Any], delivery: Delivery, recipients: tuple[str, ...]
) -> Iterator[tuple[Item, bytes]]:
    """A mail for each recipient."""
    sender = delivery.server.sender if delivery.server else _NOBODY
    for to in recipients:
        identity = message_id(to, _body(content), sender)
        message = compose(content, to=to, sender=sender, identity=identity, site=delivery.site)
        name = digest_name(content)
        yield (
            Item(as_of=name, channel="mail", target=target_of(to), to=to, identity=identity),
            message,
        )


def _body(content: Mapping[str, Any]) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def write_mails(content: Mapping[str, Any], delivery: Delivery, folder: Path) -> list[Path]:
    """The mails of a digest as files, one a recipient, or one to nobody."""
    written = []
    for item, message in _mails(content, delivery, delivery.to or (_NOBODY,)):
        written.append(folder / f"{item.as_of}-{item.target}.eml")
        write_atomically(written[-1], message)
    return written


def deliver(
    content: Mapping[str, Any] | None,
    delivery: Delivery,
    folder: Path,
    tell: Callable[[str], None],
) -> int:
    """Prepare what is new in the outbox, then send whatever waits.

    0, or the exit code of the worst problem; ``tell`` hears a sentence about each message.
    """
    outbox = Outbox(folder, tell)
    outbox.settle()
    if content is not None:
        if delivery.server is not None:
            for item, message in _mails(content, delivery, delivery.to):
                outbox.prepare(item, message)
        if delivery.webhook is not None:
            item = Item(
                as_of=digest_name(content),
                channel="webhook",
                target=target_of(delivery.webhook),
                to="",
                identity=digest_identity(delivery.webhook, _body(content)),
            )
            outbox.prepare(item, _body(content))
    codes = [_mail(outbox, delivery, tell), _hook(outbox, delivery, tell)]
    outbox.prune()
    return 2 if 2 in codes else max(codes)


def _mail(outbox: Outbox, delivery: Delivery, tell: Callable[[str], None]) -> int:
    waiting = outbox.waiting("mail")
    if not waiting:
        return 0
    if delivery.server is None:
        tell(f"{len(waiting)} mails wait in the outbox; no mail server is named.")
        return 0
    code = 0
    try:
        with mail_session(delivery.server) as session:
            for item in waiting:
                code = max(code, _send_one(outbox, item, session.send, tell))
    except ConvexResearchError as error:
        left = plural(len(outbox.waiting("mail")), "mail")
        tell(f"{left} not sent: {error} The next run tries again.")
        return error.exit_code
    return code


def _hook(outbox: Outbox, delivery: Delivery, tell: Callable[[str], None]) -> int:
    if delivery.webhook is None:
        return 0
    send = webhook_sender(delivery.webhook, first_wait=delivery.first_wait)
    code = 0
    for item in outbox.waiting("webhook", target_of(delivery.webhook)):
        code = max(code, _send_one(outbox, item, send, tell))
    return code


def _send_one(
    outbox: Outbox,
    item: Item,
    send: Callable[[Item, bytes, Callable[[], None]], None],
    tell: Callable[[str], None],
) -> int:
    try:
        outbox.send(item, send)
    except DeliveryError as error:
        again = "; the next run tries again" if error.state == "prepared" else ""
        tell(f"{item.label}: {error}{again}.")
        return error.exit_code
    tell(f"{item.label}: handed over.")
    return 0
