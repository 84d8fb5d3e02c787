"""The first screen of a page: what was found, in a table, and the one chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis import InstrumentAnalysis
from convex_research.catalogue.symbols import IN_MEMORY
from convex_research.claims.answers import instrument_screen
from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, paragraph, tag, text
from convex_research.presentation.pages.rows import anchors, answer_word, tied
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis.results import Analysis
    from convex_research.claims.answer import Answer, RangeKind
    from convex_research.core.sentences import Quantity, Sentence
    from convex_research.studies import Study

__all__ = ["first", "key_of_ranges"]

# How the range beside a number is drawn, and what it is.
_MARKS: dict[RangeKind, str] = {
    "interval": (
        '<path class="s" d="M1 1.5V8.5M25 1.5V8.5M1 5H25"/>'
        '<circle class="dt" cx="13" cy="5" r="3"/>'
    ),
    "usual": '<path class="u" d="M0 1H26M0 9H26"/>',
    "forecast": (
        '<path class="f" d="M0 5H26"/><path class="fd" d="M13 0.5L17.5 5L13 9.5L8.5 5Z"/>'
    ),
    "chance": '<rect class="cr" x=".5" y=".5" width="25" height="9"/>',
}
# Anchors of earlier pages that led to what stands here now.
_EARLIER = {
    "correlation": ("s-recent-against-long-run",),
    "comparison": ("s-growth-and-drawdown", "s-questions", "s-hedge"),
}
_SAME = '<rect class="same" width="26" height="10"/>'


def first(
    analysis: Study | InstrumentAnalysis, kind: str = "correlation", *parts: Fragment
) -> Fragment:
    """Title, sample, warnings, the answers with their numbers, and what stands behind them.

    Parameters
    ----------
    analysis : Study or InstrumentAnalysis
        A finished analysis.
    kind : {"correlation", "comparison", "instrument"}
        Which page.
    *parts : Fragment or Chart
        The first is the chart of the screen; the others are evidence of the answers.
    """
    chart, *others = (*parts, Fragment(""))
    places = ""
    if isinstance(analysis, InstrumentAnalysis):
        screen = instrument_screen(analysis)
    else:
        screen = analysis.first_screen(kind)
        places = anchors(*_EARLIER[kind])
    title, meta, clock, answers = screen
    html = tag("h1", text(title)) + paragraph(text(meta), class_="meta", data_about="sample")
    html += _warnings(analysis, clock) + _table(answers) + _kinds(analysis, answers)
    html += chart.html
    inner = _behind(answers) + "".join(one.html for one in others)
    summary = tag("summary", "Evidence for the answers")
    html += tag("details", summary + tag("div", places + inner), class_="fold")
    return Fragment(html, "first screen")


def _warnings(analysis: Analysis, clock: Sentence | None) -> str:
    """Why daily numbers are not what they seem, and what is to be known of the data first."""
    seen = dict.fromkeys(
        (note.level, note.message)
        for note in analysis.returns.quality
        if note.check == "stale" or (note.level != "note" and note.check != "embedded_sample")
    )
    items = tag("li", clock.html, data_key="asynchrony.share") if clock else ""
    for level, message in seen:
        about = {"data_about": "source"}
        shown = message.replace(f"file:{IN_MEMORY}.csv#", "")  # by the name it was given
        items += tag("li", text(fmt.with_minus(shown)), class_=level, **about)
    return tag("ul", items, class_="banner") if items else ""


def _table(answers: Iterable[Answer]) -> str:
    caption = tag("caption", "The answers", class_="unseen")
    return tag("table", caption + tag("tbody", "".join(map(_line, answers))), class_="five")


def _line(one: Answer) -> str:
    """A question, its answer, the number with its range, and a sentence."""
    cells = tag("th", text(one.question), scope="row")
    cells += tag("td", answer_word(one), class_="v")
    cells += tag("td", _number(one, one.number), class_="n")
    cells += tag("td", tied(one.sentence.html), class_="w")
    return tag("tr", cells, data_key=" ".join(one.keys))


def _number(one: Answer, number: Quantity | None) -> str:
    if number is None:
        return ""
    ends = ""
    if number.ends:
        ends = tag("span", range_mark(one.range) + text(number.ends))
    before, window, after = one.label.partition(one.window) if one.window else (one.label, "", "")
    label = text(before) + (tag("em", text(window)) if window else "") + text(after)
    beside = tag("div", ends + tag("small", label))
    return tag("div", tag("b", text(number.text)) + beside, class_="nn")


def range_mark(kind: RangeKind) -> str:
    """How a range is drawn beside its number."""
    return _drawn(_MARKS.get(kind, ""))


def _drawn(marks: str) -> str:
    if not marks:
        return ""
    return f'<svg class="g" viewBox="0 0 26 10" aria-hidden="true">{marks}</svg>'


def _kinds(analysis: Study | InstrumentAnalysis, answers: Iterable[Answer]) -> str:
    """What the ranges of the table are."""
    level = names.level(analysis)
    shown = {one.range for one in answers if one.number is not None and one.number.ends}
    words: dict[RangeKind, tuple[str, str]] = {
        "interval": ("Interval", f"error of an estimate, {level}"),
        "usual": ("Usual range", f"the middle {level} of its own past windows"),
        "forecast": ("Forecast range", f"where {level} of outcomes are expected"),
    }
    listed = [(_MARKS[kind], *told) for kind, told in words.items() if kind in shown]
    return _list(listed)


def key_of_ranges(analysis: Study) -> Fragment:
    """What the marks of small charts are."""
    return Fragment(
        _list(
            [
                (_MARKS["interval"], "Interval", "error of an estimate"),
                (_SAME, "Grey", "counts as the same"),
                (
                    _MARKS["chance"],
                    "Chance range",
                    f"{names.level(analysis)} of windows if nothing changes",
                ),
            ]
        ),
        "key of the charts",
    )


def _list(listed: Iterable[tuple[str, str, str]]) -> str:
    items = (
        tag("li", f"{_drawn(marks)}{tag('b', name)} {text(words)}") for marks, name, words in listed
    )
    return tag("ul", "".join(items), class_="kinds", data_about="definition")


def _behind(answers: Iterable[Answer]) -> str:
    """The fine print of the answers."""
    return "".join(
        paragraph(
            f"{tag('b', text(one.question))} {text(fmt.with_minus(' '.join(one.notes)))}",
            class_="fine",
            data_key=" ".join(one.keys),
        )
        for one in answers
        if one.notes
    )
