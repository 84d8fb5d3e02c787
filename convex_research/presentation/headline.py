"""The top of a page: title, answer, warnings, tiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import strength_words
from convex_research.estimates import Estimate, NotComputed
from convex_research.presentation import formatting as fmt
from convex_research.presentation import names
from convex_research.presentation.markup import Fragment, numbers, paragraph, tag, text

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis
    from convex_research.claims import Claim
    from convex_research.estimates import Result

__all__ = [
    "answer",
    "banner",
    "claim_sentence",
    "comparison_title",
    "correlation_title",
    "questions",
    "tiles",
]

_VERDICTS = {
    "supported": "Supported",
    "rejected": "Rejected",
    "inconclusive": "Inconclusive",
    "not tested": "Not tested",
}


def correlation_title(analysis: PairAnalysis) -> Fragment:
    """Heading of the correlation page with its sample."""
    a, b = (names.short(one) for one in names.legs(analysis))
    return _title(analysis, f"{a} and {b}: how they move together")


def comparison_title(analysis: PairAnalysis) -> Fragment:
    """Heading of the comparison page with its sample."""
    a, b = (names.short(one) for one in names.legs(analysis))
    return _title(analysis, f"{a} and {b} side by side")


def _title(analysis: PairAnalysis, words: str) -> Fragment:
    returns = analysis.returns
    sample = (
        f"As of {analysis.as_of}. {fmt.count(returns.nobs)} {returns.frequency} {returns.kind} "
        f"returns on shared dates, {returns.day(0)} to {returns.day(-1)}."
    )
    html = tag("h1", text(words)) + paragraph(text(sample), class_="sample")
    return Fragment(html + banner(analysis).html, words)


def banner(analysis: PairAnalysis) -> Fragment:
    """Warnings about the data that a reader must see first."""
    seen = dict.fromkeys(
        (note.level, note.message)
        for note in analysis.returns.quality
        if note.check in {"embedded_sample", "stale"} or note.level != "note"
    )
    items = "".join(tag("li", text(message), class_=level) for level, message in seen)
    return Fragment(tag("ul", items, class_="banner") if items else "", "data warnings")


def claim_sentence(analysis: PairAnalysis, *claim_ids: str) -> Fragment:
    """Tested sentences with their verdicts; those that do not apply are absent.

    Parameters
    ----------
    analysis : PairAnalysis
        A finished analysis.
    *claim_ids : str
        Which claims, in the order in which they are shown.
    """
    by_id = {claim.id: claim for claim in analysis.claims}
    chosen = [by_id[claim_id] for claim_id in claim_ids if claim_id in by_id]
    html = "".join(_sentence(claim) for claim in chosen)
    return Fragment(html, f"claims {', '.join(claim_ids)}")


def _sentence(claim: Claim) -> str:
    verdict = f"verdict {claim.verdict.replace(' ', '-')}"
    badge = tag("span", _VERDICTS[claim.verdict], class_=verdict)
    said = tag("span", text(claim.text))
    return tag("p", f"{badge} {said}", data_claim=claim.id, class_="claim")


_QUESTIONS = (
    ("What is the relationship between {a} and {b}?", ("C23", "C11", "C12")),
    ("Does {a} lead {b}?", ("C15", "C13")),
    ("Is their correlation stable?", ("C16", "C18a", "C18b[vix]")),
    ("What drives them apart?", ("C14", "C02", "C20", "C21")),
    ("Is {b} a hedge for {a}?", ("C22a", "C22b")),
)


def questions(analysis: PairAnalysis) -> Fragment:
    """The usual questions about a pair, answered by claims; one without a claim is left out."""
    a, b = (names.short(one) for one in names.legs(analysis))
    parts = []
    for question, ids in _QUESTIONS:
        answered = claim_sentence(analysis, *ids).html
        if answered:
            parts.append(tag("h3", text(question.format(a=a, b=b))) + answered)
    html = "".join(parts) or paragraph("No claim applies to this pair.")
    return Fragment(html, "questions")


def answer(analysis: PairAnalysis) -> Fragment:
    """The one-sentence answer: how strongly, and how sure."""
    key = next(
        (
            k
            for k in ("correlation.pearson[252]", "correlation.pearson[all]")
            if k in analysis and isinstance(analysis[k], Estimate)
        ),
        None,
    )
    if key is None:
        reason = analysis["correlation.pearson[all]"]
        words = reason.reason if isinstance(reason, NotComputed) else "no window is long enough"
        return Fragment(paragraph(f"No correlation is given: {text(words)}.", class_="answer"))
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
    level = fmt.percent(lead.confidence_level or 0.0, 0)
    html = f"{text(statement)} {numbers(lead_key, lead, plus=True)} ({level} interval)."
    return Fragment(paragraph(html, class_="answer"), statement)


def tiles(analysis: PairAnalysis) -> Fragment:
    """The numbers a reader looks for first, each with interval, sample and label."""
    boxes = []
    for window in map(str, analysis.config.windows):
        key, label = f"correlation.pearson[{window}]", names.window(analysis, window)
        boxes.append(_tile(label, key, analysis[key], plus=True, labelled=True))
    a, b = (names.short(one) for one in names.legs(analysis))
    year = names.window(analysis, "252").lower()
    for label, key in (
        (f"Beta of {a} on {b}, {year}", "regression.beta[252]"),
        (f"Shared variance r², {year}", "regression.rsquared[252]"),
    ):
        if key in analysis:
            boxes.append(_tile(label, key, analysis[key]))
    return Fragment(tag("div", "".join(boxes), class_="tiles"), "main numbers")


def _tile(
    label: str, key: str, result: Result, *, plus: bool = False, labelled: bool = False
) -> str:
    inner = paragraph(text(label), class_="name")
    inner += paragraph(numbers(key, result, plus=plus), class_="big")
    if isinstance(result, Estimate):
        words = f"n {fmt.count(result.nobs)}, to {fmt.day(result.end)}"
        if labelled:
            inner += paragraph(text(strength_words(result).capitalize()), class_="label")
        if "heavy_tails" in result.flags:
            words += "; heavy tails, interval unreliable"
        inner += paragraph(text(words), class_="note")
    elif isinstance(result, NotComputed):
        inner += paragraph(text(result.reason), class_="note")
    return tag("div", inner, class_="tile")
