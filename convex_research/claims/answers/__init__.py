"""What a first screen answers: five questions on a pair's pages, three on an instrument's.

Pages, summaries, records, indexes and digests print these and no other words of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convex_research.claims.answers import titles
from convex_research.claims.answers.ahead import next_month
from convex_research.claims.answers.change import changed
from convex_research.claims.answers.comparison import apart, better, deeper, riskier, stretched
from convex_research.claims.answers.hedge import can_hedge
from convex_research.claims.answers.instrument import how_bad, how_rough, what_return
from convex_research.claims.answers.link import how_closely, leading
from convex_research.claims.answers.rank import unusual
from convex_research.claims.answers.side_by_side import comparison_rows
from convex_research.claims.answers.titles import line
from convex_research.claims.facts import Facts
from convex_research.core.fragments import table

if TYPE_CHECKING:
    from convex_research.analysis import InstrumentAnalysis, PairAnalysis
    from convex_research.claims.answer import Answer
    from convex_research.claims.claim import Claims
    from convex_research.core.sentences import Sentence

__all__ = [
    "FirstScreen",
    "comparison_rows",
    "comparison_screen",
    "correlation_screen",
    "instrument_screen",
    "line",
]


class FirstScreen(NamedTuple):
    """All words of a first screen.

    Parameters
    ----------
    title : str
        The finding.
    meta : str
        The sample, and how the number is read.
    banner : Sentence or None
        Why daily numbers are not what they seem.
    answers : tuple of Answer
        Five of a pair, three of an instrument.
    """

    title: str
    meta: str
    banner: Sentence | None
    answers: tuple[Answer, ...]

    def __str__(self) -> str:
        lines = [self.title, self.meta]
        if self.banner is not None:
            lines.append(str(self.banner))
        asked = max(len(one.question) for one in self.answers)
        width = max(len(one.word) for one in self.answers)
        lines += (
            f"{one.question:<{asked}}  {one.word:<{width}}  {_rest(one)}" for one in self.answers
        )
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The record's parts."""
        return {"title": self.title, "summary": [one.to_dict() for one in self.answers]}

    @property
    def html(self) -> str:
        """A table of the answers."""
        rows = [
            (one.question, one.word, str(one.number or ""), one.label, str(one.sentence))
            for one in self.answers
        ]
        note = self.meta if self.banner is None else f"{self.meta} {self.banner}"
        header = ("Question", "Answer", "Number", "", "In words")
        return table(self.title, header, rows, note=note).html


def _rest(one: Answer) -> str:
    """Number, what it is, and the sentence."""
    number = "" if one.number is None else f"{one.number} {one.label}. "
    return f"{number}{one.sentence}"


def correlation_screen(analysis: PairAnalysis, claims: Claims) -> FirstScreen:
    """How closely, changed lately, unusual today, hedge, next month.

    Parameters
    ----------
    analysis : PairAnalysis
        Of the pair.
    claims : Claims
        On it; changes, hedges and the choice of the forecast are answered as there.
    """
    facts = Facts(analysis)
    answers = (
        how_closely(facts),
        changed(facts, claims["C29"]),
        unusual(facts),
        can_hedge(facts, claims["C22b"]),
        next_month(facts, claims["C30"]),
    )
    lead = leading(facts)
    title = titles.correlation_title(facts.a, facts.b, answers)
    meta = titles.pair_meta(facts, "correlation", None if lead is None else lead[1].value)
    return FirstScreen(title, meta, titles.banner(facts), answers)


def comparison_screen(analysis: PairAnalysis, claims: Claims) -> FirstScreen:
    """Which did better, which fell deeper, which is riskier, what drives them apart, the gap."""
    facts = Facts(analysis)
    risk = riskier(facts, next((one for one in claims if one.id == "C32"), None))
    answers = (better(facts), deeper(facts), risk, apart(facts), stretched(facts))
    title = titles.comparison_title(facts.a, facts.b, answers)
    return FirstScreen(title, titles.pair_meta(facts, "comparison"), titles.banner(facts), answers)


def instrument_screen(analysis: InstrumentAnalysis) -> FirstScreen:
    """What it returned, how rough it is now, how bad it can get."""
    answers = tuple(one(analysis) for one in (what_return, how_rough, how_bad))
    name = analysis.instrument.name.removesuffix(" (embedded sample)")
    title = titles.instrument_title(analysis, name, answers)
    return FirstScreen(title, titles.instrument_meta(analysis), None, answers)
