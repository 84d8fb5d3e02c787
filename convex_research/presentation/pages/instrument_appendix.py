"""The end of an instrument's page: method, data, how to make it again, the record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, command, paragraph, table, tag, text
from convex_research.presentation.pages.output import RecordOutput

if TYPE_CHECKING:
    from convex_research.analysis import InstrumentAnalysis

__all__ = [
    "instrument_data",
    "instrument_method",
    "instrument_record",
    "instrument_reproduce",
]


def instrument_method(analysis: InstrumentAnalysis) -> Fragment:
    """How the numbers were made, in short."""
    returns = analysis.returns
    if returns.is_price:
        how = "P(t) / P(t−1) − 1" if returns.kind == "simple" else "log(P(t) / P(t−1))"
        moves = (
            f"Returns are {returns.kind}: {how}, between its own observations; nothing is filled."
        )
    else:
        moves = (
            f"It is a {analysis.instrument.kind}, so it enters as differences in {returns.unit}, "
            "never as percent changes; falls and yearly changes are differences too."
        )
    points = [
        moves,
        (
            "A pair's page uses the dates both legs share; this page uses all of its own, so "
            "the two may differ by a few observations."
        ),
        (
            "Intervals: the variance of the influence function of each estimate with Bartlett "
            "weights, on the log scale for volatility; the Student law is fitted by maximum "
            "likelihood to the returns as if they were independent."
        ),
    ]
    items = "".join(tag("li", text(point)) for point in points)
    return Fragment(tag("ul", items, data_about="method"), "methodology")


def instrument_data(analysis: InstrumentAnalysis) -> Fragment:
    """Where the series came from, and what was found in it."""
    source = analysis.returns.series.provenance
    lines = [
        ("Symbol", source.symbol),
        ("Provider", source.provider),
        ("Source", source.url),
        ("First retrieved", source.retrieved_at or "local"),
        ("Rows", fmt.count(source.rows)),
        ("Missing values", fmt.count(source.missing)),
        ("Dates", f"{source.start} to {source.end}"),
        ("Adjustment", source.adjustment),
        ("SHA-256", source.sha256[:16] + "…"),
        ("Licence", source.licence),
    ]
    if source.passed_over:
        lines.insert(2, ("Passed over", "; ".join(source.passed_over)))
    html = table("Data and provenance", ("Fact", "Value"), lines).html
    found = "".join(
        tag("li", text(f"{q.level}: {fmt.with_minus(q.message)}"), class_=q.level)
        for q in analysis.returns.quality
    )
    html += tag("ul", found, class_="quality") if found else ""
    return Fragment(tag("div", html, data_about="source"), "provenance")


def instrument_reproduce(analysis: InstrumentAnalysis) -> Fragment:
    """The command that makes this page again, with versions."""
    returns = analysis.returns
    words = ["convex-research", "report", returns.series.provenance.symbol]
    if returns.series.start_asked is not None:
        words += ["--start", str(returns.series.start_asked)]
    words += ["--as-of", str(analysis.as_of), "--returns", returns.kind]
    versions = analysis.to_dict()["versions"]
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    html = command(words)
    said = (
        f"Made with {listed}. The record beside this page (the same name, ending in .json) holds "
        "every number with its full data hash."
    )
    return Fragment(html + paragraph(text(said), data_about="method"), "how to reproduce")


def instrument_record(analysis: InstrumentAnalysis) -> RecordOutput:
    """The analysis as a record for the page's ``.json``."""
    return RecordOutput(analysis.to_dict())
