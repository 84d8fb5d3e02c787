"""Run the simulations again and store what they give.

``python -m convex_research.methodology.recompute [SUBJECT ...]`` runs some or all of them;
``convex-research methodology --recompute`` runs all and builds the page.
"""

from __future__ import annotations

import platform
import sys
import time
from dataclasses import dataclass
from importlib import import_module, resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.core.errors import InputError
from convex_research.daily.promise import DigestTable, digest_table
from convex_research.methodology.claim_rows import ClaimTable, claim_tables, write_table
from convex_research.methodology.rows import Table, dump_table, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["SUBJECTS", "Done", "expected_minutes", "recompute"]

# Program and minutes on one core, by subject. The first three are the simulated laws that the
# statistics themselves read.
SUBJECTS: dict[str, tuple[str, float]] = {
    "fixed_b_table": ("fixed_b_table", 1.0),
    "half_life_table": ("half_life_table", 3.0),
    "monitoring_law": ("monitoring_law", 3.5),
    "headline": ("headline", 2.0),
    "headline_ranks": ("headline", 6.0),
    "headline_resampled": ("headline", 1.0),
    "windows_differences": ("windows", 0.8),
    "windows_joint": ("windows", 2.0),
    "windows_rolling": ("windows", 3.5),
    "windows_daily": ("windows", 1.0),
    "change_constant": ("change", 3.0),
    "change_power": ("change", 1.0),
    "apart_false_alarms": ("apart", 1.0),
    "apart_power": ("apart", 2.0),
    "side_by_side": ("side_by_side", 1.0),
    "rewarded": ("side_by_side", 0.3),
    "hedged": ("side_by_side", 0.6),
    "widest_split": ("side_by_side", 0.8),
    "returns": ("relation", 0.4),
    "hedges": ("relation", 0.5),
    "bootstrap": ("relation", 1.0),
    "levels": ("relation", 0.8),
    "forecasts": ("relation", 0.9),
    "slopes": ("printed", 0.6),
    "single_figures": ("printed", 0.3),
    "short_samples": ("printed", 0.1),
    "differences": ("printed", 0.2),
    "trends": ("further", 0.6),
    "leads": ("further", 0.3),
    "standardised": ("further", 0.4),
    "hedge_methods": ("further", 0.5),
    "scored_forecasts": ("further", 0.1),
    "years": ("years", 0.6),
    "comparison": ("dependence", 0.2),
    "conditional": ("dependence", 0.3),
    "tails": ("dependence", 0.5),
    "tail_symmetry": ("dependence", 1.1),
    "regimes": ("dependence", 1.0),
    "contagion": ("dependence", 0.2),
    "scenario": ("dependence", 0.2),
    "limits": ("stability", 1.4),
    "dynamics": ("stability", 1.5),
    "envelope": ("stability", 2.5),
    "page_tests": ("whole_pages", 22.0),
    "claims_prices": ("claims_honesty", 0.1),
    "claims_walks": ("claims_honesty", 2.5),
    "claims_market": ("claims_honesty", 2.5),
    "claims_threefold": ("claims_honesty", 3.0),
    "claims_detectable": ("claims_honesty", 1.5),
    "claims_controls": ("claims_honesty", 0.5),
    "digests": ("digests", 15.0),
}
_CLAIMS, _DIGESTS = "claims_honesty", "digests"
_LIBRARIES = ("numpy", "scipy", "statsmodels", "arch")

# Digests show their own promise: its table lies in their room.
_RESULTS = Path(str(resources.files(__package__))) / "results"
_PROMISE = Path(str(resources.files("convex_research.daily"))) / "promise.json"


@dataclass(frozen=True, slots=True)
class Done:
    """A finished simulation."""

    subject: str
    rows: int
    seconds: float
    position: int
    total: int

    @property
    def words(self) -> str:
        """A line of progress."""
        return (
            f"{self.position} of {self.total}: {self.subject}, {self.rows} rows, "
            f"{self.seconds:.0f} s"
        )


def expected_minutes(subjects: Sequence[str] = ()) -> float:
    """Minutes that the subjects, all by default, take on one core."""
    return sum(SUBJECTS[name][1] for name in subjects or SUBJECTS)


def recompute(subjects: Sequence[str] = (), folder: Path | None = None) -> Iterator[Done]:
    """Run simulations one after the other and write each table when it is done.

    Parameters
    ----------
    subjects : sequence of str
        Names in ``SUBJECTS``; all by default.
    folder : Path, optional
        Where tables are written; by default into the package, whose page reads them.

    Yields
    ------
    Done
        After each subject.

    Raises
    ------
    InputError
        If a subject is unknown or the folder cannot be written to.
    """
    unknown = [name for name in subjects if name not in SUBJECTS]
    if unknown:
        raise InputError(f"unknown simulation {unknown[0]!r}; there are {', '.join(SUBJECTS)}")
    target = folder or _RESULTS
    chosen = list(subjects or SUBJECTS)
    for position, subject in enumerate(chosen, start=1):
        started = time.perf_counter()
        rows = _run(subject, target)
        yield Done(subject, rows, time.perf_counter() - started, position, len(chosen))
    tables.cache_clear()
    claim_tables.cache_clear()
    digest_table.cache_clear()


def _run(subject: str, folder: Path) -> int:
    """Run one subject, write it, and count its rows."""
    name = SUBJECTS[subject][0]
    program = import_module(f"convex_research.methodology.simulations.{name}")
    try:
        if hasattr(program, "write"):  # a law that the statistics read
            return int(program.write())
        rows = tuple(program.SUBJECTS[subject]())
        versions = {"python": platform.python_version(), **{n: version(n) for n in _LIBRARIES}}
        head = {"subject": subject, "seed": program.SEED, "versions": versions}
        if name == _CLAIMS:
            write_table(ClaimTable(rows=rows, **head), folder)
        elif name == _DIGESTS:
            stored = _PROMISE if folder == _RESULTS else folder / _PROMISE.name
            stored.write_text(dump_table(DigestTable(rows=rows, **head)), encoding="ascii")
        else:
            text = dump_table(Table(rows=rows, **head))
            (folder / f"{subject}.json").write_text(text, encoding="ascii")
    except OSError as error:
        raise InputError(f"cannot write the results: {error.strerror}") from None
    return len(rows)


def main() -> None:
    """Entry point of the module."""
    for done in recompute(sys.argv[1:]):
        sys.stdout.write(done.words + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
