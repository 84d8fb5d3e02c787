"""The top of a page: title, answer, warnings, tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.flags import TWINS, leading_keys
from convex_research.claims import strength_words
from convex_research.claims.sentences import clock
from convex_research.core import formatting as fmt
from convex_research.core.cells import numbers
from convex_research.core.estimates import Estimate, NotComputed, named
from convex_research.core.flags import RARE, Flag
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
    leading = leading_keys(analysis.flags, analysis.config.year)
    found = ((k, r) for k in leading if (r := analysis.estimate(k)) is not None)
    usable = ((k, r) for k, r in found if r.low is not None or "exact" in r.flags)
    key, r = next(usable, ("", None))
    if r is None:
        reason = analysis["correlation.pearson[all]"]
        words = (
            named(reason.reason) if isinstance(reason, NotComputed) else "no window is long enough"
        )
        html = f"No correlation is given: {text(words)}."
        return Fragment(paragraph(html, class_="answer", data_key="correlation.pearson[all]"))
    words = strength_words(r)
    a, b = (names.short(one) for one in names.legs(analysis))
    statement = f"{words} correlation between {a} and {b} {_over(analysis, key)}:"
    statement = statement[0].upper() + statement[1:]
    if RARE & set(analysis.flags):
        statement += " at least"
    level = f"{fmt.level(r.confidence_level)} interval" if r.confidence_level else r.method
    html = f"{text(statement)} {numbers(key, r, plus=True)} ({text(level)})."
    if Flag.TWINS in analysis.flags and r.value > TWINS:
        html += f" It lacks {text(fmt.short_of_one(r))} to one."
    html += _beside(analysis, key)
    return Fragment(paragraph(html, class_="answer", data_key=key), statement)


def _over(analysis: Study, key: str) -> str:
    """What the correlation that leads is taken over."""
    if key == "correlation.synchronised[all]":
        return f"with a {names.per_period(analysis)}'s leeway over the whole sample"
    if key == "correlation.weekly[all]":
        return "by weekly returns over the whole sample"
    return f"over the {names.window(analysis, key[20:-1]).lower()}"


def _beside(analysis: Study, key: str) -> str:
    """Why it is not the daily correlation that leads, and that one and the weekly beside it."""
    why = clock(analysis)
    if not why:
        return ""
    others = [
        f"{text(words)} r is {numbers(other, r, plus=True)}"
        for words, other in (
            ("daily", "correlation.pearson[all]"),
            ("weekly", "correlation.weekly[all]"),
        )
        if other != key and (r := analysis.estimate(other)) is not None
    ]
    return f" {text(why[0].upper() + why[1:])}: {', '.join(others)}."


def tiles(analysis: Study) -> Fragment:
    """The numbers a reader looks for first, each with interval, sample and label."""
    a, b = (names.short(one) for one in names.legs(analysis))
    qualifier = str(analysis.config.year)
    year = names.window(analysis, qualifier).lower()
    listed = [
        (names.window(analysis, window), f"correlation.pearson[{window}]", True)
        for window in map(str, analysis.config.windows)
    ]
    if analysis.clock_flags:
        leeway = f"With a {names.per_period(analysis)}'s leeway"
        listed = [(f"{label}, daily: too low", key, plus) for label, key, plus in listed]
        listed = [
            (leeway, "correlation.synchronised[all]", True),
            ("Weekly", "correlation.weekly[all]", True),
            *listed,
        ]
    else:
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
    return f"n {fmt.count(result.nobs)}, to {fmt.day(result.end)}"
