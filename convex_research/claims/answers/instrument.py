"""The three answers of an instrument's page: what it returned, how rough, how bad it can get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import dates, reasoned, untested
from convex_research.claims.sentences import Unit, in_words, written
from convex_research.core import formatting as fmt
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from datetime import date

    from convex_research.analysis import InstrumentAnalysis

__all__ = ["at_rest", "how_bad", "how_rough", "what_return"]

_RETURN = "What did it return?"
_STANDS = "Where does it stand?"
_ROUGH = "How rough is it now?"
_BAD = "How bad can it get?"
_FELL = "How far did it fall?"
_PARTS = (
    (0.90, "nine tenths"),
    (0.75, "three quarters"),
    (0.667, "two thirds"),
    (0.50, "half"),
    (0.333, "a third"),
    (0.25, "a quarter"),
    (0.20, "a fifth"),
    (0.10, "a tenth"),
)
_YEARLY = Unit(100.0, 1, " %", limits=(0.0,))
_RARE = 0.12  # of days: told as one in so many
_NEAR = 0.02  # as good as the part itself


def _since(one: Estimate) -> str:
    return f"since {one.start.year}" if one.start else ""


def _span(analysis: InstrumentAnalysis, nobs: int) -> str:
    returns = analysis.returns
    period = fmt.PERIODS[returns.frequency]
    year = abs(nobs / returns.periods_per_year - 1.0) <= 0.02
    return "past year" if year else f"last {nobs:,} {period}s"


def _notes(analysis: InstrumentAnalysis, one: Estimate) -> tuple[str, ...]:
    period = fmt.PERIODS[analysis.returns.frequency]
    return (f"{one.nobs:,} {period}s, {dates(one)}; {one.method}.",)


def what_return(analysis: InstrumentAnalysis) -> Answer:
    """Growth a year; of what is no price, its level among all before."""
    if not analysis.returns.is_price:
        return _stands(analysis)
    key = "performance.cagr"
    grown = analysis[key]
    if not isinstance(grown, Estimate):
        return untested("I1", _RETURN, grown if isinstance(grown, NotComputed) else "too short")
    levels, returns = analysis.returns.levels, analysis.returns
    first = returns.level_day(0)
    word = "It gained" if grown.value > 0.0 else "It lost"
    return Answer(
        id="I1",
        question=_RETURN,
        answer=word,
        word=word,
        number=Quantity(fmt.figure(grown, plus=True), fmt.ends(grown), key),
        label=f"a year, since {first.year}",
        window=f"since {first.year}",
        sentence=Sentence(
            "100 of {month} became {grown}.",
            {
                "month": f"{first:%B %Y}",
                "grown": Quantity(fmt.number(100.0 * levels[-1] / levels[0], 0), "", key),
            },
        ),
        keys=(key,),
        notes=_notes(analysis, grown),
    )


def _stands(analysis: InstrumentAnalysis) -> Answer:
    last = analysis["performance.last"]
    assert isinstance(last, Estimate)
    key, found = "performance.last_usual", analysis.estimate("performance.last_usual")
    rank = analysis.estimate("performance.last_percentile")
    day = fmt.long_day(analysis.returns.level_day(-1))
    shown = Quantity(f"{fmt.value(last)}{_unit(analysis, last)}", "", "performance.last")
    if found is None or rank is None:
        return Answer(
            id="I1",
            question=_STANDS,
            answer="open",
            word="Too short to compare",
            number=shown,
            label=day,
            window=day,
            range="observed",
            sentence=reasoned("too few days to say what is usual"),
            keys=("performance.last",),
        )
    share = rank.value / 100.0
    word = "As usual" if found.covers(found.value) else "Low" if share < 0.5 else "High"
    way, beyond = ("lower", share) if share <= 0.5 else ("higher", 1.0 - share)
    often = f"{fmt.percent(beyond, 0)} of days"
    if beyond < _RARE:
        often = f"One day in {in_words(round(1.0 / beyond))}" if beyond else "No day"
    return Answer(
        id="I1",
        question=_STANDS,
        answer=word,
        word=word,
        number=shown._replace(ends=fmt.ends(found)),
        label=day,
        window=day,
        range="usual",
        sentence=Sentence(
            "{often} {since} {were} {way}.",
            {
                "often": often,
                "since": _since(found),
                "were": "were" if often.endswith("days") else "was",
                "way": way,
            },
        ),
        keys=("performance.last", key),
        notes=_notes(analysis, found),
    )


def _unit(analysis: InstrumentAnalysis, last: Estimate) -> str:
    """The unit of a level where its number does not carry it."""
    unit = analysis.instrument.unit
    if not unit or fmt.suffix(last):
        return ""
    return "\N{NARROW NO-BREAK SPACE}%" if unit == "percent" else f" {unit}"


def at_rest(analysis: InstrumentAnalysis) -> date | None:
    """Since when it has stood still, if that is as long as the rolling window."""
    returns = analysis.returns
    moved = np.flatnonzero(returns.values)
    still = returns.nobs - 1 - int(moved[-1]) if moved.size else returns.nobs
    if still < analysis.config.rolling_window:
        return None
    return returns.level_day(returns.nobs - still)


def how_rough(analysis: InstrumentAnalysis) -> Answer:
    """Volatility over the past year against that of the whole sample."""
    year = f"volatility.annual[{analysis.config.year}]"
    key = year if analysis.estimate(year) is not None else "volatility.annual[all]"
    now, whole = analysis.estimate(key), analysis.estimate("volatility.annual[all]")
    if now is None or whole is None:
        reason = analysis["volatility.annual[all]"]
        return untested("I2", _ROUGH, reason if isinstance(reason, NotComputed) else "too short")
    word, window = "About as usual", _since(now)
    if key == year:
        window = _span(analysis, now.nobs)
        if now.high is not None and now.high < whole.value:
            word = "Calm"
        elif now.low is not None and now.low > whole.value:
            word = "Rough"
    else:
        word = "Too short to compare"
    still = at_rest(analysis)
    if still is not None:
        word = "At rest"
    ahead = analysis.estimate("volatility.garch_next")
    fields: dict[str, str | Quantity] = {
        "since": _since(whole).capitalize(),
        "whole": Quantity(_annual(whole), "", "volatility.annual[all]"),
    }
    words = "{since}: {whole}" if key == year else "There is no longer record to compare it with"
    if still is not None:
        words = f"{words}; it has not moved since {{still}}"
        fields["still"] = fmt.long_day(still)
    elif ahead is not None:
        words = f"{words}; {{when}} forecast, {{ahead}} a year"
        daily = analysis.returns.frequency == "daily"
        fields["when"] = "tomorrow’s" if daily else "the next"
        fields["ahead"] = Quantity(_annual(ahead), "", "volatility.garch_next")
    return Answer(
        id="I2",
        question=_ROUGH,
        answer=word,
        word=word,
        number=Quantity(_annual(now), _ends(now), key),
        label=f"volatility a year, {window}",
        window=window,
        sentence=Sentence(f"{words}.", fields),
        keys=(key, "volatility.annual[all]", "volatility.garch_next"),
        notes=(
            *_notes(analysis, now),
            "Calm or rough where the whole interval lies below or above the long record.",
        ),
    )


def _annual(one: Estimate) -> str:
    if one.unit != "decimal":
        return fmt.value(one)
    return written(one.value, _YEARLY)


def _ends(one: Estimate) -> str:
    if one.unit != "decimal" or one.low is None or one.high is None:
        return fmt.ends(one)
    return fmt.span_of(*(fmt.percent(end, 1) for end in (one.low, one.high)))


def how_bad(analysis: InstrumentAnalysis) -> Answer:
    """The deepest fall from a peak, and what one day in a hundred loses; observed."""
    key = "performance.max_drawdown"
    fall = analysis[key]
    if not isinstance(fall, Estimate):
        return untested("I3", _BAD, fall if isinstance(fall, NotComputed) else "nothing is known")
    assert fall.start is not None
    assert fall.end is not None
    price = analysis.returns.is_price
    window = " to ".join(dict.fromkeys((str(fall.start.year), str(fall.end.year))))
    word = _part(-fall.value) if price else window
    back = analysis.estimate("performance.recovery[1]")
    tail = analysis.estimate("diagnostics.quantile[0.01]")
    fields: dict[str, str | Quantity] = {"period": fmt.PERIODS[analysis.returns.frequency]}
    words = "Not back yet"
    if back is not None:
        words = "Back after {days} days"
        fields["days"] = Quantity(fmt.count(round(back.value)), "", "performance.recovery[1]")
    if tail is not None and tail.value < 0.0:
        words += f"; one {{period}} in 100 {'loses' if price else 'falls by'} {{tail}} or more"
        loss = fmt.percent(-tail.value, 1) if price else fmt.value(tail).lstrip(fmt.MINUS)
        fields["tail"] = Quantity(loss, "", "diagnostics.quantile[0.01]")
    return Answer(
        id="I3",
        question=_BAD if price else _FELL,
        answer=word,
        word=word,
        number=Quantity(fmt.percent(fall.value, 0) if price else fmt.value(fall), "", key),
        label=f"worst fall, {window}, observed" if price else "deepest fall, observed",
        window=window if price else "",
        range="observed",
        sentence=Sentence(f"{words}.", fields),
        keys=(key, "performance.recovery[1]", "diagnostics.quantile[0.01]"),
        notes=(f"From its peak to its low {dates(fall)}. Observed, no test.",),
    )


def _part(depth: float) -> str:
    for part, words in _PARTS:
        if depth >= part - _NEAR:
            return f"Down by {'over ' if depth > part + _NEAR else ''}{words}"
    return "Down by less than a tenth"
