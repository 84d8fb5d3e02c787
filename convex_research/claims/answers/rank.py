"""N1: whether today is unusual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import past, ranked, untested
from convex_research.claims.sentences import SHARE, R, quantity, since, written
from convex_research.core import formatting as fmt

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts

__all__ = ["unusual"]

_QUESTION = "Is today unusual?"


def unusual(facts: Facts) -> Answer:
    """N1: the rank of today's rolling r among its own past."""
    window = facts.analysis.config.rolling_window
    key = f"rolling.usual[{window}]"
    found = facts.estimates(key, f"rolling.history_percentile[{window}]")
    days = f"{window}-{facts.period}"
    if not isinstance(found, tuple):
        now = facts.estimate(f"correlation.pearson[{window}]")
        return untested(
            "N1",
            _QUESTION,
            found if now is None else f"a rank needs 252 {days} windows",
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
