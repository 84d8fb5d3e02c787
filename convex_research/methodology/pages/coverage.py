"""Nominal against achieved: tables, scorecard and chart of the simulations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Cell, Fragment, linked, table, tag, text
from convex_research.methodology import coverage_rows
from convex_research.methodology.pages.methods import load_methods

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.methodology import CoverageRow
    from convex_research.methodology.pages.methods import Method

__all__ = ["coverage_table", "promises", "scorecard", "verdict_words", "within_noise", "worst_row"]

WORLDS = ("iid normal", "iid t5", "CCC-GARCH t8")
_FOR_COMPARISON = "for comparison"


def promises(method: Method | None = None) -> list[CoverageRow]:
    """Rows with a nominal level and an achieved one, without those kept for comparison."""
    return [
        row
        for row in coverage_rows()
        if row.verdict is not None
        and _FOR_COMPARISON not in row.note
        and (method is None or method.covers(row.key))
    ]


def verdict_words(row: CoverageRow) -> str:
    """What a miss means, in words; empty where the band holds."""
    if row.verdict in {None, "holds"}:
        return ""
    if row.measure == "size":
        return "rejects too often" if row.verdict == "too high" else "rejects too rarely"
    return "too narrow" if row.verdict == "too low" else "too wide"


def within_noise(row: CoverageRow) -> bool:
    """Whether two Monte Carlo standard errors would bring a miss back into its band."""
    low, high = row.band or (0.0, 1.0)
    reach = 2.0 * (row.mc_std_error or 0.0)
    return row.achieved is not None and low - reach <= row.achieved <= high + reach


def _share(x: float) -> str:
    return fmt.number(100.0 * x, 1)


def _cell(row: CoverageRow | None) -> Cell:
    """Achieved with its Monte Carlo error, and a plain mark where the band is missed."""
    if row is None:
        return Cell("")
    if row.achieved is None:
        words = f"computed in {row.computed} of {row.replications}"
        return Cell(tag("span", words, class_="missing", data_key=row.key))
    shown = _share(row.achieved)
    if row.mc_std_error is not None:
        shown += f" ± {_share(row.mc_std_error)}"
    notes = []
    if verdict_words(row):
        notes.append(tag("b", f"✗ {verdict_words(row)}", class_="miss"))
    if row.flagged is not None and row.flagged > 0.5 * row.computed:
        notes.append("flagged")
    if row.computed < 0.9 * row.replications:
        notes.append(f"{fmt.count(row.computed)} of {fmt.count(row.replications)}")
    if not notes:
        return Cell(text(shown), class_="num", data_key=row.key)
    made = tag("span", text(shown), class_="num", data_key=row.key)
    return Cell(made + tag("span", ", ".join(notes), class_="when"))


def _group(row: CoverageRow) -> str:
    """Measure, level and variant, which a group of rows shares."""
    level = "" if row.nominal is None else f" at {fmt.number(100.0 * row.nominal, 0)} %"
    return f"{row.measure}{level}" + (f", {row.note}" if row.note else "")


def _world(row: CoverageRow) -> str:
    return row.world if row.rho is None else f"{row.world}, ρ {row.rho:g}"


def _world_rank(row: CoverageRow) -> int:
    return WORLDS.index(row.world) if row.world in WORLDS else len(WORLDS)


def coverage_table(method: Method) -> Fragment:
    """Achieved coverage, size and power of one method by world and sample length.

    Rows are worlds, in groups of one statistic, measure and variant.
    """
    rows = [row for row in coverage_rows() if method.covers(row.key)]
    if not rows:
        return Fragment("", "no simulation")
    rows.sort(key=lambda r: (r.key, r.measure, r.note, _world_rank(r), r.world, r.rho or 0.0))
    lengths = sorted({row.nobs for row in rows})
    groups: dict[tuple[str, str], dict[str, dict[int, CoverageRow]]] = {}
    for row in rows:
        worlds = groups.setdefault((row.key, _group(row)), {})
        worlds.setdefault(_world(row), {})[row.nobs] = row
    heads = ("World", *(f"n {fmt.count(n)}" for n in lengths))
    inner = tag("thead", tag("tr", "".join(tag("th", text(h), scope="col") for h in heads)))
    for (key, words), worlds in groups.items():
        title = tag("code", text(key)) + text(f", {words}")
        spanned = tag("th", title, scope="rowgroup", colspan=str(len(heads)))
        lines = tag("tr", spanned, class_="group")
        for where, found in worlds.items():
            cells = "".join(_cell(found.get(n)).element() for n in lengths)
            lines += tag("tr", tag("th", text(where), scope="row") + cells)
        inner += tag("tbody", lines)
    caption = f"{method.title}: simulated, per cent"
    made = tag("table", tag("caption", text(caption)) + inner, class_="cells")
    html = tag("div", made, class_="scroll", tabindex="0", role="region", aria_label=caption)
    return Fragment(html, caption)


def worst_row(rows: Sequence[CoverageRow]) -> CoverageRow | None:
    """The row farthest outside its band, if one is."""

    def distance(row: CoverageRow) -> float:
        low, high = row.band or (0.0, 1.0)
        achieved = row.achieved or 0.0
        return max(low - achieved, achieved - high) / (0.05 if row.measure == "size" else 0.02)

    missed = [row for row in rows if row.verdict != "holds"]
    return max(missed, key=distance) if missed else None


def _worst_words(row: CoverageRow | None) -> str:
    if row is None or row.achieved is None or row.nominal is None:
        return ""
    note = f", {row.note}" if row.note else ""
    return (
        f"{_share(row.achieved)} for {_share(row.nominal)} ({row.key}, {_world(row)}, "
        f"n {fmt.count(row.nobs)}{note})"
    )


def scorecard() -> Fragment:
    """Every method with the number of promises it keeps and its worst miss."""
    lines = []
    for method in load_methods():
        rows = promises(method)
        if not rows:
            continue
        words = [verdict_words(row) for row in rows]
        narrow = sum(w in {"too narrow", "rejects too often"} for w in words)
        wide = sum(w in {"too wide", "rejects too rarely"} for w in words)
        held = len(rows) - narrow - wide
        lines.append(
            (
                linked(method.title, f"#{method.id}"),
                str(len(rows)),
                str(held),
                Cell(tag("b", text(narrow), class_="miss") if narrow else "0"),
                str(wide),
                _worst_words(worst_row(rows)),
            )
        )
    return table(
        "Promises simulated, by method",
        ("Method", "Cells", "Hold", "Too bold", "Too cautious", "Farthest outside"),
        lines,
        note=(
            "A cell is one statistic in one world at one sample length. Too bold: an interval "
            "covers less, or a test rejects more often, than the band allows. Too cautious: the "
            "reverse. Methods kept for comparison only are not counted here; their tables show "
            "them."
        ),
        stacked=True,
    )
