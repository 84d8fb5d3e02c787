"""The digest of a day on which no source answers: what failed, and how far data are known.

It is named after the last published day, not after a clock: however long the sources stay
silent, there is one such digest between two days of data, and it is sent once.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from convex_research.core.errors import ConvexResearchError, SourceUnavailable, printable
from convex_research.data.cache.snapshot import load_from_snapshot
from convex_research.data.providers.environment import is_offline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from convex_research.daily.digest import PairToday
    from convex_research.publishing.request import PairRequest

__all__ = ["silent_digest", "silent_sources", "stored_digest"]

_SERIES = 12
_STALE = "stale"


def silent_sources(
    requests: Sequence[PairRequest], snapshot: Path, pairs: Iterable[PairToday]
) -> list[dict[str, Any]]:
    """Who was asked and did not answer; empty as soon as one source answers.

    Parameters
    ----------
    requests : sequence of PairRequest
        The pairs.
    snapshot : Path
        What this run fetched.
    pairs : iterable of PairToday
        Pairs with pages, whose dates are known.

    Returns
    -------
    list of dict
        ``source``, ``problem``, ``series`` (each with ``symbol`` and ``last``, its last known
        date or none), ``more`` (series not listed), by source. A run confined to its cache
        asks nobody.
    """
    if is_offline() or not snapshot.is_dir():
        return []
    known = {one.slug: str(one.record["as_of"]) for one in pairs}
    last_by_leg = _last_by_leg(requests, known)
    found: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(leg for one in requests for leg in one.legs):
        try:
            series = load_from_snapshot(snapshot, name)
        except SourceUnavailable as error:
            failure = (error.provider, error.problem, error.symbol, last_by_leg.get(name))
        except ConvexResearchError:
            continue  # what the user must change says nothing about sources
        else:
            if not series.provenance.stale:
                return []
            why = next((n.reason for n in series.quality if n.check == _STALE), "")
            failure = (
                series.provenance.provider,
                why,
                series.provenance.symbol,
                series.provenance.end.isoformat(),
            )
        source, problem, symbol, last = failure
        one = found.setdefault(source, {"source": source, "problem": "", "series": [], "more": 0})
        one["problem"] = one["problem"] or printable(problem.rstrip("."), limit=200)
        if len(one["series"]) < _SERIES:
            one["series"].append({"symbol": printable(symbol, limit=40), "last": last})
        else:
            one["more"] += 1
    return [found[source] for source in sorted(found)]


def _last_by_leg(requests: Sequence[PairRequest], known: Mapping[str, str]) -> dict[str, str]:
    """Last date of the pages of each leg."""
    found: dict[str, str] = {}
    for one in requests:
        for leg in one.legs:
            if one.slug in known:
                found[leg] = max(found.get(leg, ""), known[one.slug])
    return found


def silent_digest(
    sources: Sequence[Mapping[str, Any]], as_of: str | None, pairs: int, schema: str
) -> dict[str, Any]:
    """Content of the digest; see :class:`~convex_research.daily.digest.Digest`.

    Parameters
    ----------
    sources : sequence of mapping
        From :func:`silent_sources`.
    as_of : str or None
        Date of the last digest.
    pairs : int
        Number of pairs.
    schema : str
        Schema of digests.
    """
    names = [str(one["source"]) for one in sources]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    until = f"data are known to {as_of}" if as_of else "no data are known yet"
    sentence = (
        f"No source answered ({listed}): nothing can be said about changes; {until}, and the "
        "next run asks again."
    )
    return {
        "schema": schema,
        "as_of": as_of,
        "name": f"{as_of}-no-answer" if as_of else "no-answer",
        "previous": as_of,
        "pairs": pairs,
        "pairs_with_new_data": 0,
        "comparisons": 0,
        "looks": 0,
        "silent": list(sources),
        "signals": [],
        "moved": [],
        "moved_counts": {},
        "still_open": [],
        "closed": [],
        "problems": [],
        "sentence": sentence,
    }


def stored_digest(folder: Path, name: str) -> dict[str, Any] | None:
    """A digest as it was published; none where there is none that can be read."""
    with suppress(OSError, ValueError):
        content: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
        if isinstance(content, dict) and content.get("name") == name:
            return content
    return None
