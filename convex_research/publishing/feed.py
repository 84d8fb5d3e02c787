"""What changed between two builds, and the Atom feed that tells of it.

A change is found by comparing the index that was there with the one being written. Its date
is the pair's as-of date and its identifier is made from slug, key and that date, so that the
same data give the same feed, whenever and however often it is built.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

from convex_research.analysis.record import methods_of
from convex_research.claims import hypothesis
from convex_research.core import formatting as fmt
from convex_research.publishing.atom import EPOCH, Entry, atom

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["LONGEST", "changes_between", "feed_xml", "merged"]

LONGEST = 100
"""Most changes kept."""

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "convex-research.feed")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_HREF = re.compile(r"[a-z0-9-]+(?:/[a-z]+)?\.html")


def changes_between(
    before: Iterable[Mapping[str, Any]],
    after: Iterable[Mapping[str, Any]],
    claims: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> list[dict[str, Any]]:
    """Changed verdicts, new breaks and new extremes of pairs that are in both indexes.

    A pair is compared only if it is the same two series with the same kind of returns from the same
    start by the same methods, and later data. Claims are those of the records now, by slug and id.
    """
    known = {one.get("slug"): one for one in before if isinstance(one, dict)}
    found: list[dict[str, Any]] = []
    for pair in after:
        old = known.get(pair["slug"])
        if old is None or not _comparable(old, pair):
            continue
        found += _verdicts(old, pair, claims.get(pair["slug"], {}))
        found += _breaks(old, pair)
        found += _extremes(old, pair)
    return found


def _comparable(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    try:
        same = all(old[leg]["symbol"] == new[leg]["symbol"] for leg in ("a", "b"))
        same = same and all(old[name] == new[name] for name in ("start", "frequency", "returns"))
        same = same and methods_of(old) == methods_of(new)
        return bool(same and old["as_of"] < new["as_of"])
    except (KeyError, TypeError):
        return False


def _change(
    pair: Mapping[str, Any], kind: str, key: str, title: str, text: str, *, day: str | None = None
) -> dict[str, Any]:
    """One change; ``day`` dates it more closely than the build's own data."""
    as_of = pair["as_of"]
    name = f"{pair['slug']}/{kind}/{key}/{day or as_of}"
    return {
        "id": f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}",
        "kind": kind,
        "slug": pair["slug"],
        "key": key,
        "as_of": as_of,
        "title": f"{pair['title']}: {title}",
        "text": text,
        "href": next(iter(pair["pages"].values()), "index.html"),
    }


def _verdicts(
    old: Mapping[str, Any], new: Mapping[str, Any], claims: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    before = old.get("claims")
    if not isinstance(before, dict):
        return []
    found = []
    for claim_id, verdict in new["claims"].items():
        earlier = before.get(claim_id)
        if earlier is None or earlier == verdict:
            continue
        now, words = claims.get(claim_id, {}), old.get("claim_words", {})
        asked = now.get("question") or f"“{hypothesis(claim_id)}”:"
        title = f"{asked} {now.get('word') or verdict}"
        if claim_id in words:
            title += f"; before: {words[claim_id]}"
        found.append(_change(new, "verdict", claim_id, title, now.get("text", title)))
    return found


def _breaks(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Breaks whose dates overlap with none that was known."""
    known = [(one["first"], one["last"]) for one in old.get("breaks") or ()]
    found = []
    for one in new["breaks"]:
        if any(first <= one["last"] and one["first"] <= last for first, last in known):
            continue
        text = (
            f"The relation broke after {one['date']}, between {one['first']} and {one['last']} "
            "with the confidence of the page."
        )
        title = f"a break is dated to {one['date']}"
        found.append(_change(new, "break", "stability.break", title, text, day=one["date"]))
    return found


def _extremes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A rolling r higher or lower than every one before."""
    if not (
        old.get("rolling") and new["rolling"] and old["rolling"]["key"] == new["rolling"]["key"]
    ):
        return []
    found = []
    for name, sign in (("highest", 1.0), ("lowest", -1.0)):
        was, now = old["rolling"].get(name), new["rolling"].get(name)
        if not was or not now or sign * now["value"] <= sign * was["value"]:
            continue
        if now["end"] <= old["as_of"]:  # another history, not another day
            continue
        value, earlier = (fmt.number(x, plus=True) for x in (now["value"], was["value"]))
        title = f"rolling r reached {value}, its {name}"
        text = (
            f"The correlation over {now['nobs']} observations to {now['end']} is {value}, the "
            f"{name} since {new['start']}; before, it was {earlier} ({was['end']})."
        )
        found.append(_change(new, "extreme", f"{new['rolling']['key']}/{name}", title, text))
    return found


def merged(
    new: Iterable[dict[str, Any]], kept: Iterable[Any], *, until: str | None = None
) -> list[dict[str, Any]]:
    """New changes before those of earlier builds, each once, newest first, at most 100.

    What is not a change is passed over. One after ``until``, the latest ISO date of the data, was
    one of data that were corrected.
    """
    names = ("id", "kind", "slug", "key", "as_of", "title", "text", "href")
    by_id: dict[str, dict[str, Any]] = {}
    for one in (*new, *kept):
        if not (isinstance(one, dict) and all(isinstance(one.get(name), str) for name in names)):
            continue
        if until is not None and one["as_of"] > until:
            continue
        if _DAY.fullmatch(one["as_of"]) and _HREF.fullmatch(one["href"]):
            by_id.setdefault(one["id"], {name: one[name] for name in names})
    order = sorted(by_id.values(), key=lambda one: (one["slug"], one["kind"], one["key"]))
    return sorted(order, key=lambda one: str(one["as_of"]), reverse=True)[:LONGEST]


def feed_xml(changes: Iterable[Mapping[str, Any]], *, as_of: str | None, site: str | None) -> str:
    """An Atom feed of changes, newest first, dated by the latest date of the data at least.

    The address of the output folder, ending in a slash, makes links absolute and becomes part of
    the feed's identifier. Without it links are relative to the feed.
    """
    listed = list(changes)
    return atom(
        (
            Entry(one["id"], one["title"], one["text"], one["as_of"], one["href"], one["kind"])
            for one in listed
        ),
        id=f"urn:uuid:{uuid.uuid5(_NAMESPACE, site or 'feed')}",
        title="Changes in correlation reports",
        subtitle="Changed answers, new breaks and new extremes",
        updated=max([*(one["as_of"] for one in listed), as_of or EPOCH]),
        base=site or "",
    )
