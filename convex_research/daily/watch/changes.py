"""What a pair's record says differently from the last one published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims import hypothesis
from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import printable
from convex_research.daily.wording import as_shown, percent
from convex_research.statistics.dynamics.envelope import MAX_NOBS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convex_research.daily.watch.look import Move, Watched

__all__ = ["changes", "problems", "summary_of", "test_pvalues"]

LEVEL = 0.05
LARGE_MOVE = 3.0


def test_pvalues(record: Mapping[str, Any]) -> dict[str, float]:
    """P-values of the page's own tests of a changed correlation, by part of the ledger."""
    tests = record["tests"]
    found: dict[str, float] = {}
    if "recent.fisher" in tests:
        found["recent"] = float(tests["recent.fisher"]["pvalue"])
    if "stability.wied_simulated" in tests:
        found["break"] = float(tests["stability.wied_simulated"]["pvalue"])
    extremes = [float(tests[key]["pvalue"]) for key in _extreme_tests(record) if key in tests]
    if extremes:
        found["extreme"] = min(1.0, 2.0 * min(extremes))
    return found


def _extreme_tests(record: Mapping[str, Any]) -> tuple[str, str]:
    window = AnalysisConfig.of_record(record).rolling_window
    return f"rolling.pearson_min_test[{window}]", f"rolling.pearson_max_test[{window}]"


def summary_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the next digest compares with."""
    estimates = record["estimates"]
    summary: dict[str, Any] = {
        "as_of": record["as_of"],
        "verdicts": {claim["id"]: claim["verdict"] for claim in record["claims"]},
        "recent": test_pvalues(record).get("recent"),
        "quality": sorted(_quality(record)),
    }
    window = AnalysisConfig.of_record(record).rolling_window
    for name, key in (
        ("lowest", f"rolling.pearson_min_5y[{window}]"),
        ("highest", f"rolling.pearson_max_5y[{window}]"),
        ("breaks", "stability.breaks"),
    ):
        if key in estimates:
            summary[name] = estimates[key]["value"]
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
        :func:`summary_of` the record at the last digest; without it only a large move of
        the spread is a change.
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
    if before is not None:
        yield from _verdicts(record, before)
        yield from _recent(record, before)
        yield from _breaks(record, before)
        yield from _extremes(record, before)
    if seen is not None and seen.move is not None and abs(seen.move.statistic) >= LARGE_MOVE:
        yield _move(seen.move, seen.as_of)


def _move(move: Move, as_of: str) -> dict[str, Any]:
    often = "never" if move.as_often == 0 else f"{move.as_often} times"
    often = "once" if move.as_often == 1 else often
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
        "shown": f"{percent(move.value)} [{percent(move.usual_low)}, {percent(move.usual_high)}]",
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
    shown, covers = as_shown(key, one)
    return {
        "kind": kind,
        "key": key,
        "words": words,
        "statistic": tested.get("statistic"),
        **{name: one.get(name) for name in ("value", "low", "high")},
        "shown": shown,
        "covers": covers,
        "pvalue": tested.get("pvalue"),
        "size": abs(one["value"]) if one.get("value") is not None else 0.0,
    }


def _verdicts(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for claim in record["claims"]:
        earlier = before["verdicts"].get(claim["id"])
        if earlier is None or earlier == claim["verdict"]:
            continue
        words = f"“{hypothesis(claim['id'])}” is now {claim['verdict']}; it was {earlier}."
        one = _change("verdict", _rests_on(record, claim), words, record, _test_of(record, claim))
        if claim["verdict"] == "not tested":
            one["covers"] = "not tested now, so there is no number"
        text = printable(claim["text"], limit=600)
        yield {**one, "claim": claim["id"], "pvalue": claim.get("pvalue"), "text": text}


def _rests_on(record: Mapping[str, Any], claim: Mapping[str, Any]) -> str:
    """Key of the claim's own interval: the first of its evidence that has one."""
    estimates = record["estimates"]
    known = [key for key in claim["evidence"] if key in estimates]
    bounded = [key for key in known if estimates[key].get("low") is not None]
    return next(iter([*bounded, *known, *claim["evidence"]]), f"claim.{claim['id']}")


def _test_of(record: Mapping[str, Any], claim: Mapping[str, Any]) -> str | None:
    return next((key for key in claim["evidence"] if key in record["tests"]), None)


def _recent(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    window = AnalysisConfig.of_record(record).recent_window
    key = f"recent.difference[{window}]"
    gap = record["estimates"].get(key)
    test = record["tests"].get("recent.fisher")
    if gap is None or test is None or test["pvalue"] >= LEVEL:
        return
    if before["recent"] is not None and before["recent"] < LEVEL:
        return
    words = (
        f"The last {window} observations differ from those before them: "
        f"{fmt.number(gap['value'], plus=True)} on Fisher's z scale, by themselves."
    )
    yield _change("recent", key, words, record, "recent.fisher")


def _breaks(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    found = record["estimates"].get("stability.breaks")
    if found is None or "breaks" not in before or found["value"] <= before["breaks"]:
        return
    count = int(found["value"])
    latest = f"stability.break[{count}]"
    words = f"{_breaks_are(count)} dated where there {_were(int(before['breaks']))}."
    one = _change("break", latest, words, record, "stability.wied_simulated")
    dated = record["estimates"].get(latest) or {}
    if dated.get("start") and dated.get("end"):  # its interval is one of dates
        one["shown"] = f"{dated['start']} to {dated['end']}"
        level = fmt.level(AnalysisConfig.of_record(record).confidence_level)
        one["covers"] = f"{level} interval of its date"
    yield {**one, "size": float(count)}


def _breaks_are(count: int) -> str:
    return "1 break is" if count == 1 else f"{count} breaks are"


def _were(count: int) -> str:
    return "was none" if count == 0 else "was 1" if count == 1 else f"were {count}"


def _extremes(record: Mapping[str, Any], before: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    window = AnalysisConfig.of_record(record).rolling_window
    period = fmt.PERIODS[record["data"]["frequency"]]
    sides = (("lowest", -1.0, "min"), ("highest", 1.0, "max"))
    for (name, sign, side), tested in zip(sides, _extreme_tests(record), strict=True):
        key = f"rolling.pearson_{side}_5y[{window}]"
        found, test = record["estimates"].get(key), record["tests"].get(tested)
        if found is None or test is None or name not in before or test["pvalue"] >= LEVEL:
            continue
        if sign * found["value"] <= sign * before[name]:
            continue
        reached = fmt.number(found["value"], plus=True)
        words = (
            f"The {window}-{period} correlation reached {reached}, its {name} over the last "
            f"{MAX_NOBS:,} observations at most, outside what a constant correlation shows."
        )
        yield _change("extreme", key, words, record, tested)


def _quality(record: Mapping[str, Any]) -> Iterator[str]:
    for note in record["data"]["quality"]:
        if note["level"] != "note":
            yield printable(note["message"], limit=300)


def problems(record: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[str]:
    """Stale series, and warnings of the quality gate that the last digest did not have."""
    known = set(before["quality"]) if before is not None else set()
    stale = [words for words in _quality(record) if words not in known]
    return sorted(set(stale))
