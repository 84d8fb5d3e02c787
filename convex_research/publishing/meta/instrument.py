"""What an instrument's page says of itself, and where a pair's page leads to its legs."""

from __future__ import annotations

from html import escape
from typing import Any

from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import printable
from convex_research.publishing.index.entries import instrument_page
from convex_research.publishing.meta.describe import estimate_in
from convex_research.publishing.meta.pair import PageMeta
from convex_research.publishing.records import INSTRUMENT_FOLDER

__all__ = ["instrument_meta", "leg_tabs", "own_tab"]


def _name(leg: dict[str, Any]) -> str:
    return printable(leg["name"].removesuffix(" (embedded sample)"), limit=60)


def leg_tabs(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Links from a pair's page to the pages of its legs, labels escaped."""
    return [
        {
            "label": escape(_name(record["pair"][leg])),
            "href": f"../{INSTRUMENT_FOLDER}/{instrument_page(record['pair'][leg])}.html",
            "current": False,
        }
        for leg in ("a", "b")
    ]


def own_tab(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The way back to the instruments, and the page that is shown."""
    back = {"label": "Instruments", "href": "../index.html#instruments", "current": False}
    return [back, {"label": escape(_name(record["instrument"])), "href": None, "current": True}]


def instrument_meta(record: dict[str, Any]) -> PageMeta:
    """Title, description and data of an instrument's page.

    Parameters
    ----------
    record : dict
        Record of an instrument.
    """
    one, sample = record["instrument"], record["data"]
    title = f"{_name(one)}: level, volatility and falls"
    parts = [f"{_name(one)} to {record['as_of']}"]
    year = AnalysisConfig.of_record(record).year
    for words, key, plus in (
        ("change over a year", "performance.change[1y]", True),
        ("volatility a year", f"volatility.annual[{year}]", False),
        ("below its highest", "performance.drawdown_last", True),
    ):
        found = estimate_in(record, key)
        if found is not None:
            ends = fmt.interval(found, plus=plus)
            parts.append(f"{words} {fmt.value(found, plus=plus)}{' ' + ends if ends else ''}")
    description = ", ".join(parts) + "."
    data = {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": title,
        "description": description,
        "temporalCoverage": f"{sample['start']}/{sample['end']}",
        "dateModified": record["as_of"],
        "version": record["as_of"],
        "isAccessibleForFree": True,
        "keywords": ["volatility", "drawdown", one["name"]],
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": "application/json",
                "contentUrl": f"{one['slug']}.json",
            }
        ],
    }
    path = f"{INSTRUMENT_FOLDER}/{one['slug']}.html"
    return PageMeta(title=title, description=description, path=path, data=data)
