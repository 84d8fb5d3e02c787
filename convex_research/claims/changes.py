"""How a change of correlation is told: in r at the pair's level; of twins, by the gap left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.sentences import CHANGE, TIMES, decimals, mapped, quantity, signed
from convex_research.claims.verdict import detectable

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate
    from convex_research.core.sentences import Quantity

__all__ = ["agreeing", "at_level", "change", "correlation", "findable", "moved", "same_range"]

_NEAREST = 1.0 - 1e-9


def correlation(r: float) -> str:
    """A correlation with its sign; beyond 0.99 with two digits of what it lacks to one.

    Examples
    --------
    >>> correlation(0.954), correlation(-0.99857)
    ('+0.95', '−0.9986')
    """
    rest = max(1.0 - abs(r), 1e-9)
    return signed(r, 2 if rest >= 0.01 else 1 - math.floor(math.log10(rest)))


def change(facts: Facts, in_z: str, in_r: str, *, places: int = 2) -> Quantity:
    """A change of r with its interval; of twins, how many times as wide the gap between them is.

    Parameters
    ----------
    facts : Facts
        The analysis.
    in_z, in_r : str
        Keys of the change, on Fisher's scale and in r.
    places : int
        Decimals of r at least.

    Notes
    -----
    At equal volatility z is the log of the volatility of the sum over that of the difference, so
    that a step of z multiplies the gap, measured against what both move, by exp(-z).
    """
    found = facts.estimate(in_z if facts.twins else in_r)
    assert found is not None, in_r
    if facts.twins:
        side = math.copysign(1.0, _whole(facts))
        width = mapped(found, lambda z: math.exp(-side * z))
        return quantity(width, TIMES, in_z, null=1.0)
    return quantity(found, CHANGE._replace(decimals=places), in_r, null=0.0)


def moved(facts: Facts) -> dict[str, str]:
    """Words before and after :func:`change`, and what counts as none."""
    before, after = ("their gap, against their volatility, is", " as wide")
    if not facts.twins:
        before, after = ("r has changed by", "")
    return {"moved": before, "wide": after, "same": same_range(facts)}


def agreeing(gap: Estimate, minuend: float, subtrahend: float) -> int:
    """Decimals of a difference of correlations: one more where it is not that of the two shown.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> agreeing(Estimate(value=0.0871, method="m", nobs=9), 0.9132, 0.8261)  # 0.91 and 0.83
    3
    """
    places = decimals(gap, CHANGE, 0.0)
    apart = round(minuend, 2) - round(subtrahend, 2) - round(gap.value, 2)
    return places + (places == 2 and abs(apart) > 0.001)


def _whole(facts: Facts) -> float:
    """The pair's long-run r."""
    whole = facts.estimate("correlation.pearson[all]")
    return 0.0 if whole is None else whole.value


def _at(r: float, step: float) -> float:
    """A correlation, a step of Fisher's z from another."""
    return math.tanh(math.atanh(min(max(r, -_NEAREST), _NEAREST)) + step)


def at_level(facts: Facts, in_z: Estimate) -> Estimate:
    """A change of Fisher's z as one of r, at the pair's long-run level."""
    r = _whole(facts)
    return mapped(in_z, lambda step: _at(r, step) - r)


def same_range(facts: Facts, level: float | None = None) -> str:
    """What counts as the same at the pair's long-run level, or another."""
    steps = (-CORRELATION_MARGIN_Z, CORRELATION_MARGIN_Z)
    if facts.twins:
        low, high = (f"{math.exp(step):.2f}" for step in steps)
        return f"a gap between {low} and {high} times"
    r = _whole(facts) if level is None else level
    low, high = (correlation(_at(r, step)) for step in steps)
    return f"r between {low} and {high}"


def findable(facts: Facts, r: float, gap: Estimate, tails: int = 2) -> str:
    """What data like these would find, for a sentence that stays open.

    Parameters
    ----------
    facts : Facts
        The analysis.
    r : float
        The correlation before.
    gap : Estimate
        Of Fisher's z, with its interval.
    tails : int
        One-sided tests that share the level.
    """
    step = detectable(gap, 0.0, tails)
    if step is None:
        return ""
    if facts.twins:
        low, high = (f"{math.exp(one):.2f}" for one in (-step, step))
        what = f"a gap {low} or {high} times as wide"
    else:
        low, high = (correlation(_at(r, one)) for one in (-step, step))
        what = f"a fall to {low} or a rise to {high}"
    return f"Data like these find only {what} four times in five."
