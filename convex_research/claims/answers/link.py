"""C25: how closely two legs move together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.analysis.flags import TWINS, leading_keys
from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import (
    clock_reason,
    closeness,
    method_of,
    past,
    untested,
    whole,
)
from convex_research.claims.regression import slope, step
from convex_research.claims.sentences import SHARE, R, counted, quantity, written
from convex_research.core import formatting as fmt
from convex_research.core.flags import RARE
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate

__all__ = ["CLOCK_NAMES", "NO_LINK", "how_closely", "leading"]

NO_LINK = "No clear link"
_QUESTION = "How closely do they move together?"
_SAME_SIGN = "concordance.same_sign[all]"
_TRACKING = "spread.tracking_error[252]"
_MULTIPLE = "regression.beta_reverse[all]"
CLOCK_NAMES = {
    "correlation.synchronised[all]": "r with a day’s leeway",
    "correlation.weekly[all]": "weekly r",
}


def leading(facts: Facts) -> tuple[str, Estimate] | None:
    """The correlation that leads: the first that has an interval, or is exact."""
    keys = leading_keys(facts.analysis.flags, facts.year)
    found = ((key, r) for key in keys if (r := facts.estimate(key)) is not None)
    return next((one for one in found if one[1].low is not None or "exact" in one[1].flags), None)


def how_closely(facts: Facts) -> Answer:
    """C25: r over the past year, in the words of its weaker end."""
    found = leading(facts)
    if found is None:
        return untested("C25", _QUESTION, facts.result("correlation.pearson[all]"))
    key, r = found
    window = whole(facts, r) if key.endswith("[all]") else past(facts, r.nobs)
    word, sentence, note = _word(r), _directions(facts, r), ""
    number, label, keys = quantity(r, R, key), f"r, {window}", (key, _SAME_SIGN)
    if abs(r.value) == 1.0:
        number = Quantity(fmt.number(r.value, 0, plus=True), "", key)
        sentence, keys = _multiple(facts), (key, _MULTIPLE)
    elif abs(r.value) > TWINS:
        end = "+1" if r.value > 0.0 else f"{fmt.MINUS}1"
        number = number._replace(text=number.text.removesuffix(f" short of {end}"))
        label = f"short of r = {end}, {window}"
        gap = facts.estimate(_TRACKING)
        if r.value > 0.0 and gap is not None:
            keys = (key, _TRACKING)
            shown = Quantity(fmt.value(gap), fmt.ends(gap), _TRACKING)
            sentence = Sentence("Tracking error {gap} a year.", {"gap": shown})
    if facts.clock is not None:
        label = f"{CLOCK_NAMES.get(key, 'daily r')}, {window}"
        if RARE & set(facts.analysis.flags):
            word = f"At least {word[0].lower()}{word[1:]}"
        sentence = _understated(facts, key)
    elif word == NO_LINK:
        sentence = Sentence("The interval holds 0: no link is shown either way.")
    else:
        weaker, stronger = closeness(r)
        if weaker != stronger:
            note = f"The word is that of the weaker end; the interval spans {weaker} to {stronger}."
    ranks = facts.estimate(key.replace("pearson", "spearman"))
    return Answer(
        id="C25",
        question=_QUESTION,
        answer=word,
        word=word,
        number=number,
        label=label,
        window=window,
        range="interval" if r.low is not None else "observed",
        sentence=sentence,
        keys=keys,
        notes=tuple(
            one
            for one in (
                method_of(facts, r),
                note,
                _carried(facts, r),
                f"By ranks (Spearman) {quantity(ranks, R)}." if ranks and ranks != r else "",
            )
            if one
        ),
    )


def _multiple(facts: Facts) -> Sentence:
    """How far one moves when the other does, where nothing else moves it."""
    beta = facts.estimate(_MULTIPLE)
    if beta is None:
        return Sentence("One is the other times a constant.")
    a, b = facts.units
    bare = replace(beta, low=None, high=None, std_error=None, confidence_level=None)
    moves = slope(bare, (b, a), _MULTIPLE)
    return Sentence(
        "{name} always moves {moves} for {step} in {other}.",
        {"name": facts.b, "moves": moves, "step": step(a), "other": facts.a},
    )


def _carried(facts: Facts, r: Estimate) -> str:
    """How many observations carry the estimate."""
    if not r.carrying_days:
        return ""
    days = round(r.carrying_days)
    return f"{counted(days, facts.period)} {'carries' if days == 1 else 'carry'} it."


def _word(r: Estimate) -> str:
    if abs(r.value) == 1.0:
        return "Exactly in step" if r.value > 0.0 else "Exactly against each other"
    if r.value > TWINS:
        return "In step"
    if r.covers(0.0):
        return NO_LINK
    word = closeness(r)[0].capitalize()
    return word if r.value > 0.0 else f"{word}, against each other"


def _directions(facts: Facts, r: Estimate) -> Sentence:
    """On how many days both rose or both fell, or one rose as the other fell."""
    same = facts.estimate(_SAME_SIGN)
    if same is None:
        return Sentence("How often both rose or both fell is not known.")
    share, words = same.value, "both rose or both fell"
    if r.value < 0.0:
        share, words = 1.0 - share, "one rose as the other fell"
    when = whole(facts, same)
    sentence = "Since {year} {words} on {share} of {period}s."
    if not when.startswith("since"):
        words, sentence = words.capitalize(), "{words} on {share} of {when}."
    return Sentence(
        sentence,
        {
            "year": f"{same.start:%Y}" if same.start else "",
            "when": when,
            "words": words,
            "period": facts.period,
            "share": Quantity(written(share, SHARE), "", _SAME_SIGN),
        },
    )


def _understated(facts: Facts, key: str) -> Sentence:
    """Why it is not the daily r that leads."""
    daily = facts.estimate("correlation.pearson[all]")
    flags = facts.analysis.flags
    if RARE & set(flags):
        return Sentence("{why}: r is at least this.", {"why": clock_reason(facts, start=True)})
    if daily is None or key == "correlation.pearson[all]":
        return Sentence("They close at different hours: daily r is too low.")
    shown = quantity(daily, R, "correlation.pearson[all]")
    wide = facts.estimate(key)
    low = ": too low" if wide is not None and abs(daily.value) < abs(wide.value) else ""
    return Sentence("On the same date alone r is {daily}{low}.", {"daily": shown, "low": low})
