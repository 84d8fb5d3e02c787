"""Titles and descriptions of pages and rows, made from records alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.analysis.flags import leading_keys
from convex_research.claims import strength_words
from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import printable
from convex_research.core.estimates import Estimate
from convex_research.core.flags import CLOCK

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["describe", "headline_key", "leg_name", "page_title", "pair_title", "stored_estimate"]


_FIELDS = ("value", "method", "nobs", "low", "high", "confidence_level", "unit", "bound")


def leg_name(leg: Mapping[str, Any]) -> str:
    """Name of a leg, from its part of a record."""
    return printable(leg["name"].removesuffix(" (embedded sample)"), limit=60)


def pair_title(record: Mapping[str, Any]) -> str:
    """Names of both legs."""
    return " and ".join(leg_name(record["pair"][leg]) for leg in "ab")


def page_title(record: dict[str, Any]) -> str:
    """Title of a page for the browser."""
    what = {"correlation": "correlation", "comparison": "side by side"}[record["kind"]]
    return f"{pair_title(record)}: {what}"


def headline_key(record: dict[str, Any]) -> str | None:
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


def describe(record: dict[str, Any]) -> str:
    """One sentence with the main number, for search engines and previews."""
    key = headline_key(record)
    r = stored_estimate(record["estimates"].get(key))
    if r is None:
        return f"{pair_title(record)} to {record['as_of']}."
    frequency = "weekly" if key == "correlation.weekly[all]" else record["data"]["frequency"]
    leeway = "" if CLOCK.isdisjoint(record.get("flags", ())) else ", daily r understates it"
    return (
        f"{strength_words(r).capitalize()} correlation, r {fmt.value(r, plus=True)} "
        f"{fmt.interval(r)}, {fmt.count(r.nobs)} {frequency} "
        f"observations to {record['as_of']}{leeway}."
    )
