"""The top of a page: title, answer, warnings, tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import strength_words
from convex_research.core import formatting as fmt
from convex_research.core.cells import numbers
from convex_research.core.estimates import Estimate, NotComputed, named
from convex_research.core.fragments import Fragment, paragraph, tag, text
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis.results import Analysis
    from convex_research.core.estimates import Result
    from convex_research.studies import Study

__all__ = ["answer", "comparison_title", "correlation_title", "tiles"]


def correlation_title(analysis: Study) -> Fragment:
    """Heading of the correlation page with its sample."""
    a, b = (names.short(one) for one in names.legs(analysis))
    return _title(analysis, f"{a} and {b}: how they move together")


def comparison_title(analysis: Study) -> Fragment:
    """Heading of the comparison page with its sample."""
    a, b = (names.short(one) for one in names.legs(analysis))
    return _title(analysis, f"{a} and {b} side by side")


def _title(analysis: Study, title: str) -> Fragment:
    returns = analysis.returns
    sample = (
        f"As of {analysis.as_of}. {fmt.count(returns.nobs)} {returns.frequency} {returns.kind} "
        f"returns on shared dates, {returns.day(0)} to {returns.day(-1)}."
    )
    return heading(analysis, title, sample)


def heading(analysis: Analysis, title: str, sample: str, *, about: str = "") -> Fragment:
    """A title, what the instrument is, the sample in words, and warnings about the data."""
    html = tag("h1", text(title))
    if about:
        html += paragraph(text(about), data_about="catalogue")
    html += paragraph(text(sample), class_="sample", data_about="sample")
    return Fragment(html + banner(analysis).html, title)


def banner(analysis: Analysis) -> Fragment:
    """Warnings about the data that a reader must see first."""
    seen = dict.fromkeys(
        (note.level, note.message)
        for note in analysis.returns.quality
        if note.check in {"embedded_sample", "stale"} or note.level != "note"
    )
    warnings = [(level, fmt.with_minus(message)) for level, message in seen]
    items = "".join(tag("li", text(message), class_=level) for level, message in warnings)
    listed = tag("ul", items, class_="banner", data_about="source") if items else ""
    prose = " ".join(message for _, message in warnings)
    return Fragment(listed, "data warnings", prose)


def answer(analysis: Study) -> Fragment:
    """The one-sentence answer: how strongly, and how sure."""
    key = next(
        (
            k
            for k in (f"correlation.pearson[{analysis.config.year}]", "correlation.pearson[all]")
            if k in analysis and isinstance(analysis[k], Estimate)
        ),
        None,
    )
    if key is None:
        reason = analysis["correlation.pearson[all]"]
        words = (
            named(reason.reason) if isinstance(reason, NotComputed) else "no window is long enough"
        )
        html = f"No correlation is given: {text(words)}."
        return Fragment(paragraph(html, class_="answer", data_key="correlation.pearson[all]"))
    r = analysis[key]
    assert isinstance(r, Estimate)
    lead, lead_key = r, key
    opening = ""
    if "heavy_tails" in r.flags:
        opening = "Tails are so heavy that no interval for Pearson's r can be trusted; by ranks, "
        lead_key = key.replace("pearson", "spearman")
        ranked = analysis.estimate(lead_key)
        lead = ranked or r
    words = strength_words(lead)
    a, b = (names.short(one) for one in names.legs(analysis))
    window = names.window(analysis, key[20:-1]).lower()
    statement = f"{opening}{words} correlation between {a} and {b} over the {window}:"
    statement = statement[0].upper() + statement[1:]
    level = fmt.level(lead.confidence_level or 0.0)
    html = f"{text(statement)} {numbers(lead_key, lead, plus=True)} ({level} interval)."
    return Fragment(paragraph(html, class_="answer", data_key=lead_key), statement)


def tiles(analysis: Study) -> Fragment:
    """The numbers a reader looks for first, each with interval, sample and label."""
    a, b = (names.short(one) for one in names.legs(analysis))
    qualifier = str(analysis.config.year)
    year = names.window(analysis, qualifier).lower()
    listed = [
        (names.window(analysis, window), f"correlation.pearson[{window}]", True)
        for window in map(str, analysis.config.windows)
    ]
    listed += [
        (f"Beta of {a} on {b}, {year}", f"regression.beta[{qualifier}]", False),
        (f"Shared variance r², {year}", f"regression.rsquared[{qualifier}]", False),
    ]
    return tiled(analysis, [one for one in listed if one[1] in analysis])


def tiled(analysis: Analysis, listed: Iterable[tuple[str, str, bool]]) -> Fragment:
    """A tile for each label and key, with the sign of a positive number where asked."""
    boxes = "".join(_tile(label, key, analysis[key], plus=plus) for label, key, plus in listed)
    return Fragment(tag("div", boxes, class_="tiles"), "main numbers")


def _tile(label: str, key: str, result: Result, *, plus: bool) -> str:
    html = paragraph(text(label), class_="name")
    html += paragraph(numbers(key, result, plus=plus), class_="big")
    if isinstance(result, Estimate) and key.startswith("correlation."):
        html += paragraph(text(strength_words(result).capitalize()), class_="label")
    html += paragraph(text(_sample_of(result)), class_="note")
    return tag("div", html, class_="tile", data_key=key)


def _sample_of(result: Result) -> str:
    """What a number rests on, in a few words."""
    if isinstance(result, NotComputed):
        return named(result.reason)
    if isinstance(result, Estimate) and result.confidence_level is None:
        return fmt.span(result) if result.start != result.end else fmt.day(result.end)
    heavy = isinstance(result, Estimate) and "heavy_tails" in result.flags
    sample = f"n {fmt.count(result.nobs)}, to {fmt.day(result.end)}"
    return sample + ("; heavy tails, interval unreliable" if heavy else "")
