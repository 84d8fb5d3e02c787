"""Where a digest goes: servers, recipients and secrets, checked before anything is done."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from convex_research.core.errors import InputError, printable

__all__ = [
    "PASSWORD_FILE_VARIABLE",
    "PASSWORD_VARIABLE",
    "SENDER_VARIABLE",
    "SMTP_VARIABLE",
    "WEBHOOK_VARIABLE",
    "MailServer",
    "is_loopback",
    "mail_server",
    "names_server",
    "recipients",
    "webhook_url",
]

SMTP_VARIABLE = "CONVEX_RESEARCH_SMTP_URL"
PASSWORD_VARIABLE = "CONVEX_RESEARCH_SMTP_PASSWORD"  # noqa: S105 - a name, not a secret
PASSWORD_FILE_VARIABLE = "CONVEX_RESEARCH_SMTP_PASSWORD_FILE"  # noqa: S105 - the same
SENDER_VARIABLE = "CONVEX_RESEARCH_MAIL_FROM"
WEBHOOK_VARIABLE = "CONVEX_RESEARCH_WEBHOOK"
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server.

    Parameters
    ----------
    implicit_tls : bool
        TLS from the first byte (``smtps``); otherwise STARTTLS.
    requires_tls : bool
        False for this machine alone.
    user, password : str or None
        Who logs in; nobody does without one.
    sender : str
        Address the mail comes from.
    """

    host: str
    port: int
    implicit_tls: bool
    requires_tls: bool
    user: str | None
    password: str | None = field(repr=False)
    sender: str


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, by its name or number."""
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def recipients(given: list[str]) -> list[str]:
    """Addresses, each once; :class:`InputError` if one is not a mail address."""
    addresses = [text.strip() for text in given]
    for text, address in zip(given, addresses, strict=True):
        if not _is_mailbox(address):
            raise InputError(
                f"--to: {printable(text, limit=80)!r} is not a mail address like name@example.org."
            )
    return list(dict.fromkeys(addresses))


def _is_mailbox(address: str) -> bool:
    if not _MAILBOX.fullmatch(address):
        return False
    local, _, domain = address.rpartition("@")
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return not dots and all(_LABEL.fullmatch(label) for label in domain.split("."))


def names_server() -> bool:
    """Whether the environment names a mail server."""
    return bool(os.environ.get(SMTP_VARIABLE, "").strip())


def mail_server() -> MailServer:
    """The mail server the environment names.

    :class:`InputError` if it is not named, not an address, or holds the password.
    """
    form = "smtp://user@host:587 or smtps://user@host:465"
    text = os.environ.get(SMTP_VARIABLE, "").strip()
    if not text:
        raise InputError(f"Mail needs {SMTP_VARIABLE}, {form}.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in {"smtp", "smtps"} or parts.path not in {"", "/"}:
        raise InputError(f"{SMTP_VARIABLE} is not an address like {form}.")
    if parts.password is not None:
        raise InputError(
            f"{SMTP_VARIABLE} holds a password; put it into {PASSWORD_VARIABLE}, or into a file "
            f"that {PASSWORD_FILE_VARIABLE} names."
        )
    user = unquote(parts.username) if parts.username else None
    implicit = parts.scheme == "smtps"
    sender = os.environ.get(SENDER_VARIABLE, "").strip() or user or "convex-research"
    if "@" not in sender:
        sender = f"{sender}@{host}"
    if not _is_mailbox(sender):
        raise InputError(f"{SENDER_VARIABLE} must be the mail address the digest comes from.")
    return MailServer(
        host=host,
        port=port or (465 if implicit else 587),
        implicit_tls=implicit,
        requires_tls=not is_loopback(host),
        user=user,
        password=_password() if user else None,
        sender=sender,
    )


def _password() -> str:
    path = os.environ.get(PASSWORD_FILE_VARIABLE, "").strip()
    if path:
        try:
            return Path(path).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise InputError(
                f"The file that {PASSWORD_FILE_VARIABLE} names cannot be read."
            ) from None
    password = os.environ.get(PASSWORD_VARIABLE, "")
    if not password:
        raise InputError(
            f"{SMTP_VARIABLE} names a user; the password belongs into {PASSWORD_VARIABLE} or into "
            f"a file that {PASSWORD_FILE_VARIABLE} names."
        )
    return password


def webhook_url(given: str | None) -> str | None:
    """The webhook given, or that of the environment.

    :class:`InputError` if it is not an https address (http is allowed to this machine); it is
    not shown, because webhook addresses hold tokens.
    """
    text = (given or os.environ.get(WEBHOOK_VARIABLE, "")).strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host = ""
    plain = text.isascii() and text.isprintable() and " " not in text
    secure = host and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))
    if not (plain and secure) or "@" in parts.netloc:
        raise InputError("--webhook must be an address like https://host/path.")
    return text
