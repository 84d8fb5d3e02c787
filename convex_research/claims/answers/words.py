"""How sizes, windows and ranks are called in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims.answer import Answer
from convex_research.claims.claim import ANSWER_WORDS
from convex_research.claims.sentences import SHARE, in_words, since, written
from convex_research.claims.strength import NEGLIGIBLE, sizes
from convex_research.core import formatting as fmt
from convex_research.core.estimates import NotComputed, named
from convex_research.core.flags import Flag
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from datetime import date

    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate, Result

__all__ = [
    "EXACTLY",
    "clock_reason",
    "closeness",
    "dates",
    "method_of",
    "past",
    "ranked",
    "reasoned",
    "untested",
    "whole",
]

_CLOSELY = {
    "very strong": "very closely",
    "strong": "closely",
    "moderate": "moderately",
    "weak": "loosely",
    NEGLIGIBLE: "hardly",
}
EXACTLY = "one is the other times a constant"
"""Why nothing is asked of legs that move exactly in step."""
_SHORT = 400  # days of a sample that has no year to begin in


def closeness(r: Estimate) -> tuple[str, str]:
    """How closely two legs move, at the weaker end of the interval and at the stronger."""
    weaker, stronger = sizes(r)
    return _CLOSELY[weaker], _CLOSELY[stronger]


def past(facts: Facts, nobs: int) -> str:
    """The last observations as a window: ``past year``, ``last 90 days``."""
    length = facts.span(nobs, letters=False)
    return f"past {length}" if "year" in length else f"last {length}"


def whole(facts: Facts, result: Estimate) -> str:
    """A whole sample as a window: ``since 1999``; a short one by its number."""
    first, last = _sample(result)
    if (last - first).days < _SHORT:
        return f"all {result.nobs:,} {facts.period}s"
    return since(result)


def dates(result: Estimate) -> str:
    """First and last day of a sample, for fine print."""
    return " to ".join(map(fmt.long_day, _sample(result)))


def _sample(result: Estimate) -> tuple[date, date]:
    assert result.start is not None
    assert result.end is not None
    return result.start, result.end


def method_of(facts: Facts, result: Estimate) -> str:
    """Observations, dates and method, for fine print."""
    names = {"a": facts.a, "b": facts.b}
    return f"{result.nobs:,} {facts.period}s, {dates(result)}; {named(result.method, names)}."


def clock_reason(facts: Facts, *, start: bool = False) -> str:
    """Why daily numbers understate the link, in a few words."""
    flags = facts.analysis.flags
    rare = [
        name
        for flag, name in ((Flag.RARELY_TRADED_A, facts.a), (Flag.RARELY_TRADED_B, facts.b))
        if flag in flags
    ]
    words = f"{rare[0]} stands still on many days" if rare else "they close at different hours"
    if len(rare) == 2:
        words = "both stand still on many days"
    return f"{words[0].upper()}{words[1:]}" if start else words


def reasoned(reason: str) -> Sentence:
    """A reason as a sentence."""
    return Sentence("{why}.", {"why": reason[:1].upper() + reason[1:].rstrip(".")})


def untested(ident: str, question: str, why: str | Result, **more: Any) -> Answer:
    """An answer that cannot be given, with what it would need."""
    if isinstance(why, NotComputed):
        why = named(why.reason)
    assert isinstance(why, str)
    return Answer(
        id=ident,
        question=question,
        answer="untested",
        word=ANSWER_WORDS["untested"],
        sentence=reasoned(why),
        **more,
    )


_WAYS = ("lower", "higher")
_TENS = {20: "twenty", 40: "forty"}
_MIDDLE = 0.36  # one in three and nearer to the middle


def ranked(
    usual: Estimate, rank: Estimate, what: str, when: str, ways: tuple[str, str] = _WAYS
) -> tuple[str, str, Sentence]:
    """Whether the last value of a path is unusual among all: answer, word and sentence.

    Parameters
    ----------
    usual : Estimate
        The last value with the range of the middle ones.
    rank : Estimate
        Its percentile.
    what : str
        One of the ranked: ``90-day window``.
    when : str
        ``since 1999``.
    ways : tuple of str
        What those below it and above it are.
    """
    below = rank.value / 100.0
    share, way = (below, ways[0]) if below <= 0.5 else (1.0 - below, ways[1])
    beyond = round(share * rank.nobs - 0.5)  # the last one itself counts one half
    tail = 0.5 * (1.0 - (usual.confidence_level or 0.95))
    edge = round(1.0 / tail)
    fields = {"what": what, "when": when, "way": way, "edge": _TENS.get(edge, in_words(edge))}
    if not usual.covers(usual.value):
        if beyond < 1:
            return "yes", "Yes", Sentence("No {what} {when} was {way}.", fields)
        words = "Only one {what} in {k} {when} was {way}; unusual is one in {edge}."
        return "yes", "Yes", Sentence(words, {**fields, "k": in_words(round(1.0 / share))})
    if share > _MIDDLE:
        shown = Quantity(written(share, SHARE))
        words = "Near the middle: {share} of {what}s {when} were {way}."
        return "no", "No", Sentence(words, {**fields, "share": shown})
    words = "One {what} in {k} {when} was {way}; unusual would be one in {edge}."
    return "no", "No", Sentence(words, {**fields, "k": in_words(round(1.0 / share))})
