"""How numbers and samples are written inside a claim's sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis
    from convex_research.estimates import Estimate

__all__ = ["ends", "leg_names", "sample", "signed"]


def signed(x: float, decimals: int = 2, *, plus: bool = True) -> str:
    """A number with its sign and a real minus."""
    text = f"{x:+.{decimals}f}" if plus else f"{x:.{decimals}f}"
    return text.replace("-", "\N{MINUS SIGN}")


def ends(estimate: Estimate, decimals: int = 2, *, plus: bool = True) -> str:
    """The interval in brackets."""
    low = "\N{MINUS SIGN}∞" if estimate.low is None else signed(estimate.low, decimals, plus=plus)
    high = "∞" if estimate.high is None else signed(estimate.high, decimals, plus=plus)
    return f"[{low}, {high}]"


def sample(estimate: Estimate, frequency: str) -> str:
    """How many observations, from when to when, how often, and which interval."""
    method = estimate.method.partition(" (")[0].rpartition(", ")[2]
    level = f"{100 * (estimate.confidence_level or 0.0):.0f} %"
    return (
        f"({estimate.nobs:,} {frequency} observations, {estimate.start} to {estimate.end}, "
        f"{level} {method} interval)"
    )


def leg_names(analysis: PairAnalysis) -> tuple[str, str]:
    """Names of the legs without the mark of the embedded sample."""
    prices = analysis.returns.prices
    a, b = (leg.instrument.name.removesuffix(" (embedded sample)") for leg in (prices.a, prices.b))
    return a, b
