"""C06, C16, C18a and C26: whether the relation stays what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.claims import applies, effects
from convex_research.claims.declaration import DISCOVERED, Declaration, Finding, Rule
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, pvalue, reach, signed
from convex_research.claims.survival import far_from_zero, run
from convex_research.claims.verdict import LEVEL, Pvalues, above, beyond, size_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.claims.claim import Verdict
    from convex_research.claims.declaration import Case
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_TESTS = ("wied_simulated", "sup_f_simulated", "nyblom_simulated")
_PAIRS = ("high_vol-low_vol", "high_vol-mid_vol", "mid_vol-low_vol")
_STILL = 0.01


def _tilts(case: Case) -> Finding:
    """The tilt of A against B moves over time."""
    (gap,), (test,) = case.estimates, case.tests
    verdict = case.verdict
    runs = case.runs(verdict, far_from_zero(verdict, gap, effects.BETA_DRIFT))
    anywhere = case.facts.test("stability.sup_f_simulated")
    if anywhere is not None and verdict == "supported":
        agrees = anywhere.pvalue < LEVEL
        runs.append(run("by the test for a break at any date", anywhere.pvalue, agrees=agrees))
    number = (
        f"its beta changes by {signed(gap.value)} {ends(gap)} from the first to the second half "
        f"of the sample, {pvalue(test.pvalue)}"
    )
    return Finding(
        verdict=verdict,
        of=gap,
        detail=number,
        reach=reach(gap, effects.BETA_DRIFT, "change"),
        runs=runs,
        size=size_of(gap, effects.BETA_DRIFT),
        pvalues=Pvalues.of_change(gap, effects.BETA_DRIFT, test.pvalue),
    )


def _regimes(case: Case) -> Finding:
    """Correlation varies by volatility regime, by more than volatility itself makes."""
    (test,) = case.tests
    gaps, narrow = case.estimates[:3], case.estimates[3:]
    parts = [beyond(g, n, effects.REGIME_GAP) for g, n in zip(gaps, narrow, strict=True)]
    verdict = case.verdict
    each = [Pvalues.of_change(g, effects.REGIME_GAP) for g in gaps]
    runs = _regime_runs(case, verdict, gaps, parts)
    clean = case.facts.test("regimes.standardised_equality")
    if clean is not None and verdict == "supported":
        agrees = clean.pvalue < LEVEL
        name = "once each leg's own volatility is divided out"
        runs.append(run(name, clean.pvalue, agrees=agrees))
    gap = gaps[0]
    mechanical = test.pvalue < LEVEL and clean is not None and clean.pvalue >= LEVEL
    number = (
        f"r in the most turbulent third of days less that in the calmest is "
        f"{signed(gap.value)} {ends(gap)}, {pvalue(test.pvalue)}"
    )
    return Finding(
        verdict=verdict,
        of=gap,
        detail=number,
        reach="" if mechanical else reach(gap, effects.REGIME_GAP, "difference"),
        instead={"inconclusive": "mechanical"} if mechanical else {},
        runs=runs,
        pvalues=Pvalues(
            test.pvalue if "supported" in parts else 1.0, max(one.rejected for one in each)
        ),
    )


def _regime_runs(
    case: Case, verdict: Verdict, gaps: Sequence[Estimate], parts: Sequence[Verdict]
) -> list[dict[str, Any]]:
    """Runs of what decided: the widest gap shown, or all of them where none is."""
    deciding = [i for i, part in enumerate(parts) if part == verdict]
    if verdict == "supported":
        deciding = [max(deciding, key=lambda i: abs(gaps[i].value))]
    return [
        one
        for i in deciding
        for one in case.runs(verdict, far_from_zero(verdict, gaps[i], effects.REGIME_GAP), at=i)
    ]


def _unstable(case: Case) -> Finding:
    """Correlation is not stable.

    The primary test compares the halves of the sample; at least two of three tests that look
    for a change at any date must agree.
    """
    facts = case.facts
    (gap, narrow), (test,) = case.estimates, case.tests
    part = beyond(gap, narrow, effects.DRIFT_RANGE)
    runs: list[dict[str, Any]] = []
    verdict = case.verdict
    if verdict == "supported":
        known = [facts.test(f"stability.{name}") for name in _TESTS]
        count = sum(one is not None and one.pvalue < LEVEL for one in known)
        name = "by the three tests for a change at any date"
        runs.append(run(name, count, agrees=count >= 2, unit="tests that agree"))
    same = Pvalues.of_change(gap, effects.DRIFT_RANGE).rejected
    judge = far_from_zero(verdict, gap, effects.DRIFT_RANGE)
    number = (
        f"from the first to the second half of the sample r changes by {signed(gap.value)} "
        f"{ends(gap)}, {pvalue(test.pvalue)}"
    )
    return Finding(
        verdict=verdict,
        of=gap,
        detail=number,
        reach=reach(gap, effects.DRIFT_RANGE, "change"),
        runs=[*case.runs(verdict, judge), *runs],
        pvalues=Pvalues(
            test.pvalue if part == "supported" else 1.0, same if _still(facts) else 1.0
        ),
    )


def _still(facts: Facts) -> bool:
    """Whether DCC's filtered correlation stays near its median, reacting to no news."""
    news, path = facts.estimate("dynamics.dcc_a"), facts.path("dynamics.dcc")
    if news is None or path is None or path.size == 0 or news.value > _STILL:
        return False
    low, middle, high = np.quantile(path, (0.025, 0.5, 0.975))
    return bool(max(high - middle, middle - low) < effects.STABLE_BAND)


def _consistency(case: Case) -> Finding:
    """95 % of rolling windows above 0.70."""
    (low,) = case.estimates
    window = case.facts.analysis.config.rolling_window
    key = f"rolling.pearson_min_5y[{window}]"
    least = case.facts.estimate(key)
    verdict = case.verdict
    fell = ""
    if least is not None:
        fell = (
            f"; the lowest of them was {signed(least.value)}, in the window that ended {least.end}"
        )
    windows = f"windows of {window} {case.facts.period}s"
    level = f"in 95 % of {windows} r lay above {signed(low.value)} {ends(low)}"
    return Finding(
        verdict=verdict,
        of=low,
        fields={"level": level, "fell": fell},
        runs=case.runs(verdict, _high),
        pvalues=Pvalues.of_side(low, effects.DIRECTION_SHARE),
        also=() if least is None else (key,),
    )


def _high(low: Estimate) -> Verdict:
    return above(low, effects.DIRECTION_SHARE)


def _same_way(facts: Facts) -> bool:
    """Legs that move against each other do not move together consistently."""
    whole = facts.estimate("correlation.pearson[all]")
    return whole is None or whole.value > 0.0


DECLARED = (
    Declaration(
        id="C06",
        hypothesis="The tilt of {a} against {b} moves",
        question="Do the tilts change?",
        subject="Whether the tilt of {a} against {b} moves",
        applies=applies.peers,
        decide=_tilts,
        keys=("consistency.beta_halves",),
        tests=("consistency.beta_halves_test",),
        effects=(effects.BETA_DRIFT,),
        rule=Rule.beyond(
            "the change of beta between the halves of the sample",
            effects.BETA_DRIFT,
            DISCOVERED,
            "a test for a break at any date agrees",
        ),
        sentences={
            "supported": "The tilt of {a} against {b} moves",
            "rejected": "The tilt of {a} against {b} is steady, within 0.10",
        },
        at=(At("peer.tilt", 2),),
        gives_way={"comparison": 30},
    ),
    Declaration(
        id="C16",
        hypothesis="Correlation differs between calm and turbulent times",
        question="Does r rise in turbulent times?",
        subject="Whether correlation differs between calm and turbulent times",
        applies=applies.always,
        decide=_regimes,
        keys=(
            *(f"consistency.regime_gap[{pair}]" for pair in _PAIRS),
            *(f"consistency.regime_gap_90[{pair}]" for pair in _PAIRS),
        ),
        tests=("regimes.equality",),
        effects=(effects.REGIME_GAP,),
        rule=Rule(
            "the {level} interval of a difference between two thirds of days, sorted by "
            "volatility, lies "
            f"beyond ±{effects.REGIME_GAP:.2f}, {DISCOVERED}, and it remains once each leg's "
            "volatility is divided out",
            f"the 90 % intervals of all three differences lie within ±{effects.REGIME_GAP:.2f}",
        ),
        sentences={
            "supported": (
                "Correlation differs between calm and turbulent times, also once each leg's own "
                "volatility is divided out"
            ),
            "rejected": "Correlation is the same in calm and turbulent times, within 0.05",
            "mechanical": (
                "Differences between calm and turbulent times are what sorting days by volatility "
                "would produce anyway"
            ),
        },
        at=(At("correlation.regimes"), At("question.stability", 2)),
        gives_way={"correlation": 4, "comparison": 17},
    ),
    Declaration(
        id="C18a",
        hypothesis="Correlation is not stable",
        question="Has there been a lasting shift?",
        subject="Whether correlation is stable",
        applies=applies.always,
        decide=_unstable,
        keys=("consistency.halves", "consistency.halves_90"),
        tests=("consistency.halves_test",),
        effects=(effects.DRIFT_RANGE, effects.STABLE_BAND),
        rule=Rule.beyond(
            "the change of r between the halves of the sample",
            effects.DRIFT_RANGE,
            DISCOVERED,
            "two of three tests for a change at any date agree",
            otherwise=(
                f" and the filtered correlation stays within {effects.STABLE_BAND} of its median"
            ),
        ),
        sentences={
            "supported": "Correlation is not stable",
            "rejected": (
                "Correlation is stable, within 0.10 between halves and 0.05 from day to day"
            ),
        },
        at=(At("correlation.stability"), At("question.stability", 1)),
    ),
    Declaration(
        id="C26",
        hypothesis="The legs move together consistently",
        question="Does r stay above 0.70?",
        subject="The consistency of rolling correlation",
        applies=_same_way,
        decide=_consistency,
        keys=("consistency.rolling_low[{rolling}]",),
        effects=(effects.DIRECTION_SHARE,),
        rule=Rule.above(
            "the level that 95 % of rolling windows exceed", f"{effects.DIRECTION_SHARE:.2f}"
        ),
        sentences={
            "supported": "The legs move together consistently: {level}",
            "rejected": "The legs do not move together consistently: {level}{fell}",
            "inconclusive": "Whether the legs move together consistently is open: {level}{fell}",
        },
        at=(
            At("correlation.extremes", 1),
            At("cross-asset.market", 2),
            At("crypto.clock", 2),
            At("commodity.market", 2),
        ),
        gives_way={"correlation": 5, "comparison": 18},
    ),
)
