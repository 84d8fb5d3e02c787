"""The end of a page: method, data, how to make it again, neighbours, disclaimer."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from convex_research.catalogue import related_pairs
from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, command, paragraph, table, tag, text
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["disclaimer", "instruments", "methodology", "provenance", "related", "reproduce"]


def methodology(analysis: Study) -> Fragment:
    """How the numbers were made, in short."""
    returns = analysis.returns
    growth = (
        "simple returns, P(t) / P(t−1) − 1"
        if returns.kind == "simple"
        else "log returns, log(P(t) / P(t−1))"
    )
    differenced = [
        f"{names.short(one)} is a {one.kind}: it enters as differences in {unit}"
        for one, unit in zip(names.legs(analysis), returns.units, strict=True)
        if unit != "decimal"
    ]
    points = [
        (
            f"Prices are put on shared dates first and differenced then: {growth}. "
            "A weekend's move lands in Monday's return; nothing is filled."
        ),
        *(f"{sentence}." for sentence in differenced),
        (
            "Intervals: the variance of the influence function of each estimate, Bartlett "
            "weights with lag 1.3 √n, and fixed-b critical values (Kiefer and Vogelsang 2005; "
            "Lazarus, Lewis, Stock and Watson 2018), for correlations on Fisher's scale. They "
            "allow for heavy tails and for volatility that comes in clusters; the textbook "
            "interval does not, and is several times too narrow on daily returns."
        ),
        (
            f"Windows are the last n observations; the longest, {analysis.config.windows[-1]:,}, "
            f"is given from {analysis.config.long_window_min} on. An interval is for the "
            "window's own average correlation, slope or variance, not for a level that holds for "
            "ever. Volatility is annualised with "
            f"{returns.periods_per_year} {names.per_period(analysis)}s a year."
        ),
        "Strength by |r|: 0.8 very strong, 0.6 strong, 0.4 moderate, 0.2 weak, below negligible.",
    ]
    items = "".join(tag("li", text(point)) for point in points)
    return Fragment(tag("ul", items, data_about="method"), "methodology")


def provenance(analysis: Study) -> Fragment:
    """Where each series came from, and what was found in it."""
    returns = analysis.returns
    legs = (returns.prices.a, returns.prices.b)
    header = ("Fact", *(names.short(one) for one in names.legs(analysis)))
    lines: list[tuple[str, list[str]]] = [
        ("Symbol", [leg.provenance.symbol for leg in legs]),
        ("Provider", [leg.provenance.provider for leg in legs]),
        ("Source", [leg.provenance.url for leg in legs]),
        ("First retrieved", [leg.provenance.retrieved_at or "local" for leg in legs]),
        ("Rows", [fmt.count(leg.provenance.rows) for leg in legs]),
        ("Missing values", [fmt.count(leg.provenance.missing) for leg in legs]),
        ("Dates", [f"{leg.provenance.start} to {leg.provenance.end}" for leg in legs]),
        ("Rows without a partner", [fmt.count(n) for n in returns.dropped]),
        ("of them outside the other's dates", [fmt.count(n) for n in returns.outside]),
        ("Adjustment", [leg.provenance.adjustment for leg in legs]),
        ("SHA-256", [leg.provenance.sha256[:16] + "…" for leg in legs]),
        ("Licence", [leg.provenance.licence for leg in legs]),
    ]
    if any(leg.provenance.passed_over for leg in legs):
        passed = ["; ".join(leg.provenance.passed_over) or "none" for leg in legs]
        lines.insert(2, ("Passed over", passed))
    rows = [(name, *values) for name, values in lines]
    made = table("Data and provenance", header, rows)
    found = "".join(
        tag("li", text(f"{q.level}: {fmt.with_minus(q.message)}"), class_=q.level)
        for q in returns.quality
    )
    html = made.html + (tag("ul", found, class_="quality") if found else "")
    return Fragment(tag("div", html, data_about="source"), "provenance")


def reproduce(analysis: Study) -> Fragment:
    """The command that makes this page again, with versions."""
    returns = analysis.returns
    prices = returns.prices
    words = ["convex-research", "report", prices.a.provenance.symbol, prices.b.provenance.symbol]
    if prices.a.start_asked is not None:
        words += ["--start", str(prices.a.start_asked)]
    words += ["--as-of", str(analysis.as_of), "--returns", returns.kind]
    versions = analysis.to_dict()["versions"]
    listed = ", ".join(f"{name} {number}" for name, number in versions.items())
    html = command(words)
    html += paragraph(
        text(
            f"Made with {listed}. The record beside this page (the same name, "
            "ending in .json) holds every number with its full data hashes."
        ),
        data_about="method",
    )
    return Fragment(html, "how to reproduce")


def related(analysis: Study) -> Fragment:
    """Pairs that share a leg or the category; each links to its row in the index."""
    items = []
    for pair in related_pairs(analysis.pair):
        a, b = (names.short(one) for one in pair.instruments)
        link = tag("a", text(f"{a} and {b}"), href=f"../index.html#{pair.slug}")
        # The row is there once the pair is built, which this command does.
        typed = shlex.join(("convex-research", "report", pair.a, pair.b))
        items.append(tag("li", link + tag("code", text(typed))))
    if not items:
        link = tag("a", "All pairs", href="../index.html")
        return Fragment(paragraph(link, data_about="navigation"), "all pairs")
    listed = tag("ul", "".join(items), class_="related", data_about="navigation")
    return Fragment(listed, "related pairs")


def instruments(analysis: Study) -> Fragment:
    """What each leg is, in a sentence."""
    unknown = "A series without a description in the catalogue."
    described = [(one.name, one.about or unknown) for one in names.legs(analysis)]
    items = "".join(tag("dt", text(name)) + tag("dd", text(about)) for name, about in described)
    listed = tag("dl", items, data_about="catalogue")
    return Fragment(listed, "what the instruments are", " ".join(" ".join(x) for x in described))


def disclaimer(analysis: Study) -> Fragment:  # noqa: ARG001 - one shape for all pieces
    """What the page is not."""
    words = (
        "For information only; this is no advice to buy or sell. Correlation is not causation, and "
        "what held in the sample need not hold after it."
    )
    said = paragraph(text(words), class_="disclaimer", data_about="disclaimer")
    return Fragment(said, "disclaimer")
