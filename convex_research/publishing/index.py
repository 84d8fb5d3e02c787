"""``index.html`` and ``index.json``: made from the records on disk, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from convex_research.analysis.record import validate_record
from convex_research.claims import strength_words
from convex_research.errors import ConvexResearchError, printable
from convex_research.presentation import formatting as fmt
from convex_research.publishing.assets import content_policy, stylesheet, template_folder
from convex_research.publishing.describe import estimate_in, headline_key, pair_title
from convex_research.publishing.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_index"]

INDEX_SCHEMA = "convex-research/index/1"
_PAGES = ("correlation", "comparison")
_LABELS = {"correlation": "Correlation", "comparison": "Side by side"}


def write_index(output: Path) -> Path:
    """Read every record under ``output`` and write the index beside them.

    Parameters
    ----------
    output : Path
        Folder of the reports.

    Returns
    -------
    Path
        ``index.html``.
    """
    pairs, failures = _read(output)
    entries = [_entry(slug, records) for slug, records in pairs.items()]
    entries.sort(key=lambda e: (e["category"], e["slug"]))
    content = {"schema": INDEX_SCHEMA, "pairs": entries, "failures": failures}
    write_atomically(output / "index.json", json.dumps(content, indent=2, allow_nan=False) + "\n")
    page = output / "index.html"
    methodology = (output / "methodology.html").is_file()
    write_atomically(page, _render(pairs, entries, failures, methodology=methodology))
    return page


def _read(output: Path) -> tuple[dict[str, dict[str, dict[str, Any]]], list[dict[str, str]]]:
    """Records by slug and kind, and what failed; an unreadable record is a failure."""
    pairs: dict[str, dict[str, dict[str, Any]]] = {}
    failures = []
    for folder in sorted(path for path in output.iterdir() if path.is_dir()):
        for kind in _PAGES:
            record_path, failed_path = folder / f"{kind}.json", folder / f"{kind}.failed.json"
            if failed_path.is_file():
                failures.append(_failure(failed_path, folder.name, kind))
            elif record_path.is_file():
                try:
                    record = json.loads(record_path.read_text("utf-8"))
                    validate_record(record)
                except (OSError, ValueError, ConvexResearchError) as error:
                    reason = f"the record cannot be read: {printable(error)}"
                    failures.append(
                        {"slug": folder.name, "title": folder.name, "kind": kind, "reason": reason}
                    )
                else:
                    pairs.setdefault(folder.name, {})[kind] = record
    return pairs, failures


def _failure(path: Path, slug: str, kind: str) -> dict[str, str]:
    try:
        content = json.loads(path.read_text("utf-8"))
        title = " and ".join(printable(name, limit=60) for name in content["names"])
        reason = printable(content["reason"], limit=500)
    except (OSError, ValueError, KeyError, TypeError):
        title, reason = slug, "the page failed, and its failure record cannot be read"
    return {"slug": slug, "title": title, "kind": kind, "reason": reason}


def _entry(slug: str, records: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What ``index.json`` says of a pair."""
    record = next(iter(records.values()))
    key = headline_key(record)
    return {
        "slug": slug,
        "title": pair_title(record),
        "category": record["pair"]["category"],
        "a": record["pair"]["a"],
        "b": record["pair"]["b"],
        "as_of": record["as_of"],
        "nobs": record["data"]["nobs"],
        "correlation": {"key": key, **record["estimates"][key]} if key else None,
        "beta": record["estimates"].get("regression.beta[252]"),
        "quality": record["data"]["quality"],
        "pages": {kind: f"{slug}/{kind}.html" for kind in records},
    }


def _row(entry: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    r = estimate_in(record, headline_key(record))
    beta = estimate_in(record, "regression.beta[252]")
    providers = {record["data"][leg]["provider"] for leg in "ab"}
    return {
        **entry,
        "sample": "sample" in providers,
        "r": f"{fmt.value(r, plus=True)} {fmt.interval(r, plus=True)}" if r else "not computed",
        "strength": strength_words(r).capitalize() if r else "",
        "beta": f"{fmt.value(beta)} {fmt.interval(beta)}" if beta else "not computed",
        "nobs": fmt.count(r.nobs if r else entry["nobs"]),
        "pages": [{"href": href, "label": _LABELS[kind]} for kind, href in entry["pages"].items()],
    }


def _render(
    pairs: dict[str, dict[str, dict[str, Any]]],
    entries: list[dict[str, Any]],
    failures: list[dict[str, str]],
    *,
    methodology: bool,
) -> str:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(loader=FileSystemLoader(template_folder()), autoescape=True)
    return environment.get_template("index.html.j2").render(
        policy=content_policy(),
        stylesheet=stylesheet(),
        rows=[_row(entry, next(iter(pairs[entry["slug"]].values()))) for entry in entries],
        failures=failures,
        methodology=methodology,
        window="252 observations, or of the whole sample where it is shorter",
    )
