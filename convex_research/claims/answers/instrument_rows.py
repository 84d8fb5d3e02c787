"""I4 to I9: rows of an instrument's page, each a question whose answer is a sentence."""

from __future__ import annotations

from operator import neg
from typing import TYPE_CHECKING

from convex_research.analysis.section import calendar_years
from convex_research.claims.answer import Answer
from convex_research.claims.answers.instrument import at_rest
from convex_research.claims.answers.words import dates, ranked, untested
from convex_research.claims.sentences import mapped, percent_ends, since
from convex_research.core import formatting as fmt
from convex_research.core.estimates import NotComputed
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis import InstrumentAnalysis
    from convex_research.core.estimates import Estimate

__all__ = ["instrument_row"]

_CHANGES = {
    "1d": "in a day",
    "1m": "in a month",
    "3m": "in three months",
    "1y": "in a year",
    "5y": "in five years",
}
_HEAVY = 4.0
"""Tail index below which a variance has none of its own."""


def instrument_row(analysis: InstrumentAnalysis, asked: str) -> Answer | None:
    """The answer to a question below the first screen.

    Parameters
    ----------
    analysis : InstrumentAnalysis
        Of the series.
    asked : {"I4", "I5", "I6", "I7", "I8", "I9", "I10"}
        Years, changes lately, falls, whether volatility is unusual, a bad day, extremes, source.

    Returns
    -------
    Answer or None
        None where there is nothing to say.

    Raises
    ------
    KeyError
        If there is no such question.
    """
    if asked not in _ROWS:
        raise KeyError(f"no question {asked!r}; there are {', '.join(_ROWS)}")
    return _ROWS[asked](analysis)


def _observed(
    ident: str, question: str, sentence: Sentence, keys: tuple[str, ...], note: str = ""
) -> Answer:
    """A row that tells facts: its sentence is the whole answer."""
    return Answer(
        id=ident,
        question=question,
        answer="observed",
        word="",
        range="observed",
        sentence=sentence,
        keys=keys,
        notes=(note,) if note else (),
    )


def _whole(analysis: InstrumentAnalysis, one: Estimate) -> str:
    """A change, of a price in whole per cent where that says enough."""
    if analysis.returns.is_price:
        return fmt.percent(one.value, 0 if abs(one.value) >= 0.01 else 1, plus=True)
    return fmt.value(one, plus=True)


def _plain(analysis: InstrumentAnalysis, one: Estimate) -> str:
    """The same without its sign."""
    return _whole(analysis, one).lstrip(f"+{fmt.MINUS}")


def _size(analysis: InstrumentAnalysis, one: Estimate) -> str:
    """A move without its sign."""
    if analysis.returns.is_price:
        return fmt.percent(abs(one.value), 1)
    return fmt.value(one).lstrip(fmt.MINUS)


def _years(analysis: InstrumentAnalysis) -> Answer | None:
    keys = {
        year: f"performance.calendar_year[{year}]"
        for year, _, partial in calendar_years(analysis.returns)
        if not partial
    }
    changes = {year: one for year, key in keys.items() if (one := analysis.estimate(key))}
    if not changes:
        return None
    best, worst = (pick(changes, key=lambda y: changes[y].value) for pick in (max, min))
    rose = sum(one.value > 0.0 for one in changes.values())
    way = "gained" if analysis.returns.is_price else "rose"
    plural = "s" if len(changes) > 1 else ""
    fields: dict[str, str | Quantity] = {
        "count": Quantity(f"{rose} of {len(changes)} full year{plural}"),
        "way": way,
        "best": Quantity(_whole(analysis, changes[best]), "", keys[best]),
        "worst": Quantity(_whole(analysis, changes[worst]), "", keys[worst]),
        "high": str(best),
        "low": str(worst),
    }
    words = "{count} {way}; best {best} in {high}, worst {worst} in {low}."
    if best == worst:
        words = "{count} {way}: {best} in {high}."
    return _observed("I4", "How did the years go?", Sentence(words, fields), (*keys.values(),))


def _lately(analysis: InstrumentAnalysis) -> Answer | None:
    known = [
        (key, words, one)
        for horizon, words in _CHANGES.items()
        for key in [f"performance.change[{horizon}]"]
        if (one := analysis.estimate(key)) is not None
    ]
    if not known:
        return None
    told = known[1:2] + known[3:4] if len(known) > 3 else known[-2:]
    fields: dict[str, str | Quantity] = {}
    parts = []
    for k, (key, words, one) in enumerate(told):
        fields[f"x{k}"] = Quantity(_whole(analysis, one), "", key)
        parts.append(f"{{x{k}}} {words}")
    below = analysis.estimate("performance.drawdown_last")
    said, keys = ", ".join(parts), [key for key, *_ in told]
    if below is not None:
        keys.append("performance.drawdown_last")
        said += "; at its highest" if below.value == 0.0 else "; {below} below its peak"
        fields["below"] = Quantity(_plain(analysis, below), "", "performance.drawdown_last")
    return _observed("I5", "How did it go lately?", Sentence(f"{said}.", fields), tuple(keys))


def _falls(analysis: InstrumentAnalysis) -> Answer | None:
    fields: dict[str, str | Quantity] = {}
    parts, keys = [], []
    for rank in (1, 2, 3):
        key = f"performance.drawdown[{rank}]"
        fall = analysis.estimate(key) if key in analysis else None
        if fall is None or fall.start is None:
            break
        keys.append(key)
        fields[f"x{rank}"] = Quantity(_whole(analysis, fall), "", key)
        back = analysis.estimate(f"performance.recovery[{rank}]")
        parts.append(f"{{x{rank}}} from {fall.start.year}{'' if back else ', not back yet'}")
    if not parts:
        return None
    question = "Which falls were deepest?" if len(parts) > 1 else "Which fall was deepest?"
    return _observed("I6", question, Sentence("; ".join(parts) + ".", fields), tuple(keys))


def _unusual(analysis: InstrumentAnalysis) -> Answer | None:
    window, period = analysis.config.rolling_window, fmt.PERIODS[analysis.returns.frequency]
    keys = (f"volatility.rolling_usual[{window}]", f"volatility.rolling_percentile[{window}]")
    usual, rank = map(analysis.estimate, keys)
    question = "Is its volatility unusual?"
    days = f"{window}-{period}"
    if usual is None or rank is None:
        missing = analysis[keys[1]]
        assert isinstance(missing, NotComputed)
        still = f"it has not moved for a whole {days} window" if at_rest(analysis) else missing
        return untested("I7", question, still, keys=keys)
    answer, word, found = ranked(usual, rank, f"{days} window", since(usual), ("calmer", "rougher"))
    shown = Quantity(fmt.value(usual), f"usual {fmt.ends(usual)}", keys[0])
    return Answer(
        id="I7",
        question=question,
        answer=answer,
        word=word,
        range="usual",
        sentence=Sentence(
            "{length} volatility is {now}. " + found.words,
            {**found.fields, "length": days, "now": shown},
        ),
        keys=keys,
        notes=("Usual: the middle of its own windows, a year’s rate. Observed, no test.",),
    )


def _bad_day(analysis: InstrumentAnalysis) -> Answer | None:
    keys = ("diagnostics.quantile[0.01]", "performance.worst", "diagnostics.quantile[0.99]")
    tail, worst, top = map(analysis.estimate, keys)
    if worst is None or worst.end is None:
        return None
    period, price = fmt.PERIODS[analysis.returns.frequency], analysis.returns.is_price
    fields: dict[str, str | Quantity] = {
        "period": period,
        "day": fmt.long_day(worst.end),
        "worst": Quantity(_size(analysis, worst), "", keys[1]),
    }
    falls, fell = ("loses", "lost") if price else ("falls by", "fell by")
    note, words = "", f"The worst, {{day}}, {fell} {{worst}}."
    if worst.value >= 0.0:
        words = "It never fell."
    elif tail is not None and tail.value < 0.0:
        loss = mapped(tail, neg)
        ends = percent_ends(loss, 1)[1:-1] if price else fmt.ends(loss)
        fields["tail"] = Quantity(_size(analysis, loss), ends, keys[0])
        words = f"One in 100 {falls} {{tail}} or more; the worst, {{day}}, {fell} {{worst}}."
        note = f"{tail.nobs:,} {period}s, {dates(tail)}; {tail.method}."
    if not price and top is not None and tail is not None and tail.value < 0.0 < top.value:
        fields["top"] = Quantity(_size(analysis, top), "", keys[2])
        words = "One in 100 falls by {tail} or more, one in 100 rises by {top} or more."
    question = f"How bad is a bad {period}?" if price else f"How large are a {period}’s moves?"
    return _observed("I8", question, Sentence(words, fields), keys, note)


def _extremes(analysis: InstrumentAnalysis) -> Answer | None:
    key = "diagnostics.tail_index"
    index = analysis.estimate(key)
    if index is None:
        return None
    heavy = index.high is not None and index.high < _HEAVY
    light = index.low is not None and index.low > _HEAVY
    period = fmt.PERIODS[analysis.returns.frequency]
    closing = f"below four: a few {period}s weigh heavily in its volatility" if heavy else ""
    closing = f"above four: no few {period}s carry its volatility" if light else closing
    return Answer(
        id="I9",
        question="Do a few moves make it rough?",
        answer="yes" if heavy else "no" if light else "open",
        word="Yes" if heavy else "No" if light else "Can’t tell",
        sentence=Sentence(
            "Tail index {x}, {closing}.",
            {
                "x": Quantity(fmt.value(index), fmt.ends(index), key),
                "closing": closing or "below or above four is open",
            },
        ),
        keys=(key,),
        notes=(f"{index.nobs:,} {period}s, {dates(index)}; {index.method}.",),
    )


def _source(analysis: InstrumentAnalysis) -> Answer:
    leg = analysis.returns.legs[0].series.provenance
    adjusted = f"; {leg.adjustment}" if leg.adjustment else ""
    fields: dict[str, str | Quantity] = {
        "provider": leg.provider[:1].upper() + leg.provider[1:],
        "rows": Quantity(f"{fmt.count(leg.rows)} rows"),
        "adjusted": adjusted,
        "dates": " to ".join(fmt.long_day(day) for day in (leg.start, leg.end) if day),
    }
    words = "{provider}, {rows}, {dates}{adjusted}."
    return _observed(
        "I10", "Where does it come from?", Sentence(words, fields), ("performance.last",)
    )


_ROWS: dict[str, Callable[[InstrumentAnalysis], Answer | None]] = {
    "I4": _years,
    "I5": _lately,
    "I6": _falls,
    "I7": _unusual,
    "I8": _bad_day,
    "I9": _extremes,
    "I10": _source,
}
