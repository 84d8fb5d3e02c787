"""How numbers and samples are written inside a claim's sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.verdict import detectable

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis import PairAnalysis
    from convex_research.estimates import Estimate

__all__ = [
    "counted",
    "ends",
    "leg_names",
    "percent",
    "percent_ends",
    "pvalue",
    "reach",
    "sample",
    "signed",
]


def signed(x: float, decimals: int = 2, *, plus: bool = True) -> str:
    """A number with its sign and a real minus."""
    text = f"{x:+.{decimals}f}" if plus else f"{x:.{decimals}f}"
    if text.strip("+-0.") == "":  # −0.00 is 0.00
        return text.strip("+-")
    return text.replace("-", "\N{MINUS SIGN}")


def percent(x: float, decimals: int = 0, *, plus: bool = False) -> str:
    """A share or a return in per cent."""
    return f"{signed(100.0 * x, decimals, plus=plus)} %"


def ends(estimate: Estimate, decimals: int = 2, *, plus: bool = True) -> str:
    """The interval in brackets."""
    low = "\N{MINUS SIGN}∞" if estimate.low is None else signed(estimate.low, decimals, plus=plus)
    high = "∞" if estimate.high is None else signed(estimate.high, decimals, plus=plus)
    return f"[{low}, {high}]"


def percent_ends(estimate: Estimate, decimals: int = 0, *, plus: bool = False) -> str:
    """The interval of a share or a return in brackets, in per cent."""
    low = "\N{MINUS SIGN}∞" if estimate.low is None else percent(estimate.low, decimals, plus=plus)
    high = "∞" if estimate.high is None else percent(estimate.high, decimals, plus=plus)
    return f"[{low}, {high}]"


def pvalue(p: float) -> str:
    """A p-value with its relation."""
    if p < 0.001:
        return "p < 0.001"
    return f"p = {p:.3f}" if p < 0.1 else f"p = {p:.2f}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun in the right form."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sample(estimate: Estimate, frequency: str, units: str | None = None) -> str:
    """How many observations, from when to when, how often, and which interval.

    Parameters
    ----------
    estimate : Estimate
        Gives the numbers.
    frequency : str
        Of the data.
    units : str, optional
        What is counted where it is not observations: ``"months"``.
    """
    period = f"{estimate.start} to {estimate.end}"
    counted = units or f"{frequency} observation{'' if estimate.nobs == 1 else 's'}"
    if estimate.confidence_level is None:
        return f"({estimate.nobs:,} {counted}, {period}, observed)"
    level = f"{100 * estimate.confidence_level:.0f} %"
    return f"({estimate.nobs:,} {counted}, {period}, {level} {_method(estimate)} interval)"


# Words in the method's description, and what the interval is called in a sentence.
_METHODS = (
    ("stationary bootstrap", "block-bootstrap"),
    ("fixed-b HAC", "fixed-b HAC"),
    ("noncentral", "Wald"),
    ("Student t over", "Student t"),
    ("test inversion", "test-inversion"),
    ("Bonett", "Bonett-Wright"),
    ("Newey-West", "Newey-West"),
    ("HAC", "HAC"),
    ("heteroskedasticity-robust", "robust"),
)


def _method(estimate: Estimate) -> str:
    known = next((name for words, name in _METHODS if words in estimate.method), None)
    return known or estimate.method.partition(" (")[0].partition(",")[0]


def reach(estimate: Estimate, edge: float, form: Callable[[float], str]) -> str:
    """The smallest effect a sample like this would show, for a sentence that stays open."""
    size = detectable(estimate, edge)
    if size is None:
        return ""
    return f"; four of five samples like this one would show {form(size)} or more"


def leg_names(analysis: PairAnalysis) -> tuple[str, str]:
    """Names of the legs without the mark of the embedded sample."""
    prices = analysis.returns.prices
    a, b = (leg.instrument.name.removesuffix(" (embedded sample)") for leg in (prices.a, prices.b))
    return a, b
