"""N2: what comes next month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import EXACTLY, method_of, untested
from convex_research.claims.sentences import SHARE, R, quantity, written
from convex_research.core import formatting as fmt
from convex_research.core.flags import Flag
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate

__all__ = ["next_month"]

_SAME = "Much the same as now"
_WIDE = 0.3  # of r: a range as wide spans two sizes
_AHEAD = 21
_TRACKING = "forecast.tracking_error[21]"


def next_month(facts: Facts, claim: Claim) -> Answer:
    """N2: the forecast that C30 finds best, with the range of its own past errors."""
    month = facts.span(_AHEAD, letters=False)
    question = f"What correlation over the {next_of(month)}?"
    if facts.frequency == "daily":
        question = "What correlation next month?"
    method = _winner(facts) if claim.answer == "no" else ""
    key = f"forecast.pearson{method}[{_AHEAD}]"
    ahead = facts.estimate(key)
    label, window = f"r, {next_of(month)}", next_of(month)
    if facts.clock is not None:
        why = "a month holds four weeks: too few for a forecast"
        return untested("N2", question, why, label=label, window=window)
    if Flag.TWINS in facts.analysis.flags and facts.estimate(_TRACKING) is not None:
        return _of_twins(facts, window)
    if Flag.EXACT in facts.analysis.flags:
        return untested("N2", question, EXACTLY, label=label, window=window)
    if ahead is None:
        return untested("N2", question, facts.result(key), label=label, window=window)
    window_now = facts.analysis.config.rolling_window
    stems = ("rolling.usual", "correlation.pearson")
    last = next((k for one in stems if facts.estimate(k := f"{one}[{window_now}]")), "")
    now = facts.estimate(last) if last else None
    word, sentence = _SAME, range_sentence(facts, ahead, _width(ahead))
    if now is not None and ahead.covers(now.value):
        sentence = _holds(facts, ahead, Quantity(written(now.value, R), "", last))
    if now is not None and not ahead.covers(now.value):
        word = "Closer" if abs(ahead.value) > abs(now.value) else "Looser"
    held = facts.estimate(f"forecast.hit_rate{method}[{_AHEAD}]")
    return Answer(
        id="N2",
        question=question,
        answer=word,
        word=word,
        number=quantity(ahead, R, key),
        label=label,
        window=window,
        range="forecast",
        sentence=sentence,
        keys=(key,) if word != _SAME or now is None else (key, last),
        notes=(
            method_of(facts, ahead),
            *((held_note(held),) if held is not None else ()),
        ),
    )


def _of_twins(facts: Facts, window: str) -> Answer:
    ahead = facts.estimate(_TRACKING)
    assert ahead is not None
    question = "What tracking error next month?"
    if facts.frequency != "daily":
        question = f"What tracking error over the {window}?"
    now = facts.estimate(f"spread.tracking_error_usual[{facts.analysis.config.rolling_window}]")
    word = _SAME
    if now is not None and not ahead.covers(now.value):
        word = "Closer" if ahead.value < now.value else "Looser"
    held = facts.estimate("forecast.tracking_error_hit_rate[21]")
    low, high = ahead.low or 0.0, ahead.high or 0.0
    return Answer(
        id="N2",
        question=question,
        answer=word,
        word=word,
        number=Quantity(fmt.value(ahead), fmt.ends(ahead), _TRACKING),
        label=f"a year, {window}",
        window=window,
        range="forecast",
        sentence=range_sentence(facts, ahead, ", which is wide" if high > 2.0 * low else ""),
        keys=(_TRACKING,),
        notes=(method_of(facts, ahead), *((held_note(held),) if held is not None else ())),
    )


def next_of(length: str) -> str:
    """The coming observations as a window."""
    return f"next {length}"


def _winner(facts: Facts) -> str:
    """The method that cuts the loss most."""
    gains = {
        method: gain.value
        for method in ("_ewma", "_dcc")
        if (gain := facts.estimate(f"forecast.gain{method}[{_AHEAD}]")) is not None
    }
    return max(gains, key=gains.__getitem__, default="")


def _width(ahead: Estimate) -> str:
    if ahead.low is None or ahead.high is None:
        return ""
    if ahead.low < 0.0 < ahead.high:
        return ": either sign"
    return ", which is wide" if ahead.high - ahead.low > _WIDE else ""


def _holds(facts: Facts, ahead: Estimate, now: Quantity) -> Sentence:
    """That r as it is lies in the range, too."""
    often, width = _often(facts, ahead), _width(ahead)
    wide = "wide range" if "wide" in width else "range"
    either = " of either sign" if "sign" in width else ""
    words = "Now {now} lies in this {wide}; {often} do."
    often = f"{often[:1].lower()}{often[1:]}"
    return Sentence(words, {"now": now, "wide": f"{wide}{either}", "often": often})


def _often(facts: Facts, ahead: Estimate) -> str:
    level = ahead.confidence_level or 0.95
    spans = "months" if facts.frequency == "daily" else "such spans"
    return f"Nineteen {spans} in twenty" if level == 0.95 else f"{fmt.level(level)} of {spans}"


def range_sentence(facts: Facts, ahead: Estimate, wide: str) -> Sentence:
    """How often what comes lies in a forecast range."""
    often = _often(facts, ahead)
    return Sentence("{often} lie in this range{wide}.", {"often": often, "wide": wide})


def held_note(held: Estimate) -> str:
    """How past ranges turned out."""
    return (
        f"Of {held.nobs:,} such ranges, each from the errors known by then, "
        f"{written(held.value, SHARE)} held."
    )
