"""C04 and C07: whether the price ratio trends or returns, and the flows behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import ends, pvalue, signed
from convex_research.claims.verdict import LEVEL, above, below, needs_test, run

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict
    from convex_research.estimates import Estimate

__all__ = ["flows", "long_episodes", "mean_reversion"]


def long_episodes(facts: Facts, adjusted: float | None) -> Claim:
    """C04: relative performance comes in episodes longer than chance makes them."""
    key, test_key = "persistence.variance_ratio[252]", "persistence.trend_test[252]"
    ratio, test = facts.estimate(key), facts.test(test_key)
    subject = "Whether relative performance comes in long episodes"
    if ratio is None or test is None:
        missing = facts.missing(key, test_key)
        return not_tested("C04", subject, missing)
    verdict = needs_test(above(ratio, effects.TREND_RATIO), adjusted)
    number = (
        f"yearly changes of the price ratio vary {signed(ratio.value, plus=False)} times "
        f"{ends(ratio, plus=False)} as much as those of a random walk, {pvalue(test.pvalue)}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"Relative performance trends: {number}",
        "rejected": f"Episodes are no longer than those of a random walk: {number}",
        "inconclusive": f"{subject} is open: {number}",
    }
    ending = facts.sample(ratio)
    return told("C04", verdict, texts, ending=ending, evidence=(key, test_key), pvalue=test.pvalue)


def mean_reversion(facts: Facts, adjusted: float | None) -> Claim:
    """C07a: the gap between the prices closes, at a half-life of a year at most."""
    half_key, test_key = "cointegration.half_life", "cointegration.engle_granger[aic]"
    ratio_key = "cointegration.variance_ratio[60]"
    test, ratio = facts.test(test_key), facts.estimate(ratio_key)
    if test is None:
        return not_tested(
            "C07a", "Whether the gap between the prices closes", facts.missing(test_key)
        )
    half = facts.estimate(half_key)
    verdict: Verdict = "inconclusive"
    if half is not None and below(half, effects.LONGEST_HALF_LIFE) == "supported":
        verdict = needs_test("supported", adjusted)
    elif _slow(half, ratio):
        verdict = "rejected"
    runs = []
    other = facts.test("cointegration.phillips_ouliaris")
    if other is not None and verdict == "supported":
        agrees = other.pvalue < 2.0 * LEVEL
        runs.append(run("Phillips-Ouliaris p-value", other.pvalue, agrees=agrees))
    life = _life(half)
    pair = f"the prices of {facts.a} and {facts.b}"
    texts: dict[Verdict, str] = {
        "supported": f"The gap between {pair} closes: {life}, {pvalue(test.pvalue)}",
        "rejected": f"The gap between {pair} does not close within a year: {life}"
        + (f", variance ratio over 60 days {signed(ratio.value, plus=False)}" if ratio else ""),
        "inconclusive": f"That the gap between {pair} closes is not established: {life}, "
        f"{pvalue(test.pvalue)}",
    }
    evidence = [test_key, *(k for k, r in ((half_key, half), (ratio_key, ratio)) if r is not None)]
    ending = facts.sample(half) if half is not None else _plain(facts, test.nobs)
    return told(
        "C07a", verdict, texts, ending=ending, evidence=evidence, pvalue=test.pvalue, runs=runs
    )


def _slow(half: Estimate | None, ratio: Estimate | None) -> bool:
    """Whether half of a gap takes more than a year, or gaps even widen."""
    if half is not None and above(half, effects.LONGEST_HALF_LIFE) == "supported":
        return True
    return ratio is not None and above(ratio, 1.0) == "supported"


def _life(half: Estimate | None) -> str:
    if half is None:
        return "no half-life can be given"
    low = "0" if half.low is None else f"{half.low:,.0f}"
    high = "∞" if half.high is None else f"{half.high:,.0f}"
    return f"half-life {half.value:,.0f} days [{low}, {high}]"


def _plain(facts: Facts, nobs: int) -> str:
    returns = facts.analysis.returns
    return f"({nobs:,} {facts.frequency} observations, {returns.day(0)} to {returns.day(-1)})"


def flows(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C07b: no flow data are loaded."""
    subject = f"The flow mechanism between {facts.a} and {facts.b}"
    return not_tested("C07b", subject, "flow data are not loaded; needs shares outstanding")
