"""What ``index.json`` says of a pair and of an instrument, made from their records alone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from convex_research.analysis.record import methods_of
from convex_research.catalogue.symbols import EMBEDDED, slugify
from convex_research.core.config import AnalysisConfig
from convex_research.core.flags import CLOCK, Flag
from convex_research.publishing.meta.describe import (
    CHANGED,
    headline_key,
    index_line,
    lately,
    pair_name,
)
from convex_research.publishing.records import INSTRUMENT_FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.publishing.records import PairReport

__all__ = ["FLAGS", "instrument_entry", "instrument_page", "names_by_symbol", "pair_entry"]

FLAGS: dict[str, tuple[str, str]] = {
    Flag.ASYNCHRONOUS.value: (
        "closes apart",
        "the legs close at different times: r has a day's leeway, and daily r understates it",
    ),
    Flag.RARELY_TRADED_A.value: (
        "rarely traded",
        "the first leg rests on many days: r is at least that",
    ),
    Flag.RARELY_TRADED_B.value: (
        "rarely traded",
        "the second leg rests on many days: r is at least that",
    ),
    Flag.TWINS.value: ("twins", "r is above 0.99: what is left is the tracking error"),
    Flag.EXACT.value: ("exact", "the two move exactly in step, or exactly against each other"),
    "changed": (
        "changed lately",
        "r has changed lately by the pair's own page; among all pairs it may be “perhaps”",
    ),
    "unstable": ("lasting shift", "r has not been one value over the sample"),
    "recent_break": ("recent break", "a break of the relation is dated within the last year"),
    "at_extreme": ("at an extreme", "the latest rolling r is the highest or lowest of the sample"),
    "short": ("short sample", "less than a year of observations: r is that of all of them"),
    "data": ("data warning", "the data have a warning, shown at the head of the page"),
    "stale": ("stale", "an outdated copy had to be used because the source did not answer"),
    "sample": ("embedded sample", "data that ship with a package and end on the date shown"),
}
_SHORT_KEYS = ("value", "low", "high", "nobs")
_ANSWER = ("id", "question", "answer", "word", "way", "number", "ends", "label", "window", "range")
_RECENT_DAYS = 365


def instrument_page(leg: Mapping[str, Any]) -> str:
    """File name without ending of a leg's page, from its part of a record."""
    return str(leg.get("page") or slugify(leg["id"]))


def names_by_symbol(instruments: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """File name of each instrument's page by its symbol; two of one symbol have none.

    Files of the same name in two folders have the same public symbol.
    """
    names: dict[str, list[str]] = {}
    for name, record in instruments.items():
        names.setdefault(record["instrument"]["symbol"], []).append(name)
    return {symbol: found[0] for symbol, found in names.items() if len(found) == 1}


def pair_entry(
    report: PairReport, names: Mapping[str, str], among: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The entry of a pair: adding keys is allowed, renaming is not.

    Only instruments that have a name, from :func:`names_by_symbol`, are linked. ``among`` is what
    control over all pairs leaves of its change.
    """
    record, slug = report.record, report.slug
    estimates, data = record["estimates"], record["data"]
    config = AnalysisConfig.of_record(record)
    key = headline_key(record)
    pages = {kind: f"{slug}/{kind}.html" for kind in report.pages}
    one_clock = CLOCK.isdisjoint(record.get("flags", ()))
    entry = {
        "slug": slug,
        "title": pair_name(record),
        "category": record["pair"]["category"],
        "a": record["pair"]["a"],
        "b": record["pair"]["b"],
        "as_of": record["as_of"],
        "nobs": data["nobs"],
        "start": data["start"],
        "frequency": data["frequency"],
        "returns": data["returns"],
        "methods": methods_of(record),
        "answers": _answers(record),
        "correlation": {"key": key, **estimates[key]} if key else None,
        "correlations": _windows(estimates, config),
        "line": index_line(record, among),
        "lately": lately(record, among),
        "change": _change(record),
        "beta": estimates.get(f"regression.beta[{config.year}]") if one_clock else None,
        "rolling": _rolling(record),
        "breaks": _breaks(estimates),
        "quality": data["quality"],
        "claims": {claim["id"]: claim["verdict"] for claim in record["claims"]},
        "claim_words": {c["id"]: c["word"] for c in record["claims"] if c.get("word")},
        "pages": pages,
        "instruments": _leg_pages(record, names),
    }
    entry["flags"] = _flags(entry, record)
    return entry


def _answers(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The page's answers as printed, each with the result that its number is read from."""
    found = []
    for part in record.get("summary", ()):
        key = part.get("key", "")
        stored = record["estimates"].get(key, {})
        ends = {name: stored.get(name) for name in ("value", "low", "high")}
        one = {name: part[name] for name in (*_ANSWER, "sentence")}
        found.append({**one, "key": key, **ends})
    return found


def _windows(estimates: Mapping[str, Any], config: AnalysisConfig) -> dict[str, Any]:
    """Pearson's r by window, years left out."""
    keys = {str(w): f"correlation.pearson[{w}]" for w in (*config.measured_windows, "all")}
    return {
        window: {name: estimates[key][name] for name in _SHORT_KEYS}
        for window, key in keys.items()
        if key in estimates
    }


def _change(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the pair's page answers to "Has that changed lately?": one test, one p-value."""
    claim = next((one for one in record["claims"] if one["id"] == CHANGED), None)
    if claim is None or claim["verdict"] == "not tested":
        return None
    estimates = record["estimates"]
    told = next(iter(claim["evidence"]), "")  # the look that the claim tells of comes first
    of = "weekly_" if told.startswith("recent.weekly_") else ""
    window = told.partition("[")[2].removesuffix("]")
    gap = estimates.get(f"recent.{of}difference_r{'' if of else '_joint'}[{window}]")
    if gap is None:
        return None
    changed = claim["verdict"] == "rejected"
    return {
        "window": window,
        "difference": gap,
        "recent": estimates.get(f"recent.{of}recent[{window}]"),
        "preceding": estimates.get(f"recent.{of}preceding[{window}]"),
        "answer": claim.get("answer"),
        "pvalue": claim["pvalue"],
        "direction": ("higher" if gap["value"] > 0.0 else "lower") if changed else "open",
    }


def _rolling(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """Rolling r: a thinned path and its two extremes."""
    series = record.get("series") or {}
    key = next((key for key in sorted(series) if key.startswith("rolling.pearson[")), None)
    if key is None or len(series[key]) < 2:
        return None
    window, estimates = key[16:-1], record["estimates"]
    return {
        "key": key,
        "window": int(window) if window.isdigit() else None,
        "path": series[key],
        "lowest": estimates.get(f"rolling.pearson_min[{window}]"),
        "highest": estimates.get(f"rolling.pearson_max[{window}]"),
    }


def _breaks(estimates: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Dated breaks, oldest first; the dates between which each lies, and its own."""
    found = []
    for key, one in estimates.items():
        if key.startswith("stability.break[") and one["start"] and one["end"]:
            day = one.get("day", one["start"])  # a record of an earlier version has none
            found.append({"key": key, "date": day, "first": one["start"], "last": one["end"]})
    return sorted(found, key=lambda one: str(one["date"]))


def _leg_pages(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, str]:
    """Links to the pages of the legs, where there are such pages."""
    symbols = {leg: record["pair"][leg]["symbol"] for leg in ("a", "b")}
    return {
        leg: f"{INSTRUMENT_FOLDER}/{names[symbol]}.html"
        for leg, symbol in symbols.items()
        if symbol in names
    }


def _flags(entry: Mapping[str, Any], record: Mapping[str, Any]) -> list[str]:
    """Which of ``FLAGS`` apply, in their order."""
    quality = entry["quality"]
    as_of = date.fromisoformat(entry["as_of"])
    change, rolling = entry["change"], entry["rolling"]
    extremes = [rolling["lowest"], rolling["highest"]] if rolling else []
    breaks = [date.fromisoformat(one["date"]) for one in entry["breaks"]]
    applies = {
        "changed": bool(change) and change["direction"] != "open",
        "unstable": entry["claims"].get("C18a") == "supported",
        "recent_break": any((as_of - day).days <= _RECENT_DAYS for day in breaks),
        "at_extreme": any(one and one["end"] == entry["as_of"] for one in extremes),
        "short": entry["nobs"] < AnalysisConfig.of_record(record).year,
        "data": any(q["level"] != "note" and q["check"] != "stale" for q in quality),
        "stale": any(q["check"] == "stale" for q in quality),
        "sample": not EMBEDDED.isdisjoint(record["data"][leg]["provider"] for leg in "ab"),
    }
    held = record.get("flags", ())
    return [flag for flag in FLAGS if applies.get(flag, flag in held)]


def instrument_entry(
    name: str, record: Mapping[str, Any], pairs: Mapping[str, list[str]]
) -> dict[str, Any]:
    """The entry of an instrument by the file name of its page, with the slugs of its pairs."""
    estimates = record["estimates"]
    kept = {
        "last": "performance.last",
        "change_1y": "performance.change[1y]",
        "volatility": f"volatility.annual[{AnalysisConfig.of_record(record).year}]",
        "drawdown": "performance.drawdown_last",
        "max_drawdown": "performance.max_drawdown",
    }
    return {
        "id": name,
        **{part: record["instrument"][part] for part in ("symbol", "name", "kind", "unit")},
        "category": record["instrument"]["category"],
        "as_of": record["as_of"],
        "nobs": record["data"]["nobs"],
        **{short: estimates.get(key) for short, key in kept.items()},
        "page": f"{INSTRUMENT_FOLDER}/{name}.html",
        "pairs": pairs.get(name, []),
    }
