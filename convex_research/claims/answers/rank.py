"""N1: whether today is unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import EXACTLY, past, ranked, untested
from convex_research.claims.sentences import SHARE, R, quantity, since, written
from convex_research.core import formatting as fmt
from convex_research.core.flags import Flag
from convex_research.core.sentences import Quantity
from convex_research.statistics.dependence.asynchrony import MIN_NOBS_SYNCHRONISED

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate

__all__ = ["unusual"]

_QUESTION = "Is today unusual?"


def unusual(facts: Facts) -> Answer:
    """N1: the rank of today's rolling r among its own past; of twins, of the tracking error.

    Where closes are apart r has a day's leeway and two years, for fewer days say little with it.
    """
    if Flag.EXACT in facts.analysis.flags:
        return untested("N1", _QUESTION, EXACTLY)
    if facts.clock is not None:
        return _with_leeway(facts)
    window = facts.analysis.config.rolling_window
    tracking = facts.estimates(
        f"spread.tracking_error_usual[{window}]", f"spread.tracking_error_percentile[{window}]"
    )
    if Flag.TWINS in facts.analysis.flags and isinstance(tracking, tuple):
        return _of_twins(facts, *tracking)
    key = f"rolling.usual[{window}]"
    found = facts.estimates(key, f"rolling.history_percentile[{window}]")
    days = f"{window}-{facts.period}"
    if not isinstance(found, tuple):
        now = facts.estimate(f"correlation.pearson[{window}]")
        short = facts.analysis.returns.nobs < 251 + window
        return untested(
            "N1",
            _QUESTION,
            f"a rank needs 252 {days} windows" if short else found,
            number=None if now is None else quantity(now, R, f"correlation.pearson[{window}]"),
            label=f"r, {past(facts, window)}",
            window=past(facts, window),
        )
    usual, rank = found
    answer, word, sentence = ranked(usual, rank, f"{days} window", since(usual))
    own = facts.estimate(f"correlation.pearson[{window}]")
    return Answer(
        id="N1",
        question=_QUESTION,
        answer=answer,
        word=word,
        number=quantity(usual, R, key),
        label=f"r, {past(facts, window)}",
        window=past(facts, window),
        range="usual",
        sentence=sentence,
        keys=(key, f"rolling.history_percentile[{window}]"),
        notes=(
            (
                f"{written(rank.value / 100.0, SHARE)} of {usual.nobs:,} windows {since(usual)} "
                "were lower. Observed, no test."
            ),
            *((f"Its own interval is {fmt.ends(own)}.",) if own is not None else ()),
        ),
    )


def _of_twins(facts: Facts, usual: Estimate, rank: Estimate) -> Answer:
    window = facts.analysis.config.rolling_window
    key = f"spread.tracking_error_usual[{window}]"
    what = f"{window}-{facts.period} window"
    answer, word, sentence = ranked(usual, rank, what, since(usual), ("closer", "looser"))
    return Answer(
        id="N1",
        question=_QUESTION,
        answer=answer,
        word=word,
        number=Quantity(fmt.value(usual), fmt.ends(usual), key),
        label=f"tracking error a year, {past(facts, window)}",
        window=past(facts, window),
        range="usual",
        sentence=sentence,
        keys=(key, f"spread.tracking_error_percentile[{window}]"),
        notes=(
            (
                f"{written(rank.value / 100.0, SHARE)} of {usual.nobs:,} windows {since(usual)} "
                "were closer. Observed, no test."
            ),
        ),
    )


def _with_leeway(facts: Facts) -> Answer:
    window = MIN_NOBS_SYNCHRONISED
    key = f"rolling.synchronised_usual[{window}]"
    found = facts.estimates(key, f"rolling.synchronised_percentile[{window}]")
    length = facts.span(window, letters=False)
    what = f"{'two-year' if length == '2 years' else f'{window}-{facts.period}'} window"
    if not isinstance(found, tuple):
        return untested("N1", _QUESTION, f"a rank with a day’s leeway needs 252 {what}s")
    usual, rank = found
    if abs(usual.value) >= 1.0:
        return untested("N1", _QUESTION, "its sum over a day’s leeway passes 1, which no r does")
    answer, word, sentence = ranked(usual, rank, what, since(usual))
    return Answer(
        id="N1",
        question=_QUESTION,
        answer=answer,
        word=word,
        number=_within_one(quantity(usual, R, key), usual),
        label=f"r with a day’s leeway, {past(facts, window)}",
        window=past(facts, window),
        range="usual",
        sentence=sentence,
        keys=(key, f"rolling.synchronised_percentile[{window}]"),
        notes=(
            (
                f"{written(rank.value / 100.0, SHARE)} of {usual.nobs:,} windows of {window} "
                f"{facts.period}s {since(usual)} were lower. Observed, no test."
            ),
        ),
    )


def _within_one(number: Quantity, usual: Estimate) -> Quantity:
    """A sum of three correlations may lie beyond one, which no correlation does."""
    low, high = usual.low or 0.0, usual.high or 0.0
    first = f"{fmt.MINUS}1" if low <= -1.0 else fmt.number(low, plus=low < 0.0)
    last = "+1" if high >= 1.0 else fmt.number(high, plus=low < 0.0)
    return number if -1.0 < low < high < 1.0 else number._replace(ends=fmt.span_of(first, last))
