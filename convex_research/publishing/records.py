"""What lies in a folder of reports: records of pairs and instruments, and what failed.

A record is checked against its types as it is read: it may be older, or edited by hand.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from convex_research.analysis.record_types import (
    INSTRUMENT_SCHEMA_NAME,
    SCHEMA_NAME,
    UNIVERSE_SCHEMA_NAME,
    decoder_of,
)
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import InputError, printable

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "INSTRUMENT_FOLDER",
    "PAIR_KINDS",
    "UNIVERSE_FOLDER",
    "PairReport",
    "Reports",
    "read_reports",
]

INSTRUMENT_FOLDER = "instruments"
UNIVERSE_FOLDER = "universe"
PAIR_KINDS: tuple[Literal["correlation", "comparison"], ...] = ("correlation", "comparison")
_SLUG = re.compile(r"[a-z0-9-]+")
# Results that the index reads; the others are not looked at.
_READ = (
    *("correlation.pearson[", "correlation.synchronised[", "correlation.weekly["),
    *("recent.", "regression.beta[", "rolling.pearson_m"),
    "stability.break",
)
_SHARED = b'\n  "flags": '  # what comes before is of the page: kind, title, answers
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class PairReport:
    """A pair with pages: its folder, its record, and the kinds of its pages.

    The record is that of the first page in the order of ``PAIR_KINDS``, as both hold the same
    analysis, with only the parts and estimates that the index reads.
    """

    slug: str
    record: dict[str, Any]
    pages: tuple[str, ...]


@dataclass(slots=True)
class Reports:
    """Everything found under an output folder, instruments by file name.

    A universe has ``slug``, ``name``, ``title`` and ``as_of``.
    A failure has ``slug``, ``title``, ``kind``, ``reason``, ``cell`` and ``message``.
    """

    pairs: list[PairReport] = field(default_factory=list)
    instruments: dict[str, dict[str, Any]] = field(default_factory=dict)
    universes: list[dict[str, str]] = field(default_factory=list)
    failures: list[dict[str, str]] = field(default_factory=list)


def read_reports(output: Path) -> Reports:
    """Read every record under the folder of reports; one that cannot be read is a failure."""
    found = Reports()
    with os.scandir(output) as listing:
        folders = sorted(one.name for one in listing if one.is_dir())
    for slug in folders:
        if slug == INSTRUMENT_FOLDER:
            _read_instruments(output / slug, found)
        elif slug == UNIVERSE_FOLDER:
            _read_universes(output / slug, found)
        elif _SLUG.fullmatch(slug):
            _read_pair(output, slug, found)
    return found


def _read_pair(output: Path, slug: str, found: Reports) -> None:
    folder = output / slug
    names = set(os.listdir(folder))  # noqa: PTH208 - a set of names is all that is wanted
    record: dict[str, Any] | None = None
    pages: list[str] = []
    first = b""
    for kind in PAIR_KINDS:
        if f"{kind}.failed.json" in names:
            found.failures.append(_failure(folder / f"{kind}.failed.json", slug, kind))
            continue
        if f"{kind}.json" not in names:
            continue
        try:
            body = (folder / f"{kind}.json").read_bytes()
            if record is None or not _same_analysis(first, body):
                one = _parsed(body, SCHEMA_NAME)
                if record is None:
                    record, first = _kept(one), body
        except _BAD_RECORD as error:
            found.failures.append(_unreadable(slug, kind, error))
        else:
            pages.append(kind)
    if record is not None:
        found.pairs.append(PairReport(slug, record, tuple(pages)))


def _read_instruments(folder: Path, found: Reports) -> None:
    for name in sorted(os.listdir(folder)):  # noqa: PTH208
        stem, dot, ending = name.partition(".")
        if not dot or not _SLUG.fullmatch(stem):
            continue
        if ending == "failed.json":
            found.failures.append(_failure(folder / name, stem, "instrument"))
        elif ending == "json":
            try:
                body = (folder / name).read_bytes()
                found.instruments[stem] = _parsed(body, INSTRUMENT_SCHEMA_NAME)
            except _BAD_RECORD as error:
                found.failures.append(_unreadable(stem, "instrument", error))


def _read_universes(folder: Path, found: Reports) -> None:
    for path in sorted(folder.glob("*.json")):
        if not _SLUG.fullmatch(path.stem) or not path.with_suffix(".html").is_file():
            continue
        try:
            record = decoder_of(UNIVERSE_SCHEMA_NAME).decode(path.read_bytes())
        except _BAD_RECORD as error:
            found.failures.append(_unreadable(path.stem, "universe", error))
        else:
            about = {name: record[name] for name in ("as_of", "title")}
            found.universes.append({"slug": path.stem, "name": record["universe"]["name"], **about})


def _kept(record: dict[str, Any]) -> dict[str, Any]:
    """The parts of a record that are read again; whole, thousands would fill the memory."""
    parts = ("kind", "pair", "as_of", "config", "data", "methods", "flags", "summary")
    fields = (
        "id",
        "question",
        "verdict",
        "answer",
        "word",
        "text",
        "pvalue",
        "pvalues",
        "evidence",
    )
    shown = {one.get("key") for one in record.get("summary", ())}
    return {
        **{part: record[part] for part in parts if part in record},
        "estimates": {
            key: one
            for key, one in record["estimates"].items()
            if key.startswith(_READ) or key in shown
        },
        "claims": [{name: claim.get(name) for name in fields} for claim in record["claims"]],
        "series": record.get("series", {}),
    }


def _same_analysis(first: bytes, body: bytes) -> bool:
    """Whether two records differ by their page's own parts alone, as those of one build do."""
    return body.partition(_SHARED)[2] == first.partition(_SHARED)[2] != b""


def _parsed(body: bytes, schema: str) -> dict[str, Any]:
    record: dict[str, Any] = decoder_of(schema).decode(body)
    paths = record.get("series", {}).values()
    for day in (record["as_of"], *(day for path in paths for day, _ in path)):
        date.fromisoformat(day)
    AnalysisConfig.of_record(record)
    return record


_BAD_RECORD = (OSError, TypeError, ValueError, InputError)


def _why(error: Exception) -> str:
    """Why a record cannot be used."""
    if isinstance(error, OSError):
        return error.strerror or "it cannot be opened"
    if isinstance(error, msgspec.ValidationError):
        return f"{error}; build the page again"
    return "it is torn or no JSON" if isinstance(error, msgspec.DecodeError) else str(error)


def _unreadable(slug: str, kind: str, error: Exception) -> dict[str, str]:
    reason = f"the record cannot be read: {printable(_why(error))}"
    about = {"slug": slug, "title": slug, "kind": kind}
    return {**about, "reason": reason, "cell": "", "message": reason}


class _FailureFile(msgspec.Struct):
    """A page that could not be built; older files have the reason alone."""

    names: list[str]
    reason: str
    cell: str = ""
    message: str = ""


def _failure(path: Path, slug: str, kind: str) -> dict[str, str]:
    try:
        failed = msgspec.json.decode(path.read_bytes(), type=_FailureFile)
    except (OSError, ValueError):
        reason = "the page failed, and its failure record cannot be read"
        failed = _FailureFile([slug], reason)
    title = " and ".join(printable(name, limit=60) for name in failed.names)
    return {
        "slug": slug,
        "title": title.replace(" (embedded sample)", "") or slug,
        "kind": kind,
        "reason": printable(failed.reason, limit=_LONGEST_REASON),
        "cell": printable(failed.cell),
        "message": printable(failed.message or failed.reason, limit=_LONGEST_REASON),
    }
