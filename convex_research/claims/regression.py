"""C31 and C32: what R2 says, and whether A amplifies the moves of B."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims.effects import BETA_MARGIN
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import percent, percent_ends, slope, slope_ends
from convex_research.claims.verdict import above, below, beyond
from convex_research.core.estimates import Estimate, NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict
    from convex_research.claims.survival import Rule

__all__ = ["amplification", "explained_variance"]

_EXACT = 1e-12


def amplification(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C32: beta of A on B against one; for legs in different units, against zero."""
    key, reverse_key = (f"regression.{name}[{facts.year}]" for name in ("beta", "beta_reverse"))
    beta = facts.result(key)
    if not isinstance(beta, Estimate) or beta.low is None or beta.high is None:
        reason = beta if isinstance(beta, NotComputed) else "it has no interval"
        return not_tested("C32", f"How {facts.a} moves with {facts.b}", reason)
    units = facts.units
    number = f"{slope(beta, units, facts.b)} {slope_ends(beta, units)}"
    rule = _amplifies if facts.one_unit else _same_way
    verdict = rule(beta)
    reverse = facts.estimate(reverse_key)
    evidence = [key]
    if reverse is not None and facts.one_unit:
        number += f", and the other way round {slope(reverse, units[::-1], facts.a)}"
        evidence.append(reverse_key)
    return told(
        "C32",
        verdict,
        _texts(facts, beta, number),
        ending=facts.sample(beta),
        evidence=evidence,
        runs=facts.runs(key, verdict, _kept(beta, verdict) if facts.one_unit else rule),
    )


def _amplifies(beta: Estimate) -> Verdict:
    """Above one by the margin; rejected below one, or where it is one for one."""
    verdict = above(beta, 1.0 + BETA_MARGIN)
    if verdict == "supported" or below(beta, 1.0 - BETA_MARGIN) == "supported":
        return "supported" if verdict == "supported" else "rejected"
    return "rejected" if _one_for_one(beta) else "inconclusive"


def _kept(beta: Estimate, verdict: Verdict) -> Rule:
    """The rule for further runs: they must keep what exactly was said."""
    if verdict == "supported":
        return lambda one: above(one, 1.0 + BETA_MARGIN)
    if _one_for_one(beta):
        return lambda one: beyond(_less_one(one), _less_one(one), BETA_MARGIN)
    return lambda one: above(one, 1.0 - BETA_MARGIN)


def _less_one(beta: Estimate) -> Estimate:
    low, high = (beta.low or 0.0) - 1.0, (beta.high or 0.0) - 1.0
    return replace(beta, value=beta.value - 1.0, low=low, high=high)


def _one_for_one(beta: Estimate) -> bool:
    low, high = beta.low, beta.high
    return (
        low is not None
        and high is not None
        and low > 1.0 - BETA_MARGIN
        and high < 1.0 + BETA_MARGIN
    )


def _same_way(beta: Estimate) -> Verdict:
    return above(beta, 0.0)


def _texts(facts: Facts, beta: Estimate, number: str) -> dict[Verdict, str]:
    a, b = facts.a, facts.b
    if not facts.one_unit:
        return {
            "supported": f"{a} moves in the direction of {b}: {number}",
            "rejected": f"{a} does not move in the direction of {b} but against it: {number}",
            "inconclusive": f"Whether {a} moves with {b} or against it is open: {number}",
        }
    against = beta.high is not None and beta.high < 0.0
    how = "it moves against them" if against else "it dampens them"
    rejected = f"{a} does not amplify the moves of {b}; {how}: {number}"
    if _one_for_one(beta):
        rejected = f"{a} does not amplify the moves of {b}; it moves one for one: {number}"
    return {
        "supported": f"{a} amplifies the moves of {b}: {number}",
        "rejected": rejected,
        "inconclusive": f"Whether {a} amplifies or dampens the moves of {b} is open: {number}",
    }


def explained_variance(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C31: R2 is r squared and the product of both betas; exact, or the program is wrong.

    The verdict is about the identity, which no tail can upset; an interval that heavy tails
    spoil is left out of the sentence.
    """
    year = str(facts.year)
    window = year if facts.estimate(f"regression.rsquared[{year}]") is not None else "all"
    keys = (
        f"regression.rsquared[{window}]",
        f"correlation.pearson[{window}]",
        f"regression.beta[{window}]",
        f"regression.beta_reverse[{window}]",
    )
    found = facts.estimates(*keys)
    if isinstance(found, NotComputed):
        return not_tested("C31", "The share of variance explained", found)
    share, r, beta, reverse = found
    exact = all(
        math.isclose(share.value, other, rel_tol=_EXACT, abs_tol=_EXACT)
        for other in (r.value**2, beta.value * reverse.value)
    )
    size = f"{percent(share.value)} {percent_ends(share)}"
    nature = "R², the square of r"
    if any("heavy_tails" in one.flags for one in found):
        size = percent(share.value)
        nature += "; tails are so heavy that no interval for it holds its level"
        share = replace(share, low=None, high=None, confidence_level=None)
    number = (
        f"a straight line through the moves of {facts.b} accounts for {size} of the variance of "
        f"{facts.a} ({nature})"
    )
    texts: dict[Verdict, str] = {
        "supported": f"A{number[1:]}",
        "rejected": f"The identities of R² fail, so this page must not be used: {number}",
    }
    verdict: Verdict = "supported" if exact else "rejected"
    return told("C31", verdict, texts, ending=facts.sample(share), evidence=keys)
