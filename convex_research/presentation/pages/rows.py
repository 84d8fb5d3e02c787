"""Rows of a page: a question, its answer in a sentence, a small chart, and a fold of evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.analysis import InstrumentAnalysis
from convex_research.claims import DECLARATIONS, Claim
from convex_research.claims.answer import Answer
from convex_research.claims.answers.further import further_answer
from convex_research.claims.answers.instrument_rows import instrument_row
from convex_research.claims.registry import claims_of
from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, anchor, paragraph, tag, text
from convex_research.presentation.prose.fine_print import fine_print

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.claims import Declaration
    from convex_research.studies import Study

__all__ = ["folded", "question", "untested"]

_LIGHTER = {"open": "ans ct", "untested": "ans nt"}
_PRINTED = 30  # rows
# Anchors of earlier pages, and the row in whose evidence stands what they led to.
_EARLIER = {
    "C04": ("s-one-against-the-other",),
    "C07a": ("s-cointegration", "zscore"),
    "C14": ("s-cross-asset-analysis",),
    "C15": ("s-leads-and-lags", "leadlag"),
    "C16": ("s-regimes",),
    "C18a": ("s-stability", "s-how-it-moves"),
    "C22a": ("s-tails",),
    "C24": ("s-scenarios", "evidence-C24"),
    "C25": ("s-correlation-by-window", "evidence-C25"),
    "C30": ("s-forecast",),
    "C32": ("s-statistical-details",),
    "C34": ("s-rolling-extremes",),
    "C35": ("s-year-by-year",),
    "N10": ("s-the-latest-observations",),
    "ratio": ("s-hedge",),
    "I4": ("s-calendar-years",),
    "I5": ("s-changes",),
    "I6": ("s-falls-from-the-peak",),
    "I7": ("s-volatility",),
    "I8": ("s-distribution",),
    "I9": ("s-diagnostics",),
    "I10": ("s-data", "s-how-to-reproduce-this-page"),
}


def question(analysis: Study | InstrumentAnalysis, asked: str | Answer, *parts: Any) -> Fragment:
    """A row of a page; on an instrument's page a fold that its answer opens.

    Parameters
    ----------
    analysis : Study or InstrumentAnalysis
        A finished analysis.
    asked : str or Answer
        Identifier of a claim, or of a question that tests nothing, see
        :func:`~convex_research.claims.answers.further.further_answer` and
        :func:`~convex_research.claims.answers.instrument_rows.instrument_row`; or an answer.
    *parts : Fragment or Chart
        The first chart is the row's picture. Tables, the numbers behind the picture and
        further charts are the evidence.

    Returns
    -------
    Fragment
        Where the question does not apply to the pair its evidence alone, folded; empty where
        there is none, and where it could not be tested either.
    """
    said = asked if isinstance(asked, Answer) else _said(analysis, asked)
    if isinstance(analysis, InstrumentAnalysis):
        return _opened(said, parts) if said else Fragment("", f"question {asked}")
    shown = [part for part in parts if getattr(part, "svg", None) or part.html]
    if said is None and shown:
        title = next(getattr(part, "title", "") or part.summary for part in shown)
        return folded(title, *shown, id_=" ".join(_EARLIER.get(str(asked), ())))
    if said is None or (said.answer == "untested" and not shown):
        return Fragment("", f"question {asked}")
    pictures = [part for part in shown if hasattr(part, "svg")][: said.answer != "untested"]
    html = tag("h3", text(said.question)) + tag("div", answer_word(said))
    html += _sentence(said)
    for picture in pictures:
        html += tag("div", picture.svg, class_="pic", data_key=" ".join(picture.keys))
    places = anchors(*_EARLIER.get(said.id, ()), *(one.name for one in pictures))
    tables = [_data(part) if part in pictures else part.html for part in shown]
    fold = "".join((places, *_notes(analysis, said), *tables, *_children(analysis, said)))
    html += tag(
        "details",
        tag("summary", "Evidence", aria_label=f"Evidence: {said.question}") + tag("div", fold),
        class_="fold",
    )
    row = tag("section", html, class_="row", id=anchor("", said.id).strip("-"), **marks_of(said))
    return Fragment(row, said.question)


def _data(picture: Any) -> str:
    """The numbers behind a picture; a long list of them is not for paper."""
    html: str = picture.data.html
    return tag("div", html, class_="raw" if html.count("<tr") > _PRINTED else "") if html else ""


def _opened(said: Claim | Answer, parts: Iterable[Any]) -> Fragment:
    """A fold whose summary is a question with its answer, with large charts in it."""
    word = answer_word(said) + ". " if said.word else ""
    heads = tag("span", text(said.question), class_="dq")
    heads += tag("span", word + tied(said.sentence.html), class_="da", **marks_of(said))
    places = anchors(*_EARLIER.get(said.id, ()))
    notes = () if isinstance(said, Claim) else said.notes
    fine = (paragraph(text(fmt.with_minus(note)), class_="fine") for note in notes)
    inner = "".join((places, *(part.html for part in parts), *fine))
    html = tag("summary", heads) + tag("div", inner)
    return Fragment(tag("details", html, class_="big", id=said.id), said.question)


def _said(analysis: Study | InstrumentAnalysis, asked: str) -> Claim | Answer | None:
    """The claim or the answer with an identifier; of a family the first that was tested."""
    if isinstance(analysis, InstrumentAnalysis):
        return instrument_row(analysis, asked)
    claims = [one for one in analysis.claims if asked in _names(one)]
    if claims or any(asked in _names(one) for one in DECLARATIONS):
        return min(claims, key=lambda one: one.answer == "untested", default=None)
    return further_answer(analysis, analysis.claims, asked)


def _names(one: Claim | Declaration) -> tuple[str, str]:
    """A claim's identifier, and that of its family."""
    return one.id, one.id.partition("[")[0]


def answer_word(said: Claim | Answer) -> str:
    """The answer to a question, in weight as sure as it is."""
    return tag("span", text(said.word), class_=_LIGHTER.get(said.answer, "ans"))


def marks_of(said: Claim | Answer) -> dict[str, str]:
    """What an element rests on."""
    if isinstance(said, Claim):
        return {"data_claim": said.id}
    return {"data_key": " ".join(said.keys)}


def _sentence(said: Claim | Answer) -> str:
    found = tied(said.sentence.html)
    reach = getattr(said, "reach", "")
    return tag("p", f"{found} {text(reach)}" if reach else found)


def tied(html: str) -> str:
    """Markup in which no line ends between a number and its per cent sign."""
    return html.replace(" %", "\N{NARROW NO-BREAK SPACE}%")


def _notes(analysis: Study, said: Claim | Answer) -> Iterable[str]:
    """The fine print."""
    notes = fine_print(analysis, said) if isinstance(said, Claim) else said.notes
    return (paragraph(text(fmt.with_minus(note)), class_="fine") for note in notes)


def _children(analysis: Study, said: Claim | Answer) -> Iterable[str]:
    """Claims that stand in the evidence of another, and the way to the whole evidence."""
    tested = [one for one in analysis.claims if one.answer != "untested"]
    listed = [one for one in tested if said.id in {one.id, one.parent}]
    for child in listed:
        if child.id == said.id:
            continue
        head = tag("h4", f"{text(child.question)} {answer_word(child)}")
        inner = "".join((head, _sentence(child), *_notes(analysis, child)))
        yield tag("div", inner, id=anchor("", child.id).strip("-"), data_claim=child.id)
    if listed:
        links = (tag("a", text(one.id), href="#" + anchor("evidence", one.id)) for one in listed)
        words = f"Hypothesis, tests and rule: {', '.join(links)}."
        yield paragraph(words, class_="fine", data_about="navigation")


def untested(analysis: Study, kind: str = "correlation") -> Fragment:
    """One line that names what could not be tested, and what it would need.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    kind : {"correlation", "comparison"}
        Which page.
    """
    missing = [one for one in claims_of(analysis.claims, kind) if one.answer == "untested"]
    reasons: dict[str, list[Claim]] = {}
    for one in missing:
        reasons.setdefault(one.reason, []).append(one)
    if not missing:
        return Fragment("", "nothing is untested")
    listed = "; ".join(
        f"{', '.join(map(_subject, claims))} ({text(reason)})" for reason, claims in reasons.items()
    )
    html = f"{tag('b', 'Not tested:')} {listed}."
    ids = " ".join(one.id for one in missing)
    return Fragment(paragraph(html, class_="untested", data_claim=ids), "not tested")


def _subject(claim: Claim) -> str:
    """What is not tested, where links to its evidence lead."""
    return tag("span", text(claim.subject), id=anchor("evidence", claim.id))


def anchors(*ids: str) -> str:
    """Places that links lead to; inside a fold they open it."""
    return "".join(tag("span", "", id=one) for one in ids)


def folded(title: str, *parts: Any, id_: str = "") -> Fragment:
    """Parts under a title that opens them; on paper they stand open.

    Parameters
    ----------
    title : str
        Plain text.
    *parts : Fragment or Chart
        Empty ones are left out; without any there is nothing.
    id_ : str
        Anchors inside, with spaces between them, so that a link to one opens the fold.
    """
    inner = "".join(part.html for part in parts)
    if not inner:
        return Fragment("", title)
    inner = tag("div", anchors(*id_.split()) + inner)
    html = tag("details", tag("summary", text(title)) + inner, class_="folded")
    return Fragment(html, title)
