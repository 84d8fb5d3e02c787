"""How often claims are right in simulated pairs: one row format, read from stored tables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from convex_research.methodology.rows import dump_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["CLAIM_MEASURES", "ClaimRow", "ClaimTable", "claim_tables", "write_table"]

CLAIM_MEASURES = {
    "false support": "share of pairs in which a false claim is supported",
    "false rejection": "share of pairs in which a true claim is rejected",
    "decided rightly": "share of pairs in which it is decided, and rightly",
    "correct": "share of pairs with the effect built in in which the verdict is right",
    "silent": "share of pages without a supported claim of a lead, a tie or a macro link",
}
_FOLDER = "claims"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """What one claim achieved in one simulated world.

    Parameters
    ----------
    claim : str
        Identifier; ``"page"`` for a whole page.
    measure : str
        One of ``CLAIM_MEASURES``.
    nominal : float or None
        What is promised: at most this for errors, at least this for the rest.
    achieved, mc_std_error : float
        What it did, with its Monte Carlo standard error.
    world : str
        How the pairs were made.
    nobs, replications : int
        Observations a pair, and pairs in which the claim could be tested.
    """

    claim: str
    measure: str
    nominal: float | None
    achieved: float
    mc_std_error: float
    world: str
    nobs: int
    replications: int

    @property
    def holds(self) -> bool | None:
        """Whether the promise is kept as it stands; ``None`` without one."""
        if self.nominal is None:
            return None
        if self.measure.startswith("false"):
            return self.achieved <= self.nominal
        return self.achieved >= self.nominal


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimTable:
    """Rows of one run, with what it was run with."""

    subject: str
    seed: int
    versions: dict[str, str]
    rows: tuple[ClaimRow, ...]


def write_table(table: ClaimTable, folder: Path) -> None:
    """Store a table below a folder of results, one row a line."""
    (folder / _FOLDER).mkdir(exist_ok=True)
    stored = folder / _FOLDER / f"{table.subject}.json"
    stored.write_text(dump_table(table), encoding="ascii")


def _read(text: str) -> ClaimTable:
    content: dict[str, Any] = json.loads(text)
    rows = tuple(ClaimRow(**row) for row in content.pop("rows"))
    return ClaimTable(rows=rows, **content)


@cache
def claim_tables() -> dict[str, ClaimTable]:
    """The stored tables, by subject.

    Examples
    --------
    >>> claim_tables()["claims_controls"].rows[0].claim
    'C15'
    """
    folder = resources.files(__package__).joinpath("results", _FOLDER)
    with resources.as_file(folder) as path:
        files = sorted(path.glob("*.json"))
        found = [_read(file.read_text("utf-8")) for file in files]
    return {table.subject: table for table in found}
