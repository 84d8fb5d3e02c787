"""Other programs' answers beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core.fragments import Cell, Fragment, table, tag, text
from convex_research.methodology import agreement_rows, agreement_sources

if TYPE_CHECKING:
    from convex_research.methodology import Agreement
    from convex_research.methodology.pages.methods import Method

__all__ = ["agreement_table", "agreement_words", "programs_table"]


def _plain(x: float) -> str:
    return f"{x:.10g}".replace("-", "\N{MINUS SIGN}")


def _difference(row: Agreement) -> str:
    kind = "absolute" if row.absolute else "relative"
    return f"{row.difference:.1e} of {row.tolerance:.0e} {kind}".replace("-", "\N{MINUS SIGN}")


def agreement_words(rows: list[Agreement]) -> str:
    """How many comparisons there are and how far the farthest is off."""
    worst = max(rows, key=lambda row: row.difference / row.tolerance)
    programs = ", ".join(sorted({row.program for row in rows}))
    return (
        f"{len(rows)} {'number' if len(rows) == 1 else 'numbers'} compared with {programs}; the "
        f"one nearest to its tolerance differs by {_difference(worst)} "
        f"({worst.key}, {worst.what})"
    )


def agreement_table(method: Method) -> Fragment:
    """The numbers of one method beside those of other programs."""
    rows = [row for row in agreement_rows() if method.covers(row.key)]
    if not rows:
        return Fragment("", "no comparison")
    lines = [
        (
            f"{row.key}, {row.what}" + (f" ({row.note})" if row.note else ""),
            Cell(text(_plain(row.ours)), class_="num", data_key=row.key),
            Cell(text(_plain(row.theirs)), class_="num"),
            Cell(text(_difference(row)), class_="num"),
            row.program,
            row.data,
        )
        for row in rows
    ]
    header = ("Number", "Ours", "Theirs", "Difference", "Program", "Data")
    made = table(f"{method.title}: against other programs", header, lines)
    summary = tag("summary", text(agreement_words(rows)))
    return Fragment(tag("details", summary + made.html), "against other programs")


def programs_table() -> Fragment:
    """The other programs with their versions, and the data with their hashes."""
    sources = agreement_sources()
    lines = [
        (name, label, Cell(text(identity), class_="hash"))
        for kind, label in (("programs", "program"), ("data", "data"))
        for name, identity in sources[kind].items()
    ]
    return table("Programs and data compared", ("Name", "What", "Version or SHA-256"), lines)
