"""The promises that matter most to a reader, and how each held in simulated markets."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Cell, Fragment, Line, linked, table, tag, text
from convex_research.methodology import agreement_rows, claim_tables, coverage_rows
from convex_research.methodology.pages.coverage import verdict_words, within_noise
from convex_research.methodology.pages.methods import method_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.methodology import CoverageRow

__all__ = ["PROMISES", "Promise", "promises_that_matter"]


class Promise(NamedTuple):
    """A promise in a reader's words, and the simulated cells that it stands on.

    Parameters
    ----------
    words : str
        What is promised.
    key : str
        Record key of the statistic as it was simulated.
    measure : str
        ``"coverage"``, ``"prediction"`` or ``"size"``.
    nobs : tuple of int
        Sample lengths that count.
    note : str
        Variant of the simulation.
    """

    words: str
    key: str
    measure: str
    nobs: tuple[int, ...]
    note: str = ""

    @property
    def cells(self) -> list[CoverageRow]:
        """The simulated cells, worst first."""
        found = [
            row
            for row in coverage_rows()
            if (row.key, row.measure, row.note) == (self.key, self.measure, self.note)
            and row.nobs in self.nobs
            and row.achieved is not None
            and row.nominal in {0.95, 0.05}
        ]
        return sorted(found, key=lambda row: row.achieved or 0.0, reverse=self.measure == "size")


_OWN = "the windows' own difference"
PROMISES = (
    Promise("r over a year", "correlation.pearson[all]", "coverage", (252,)),
    Promise("r over 90 days", "correlation.pearson[all]", "coverage", (90,)),
    Promise("r over 30 days", "correlation.pearson[all]", "coverage", (30,)),
    Promise("r over five years and more", "correlation.pearson[all]", "coverage", (1260, 5040)),
    Promise(
        "the past year's r less the four years before",
        "recent.difference[252]",
        "coverage",
        (1260,),
        _OWN,
    ),
    Promise(
        "the last 90 days' r less the years before",
        "recent.difference[90]",
        "coverage",
        (1260,),
        _OWN,
    ),
    Promise("the whole path of 90-day r at once", "rolling.band[90]", "coverage", (504, 1260)),
    Promise(
        "the lowest 90-day r, chosen as it was",
        "rolling.pearson_min[90]",
        "coverage",
        (504, 1260),
    ),
    Promise("the slope of one on the other", "regression.beta[all]", "coverage", (252, 1260)),
    Promise("volatility over a year", "volatility.daily_a[all]", "coverage", (252,)),
    Promise("the ratio of two volatilities", "volatility.ratio[all]", "coverage", (252, 1260)),
    Promise(
        "what a hedge set from the past removed",
        "hedge.effectiveness_out[all]",
        "coverage",
        (1260,),
    ),
    Promise("the gap between two returns a year", "performance.gap", "coverage", (252, 1260)),
    Promise("next month's r", "forecast.pearson[21]", "prediction", (1260,)),
    Promise("one leg when the other falls 10 %", "scenario.b_given_a[-10]", "prediction", (1260,)),
    Promise("that r has shifted for good", "stability.cusum_r", "size", (504, 1260, 5040)),
    Promise("that the years differ", "consistency.years", "size", (1260, 2520, 5040)),
    Promise("that turbulent times differ", "regimes.equality", "size", (252, 1260)),
    Promise("that one leads the other", "leads.block_ab[1]", "size", (252, 1260)),
    Promise(
        "that closes are hours apart",
        "asynchrony.asymmetry",
        "size",
        (252, 1260, 5040),
        "closes at one time",
    ),
)
"""In the order in which a page speaks of them; tests promise no false alarm."""

_PROMISED = {"coverage": "95", "prediction": "95", "size": "at most 5"}
_KINDS = {
    "coverage": "Interval of {}",
    "prediction": "Forecast range of {}",
    "size": "Test {}",
}


def promises_that_matter() -> Fragment:
    """Twenty promises in a reader's words: what was promised, and what was held in each world."""
    lines: list[Line] = [_line(one) for one in PROMISES]
    header = ("Promise", "Promised", "Usual", "Worst", "In which world", "Held")
    note = (
        "Per cent. Intervals and ranges: how often they hold the truth. Tests: how often they find "
        "what is not there. Usual is the median over all simulated worlds and lengths that count, "
        "worst the farthest on the side that misleads. “Nearly” is outside the band that is "
        "allowed (93 to 97 for an interval, 92 to 97 below 252 observations; up to 7.5 for a "
        "test) by no more than the noise of the simulation."
    )
    made = table("Twenty promises, and how they held", header, lines, note=note, stacked=True)
    return Fragment(_claims() + made.html, "the promises that matter")


def _line(promise: Promise) -> Line:
    cells = promise.cells
    worst = cells[0]
    bold = [row for row in cells if verdict_words(row) in {"too narrow", "rejects too often"}]
    words = _KINDS[promise.measure].format(promise.words)
    where = worst.world + (f", r {worst.rho:g}" if worst.rho is not None else "")
    return (
        linked(words, f"#{method_of(promise.key).id}"),
        _PROMISED[promise.measure],
        Cell(text(_share(median(row.achieved or 0.0 for row in cells))), class_="num"),
        Cell(text(_share(worst.achieved or 0.0)), data_key=promise.key),
        f"{where}, {fmt.count(worst.nobs)} days",
        _held(bold, cells),
    )


def _held(bold: Sequence[CoverageRow], cells: Sequence[CoverageRow]) -> Cell:
    """How the promise held, in a word or two."""
    if not bold:
        return Cell("Yes")
    far = [row for row in bold if not within_noise(row)]
    if not far:
        return Cell("Nearly")
    flagged = all(2 * (row.flagged or 0) > row.computed for row in far)
    words = f"Not in {len(far)} of {len(cells)} cells"
    return Cell(tag("b", words, class_="miss") + (", flagged on pages" if flagged else ""))


def _share(x: float) -> str:
    return fmt.number(100.0 * x, 1)


def _claims() -> str:
    """What whole pages say where nothing is, and what other programs say."""
    silent = next(r for r in claim_tables()["claims_walks"].rows if r.measure == "silent")
    compared = agreement_rows()
    inside = sum(row.difference <= row.tolerance for row in compared)
    points = (
        (
            f"Of {fmt.count(silent.replications)} whole pages of unrelated random walks, "
            f"{fmt.count(round(silent.achieved * silent.replications))} speak of no lead, no "
            "closing gap, no shared market and no macro link."
        ),
        (
            f"{inside} of {len(compared)} numbers agree with those of other programs (R, gretl) "
            "within the tolerance set beforehand."
        ),
    )
    return tag("ul", "".join(tag("li", text(point)) for point in points))
