"""C06, C16, C18a and C26: whether the relation stays what it was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.changes import agreeing, change, findable, moved
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.finding import Finding, sized_runs
from convex_research.claims.sentences import (
    CHANGE,
    R,
    decimals,
    quantity,
    reach,
    since,
    written,
)
from convex_research.claims.survival import sign_kept
from convex_research.claims.verdict import LEVEL, Pvalues, beyond, size_of
from convex_research.core import formatting as fmt
from convex_research.core.sentences import Quantity

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
    mechanical = verdict == "rejected" and differs and clean_r is not None
    higher, lower = (one.value for one in case.estimates[2:])
    runs = case.runs(sign_kept(raw) if verdict == "supported" else lambda one: beyond(one, margin))
    both = [raw] if clean is None else [raw, clean]
    nearest = min(both, key=lambda one: abs(one.value))
    widest = max(both, key=lambda one: one.std_error or 0.0)
    places = agreeing(raw_r, higher, lower) if verdict == "supported" else 2
    gap = _CLEAN if mechanical else case.keys[:2]
    nearer = raw.value * higher > 0.0 if facts.twins else raw.value < 0.0
    contrary = verdict == "supported" and nearer
    return Finding(
        of=clean if mechanical else raw,
        question="Do they part more in turbulent times?" if facts.twins else "",
        fields={
            "change": change(facts, *gap, places=places),
            "divided": "" if clean_r is None else written(clean_r.value, CHANGE),
            "high": written(higher, R),
            "low": written(lower, R),
            "since": since(raw),
            **moved(facts),
        },
        reach=findable(facts, lower, widest),
        instead=_variants(facts.twins, mechanical, contrary, differs and clean_r is not None),
        runs=[] if mechanical else runs,
        also=tuple(key for key in _CLEAN if facts.estimate(key) is not None),
        size=size_of(nearest, margin),
        contrary=contrary,
        pvalues=Pvalues(
            max(of_raw.supported, of_clean.supported) if together else 1.0,
            of_clean.rejected if differs else of_raw.rejected,
        ),
    )


def _variants(twins: bool, mechanical: bool, contrary: bool, disagree: bool) -> dict[str, str]:  # noqa: FBT001
    """Other sentences: of twins, of volatility alone, of a fall, of r before and after dividing."""
    if twins:
        words = dict.fromkeys(("yes", "slightly", "no", "open"), "gap")
        return words | ({"no": "mechanical gap"} if mechanical else {})
    if mechanical or contrary:
        return {"no": "mechanical" if mechanical else "falls"}
    return {"open": "divided"} if disagree else {}


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
            "date": "" if split.day is None else f"{split.day:%B %Y}",
            "change": change(facts, *case.keys[1:]),
            "most": _most(split_r, case.keys[2]),
            "since": since(split),
            **moved(facts),
        },
        reach="" if before is None else findable(facts, before.value, split),
        instead=dict.fromkeys(("yes", "slightly"), "moved" if size == "slight" else "returned")
        if returned
        else {},
        runs=runs,
        size=size,
        pvalues=Pvalues(_changed(test, split), same.pvalue),
    )


def _most(split: Estimate, key: str) -> Quantity:
    """How far apart r may be before and after a date, where no date divides it for sure."""
    most = max(abs(split.low or 0.0), abs(split.high or 0.0))
    places = decimals(split, CHANGE, None)
    return Quantity(f"at most {fmt.number(most, places)}", "", key)


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
    facts = case.facts
    in_step = 1.0 - abs(low.value) < 1e-9
    return Finding.of_side(
        *(case, effects.DIRECTION_SHARE),
        fields={
            "level": quantity(low, R, case.keys[0], null=effects.DIRECTION_SHARE),
            "window": f"{facts.analysis.config.rolling_window}-{facts.period}",
            "span": facts.span(low.nobs),
        },
        instead={"yes": "in step"} if in_step else {},
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
    ),
    Declaration(
        id="C16",
        hypothesis="Correlation differs between calm and turbulent times",
        question="Does r rise in turbulent times?",
        subject="whether r rises in turbulent times",
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
            "yes": (
                "By {change} {since}: r is {high} in the most turbulent third of {period}s and "
                "{low} in the calmest"
            ),
            "slightly": "By {change} {since}: real, too small to matter",
            "falls": (
                "It falls, by {change} {since}: r is {high} in the most turbulent third of "
                "{period}s and {low} in the calmest"
            ),
            "no": (
                "Turbulent less calm third of {period}s: {change} {since}; {same} counts as the "
                "same"
            ),
            "mechanical": (
                "Volatility alone makes the difference: with it divided out, {change} {since}"
            ),
            "divided": (
                "The most turbulent third of {period}s less the calmest: {change} {since}; "
                "{divided} with volatility divided out"
            ),
            "open": "The most turbulent third of {period}s less the calmest: {change} {since}",
            "gap": (
                "In the most turbulent third of {period}s {moved} {change}{wide} as in the calmest"
            ),
            "mechanical gap": (
                "Volatility alone makes the difference: with it divided out, {change}{wide} in "
                "turbulent as in calm times"
            ),
        },
    ),
    Declaration(
        id="C18a",
        hypothesis="Correlation has changed at some date",
        question="Has there been a lasting shift?",
        subject="a lasting shift",
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
            "yes": "Since {date} {moved} {change}{wide}",
            "slightly": "Since {date} {moved} {change}{wide}: real, too small to matter",
            "moved": (
                "It has moved and come back {since}: before and after any date tried the same, "
                "with {same}"
            ),
            "returned": (
                "It has moved and come back {since}: before and after {date}, the widest split, "
                "r differs by {most}"
            ),
            "no": (
                "At the widest of the splits tried, {date}, {moved} {change}{wide}; {same} counts "
                "as the same"
            ),
            "open": "At the widest split, {date}, {moved} {change}{wide}",
        },
    ),
    Declaration(
        id="C26",
        hypothesis="The legs move together consistently",
        question="Does r stay above 0.70?",
        subject="whether r stays above 0.70",
        applies=_same_way,
        one_clock=True,
        decide=_consistency,
        keys=("consistency.rolling_low[{rolling}]",),
        parent="C34",
        effects=(effects.DIRECTION_SHARE,),
        rule=Rule.above(
            "the level that 95 % of rolling windows exceed", f"{effects.DIRECTION_SHARE:.2f}"
        ),
        sentences={
            "yes": "95 % of {window} windows over the past {span} lie above {level}",
            "in step": "In all {window} windows over the past {span} they move exactly in step",
            "no": "Only above {level}, in 95 % of {window} windows over the past {span}",
        },
    ),
)
