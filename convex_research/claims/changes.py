"""How a change of correlation is told: in r, beside what counts as the same at the pair's level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.sentences import correlation, ends, signed
from convex_research.claims.verdict import detectable

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate

__all__ = ["change", "findable", "same_range", "way"]

_NEAREST = 1.0 - 1e-9


def change(gap: Estimate) -> str:
    """A change of r with its interval; as many decimals as half of the interval deserves."""
    half = 0.5 * ((gap.high or 0.0) - (gap.low or 0.0))
    places = 2 if half >= 0.01 or half <= 0.0 else min(1 - math.floor(math.log10(half)), 6)
    return f"{signed(gap.value, places)} {ends(gap, places)}"


def way(gap: Estimate) -> str:
    """Which way a correlation moved."""
    return "higher" if gap.value > 0.0 else "lower"


def _at(r: float, step: float) -> str:
    """A correlation, a step of Fisher's z from another."""
    z = math.atanh(min(max(r, -_NEAREST), _NEAREST))
    return correlation(math.tanh(z + step))


def same_range(facts: Facts) -> str:
    """What counts as the same at the pair's long-run level, as words after "the same"."""
    whole = facts.estimate("correlation.pearson[all]")
    if whole is None:
        return f"within {CORRELATION_MARGIN_Z:.2f} of Fisher's z"
    low, high = (_at(whole.value, step) for step in (-CORRELATION_MARGIN_Z, CORRELATION_MARGIN_Z))
    return f"between {low} and {high}"


def findable(r: float, gap: Estimate, tails: int = 2) -> str:
    """What data like these would find, for a sentence that stays open.

    Parameters
    ----------
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
    return (
        f"Data like these find only a fall to {_at(r, -step)} or a rise to {_at(r, step)} four "
        "times in five."
    )
