"""The pairs as a daily run finds them: their records, and a look at what is new."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson

from convex_research.core.errors import ConvexResearchError, printable
from convex_research.daily.digest import PairToday
from convex_research.daily.watch.look import DailyReturns, Watched, daily_returns, watch_all
from convex_research.data.cache.snapshot import load_from_snapshot
from convex_research.data.clock import last_day

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from convex_research.batch.log import BatchLog
    from convex_research.core.estimates import NotComputed
    from convex_research.data.series import SeriesData
    from convex_research.publishing.request import PairRequest

__all__ = ["failures_of", "pairs_today"]


def pairs_today(
    requests: Sequence[PairRequest],
    output: Path,
    state: Mapping[str, Any],
    snapshot: Path,
    tell: Callable[[str], None],
) -> list[PairToday]:
    """Every pair with a readable record, looked at where its data are new.

    ``state`` is that of the last digest, ``snapshot`` what the pages were built from; ``tell``
    hears of a record that cannot be read.
    """
    series: dict[str, SeriesData] = {}
    known, clock = state.get("pairs", {}), last_day().isoformat()
    pairs: list[PairToday] = []
    for request in requests:
        slug = request.slug
        today = _read_pair(output, slug)
        if today is None:
            if (output / slug / "correlation.json").exists():
                tell(f"The record of {slug} cannot be read; it is left out of the digest.")
            continue
        if today.record["as_of"] > clock:
            continue  # an earlier version's page of a row in the future; why it failed is told
        before = known.get(slug, {})
        if before.get("as_of", "") >= today.record["as_of"]:
            pairs.append(replace(today, watchable=bool(before.get("watchable"))))
        else:
            pairs.append(replace(today, returns=_returns(request, snapshot, series)))
    looks = iter(watch_all([one.returns for one in pairs if one.returns is not None]))
    return [one if one.returns is None else _looked_at(one, next(looks)) for one in pairs]


def _looked_at(one: PairToday, seen: Watched | NotComputed) -> PairToday:
    if isinstance(seen, Watched) and seen.as_of == one.record["as_of"]:
        return replace(one, seen=seen, watchable=True)
    return replace(one, returns=None)


def _read_pair(output: Path, slug: str) -> PairToday | None:
    for kind in ("correlation", "comparison"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = orjson.loads((output / slug / f"{kind}.json").read_bytes())
            record["pair"]["slug"] = slug
            if all(isinstance(record[part], dict) for part in ("estimates", "tests", "data")):
                return PairToday(slug=slug, record=record, page=f"{slug}/{kind}.html")
    return None


def _returns(
    request: PairRequest, snapshot: Path, series: dict[str, SeriesData]
) -> DailyReturns | None:
    """Returns of a pair from the very data its pages were built from."""
    try:
        for name in request.legs:
            if name not in series:
                series[name] = load_from_snapshot(snapshot, name)
        a, b = (series[name] for name in request.legs)
        bounds = {"start": request.start, "end": request.as_of}
        returns = daily_returns(a, b, request.returns, **bounds)
    except ConvexResearchError:
        return None
    return returns if isinstance(returns, DailyReturns) else None


def failures_of(result: BatchLog, requests: Sequence[PairRequest]) -> list[dict[str, str]]:
    """Why pages failed, once a pair: ``title`` and ``message``."""
    titles = {
        one.slug: " and ".join(printable(name, limit=60) for name in one.names) for one in requests
    }
    failures: dict[tuple[str, str], dict[str, str]] = {}
    for one in result.failures:
        place = f"`{one.cell}`: " if one.cell else ""
        message = printable(f"{place}{one.fields['message']}", limit=300)
        title = titles.get(one.slug, one.slug)
        failures[one.slug, message] = {"title": title, "message": message}
    return list(failures.values())
