"""Titles that are findings, the line under them, and what must be known before any number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.flags import TWINS
from convex_research.catalogue.symbols import EMBEDDED
from convex_research.claims.answers.instrument import at_rest
from convex_research.claims.answers.link import NO_LINK
from convex_research.claims.answers.words import clock_reason
from convex_research.claims.sentences import R, quantity, written
from convex_research.claims.strength import sizes
from convex_research.core import formatting as fmt
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.analysis import InstrumentAnalysis
    from convex_research.claims.answer import Answer
    from convex_research.claims.facts import Facts
    from convex_research.core.config import ReturnKind
    from convex_research.core.estimates import Estimate
    from convex_research.returns import Sample

__all__ = [
    "banner",
    "comparison_title",
    "correlation_title",
    "instrument_meta",
    "instrument_title",
    "line",
    "pair_meta",
]

_CHANGES = {
    "closer": "more closely lately",
    "looser": "less closely lately",
    "no": "no recent change",
    "open": "no clear recent change",
}


def correlation_title(a: str, b: str, answers: Sequence[Answer]) -> str:
    """How closely two legs move, and whether that has changed lately.

    Parameters
    ----------
    a, b : str
        Names of the legs.
    answers : sequence of Answer
        The first two are told.
    """
    link, change = answers[:2]
    lately = _CHANGES.get(change.way or change.answer, "")
    if link.answer == "untested":
        return f"{a} and {b}: too short to tell how they move"
    if link.word == NO_LINK:
        return f"{a} and {b}: no clear link" + (f", and {lately}" if lately else "")
    return f"{a} and {b} {_moves(link.word)}" + (f"; {lately}" if lately else "")


def _moves(word: str) -> str:
    """The word of the first answer as a verb."""
    size, _, against = (word[0].lower() + word[1:]).partition(", ")
    if "step" in size or size.endswith("each other"):
        return f"move {size}"
    together = against or "together"
    return f"{size} move {together}" if size == "hardly" else f"move {size} {together}"


def comparison_title(a: str, b: str, answers: Sequence[Answer]) -> str:
    """Which of two legs is riskier and which did better."""
    better, fell, risk = answers[:3]
    if fell.answer == "Alike":
        return f"{a} and {b} do the same"
    did = {"open": "no clear difference in return", "untested": ""}
    result = did.get(better.answer, f"{better.answer} did better")
    if risk.answer == "untested":
        return f"{a} and {b}: {result or 'no scale to compare them on'}"
    if risk.answer in {"open", "Alike"}:
        if better.answer == "open":
            return f"{a} and {b}: no clear difference in risk or return"
        return f"{a} and {b}: {f'{result}; ' if result else ''}no clear difference in risk"
    assert risk.number is not None
    other = b if risk.answer == a else a
    times = risk.number.text.replace("×", " times")
    lately = f" in the {risk.window}" if risk.window.startswith("past") else ""
    swings = f"{risk.answer} swings {times} as far as {other}{lately}"
    return f"{swings}; {result}" if result else swings


_OVER = {"1y": "a year", "3m": "three months", "1m": "a month"}


def instrument_title(analysis: InstrumentAnalysis, name: str, answers: Sequence[Answer]) -> str:
    """How rough an instrument is, and what it did in a year or as long as there is."""
    if (still := at_rest(analysis)) is not None:
        return f"{name} has not moved since {fmt.long_day(still)}"
    now = {"Calm": "is calm", "Rough": "is rough", "About as usual": "swings about as usual"}
    rough = now.get(answers[1].word, "")
    known = ((words, analysis.estimate(f"performance.change[{h}]")) for h, words in _OVER.items())
    over, change = next(((words, one) for words, one in known if one is not None), ("", None))
    if change is None:
        return f"{name} {rough}" if rough else name
    price = analysis.returns.is_price
    up, down = ("gain", "loss") if price else ("rise", "fall")
    size = fmt.percent(abs(change.value), 0) if price else fmt.value(change).lstrip(fmt.MINUS)
    did = f"a {up if change.value >= 0.0 else down} of {size} in {over}"
    return f"{name} {rough}, after {did}" if rough else f"{name}: {did}"


def _observed(unit: str, kind: ReturnKind) -> str:
    """What one observation of a leg is."""
    if unit == "decimal":
        return "log returns" if kind == "log" else "returns"
    return _UNITS.get(unit, f"changes in {unit}")


_UNITS = {"points": "changes in points", "bp": "changes in basis points"}


def _sampled(returns: Sample, period: str) -> str:
    first, last = fmt.long_day(returns.day(0)), fmt.long_day(returns.day(-1))
    words = f"{returns.nobs:,} {period}s from {first} to {last}."
    if any(leg.series.provenance.provider in EMBEDDED for leg in returns.legs):
        words += " Embedded sample, not current."
    return words


def pair_meta(facts: Facts, kind: str, r: float | None = None) -> str:
    """The sample in a line, and how its number is read.

    Parameters
    ----------
    facts : Facts
        The pair.
    kind : {"correlation", "comparison"}
        Which page.
    r : float, optional
        The correlation that leads.
    """
    returns = facts.analysis.returns
    of = [_observed(unit, returns.kind) for unit in facts.units]
    moves = of[0] if of[0] == of[1] else f"{of[0]} of {facts.a} against {of[1]} of {facts.b}"
    sample = f"{facts.frequency.capitalize()} {moves}, {_sampled(returns, facts.period)}"
    if kind == "comparison":
        if not facts.one_unit:
            return sample
        return f"{sample} The gap is the return of {facts.a} less that of {facts.b}."
    if facts.twins:
        return f"{sample} The questions are asked of the gap between them."
    if r is not None and r < 0.0:
        return f"{sample} r below 0: one rises as the other falls."
    return f"{sample} r runs from {fmt.MINUS}1 (opposite) over 0 (no link) to +1 (in step)."


def instrument_meta(analysis: InstrumentAnalysis) -> str:
    """The sample of an instrument in a line."""
    returns = analysis.returns
    moves = _observed(returns.unit, returns.kind)
    about = f"{analysis.instrument.about} " if analysis.instrument.about else ""
    period = fmt.PERIODS[returns.frequency]
    return f"{about}{returns.frequency.capitalize()} {moves}, {_sampled(returns, period)}"


def banner(facts: Facts) -> Sentence | None:
    """Why daily r is not what it seems, where it is not."""
    if facts.clock is None:
        return None
    why = clock_reason(facts, start=True)
    wide = facts.estimate("correlation.synchronised[all]")
    daily = facts.estimate("correlation.pearson[all]")
    if wide is None or wide.low is None or daily is None:
        return Sentence("{why}. Daily r is too low: read the weekly one.", {"why": why})
    low = " understates it" if abs(daily.value) < abs(wide.value) else " counts one day alone"
    return Sentence(
        "{why}. Read r with a day’s leeway, {wide}; the same-date {daily}{low}.",
        {
            "why": why,
            "low": low,
            "wide": quantity(wide, R, "correlation.synchronised[all]"),
            "daily": Quantity(written(daily.value, R), "", "correlation.pearson[all]"),
        },
    )


def line(r: Estimate | None, change: str) -> str:
    """A pair in a line of an index.

    Parameters
    ----------
    r : Estimate, optional
        The correlation that leads, with its interval.
    change : str
        ``closer lately``, ``perhaps closer lately``, ``no clear change``.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> line(Estimate(value=0.77, low=0.70, high=0.85, confidence_level=0.95, method="jackknife",
    ...               nobs=252), "no clear change")
    'Strong to very strong link; no clear change.'
    """
    if r is None:
        return f"Too short to tell; {change}."
    if r.value > TWINS:
        return f"In step; {change}."
    if r.covers(0.0):
        return f"{NO_LINK}; {change}."
    size = " to ".join(dict.fromkeys(sizes(r))).capitalize()
    against = ", against each other" if r.value < 0.0 else ""
    return f"{size} link{against}; {change}."
