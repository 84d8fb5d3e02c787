"""C32, whether A amplifies the moves of B."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.claim import Claim, Verdict
from convex_research.claims.effects import BETA_MARGIN
from convex_research.claims.sentences import ends, leg_names, sample, signed
from convex_research.estimates import Estimate, NotComputed

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis

__all__ = ["amplification_claim"]

KEY = "regression.beta[252]"


def amplification_claim(analysis: PairAnalysis) -> Claim | None:
    """Beta of A on B against one; absent where the legs have different units."""
    if analysis.returns.units[0] != analysis.returns.units[1]:
        return None
    beta = analysis[KEY] if KEY in analysis else NotComputed("that window is not configured")
    if not isinstance(beta, Estimate) or beta.low is None or beta.high is None:
        reason = beta.reason if isinstance(beta, NotComputed) else "it has no interval"
        text = f"Whether one leg amplifies the other is not tested ({reason})."
        return Claim(id="C32", verdict="not tested", text=text)
    a, b = leg_names(analysis)
    verdict: Verdict = "inconclusive"
    if beta.low > 1.0 + BETA_MARGIN:
        verdict, said = "supported", f"{a} amplifies the moves of {b}"
    elif beta.high < 1.0 - BETA_MARGIN:
        verdict = "rejected"
        said = f"{a} does not amplify the moves of {b}; it " + (
            "moves against them" if beta.high < 0.0 else "dampens them"
        )
    elif beta.low > 1.0 - BETA_MARGIN and beta.high < 1.0 + BETA_MARGIN:
        verdict, said = "rejected", f"{a} moves one for one with {b}"
    else:
        said = f"Whether {a} amplifies or dampens the moves of {b} is open"
    text = (
        f"{said}: beta of {a} on {b} {signed(beta.value)} {ends(beta)} "
        f"{sample(beta, analysis.returns.frequency)}."
    )
    return Claim(id="C32", verdict=verdict, text=text, evidence=(KEY,))
