"""What daily digests report in simulated markets: false reports, and shifts that are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Cell, Fragment, Line, paragraph, table, tag, text
from convex_research.daily.promise import digest_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from convex_research.daily.promise import DigestRow

__all__ = ["digests"]

PROMISE = 0.05
ASKED = 0.80
_PAIRS = "200"
_JUMP = "volatility"
_WORLDS = {"normal": "iid normal", "t5": "iid t5"}


def digests() -> Fragment:
    """False reports in constant worlds, and how many planted shifts are found."""
    rows = digest_table().rows
    constant = [row for row in rows if row.after is None]
    shifts = [row for row in rows if row.after is not None]
    made = [_constant(constant), _shifts(shifts)]
    html = paragraph(text(_introduction(rows))) + "".join(one.html for one in made)
    return Fragment(html, "what daily digests report")


def _introduction(rows: Sequence[DigestRow]) -> str:
    still = [row for row in rows if _JUMP not in row.world]
    jumps = [row for row in rows if _JUMP in row.world]
    words = (
        f"Digests of {_PAIRS} pairs on 120 days, decided as the daily command decides. Promised "
        "is that of the changes that a digest reports as new at most 5 % are false on average; "
        "where nothing changes, at most one digest in twenty then holds any. The largest share of "
        f"false reports, averaged over digests, is {_largest(still)} %."
    )
    if jumps:
        words += (
            " Not promised is the same while volatility itself jumps, in every pair on one day: "
            f"then it is up to {_largest(jumps)} %, until the volatilities have followed."
        )
    return words


def _largest(rows: Iterable[DigestRow]) -> str:
    return fmt.number(100.0 * max(row.false_discovery_rate for row in rows), 2)


def _constant(rows: Iterable[DigestRow]) -> Fragment:
    lines: list[Line] = [
        (
            _WORLDS.get(row.world, row.world),
            _share(row.digests_with_false_report, row.rate_std_error, most=PROMISE, places=2),
            Cell(text(fmt.number(100.0 * row.months_with_false_report, 1)), class_="num"),
            Cell(text(fmt.count(row.false_reports)), class_="num"),
            Cell(text(fmt.count(row.months)), class_="num"),
        )
        for row in rows
    ]
    header = (
        "Constant correlations",
        "Digests with a false report",
        "Months",
        "Reports",
        "Months in all",
    )
    note = (
        "Per cent ± one Monte Carlo standard error; correlations from 0.2 to 0.95; then "
        "months of 20 digests with any false report, false reports, and months in all. Where "
        "only volatility jumps, a spread that jumps with it is no false report, a change of "
        "correlation is. ✗ marks more than 5."
    )
    caption = "Digests where no correlation changes, per cent"
    return table(caption, header, lines, note=note, stacked=True)


def _shifts(rows: Iterable[DigestRow]) -> Fragment:
    by_shift: dict[tuple[float, float | None], dict[int, DigestRow]] = {}
    for row in rows:
        by_shift.setdefault((row.before[0], row.after), {})[row.shifted] = row
    counts = sorted({k for kept in by_shift.values() for k in kept})
    lines: list[Line] = []
    for (before, after), kept in by_shift.items():
        alone = kept[counts[0]]
        lines.append(
            (
                f"{before:.2f} to {after:.2f}",
                *(_share(kept[k].found, kept[k].found_std_error, least=ASKED) for k in counts),
                Cell(text(fmt.number(100.0 * (alone.bound or 0.0), 0)), class_="num"),
            )
        )
    header = (
        "Shift",
        *(f"{k} of {_PAIRS} {'pairs shift' if k > 1 else 'pairs shifts'}" for k in counts),
        "At best, one",
    )
    note = (
        "Per cent of shifted pairs that a digest reports within 40 sessions, ± one Monte Carlo "
        "standard error, in returns whose volatility clusters (GARCH, Student shocks). At best: "
        "the most powerful test of 40 sessions at the level that a single report needs, which "
        "knows both correlations, the day of the shift, the law of the shocks and the "
        "volatilities of every day; what it cannot find no procedure can. ✗ marks less than 80."
    )
    caption = "Planted shifts of 0.3 that are reported, per cent"
    return table(caption, header, lines, note=note, stacked=True)


def _share(
    share: float | None,
    error: float | None,
    *,
    most: float = 1.0,
    least: float = 0.0,
    places: int = 1,
) -> Cell:
    """A cell: per cent, standard error, and a mark where a promise is missed."""
    if share is None or error is None:
        return Cell("")
    shown = f"{fmt.number(100.0 * share, places)} ± {fmt.number(100.0 * error, places)}"
    missed = share > most or share < least
    made = text(shown) + (" " + tag("b", "✗", class_="miss") if missed else "")
    return Cell(made, class_="num")
