"""C04 and C07: whether the price ratio trends or returns, and the flows behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import ends, percent, pvalue, signed
from convex_research.claims.survival import run
from convex_research.claims.verdict import LEVEL, above, below, needs_test

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict
    from convex_research.core.estimates import Estimate

__all__ = ["flows", "long_episodes", "mean_reversion"]

_LONGEST, _WALKS = "persistence.longest_episode[252]", "persistence.episode_test[252]"
_YEAR = 252


def long_episodes(facts: Facts, adjusted: float | None) -> Claim:
    """C04: relative performance comes in episodes longer than chance makes them."""
    from scipy.stats import false_discovery_control

    key, test_key = "persistence.variance_ratio[252]", "persistence.trend_test[252]"
    ratio, test = facts.estimate(key), facts.test(test_key)
    subject = "Whether relative performance comes in long episodes"
    if ratio is None or test is None:
        missing = facts.missing(key, test_key)
        return not_tested("C04", subject, missing)
    longest, walks = facts.estimate(_LONGEST), facts.test(_WALKS)
    both = [one.pvalue for one in (test, walks) if one is not None]
    p = float(min(false_discovery_control(both)))
    verdict = needs_test(_trends(ratio), adjusted)
    number = f"over a year the price ratio varies {_vary(ratio)}, {pvalue(test.pvalue)}"
    evidence = [key, test_key]
    if longest is not None and walks is not None:
        evidence += [_LONGEST, _WALKS]
        number += (
            f"; the ratio once stayed on one side of its average over the past year for "
            f"{longest.value / _YEAR:.1f} years, as {percent(walks.pvalue)} of random walks do"
        )
    texts: dict[Verdict, str] = {
        "supported": f"Relative performance trends: {number}",
        "rejected": f"Relative performance trends no more than a random walk: {number}",
        "inconclusive": f"{subject} is open: {number}",
    }
    return told(
        "C04",
        verdict,
        texts,
        ending=facts.sample(ratio),
        evidence=evidence,
        pvalue=p,
        runs=facts.runs(key, verdict, _trends),
    )


def _trends(ratio: Estimate) -> Verdict:
    return above(ratio, effects.TREND_RATIO)


def _vary(ratio: Estimate) -> str:
    size = f"{signed(ratio.value, plus=False)} times {ends(ratio, plus=False)}"
    return f"{size} as much as a random walk would"


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
    if half is not None and _quick(half) == "supported":
        verdict = needs_test("supported", adjusted)
    elif _slow(half, ratio):
        verdict = "rejected"
    runs = _further(facts, verdict, half, (half_key, ratio_key))
    other = facts.test("cointegration.phillips_ouliaris")
    if other is not None and verdict == "supported":
        agrees = other.pvalue < 2.0 * LEVEL
        runs += facts.runs(test_key, verdict, _quick)
        runs.append(run("by the Phillips-Ouliaris test", other.pvalue, agrees=agrees))
    life = _life(half)
    pair = f"the prices of {facts.a} and {facts.b}"
    texts: dict[Verdict, str] = {
        "supported": f"The gap between {pair} closes: {life}, {pvalue(test.pvalue)}",
        "rejected": f"The gap between {pair} does not close within a year: {life}"
        + (f"; over 60 days the price ratio varies {_vary(ratio)}" if ratio else ""),
        "inconclusive": f"That the gap between {pair} closes is not established: {life}, "
        f"{pvalue(test.pvalue)}",
    }
    evidence = [test_key, *(k for k, r in ((half_key, half), (ratio_key, ratio)) if r is not None)]
    ending = facts.sample(half) if half is not None else _plain(facts, test.nobs)
    return told(
        "C07a", verdict, texts, ending=ending, evidence=evidence, pvalue=test.pvalue, runs=runs
    )


def _further(
    facts: Facts, verdict: Verdict, half: Estimate | None, keys: tuple[str, str]
) -> list[dict[str, Any]]:
    """Runs of what decided: the half-life, or the variance ratio where gaps widen."""
    if verdict == "rejected" and (half is None or _quick(half) != "rejected"):
        return facts.runs(keys[1], verdict, lambda one: below(one, 1.0))
    return facts.runs(keys[0], verdict, _quick)


def _quick(half: Estimate) -> Verdict:
    return below(half, effects.LONGEST_HALF_LIFE)


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
    subject = f"Whether money flowing into {facts.a} and {facts.b} pushes their prices apart"
    return not_tested("C07b", subject, "needs the shares outstanding of both funds")
