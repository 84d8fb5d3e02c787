"""One day's digest: what is news, what merely moved, and what is wrong with the data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convex_research.analysis.record import methods_of
from convex_research.core.errors import printable
from convex_research.core.estimates import Estimate
from convex_research.daily.history import daily_rows
from convex_research.daily.watch.changes import (
    changes,
    other_methods,
    problems,
    summary_of,
    test_pvalues,
)
from convex_research.daily.watch.error_budget import ALPHA, Look, decide
from convex_research.daily.watch.look import path_of, recent_and_usual
from convex_research.daily.wording import digest_sentence, headline
from convex_research.publishing.meta.describe import pair_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from convex_research.daily.watch.error_budget import Decision
    from convex_research.daily.watch.look import DailyReturns, Watched


__all__ = ["DIGEST_SCHEMA", "NOTHING", "PairToday", "make_digest"]

DIGEST_SCHEMA = "convex-research/digest/1"
NOTHING: Mapping[str, Any] = {
    "schema": DIGEST_SCHEMA,
    "pairs_with_new_data": 0,
    "comparisons": 0,
    "looks": 0,
    "signals": [],
    "methods": None,
    "moved": [],
    "moved_counts": {},
    "still_open": [],
    "closed": [],
    "problems": [],
}
"""A digest that has looked at nothing."""
_EVIDENCE = 12
_WATCHED = ("change", "move")  # parts of the ledger that no page makes
_LISTED = {"verdict": 25, "recent": 10, "break": 10, "extreme": 10, "move": 10}


@dataclass(frozen=True, slots=True, kw_only=True)
class PairToday:
    """A pair as it stands: its record, and the look at the same data.

    Parameters
    ----------
    slug : str
        Folder.
    record : dict
        Of its first page.
    page : str
        Path of that page under the output folder.
    seen : Watched or None
        None where it cannot be watched, or was not looked at because nothing is new.
    returns : DailyReturns or None
        What was looked at.
    watchable : bool
        Whether it is compared at all.
    """

    slug: str
    record: dict[str, Any]
    page: str
    seen: Watched | None = None
    returns: DailyReturns | None = None
    watchable: bool = False

    @property
    def named(self) -> dict[str, str]:
        """Slug, title and page."""
        return {"slug": self.slug, "title": pair_name(self.record), "page": self.page}


def make_digest(
    pairs: Sequence[PairToday],
    state: Mapping[str, Any],
    as_of: str,
    failures: Sequence[Mapping[str, str]] = (),
) -> dict[str, Any]:
    """Put a digest together.

    Parameters
    ----------
    pairs : sequence of PairToday
        Every pair with a page.
    state : mapping
        That the last digest left; empty for the first.
    as_of : str
        Date of the digest: the latest of the pairs'.
    failures : sequence of mapping
        ``title`` and ``message`` of what could not be fetched or built.

    Returns
    -------
    dict
        ``content`` (what ``<as-of>.json`` holds), ``rows`` (the day's for the history) and
        ``state`` (for the next digest).
    """
    known: dict[str, dict[str, Any]] = dict(state.get("pairs", {}))
    fresh = [
        one
        for one in pairs
        if one.slug not in known or str(one.record["as_of"]) > str(known[one.slug]["as_of"])
    ]
    by_slug = {one.slug: one for one in pairs}
    # Everything that is compared, looked at today or not.
    listed = [
        f"{one.slug}/{kind}" for one in pairs if one.watchable for kind in ("correlation", "spread")
    ]
    looks = [look for one in fresh for look in _looks(one)]
    decision = decide(state.get("ledger", {}), looks, listed)
    remade = {one.slug for one in fresh if other_methods(one.record, known.get(one.slug))}
    moved = [
        {**one.named, **change, **_controlled(decision, one.slug, change["kind"])}
        for one in fresh
        for change in changes(one.record, known.get(one.slug), one.seen)
    ]
    # What the page's own tests say under other methods than yesterday's is open, but no news.
    news = [one for one in decision.news if one["slug"] not in remade or one["part"] in _WATCHED]
    reported = {report["slug"] for report in news}
    signals = [_signal(by_slug[report["slug"]], report, moved) for report in news]
    moved = [one for one in moved if one["slug"] not in reported]
    counts = Counter(one["kind"] for one in moved)
    content: dict[str, Any] = {
        **NOTHING,
        "as_of": as_of,
        "previous": state.get("as_of"),
        "pairs": len(pairs),
        "pairs_with_new_data": len(fresh),
        "comparisons": decision.comparisons,
        "looks": decision.looks,
        "false_discovery_rate": ALPHA,
        "methods": _methods([one for one in fresh if one.slug in remade]),
        "signals": signals,
        "moved": _ranked(moved),
        "moved_counts": {kind: counts[kind] for kind in _LISTED},
        "still_open": _still_open(decision, by_slug, news),
        "closed": [_named(by_slug, name) for name in decision.closed],
        "problems": _problems(pairs, known, failures),
        "versions": next((one.record["versions"] for one in pairs), {}),
    }
    content["sentence"] = digest_sentence(content)
    summaries = {**known, **{one.slug: summary_of(one.record) for one in fresh}}
    for one in pairs:  # a warning is news once
        if one.slug in summaries:
            now = {"quality": summary_of(one.record)["quality"], "watchable": one.watchable}
            summaries[one.slug] = {**summaries[one.slug], **now}
    return {
        "content": content,
        "rows": [tuple(row) for one in fresh for row in daily_rows(one.record, one.seen)],
        "state": {"as_of": as_of, "pairs": summaries, "ledger": decision.state},
    }


def _problems(
    pairs: Sequence[PairToday],
    known: Mapping[str, Mapping[str, Any]],
    failures: Sequence[Mapping[str, str]],
) -> list[dict[str, Any]]:
    """Each message once, with the pairs it concerns."""
    titles: dict[str, set[str]] = {}
    for failure in failures:
        titles.setdefault(failure["message"], set()).add(failure["title"])
    for one in pairs:
        for message in problems(one.record, known.get(one.slug)):
            titles.setdefault(message, set()).add(pair_name(one.record))
    return [{"message": text, "pairs": sorted(some)} for text, some in sorted(titles.items())]


def _looks(one: PairToday) -> Iterator[Look]:
    seen = one.seen
    if seen is None:
        return
    tested = [("correlation", seen.statistic, {"change": seen.pvalue, **test_pvalues(one.record)})]
    if seen.move is not None:
        tested.append(("spread", seen.move.statistic, {"move": seen.move.pvalue}))
    for kind, statistic, pvalues in tested:
        yield Look(slug=one.slug, kind=kind, as_of=seen.as_of, statistic=statistic, pvalues=pvalues)


def _controlled(decision: Decision, slug: str, kind: str) -> dict[str, Any]:
    """Adjusted p-value of the pair: that its correlation changed, or its spread moved."""
    name = f"{slug}/{'spread' if kind == 'move' else 'correlation'}"
    return {
        "pvalue_adjusted": decision.adjusted.get(name),
        "open": name in decision.state["open"],
    }


def _named(by_slug: Mapping[str, PairToday], name: str) -> dict[str, str]:
    slug, _, kind = name.rpartition("/")
    gone = {"slug": slug, "title": printable(slug), "page": ""}
    return {**(by_slug[slug].named if slug in by_slug else gone), "kind": kind}


def _signal(
    one: PairToday, report: Mapping[str, Any], moved: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A report with its evidence; numbers are taken from the data it was decided on."""
    signal = {**one.named, **report}
    if one.returns is not None and one.seen is not None:
        estimates = recent_and_usual(one.returns, one.seen)
        for name, found in zip(("recent", "usual"), estimates, strict=True):
            signal[name] = found.to_dict() if isinstance(found, Estimate) else None
        if report["kind"] == "correlation":
            signal["path"] = path_of(one.returns)
        move = one.seen.move
        if move is not None and report["reached"] == one.seen.as_of:
            ends = {"low": move.usual_low, "high": move.usual_high}
            signal["move"] = {"value": move.value, **ends}
    signal["headline"] = headline(signal)
    # That the spread jumped its signal says already.
    own = "move" if report["kind"] == "spread" else ""
    also = [change for change in moved if change["slug"] == one.slug and change["kind"] != own]
    return {**signal, "evidence": also[:_EVIDENCE]}


def _methods(remade: Sequence[PairToday]) -> dict[str, Any] | None:
    """The methods that are new today, and for how many pairs."""
    if not remade:
        return None
    return {"methods": methods_of(remade[0].record), "pairs": len(remade)}


def _still_open(
    decision: Decision, by_slug: Mapping[str, PairToday], news: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    reported = {f"{one['slug']}/{one['kind']}" for one in news}
    return [
        {**_named(by_slug, name), "since": report["since"]}
        for name, report in sorted(decision.state["open"].items())
        if name not in reported
    ]


def _ranked(moved: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The foremost of each kind: by adjusted p-value, p-value and size."""

    def rank(one: Mapping[str, Any]) -> tuple[float, float, float, str]:
        adjusted, own = (
            2.0 if p is None else float(p) for p in (one["pvalue_adjusted"], one["pvalue"])
        )
        return adjusted, own, -one["size"], f"{one['slug']}{one['key']}"

    ranked = sorted(moved, key=rank)
    return [
        one
        for kind, most in _LISTED.items()
        for one in [change for change in ranked if change["kind"] == kind][:most]
    ]
