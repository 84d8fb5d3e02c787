"""Titles and descriptions of pages and rows, made from records alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.analysis.flags import leading_keys
from convex_research.claims.answers import line
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import printable
from convex_research.core.estimates import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "CHANGED",
    "answered",
    "describe",
    "headline_key",
    "index_line",
    "lately",
    "leg_name",
    "page_title",
    "pair_name",
    "stored_estimate",
]


CHANGED = "C29"
"""The claim whether correlation has changed lately."""

_NO_CHANGE = {"no": "no recent change", "untested": "changes not tested"}
_FIELDS = ("value", "method", "nobs", "low", "high", "confidence_level", "unit", "bound")


def leg_name(leg: Mapping[str, Any]) -> str:
    """Name of a leg, from its part of a record."""
    return printable(leg["name"].removesuffix(" (embedded sample)"), limit=60)


def pair_name(record: Mapping[str, Any]) -> str:
    """Names of both legs."""
    return " and ".join(leg_name(record["pair"][leg]) for leg in "ab")


def page_title(record: Mapping[str, Any]) -> str:
    """Title of a page for the browser: what its first screen finds."""
    name = leg_name(record["instrument"]) if "instrument" in record else pair_name(record)
    return _plain(record.get("title") or name)


def headline_key(record: Mapping[str, Any]) -> str | None:
    """Key of the correlation that leads: a year, else the whole sample.

    Where closes are apart or a leg trades rarely, that with a day's leeway, else the weekly one.
    """
    found = record["estimates"]
    keys = leading_keys(record.get("flags", ()), AnalysisConfig.of_record(record).year)
    return next((key for key in keys if key in found and found[key]["low"] is not None), None)


def stored_estimate(fields: Mapping[str, Any] | None) -> Estimate | None:
    """An estimate as a record or an index holds it, without its dates."""
    if fields is None:
        return None
    return Estimate(**{name: fields[name] for name in _FIELDS if name in fields})


def describe(record: Mapping[str, Any]) -> str:
    """The answers of a page's first screen, for search engines and previews."""
    answers = record.get("summary")
    if not answers:
        return f"{page_title(record)} to {record['as_of']}."
    return _plain(" ".join(map(answered, answers)))


def _plain(words: str) -> str:
    """Words on one line, without what names of series may hold; spaces that do not break do."""
    return printable(words.translate(_SPACES), limit=1000)


_SPACES = dict.fromkeys(map(ord, "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"), " ")


def answered(one: Mapping[str, Any]) -> str:
    """A question with its answer and number, as a record's summary holds them.

    Examples
    --------
    >>> answered({"question": "Is today unusual?", "word": "No", "number": "+0.79",
    ...           "ends": "0.71 to 0.96", "label": "r, last 90 days"})
    'Is today unusual? No, +0.79 (0.71 to 0.96) r, last 90 days.'
    """
    number = one.get("number")
    if not number:
        return f"{one['question']} {one['word']}."
    shown = f"{number} ({one['ends']})" if one.get("ends") else number
    return f"{one['question']} {one['word']}, {shown} {one['label']}."


def lately(record: Mapping[str, Any], among: Mapping[str, Any] | None = None) -> dict[str, str]:
    """What an index answers to "Has that changed lately?".

    Parameters
    ----------
    record : mapping
        Of the correlation page.
    among : mapping, optional
        What control over all pairs leaves of C29; what counts alone only is "perhaps".

    Returns
    -------
    dict
        ``answer``, ``word`` and ``way`` of the change.
    """
    own = next((one for one in record.get("summary", ()) if one["id"] == CHANGED), None)
    if own is None:
        return {"answer": "untested", "word": "Not tested", "way": ""}
    if own["way"] and among is not None and not among["discovered"]:
        return {"answer": "perhaps", "word": "Perhaps", "way": own["way"]}
    return {name: own[name] for name in ("answer", "word", "way")}


def index_line(record: Mapping[str, Any], among: Mapping[str, Any] | None = None) -> str:
    """A pair in a line: how strong its link is, and whether that has changed :func:`lately`."""
    change = lately(record, among)
    words = _NO_CHANGE.get(change["answer"], "no clear change")
    if change["way"]:
        degree = {"perhaps": "perhaps ", "slightly": "slightly "}.get(change["answer"], "")
        words = f"{degree}{change['way']} lately"
    return line(stored_estimate(record["estimates"].get(headline_key(record))), words)
