"""Below the rows: what the number means, how to read an answer, data, how to make it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.catalogue import related_pairs
from convex_research.claims.answers.asked import asked
from convex_research.claims.answers.link import CLOCK_NAMES, leading
from convex_research.claims.changes import same_range
from convex_research.claims.facts import Facts
from convex_research.claims.sentences import SHARE, R, quantity
from convex_research.core import formatting as fmt
from convex_research.core.flags import Flag
from convex_research.core.fragments import Fragment, paragraph, tag, text
from convex_research.core.sentences import Quantity, Sentence
from convex_research.presentation.pages.appendix import methodology, provenance, reproduce
from convex_research.presentation.pages.rows import folded, marks_of, tied
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["guide", "people_ask", "sources"]

_WORDS = (
    ("Yes", "No", "the data settle it"),
    ("Yes, slightly", "", "they do, and it is too small to matter"),
    ("Yes, size open", "", "they do; whether it is large enough to matter is open"),
    ("Can\N{RIGHT SINGLE QUOTATION MARK}t tell", "", "they settle neither"),
    ("Not tested", "", "a series or an hour is missing"),
)


def guide(analysis: Study) -> Fragment:
    """What r means, and what the answers mean."""
    html = _block("What the number means", _meaning(analysis), "s-what-the-number-means")
    html += _block("How to read an answer", _reading(analysis), "s-how-to-read-an-answer")
    return Fragment(tag("div", html, class_="halves small"), "how to read the page")


def people_ask(analysis: Study) -> Fragment:
    """Questions people ask of a pair, answered from its rows."""
    html = ""
    for question, parts in asked(analysis, analysis.claims):
        told = " ".join(
            tag("span", tied(sentence.html), **marks_of(said)) for sentence, said in parts
        )
        html += tag("div", tag("h3", text(question)) + tag("p", told))
    return Fragment(tag("div", html, class_="halves") if html else "", "questions people ask")


def _block(title: str, inner: str, place: str) -> str:
    return tag("div", tag("h3", text(title), id=place) + inner)


def _meaning(analysis: Study) -> str:
    facts = Facts(analysis)
    lead = leading(facts)
    key, r = lead if lead is not None else ("correlation.pearson[all]", None)
    keys = [key, key.replace("correlation.pearson", "regression.rsquared")]
    share = analysis.estimate(keys[1]) if facts.clock is None else None
    if share is None:
        keys = keys[:1]
    words = "r says how alike the two move, not how far and not why. "
    fields: dict[str, str | Quantity] = {"a": names.short(names.legs(analysis)[0])}
    if r is not None:
        words = f"{CLOCK_NAMES.get(key, 'r')} = {{r}} {words[2:]}"
        fields["r"] = quantity(r, R, key)._replace(ends="")
    if share is not None:
        words += "Squared: a line accounts for {share} of {a}'s variance. "
        fields["share"] = quantity(share, SHARE, keys[1])._replace(ends="")
    sentence = Sentence(f"{words}It does not mean that one predicts the other.", fields)
    places = "".join(tag("span", "", id=f"evidence-{one}") for one in ("C31",))
    return places + tag("p", sentence.html, data_key=" ".join(keys))


def _reading(analysis: Study) -> str:
    told = "; ".join(
        f"{tag('b', text(one))}{', ' + tag('b', text(other)) if other else ''}: {text(meaning)}"
        for one, other, meaning in _WORDS
    )
    html = paragraph(f"{told}.", data_about="definition")
    if {Flag.TWINS, Flag.EXACT} & {*analysis.flags}:
        same = "a tracking error of 0.82 to 1.22 times"
    else:
        same = same_range(Facts(analysis))
    words = (
        "Beside an answer left open stands what data like these find four times in five: an effect "
        "that large shows in four samples of five; a smaller one may hide. "
        f"Here {same} counts as the same."
    )
    return html + paragraph(text(words), data_key="correlation.pearson[all]")


def sources(analysis: Study) -> Fragment:
    """Where the data come from, how numbers are made, how to make the page again, neighbours."""
    html = _block("Data and method", _data(analysis), "s-data")
    html += _block("Again, and next", _again(analysis), "s-how-to-reproduce-this-page")
    return Fragment(tag("div", html, class_="halves small"), "data, method, and how to go on")


def _data(analysis: Study) -> str:
    parts = []
    for leg, lost in zip(analysis.returns.legs, analysis.returns.dropped, strict=True):
        one = leg.series.provenance
        without = f", {fmt.count(lost)} without a partner" if lost else ""
        adjusted = f", {one.adjustment}" if one.adjustment else ""
        parts.append(
            f"{names.short(leg.series.instrument)}: {one.provider}, {fmt.count(one.rows)} rows"
            f"{without}{adjusted}."
        )
    html = paragraph(text(" ".join(parts)), data_about="source")
    html += folded("Sources, hashes and checks", provenance(analysis)).html
    return html + folded("How the numbers are made", methodology(analysis), id_="s-method").html


def _again(analysis: Study) -> str:
    html = reproduce(analysis).html
    links = [
        tag("a", text(" and ".join(names.short(one) for one in pair.instruments)), href=address)
        for pair in related_pairs(analysis.pair)
        for address in [f"../index.html#{pair.slug}"]
    ]
    listed = " · ".join(links) or tag("a", "All pairs", href="../index.html")
    return html + paragraph(f"Related: {listed}", id="s-related-pairs", data_about="navigation")
