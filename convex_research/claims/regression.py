"""C31 and C32: what R2 says, and whether A amplifies the moves of B."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims.claim import Claim, Verdict
from convex_research.claims.effects import BETA_MARGIN
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import ends, leg_names, percent, percent_ends, sample, signed
from convex_research.claims.verdict import above, below
from convex_research.estimates import Estimate, NotComputed

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis

__all__ = ["amplification_claim", "explained_variance"]

KEY = "regression.beta[252]"
_EXACT = 1e-12
# What A moves in, and what B moves by, in words.
_UNITS = {"decimal": ("points", "%"), "bp": ("bp", "bp"), "points": ("points", "point")}


def amplification_claim(analysis: PairAnalysis) -> Claim | None:
    """Beta of A on B against one; absent where the legs have different units."""
    if analysis.returns.units[0] != analysis.returns.units[1]:
        return None
    beta = analysis[KEY] if KEY in analysis else NotComputed("that window is not configured")
    if not isinstance(beta, Estimate) or beta.low is None or beta.high is None:
        reason = beta if isinstance(beta, NotComputed) else "it has no interval"
        return not_tested("C32", "Whether one leg amplifies the other", reason)
    a, b = leg_names(analysis)
    verdict: Verdict = "inconclusive"
    if above(beta, 1.0 + BETA_MARGIN) == "supported":
        verdict, said = "supported", f"{a} amplifies the moves of {b}"
    elif below(beta, 1.0 - BETA_MARGIN) == "supported":
        verdict = "rejected"
        said = f"{a} does not amplify the moves of {b}; it " + (
            "moves against them" if beta.high < 0.0 else "dampens them"
        )
    elif beta.low > 1.0 - BETA_MARGIN and beta.high < 1.0 + BETA_MARGIN:
        verdict, said = "rejected", f"{a} moves one for one with {b}"
    else:
        said = f"Whether {a} amplifies or dampens the moves of {b} is open"
    left, right = _UNITS.get(analysis.returns.units[1], ("units", "unit"))
    moves = f"{signed(beta.value)} {left} for each +1 {right} in {b}"
    text = f"{said}: {moves} {ends(beta)} {sample(beta, analysis.returns.frequency)}."
    return Claim(id="C32", verdict=verdict, text=text, evidence=(KEY,))


def explained_variance(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C31: R2 is r squared and the product of both betas; exact, or the program is wrong."""
    window = "252" if facts.estimate("regression.rsquared[252]") is not None else "all"
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
    number = (
        f"{percent(share.value)} {percent_ends(share)} of the variance of {facts.a} goes with "
        f"{facts.b} on a straight line; it is r squared and the product of both betas"
    )
    texts: dict[Verdict, str] = {
        "supported": number,
        "rejected": f"The identities of R² fail, so this page must not be used: {number}",
    }
    verdict: Verdict = "supported" if exact else "rejected"
    return told("C31", verdict, texts, ending=facts.sample(share), evidence=keys)
