"""Questions people ask of a pair, answered by what its rows and first screens found."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from convex_research.claims.answers.comparison import apart
from convex_research.claims.answers.hedge import can_hedge
from convex_research.claims.answers.link import how_closely
from convex_research.claims.facts import Facts
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.analysis import PairAnalysis
    from convex_research.claims.answer import Answer
    from convex_research.claims.claim import Claim, Claims

__all__ = ["Asked", "asked"]


Part: TypeAlias = "tuple[Sentence, Claim | Answer]"
"""A sentence with what it rests on."""


class Asked(NamedTuple):
    """A question with the sentences that answer it."""

    question: str
    parts: tuple[Part, ...]


# What stands before a claim's own sentence, or in its place, by its answer.
_LEADS = {
    "no": "Never by a {period} or more that the data show. ",
    "open": "It can’t be told. ",
}
_YEARS = {
    "yes": "The years differ. ",
    "slightly": "The years hardly differ. ",
    "no": "The years are alike. ",
    "open": "The years may differ by chance. ",
}
_SHIFT = {
    "yes": "There was a lasting shift.",
    "slightly": "There was a shift too small to matter.",
    "no": "There was no lasting shift.",
    "open": "Whether there was a lasting shift is open.",
}
_TURBULENT = {
    "yes": "r is higher in turbulent times.",
    "no": "Turbulent times make no difference.",
}
_RESHUFFLES = {"yes": "Index changes widen the gap.", "no": "Index changes do not widen it."}
_MACRO = {"yes": "Macro series move the gap.", "no": "Macro series hardly move it."}
_BESIDE = {
    "yes": "Held beside it, yes. ",
    "no": "Held beside it, no. ",
    "open": "Held beside it, that is open. ",
}


def asked(analysis: PairAnalysis, claims: Claims) -> tuple[Asked, ...]:
    """How they are related, who leads, r over time, what drives them apart, and hedging.

    Parameters
    ----------
    analysis : PairAnalysis
        Of the pair.
    claims : Claims
        On it.
    """
    facts = Facts(analysis)
    tested = {one.id: one for one in claims if one.answer != "untested"}
    leads = {answer: words.format(period=facts.period) for answer, words in _LEADS.items()}
    history = (_of(tested, "C35", _YEARS), _said(tested, "C18a", _SHIFT))
    drives = (_said(tested, "C20", _RESHUFFLES), _said(tested, "C14", _MACRO))
    ratio = facts.estimate("hedge.ratio[all]")
    way = "Held beside it, " if ratio is not None and ratio.value < 0.0 else "Sold short, "
    listed = {
        f"How are {facts.a} and {facts.b} related?": (
            _numbered(how_closely(facts)),
            _of(tested, "C32", {}),
        ),
        f"When does {facts.a} lead {facts.b}?": (_of(tested, "C15", leads),),
        "How has their correlation behaved?": (*history, _said(tested, "C16", _TURBULENT)),
        "What drives them apart?": (_numbered(apart(facts)), *drives),
        f"Is {facts.b} a hedge for {facts.a}?": (
            _of(tested, "C22a", _BESIDE),
            _numbered(can_hedge(facts, claims["C22b"]), way),
        ),
    }
    found = (Asked(q, tuple(one for one in parts if one)) for q, parts in listed.items())
    return tuple(one for one in found if one.parts)


def _of(tested: Mapping[str, Claim], ident: str, before: Mapping[str, str]) -> Part | None:
    """A claim's sentence after words that its answer chooses."""
    if (one := tested.get(ident)) is None:
        return None
    words = before.get(one.answer, "") + one.sentence.words
    return Sentence(words, one.sentence.fields), one


def _said(tested: Mapping[str, Claim], ident: str, words: Mapping[str, str]) -> Part | None:
    """Words for a claim's answer, where that answer has any."""
    one = tested.get(ident)
    return (Sentence(words[one.answer]), one) if one and one.answer in words else None


def _numbered(one: Answer, before: str = "") -> Part | None:
    """An answer of a first screen with its number."""
    if one.answer == "untested" or one.number is None:
        return None
    word = one.word[0].lower() + one.word[1:] if before else one.word
    fields: dict[str, str | Quantity] = {"word": word, "number": one.number, "label": one.label}
    return Sentence(before + "{word}: {number} {label}.", fields), one
