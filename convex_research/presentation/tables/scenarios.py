"""What happened to one leg when the other moved, on the worst days and in named stress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.sections.scenario import MOVES, WORST_DAYS
from convex_research.core import formatting as fmt
from convex_research.core.cells import cell
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.core.fragments import Cell, Fragment, Line, paragraph, table, text
from convex_research.presentation.charts.marks import PERCENT
from convex_research.presentation.prose import names
from convex_research.presentation.tables.detail import flag_notes, flagged, not_computed
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["forecast_table", "scenario_table", "stress_table", "worst_days_table"]


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
        return not_computed(analysis, f"scenario.b_given_a[{MOVES[0]}]", caption)
    marks, meanings = flag_notes(analysis[f"scenario.b_given_a[{m}]"] for m in MOVES)
    rows: list[Line] = []
    for move in MOVES:
        fitted, result = f"scenario.b_given_a[{move}]", analysis[f"scenario.b_given_a[{move}]"]
        shown = cell(fitted, result, plus=True, after=flagged(result, marks))
        head = f"{a} {fmt.number(move, 0, plus=True)}{PERCENT}"
        rows.append((head, shown, *_alike(analysis, move)))
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


def _alike(analysis: Study, move: int) -> Line:
    """Mean, range and count of the observed moves near this one."""
    keys = [f"scenario.neighbours{part}[{move}]" for part in ("", "_low", "_high")]
    mean, low, high = map(analysis.estimate, keys)
    if mean is None or low is None or high is None:
        reason = "no such period in the sample"
        return [Cell(text(reason), colspan="3", class_="missing", data_key=keys[0])]
    apart = analysis.estimate(f"scenario.neighbours_separate[{move}]")
    count = fmt.count(mean.nobs) + (f" ({apart.value:.0f})" if apart else "")
    spread = f"{fmt.value(low, plus=True)} to {fmt.value(high, plus=True)}"
    return [cell(keys[0], mean, plus=True), Cell(text(spread), data_key=keys[1]), count]


def _of_both(analysis: Study, stem: str, qualifier: object) -> tuple[Estimate, list[Cell]] | None:
    """The estimate of A, and cells of both legs, where both have one."""
    keys = [f"scenario.{stem}_{leg}[{qualifier}]" for leg in "ab"]
    found = [one for one in map(analysis.estimate, keys) if one is not None]
    if len(found) < len(keys):
        return None
    return found[0], [cell(key, one, plus=True) for key, one in zip(keys, found, strict=True)]


def worst_days_table(analysis: Study) -> Fragment:
    """The days on which both legs fell most."""
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    caption = f"The worst {period}s of both at once"
    found = (_of_both(analysis, "worst", rank) for rank in range(1, WORST_DAYS + 1))
    rows: list[Line] = [(fmt.day(both[0].end), *both[1]) for both in found if both]
    if not rows:
        return not_computed(analysis, "scenario.worst_a[1]", caption)
    note = "Ranked by the sum of both falls, each divided by its own standard deviation."
    return table(caption, (period.capitalize(), a, b), rows, note=note)


def stress_table(analysis: Study) -> Fragment:
    """What both legs did in the named stress windows that the sample holds."""
    a, b = (names.short(one) for one in names.legs(analysis))
    caption = "Named stress windows inside the sample"
    found = ((window, _of_both(analysis, "stress", window.key)) for window in STRESS_WINDOWS)
    rows: list[Line] = [
        (window.name, Cell(text(fmt.span(both[0])), class_="dates"), *both[1])
        for window, both in found
        if both
    ]
    if not rows:
        words = "Not computed: no named stress window lies inside the sample."
        key = f"scenario.stress_a[{STRESS_WINDOWS[0].key}]"
        return Fragment(paragraph(words, data_key=key), caption)
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
        return not_computed(analysis, "forecast.pearson[21]", caption)
    rows: list[Line] = []
    for name, suffix in _METHODS:
        key = f"forecast.pearson{suffix}[21]"
        scores = [Cell("the yardstick", colspan="2", class_="missing")]
        if suffix:
            gain, test = (f"forecast.{part}{suffix}[21]" for part in ("gain", "diebold_mariano"))
            scores = [cell(gain, analysis[gain], plus=True), cell(test, analysis[test])]
        rows.append((name, cell(key, analysis[key], plus=True), *scores))
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
