"""N8 to N12: rows of the comparison that are no claims: risk grown, capture, leads, years, falls.

Tested ones are judged with the claims of the page, under one error control.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import clock_reason, method_of, past, untested, whole
from convex_research.claims.claim import answer_of, word_of
from convex_research.claims.facts import Facts
from convex_research.claims.sentences import (
    SHARE,
    TIMES,
    mapped,
    pvalue,
    quantity,
    reach,
    since,
    sized,
    written,
)
from convex_research.claims.verdict import Pvalues, controlled, size_of
from convex_research.core.estimates import NotComputed
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.analysis import PairAnalysis
    from convex_research.claims.claim import Claims, Verdict
    from convex_research.core.estimates import Estimate

__all__ = ["comparison_rows"]

_RISK_GROWN = math.log(1.10)
"""A tenth more or less of the ratio of volatilities."""
_CAPTURE = 0.05
"""Five hundredths of the other leg's move."""
_POINTS = SHARE._replace(suffix=" points", limits=())
_FACTOR = TIMES._replace(suffix="")


def comparison_rows(analysis: PairAnalysis, claims: Claims) -> tuple[Answer, ...]:
    """Who led lately, most years won, time under water, risk grown, lost less than gained.

    Parameters
    ----------
    analysis : PairAnalysis
        Of the pair.
    claims : Claims
        On it: p-values of the rows join theirs.
    """
    facts = Facts(analysis)
    rows = (_led_lately(facts), _years_won(facts), _under_water(facts), _grown(facts), _less(facts))
    tested = [row for row in rows if isinstance(row, _Tested)]
    family = [claim.pvalues for claim in claims if claim.pvalues is not None]
    family += [row.pvalues for row in tested]
    own = dict(zip((row.id for row in tested), controlled(family)[-len(tested) :], strict=False))
    return tuple(
        row.answer(own[row.id].nearer if own[row.id].discovered else "inconclusive")
        if isinstance(row, _Tested)
        else row
        for row in rows
    )


class _Tested(NamedTuple):
    """A row whose answer error control decides.

    Parameters
    ----------
    effect : Estimate
        Above zero where the question is answered with yes.
    margin : float
        Smallest effect that matters.
    words : mapping of str to str
        Sentences by answer; "against" for an effect on the other side.
    """

    id: str
    question: str
    effect: Estimate
    margin: float
    pvalues: Pvalues
    words: Mapping[str, str]
    fields: Mapping[str, str | Quantity]
    keys: tuple[str, ...]
    notes: tuple[str, ...]
    window: str
    reach: str = ""

    def answer(self, verdict: Verdict) -> Answer:
        """The row with the answer that a verdict on its effect gives."""
        size = size_of(self.effect, self.margin) if verdict == "supported" else None
        against = verdict == "supported" and self.effect.value < 0.0
        code = answer_of(verdict, "supported", size, contrary=against)
        said = self.words.get("against" if against else code, self.words["yes"])
        return Answer(
            id=self.id,
            question=self.question,
            answer=code,
            word=word_of(code, size),
            window=self.window,
            sentence=Sentence(said, self.fields),
            keys=self.keys,
            notes=(*self.notes, self.reach) if code == "open" and self.reach else self.notes,
        )


def _grown(facts: Facts) -> Answer | _Tested:
    """N8: whether the riskier leg's volatility has grown against the other's."""
    question, year = "Has the difference in risk grown?", facts.year
    keys = (f"volatility.ratio[{year}]", f"volatility.ratio_change[{year}]")
    found, test = facts.estimates(*keys), facts.test(f"volatility.ratio_change_test[{year}]")
    if isinstance(found, NotComputed) or test is None:
        return untested("N8", question, facts.missing(*keys), keys=keys)
    riskier, other, turn = facts.a, facts.b, 1.0
    if found[0].value < 1.0:
        riskier, other, turn = facts.b, facts.a, -1.0
    ratio, change = (mapped(one, lambda x: x**turn) for one in found)
    effect, before = mapped(change, math.log), ratio.value / change.value
    shown = quantity(ratio, TIMES, keys[0], null=1.0)
    said = "{riskier}'s volatility was {x} {other}'s in the {past}, {before} in the {span} before"
    return _Tested(
        id="N8",
        question=question,
        effect=effect,
        margin=_RISK_GROWN,
        pvalues=Pvalues.of_change(effect, _RISK_GROWN, test.pvalue),
        words={
            "yes": f"{said}.",
            "slightly": f"{said}: less than the tenth that matters.",
            "against": f"It has shrunk: {said}.",
            "no": f"{said}: the same within a tenth.",
        },
        fields={
            "riskier": riskier,
            "other": other,
            "x": shown,
            "before": Quantity(written(before, TIMES), "", keys[1]),
            "past": past(facts, year),
            "span": facts.span(change.nobs - year),
        },
        keys=(*keys, f"volatility.ratio_change_test[{year}]"),
        notes=(
            method_of(facts, found[1]),
            f"Changed by a factor of {quantity(change, _FACTOR, null=1.0)}, {pvalue(test)}.",
        ),
        window=past(facts, year),
        reach=reach(effect, 0.0, "factor", lambda x: written(math.exp(x), _FACTOR), tails=2),
    )


def _less(facts: Facts) -> Answer | _Tested:
    """N9: whether A makes more of B's rises than of its falls."""
    question = f"Does {facts.a} lose less than it gains?"
    keys = tuple(f"performance.capture_{what}" for what in ("up", "down", "gap"))
    if facts.clock is not None:
        return untested("N9", question, clock_reason(facts), keys=keys)
    found, test = facts.estimates(*keys), facts.test("performance.capture_gap_test")
    if isinstance(found, NotComputed) or test is None:
        return untested("N9", question, facts.missing(*keys), keys=keys)
    up, down, gap = found
    if up.value < 0.0 or down.value < 0.0:
        return untested("N9", question, "the two move against each other", keys=keys)
    said = "It makes {x} of {b}'s rise on its up {period}s {since} and {y} of its fall on down ones"
    return _Tested(
        id="N9",
        question=question,
        effect=gap,
        margin=_CAPTURE,
        pvalues=Pvalues.of_change(gap, _CAPTURE, test.pvalue),
        words={
            "yes": said.replace("and {y}", "and only {y}") + ".",
            "slightly": f"{said}: too little to matter.",
            "against": f"{said}.",
            "no": f"{said}: alike.",
            "open": f"{said}.",
        },
        fields={
            "b": facts.b,
            "period": facts.period,
            "since": since(gap),
            "x": quantity(up, SHARE, keys[0]),
            "y": Quantity(written(down.value, SHARE), "", keys[1]),
        },
        keys=(*keys, "performance.capture_gap_test"),
        notes=(
            method_of(facts, gap),
            f"Up less down {quantity(gap, _POINTS)}, {pvalue(test)}.",
        ),
        window=whole(facts, gap),
        reach=reach(gap, 0.0, "difference", sized(_POINTS), tails=2),
    )


def _led_lately(facts: Facts) -> Answer:
    """N10: who gained more in the past year, and over five."""
    question = "Who led lately?"
    keys = tuple(f"performance.change_{leg}[1y]" for leg in "ab")
    found = facts.estimates(*keys)
    if isinstance(found, NotComputed) or not facts.two_prices:
        return untested("N10", question, "needs a year of two prices", keys=keys)
    names = facts.a, facts.b
    first = int(found[1].value > found[0].value)
    lead, lag = found[first], found[1 - first]
    changes = [abs(one.value) for one in (lead, lag)]
    digits = range(4)  # as many as tell the two apart
    places = next((n for n in digits if len({written(x, SHARE, n) for x in changes}) > 1), 0)
    fields: dict[str, str | Quantity] = {
        "other": names[1 - first],
        "x": Quantity(written(changes[0], SHARE, places), "", keys[first]),
        "y": Quantity(written(changes[1], SHARE, places), "", keys[1 - first]),
    }
    said = "It gained {x} in the past year, {other} {y}"
    if lead.value < 0.0:
        said = "It lost {x} in the past year, {other} {y}"
    elif lag.value < 0.0:
        said = "It gained {x} in the past year, {other} lost {y}"
    longer = tuple(f"performance.change_{leg}[5y]" for leg in "ab")
    years = facts.estimates(*longer)
    if not isinstance(years, NotComputed):
        fields["ahead"] = names[int(years[1].value > years[0].value)]
        same = fields["ahead"] == names[first]
        said += "; it led over five years too" if same else "; over five years {ahead} led"
        keys += longer
    return Answer(
        id="N10",
        question=question,
        answer=names[first],
        word=names[first],
        window="past year",
        range="observed",
        sentence=Sentence(f"{said}.", fields),
        keys=keys,
        notes=("Observed, no test.",),
    )


def _years_won(facts: Facts) -> Answer | _Tested:
    """N11: whether one leg does better in most calendar years."""
    question, key = "Does one win most years?", "performance.wins[year]"
    share, test = facts.estimate(key), facts.test("performance.wins_test[year]")
    if share is None or test is None:
        return untested("N11", question, facts.missing(key), keys=(key,))
    leader = facts.a
    if share.value < 0.5:
        leader, share = facts.b, mapped(share, lambda x: 1.0 - x)
    years = f"{share.start.year} to {share.end.year}" if share.start and share.end else ""
    wins = quantity(share, SHARE, key, null=0.5)
    won = f"{round(share.value * share.nobs)} of {share.nobs} full years"
    said = "{leader} was ahead in {wins}, {years}"
    return _Tested(
        id="N11",
        question=question,
        effect=mapped(share, lambda x: x - 0.5),
        margin=0.0,
        pvalues=Pvalues(test.pvalue, 1.0),
        words={"yes": f"{said}.", "open": f"{said}: chance could do as much."},
        fields={"leader": leader, "wins": wins._replace(text=won), "years": years},
        keys=(key, "performance.wins_test[year]"),
        notes=(f"Exact binomial interval, {pvalue(test)}.",),
        window=years,
    )


def _under_water(facts: Facts) -> Answer:
    """N12: how long each leg took from the peak before its deepest fall to regain it."""
    question = "How long under water?"
    keys = tuple(f"performance.recovery_{leg}" for leg in "ab")
    falls = tuple(f"performance.max_drawdown_{leg}" for leg in "ab")
    nows = tuple(f"performance.drawdown_last_{leg}" for leg in "ab")
    deepest = facts.estimates(*falls)
    if isinstance(deepest, NotComputed):
        return untested("N12", question, deepest, keys=falls)
    if any(one.value == 0.0 for one in deepest):
        return untested("N12", question, "one of them never fell", keys=falls)
    names, found = (facts.a, facts.b), [facts.estimate(key) for key in keys]
    last = [facts.estimate(key) for key in nows]
    at = max((0, 1), key=lambda leg: math.inf if (one := found[leg]) is None else one.value)
    fields: dict[str, str | Quantity] = {}
    for leg, which in ((at, "one"), (1 - at, "other")):
        fall, back, now = deepest[leg], found[leg], last[leg]
        fields[which] = names[leg]
        fields[f"{which}_peak"] = f"{fall.start:%B %Y}" if fall.start else "before"
        below = "" if now is None else written(-now.value, SHARE)
        fields[f"{which}_below"] = Quantity(below, "", nows[leg])
        days = "" if back is None else f"{back.value:,.0f} days"
        fields[f"{which}_days"] = Quantity(days, "", keys[leg])
    word = f"{names[at]} still is"
    if found[1 - at] is None:
        said = "{one} is {one_below} below its peak of {one_peak}, {other} {other_below} below "
        said, word = said + "that of {other_peak}", "Both still are"
    elif found[at] is None:
        said = "It is {one_below} below its peak of {one_peak}; {other} needed {other_days} from "
        said += "that of {other_peak}"
    else:
        said = "It needed {one_days} to regain its peak of {one_peak}, {other} {other_days}"
        further = deepest[1 - at].value < deepest[at].value
        said += ", though {other} had fallen further" if further else ""
        word = f"{names[at]} longer"
    return Answer(
        id="N12",
        question=question,
        answer=word,
        word=word,
        window=whole(facts, deepest[0]),
        range="observed",
        sentence=Sentence(f"{said}.", fields),
        keys=(*keys, *falls, *nows),
        notes=("Observed, no test.",),
    )
