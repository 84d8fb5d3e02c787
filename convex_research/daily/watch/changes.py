"""What a pair's record says differently from the last one published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.analysis.record import methods_of
from convex_research.claims import hypothesis
from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import printable
from convex_research.daily.wording import percent
from convex_research.publishing.meta.describe import stored_estimate
from convex_research.statistics.dynamics.envelope import MAX_NOBS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convex_research.daily.watch.look import Move, Watched

__all__ = ["changes", "other_methods", "problems", "summary_of", "test_pvalues"]

LEVEL = 0.05
LARGE_MOVE = 3.0
_WERE = {0: "was none", 1: "was 1"}
_OFTEN = {0: "never", 1: "once"}


def test_pvalues(record: Mapping[str, Any]) -> dict[str, float]:
    """P-values of the page's own tests of a changed correlation, by part of the ledger."""
    tests = record["tests"]
    named = (("recent", "recent.fisher"), ("break", "stability.cusum_r"))
    found = {part: float(tests[key]["pvalue"]) for part, key in named if key in tests}
    extremes = [
        float(tests[key]["pvalue"]) for _, key in _extreme_keys(record).values() if key in tests
    ]
    if extremes:
        found["extreme"] = min(1.0, 2.0 * min(extremes))
    return found


def _extreme_keys(record: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The lowest and the highest rolling correlation, each with the key of its test."""
    window = AnalysisConfig.of_record(record).rolling_window
    return {
        name: (f"rolling.pearson_{end}_5y[{window}]", f"rolling.pearson_{end}_test[{window}]")
        for name, end in (("lowest", "min"), ("highest", "max"))
    }


def summary_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the next digest compares with."""
    summary: dict[str, Any] = {
        "as_of": record["as_of"],
        "methods": methods_of(record),
        "verdicts": {claim["id"]: claim["verdict"] for claim in record["claims"]},
        "words": {claim["id"]: _word(claim) for claim in record["claims"]},
        "recent": test_pvalues(record).get("recent"),
        "quality": sorted(_quality(record)),
    }
    numbers = {name: key for name, (key, _) in _extreme_keys(record).items()}
    for name, key in {**numbers, "breaks": "stability.breaks"}.items():
        if key in record["estimates"]:
            summary[name] = record["estimates"][key]["value"]
    return summary


def changes(
    record: Mapping[str, Any], before: Mapping[str, Any] | None, seen: Watched | None
) -> Iterator[dict[str, Any]]:
    """Differences from the last published day, as they stand on the page.

    Parameters
    ----------
    record : mapping
        The pair's record.
    before : mapping, optional
        :func:`summary_of` the record at the last digest; without it, or where it was made by
        other methods, only a large move of the spread is a change.
    seen : Watched, optional
        The look at the pair.

    Yields
    ------
    dict
        ``kind``, ``key`` (of the record), ``words``, ``statistic``, ``value``, ``low``,
        ``high``, ``shown`` (the number with its interval, as it is read), ``covers`` (what
        the interval is, or why there is none), ``pvalue``, ``size`` (for ranking within a
        kind).
    """
    if before is not None and not other_methods(record, before):
        for changed in (_verdicts, _recent, _breaks, _extremes):
            yield from changed(record, before)
    if seen is not None and seen.move is not None and abs(seen.move.statistic) >= LARGE_MOVE:
        yield _move(seen.move, seen.as_of)


def other_methods(record: Mapping[str, Any], before: Mapping[str, Any] | None) -> bool:
    """Whether the last published day was made by other methods: nothing of it compares then."""
    return before is not None and methods_of(before) != methods_of(record)


def _move(move: Move, as_of: str) -> dict[str, Any]:
    often = _OFTEN.get(move.as_often, f"{move.as_often} times")
    return {
        "kind": "move",
        "key": "watch.spread_move",
        "words": f"The spread moved {percent(move.value)} on {as_of}, "
        f"{abs(move.statistic):.1f} of its usual daily moves; {often} as large in the "
        f"{move.nobs:,} sessions it is compared with.",
        "statistic": move.statistic,
        "value": move.value,
        "low": move.usual_low,
        "high": move.usual_high,
        "shown": f"{percent(move.value)} ({percent(move.usual_low)} to {percent(move.usual_high)})",
        "covers": "95 % of its moves at this volatility; a move that happened has no interval",
        "pvalue": move.pvalue,
        "size": abs(move.statistic),
    }


def _change(
    kind: str, key: str, words: str, record: Mapping[str, Any], test: str | None = None
) -> dict[str, Any]:
    """A change with the number of the record that it rests on, and the test of it."""
    one = record["estimates"].get(key) or {}
    tested = record["tests"].get(test) or {}
    shown, covers = "", "no number stands behind it now"
    if (found := stored_estimate(one or None)) is not None:
        found = fmt.as_read(key, found)
        shown, covers = fmt.value(found), f"{key}, which has no interval"
        if found.confidence_level is not None:
            shown = f"{shown} {fmt.interval(found)}"
            covers = f"{fmt.percent(found.confidence_level, 0)} interval of {key}"
    return {
        "kind": kind,
        "key": key,
        "words": words,
        "statistic": tested.get("statistic"),
        **{name: one.get(name) for name in ("value", "low", "high")},
        "shown": shown,
        "covers": covers,
        "pvalue": tested.get("pvalue"),
        "size": abs(one.get("value", 0.0)),
    }


def _verdicts(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    estimates = record["estimates"]
    for claim in record["claims"]:
        earlier, evidence = before["verdicts"].get(claim["id"]), claim["evidence"]
        if earlier is None or earlier == claim["verdict"]:
            continue
        asked = claim.get("question") or f"“{hypothesis(claim['id'])}”:"
        words = f"{asked} {_word(claim)}"
        if was := before.get("words", {}).get(claim["id"]):
            words = f"{words}; before: {was}"
        words = f"{words}."
        # The claim's own interval: the first of its evidence that has one.
        known = [key for key in evidence if key in estimates]
        bounded = [key for key in known if estimates[key].get("low") is not None]
        key = next(iter([*bounded, *known, *evidence]), f"claim.{claim['id']}")
        test = next((key for key in evidence if key in record["tests"]), None)
        one = _change("verdict", key, words, record, test)
        if claim["verdict"] == "not tested":
            one["covers"] = "not tested now, so there is no number"
        text = printable(claim["text"], limit=600)
        yield {**one, "claim": claim["id"], "pvalue": claim.get("pvalue"), "text": text}


def _word(claim: Mapping[str, Any]) -> str:
    """The claim's answer; the verdict of a record that has none."""
    return str(claim.get("word") or claim["verdict"])


def _recent(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    window = AnalysisConfig.of_record(record).recent_window
    key = f"recent.difference_r[{window}]"
    gap = record["estimates"].get(key)
    test = record["tests"].get("recent.fisher")
    if gap is None or test is None or test["pvalue"] >= LEVEL:
        return
    if before["recent"] is not None and before["recent"] < LEVEL:
        return
    words = (
        f"r over the last {window} observations less that before them: "
        f"{fmt.number(gap['value'], plus=True)}, by themselves more than chance."
    )
    yield _change("recent", key, words, record, "recent.fisher")


def _breaks(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    found = record["estimates"].get("stability.breaks")
    if found is None or "breaks" not in before or found["value"] <= before["breaks"]:
        return
    count, earlier = int(found["value"]), int(before["breaks"])
    latest = f"stability.break[{count}]"
    there_are = "1 break is" if count == 1 else f"{count} breaks are"
    words = f"{there_are} dated where there {_WERE.get(earlier, f'were {earlier}')}."
    one = _change("break", latest, words, record, "stability.cusum_r")
    dated = record["estimates"].get(latest) or {}
    if dated.get("start") and dated.get("end"):  # its interval is one of dates
        one["shown"] = f"{dated['start']} to {dated['end']}"
        level = fmt.level(AnalysisConfig.of_record(record).confidence_level)
        one["covers"] = f"{level} interval of its date"
    yield {**one, "size": float(count)}


def _extremes(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    window = AnalysisConfig.of_record(record).rolling_window
    period = fmt.PERIODS[record["data"]["frequency"]]
    for name, (key, tested) in _extreme_keys(record).items():
        found, test = record["estimates"].get(key), record["tests"].get(tested)
        if found is None or test is None or name not in before or test["pvalue"] >= LEVEL:
            continue
        beyond = found["value"] - before[name]
        if (beyond if name == "highest" else -beyond) <= 0.0:
            continue
        words = (
            f"The {window}-{period} correlation reached {fmt.number(found['value'], plus=True)}, "
            f"its {name} over the last {MAX_NOBS:,} observations at most, outside what a constant "
            "correlation shows."
        )
        yield _change("extreme", key, words, record, tested)


def _quality(record: Mapping[str, Any]) -> Iterator[str]:
    for note in record["data"]["quality"]:
        if note["level"] != "note":
            yield printable(note["message"], limit=300)


def problems(record: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[str]:
    """Stale series, and warnings of the quality gate that the last digest did not have."""
    known = set(before["quality"]) if before is not None else set()
    return sorted(set(_quality(record)) - known)
