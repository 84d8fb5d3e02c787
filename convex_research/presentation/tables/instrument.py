"""The tables of an instrument's page: every number with interval, sample and key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convex_research.analysis.section import calendar_years
from convex_research.analysis.sections.instrument import EPISODES, QUANTILES
from convex_research.core import formatting as fmt
from convex_research.core.cells import cell, sample_of
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.core.fragments import (
    Cell,
    Fragment,
    Line,
    folded,
    linked,
    paragraph,
    table,
    tag,
    text,
)
from convex_research.presentation.prose import names
from convex_research.presentation.tables.detail import flag_notes, flagged, results_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convex_research.analysis import InstrumentAnalysis
    from convex_research.core.estimates import Result

__all__ = [
    "calendar_year_table",
    "changes_table",
    "diagnostics_table",
    "drawdown_table",
    "pairs_of_instrument",
    "quantile_table",
    "volatility_table",
]

_SAFE = re.compile(r"[a-z0-9-]+")
_LINKED = 12  # pairs that are named before the fold


def changes_table(analysis: InstrumentAnalysis) -> Fragment:
    """Changes over periods, the range of the year, growth, and the largest moves."""
    period = names.per_period(analysis)
    changes = ((names.HORIZONS[h].capitalize(), f"performance.change[{h}]") for h in names.HORIZONS)
    listed = [
        ("Last", "performance.last"),
        *((label, key, "+") for label, key in changes),
        ("Below its highest so far", "performance.drawdown_last", "+"),
        ("52-week low", "performance.range_low[52w]"),
        ("52-week high", "performance.range_high[52w]"),
        ("Growth, whole sample", "performance.cagr", "+"),
        (f"Best {period}", "performance.best", "+"),
        (f"Worst {period}", "performance.worst", "+"),
    ]
    level = names.level(analysis)
    note = f"Observed values carry the dates they lie between; growth carries a {level} interval."
    return results_table(
        analysis, "Changes over periods", listed, head="Period", value="Value", note=note
    )


def calendar_year_table(analysis: InstrumentAnalysis) -> Fragment:
    """Change and volatility of every calendar year, partial years marked."""
    years = calendar_years(analysis.returns)
    marks, meanings = flag_notes(analysis[f"volatility.annual[{year}]"] for year, *_ in years)
    rows: list[Line] = []
    for year, _, partial in years:
        change, spread = f"performance.calendar_year[{year}]", f"volatility.annual[{year}]"
        rows.append(
            (
                f"{year} (part of the year)" if partial else str(year),
                cell(change, analysis[change], plus=True),
                cell(spread, analysis[spread], after=flagged(analysis[spread], marks)),
                *sample_of(analysis[change]),
            )
        )
    volatility = f"Volatility a year [{names.level(analysis)} interval]"
    note = "A change is observed, from the last value of the year before to the last of the year."
    return table(
        "Calendar years, latest first",
        ("Year", "Change", volatility, "n", "Dates"),
        rows,
        note=" ".join((note, *meanings)),
    )


def quantile_table(analysis: InstrumentAnalysis) -> Fragment:
    """Quantiles of the returns with intervals that need no density."""
    period = names.per_period(analysis)
    words = {
        0.01: f"Worse on 1 % of {period}s",
        0.05: f"Worse on 5 % of {period}s",
        0.5: f"Middle {period} (median)",
        0.95: f"Better on 5 % of {period}s",
        0.99: f"Better on 1 % of {period}s",
    }
    listed = ((words[share], f"diagnostics.quantile[{share:g}]", "+") for share in QUANTILES)
    note = "Woodruff's intervals: the HAC interval of the share beyond, read off the sample."
    return results_table(analysis, f"What a {period} brings", listed, head="Quantile", note=note)


def volatility_table(analysis: InstrumentAnalysis) -> Fragment:
    """Volatility by window, its rolling extremes, and the GARCH forecast."""
    window = analysis.config.rolling_window
    period = names.per_period(analysis)
    listed = [
        (names.window(analysis, qualifier), f"volatility.annual[{qualifier}]")
        for qualifier in names.windows(analysis)
    ]
    listed += [
        (f"Calmest {window} {period}s", f"volatility.rolling_min[{window}]"),
        (f"Wildest {window} {period}s", f"volatility.rolling_max[{window}]"),
        (f"GARCH forecast for the next {period}", "volatility.garch_next"),
        ("GARCH memory: share of a shock left after one step", "volatility.garch_persistence"),
        ("GARCH half-life of a shock, observations", "volatility.garch_half_life"),
    ]
    year = analysis.returns.periods_per_year
    return results_table(
        analysis,
        "Volatility by window",
        listed,
        head="Window",
        value=f"Volatility a year [{names.level(analysis)} interval]",
        note=(
            f"Annualised with {year} {period}s a year. An interval is for the volatility of its "
            "own window. The calmest and the wildest window were picked because they are, and "
            "are observed. A quasi maximum likelihood fit gives GARCH figures without intervals."
        ),
    )


def drawdown_table(analysis: InstrumentAnalysis) -> Fragment:
    """The deepest falls with peak, trough and recovery."""
    rows: list[Line] = []
    for rank in range(1, EPISODES + 1):
        key, back = f"performance.drawdown[{rank}]", f"performance.recovery[{rank}]"
        if key not in analysis:
            break
        fall, days = analysis[key], analysis[back]
        assert isinstance(fall, Estimate)
        ended = fmt.day(days.end) if isinstance(days, Estimate) else "not yet"
        ends = (fmt.day(fall.start), fmt.day(fall.end), ended)
        dates = (Cell(text(end), class_="dates") for end in ends)
        rows.append((f"{rank}", cell(key, fall, plus=True), *dates, _days(back, days)))
    if not rows:
        html = paragraph("It never fell below an earlier value.", data_key="performance.last")
        return Fragment(html, "no falls")
    relative = "in percent of the peak" if analysis.returns.is_price else "in its own unit"
    header = ("Rank", "Depth", "Peak", "Trough", "Recovered", "Days, peak to recovery")
    note = f"Observed, {relative}. An episode lasts until its peak is reached again."
    return table("The deepest falls", header, rows, note=note, stacked=True)


def _days(key: str, days: Result) -> Cell:
    if isinstance(days, Estimate):
        return Cell(
            tag("span", text(fmt.count(round(days.value))), class_="num", data_key=key), key
        )
    reason = days.reason if isinstance(days, NotComputed) else ""
    return Cell("\N{EN DASH}", class_="missing", data_key=key, title=reason)


def diagnostics_table(analysis: InstrumentAnalysis) -> Fragment:
    """Tail index, degrees of freedom, and three tests."""
    listed = [
        ("Tail index (Hill)", "diagnostics.tail_index"),
        ("Degrees of freedom of the Student law that fits best", "diagnostics.student_df"),
        ("Volatility clusters (ARCH-LM)", "diagnostics.arch_lm"),
        ("Autocorrelated (Ljung-Box)", "diagnostics.ljung_box"),
        ("Normal (Jarque-Bera)", "diagnostics.jarque_bera"),
    ]
    return results_table(analysis, "What the returns look like", listed)


def pairs_of_instrument(
    analysis: InstrumentAnalysis, pairs: Iterable[Mapping[str, Any]] = ()
) -> Fragment:
    """The pairs it appears in, with their correlation and links to their pages.

    Parameters
    ----------
    analysis : InstrumentAnalysis
        A finished analysis.
    pairs : iterable of dict
        ``slug``, ``title``, ``page`` (``"correlation"`` or ``"comparison"``) and
        ``correlation``: an estimate's fields with its ``key``, or ``None``.
    """
    rows, links = [], []
    for one in pairs:
        slug, page, found = str(one["slug"]), str(one["page"]), one.get("correlation")
        if not (_SAFE.fullmatch(slug) and _SAFE.fullmatch(page)):
            continue  # never a link to anywhere else
        r = Estimate(**{k: v for k, v in found.items() if k != "key"}) if found else None
        address = f"../{slug}/{page}.html"
        head = linked(str(one["title"]), address)
        links.append(tag("a", text(str(one["title"])), href=address))
        shown = cell(str(found["key"]), r, plus=True) if found else "not computed"
        rows.append((head, shown, fmt.count(r.nobs) if r else ""))
    if not rows:
        link = tag("a", "All pairs", href="../index.html")
        words = f"No pair of this folder has {text(names.short(analysis.instrument))}. {link}"
        return Fragment(paragraph(words, data_about="navigation"), "no pairs")
    header = ("Pair", f"Pearson r [{names.level(analysis)} interval]", "n")
    note = (
        f"On the dates that both legs share, over the last {analysis.config.year} of them at most."
    )
    told = " · ".join(links[:_LINKED])
    if len(links) > _LINKED:
        told += f" and {len(links) - _LINKED} more"
    html = paragraph(f"In pairs: {told}.", data_about="navigation")
    listed = table("Pairs", header, rows, note=note)
    return Fragment(html + folded("Their correlations", listed, class_="folded"), "its pairs")
