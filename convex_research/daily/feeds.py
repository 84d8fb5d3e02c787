"""Feeds of digests: Atom (RFC 4287) and JSON Feed 1.1, made from the digests on disk."""

from __future__ import annotations

import json
import re
import uuid
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from convex_research.core.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["LONGEST", "atom", "digest_name", "json_feed", "read_digests"]

LONGEST = 60
"""Most digests in a feed."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "convex-research.digests")
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})?-?(no-answer)?\.json")
_NEVER = "1970-01-01"
_TITLE = "Daily digests of correlations"


def digest_name(content: Mapping[str, Any]) -> str:
    """Name of a digest's files, without ending: its date, unless no source answered."""
    return str(content.get("name") or content["as_of"])


def _day(content: Mapping[str, Any]) -> str:
    """Date of an entry; before any data there is none."""
    return str(content["as_of"] or _NEVER)


def read_digests(folder: Path) -> list[dict[str, Any]]:
    """The latest digests of a folder, newest first; one that cannot be read is left out."""
    found = []
    names = (path for path in folder.glob("*.json") if _NAME.fullmatch(path.name))
    # A digest without an answer comes after the day that it is named after.
    ordered = sorted(names, key=lambda path: (path.stem != "no-answer", path.stem), reverse=True)
    for path in ordered[:LONGEST]:
        try:
            content = json.loads(path.read_text("utf-8"))
            if digest_name(content) == path.stem and isinstance(content["sentence"], str):
                found.append(content)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return found


def _identity(name: str, site: str | None) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, (site or '') + name)}"


def _title(content: Mapping[str, Any]) -> str:
    if "silent" in content:
        return f"No source answered after {content['as_of'] or 'the start'}"
    number = len(content["signals"])
    what = "quiet" if number == 0 else f"{number} change{'s' if number > 1 else ''}"
    return f"Digest to {content['as_of']}: {what}"


def _body(content: Mapping[str, Any]) -> str:
    """Text of an entry: the sentence, and each signal on a line."""
    lines = [content["sentence"]]
    lines += [f"{one['title']}: {one['headline']}" for one in content["signals"]]
    lines += [f"Data problem: {one['message']}" for one in content["problems"][:10]]
    lines += [f"{one['source']}: {one['problem']}" for one in content.get("silent", ())]
    return "\n".join(printable(line, limit=1000) for line in lines)


def atom(digests: Iterable[Mapping[str, Any]], site: str | None = None) -> str:
    """An Atom feed.

    Parameters
    ----------
    digests : iterable of mapping
        Newest first.
    site : str, optional
        Address of the output folder, ending in a slash; links are relative without it.

    Returns
    -------
    str
        Dated by the data: the same digests give the same bytes.
    """
    entries = list(digests)
    base = f"{site}digest/" if site else ""
    updated = _day(entries[0]) if entries else _NEVER
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_TITLE}</title>",
        f"<id>{_identity('feed', site)}</id>",
        f"<updated>{updated}T00:00:00Z</updated>",
        "<author><name>convex-research</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(f"{base}feed.xml")}/>',
    ]
    for one in entries:
        day, name = _day(one), digest_name(one)
        lines += [
            "<entry>",
            f"<title>{escape(_title(one))}</title>",
            f"<id>{_identity(name, site)}</id>",
            f"<updated>{day}T00:00:00Z</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(f"{base}{name}.html")}/>',
            f'<content type="text">{escape(_body(one))}</content>',
            "</entry>",
        ]
    return "\n".join([*lines, "</feed>"]) + "\n"


def json_feed(digests: Iterable[Mapping[str, Any]], site: str | None = None) -> str:
    """A JSON Feed 1.1; see :func:`atom`.

    References
    ----------
    https://www.jsonfeed.org/version/1.1/
    """
    base = f"{site}digest/" if site else ""
    items = [
        {
            "id": _identity(digest_name(one), site),
            "url": f"{base}{digest_name(one)}.html",
            "title": _title(one),
            "content_text": _body(one),
            "date_published": f"{_day(one)}T00:00:00Z",
        }
        for one in digests
    ]
    feed: dict[str, Any] = {"version": "https://jsonfeed.org/version/1.1", "title": _TITLE}
    if site:
        feed |= {"home_page_url": site, "feed_url": f"{base}feed.json"}
    return json.dumps({**feed, "items": items}, indent=1) + "\n"
