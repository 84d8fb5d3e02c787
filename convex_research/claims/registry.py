"""Every claim there is, by identifier; all that is said of one is read here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import (
    direction,
    extremes,
    hedging,
    lead,
    macro,
    market,
    recent,
    regression,
    reversion,
    spreading,
    stability,
    years,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.claims.claim import Claim
    from convex_research.claims.declaration import Declaration
    from convex_research.claims.facts import Facts

__all__ = [
    "DECLARATIONS",
    "claims_of",
    "declaration",
    "declared_for",
    "hypothesis",
]

_SUBJECTS = (
    *(direction, extremes, hedging, lead, macro, market, recent, regression, reversion),
    *(spreading, stability, years),
)


DECLARATIONS: tuple[Declaration, ...] = tuple(
    sorted(
        (one for subject in _SUBJECTS for one in subject.DECLARED),
        key=lambda one: (int(one.id[1:3]), one.id),
    )
)
"""In the order of their numbers."""

_BY_ID = {declared.id: declared for declared in DECLARATIONS}


def declaration(claim_id: str) -> Declaration | None:
    """The declaration of a claim; none for an identifier that is not known."""
    return _BY_ID.get(claim_id)


def hypothesis(claim_id: str, a: str = "A", b: str = "B") -> str:
    """The statement a claim's verdict is about.

    Parameters
    ----------
    claim_id : str
        Such as ``"C15"``, or one of a family, ``"C18b[vix]"``.
    a, b : str
        Names of the legs.

    Examples
    --------
    >>> hypothesis("C15", "Gold", "Bitcoin")
    'One of Gold and Bitcoin leads the other'
    >>> hypothesis("C18b[vix]")
    'Correlation shifts with the VIX'
    """
    declared = declaration(claim_id)
    return claim_id if declared is None else declared.statement(a, b)


def declared_for(facts: Facts) -> list[Declaration]:
    """The claims that are about a pair."""
    return [one for one in DECLARATIONS if one.applies(facts)]


# Claims about the prices of both legs and the gap between them; the others are about r.
_OF_THE_GAP = (*(f"C{n:02d}" for n in range(1, 11)), "C12", "C13", "C14", "C19", "C20", "C21")


def claims_of(claims: Iterable[Claim], kind: str) -> list[Claim]:
    """The claims of one of a pair's pages.

    Parameters
    ----------
    claims : iterable of Claim
        Of the pair.
    kind : {"correlation", "comparison"}
        Which page.
    """
    gap = kind == "comparison"
    return [one for one in claims if one.id.startswith(_OF_THE_GAP) == gap]
