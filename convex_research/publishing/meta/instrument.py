"""What an instrument's page says of itself, and where a pair's page leads to its legs."""

from __future__ import annotations

from html import escape
from typing import Any

from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.publishing.index.entries import instrument_page
from convex_research.publishing.meta.describe import leg_name, stored_estimate
from convex_research.publishing.meta.pair import PageMeta, dataset
from convex_research.publishing.records import INSTRUMENT_FOLDER

__all__ = ["instrument_meta", "leg_tabs", "own_tab"]


def leg_tabs(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Links from a pair's page to the pages of its legs, labels escaped."""
    return [
        {
            "label": escape(leg_name(record["pair"][leg])),
            "href": f"../{INSTRUMENT_FOLDER}/{instrument_page(record['pair'][leg])}.html",
            "current": False,
        }
        for leg in ("a", "b")
    ]


def own_tab(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The way back to the instruments, and the page that is shown."""
    back = {"label": "Instruments", "href": "../index.html#instruments", "current": False}
    return [back, {"label": escape(leg_name(record["instrument"])), "href": None, "current": True}]


def instrument_meta(record: dict[str, Any]) -> PageMeta:
    """Title, description and data of an instrument's page."""
    one = record["instrument"]
    title = f"{leg_name(one)}: level, volatility and falls"
    parts = [f"{leg_name(one)} to {record['as_of']}"]
    year = AnalysisConfig.of_record(record).year
    for words, key, plus in (
        ("change over a year", "performance.change[1y]", True),
        ("volatility a year", f"volatility.annual[{year}]", False),
        ("below its highest", "performance.drawdown_last", True),
    ):
        found = stored_estimate(record["estimates"].get(key))
        if found is not None:
            ends = fmt.interval(found, plus=plus)
            parts.append(f"{words} {fmt.value(found, plus=plus)}{' ' + ends if ends else ''}")
    description = ", ".join(parts) + "."
    keywords = ("volatility", "drawdown", one["name"])
    data = dataset(record, name=title, description=description, keywords=keywords, file=one["slug"])
    path = f"{INSTRUMENT_FOLDER}/{one['slug']}.html"
    return PageMeta(title=title, description=description, path=path, data=data)
