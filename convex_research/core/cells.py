"""Results inside text and tables: each number in an element that names its key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.estimates import NotComputed, Result, TestResult, named
from convex_research.core.fragments import Cell, table, tag, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.core.fragments import Line

__all__ = ["cell", "numbers", "result_row", "results_table", "sample_of"]


def numbers(key: str, result: Result | None, *, plus: bool = False) -> str:
    """A result as text with its interval, inside an element that names its key."""
    if result is None:
        return tag("span", "not available", class_="missing", data_key=key)
    if isinstance(result, NotComputed):
        return tag(
            "span", "not computed", class_="missing", data_key=key, title=named(result.reason)
        )
    if isinstance(result, TestResult):
        p = text(fmt.pvalue(result.pvalue, bound=result.pvalue_bound))
        return tag("span", f"p {p}", class_="num", data_key=key)
    result = fmt.as_read(key, result)
    shown = text(fmt.figure(result, plus=plus))
    unit = fmt.suffix(result)
    if unit:
        shown += unit[0] + tag("span", text(unit[1:]), class_="unit")
    shown = tag("b", shown)
    ends = fmt.interval(result)
    if ends:
        shown += " " + tag("span", text(ends), class_="ci")
    return tag("span", shown, class_="num", data_key=key)


def cell(key: str, result: Result | None, *, plus: bool = False, after: str = "") -> Cell:
    """A table cell with a result in it, and finished markup that follows it."""
    return Cell(numbers(key, result, plus=plus) + after, key)


def sample_of(result: Result | None) -> tuple[Cell, ...]:
    """How many observations, from when to when, as table cells; else the reason across both."""
    if result is None or isinstance(result, NotComputed):
        reason = named(result.reason) if result is not None else ""
        return (Cell(text(reason), colspan="2", class_="missing"),)
    count, dates = text(fmt.count(result.nobs)), text(fmt.span(result))
    return Cell(count, class_="n"), Cell(dates, class_="dates")


def result_row(label: str, key: str, result: Result | None, *, plus: bool = False) -> Line:
    """A row of one result: what it is, value and interval, observations, dates."""
    return (label, cell(key, result, plus=plus), *sample_of(result))


def results_table(caption: str, results: Iterable[tuple[str, Result]]) -> str:
    """Results by key, as an analysis and its sections print themselves."""
    rows: list[Line] = []
    for key, result in results:
        if isinstance(result, NotComputed):
            rows.append([key, Cell(text(named(result.reason)), colspan="3")])
            continue
        sample = fmt.count(result.nobs), fmt.period(result.start, result.end)
        rows.append([key, cell(key, result), *sample])
    return table(caption, ("Key", "Result", "n", "Sample"), rows).html
