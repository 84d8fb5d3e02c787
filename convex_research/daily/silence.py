"""The digest of a day on which no source answers: what failed, and how far data are known.

It is named after the last published day, not after a clock: however long the sources stay
silent, there is one such digest between two days of data, and it is sent once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.core.errors import ConvexResearchError, SourceUnavailable, printable
from convex_research.daily.digest import NOTHING
from convex_research.data.cache.snapshot import load_from_snapshot
from convex_research.data.providers.environment import is_offline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from convex_research.daily.digest import PairToday
    from convex_research.publishing.request import PairRequest

__all__ = ["silent_digest", "silent_sources"]

_SERIES = 12
_STALE = "stale"


def silent_sources(
    requests: Sequence[PairRequest], snapshot: Path, pairs: Iterable[PairToday]
) -> list[dict[str, Any]]:
    """Who was asked and did not answer, by source; empty as soon as one source answers.

    Each has ``source``, ``problem``, ``series`` (``symbol`` and ``last``, its last known date or
    none) and ``more`` (series not listed). A run confined to its cache asks nobody. Dates are
    known of the ``pairs`` with pages.
    """
    if is_offline() or not snapshot.is_dir():
        return []
    known = {one.slug: str(one.record["as_of"]) for one in pairs}
    last_by_leg: dict[str, str] = {}
    for request in requests:
        for leg in request.legs:
            last_by_leg[leg] = max(last_by_leg.get(leg, ""), known.get(request.slug, ""))
    found: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(leg for one in requests for leg in one.legs):
        try:
            series = load_from_snapshot(snapshot, name)
        except SourceUnavailable as error:
            failure = (error.provider, error.problem, error.symbol, last_by_leg[name] or None)
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


def silent_digest(
    sources: Sequence[Mapping[str, Any]], as_of: str | None, pairs: int
) -> dict[str, Any]:
    """Content of the digest; ``as_of`` is the date of the last one."""
    names = [str(one["source"]) for one in sources]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    until = f"data are known to {as_of}" if as_of else "no data are known yet"
    sentence = (
        f"No source answered ({listed}): nothing can be said about changes; {until}, and the "
        "next run asks again."
    )
    return {
        **NOTHING,
        "as_of": as_of,
        "name": f"{as_of}-no-answer" if as_of else "no-answer",
        "previous": as_of,
        "pairs": pairs,
        "silent": list(sources),
        "sentence": sentence,
    }
