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
    from convex_research.claims.declaration import Declaration
    from convex_research.claims.facts import Facts

__all__ = ["DECLARATIONS", "declaration", "declared_for", "hypothesis", "in_group", "placed"]

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


def placed() -> tuple[Declaration, ...]:
    """The claims that have a place on a page."""
    return tuple(one for one in DECLARATIONS if one.at or one.gives_way)


def in_group(group: str) -> tuple[str, ...]:
    """Identifiers of the claims of a section, a question or a heading, as they are read."""
    ranked = ((at.rank, one.id) for one in DECLARATIONS for at in one.at if at.group == group)
    return tuple(claim_id for _, claim_id in sorted(ranked))
