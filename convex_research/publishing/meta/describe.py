"""Titles and descriptions of pages and rows, made from records alone."""

from __future__ import annotations

from typing import Any

from convex_research.claims import strength_words
from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import printable
from convex_research.core.estimates import Estimate

__all__ = ["describe", "estimate_in", "headline_key", "page_title", "pair_title"]


def pair_title(record: dict[str, Any]) -> str:
    """Names of both legs."""
    names = (record["pair"][leg]["name"].removesuffix(" (embedded sample)") for leg in "ab")
    return " and ".join(printable(name, limit=60) for name in names)


def page_title(record: dict[str, Any]) -> str:
    """Title of a page for the browser."""
    what = {"correlation": "correlation", "comparison": "side by side"}[record["kind"]]
    return f"{pair_title(record)}: {what}"


def headline_key(record: dict[str, Any]) -> str | None:
    """Key of the correlation that leads: a year, else the whole sample."""
    year = AnalysisConfig.of_record(record).year
    for key in (f"correlation.pearson[{year}]", "correlation.pearson[all]"):
        if key in record["estimates"]:
            return key
    return None


def estimate_in(record: dict[str, Any], key: str | None) -> Estimate | None:
    """An estimate of a record as an object, without its dates."""
    found = record["estimates"].get(key)
    if found is None:
        return None
    kept = (
        "value",
        "method",
        "nobs",
        "std_error",
        "low",
        "high",
        "confidence_level",
        "unit",
        "bound",
    )
    return Estimate(**{name: found[name] for name in kept if name in found})


def describe(record: dict[str, Any]) -> str:
    """One sentence with the main number, for search engines and previews."""
    r = estimate_in(record, headline_key(record))
    if r is None:
        return f"{pair_title(record)} to {record['as_of']}."
    return (
        f"{strength_words(r).capitalize()} correlation, r {fmt.value(r, plus=True)} "
        f"{fmt.interval(r, plus=True)}, {fmt.count(r.nobs)} {record['data']['frequency']} "
        f"observations to {record['as_of']}."
    )
