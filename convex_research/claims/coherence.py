"""What claims of one correlation may not say beside each other.

Whether it has shifted (C18a), whether years differ (C35) and whether it changed lately (C29) are
questions of their own with one margin; the index shows C29 as it is. That holding both does not
protect (C22a) stands beside selling one (C22b).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.claims.claim import Claim
    from convex_research.claims.facts import Facts

__all__ = ["beside", "giving_way"]

_SHIFT, _YEARS, _LATELY = "C18a", "C35", "C29"
_BOTH, _SOLD = "C22a", "C22b"


def giving_way(claims: Mapping[str, Claim], facts: Facts) -> frozenset[str]:
    """Claims of "no change" that another claim's change by more than the margin denies.

    Parameters
    ----------
    claims : mapping of str to Claim
        By identifier.
    facts : Facts
        The analysis.
    """
    shift, years, lately = (claims.get(one) for one in (_SHIFT, _YEARS, _LATELY))
    denied = set()
    if _beyond(shift):
        denied |= {_YEARS} if years is not None and years.answer == "no" else set()
        if lately is not None and lately.answer == "no" and _in_last_years(facts):
            denied.add(_LATELY)
    if _beyond(years) and shift is not None and shift.answer == "no":
        denied.add(_SHIFT)
    return frozenset(denied)


def _beyond(claim: Claim | None) -> bool:
    """Whether a claim says that r changed by more than the margin."""
    return claim is not None and claim.answer == "yes" and claim.size is None


def _in_last_years(facts: Facts) -> bool:
    """Whether the widest split lies among the days that the last year is compared with."""
    split = facts.estimate("stability.shift_split")
    look = facts.estimate(f"recent.difference[{facts.year}]")
    if split is None or look is None or split.day is None or look.start is None:
        return False
    return split.day > look.start


def beside(claims: Mapping[str, Claim]) -> dict[str, Claim]:
    """Claims whose sentence needs what another has found.

    Years that differ without a shift are swings, and a hedge that holding both is not, selling one
    may be.
    """
    said = {}
    shift, years = claims.get(_SHIFT), claims.get(_YEARS)
    if _found(years) and shift is not None and shift.answer in {"no", "open"}:
        said[_SHIFT] = " From year to year r swings, and comes back."
    both, sold = claims.get(_BOTH), claims.get(_SOLD)
    if _found(sold) and both is not None and both.answer == "no":
        said[_BOTH] = " Selling one against the other does protect."
    return {
        one: replace(claims[one], sentence=claims[one].sentence.also(words))
        for one, words in said.items()
    }


def _found(claim: Claim | None) -> bool:
    return claim is not None and claim.answer in {"yes", "slightly"}
