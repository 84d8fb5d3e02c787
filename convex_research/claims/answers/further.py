"""Questions in rows that are no claims: windows, the hedge ratio, a fall, legs side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims.answer import Answer
from convex_research.claims.answers.hedge import traded, unheld
from convex_research.claims.answers.side_by_side import comparison_rows
from convex_research.claims.answers.words import method_of, past, whole
from convex_research.claims.facts import Facts
from convex_research.claims.sentences import GAIN, R, mapped, quantity, written
from convex_research.core import formatting as fmt
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis import PairAnalysis
    from convex_research.claims.claim import Claim, Claims
    from convex_research.core.estimates import Estimate

__all__ = ["further_answer"]

_PERCENT = "\N{NARROW NO-BREAK SPACE}%"
_MOVE = -10


def further_answer(analysis: PairAnalysis, claims: Claims, asked: str) -> Answer | None:
    """The answer to a question that is no claim's.

    Parameters
    ----------
    analysis : PairAnalysis
        Of the pair.
    claims : Claims
        On it.
    asked : {"C25", "ratio", "methods", "C24", "N8", "N9", "N10", "N11", "N12"}
        Other windows; which is sold, and how much; which ratio did best; what a fall of A does to
        B; and the rows of :func:`~convex_research.claims.answers.side_by_side.comparison_rows`.

    Returns
    -------
    Answer or None
        None where it does not apply to the pair.

    Raises
    ------
    KeyError
        If there is no such question.
    """
    if asked == "ratio":
        return _ratio(Facts(analysis), claims["C22b"])
    if asked in _ANSWERS:
        return _ANSWERS[asked](Facts(analysis))
    rows = {row.id: row for row in comparison_rows(analysis, claims)}
    if asked not in rows:
        known = ", ".join(("ratio", *_ANSWERS, *rows))
        raise KeyError(f"no question {asked!r}; besides claims there are {known}")
    return rows[asked]


def _windows(facts: Facts) -> Answer | None:
    """How r differs by window, from the shortest to the whole sample; without leeway."""
    config, nobs = facts.analysis.config, facts.analysis.returns.nobs
    lengths = [one for one in config.windows if one < nobs]
    names = {f"correlation.pearson[{one}]": facts.span(one, letters=False) for one in lengths}
    names["correlation.pearson[all]"] = ""
    found = {key: r for key in names if (r := facts.estimate(key)) is not None}
    if len(found) < 2:
        return None
    values = sorted(r.value for r in found.values())
    least, most = written(values[0], R), written(values[-1], R)
    if least != most and "short of" in most:  # said once
        least = least.removesuffix(most[most.index(" short of") :])
    left = [key for key in found if key != f"correlation.pearson[{facts.year}]"]
    told = list(dict.fromkeys((*left[:1], *left[-2:])))
    parts: list[str] = []
    fields: dict[str, str | Quantity] = {}
    for k, key in enumerate(told):
        shown = quantity(found[key], R, key)
        fields[f"r{k}"] = shown if k == 0 else shown._replace(ends="")
        over = names[key] or whole(facts, found[key])
        fields[f"over{k}"] = over if k else over[:1].upper() + over[1:]
        parts.append(f"{{over{k}}} {{r{k}}}")
    words = "; ".join(parts)
    if facts.clock is not None:
        words = f"Daily r, too low: {words}"
    return Answer(
        id="C25",
        question="And over other windows?",
        answer="named",
        word=least if least == most else f"{least} to {most}",
        sentence=Sentence(f"{words}.", fields),
        keys=tuple(found),
    )


def _ratio(facts: Facts, hedges: Claim) -> Answer | None:
    """The hedge ratio of the past year beside that of all days, of legs that can be held."""
    keys = [f"hedge.ratio[{window}]" for window in (facts.year, "all")]
    found = {key: one for key in keys if (one := facts.estimate(key)) is not None}
    if not found or unheld(facts) or facts.clock is not None:
        return None
    (key, ratio), *others = found.items()
    deal = traded(facts, ratio, key)
    fields = {"a": facts.a, "b": facts.b, **deal._asdict()}
    over = past(facts, facts.year) if key == keys[0] else whole(facts, ratio)
    fields["over"] = over if over.startswith("since") else f"over the {over}"
    words = "Per {one} of {a} held, {ratio} of {b} {over}"
    for other, longer in others:
        words += "; {since} {other}"
        fields["since"] = whole(facts, longer)
        fields["other"] = traded(facts, longer, other).ratio._replace(ends="")
        if (longer.value < 0.0) != (ratio.value < 0.0):
            words += " on the other side"
    useless = hedges.answer == "no"
    if useless:
        words = f"Too little comes off: {words[:1].lower()}{words[1:]}"
    side = "sold" if ratio.value >= 0.0 else "bought"
    return Answer(
        id="ratio",
        question=f"Which is {side}, and how much?",
        answer="named",
        word="Neither" if useless else f"{facts.b} {deal.ratio.text}",
        sentence=Sentence(f"{words}.", fields),
        keys=tuple(found),
        notes=tuple(method_of(facts, one) for one in found.values()),
    )


_METHODS = {
    "ols": "the past year{s} ratio",
    "naive": "one for one",
    "ewma": "weighting recent days",
    "dcc": "a changing correlation",
    "kalman": "a drifting slope",
}
"""By the qualifier of their keys; the first two are told beside the best."""


def _methods(facts: Facts) -> Answer | None:
    """Which way of setting the ratio took out most: observed, as the claim tests the hedge."""
    if facts.clock is not None:
        return None
    keys = {name: f"hedge.effectiveness_out[{name}]" for name in _METHODS}
    cuts = {
        name: mapped(one, lambda share: 1.0 - math.sqrt(max(0.0, 1.0 - share)))
        for name, key in keys.items()
        if (one := facts.estimate(key)) is not None
    }
    if len(cuts) < 2:
        return None
    best = max(cuts, key=lambda name: cuts[name].value)
    told = list(dict.fromkeys((best, *_METHODS)))[:3]
    fields: dict[str, str | Quantity] = {"since": whole(facts, cuts[best])}
    parts = []
    for name in (one for one in told if one in cuts):
        shown = quantity(cuts[name], GAIN, keys[name])
        fields[name] = shown if name == best else shown._replace(ends="")
        parts.append(f"{_called(name)}{' removed' if name == best else ''} {{{name}}}")
    others = {*cuts} - {best}
    rival = "ols" if "ols" in others else max(others, key=lambda one: cuts[one].value)
    ahead = cuts[best].low
    clear = ahead is not None and ahead > cuts[rival].value
    words = f"{parts[0]} of volatility {{since}}; {', '.join(parts[1:])}."
    called = _called(best)
    return Answer(
        id="C22b",
        question="Which hedge ratio did best?",
        answer="named",
        word=f"{called[:1].upper()}{called[1:]}" if clear else "No clear winner",
        sentence=Sentence(f"{words[:1].upper()}{words[1:]}", fields),
        range="observed",
        keys=tuple(keys[name] for name in cuts),
        notes=(method_of(facts, cuts[best]), "Observed; costs are not counted."),
    )


def _called(name: str) -> str:
    return _METHODS[name].format(s="\N{RIGHT SINGLE QUOTATION MARK}s")


def _fall(facts: Facts) -> Answer | None:
    """Where B is expected after a month in which A falls by a tenth."""
    key, near = f"scenario.b_given_a[{_MOVE}]", f"scenario.neighbours[{_MOVE}]"
    expected, like = facts.estimate(key), facts.estimate(near)
    if expected is None:
        return None
    fields: dict[str, str | Quantity] = {
        "b": facts.b,
        "x": Quantity(_moved(expected, 1), f"forecast range {fmt.ends(expected)}", key),
    }
    words = "Expect {b} at {x}"
    if like is None:
        words += "; the sample has no such month"
    else:
        words += "; past months like it brought {y}"
        fields["y"] = Quantity(_moved(like, 1), "", near)
    return Answer(
        id="C24",
        question=f"If {facts.a} falls {-_MOVE}{_PERCENT} in a month?",
        answer="named",
        word=f"{facts.b} {_moved(expected)}",
        range="forecast",
        sentence=Sentence(f"{words}.", fields),
        keys=(key,) if like is None else (key, near),
        notes=tuple(method_of(facts, one) for one in (expected, like) if one is not None),
    )


def _moved(move: Estimate, decimals: int = 0) -> str:
    """A move as few digits say it."""
    if move.unit == "decimal":
        return fmt.percent(move.value, decimals, plus=True)
    return fmt.value(move, plus=True, digits=1 + decimals)


_ANSWERS: dict[str, Callable[[Facts], Answer | None]] = {
    "C25": _windows,
    "methods": _methods,
    "C24": _fall,
}
