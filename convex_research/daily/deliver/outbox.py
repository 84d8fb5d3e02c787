"""What is to be sent, kept on disk so that nothing is lost and nothing is sent twice.

An item is *prepared* before a server is asked, *sending* from the moment before the message
itself goes out, and *handed over* when the server has taken it. A run that ends between the
last two leaves an item of which nobody can know whether it arrived: exactly-once does not
exist between two machines. Such an item is *in doubt* and is not sent again: a digest stays on
disk and in the feeds, so a missing mail costs less than a second one. Its Message-ID (and the
webhook's Idempotency-Key) is the same whoever sends it, so that one who resends it by hand is
recognised.

What is settled - handed over, refused or in doubt - is removed when its digest is sixty days
older than the newest. Before that its date is written down as the *floor*: nothing of that date
or earlier is ever prepared again, so that what was forgotten cannot be sent twice.

Of a digest that is taken back, what waits is removed and what went out is *withdrawn*: another
digest of that date may follow it, the same one is not sent again.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

import orjson

from convex_research.core.errors import ConvexResearchError, printable
from convex_research.core.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["DeliveryError", "Item", "Outbox", "digest_identity"]

Channel = Literal["mail", "webhook"]
State = Literal["prepared", "sending", "handed over", "in doubt", "refused", "withdrawn"]
OUTBOX_SCHEMA = "convex-research/outbox/1"
KEPT_DAYS = 60
"""Days of digests whose settled items are kept."""
_FLOOR = "floor"
_NAME = re.compile(
    r"(?:\d{4}-\d{2}-\d{2}(?:-no-answer)?|no-answer)-(?:mail|webhook)-[0-9a-f]{16}\.json"
)


class DeliveryError(ConvexResearchError):
    """A message was not taken; what happened, which never holds a secret.

    ``state`` says whether to try again at the next run. The exit code is 3 if trying later may
    help, 2 if the user must change something.
    """

    def __init__(self, problem: str, state: State = "prepared", *, exit_code: int = 3) -> None:
        super().__init__(problem)
        self.state: State = state
        self.exit_code = exit_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A message to one recipient.

    Parameters
    ----------
    as_of : str
        Name of the digest: its date, or that of the last day of data and ``-no-answer``.
    channel : {"mail", "webhook"}
        How it goes.
    target : str
        Hash of the recipient.
    to : str
        A mail address; empty for a webhook, whose address is a secret.
    identity : str
        Message-ID or Idempotency-Key.
    state : str
        See the module.
    problem : str
        Why it was not handed over yet.
    """

    as_of: str
    channel: Channel
    target: str
    to: str
    identity: str
    state: State = "prepared"
    problem: str = ""

    @property
    def name(self) -> str:
        """Name of its files, without ending."""
        return f"{self.as_of}-{self.channel}-{self.target}"

    @property
    def day(self) -> str:
        """Date of its digest; empty before any data."""
        return self.as_of[:10] if self.as_of[:4].isdigit() else ""

    @property
    def label(self) -> str:
        """What it is, for messages."""
        where = f"mail to {self.to}" if self.channel == "mail" else "webhook"
        return f"{where}, digest {'' if 'no-answer' in self.as_of else 'to '}{self.as_of}"


def _item(text: bytes) -> Item:
    content = orjson.loads(text)
    if content.pop("schema") != OUTBOX_SCHEMA:
        raise ValueError("another schema")
    return Item(**content)


def target_of(recipient: str) -> str:
    """Hash that stands for a recipient."""
    return hashlib.sha256(recipient.encode()).hexdigest()[:16]


def digest_identity(recipient: str, digest: bytes) -> str:
    """Hex name of one digest for one recipient: the same however often it is made."""
    return hashlib.sha256(recipient.encode() + b"\0" + digest).hexdigest()[:32]


class Outbox:
    """Items in a folder; ``tell`` hears a sentence about what happened."""

    def __init__(self, folder: Path, tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._tell = tell

    def prepare(self, item: Item, body: bytes) -> bool:
        """Keep a message, unless one for this date and recipient is there or was removed."""
        if self._is_known(item) or (item.day and item.day <= self._floor()):
            return False
        write_atomically(self._body(item), body)
        self._write(item)
        return True

    def _is_known(self, item: Item) -> bool:
        try:
            earlier = _item(self._path(item).read_bytes())
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, TypeError):
            return True
        return earlier.state != "withdrawn" or earlier.identity == item.identity

    def withdraw(self, day: str, before: str) -> None:
        """Take back the messages of the latest digest; ``before`` is the one before it, if any."""
        for item in self.items():
            if item.day == day:
                self._body(item).unlink(missing_ok=True)
                if item.state == "prepared":
                    self._path(item).unlink()
                else:
                    self._write(replace(item, state="withdrawn"))
        if self._floor() > before:
            write_atomically(self._folder / _FLOOR, before + "\n")

    def settle(self) -> None:
        """What a run that ended while sending left behind is in doubt."""
        for item in self.items():
            if item.state == "sending":
                problem = "a run ended while it was being sent"
                self._write(replace(item, state="in doubt", problem=problem))
                self._tell(f"{item.label}: {problem}; it may have arrived and is not sent again.")

    def items(self) -> Iterator[Item]:
        """All items, oldest digest first; an unreadable one is told of and never sent."""
        for path in sorted(p for p in self._folder.glob("*.json") if _NAME.fullmatch(p.name)):
            try:
                yield _item(path.read_bytes())
            except (OSError, ValueError, KeyError, TypeError):
                self._tell(f"The outbox item {path.name} cannot be read; it is not sent.")

    def waiting(self, channel: Channel, target: str | None = None) -> list[Item]:
        """Items still to be sent."""
        ours = (item for item in self.items() if item.channel == channel)
        return [one for one in ours if one.state == "prepared" and target in (None, one.target)]

    def send(self, item: Item, sender: Callable[[Item, bytes, Callable[[], None]], None]) -> None:
        """Send one item and keep what became of it.

        ``sender`` is called with the item, its body and a function that it must call right
        before the message itself goes out.

        Raises
        ------
        DeliveryError
            If it was not taken.
        """
        body = self._body(item).read_bytes()
        try:
            sender(item, body, lambda: self._write(replace(item, state="sending")))
        except DeliveryError as error:
            problem = printable(error, limit=300)
            self._write(replace(item, state=error.state, problem=problem))
            raise
        self._write(replace(item, state="handed over", problem=""))
        self._body(item).unlink(missing_ok=True)

    def prune(self) -> int:
        """Remove what is settled and sixty days older than the newest digest; how many."""
        items = list(self.items())
        newest = max((item.day for item in items if item.state != "withdrawn"), default="")
        if not newest:
            return 0
        last = (date.fromisoformat(newest) - timedelta(days=KEPT_DAYS)).isoformat()
        old = [
            item
            for item in items
            if item.day and item.day < last and item.state not in {"prepared", "sending"}
        ]
        if old:
            floor = max(self._floor(), *(item.day for item in old))
            write_atomically(self._folder / _FLOOR, floor + "\n")
        for item in old:
            self._body(item).unlink(missing_ok=True)
            self._path(item).unlink(missing_ok=True)
        return len(old)

    def _floor(self) -> str:
        try:
            return (self._folder / _FLOOR).read_text("ascii").strip()
        except (OSError, ValueError):
            return ""

    def _path(self, item: Item) -> Path:
        return self._folder / f"{item.name}.json"

    def _body(self, item: Item) -> Path:
        return self._folder / f"{item.name}.{'eml' if item.channel == 'mail' else 'body'}"

    def _write(self, item: Item) -> None:
        content = {"schema": OUTBOX_SCHEMA, **asdict(item)}
        write_atomically(self._path(item), orjson.dumps(content, option=orjson.OPT_INDENT_2))
