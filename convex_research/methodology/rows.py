"""Simulated coverage, size and power: one row format, read from the stored tables."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["MEASURES", "CoverageRow", "Table", "coverage_rows", "dump_table", "tables"]

Verdict = Literal["holds", "too low", "too high"]

MEASURES = {
    "coverage": "share of intervals that hold the truth",
    "prediction": "share of outcomes inside the interval made before them",
    "size": "share of true nulls rejected",
    "power": "share of false nulls rejected",
    "false alarms": "share of samples without a break in which one is found",
    "found": "share of samples with a break in which one is found",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRow:
    """What one method achieved in one simulated world.

    Parameters
    ----------
    key : str
        Record key of the statistic.
    measure : str
        One of ``MEASURES``.
    nominal : float or None
        What it promises; ``None`` for power.
    achieved : float or None
        What it did; ``None`` where too few samples allow the statistic.
    mc_std_error : float or None
        Monte Carlo standard error of ``achieved``.
    world : str
        Law of the simulated returns.
    rho : float or None
        Correlation in it.
    nobs : int
        Observations a sample.
    replications, computed : int
        Samples drawn, and those in which the statistic could be computed.
    flagged : int or None
        Samples in which the result carried a flag; ``None`` where flags depend on more than
        the function simulated.
    note : str
        Variant of the method, estimand or alternative, where it has several.
    """

    key: str
    measure: str
    nominal: float | None
    achieved: float | None
    mc_std_error: float | None
    world: str
    rho: float | None
    nobs: int
    replications: int
    computed: int
    flagged: int | None
    note: str = ""

    @property
    def band(self) -> tuple[float, float] | None:
        """What counts as holding: nominal within two points, size within half of nominal.

        Below 252 observations an interval may fall three points short, and no limit is set
        to its caution.
        """
        if self.nominal is None:
            return None
        if self.measure == "size":
            return 0.5 * self.nominal, 1.5 * self.nominal
        if self.nobs < 252:
            return self.nominal - 0.03, 1.0
        return self.nominal - 0.02, min(1.0, self.nominal + 0.02)

    @property
    def verdict(self) -> Verdict | None:
        """Whether ``achieved`` lies in the band, as it stands; ``None`` without a promise."""
        if self.band is None or self.achieved is None:
            return None
        low, high = self.band
        if self.achieved < low:
            return "too low"
        return "too high" if self.achieved > high else "holds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of one run, with what it was run with."""

    subject: str
    seed: int
    versions: dict[str, str]
    rows: tuple[CoverageRow, ...]


class _OfOneRun(Protocol):
    """Rows of one run, whatever they are about."""

    @property
    def subject(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def versions(self) -> dict[str, str]: ...
    @property
    def rows(self) -> Sequence[Any]: ...


def dump_table(table: _OfOneRun) -> str:
    """A table as text, one row a line, so that a change shows where it is."""
    lines = ",\n".join("  " + json.dumps(asdict(row)) for row in table.rows)
    head = {"subject": table.subject, "seed": table.seed, "versions": table.versions, "rows": []}
    return json.dumps(head, indent=1).replace('"rows": []', f'"rows": [\n{lines}\n ]') + "\n"


def read_table(text: str) -> Table:
    """The table in a stored text."""
    content: dict[str, Any] = json.loads(text)
    rows = tuple(CoverageRow(**row) for row in content["rows"])
    for row in rows:
        if row.measure not in MEASURES:
            raise ValueError(f"unknown measure {row.measure!r}")
    return Table(
        subject=content["subject"], seed=content["seed"], versions=content["versions"], rows=rows
    )


def read_tables(folder: Path) -> tuple[Table, ...]:
    """Every table of a folder, by name."""
    return tuple(read_table(path.read_text("utf-8")) for path in sorted(folder.glob("*.json")))


@cache
def tables() -> tuple[Table, ...]:
    """The stored tables, by subject."""
    folder = resources.files(__package__).joinpath("results")
    with resources.as_file(folder) as path:
        return read_tables(path)


def coverage_rows() -> tuple[CoverageRow, ...]:
    """Every stored row.

    Examples
    --------
    >>> row = next(r for r in coverage_rows() if r.key == "correlation.pearson[all]")
    >>> row.measure, row.nominal
    ('coverage', 0.95)
    """
    return tuple(row for table in tables() for row in table.rows)


def share_error(share: float, count: int) -> float:
    """Monte Carlo standard error of a share of ``count`` samples."""
    return math.sqrt(share * (1.0 - share) / count)
