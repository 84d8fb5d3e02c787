"""C22a, C23 and C27: same direction, today and tomorrow, and on the worst days."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.finding import Finding
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, percent, percent_ends, reach, signed
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
    tail = case.facts.estimate(_EXTREME)
    extreme = ""
    if tail is not None:
        extreme = (
            f", and on {percent(tail.value)} {percent_ends(tail)} of the "
            f"{case.facts.period}s on which {case.facts.a} moved most"
        )
    edge = effects.DIRECTION_CHANCE if case.verdict == "rejected" else effects.DIRECTION_SHARE
    return Finding(
        of=days,
        fields={
            "share": f"{percent(days.value)} of {case.facts.period}s {percent_ends(days)}{extreme}"
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
    rates = (
        f"{facts.b} followed the direction of {facts.a} on {percent(hits[0].value, 1)} "
        f"{percent_ends(hits[0], 1)} of next moves, and {facts.a} that of {facts.b} on "
        f"{percent(hits[1].value, 1)} {percent_ends(hits[1], 1)}"
    )
    within = [
        max(pvalue_above(one, 0.5 - _EDGE, "share"), pvalue_below(one, 0.5 + _EDGE, "share"))
        for one in hits
    ]
    deciding = (best,) if verdict == "supported" else (0, 1)
    judge = partial(_told, reverse=hit.value < 0.5, verdict=verdict)
    return Finding(
        of=hit,
        fields={
            "cause": names[best],
            "effect": names[1 - best],
            "rate": f"{percent(hit.value, 1)} {percent_ends(hit, 1)}",
            "rates": rates,
            "reach": reach(hit, 0.5, "share", percent, tails=4),
        },
        instead={"supported": "reversed"} if hit.value < 0.5 else {},
        runs=[one for at in deciding for one in case.runs(judge, at)],
        also=_NEXT,
        size=size,
        pvalues=Pvalues(min(2.0 * tests[best].pvalue, 1.0), max(within)),
    )


_EDGE = effects.HIT_RATE - 0.5


def _off_half(hit: Estimate) -> Estimate:
    """A hit rate as its distance from one half."""
    low, high = (None if end is None else end - 0.5 for end in (hit.low, hit.high))
    return replace(hit, value=hit.value - 0.5, low=low, high=high)


def _told(hit: Estimate, *, reverse: bool, verdict: Verdict) -> Verdict:
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
    days = f"{facts.period}s"
    fell = f"on the worst 5 % of {days} for {facts.a}, {facts.b} fell too on {percent(worst.value)}"
    both = f"{percent_ends(worst)}, and r on {days} on which both fell was {signed(down.value)}"
    return Finding(
        of=worst,
        detail=f"{fell} {both} {ends(down)}",
        runs=runs,
        pvalues=Pvalues.of_all(
            Pvalues.of_side(worst, effects.DIRECTION_SHARE, "share"),
            Pvalues.of_side(down, effects.DOWN_CORRELATION, "fisher"),
        ),
        counted=f"worst {days}",
    )


DECLARED = (
    Declaration(
        id="C22a",
        hypothesis="The legs fall together on bad days",
        question="Does holding both protect in a crash?",
        yes="rejected",
        subject="Whether holding both is a hedge",
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
            "supported": "Holding both is not a hedge",
            "rejected": "The two do not simply fall together",
        },
        at=(At("correlation.tails"), At("question.hedge", 1)),
        gives_way={"correlation": 3},
    ),
    Declaration(
        id="C23",
        hypothesis="The legs rise and fall together",
        question="Do they move in the same direction?",
        subject="Rising and falling together",
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
            "supported": "{a} and {b} rise and fall together, on {share}",
            "rejected": "{a} and {b} do not rise and fall together; they did so on {share}",
            "inconclusive": (
                "{a} and {b} move in the same direction on {share}: neither most {period}s (70 %) "
                "nor chance (50 %) is excluded as the better description"
            ),
        },
        at=(At("question.relation", 2),),
    ),
    Declaration(
        id="C27",
        hypothesis="A move of one leg tells the direction of the other's next one",
        question="Does today's move tell tomorrow's direction?",
        subject="Predicting the direction of the next move",
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
            "supported": "{effect} followed the direction of {cause} on {rate} of next moves",
            "reversed": (
                "{effect} went against the direction of {cause} more often than with it: with it "
                "on {rate} of next moves"
            ),
            "rejected": "{rates}: no edge worth trading",
            "inconclusive": (
                "Whether a move of one leg tells the direction of the other's next one is open: "
                "{rates}{reach}"
            ),
        },
        at=(At("correlation.meaning", 4), At("volatility.moves", 1), At("rate.moves", 1)),
        gives_way={"comparison": 29},
    ),
)
