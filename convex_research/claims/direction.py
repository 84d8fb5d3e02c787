"""C22a, C23 and C27: same direction, today and tomorrow, and on the worst days."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.finding import Finding
from convex_research.claims.sentences import (
    SHARE,
    R,
    bounded,
    own,
    percent,
    quantity,
    reach,
    since,
    tally,
    written,
)
from convex_research.claims.survival import over, run
from convex_research.claims.verdict import Pvalues, above, below, beyond, size_of
from convex_research.statistics.inference.edge import pvalue_above, pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate, NotComputed

__all__ = ["DECLARED"]

_SAME = "concordance.same_sign[all]"
_EXTREME = "concordance.same_sign_extreme[0.05]"
_NEXT = ("concordance.next_ab", "concordance.next_ba")


def _both_rise_or_fall(case: Case) -> Finding:
    """Both rise or fall together, and on A's extreme days."""
    (days,) = case.estimates
    facts = case.facts
    tail = facts.estimate(_EXTREME)
    extreme = ""
    if tail is not None:
        extreme = f", and on {tally(tail, f'{own(facts.a)} {{n}} largest moves').text}"
    edge = effects.DIRECTION_CHANCE if case.verdict == "rejected" else effects.DIRECTION_SHARE
    return Finding(
        of=days,
        fields={
            "share": quantity(days, SHARE, _SAME, null=edge),
            "extreme": extreme,
            "since": since(days),
            "mark": percent(effects.DIRECTION_SHARE),
        },
        runs=case.runs(over(edge)),
        also=(_EXTREME,) if tail is not None else (),
        pvalues=Pvalues(
            pvalue_above(days, effects.DIRECTION_SHARE, "share"),
            pvalue_below(days, effects.DIRECTION_CHANCE, "share"),
        ),
    )


def _next_day(case: Case) -> Finding | NotComputed:
    """Whether one leg's move tells the direction of the other's next one, or the reverse."""
    facts = case.facts
    verdict, hits = case.verdict, case.estimates
    tests = [test for key in _NEXT if (test := facts.test(key)) is not None]
    if len(tests) < len(_NEXT):
        return facts.missing(*_NEXT)
    best = int(tests[1].pvalue < tests[0].pvalue)
    hit, names = hits[best], (facts.a, facts.b)
    size = size_of(_off_half(hit), _EDGE)
    if hit.value < 0.5 and size == "open":
        size = "slight"  # nobody trades on a reversal whose size is open
    within = [
        max(pvalue_above(one, 0.5 - _EDGE, "share"), pvalue_below(one, 0.5 + _EDGE, "share"))
        for one in hits
    ]
    shown = bounded if verdict == "supported" else quantity
    deciding = (best,) if verdict == "supported" else (0, 1)
    judge = partial(_side, reverse=hit.value < 0.5, verdict=verdict)
    return Finding(
        of=hit,
        fields={
            "cause": names[best],
            "of_cause": own(names[best]),
            "effect": names[1 - best],
            "rate": shown(hit, _RATE, case.keys[best], null=0.5),
            "since": since(hit),
        },
        reach=reach(hit, 0.5, "share", percent, tails=4, most=1.0),
        instead=dict.fromkeys(("yes", "slightly"), "reversed") if hit.value < 0.5 else {},
        runs=[one for at in deciding for one in case.runs(judge, at)],
        also=_NEXT,
        size=size,
        pvalues=Pvalues(min(2.0 * tests[best].pvalue, 1.0), max(within)),
    )


_EDGE = effects.HIT_RATE - 0.5
_RATE = SHARE._replace(decimals=1)


def _off_half(hit: Estimate) -> Estimate:
    """A hit rate as its distance from one half."""
    low, high = (None if end is None else end - 0.5 for end in (hit.low, hit.high))
    return replace(hit, value=hit.value - 0.5, low=low, high=high)


def _side(hit: Estimate, *, reverse: bool, verdict: Verdict) -> Verdict:
    """The rule for further runs: on the same side of one half, or within the margin of it."""
    if verdict == "rejected":
        return beyond(_off_half(hit), _EDGE)
    return below(hit, 0.5) if reverse else above(hit, 0.5)


def _no_hedge_together(case: Case) -> Finding:
    """Holding both is not a hedge, since they fall together."""
    facts = case.facts
    worst, down = case.estimates
    runs = case.runs_of_parts(over(effects.DIRECTION_SHARE), over(effects.DOWN_CORRELATION))
    rank = facts.estimate("correlation.spearman[all]")
    if rank is not None and case.verdict == "supported":
        runs.append(run("by ranks", rank.value, agrees=rank.value > 0.0, unit="rank correlation"))
    whole = f"{own(facts.a)} {{n}} worst {facts.period}s"
    few = worst.value < effects.DIRECTION_SHARE
    return Finding(
        of=worst,
        fields={
            "worst": tally(worst, whole, case.keys[0]),
            "down": written(down.value, R),
            "since": since(worst),
        },
        instead={} if few else {"yes": "apart"},
        reach=reach(worst, effects.DIRECTION_SHARE, "share", percent, tails=2, most=1.0),
        runs=runs,
        pvalues=Pvalues.of_all(
            Pvalues.of_side(worst, effects.DIRECTION_SHARE, "share"),
            Pvalues.of_side(down, effects.DOWN_CORRELATION, "fisher"),
        ),
        counted=f"worst {facts.period}s",
    )


DECLARED = (
    Declaration(
        id="C22a",
        hypothesis="The legs fall together on bad days",
        question="Does holding both protect in a crash?",
        yes="rejected",
        subject="whether holding both protects",
        applies=applies.prices,
        one_clock=True,
        decide=_no_hedge_together,
        keys=("tails.joint_worst", "tails.exceedance_lower[0]"),
        effects=(effects.DIRECTION_SHARE, effects.DOWN_CORRELATION),
        rule=Rule(
            f"the share of worst {{period}}s lies wholly above {effects.DIRECTION_SHARE:.2f} and r "
            f"on {{period}}s on which both fell wholly above {effects.DOWN_CORRELATION:.2f}",
            "one of the two lies wholly below its mark",
        ),
        sentences={
            "no": "{b} fell too on {worst} {since}: they fall together",
            "yes": "{b} fell too on only {worst} {since}",
            "apart": (
                "{b} fell too on {worst} {since}, but by sizes of its own: r on {period}s when "
                "both fell is {down}"
            ),
            "open": ("{b} fell too on {worst} {since}; r on {period}s when both fell is {down}"),
        },
    ),
    Declaration(
        id="C23",
        hypothesis="The legs rise and fall together",
        question="Do they move in the same direction?",
        subject="whether they move in the same direction",
        applies=applies.prices,
        one_clock=True,
        decide=_both_rise_or_fall,
        keys=(_SAME,),
        effects=(effects.DIRECTION_SHARE, effects.DIRECTION_CHANCE),
        rule=Rule(
            f"the share of {{period}}s lies wholly above {effects.DIRECTION_SHARE:.2f}",
            f"it lies wholly below {effects.DIRECTION_CHANCE:.2f}",
        ),
        sentences={
            "yes": "On {share} of {period}s {since}{extreme}",
            "no": "On only {share} of {period}s {since}: more often against each other",
            "open": "On {share} of {period}s {since}; half would be chance, {mark} would count",
        },
    ),
    Declaration(
        id="C27",
        hypothesis="A move of one leg tells the direction of the other's next one",
        question="Does {of_now} move tell {of_then} direction?",
        subject="the direction of the next move",
        applies=applies.always,
        one_clock=True,
        decide=_next_day,
        keys=("concordance.hit_ab", "concordance.hit_ba"),
        effects=(effects.HIT_RATE,),
        rule=Rule(
            f"the next direction of one leg is related to the move of the other, {DISCOVERED}; by "
            f"more than matters where the {{level}} interval of the hit rate lies wholly more than "
            f"{100 * _EDGE:.0f} points off one half",
            f"both hit rates lie within {100 * _EDGE:.0f} points of one half, {DISCOVERED}",
        ),
        sentences={
            "yes": "{effect} followed {of_cause} direction on {rate} of next {period}s {since}",
            "slightly": (
                "{effect} followed {of_cause} direction on {rate} of next {period}s {since}: too "
                "little to trade on"
            ),
            "reversed": (
                "{effect} went against {cause} more often than with it: with it on {rate} of next "
                "{period}s {since}"
            ),
            "no": (
                "{effect} followed {of_cause} direction on {rate} of next {period}s {since}: no "
                "edge worth trading, either way"
            ),
            "open": "{effect} followed {of_cause} direction on {rate} of next {period}s {since}",
        },
    ),
)
