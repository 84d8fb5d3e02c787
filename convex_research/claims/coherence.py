"""What claims of one correlation may not say beside each other.

Whether it has shifted (C18a), whether years differ (C35) and whether it changed lately (C29) are
questions of their own with one margin; the index shows C29 as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.claims.claim import Claim
    from convex_research.claims.facts import Facts

__all__ = ["giving_way", "swinging"]

_SHIFT, _YEARS, _LATELY = "C18a", "C35", "C29"


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


def swinging(claims: Mapping[str, Claim]) -> Claim | None:
    """The claim of a shift with what years that differ say of it; none where they do not."""
    shift, years = claims.get(_SHIFT), claims.get(_YEARS)
    if shift is None or years is None or years.answer not in {"yes", "slightly"}:
        return None
    if shift.answer not in {"no", "open"}:
        return None
    return replace(
        shift, sentence=shift.sentence.also(" From year to year r swings, and comes back.")
    )
