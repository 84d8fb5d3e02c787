"""C06, C16, C18a and C26: whether the relation stays what it was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.changes import change, findable, same_range, way
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.finding import Finding, sized_runs
from convex_research.claims.places import At
from convex_research.claims.sentences import (
    CHANGE,
    correlation,
    ends,
    quantity,
    reach,
    signed,
    since,
)
from convex_research.claims.survival import sign_kept
from convex_research.claims.verdict import LEVEL, Pvalues, beyond, size_of

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate, TestResult

__all__ = ["DECLARED"]

_CLEAN = (
    "regimes.standardised_difference[high_vol-low_vol]",
    "consistency.standardised_regime_gap[high_vol-low_vol]",
)


def _tilts(case: Case) -> Finding:
    """The tilt of A against B moves over time."""
    (gap,), (test,) = case.estimates, case.tests
    return Finding.of_change(
        *(case, effects.BETA_DRIFT),
        pvalues=Pvalues.of_change(gap, effects.BETA_DRIFT, test.pvalue),
        fields={"x": quantity(gap, CHANGE, case.keys[0], null=0.0), "since": since(gap)},
        reach=reach(gap, 0.0, "change", tails=2),
    )


def _regimes(case: Case) -> Finding:
    """Correlation differs by volatility, by more than volatility itself makes."""
    facts, margin = case.facts, effects.CORRELATION_MARGIN_Z
    raw, raw_r = case.estimates[:2]
    clean, clean_r = (facts.estimate(key) for key in _CLEAN)
    verdict = case.verdict
    of_raw, of_clean = Pvalues.of_change(raw, margin), Pvalues(1.0, 1.0)
    together = False
    if clean is not None:
        of_clean = Pvalues.of_change(clean, margin)
        together = clean.value * raw.value > 0.0
    # Where days sorted by volatility differ, it must be shown that volatility does not make it.
    differs = of_raw.supported < LEVEL
    mechanical = verdict == "rejected" and differs
    higher, lower = case.estimates[2:]
    runs = case.runs(sign_kept(raw) if verdict == "supported" else lambda one: beyond(one, margin))
    both = [raw] if clean is None else [raw, clean]
    nearest = min(both, key=lambda one: abs(one.value))
    widest = max(both, key=lambda one: one.std_error or 0.0)
    return Finding(
        of=clean if mechanical else raw,
        fields={
            "way": "rises" if raw.value > 0.0 else "falls",
            "change": change(raw_r if clean_r is None or not mechanical else clean_r),
            "high": correlation(higher.value),
            "low": correlation(lower.value),
            "range": same_range(facts),
        },
        reach=findable(lower.value, widest),
        instead={"rejected": "mechanical"} if mechanical else {},
        runs=[] if mechanical else runs,
        also=tuple(key for key in _CLEAN if facts.estimate(key) is not None),
        size=size_of(nearest, margin),
        contrary=verdict == "supported" and raw.value < 0.0,
        pvalues=Pvalues(
            max(of_raw.supported, of_clean.supported) if together else 1.0,
            of_clean.rejected if differs else of_raw.rejected,
        ),
    )


def _shifted(case: Case) -> Finding:
    """Correlation changed at some date: a test at any date, the size at three."""
    facts, margin = case.facts, effects.CORRELATION_MARGIN_Z
    shift, split, split_r = case.estimates
    test, same = case.tests
    verdict = case.verdict
    size = size_of(shift, margin)
    low, high = split.low or 0.0, split.high or 0.0
    returned = verdict == "supported" and low < 0.0 < high
    if returned:  # it is not told beside a split that may be none
        size = "slight" if -margin < low and high < margin else "open"
    runs, size = sized_runs(case, "stability.cusum_r", size)
    before = facts.estimate("correlation.pearson[all]")
    return Finding(
        of=split,
        fields={
            "date": str(split.day),
            "way": way(split_r),
            "change": change(split_r),
            "range": same_range(facts),
        },
        reach="" if before is None else findable(before.value, split),
        instead={"supported": "moved" if size == "slight" else "returned"} if returned else {},
        runs=runs,
        size=size,
        pvalues=Pvalues(_changed(test, split), same.pvalue),
    )


def _changed(test: TestResult, split: Estimate) -> float:
    """The test's p-value; where its draws end, that of the widest of three splits if smaller.

    Both are p-values of a constant correlation, and the second is asked only where the first is
    at its floor, so that together they reach no value more often than either may.
    """
    if test.pvalue_bound != "<=":
        return test.pvalue
    one = Pvalues.of_change(split, effects.CORRELATION_MARGIN_Z).supported
    return min(test.pvalue, -math.expm1(3.0 * math.log1p(-min(one, 0.5))))


def _consistency(case: Case) -> Finding:
    """95 % of rolling windows above 0.70."""
    (low,) = case.estimates
    window = case.facts.analysis.config.rolling_window
    key = f"rolling.pearson_min_5y[{window}]"
    least = case.facts.estimate(key)
    fell = ""
    if least is not None:
        fell = (
            f"; the lowest of them was {signed(least.value)}, in the window that ended {least.end}"
        )
    windows = f"windows of {window} {case.facts.period}s"
    level = f"in 95 % of {windows} r lay above {signed(low.value)} {ends(low)}"
    return Finding.of_side(
        *(case, effects.DIRECTION_SHARE),
        fields={"level": level, "fell": fell},
        also=() if least is None else (key,),
    )


def _same_way(facts: Facts) -> bool:
    """Legs that move against each other do not move together consistently."""
    whole = facts.estimate("correlation.pearson[all]")
    return whole is None or whole.value > 0.0


DECLARED = (
    Declaration(
        id="C06",
        hypothesis="The tilt of {a} against {b} moves",
        question="Does {a}'s beta on {b} change?",
        subject="whether {a}'s beta on {b} changes",
        applies=applies.peers,
        one_clock=True,
        decide=_tilts,
        keys=("consistency.beta_halves",),
        tests=("consistency.beta_halves_test",),
        effects=(effects.BETA_DRIFT,),
        rule=Rule.beyond("the change of beta between the halves of the sample", effects.BETA_DRIFT),
        sentences={
            "yes": "By {x} from the first half to the second, {since}",
            "slightly": (
                "By {x} from the first half to the second, {since}: less than the "
                f"{effects.BETA_DRIFT:.2f} that matter"
            ),
            "no": (
                "From the first half to the second it moved by {x}, {since}: within the "
                f"{effects.BETA_DRIFT:.2f} that do not matter"
            ),
            "open": "From the first half to the second it moved by {x}, {since}",
        },
        at=(At("peer.tilt", 2),),
        gives_way={"comparison": 30},
    ),
    Declaration(
        id="C16",
        hypothesis="Correlation differs between calm and turbulent times",
        question="Does r rise in turbulent times?",
        subject="Whether r rises in turbulent times",
        applies=applies.always,
        decide=_regimes,
        keys=(
            "regimes.difference[high_vol-low_vol]",
            "consistency.regime_gap[high_vol-low_vol]",
            "regimes.pearson[high_vol]",
            "regimes.pearson[low_vol]",
        ),
        effects=(effects.CORRELATION_MARGIN_Z,),
        rule=Rule(
            "r of the most turbulent third of {period}s differs from that of the calmest, before "
            f"and after each leg's volatility is divided out, {DISCOVERED}; by more than matters "
            "where the {level} interval lies wholly beyond "
            f"±{effects.CORRELATION_MARGIN_Z:.2f} of Fisher's z",
            f"they differ by less than {effects.CORRELATION_MARGIN_Z:.2f} of Fisher's z, "
            f"{DISCOVERED}; after volatility is divided out where they differ before",
        ),
        sentences={
            "supported": (
                "r {way} in turbulent times, by {change}: it is {high} in the most turbulent third "
                "of {period}s and {low} in the calmest"
            ),
            "rejected": (
                "r is the same in calm and turbulent times, {range}: the most turbulent third of "
                "{period}s less the calmest is {change}"
            ),
            "mechanical": (
                "Volatility alone makes r differ between calm and turbulent times: with it divided "
                "out, {change}"
            ),
            "inconclusive": (
                "Whether r rises in turbulent times is open: the most turbulent third of {period}s "
                "less the calmest is {change}"
            ),
        },
        at=(At("correlation.regimes"), At("question.stability", 2)),
        gives_way={"correlation": 4, "comparison": 17},
    ),
    Declaration(
        id="C18a",
        hypothesis="Correlation has changed at some date",
        question="Has there been a lasting shift?",
        subject="Whether there has been a lasting shift of r",
        applies=applies.always,
        decide=_shifted,
        keys=("stability.shift", "stability.shift_split", "stability.shift_split_r"),
        tests=("stability.cusum_r", "stability.shift_within"),
        effects=(effects.CORRELATION_MARGIN_Z,),
        rule=Rule(
            f"a test finds a change at some date, {DISCOVERED}; by more than matters where the "
            "{level} interval of the widest of three splits, the choice allowed for, lies above "
            f"{effects.CORRELATION_MARGIN_Z:.2f} of Fisher's z",
            "before and after a quarter, half and three quarters of the sample r differs by less "
            f"than {effects.CORRELATION_MARGIN_Z:.2f} of Fisher's z, {DISCOVERED}",
        ),
        sentences={
            "supported": "Since {date} r is {way} than before, by {change}",
            "moved": (
                "r has moved and come back: before and after any date tried the same, {range}"
            ),
            "returned": "r has moved and come back: since {date} against before {change}",
            "rejected": (
                "Before and after any date tried r is the same, {range}; since {date} {change}"
            ),
            "inconclusive": (
                "Whether there has been a lasting shift of r is open: since {date} against before "
                "{change}"
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
        one_clock=True,
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
            *At.each(2, "cross-asset.market", "crypto.clock", "commodity.market"),
        ),
        gives_way={"correlation": 5, "comparison": 18},
    ),
)
