"""C04 and C07: whether the price ratio trends or returns, and the flows behind it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from convex_research.claims import applies, effects
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.finding import Finding
from convex_research.claims.sentences import TIMES, Unit, mapped, quantity, since
from convex_research.claims.survival import run, under
from convex_research.claims.verdict import LEVEL, Pvalues
from convex_research.core.sentences import Quantity
from convex_research.statistics.inference.edge import pvalue_above, pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_LONGEST, _WALKS = "persistence.longest_episode[252]", "persistence.episode_test[252]"
_HALF, _RATIO = "cointegration.half_life", "cointegration.variance_ratio[60]"
_TIE = "cointegration.engle_granger[aic]"
_YEAR = 252
_quick = under(effects.LONGEST_HALF_LIFE)


def _long_episodes(case: Case) -> Finding:
    """Relative performance comes in episodes longer than chance makes them."""
    from scipy.stats import false_discovery_control

    (ratio,), (test,) = case.estimates, case.tests
    facts = case.facts
    longest, walks = facts.estimate(_LONGEST), facts.test(_WALKS)
    both = [one.pvalue for one in (test, walks) if one is not None]
    fields: dict[str, str | Quantity] = {
        "x": _as_far(ratio, case.keys[0]),
        "year": facts.span(_YEAR, "a "),
        "since": since(ratio),
    }
    also: tuple[str, ...] = ()
    if longest is not None and walks is not None:
        also = (_LONGEST, _WALKS)
        years = facts.frequency == "daily"
        length = longest.value / _YEAR if years else longest.value
        fields["length"] = Quantity(
            f"{length:.1f} years" if years else f"{length:,.0f} {facts.period}s", "", _LONGEST
        )
    return Finding.of_effect(
        *(case, effects.TREND_RATIO),
        null=1.0,
        pvalues=Pvalues(
            float(min(false_discovery_control(both))), pvalue_below(ratio, effects.TREND_RATIO)
        ),
        fields=fields,
        instead={"yes": "led"} if also else {},
        also=also,
    )


def _as_far(ratio: Estimate, key: str) -> Quantity:
    """How far the price ratio moves, a random walk as one: the root of a variance ratio."""
    return quantity(mapped(ratio, lambda x: math.sqrt(max(x, 0.0))), TIMES, key, null=1.0)


def _life(half: Estimate, period: str) -> Quantity:
    shown = quantity(half, Unit(decimals=0, suffix=f" {period}s"), _HALF)
    if half.high is None and half.low == half.value:
        return Quantity(f"{shown.text} or more", "", _HALF)
    return shown


def _mean_reversion(case: Case) -> Finding:
    """The gap between the prices closes, at a half-life of a year at most."""
    facts = case.facts
    (test,) = case.tests
    half, ratio = facts.estimate(_HALF), facts.estimate(_RATIO)
    verdict = case.verdict
    runs = _further(facts, verdict, half)
    other = facts.test("cointegration.phillips_ouliaris")
    if other is not None and verdict == "supported":
        agrees = other.pvalue < 2.0 * LEVEL
        runs += facts.runs(_TIE, verdict, _quick)
        runs.append(run("by the Phillips-Ouliaris test", other.pvalue, agrees=agrees))
    fields: dict[str, str | Quantity] = {
        "year": facts.span(_YEAR, "a "),
        "since": f"since {facts.analysis.returns.day(0).year}",
    }
    instead = {"open": "no pull", "no": "widens"} if half is None else {}
    if half is not None:
        if _quick(half) != "rejected":
            instead = {"no": "widens"}
        fields["half"] = _life(half, facts.period)
    if ratio is None:
        instead = {"open": "no measure"} if half is None else {}
    else:
        fields["x"] = _as_far(ratio, _RATIO)
    return Finding(
        of=half,
        fields=fields,
        instead=instead,
        runs=runs,
        also=tuple(k for k, found in ((_HALF, half), (_RATIO, ratio)) if found is not None),
        sample=_plain(facts, test.nobs),
        pvalues=Pvalues(
            1.0
            if half is None
            else max(test.pvalue, pvalue_below(half, effects.LONGEST_HALF_LIFE, "log")),
            _slow(half, ratio),
        ),
    )


def _further(facts: Facts, verdict: Verdict, half: Estimate | None) -> list[dict[str, Any]]:
    """Runs of what decided: the half-life, or the variance ratio where gaps widen."""
    if verdict == "rejected" and (half is None or _quick(half) != "rejected"):
        return facts.runs(_RATIO, verdict, under(1.0))
    return facts.runs(_HALF, verdict, _quick)


def _slow(half: Estimate | None, ratio: Estimate | None) -> float:
    """p-value of half of a gap taking more than a year, or of gaps that even widen."""
    long = 1.0 if half is None else pvalue_above(half, effects.LONGEST_HALF_LIFE, "log")
    return min(2.0 * min(long, 1.0 if ratio is None else pvalue_above(ratio, 1.0)), 1.0)


def _plain(facts: Facts, nobs: int) -> str:
    returns = facts.analysis.returns
    return f"({nobs:,} {facts.frequency} observations, {returns.day(0)} to {returns.day(-1)})"


DECLARED = (
    Declaration(
        id="C04",
        hypothesis="Relative performance comes in long episodes",
        question="Does one stay ahead for years?",
        subject="leads of years",
        applies=applies.prices,
        decide=_long_episodes,
        keys=("persistence.variance_ratio[252]",),
        tests=("persistence.trend_test[252]",),
        effects=(effects.TREND_RATIO,),
        rule=Rule.effect("the variance ratio of yearly changes", "1", f"{effects.TREND_RATIO}"),
        sentences={
            "yes": "Over {year} the price ratio moves {x} as far as a random walk would, {since}",
            "led": (
                "Over {year} the price ratio moves {x} as far as a random walk would, {since}; the "
                "longest lead lasted {length}"
            ),
            "slightly": (
                "Over {year} the price ratio moves {x} as far as a random walk would, {since}: too "
                "little to matter"
            ),
            "no": (
                "Over {year} the price ratio moves {x} as far as a random walk would, {since}: no "
                "lasting trends"
            ),
        },
    ),
    Declaration(
        id="C07a",
        hypothesis="The gap between the prices of {a} and {b} closes",
        question="Does a gap between them close?",
        subject="whether a gap closes",
        applies=applies.prices,
        one_clock=True,
        decide=_mean_reversion,
        tests=(_TIE,),
        effects=(effects.LONGEST_HALF_LIFE,),
        rule=Rule(
            f"the half-life's interval ends below {effects.LONGEST_HALF_LIFE:.0f} observations, "
            f"{DISCOVERED}, and a second test of cointegration agrees",
            f"the half-life's interval begins above {effects.LONGEST_HALF_LIFE:.0f} observations, "
            "or the variance ratio lies wholly above 1",
        ),
        sentences={
            "yes": "Half of a gap closes in {half}, judged {since}",
            "no": "Not within {year}: half of a gap takes {half}, judged {since}",
            "widens": (
                "Gaps widen: over 60 {period}s the price ratio moves {x} as far as a random walk "
                "would, {since}"
            ),
            "open": "Half of a gap takes {half}, judged {since}: do not count on it",
            "no pull": (
                "No pull back was measured: over 60 {period}s the price ratio moves {x} as far as "
                "a random walk would, {since}"
            ),
            "no measure": "No pull back was measured {since}",
        },
    ),
    Declaration(
        id="C07b",
        hypothesis="Flows of money widen the gap between {a} and {b} and then close it",
        question="Do fund flows push them apart?",
        subject="fund flows",
        applies=applies.funds,
        needs="needs the shares outstanding of both funds",
    ),
)
