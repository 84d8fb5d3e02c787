"""One day's digest: what is news, what merely moved, and what is wrong with the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convex_research.core.errors import printable
from convex_research.core.estimates import Estimate
from convex_research.daily.rows import daily_rows
from convex_research.daily.watch.changes import changes, problems, summary_of, test_pvalues
from convex_research.daily.watch.error_budget import ALPHA, Look, decide
from convex_research.daily.watch.look import path_of, recent_and_usual
from convex_research.daily.wording import digest_sentence, headline
from convex_research.publishing.meta.describe import pair_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convex_research.daily.rows import Row
    from convex_research.daily.watch.error_budget import Decision
    from convex_research.daily.watch.legs import DailyReturns
    from convex_research.daily.watch.look import Watched


__all__ = ["DIGEST_SCHEMA", "Digest", "PairToday", "make_digest"]

DIGEST_SCHEMA = "convex-research/digest/1"
_EVIDENCE = 12
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


@dataclass(frozen=True, slots=True)
class Digest:
    """A digest with what must be kept for the next one.

    Parameters
    ----------
    content : dict
        What ``<as-of>.json`` holds.
    rows : list of Row
        The day's records for the history.
    state : dict
        For the next digest.
    """

    content: dict[str, Any]
    rows: list[Row] = field(repr=False)
    state: dict[str, Any] = field(repr=False)


def make_digest(
    pairs: Sequence[PairToday],
    state: Mapping[str, Any],
    as_of: str,
    failures: Sequence[Mapping[str, str]] = (),
) -> Digest:
    """Put a digest together.

    Parameters
    ----------
    pairs : sequence of PairToday
        Every pair with a page.
    state : mapping
        ``Digest.state`` of the last digest; empty for the first.
    as_of : str
        Date of the digest: the latest of the pairs'.
    failures : sequence of mapping
        ``slug``, ``title``, ``message`` of what could not be fetched or built.

    Returns
    -------
    Digest
    """
    known: dict[str, dict[str, Any]] = dict(state.get("pairs", {}))
    fresh = [one for one in pairs if _is_new(one, known.get(one.slug))]
    by_slug = {one.slug: one for one in pairs}
    decision = decide(
        state.get("ledger", {}), [look for one in fresh for look in _looks(one)], _listed(pairs)
    )
    moved = [
        {**_named(one), **change, **_controlled(decision, one.slug, change["kind"])}
        for one in fresh
        for change in changes(one.record, known.get(one.slug), one.seen)
    ]
    reported = {report["slug"] for report in decision.news}
    evidence = {slug: [one for one in moved if one["slug"] == slug] for slug in reported}
    moved = [one for one in moved if one["slug"] not in reported]
    signals = [
        {**_signal(by_slug[one["slug"]], one), "evidence": _also(evidence[one["slug"]], one)}
        for one in decision.news
    ]
    wrong = [dict(one) for one in failures]
    for one in pairs:
        before = known.get(one.slug)
        wrong += [
            {"slug": one.slug, "title": pair_title(one.record), "message": words}
            for words in problems(one.record, before)
        ]
    content: dict[str, Any] = {
        "schema": DIGEST_SCHEMA,
        "as_of": as_of,
        "previous": state.get("as_of"),
        "pairs": len(pairs),
        "pairs_with_new_data": len(fresh),
        "comparisons": decision.comparisons,
        "looks": decision.looks,
        "false_discovery_rate": ALPHA,
        "signals": signals,
        "moved": _ranked(moved),
        "moved_counts": _counts(moved),
        "still_open": _still_open(decision, by_slug),
        "closed": [_named_by(by_slug, name) for name in decision.closed],
        "problems": _problems_once(wrong),
        "versions": next((one.record["versions"] for one in pairs), {}),
    }
    content["sentence"] = digest_sentence(content)
    summaries = {**known, **{one.slug: summary_of(one.record) for one in fresh}}
    for one in pairs:  # a warning is news once
        if one.slug in summaries:
            now = {"quality": summary_of(one.record)["quality"], "watchable": one.watchable}
            summaries[one.slug] = {**summaries[one.slug], **now}
    return Digest(
        content=content,
        rows=[row for one in fresh for row in daily_rows(one.record, one.seen)],
        state={"as_of": as_of, "pairs": summaries, "ledger": decision.state},
    )


def _is_new(one: PairToday, before: Mapping[str, Any] | None) -> bool:
    return before is None or str(one.record["as_of"]) > str(before["as_of"])


def _listed(pairs: Sequence[PairToday]) -> list[str]:
    """Everything that is compared, looked at today or not."""
    watched = [one for one in pairs if one.watchable]
    return [f"{one.slug}/{kind}" for one in watched for kind in ("correlation", "spread")]


def _looks(one: PairToday) -> list[Look]:
    seen = one.seen
    if seen is None:
        return []
    pvalues = {"change": seen.pvalue, **test_pvalues(one.record)}
    look = Look(
        slug=one.slug,
        kind="correlation",
        as_of=seen.as_of,
        statistic=seen.statistic,
        pvalues=pvalues,
    )
    if seen.move is None:
        return [look]
    move = Look(
        slug=one.slug,
        kind="spread",
        as_of=seen.as_of,
        statistic=seen.move.statistic,
        pvalues={"move": seen.move.pvalue},
    )
    return [look, move]


def _controlled(decision: Decision, slug: str, kind: str) -> dict[str, Any]:
    """Adjusted p-value of the pair: that its correlation changed, or its spread moved."""
    name = f"{slug}/{'spread' if kind == 'move' else 'correlation'}"
    adjusted = decision.adjusted.get(name)
    return {"pvalue_adjusted": adjusted, "open": name in decision.state["open"]}


def _named(one: PairToday) -> dict[str, Any]:
    return {"slug": one.slug, "title": pair_title(one.record), "page": one.page}


def _named_by(by_slug: Mapping[str, PairToday], name: str) -> dict[str, Any]:
    slug, _, kind = name.rpartition("/")
    one = by_slug.get(slug)
    named = {"slug": slug, "title": printable(slug), "page": ""} if one is None else _named(one)
    return {**named, "kind": kind}


def _signal(one: PairToday, report: Mapping[str, Any]) -> dict[str, Any]:
    """A report with its evidence; numbers are taken from the data it was decided on."""
    signal = {**_named(one), **report}
    if one.returns is not None and one.seen is not None:
        recent, usual = recent_and_usual(one.returns, one.seen)
        signal["recent"] = recent.to_dict() if isinstance(recent, Estimate) else None
        signal["usual"] = usual.to_dict() if isinstance(usual, Estimate) else None
        if report["kind"] == "correlation":
            signal["path"] = path_of(one.returns)
        move = one.seen.move
        if move is not None and report["reached"] == one.seen.as_of:
            ends = {"low": move.usual_low, "high": move.usual_high}
            signal["move"] = {"value": move.value, **ends}
    signal["headline"] = headline(signal)
    return signal


def _also(found: Sequence[dict[str, Any]], report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the page also says differently; that the spread jumped its signal says already."""
    signal_part = "move" if report["kind"] == "spread" else ""
    return [one for one in found if one["kind"] != signal_part][:_EVIDENCE]


def _still_open(decision: Decision, by_slug: Mapping[str, PairToday]) -> list[dict[str, Any]]:
    reported = {f"{one['slug']}/{one['kind']}" for one in decision.news}
    return [
        {**_named_by(by_slug, name), "since": kept["since"]}
        for name, kept in sorted(decision.state["open"].items())
        if name not in reported
    ]


def _counts(moved: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return {kind: sum(one["kind"] == kind for one in moved) for kind in _LISTED}


def _ranked(moved: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The foremost of each kind: by adjusted p-value, p-value and size."""

    def rank(one: Mapping[str, Any]) -> tuple[float, float, float, str]:
        adjusted, own = one["pvalue_adjusted"], one["pvalue"]
        return (
            2.0 if adjusted is None else adjusted,
            2.0 if own is None else own,
            -one["size"],
            f"{one['slug']}{one['key']}",
        )

    found = []
    for kind, most in _LISTED.items():
        found += sorted((one for one in moved if one["kind"] == kind), key=rank)[:most]
    return found


def _problems_once(found: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """Each message once, with the pairs it concerns."""
    by_message: dict[str, list[str]] = {}
    for one in found:
        by_message.setdefault(one["message"], []).append(one["title"])
    return [
        {"message": message, "pairs": sorted(set(titles))}
        for message, titles in sorted(by_message.items())
    ]
