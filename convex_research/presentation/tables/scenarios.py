"""What happened to one leg when the other moved, on the worst days and in named stress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.sections.scenario import MOVES, WORST_DAYS
from convex_research.core import formatting as fmt
from convex_research.core.cells import cell
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.core.fragments import Cell, Fragment, Line, paragraph, table, text
from convex_research.presentation.prose import names
from convex_research.presentation.tables.detail import flag_notes, flagged
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["forecast_table", "scenario_table", "stress_table", "worst_days_table"]

_SPACE = "\N{NARROW NO-BREAK SPACE}"


def _not_computed(analysis: Study, key: str, caption: str) -> Fragment:
    """The reason why a table is missing, in its place."""
    found = analysis[key]
    reason = found.reason if isinstance(found, NotComputed) else "there are no results"
    reason = names.with_legs(analysis, reason, key)
    return Fragment(paragraph(text(f"Not computed: {reason}."), data_key=key), caption)


def horizon_text(analysis: Study) -> str:
    """How long a scenario's move takes."""
    steps = {"daily": 21, "weekly": 4}.get(analysis.returns.frequency, 1)
    period = names.per_period(analysis)
    return f"{steps} {period}s" if steps > 1 else f"one {period}"


def scenario_table(analysis: Study) -> Fragment:
    """The other leg's move, given one leg's: fitted beside what happened."""
    a, b = (names.short(one) for one in names.legs(analysis))
    caption = f"If {a} moves within {horizon_text(analysis)}, {b} moves"
    if not any(isinstance(analysis[f"scenario.b_given_a[{m}]"], Estimate) for m in MOVES):
        return _not_computed(analysis, f"scenario.b_given_a[{MOVES[0]}]", caption)
    marks, meanings = flag_notes(analysis[f"scenario.b_given_a[{m}]"] for m in MOVES)
    rows: list[Line] = []
    for move in MOVES:
        fitted, near = f"scenario.b_given_a[{move}]", f"scenario.neighbours[{move}]"
        result = analysis[fitted]
        cells = [cell(fitted, result, plus=True, after=flagged(result, marks))]
        rows.append((_head(a, move), *cells, *_neighbours(analysis, near, move)))
    header = (
        "Move",
        f"Fitted mean [{names.level(analysis)} of outcomes]",
        "Mean of like periods",
        "Smallest to largest",
        "Like periods (apart)",
    )
    note = (
        f"Brackets hold {names.level(analysis)} of single outcomes, not the mean alone. Like "
        f"periods are those in which {a} moved by nearly as much; apart counts those that share "
        "no days."
    )
    return table(caption, header, rows, note=" ".join((note, *meanings)), stacked=True)


def _head(name: str, move: int) -> str:
    return f"{name} {fmt.number(move, 0, plus=True)}{_SPACE}%"


def _neighbours(analysis: Study, key: str, move: int) -> Line:
    """Mean, range and count of the observed moves near this one."""
    mean = analysis[key]
    low, high = (analysis[f"scenario.neighbours_{end}[{move}]"] for end in ("low", "high"))
    if not all(isinstance(one, Estimate) for one in (mean, low, high)):
        reason = "no such period in the sample"
        return [Cell(text(reason), colspan="3", class_="missing", data_key=key)]
    assert isinstance(mean, Estimate)
    assert isinstance(low, Estimate)
    assert isinstance(high, Estimate)
    apart = analysis.estimate(f"scenario.neighbours_separate[{move}]")
    count = fmt.count(mean.nobs) + (f" ({apart.value:.0f})" if apart else "")
    spread = f"{fmt.value(low, plus=True)} to {fmt.value(high, plus=True)}"
    return [
        cell(key, mean, plus=True),
        Cell(text(spread), data_key=f"scenario.neighbours_low[{move}]"),
        count,
    ]


def worst_days_table(analysis: Study) -> Fragment:
    """The days on which both legs fell most."""
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    caption = f"The worst {period}s of both at once"
    rows: list[Line] = []
    for rank in range(1, WORST_DAYS + 1):
        keys = [f"scenario.worst_{leg}[{rank}]" for leg in "ab"]
        found = [analysis[key] for key in keys]
        if isinstance(found[0], Estimate) and isinstance(found[1], Estimate):
            cells = [cell(k, r, plus=True) for k, r in zip(keys, found, strict=True)]
            rows.append((fmt.day(found[0].end), *cells))
    if not rows:
        return _not_computed(analysis, "scenario.worst_a[1]", caption)
    note = "Ranked by the sum of both falls, each divided by its own standard deviation."
    return table(caption, (period.capitalize(), a, b), rows, note=note)


def stress_table(analysis: Study) -> Fragment:
    """What both legs did in the named stress windows that the sample holds."""
    a, b = (names.short(one) for one in names.legs(analysis))
    caption = "Named stress windows inside the sample"
    rows: list[Line] = []
    for window in STRESS_WINDOWS:
        keys = [f"scenario.stress_{leg}[{window.key}]" for leg in "ab"]
        found = [analysis[key] for key in keys]
        first = found[0]
        if isinstance(first, Estimate) and isinstance(found[1], Estimate):
            cells = [cell(k, r, plus=True) for k, r in zip(keys, found, strict=True)]
            when = Cell(text(fmt.span(first)), class_="dates")
            rows.append((window.name, when, *cells))
    if not rows:
        words = "Not computed: no named stress window lies inside the sample."
        return Fragment(
            paragraph(words, data_key=f"scenario.stress_a[{STRESS_WINDOWS[0].key}]"), caption
        )
    note = "Moves from the first close to the last. The windows were named with hindsight."
    return table(caption, ("Window", "Dates", a, b), rows, note=note, stacked=True)


_METHODS = (
    ("Long-run mean", ""),
    ("Exponential weights", "_ewma"),
    ("Changing correlation (DCC)", "_dcc"),
)


def forecast_table(analysis: Study) -> Fragment:
    """The next month's correlation by three methods, and how each scored so far."""
    period = names.per_period(analysis)
    caption = f"Correlation of the next 21 {period}s"
    if isinstance(analysis["forecast.pearson[21]"], NotComputed):
        return _not_computed(analysis, "forecast.pearson[21]", caption)
    rows: list[Line] = []
    for name, suffix in _METHODS:
        key = f"forecast.pearson{suffix}[21]"
        cells = [cell(key, analysis[key], plus=True)]
        if suffix:
            gain, test = (f"forecast.{part}{suffix}[21]" for part in ("gain", "diebold_mariano"))
            cells.append(cell(gain, analysis[gain], plus=True))
            cells.append(cell(test, analysis[test]))
        else:
            cells.append(Cell("the yardstick", colspan="2", class_="missing"))
        rows.append((name, *cells))
    header = (
        "Method",
        f"Forecast [{names.level(analysis)} of outcomes]",
        f"Cut in loss [{names.level(analysis)} interval]",
        "As good?",
    )
    note = (
        "Each method forecast the past from what was known at the time. The cut is in QLIKE, a "
        "loss that punishes a wrong correlation as a wrong risk; the last column is the p-value "
        "of equal losses (Diebold and Mariano)."
    )
    return table(caption, header, rows, note=note, stacked=True)
