"""The one writer of Atom feeds (RFC 4287); what they tell of is dated by the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["EPOCH", "Entry", "atom", "instant"]

EPOCH = "1970-01-01"
"""Date of a feed before any data."""


class Entry(NamedTuple):
    """One entry of a feed.

    The id is a URN, the same for the same content; ``day`` is the ISO date of its data and ``href``
    is relative to the feed.
    """

    id: str
    title: str
    text: str
    day: str
    href: str
    category: str = ""


def instant(day: str) -> str:
    """A day as the instant it begins: data have days, feeds want instants."""
    return f"{day}T00:00:00Z"


def atom(
    entries: Iterable[Entry],
    *,
    id: str,  # noqa: A002 - the name of the element
    title: str,
    subtitle: str,
    updated: str,
    base: str = "",
) -> str:
    """An Atom feed, newest entries first; the same entries give the same bytes.

    ``updated`` is the ISO date of the latest data. Links are relative without ``base``, the address
    of the feed's folder, ending in a slash.
    """
    feed = ET.Element("feed", xmlns="http://www.w3.org/2005/Atom")
    for name, words in (("title", title), ("subtitle", subtitle), ("id", id)):
        _add(feed, name, words)
    _add(feed, "updated", instant(updated))
    _add(ET.SubElement(feed, "author"), "name", "convex-research")
    for rel, kind, href in (
        ("self", "application/atom+xml", "feed.xml"),
        ("alternate", "text/html", "index.html"),
    ):
        ET.SubElement(feed, "link", rel=rel, type=kind, href=base + href)
    for one in entries:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "title", one.title)
        _add(entry, "id", one.id)
        _add(entry, "updated", instant(one.day))
        if one.category:
            ET.SubElement(entry, "category", term=one.category)
        ET.SubElement(entry, "link", rel="alternate", type="text/html", href=base + one.href)
        _add(entry, "summary", one.text)
    ET.indent(feed, "")
    body = ET.tostring(feed, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _add(parent: ET.Element, name: str, words: str) -> None:
    """An element of text, without characters that XML cannot hold."""
    printable = "".join(c if c.isprintable() or c == "\n" else " " for c in words)
    ET.SubElement(parent, name).text = printable
