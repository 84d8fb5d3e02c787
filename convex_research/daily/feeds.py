"""Feeds of digests: Atom (RFC 4287) and JSON Feed 1.1, made from the digests on disk."""

from __future__ import annotations

import json
import re
import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from convex_research.core.errors import printable
from convex_research.daily.wording import plural
from convex_research.publishing.atom import EPOCH, Entry, atom, instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["LONGEST", "atom_feed", "digest_name", "json_feed", "read_digests"]

LONGEST = 60
"""Most digests in a feed."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "convex-research.digests")
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})?-?(no-answer)?\.json")
_TITLE = "Daily digests of correlations"


def digest_name(content: Mapping[str, Any]) -> str:
    """Name of a digest's files, without ending: its date, unless no source answered."""
    return str(content.get("name") or content["as_of"])


def read_digests(folder: Path) -> list[dict[str, Any]]:
    """The latest digests of a folder, newest first; one that cannot be read is left out."""
    found = []
    names = (path for path in folder.glob("*.json") if _NAME.fullmatch(path.name))
    # A digest without an answer comes after the day that it is named after.
    ordered = sorted(names, key=lambda path: (path.stem != "no-answer", path.stem), reverse=True)
    for path in ordered[:LONGEST]:
        with suppress(OSError, ValueError, KeyError, TypeError):
            content = json.loads(path.read_text("utf-8"))
            if digest_name(content) == path.stem and isinstance(content["sentence"], str):
                found.append(content)
    return found


def _identity(name: str, site: str | None) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, (site or '') + name)}"


def _title(content: Mapping[str, Any]) -> str:
    if "silent" in content:
        return f"No source answered after {content['as_of'] or 'the start'}"
    number = len(content["signals"])
    return f"Digest to {content['as_of']}: {plural(number, 'change') if number else 'quiet'}"


def _body(content: Mapping[str, Any]) -> str:
    """Text of an entry: the sentence, and each signal on a line."""
    lines = [content["sentence"]]
    lines += [f"{one['title']}: {one['headline']}" for one in content["signals"]]
    lines += [f"Data problem: {one['message']}" for one in content["problems"][:10]]
    lines += [f"{one['source']}: {one['problem']}" for one in content.get("silent", ())]
    return "\n".join(printable(line, limit=1000) for line in lines)


def _entries(digests: Iterable[Mapping[str, Any]], site: str | None) -> list[Entry]:
    return [
        Entry(
            _identity(digest_name(one), site),
            _title(one),
            _body(one),
            str(one["as_of"] or EPOCH),  # before any data there is no date
            f"{digest_name(one)}.html",
        )
        for one in digests
    ]


def atom_feed(digests: Iterable[Mapping[str, Any]], site: str | None = None) -> str:
    """An Atom feed, dated by the data: the same digests give the same bytes.

    Parameters
    ----------
    digests : iterable of mapping
        Newest first.
    site : str, optional
        Address of the output folder, ending in a slash; links are relative without it.
    """
    entries = _entries(digests, site)
    return atom(
        entries,
        id=_identity("feed", site),
        title=_TITLE,
        subtitle="What changed beyond chance, day by day",
        updated=entries[0].day if entries else EPOCH,
        base=_base(site),
    )


def _base(site: str | None) -> str:
    return f"{site}digest/" if site else ""


def json_feed(digests: Iterable[Mapping[str, Any]], site: str | None = None) -> str:
    """A JSON Feed (https://www.jsonfeed.org/version/1.1/); see :func:`atom_feed`."""
    items = [
        {
            "id": one.id,
            "url": _base(site) + one.href,
            "title": one.title,
            "content_text": one.text,
            "date_published": instant(one.day),
        }
        for one in _entries(digests, site)
    ]
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": _TITLE}
    if site:
        feed |= {"home_page_url": site, "feed_url": f"{_base(site)}feed.json"}
    return json.dumps({**feed, "items": items}, indent=1) + "\n"
