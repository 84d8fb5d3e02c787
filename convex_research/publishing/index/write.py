"""``index.html``, ``.json``, ``.csv`` and ``feed.xml``: made from the records on disk alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from convex_research.catalogue.symbols import slugify
from convex_research.core.files import write_atomically
from convex_research.publishing.feed import changes_between, feed_xml, merged
from convex_research.publishing.index.across_pairs import across_pairs
from convex_research.publishing.index.entries import (
    FLAGS,
    instrument_entry,
    names_by_symbol,
    pair_entry,
)
from convex_research.publishing.index.listing import index_csv
from convex_research.publishing.index.page import PART, part_names, render_choice, render_index
from convex_research.publishing.meta.describe import CHANGED
from convex_research.publishing.meta.pair import site_url
from convex_research.publishing.records import INSTRUMENT_FOLDER, Reports, read_reports

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["INDEX_SCHEMA", "read_index", "write_index"]

INDEX_SCHEMA = "convex-research/index/1"
_PART = re.compile(r"index-[1-9]\d*\.(?:html|json)")


def write_index(output: Path) -> Path:
    """Read every record under the folder of reports and write index and feed beside them.

    An InputError if ``CONVEX_RESEARCH_SITE_URL`` holds no address. The path is that of the page.
    """
    site = site_url()
    reports = read_reports(output)
    _write_choices(output, reports)
    content = _content(reports, read_index(output))
    pages = render_index(
        content,
        methodology=(output / "methodology.html").is_file(),
        site=site,
        digest=(output / "digest" / "index.html").is_file(),
    )
    feed = feed_xml(content["changes"], as_of=content["as_of"], site=site)
    write_atomically(output / "feed.xml", feed)
    write_atomically(output / "index.csv", index_csv(content["pairs"]))
    for name, html in pages.items():
        write_atomically(output / name, html)
    # Last: the next build compares with it, and must not miss what was not shown.
    parts = _parts(content)
    for name, part in parts.items():
        write_atomically(output / name, _as_lines(part))
    for left in output.glob("index-*.*"):  # of an index that had more pairs
        if _PART.fullmatch(left.name) and left.name not in pages.keys() | parts.keys():
            left.unlink()
    return output / "index.html"


def _parts(content: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """``index.json`` with the first pairs, and further files with the others.

    The first has everything but what belongs to the pairs of the others.
    """
    pairs, across = content["pairs"], content["across_pairs"]
    names = part_names(len(pairs), "json")
    listed = []
    parts: dict[str, dict[str, Any]] = {}
    for k, name in enumerate(names):
        own = pairs[k * PART : (k + 1) * PART]
        slugs = {one["slug"] for one in own}
        controlled = {slug: one for slug, one in across["pairs"].items() if slug in slugs}
        listed.append({"href": name, "pairs": len(own)})
        head = {"schema": INDEX_SCHEMA, "as_of": content["as_of"], "part": k + 1}
        parts[name] = {**head, "pairs": own, "across_pairs": {"pairs": controlled}}
    if parts:
        first = parts[names[0]]
        controlled = {**across, **first["across_pairs"]}
        content = {**content, "pairs": first["pairs"], "across_pairs": controlled}
    parts.pop(names[0], None)
    # The first is written last: what it names is there.
    return {**parts, names[0]: {**content, "parts": listed}}


def read_index(output: Path) -> dict[str, Any]:
    """The index that is there, its parts together; nothing where it is torn or missing.

    Parameters
    ----------
    output : pathlib.Path
        Folder of reports.
    """
    first = _read(output / "index.json")
    for part in first.get("parts", [])[1:]:
        further = _read(output / part["href"]) if _PART.fullmatch(part["href"]) else {}
        first["pairs"] += further.get("pairs", [])
        first["across_pairs"]["pairs"] |= further.get("across_pairs", {}).get("pairs", {})
    return first


def _write_choices(output: Path, reports: Reports) -> None:
    """A page under every name that several series share, leading to each of them.

    The page of a pair is the same whatever else is built, so it links the plain name.
    """
    shared: dict[str, list[tuple[str, str]]] = {}
    for name, record in reports.instruments.items():
        plain = slugify(record["instrument"]["id"])
        if name != plain:
            shared.setdefault(plain, []).append((name, record["instrument"]["symbol"]))
    for plain, series in shared.items():
        if plain not in reports.instruments:
            page = output / INSTRUMENT_FOLDER / f"{plain}.html"
            write_atomically(page, render_choice(plain, series))


def _as_lines(content: dict[str, Any]) -> bytes:
    """JSON with a line for every pair, failure, instrument and change."""
    parts = []
    for key, value in content.items():
        if isinstance(value, list) and value:
            text = b"[\n" + b",\n".join(orjson.dumps(one) for one in value) + b"\n]"
        else:
            text = orjson.dumps(value)
        parts.append(orjson.dumps(key) + b": " + text)
    return b"{\n" + b",\n".join(parts) + b"\n}\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return {}
    if not isinstance(found, dict) or found.get("schema") != INDEX_SCHEMA:
        return {}
    return found


def _content(reports: Reports, earlier: dict[str, Any]) -> dict[str, Any]:
    """What ``index.json`` holds.

    ``pairs`` and ``instruments`` hold everything a screen needs, ``failures`` the pages that
    could not be built, ``across_pairs`` the error control over all pairs (see
    :func:`~convex_research.publishing.index.across_pairs.across_pairs`), ``changes`` what is new
    since earlier builds, ``flags`` the meaning of the flags. A pair's ``answers`` are those of its
    page; ``lately`` and ``line`` say what is left of a change after control over all pairs.
    """
    names = names_by_symbol(reports.instruments)
    among = across_pairs({one.slug: one.record["claims"] for one in reports.pairs})
    entries = [
        pair_entry(one, names, among["pairs"].get(one.slug, {}).get(CHANGED))
        for one in reports.pairs
    ]
    entries.sort(key=lambda e: (e["category"], e["slug"]))
    claims = {
        one.slug: {claim["id"]: claim for claim in one.record["claims"]} for one in reports.pairs
    }
    as_of = max((entry["as_of"] for entry in entries), default=None)
    before = earlier.get("pairs")
    changes = changes_between(before if isinstance(before, list) else [], entries, claims)
    kept = earlier.get("changes")
    appears: dict[str, list[str]] = {}
    for entry in entries:
        for leg in entry["instruments"]:
            appears.setdefault(names[entry[leg]["symbol"]], []).append(entry["slug"])
    return {
        "schema": INDEX_SCHEMA,
        "as_of": as_of,
        "pairs": entries,
        "failures": reports.failures,
        "instruments": [
            instrument_entry(name, record, appears) for name, record in reports.instruments.items()
        ],
        "universes": reports.universes,
        "across_pairs": among,
        "changes": merged(changes, kept if isinstance(kept, list) else [], until=as_of),
        "flags": {name: meaning for name, (_, meaning) in FLAGS.items()},
    }
