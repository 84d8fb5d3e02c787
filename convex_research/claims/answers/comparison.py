"""The five answers of the comparison page: better, deeper, riskier, apart, stretched."""

from __future__ import annotations

from operator import neg
from typing import TYPE_CHECKING, NamedTuple

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import (
    EXACTLY,
    clock_reason,
    dates,
    method_of,
    past,
    ranked,
    untested,
    whole,
)
from convex_research.claims.claim import ANSWER_WORDS
from convex_research.claims.sentences import (
    CHANGE,
    POINTS,
    SHARE,
    TIMES,
    R,
    Unit,
    mapped,
    pvalue,
    quantity,
    since,
    written,
)
from convex_research.core import formatting as fmt
from convex_research.core.estimates import NotComputed
from convex_research.core.flags import Flag
from convex_research.core.sentences import Quantity, Sentence
from convex_research.statistics.dependence.side_by_side import riskier as which_is_riskier

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate, Result

__all__ = ["BETTER", "RISKIER", "apart", "better", "deeper", "riskier", "stretched"]

BETTER = "Which did better?"
RISKIER = "Which is riskier?"
_DEEPER = "Which fell deeper?"
_APART = "What drives them apart?"
_STRETCHED = "Is the gap stretched?"
_OPEN = ANSWER_WORDS["open"]
_RANKED = 503  # the first of 252 ratios to be ranked has as many before it
_PERCENT = Unit(100.0, 1, " %")
_GROWTH = POINTS._replace(suffix="", decimals=1)
_SIGMAS = CHANGE._replace(decimals=1)


class _Leg(NamedTuple):
    """A leg with its letter in keys."""

    letter: str
    name: str


def _legs(facts: Facts) -> tuple[_Leg, _Leg]:
    return _Leg("a", facts.a), _Leg("b", facts.b)


def _no_prices(facts: Facts, result: Result) -> str | Result:
    """Why there is no answer, in words of what the legs are."""
    if Flag.EXACT in facts.analysis.flags:
        return EXACTLY
    if not isinstance(result, NotComputed):
        return "nothing is known of it"
    if "price" not in facts.kinds:
        return "neither is a price that could be held"
    for who, kind in zip((facts.a, facts.b), facts.kinds, strict=True):
        if kind != "price":
            return f"{who} is not a price that could be held"
    return result


def _no_unit(facts: Facts, result: Result) -> str | Result:
    """The same of what needs moves in one unit."""
    if not facts.one_unit:
        return "their moves have no unit in common"
    return EXACTLY if Flag.EXACT in facts.analysis.flags else result


def better(facts: Facts) -> Answer:
    """N3: growth a year of one less that of the other."""
    key = "performance.gap"
    found = facts.estimates(key, "performance.cagr_a", "performance.cagr_b")
    if not isinstance(found, tuple):
        return untested("N3", BETTER, _no_prices(facts, facts.missing(key)))
    gap, *grown = found
    legs = _legs(facts)
    if gap.value < 0.0:
        gap, legs, grown = mapped(gap, neg), legs[::-1], grown[::-1]
    first, second = legs
    shown = gap.low is None or gap.low > 0.0
    places = _agreeing(gap.value, grown[0].value, grown[1].value)
    parts = [written(one.value, _PERCENT, places) for one in grown]
    window = whole(facts, gap)
    word = first.name if shown else _OPEN
    test = facts.test("performance.gap_test")
    return Answer(
        id="N3",
        question=BETTER,
        answer=word if shown else "open",
        word=word,
        number=quantity(gap, _GROWTH._replace(decimals=places), key, null=0.0),
        label=f"points a year, {first.name} less {second.name}, {window}",
        window=window,
        sentence=Sentence(
            "{first} {grown} a year, {second} {other}: {closing}.",
            {
                "first": first.name,
                "second": second.name,
                "grown": Quantity(parts[0], "", f"performance.cagr_{first.letter}"),
                "other": Quantity(parts[1], "", f"performance.cagr_{second.letter}"),
                "closing": "more than chance" if shown else "too close to tell",
            },
        ),
        keys=(key, "performance.cagr_a", "performance.cagr_b"),
        notes=(
            method_of(facts, gap),
            *((f"That both grow alike: {pvalue(test)}.",) if test is not None else ()),
        ),
    )


def _agreeing(gap: float, minuend: float, subtrahend: float) -> int:
    """Decimals of per cent at which a difference is that of its parts as shown."""
    for places in (1, 2):
        parts = round(100.0 * minuend, places) - round(100.0 * subtrahend, places)
        if abs(parts - round(100.0 * gap, places)) < 0.5 * 10.0**-places:
            return places
    return 2


def deeper(facts: Facts) -> Answer:
    """N4: the deepest fall of each from a peak, and when it was back; observed."""
    keys = ("performance.max_drawdown_a", "performance.max_drawdown_b")
    found = facts.estimates(*keys)
    if not isinstance(found, tuple):
        return untested("N4", _DEEPER, _no_prices(facts, facts.missing(*keys)))
    order = sorted(zip(found, _legs(facts), strict=True), key=lambda one: one[0].value)
    (fall, first), (other, second) = order
    deep, shallow = (fmt.percent(one.value, 0) for one in (fall, other))
    if deep == shallow:
        deep, shallow = (fmt.percent(one.value, 1) for one in (fall, other))
    assert fall.start is not None
    assert fall.end is not None
    years = dict.fromkeys((str(fall.start.year), str(fall.end.year)))
    window = " to ".join(years)
    alike = fall.value == other.value
    return Answer(
        id="N4",
        question=_DEEPER,
        answer="Alike" if alike else first.name,
        word="Alike" if alike else first.name,
        number=Quantity(deep, f"{second.name} {shallow}", keys[0 if first.letter == "a" else 1]),
        label=f"worst fall, {window}, observed",
        window=window,
        range="observed",
        sentence=_recoveries(facts, first, second),
        keys=(*keys, "performance.recovery_a", "performance.recovery_b"),
        notes=tuple(
            f"{leg.name}: from its peak to its low {dates(one)}. Closes, observed, no test."
            for one, leg in order
        ),
    )


def _recoveries(facts: Facts, first: _Leg, second: _Leg) -> Sentence:
    """When each was back at its peak."""
    legs = (first, second)
    keys = [f"performance.recovery_{leg.letter}" for leg in legs]
    back = [None if (one := facts.estimate(key)) is None else one.end for key in keys]
    fields: dict[str, str | Quantity] = {"first": first.name, "second": second.name}
    for name, day in zip(("there", "then"), back, strict=True):
        fields[name] = "" if day is None else f"{day:%B %Y}"
    if back[0] is None and back[1] is None:
        return Sentence("Neither is back at its peak yet.", fields)
    if back[0] is None:
        return Sentence("{first} is not back yet; {second} was in {then}.", fields)
    if back[1] is None:
        return Sentence("But {first} was back in {there}; {second} is not yet.", fields)
    if back[0] < back[1]:
        return Sentence("But {first} was back in {there}, {second} only in {then}.", fields)
    if fields["there"] == fields["then"]:
        return Sentence("Both were back in {there}.", fields)
    return Sentence("{first} was back only in {there}, {second} in {then}.", fields)


def riskier(facts: Facts, claim: Claim | None) -> Answer:
    """N5: the ratio of volatilities, over the past year; C32 answers where it tests the same."""
    year = str(facts.year)
    window = year if facts.estimate(f"volatility.ratio[{year}]") is not None else "all"
    key = f"volatility.ratio[{window}]"
    ratio = facts.estimate(key)
    each = facts.estimates(f"volatility.annual_a[{window}]", f"volatility.annual_b[{window}]")
    if ratio is None or not isinstance(each, tuple):
        return untested("N5", RISKIER, _no_unit(facts, facts.missing(key)))
    legs = _legs(facts)
    if ratio.value < 1.0:
        ratio, legs, each = mapped(ratio, lambda x: 1.0 / x), legs[::-1], each[::-1]
    first, second = legs
    answer = first.name if ratio.low is None or ratio.low > 1.0 else "open"
    if claim is not None and key in claim.evidence and claim.answer in {"no", "open"}:
        answer = "Alike" if claim.answer == "no" else "open"
    closing = {"open": ": too close to tell", "Alike": ": alike"}.get(answer, "")
    if answer == "open" and claim is not None and claim.changed_by:
        closing = ": further runs differ"
    words = past(facts, ratio.nobs) if window != "all" else whole(facts, ratio)
    long = facts.estimate("volatility.ratio[all]")
    note = ""
    if long is not None and window != "all":
        oriented = long if first.letter == "a" else mapped(long, lambda x: 1.0 / x)
        note = f"{since(long).capitalize()} {quantity(oriented, TIMES)}."
    return Answer(
        id="N5",
        question=RISKIER,
        answer=answer,
        word=_OPEN if answer == "open" else answer,
        number=quantity(ratio, TIMES._replace(suffix="×"), key, null=1.0),
        label=f"{_own(first.name)} volatility over {_own(second.name)}, {words}",
        window=words,
        sentence=Sentence(
            "{first} {one} a year, {second} {two}{closing}.",
            {
                "first": first.name,
                "second": second.name,
                "one": _annual(each[0], f"volatility.annual_{first.letter}[{window}]"),
                "two": _annual(each[1], f"volatility.annual_{second.letter}[{window}]"),
                "closing": closing,
            },
        ),
        keys=(key, f"volatility.annual_a[{window}]", f"volatility.annual_b[{window}]"),
        notes=(method_of(facts, ratio), *((note,) if note else ())),
    )


def _own(name: str) -> str:
    return f"{name}’" if name.endswith("s") else f"{name}’s"


def _annual(volatility: Estimate, key: str) -> Quantity:
    text = (
        written(volatility.value, _PERCENT)
        if volatility.unit == "decimal"
        else fmt.value(volatility)
    )
    return Quantity(text, "", key)


def apart(facts: Facts) -> Answer:
    """N6: what of the gap between them is the riskier leg's own."""
    window = "252" if facts.estimate("spread.own_share[252]") is not None else "all"
    key = f"spread.own_share[{window}]"
    share = facts.estimate(key)
    test = facts.test(f"spread.own_share_test[{window}]")
    if facts.clock is not None:
        return untested("N6", _APART, f"daily closes cannot show it: {clock_reason(facts)}")
    if share is None or test is None:
        return untested("N6", _APART, _no_unit(facts, facts.missing(key)))
    returns = facts.analysis.returns
    bolder = which_is_riskier(returns.a[-share.nobs :], returns.b[-share.nobs :])
    beta = f"regression.beta{'' if bolder == 'a' else '_reverse'}[{window}]"
    slope = facts.estimate(beta)
    if slope is None:
        return untested("N6", _APART, facts.missing(beta))
    first = next(leg for leg in _legs(facts) if leg.letter == bolder)
    words = past(facts, share.nobs) if window != "all" else whole(facts, share)
    other = next(leg for leg in _legs(facts) if leg.letter != bolder)
    answer = word = f"{first.name} itself"
    sentence = "{first} moves on its own; its slope, {slope}, makes only {rest} of the gap."
    if share.covers(0.5):
        answer, word = "open", _OPEN
        sentence = "{first} moves on its own; its slope, {slope}, makes {rest} of the gap."
    elif share.value < 0.5:
        answer = word = "Their slopes"
        sentence = "The slope of {first} on {other}, {slope}, makes {rest} of the gap."
    rest = Quantity(written(1.0 - share.value, SHARE), "", key)
    return Answer(
        id="N6",
        question=_APART,
        answer=answer,
        word=word,
        number=quantity(share, SHARE, key),
        label=f"of the gap’s variance is {_own(first.name)} own, {words}",
        window=words,
        sentence=Sentence(
            sentence,
            {
                "first": first.name,
                "other": other.name,
                "rest": rest,
                "slope": Quantity(written(slope.value, R._replace(plus=False)), "", beta),
            },
        ),
        keys=(key, beta),
        notes=(method_of(facts, share), f"Half of it: {pvalue(test)}."),
    )


def stretched(facts: Facts) -> Answer:
    """N7: how far the price ratio is from its own average, among all days."""
    key = "spread.zscore_usual"
    if facts.clock is not None:
        return untested("N7", _STRETCHED, clock_reason(facts))
    found = facts.estimates(key, "spread.zscore_percentile")
    if not isinstance(found, tuple):
        why = _no_prices(facts, facts.missing(key))
        nobs = facts.analysis.returns.nobs
        if facts.two_prices and nobs < _RANKED:
            why = f"needs {_RANKED} {facts.period}s, there are {nobs}"
        return untested("N7", _STRETCHED, why)
    usual, rank = found
    answer, word, sentence = ranked(usual, rank, facts.period, since(usual))
    label = f"SD, {_now(facts)} from its {_length(facts)} average"
    return Answer(
        id="N7",
        question=_STRETCHED,
        answer=answer,
        word=word,
        number=quantity(usual, _SIGMAS, key),
        label=label,
        window=_now(facts),
        range="usual",
        sentence=sentence,
        keys=(key, "spread.zscore_percentile"),
        notes=(
            (
                f"Log of {facts.a} over {facts.b} from the mean of 252 {facts.period}s in their "
                f"standard deviations; {usual.nobs:,} {facts.period}s {since(usual)}. Observed."
            ),
        ),
    )


def _now(facts: Facts) -> str:
    return "today" if facts.frequency == "daily" else f"this {facts.period}"


def _length(facts: Facts) -> str:
    length = facts.span(252, letters=False)
    return "one-year" if length == "year" else length.replace(" ", "-").removesuffix("s")
