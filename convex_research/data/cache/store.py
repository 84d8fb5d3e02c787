"""The cache: raw bodies with what is known of them, never a parsed guess.

``<folder>/http/<provider>/<key>/`` holds ``meta.json`` and one ``<sha256>.gz`` per body
ever received. The key is a hash of the request without its secrets. Bodies are named
by their content and ``meta.json`` is replaced by renaming, so a reader among many
writers sees one whole state or another; a body that does not match its name is
taken as absent and fetched again.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from filelock import FileLock, Timeout

from convex_research.core.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.data.http.exchange import HttpAnswer, HttpRequest

__all__ = ["Cache", "Entry", "body_path", "cache_folder", "read_body", "read_meta", "write_meta"]

_PATIENCE = 120.0  # seconds another process may take to fetch the same entry
_NEGATIVE = timedelta(hours=1)
_FORMAT = 1


def cache_folder() -> Path:
    """The folder named by ``CONVEX_RESEARCH_CACHE``, else the user's cache folder."""
    named = os.environ.get("CONVEX_RESEARCH_CACHE")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_cache_path

    return user_cache_path("convex_research", appauthor=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A cached body and what is known of it; times are ISO text.

    It was first retrieved at ``retrieved_at`` and confirmed by the provider at ``checked_at``.
    ``earlier`` are sha256 and first retrieval of other bodies this request has had, oldest first;
    ``restated`` says what changed in the past when this one replaced another.
    """

    symbol: str
    url: str
    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
    retrieved_at: str
    checked_at: str
    etag: str = ""
    last_modified: str = ""
    earlier: tuple[tuple[str, str], ...] = ()
    restated: str = ""
    body: bytes = b""

    @property
    def checked(self) -> datetime:
        """When the provider last confirmed the body."""
        return datetime.fromisoformat(self.checked_at)

    @property
    def conditions(self) -> dict[str, str]:
        """Headers of a request for the body if it has changed."""
        if self.etag:
            return {"If-None-Match": self.etag}
        return {"If-Modified-Since": self.last_modified} if self.last_modified else {}


class Cache:
    """Bodies of one request. A cache that cannot be written costs time, not the answer.

    Parameters
    ----------
    provider : str
        Name, which is a folder.
    request : HttpRequest
        The folder's name holds no secret of it and no provider text.
    """

    def __init__(self, provider: str, request: HttpRequest) -> None:
        self.url = request.redacted
        shown = json.dumps([self.url, sorted(request.headers)])
        name = hashlib.sha256(shown.encode()).hexdigest()[:32]
        self.place = cache_folder() / "http" / provider / name

    def lookup(self) -> Entry | None:
        """The entry, or nothing if it is absent or damaged."""
        for _ in range(3):  # another process may prune between the two reads
            entry = read_meta(self.place)
            if entry is None:
                return None
            body = read_body(self.place, entry.sha256)
            if body is not None:
                return replace(entry, body=body)
        return None

    def store(self, answer: HttpAnswer, *, symbol: str, now: datetime, restated: str = "") -> Entry:
        """Keep a body beside the earlier ones and make it the current one."""
        before = read_meta(self.place)
        sha256 = hashlib.sha256(answer.body).hexdigest()
        known = dict(before.earlier) if before else {}
        if before is not None and before.sha256 != sha256:
            known[before.sha256] = before.retrieved_at
        elif before is not None:
            known[sha256], restated = before.retrieved_at, before.restated
        at = now.isoformat(timespec="seconds")
        entry = Entry(
            symbol=symbol,
            url=self.url,
            sha256=sha256,
            retrieved_at=known.pop(sha256, at),
            checked_at=at,
            etag=answer.headers.get("etag", ""),
            last_modified=answer.headers.get("last-modified", ""),
            earlier=tuple(known.items()),
            restated=restated,
            body=answer.body,
        )
        with suppress(OSError):
            if read_body(self.place, sha256) is None:
                packed = gzip.compress(answer.body, 3, mtime=0)
                write_atomically(body_path(self.place, sha256), packed)
            write_meta(self.place, entry)
            (self.place / "unknown.json").unlink(missing_ok=True)
        return entry

    def confirm(self, entry: Entry, now: datetime) -> Entry:
        """Note that the provider says the body is still current."""
        entry = replace(entry, checked_at=now.isoformat(timespec="seconds"))
        with suppress(OSError):
            write_meta(self.place, entry)
        return entry

    def derived(self) -> bytes:
        """What was kept beside the body, if anything; its reader must check it."""
        try:
            return (self.place / "parsed.bin").read_bytes()
        except OSError:
            return b""

    def keep_derived(self, content: bytes) -> None:
        """Keep something that can be made from the body again."""
        with suppress(OSError):
            write_atomically(self.place / "parsed.bin", content)

    def remember_unknown(self, problem: str, advice: str, now: datetime) -> None:
        """Remember for an hour that the provider does not have this series."""
        record = {"at": now.isoformat(timespec="seconds"), "problem": [problem, advice]}
        with suppress(OSError):
            write_atomically(self.place / "unknown.json", json.dumps(record))

    def unknown(self, now: datetime) -> tuple[str, str] | None:
        """Problem and advice remembered in the last hour, if any."""
        try:
            record = json.loads((self.place / "unknown.json").read_bytes())
            age = now - datetime.fromisoformat(record["at"])
            problem, advice = map(str, record["problem"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return (problem, advice) if timedelta(0) <= age < _NEGATIVE else None

    @contextmanager
    def fetching(self) -> Iterator[None]:
        """Let one process fetch an entry while others wait and then find it.

        The lock is the system's own: it ends with the process that holds it.
        """
        with ExitStack() as held:
            with suppress(OSError, Timeout):  # asking twice is better than not at all
                self.place.mkdir(parents=True, exist_ok=True)
                held.enter_context(FileLock(self.place / "fetch.lock", timeout=_PATIENCE))
            yield


def body_path(place: Path, sha256: str) -> Path:
    """File of a body."""
    return place / f"{sha256}.gz"


def read_body(place: Path, sha256: str) -> bytes | None:
    """A body, or nothing if it is absent or does not match its name."""
    try:
        body = gzip.decompress(body_path(place, sha256).read_bytes())
    except (OSError, EOFError, zlib.error):
        return None
    return body if hashlib.sha256(body).hexdigest() == sha256 else None


def read_meta(place: Path) -> Entry | None:
    """What is known of the current body, or nothing if it cannot be read."""
    try:
        record = json.loads((place / "meta.json").read_bytes())
        entry = msgspec.convert(record, Entry)
        times = (entry.checked, datetime.fromisoformat(entry.retrieved_at))
        good = record["format"] == _FORMAT and all(time.tzinfo is not None for time in times)
    except (OSError, ValueError, KeyError):
        return None
    return entry if good else None


def write_meta(place: Path, entry: Entry) -> None:
    """Replace what is known of the current body."""
    record: dict[str, Any] = {"format": _FORMAT, **asdict(entry)}
    del record["body"]
    write_atomically(place / "meta.json", json.dumps(record, indent=1))
