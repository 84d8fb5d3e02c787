"""C06, C16, C18a, C26 and C35: whether the relation stays what it was."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.sections.consistency import full_years
from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import (
    correlation,
    decimals_off,
    ends,
    pvalue,
    reach,
    signed,
)
from convex_research.claims.survival import broken, far_from_zero, run
from convex_research.claims.verdict import LEVEL, above, answered, beyond, needs_test
from convex_research.core.estimates import NotComputed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.claims.claim import Claim, Verdict
    from convex_research.core.estimates import Estimate

__all__ = ["consistency", "regimes", "tilts", "unstable", "years"]

_TESTS = ("wied_simulated", "sup_f_simulated", "nyblom_simulated")
_PAIRS = ("high_vol-low_vol", "high_vol-mid_vol", "mid_vol-low_vol")
_STILL = 0.01


def tilts(facts: Facts, adjusted: float | None) -> Claim:
    """C06: the tilt of A against B moves over time."""
    keys = ("consistency.beta_halves", "consistency.beta_halves_90")
    found, test = facts.estimates(*keys), facts.test("consistency.beta_halves_test")
    subject = f"Whether the tilt of {facts.a} against {facts.b} moves"
    if isinstance(found, NotComputed):
        return not_tested("C06", subject, found)
    if test is None:
        return not_tested("C06", subject, facts.missing("consistency.beta_halves_test"))
    gap, narrow = found
    verdict = needs_test(beyond(gap, narrow, effects.BETA_DRIFT), adjusted)
    runs = facts.runs(keys[0], verdict, far_from_zero(verdict, gap, effects.BETA_DRIFT))
    anywhere = facts.test("stability.sup_f_simulated")
    if anywhere is not None and verdict == "supported":
        agrees = anywhere.pvalue < LEVEL
        runs.append(run("by the test for a break at any date", anywhere.pvalue, agrees=agrees))
    number = (
        f"its beta changes by {signed(gap.value)} {ends(gap)} from the first to the second half "
        f"of the sample, {pvalue(test.pvalue)}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"The tilt of {facts.a} against {facts.b} moves: {number}",
        "rejected": f"The tilt of {facts.a} against {facts.b} is steady, within 0.10: {number}",
        "inconclusive": f"{subject} is open: {number}" + reach(gap, effects.BETA_DRIFT, "change"),
    }
    evidence = (*keys, "consistency.beta_halves_test")
    ending = facts.sample(gap)
    return told(
        "C06", verdict, texts, ending=ending, evidence=evidence, pvalue=test.pvalue, runs=runs
    )


def regimes(facts: Facts, adjusted: float | None) -> Claim:
    """C16: correlation varies by volatility regime, by more than volatility itself makes."""
    wide = [f"consistency.regime_gap[{pair}]" for pair in _PAIRS]
    tight = [f"consistency.regime_gap_90[{pair}]" for pair in _PAIRS]
    found, test = facts.estimates(*wide, *tight), facts.test("regimes.equality")
    subject = "Whether correlation differs between calm and turbulent times"
    if isinstance(found, NotComputed):
        return not_tested("C16", subject, found)
    if test is None:
        return not_tested("C16", subject, facts.missing("regimes.equality"))
    gaps, narrow = found[:3], found[3:]
    parts = [beyond(g, n, effects.REGIME_GAP) for g, n in zip(gaps, narrow, strict=True)]
    verdict: Verdict = "inconclusive"
    if "supported" in parts:
        verdict = needs_test("supported", adjusted)
    elif all(part == "rejected" for part in parts):
        verdict = "rejected"
    runs = _regime_runs(facts, verdict, gaps, parts)
    clean = facts.test("regimes.standardised_equality")
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
    texts: dict[Verdict, str] = {
        "supported": (
            f"Correlation differs between calm and turbulent times, also once each leg's own "
            f"volatility is divided out: {number}"
        ),
        "rejected": f"Correlation is the same in calm and turbulent times, within 0.05: {number}",
        "inconclusive": (
            "Differences between calm and turbulent times are what sorting days by volatility "
            f"would produce anyway: {number}"
            if mechanical
            else f"{subject} is open: {number}" + reach(gap, effects.REGIME_GAP, "difference")
        ),
    }
    evidence = (*wide, *tight, "regimes.equality")
    ending = facts.sample(gap)
    return told(
        "C16", verdict, texts, ending=ending, evidence=evidence, pvalue=test.pvalue, runs=runs
    )


def _regime_runs(
    facts: Facts, verdict: Verdict, gaps: Sequence[Estimate], parts: Sequence[Verdict]
) -> list[dict[str, Any]]:
    """Runs of what decided: the widest gap shown, or all of them where none is."""
    shown = [i for i, part in enumerate(parts) if part == verdict]
    if verdict == "supported":
        shown = [max(shown, key=lambda i: abs(gaps[i].value))]
    made = []
    for i in shown:
        rule = far_from_zero(verdict, gaps[i], effects.REGIME_GAP)
        made += facts.runs(f"consistency.regime_gap[{_PAIRS[i]}]", verdict, rule)
    return made


def unstable(facts: Facts, adjusted: float | None) -> Claim:
    """C18a: correlation is not stable.

    The primary test compares the halves of the sample; at least two of three tests that look
    for a change at any date must agree.
    """
    keys = ("consistency.halves", "consistency.halves_90")
    found, test = facts.estimates(*keys), facts.test("consistency.halves_test")
    subject = "Whether correlation is stable"
    if isinstance(found, NotComputed):
        return not_tested("C18a", subject, found)
    if test is None:
        return not_tested("C18a", subject, facts.missing("consistency.halves_test"))
    gap, narrow = found
    verdict: Verdict = "inconclusive"
    part = beyond(gap, narrow, effects.DRIFT_RANGE)
    runs: list[dict[str, Any]] = []
    if part == "supported":
        verdict = needs_test("supported", adjusted)
        known = [facts.test(f"stability.{name}") for name in _TESTS]
        count = sum(one is not None and one.pvalue < LEVEL for one in known)
        if verdict == "supported":
            name = "by the three tests for a change at any date"
            runs.append(run(name, count, agrees=count >= 2, unit="tests that agree"))
    elif part == "rejected" and _still(facts):
        verdict = "rejected"
    rule = far_from_zero(verdict, gap, effects.DRIFT_RANGE)
    runs = [*facts.runs(keys[0], verdict, rule), *runs]
    number = (
        f"from the first to the second half of the sample r changes by {signed(gap.value)} "
        f"{ends(gap)}, {pvalue(test.pvalue)}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"Correlation is not stable: {number}",
        "rejected": (
            f"Correlation is stable, within 0.10 between halves and 0.05 from day to day: {number}"
        ),
        "inconclusive": f"{subject} is open: {number}" + reach(gap, effects.DRIFT_RANGE, "change"),
    }
    evidence = (*keys, "consistency.halves_test")
    ending = facts.sample(gap)
    return told(
        "C18a", verdict, texts, ending=ending, evidence=evidence, pvalue=test.pvalue, runs=runs
    )


def _still(facts: Facts) -> bool:
    """Whether DCC's filtered correlation stays near its median, reacting to no news."""
    news, path = facts.estimate("dynamics.dcc_a"), facts.path("dynamics.dcc")
    if news is None or path is None or path.size == 0 or news.value > _STILL:
        return False
    low, middle, high = np.quantile(path, (0.025, 0.5, 0.975))
    return bool(max(high - middle, middle - low) < effects.STABLE_BAND)


def consistency(facts: Facts, adjusted: float | None) -> Claim | None:  # noqa: ARG001
    """C26: 95 % of rolling windows above 0.70; absent for legs that move against each other."""
    whole = facts.estimate("correlation.pearson[all]")
    if whole is not None and whole.value <= 0.0:
        return None
    window = facts.analysis.config.rolling_window
    key, least_key = f"consistency.rolling_low[{window}]", f"rolling.pearson_min[{window}]"
    low = facts.estimate(key)
    if low is None:
        return not_tested("C26", "The consistency of rolling correlation", facts.missing(key))
    verdict = _high(low)
    least = facts.estimate(least_key)
    fell = ""
    if least is not None:
        fell = (
            f"; the lowest of the whole sample was {signed(least.value)}, in the window that ended "
            f"{least.end}"
        )
    level = f"in 95 % of windows of {window} days r lay above {signed(low.value)} {ends(low)}"
    texts: dict[Verdict, str] = {
        "supported": f"The legs move together consistently: {level}",
        "rejected": f"The legs do not move together consistently: {level}{fell}",
        "inconclusive": f"Whether the legs move together consistently is open: {level}{fell}",
    }
    evidence = (key, least_key) if least is not None else (key,)
    ending, runs = facts.sample(low), facts.runs(key, verdict, _high)
    return told("C26", verdict, texts, ending=ending, evidence=evidence, runs=runs)


def _high(low: Estimate) -> Verdict:
    return above(low, effects.DIRECTION_SHARE)


def years(facts: Facts, adjusted: float | None) -> Claim:
    """C35: calendar years differ, shown by a test; by how much, by the widest gap."""
    keys, test_key = ("consistency.years_gap", "consistency.years_gap_90"), "consistency.years"
    found, test = facts.estimates(*keys), facts.test(test_key)
    subject = "Whether calendar years differ"
    if isinstance(found, NotComputed):
        return not_tested("C35", subject, found)
    if test is None:
        return not_tested("C35", subject, facts.missing(test_key))
    gap, narrow = found
    margin = effects.CORRELATION_MARGIN_Z
    verdict, size = answered(gap, narrow, margin, adjusted)
    runs = facts.runs(test_key, verdict, _apart)
    extent = {None: "by more than matters", "slight": "by less than matters", "open": _OPEN}[size]
    if size is None:
        sized = facts.runs(keys[0], verdict, _apart)
        if verdict == "supported" and not all(one["agrees"] for one in sized):
            size, extent = "open", f"{_OPEN}, because that changes {broken(sized)}"
        else:
            runs += sized
    places = decimals_off(margin, gap.value, gap.low, gap.high, narrow.high)
    number = (
        f"{_farthest(facts)} are {signed(gap.value, places, plus=False)} "
        f"{ends(gap, places, plus=False)} apart in Fisher's z (r on a scale without ends), the "
        f"choice among the years allowed for, {pvalue(test.pvalue)}; the least that matters is "
        f"{margin:.2f}{_at_level(facts, margin)}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"Calendar years differ in correlation, {extent}: {number}",
        "rejected": (
            f"Calendar years have the same correlation, no two of them {margin:.2f} apart (at most "
            f"{signed(narrow.high or 0.0, places, plus=False)} by the 90 % interval): {number}"
        ),
        "inconclusive": f"{subject} is open: {number}",
    }
    evidence, ending = (*keys, test_key), facts.sample(gap)
    return told(
        *("C35", verdict, texts),
        ending=ending,
        evidence=evidence,
        pvalue=test.pvalue,
        runs=runs,
        size=size,
    )


_OPEN = "by how much is open"


def _apart(gap: Estimate) -> Verdict:
    return above(gap, effects.CORRELATION_MARGIN_Z)


def _farthest(facts: Facts) -> str:
    """The years with the highest and the lowest r, as the subject of a gap."""
    counted = [year for year, _ in full_years(facts.analysis.returns.dates)]
    found = {year: facts.estimate(f"correlation.pearson[{year}]") for year in counted}
    r = {year: one.value for year, one in found.items() if one is not None}
    high, low = max(r, key=r.__getitem__), min(r, key=r.__getitem__)
    return (
        f"of {len(counted)} years the farthest two, {high} with r {correlation(r[high])} and "
        f"{low} with {correlation(r[low])},"
    )


def _at_level(facts: Facts, margin: float) -> str:
    """What a margin on Fisher's scale is in r, at the r of the whole sample."""
    whole = facts.estimate("correlation.pearson[all]")
    if whole is None:
        return ""
    low, high = (math.tanh(math.atanh(whole.value) + step) for step in (-margin, margin))
    return f", from r {correlation(whole.value)} to {correlation(low)} or {correlation(high)}"
