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
    strength,
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


def _number(declared: Declaration) -> tuple[int, str]:
    """By number; the windows of one claim stay in their order."""
    return int(declared.id[1:3]), "" if declared.id.startswith("C25") else declared.id


DECLARATIONS: tuple[Declaration, ...] = tuple(
    sorted((one for subject in _SUBJECTS for one in subject.DECLARED), key=_number)
)
"""In the order of their numbers; those of C25, one for each window, are made for a pair."""

_BY_ID = {declared.id: declared for declared in DECLARATIONS}


def declaration(claim_id: str) -> Declaration | None:
    """The declaration of a claim, of any window; none for an identifier that is not known."""
    base, _, qualifier = claim_id.partition("[")
    if base == "C25" and qualifier:
        return strength.strength_over(qualifier.removesuffix("]"))
    return _BY_ID.get(claim_id)


def hypothesis(claim_id: str, a: str = "A", b: str = "B") -> str:
    """The statement a claim's verdict is about.

    Parameters
    ----------
    claim_id : str
        Such as ``"C15"``, or with a window, ``"C25[252]"``.
    a, b : str
        Names of the legs.

    Examples
    --------
    >>> hypothesis("C15", "Gold", "Bitcoin")
    'Gold leads Bitcoin'
    >>> hypothesis("C25[252]")
    'The strength of correlation has one name over the last 252 observations'
    """
    declared = declaration(claim_id)
    return claim_id if declared is None else declared.statement(a, b)


def declared_for(facts: Facts) -> list[Declaration]:
    """The claims that are about a pair, one of strength for each of its windows."""
    windows = (*map(str, facts.analysis.config.windows), "all")
    every = (*DECLARATIONS, *map(strength.strength_over, windows))
    return sorted((one for one in every if one.applies(facts)), key=_number)


def placed(year: int = 252) -> tuple[Declaration, ...]:
    """The claims that have a place on a page.

    Parameters
    ----------
    year : int
        The window that stands for the last year.
    """
    strengths = strength.strength_over(str(year), last_year=True), strength.strength_over("all")
    return tuple(one for one in (*DECLARATIONS, *strengths) if one.at or one.gives_way)


def in_group(group: str, year: int = 252) -> tuple[str, ...]:
    """Identifiers of the claims of a section, a question or a heading, as they are read."""
    ranked = ((at.rank, one.id) for one in placed(year) for at in one.at if at.group == group)
    return tuple(claim_id for _, claim_id in sorted(ranked))
