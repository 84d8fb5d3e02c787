"""How numbers and samples are written inside a claim's sentence."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims.verdict import detectable
from convex_research.core import formatting as fmt
from convex_research.core.estimates import TestResult
from convex_research.core.flags import Flag

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis import PairAnalysis
    from convex_research.core.estimates import Estimate

__all__ = [
    "clock",
    "correlation",
    "counted",
    "cut_reach",
    "decimals_off",
    "ends",
    "leg_names",
    "percent",
    "percent_ends",
    "pvalue",
    "reach",
    "sample",
    "signed",
    "slope",
    "slope_ends",
]


def signed(x: float, decimals: int = 2, *, plus: bool = True) -> str:
    """A number with its sign and a real minus."""
    text = f"{x:+.{decimals}f}" if plus else f"{x:.{decimals}f}"
    if text.strip("+-0.") == "":  # −0.00 is 0.00
        return text.strip("+-")
    return text.replace("-", "\N{MINUS SIGN}")


def decimals_off(edge: float, *numbers: float | None) -> int:
    """Fewest decimals, two to five, at which no number that is off an edge is rounded onto it.

    Examples
    --------
    >>> decimals_off(0.20, 0.1993, 1.32), decimals_off(0.20, 0.15)
    (3, 2)
    """
    for places in range(2, 5):
        near = f"{edge:.{places}f}"
        if all(x is None or f"{x:.{places}f}" != near for x in numbers):
            return places
    return 5


def correlation(r: float) -> str:
    """A correlation with its sign; beyond 0.99 with two digits of what it lacks to one.

    Examples
    --------
    >>> correlation(0.954), correlation(-0.99857)
    ('+0.95', '−0.9986')
    """
    rest = max(1.0 - abs(r), 1e-9)
    return signed(r, 2 if rest >= 0.01 else 1 - math.floor(math.log10(rest)))


def clock(analysis: PairAnalysis) -> str:
    """Why daily numbers of a pair understate its link; nothing where they do not."""
    a, b = leg_names(analysis)
    said = {
        Flag.RARELY_TRADED_A: f"{a} stands still on many days",
        Flag.RARELY_TRADED_B: f"{b} stands still on many days",
    }
    # A leg that trades rarely follows the other as one that closes earlier does.
    why = " and ".join(words for flag, words in said.items() if flag in analysis.clock_flags)
    if not why and Flag.ASYNCHRONOUS in analysis.clock_flags:
        why = "they close at different times"
    return f"{why}, so that daily numbers understate the link" if why else ""


def percent(x: float, decimals: int = 0, *, plus: bool = False) -> str:
    """A share or a return in per cent."""
    return f"{signed(100.0 * x, decimals, plus=plus)} %"


def ends(estimate: Estimate, decimals: int = 2) -> str:
    """The interval in brackets, signed where an end is negative."""
    return f"({_between(estimate, lambda x, plus: signed(x, decimals, plus=plus))})"


def percent_ends(estimate: Estimate, decimals: int = 0) -> str:
    """The interval of a share or a return in brackets, in per cent."""
    return f"({_between(estimate, lambda x, plus: percent(x, decimals, plus=plus))})"


def _between(estimate: Estimate, shown: Callable[[float, bool], str]) -> str:
    plus = estimate.low is None or estimate.low < 0.0
    low, high = (None if end is None else shown(end, plus) for end in (estimate.low, estimate.high))
    return fmt.span_of(low, high)


def pvalue(found: float | TestResult) -> str:
    """A p-value, or that of a test, with its relation."""
    if isinstance(found, TestResult):
        return f"p {fmt.pvalue(found.pvalue, bound=found.pvalue_bound)}"
    return f"p {fmt.pvalue(found)}"


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
    level = fmt.level(estimate.confidence_level)
    kind = f"{estimate.interval} " if estimate.interval else ""
    return f"({estimate.nobs:,} {counted}, {period}, {level} {kind}interval)"


def reach(
    estimate: Estimate,
    null: float,
    what: str,
    number: Callable[[float], str] = "{:.2f}".format,
    *,
    tails: int,
    most: float = math.inf,
) -> str:
    """What would have been found, for a sentence that stays open.

    Parameters
    ----------
    estimate : Estimate
        What was measured, with its interval.
    null : float
        Where there is no effect.
    what : str
        Name of the effect.
    number : callable
        How it is written; two decimals by default.
    tails : int
        One-sided tests that share the level.
    most : float
        Largest effect there can be; where even that would not be found nothing is said.
    """
    size = detectable(estimate, null, tails)
    if size is None or size > most:
        return ""
    return f"Data like these find a true {what} of {number(size)} four times in five."


def cut_reach(gain: Estimate, tails: int) -> str:
    """The same for a cut of a loss, whose interval is symmetric in the log of what is left."""
    left = 1.0 - gain.value
    if gain.low is None or gain.std_error is None or left <= 0.0:
        return ""
    size, half = -math.log(left), math.log((1.0 - gain.low) / left)
    error = gain.std_error / left
    logged = replace(gain, value=size, low=size - half, high=size + half, std_error=error)
    return reach(logged, 0.0, "cut", lambda x: percent(-math.expm1(-x)), tails=tails)


# What one unit of a return is called, and how many of them a reader's unit holds.
_STEPS = {"decimal": ("%", "%", 100.0), "bp": ("bp", "bp", 1.0), "points": ("points", "point", 1.0)}


def _per(units: tuple[str, str]) -> tuple[str, str, float]:
    """Words for what A moves by and B moves by, and the factor on a slope."""
    many, _, left = _STEPS.get(units[0], (units[0], units[0], 1.0))
    _, one, right = _STEPS.get(units[1], (units[1], units[1], 1.0))
    return many, one, left / right


def slope(beta: Estimate, units: tuple[str, str], name: str) -> str:
    """A slope in the units of both legs: what A moves by for each step of B.

    Parameters
    ----------
    beta : Estimate
        Slope of A on B, in the returns' own units.
    units : tuple of str
        Units of both returns.
    name : str
        What B is called.
    """
    many, one, factor = _per(units)
    return (
        f"{signed(factor * beta.value, _places(beta, factor))} {many} for each +1 {one} in {name}"
    )


def slope_ends(beta: Estimate, units: tuple[str, str]) -> str:
    """The interval of :func:`slope` in brackets, to the same precision."""
    factor = _per(units)[2]
    low, high = (
        signed(factor * (end or 0.0), _places(beta, factor)) for end in (beta.low, beta.high)
    )
    return f"({fmt.span_of(low, high)})"


def _places(beta: Estimate, factor: float) -> int:
    """Decimals at which half of the interval has one digit; two at least, five at most."""
    half = 0.5 * factor * ((beta.high or 0.0) - (beta.low or 0.0))
    if half <= 0.0:
        return 2
    return min(max(2, -math.floor(math.log10(half))), 5)


def leg_names(analysis: PairAnalysis) -> tuple[str, str]:
    """Names of the legs without the mark of the embedded sample."""
    prices = analysis.returns.prices
    a, b = (leg.instrument.name.removesuffix(" (embedded sample)") for leg in (prices.a, prices.b))
    return a, b
