"""Numbers of a pair as sentences that test nothing: strength, variance explained, stress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import strength_words
from convex_research.claims.sentences import ends, percent, percent_ends, sample, signed
from convex_research.core.fragments import Fragment, anchor, paragraph, text
from convex_research.presentation.prose import names
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.estimates import Estimate
    from convex_research.studies import Study

_SHOWN = 3


def facts(analysis: Study, group: str) -> Fragment:
    """The sentences of one section or question of a page.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    group : str
        Such as ``"correlation.meaning"``.
    """
    html, prose = "", ""
    for place, make in FACTS.get(group, {}).items():
        words, keys = make(analysis)
        if words:
            html += paragraph(
                text(words), id=anchor("evidence", place), class_="fact", data_key=" ".join(keys)
            )
            prose += f"{words} "
    return Fragment(html, f"facts: {group}", prose)


def _year(analysis: Study) -> str:
    window = str(analysis.config.year)
    return window if analysis.estimate(f"correlation.pearson[{window}]") else "all"


def _strength(analysis: Study, window: str) -> tuple[str, tuple[str, ...]]:
    key = f"correlation.pearson[{window}]"
    r = analysis.estimate(key)
    if r is None:
        return "", ()
    of = sample(r, str(analysis.returns.frequency))
    return f"{strength_words(r).capitalize()}: r {signed(r.value)} {ends(r)} {of}.", (key,)


def _explained(analysis: Study) -> tuple[str, tuple[str, ...]]:
    key = f"regression.rsquared[{_year(analysis)}]"
    share = analysis.estimate(key)
    if share is None:
        return "", ()
    a, b = (names.short(one) for one in names.legs(analysis))
    size = f"{percent(share.value)} {percent_ends(share)}" if share.low is not None else "all"
    of = sample(share, str(analysis.returns.frequency))
    words = f"A straight line through the moves of {b} accounts for {size} of the variance of {a}"
    return f"{words} (R², the square of r) {of}.", (key,)


def _stress(analysis: Study) -> tuple[str, tuple[str, ...]]:
    """The deepest moves in named times of stress."""
    moves = []
    for window in STRESS_WINDOWS:
        keys = (f"scenario.stress_a[{window.key}]", f"scenario.stress_b[{window.key}]")
        left, right = (analysis.estimate(key) for key in keys)
        if left is not None and right is not None:
            moves.append((window.name, keys, left, right))
    deepest = sorted(moves, key=lambda move: abs(move[2].value), reverse=True)[:_SHOWN]
    shown = [move for move in moves if move in deepest]
    if not shown:
        return "", ()
    a, b = (names.short(one) for one in names.legs(analysis))
    listed = "; ".join(f"{name} ({a} {_move(x)}, {b} {_move(y)})" for name, _, x, y in shown)
    words = f"In named times of stress the legs moved as follows: {listed} (observed)."
    return words, tuple(key for _, keys, _, _ in shown for key in keys)


def _move(move: Estimate) -> str:
    if move.unit == "decimal":
        return percent(move.value, 0, plus=True)
    return f"{signed(move.value, 1)} {move.unit}"


FACTS: dict[str, dict[str, Callable[[Study], tuple[str, tuple[str, ...]]]]] = {
    "correlation.meaning": {
        "C25": lambda analysis: _strength(analysis, _year(analysis)),
        "C31": _explained,
    },
    "question.relation": {"C25": lambda analysis: _strength(analysis, "all")},
    "comparison.scenario": {"C24": _stress},
}
"""By section or question, and by the identifier under which a sentence is linked to."""
