"""The tables of the two pages: every number with interval, sample and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import strength_words
from convex_research.core import formatting as fmt
from convex_research.core.cells import cell, sample_of
from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.core.fragments import Cell, Fragment, Line, table, tag, text
from convex_research.presentation.charts.sparkline import Scale, bar, range_bar, sparkline
from convex_research.presentation.prose import names
from convex_research.presentation.tables.detail import results_table
from convex_research.statistics.dynamics.envelope import MAX_NOBS

if TYPE_CHECKING:
    from convex_research.core.estimates import Result
    from convex_research.studies import Study

__all__ = [
    "capture_table",
    "extremes_table",
    "ninety_day_table",
    "ranks_table",
    "recent_table",
    "side_by_side_table",
    "statistics_table",
    "windows_table",
    "years_table",
]

_YEAR = 252  # observations in the small pictures


def windows_table(analysis: Study) -> Fragment:
    """Pearson, Spearman and Kendall by window."""
    listed = [
        (names.window(analysis, window), f"correlation.pearson[{window}]")
        for window in names.windows(analysis)
    ]
    if isinstance(analysis["correlation.weekly[all]"], Estimate):
        listed.append(("Whole sample, weekly", "correlation.weekly[all]"))
    known = [one for one in (analysis.estimate(key) for _, key in listed) if one is not None]
    scale = Scale.over(known) if known else None
    looks = {"page": "All windows together"}
    every = ""
    if analysis.returns.frequency == "daily":
        looks["pearson_daily"] = "Read every day"
        every = "; read every day, the interval holds on all days of a year"
    rows: list[Line] = []
    for name, key in listed:
        r = analysis[key]
        picture = Cell(bar(r, scale) if isinstance(r, Estimate) and scale else "", class_="bar")
        wide = [_ends(analysis, key, allowing) for allowing in looks]
        rows.append((name, cell(key, r, plus=True), picture, _strength(r), *sample_of(r), *wide))
    ends = [fmt.number(end, 2, plus=True) for end in (scale.low, scale.high)] if scale else []
    return table(
        f"Correlation by window, {names.level(analysis)} intervals",
        (
            *("Window", "Pearson r", " to ".join(ends), "Strength", "n", "Dates"),
            *looks.values(),
        ),
        rows,
        note=(
            "An interval is for the variance-weighted correlation of its window. Read together, "
            f"all windows of the page lie in theirs{every}. The strength names two bands where the "
            "interval spans them."
        ),
        stacked=True,
    )


def _ends(analysis: Study, key: str, allowing: str) -> Cell:
    """The interval of the same window that allows for more than one look; empty without one."""
    wide = key.replace(".pearson[", f".{allowing}[")
    r = analysis.estimate(wide) if wide != key and wide in analysis else None
    return Cell(text(fmt.interval(r)), wide) if r is not None else Cell("")


def _strength(r: Result) -> str:
    return strength_words(r).capitalize() if isinstance(r, Estimate) else ""


def ranks_table(analysis: Study) -> Fragment:
    """Correlation by ranks, which a few extreme returns cannot move."""
    rows: list[Line] = []
    for window in names.windows(analysis):
        keys = [f"correlation.{name}[{window}]" for name in ("spearman", "kendall")]
        if keys[0] not in analysis or isinstance(analysis[keys[0]], NotComputed):
            continue
        cells = [cell(key, analysis[key], plus=True) for key in keys]
        rows.append((names.window(analysis, window), *cells, *sample_of(analysis[keys[0]])))
    header = ("Window", "Spearman ρ", "Kendall τ", "n", "Dates")
    return table(f"Correlation by ranks, {names.level(analysis)} intervals", header, rows)


def recent_table(analysis: Study) -> Fragment:
    """The last observations against those before them."""
    window = analysis.config.recent_window
    listed = [
        (f"Last {window} observations", f"recent.recent[{window}]", "+"),
        ("Those before them", f"recent.preceding[{window}]", "+"),
        ("Difference, Fisher z", f"recent.difference[{window}]", "+"),
    ]
    return results_table(analysis, "Recent against preceding", listed, head="Sample")


def statistics_table(analysis: Study, qualifier: str | None = None) -> Fragment:
    """Regression and volatility of one window, as the reference pages show them."""
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    qualifier = qualifier or str(analysis.config.year)
    listed = [
        ("Pearson r", f"correlation.pearson[{qualifier}]", "+"),
        ("r², shared variance", f"regression.rsquared[{qualifier}]"),
        (f"Beta of {a} on {b}", f"regression.beta[{qualifier}]"),
        (f"Beta of {b} on {a}", f"regression.beta_reverse[{qualifier}]"),
        (f"Alpha a {period}", f"regression.alpha[{qualifier}]", "+"),
        (f"Volatility of {a} a {period}", f"volatility.daily_a[{qualifier}]"),
        (f"Volatility of {b} a {period}", f"volatility.daily_b[{qualifier}]"),
        (f"Volatility of {a} a year", f"volatility.annual_a[{qualifier}]"),
        (f"Volatility of {b} a year", f"volatility.annual_b[{qualifier}]"),
    ]
    caption = f"Statistical details, {names.window(analysis, qualifier).lower()}"
    return results_table(analysis, caption, (one for one in listed if one[1] in analysis))


def years_table(analysis: Study, *, sortable: bool = False) -> Fragment:
    """Pearson's r of every calendar year, partial years marked."""
    rows: list[Line] = []
    for year, r in names.calendar_years(analysis):
        partial = isinstance(r, Estimate) and "partial_year" in r.flags
        label = f"{year} (part of the year)" if partial else str(year)
        shown = cell(f"correlation.pearson[{year}]", r, plus=True)
        rows.append((label, shown, _strength(r), *sample_of(r)))
    header = ("Year", "Pearson r", "Strength", "n", "Dates")
    caption = f"Correlation by calendar year, {names.level(analysis)} intervals"
    return table(caption, header, rows, sortable=sortable)


def extremes_table(analysis: Study) -> Fragment:
    """The windows with the highest and the lowest rolling r."""
    window = analysis.config.rolling_window
    listed = []
    for name, statistic in (("Highest", "pearson_max"), ("Lowest", "pearson_min")):
        listed.append((name, f"rolling.{statistic}[{window}]", "+"))
        if analysis.returns.nobs > MAX_NOBS:
            label = f"{name} of the last {fmt.count(MAX_NOBS)} observations"
            listed.append((label, f"rolling.{statistic}_5y[{window}]", "+"))
    return results_table(
        analysis,
        f"Extremes of the rolling {window}-{names.per_period(analysis)} correlation",
        listed,
        head="Window",
        note=(
            "Each interval is for the truly highest or lowest correlation among all windows, and "
            "allows for their number: it need not lie around the number shown."
        ),
    )


def side_by_side_table(analysis: Study) -> Fragment:
    """What both legs did, return for the risk and falls, and the differences that are estimated."""
    listed = [("Last", "performance.last_{}", False)]
    listed += [
        (f"Change, {names.HORIZONS[h]}", f"performance.change_{{}}[{h}]", True)
        for h in names.HORIZONS
    ]
    listed += [
        ("52-week low", "performance.range_low_{}[52w]", False),
        ("52-week high", "performance.range_high_{}[52w]", False),
        ("Growth a year", "performance.cagr_{}", True),
        ("Growth a year without dividends", "performance.price_growth_{}", True),
        ("Dividends, past year", "performance.dividend_yield_{}", False),
        ("Volatility a year", "performance.annual_volatility_{}", False),
        ("Return over volatility (Sharpe)", "performance.sharpe_{}", True),
        ("Return over falls (Sortino)", "performance.sortino_{}", True),
        ("Deepest drawdown", "performance.max_drawdown_{}", True),
        ("Days until that peak was regained", "performance.recovery_{}", False),
        ("Drawdown now", "performance.drawdown_last_{}", True),
        ("Growth over deepest drawdown (Calmar)", "performance.calmar_{}", True),
    ]
    a, b = (names.short(one) for one in names.legs(analysis))
    compared = {
        pattern: (key, after)
        for pattern, (key, after) in _APART.items()
        if isinstance(analysis[key], Estimate)
    }
    head = ("Measure", a, b, f"{a} less {b}")[: 4 if compared else 3]
    empty = [""] if compared else []
    rows: list[Line] = [(name, *cells, *empty) for name, cells in _pictures(analysis)]
    for name, pattern, plus in listed:
        keys = [pattern.format(leg) for leg in "ab"]
        if pattern in _PAID and not any(isinstance(analysis[key], Estimate) for key in keys):
            continue
        cells = [_with_dates(key, analysis[key], plus=plus) for key in keys]
        if pattern in compared:
            key, after = compared[pattern]
            rows.append((name, *cells, cell(key, analysis[key], plus=not after, after=after)))
        else:
            rows.append((name, *cells, *empty))
    made = table(
        "Measure by measure",
        head,
        rows,
        note=(
            f"On shared dates to {analysis.as_of}, {fmt.count(analysis.returns.nobs)} returns. "
            "Observed values carry their dates; estimates carry a "
            f"{names.level(analysis)} interval. Volatilities are compared by their ratio; nothing "
            "is taken off returns for what cash earned."
        ),
        about="sample",
        stacked=True,
    )
    return Fragment(tag("div", made.html, id="s-values-and-changes"), made.summary)


# Rows that only a provider of dividends fills; and where a difference stands, what follows it.
_LASTING = {"performance.recovery_a", "performance.recovery_b"}
_PAID = {"performance.price_growth_{}", "performance.dividend_yield_{}"}
_APART = {
    "performance.cagr_{}": ("performance.gap", ""),
    "performance.annual_volatility_{}": ("volatility.ratio[all]", " times"),
    "performance.sharpe_{}": ("performance.sharpe_gap", ""),
    "performance.sortino_{}": ("performance.sortino_gap", ""),
}


def _pictures(analysis: Study) -> list[tuple[str, list[Cell]]]:
    """The last year of each leg as a line, and where it stands in its range."""
    lines, places = [], []
    for column, (leg, one) in enumerate(zip("ab", names.legs(analysis), strict=True)):
        path = analysis.returns.levels[-_YEAR:, column]
        low, high, last = (
            analysis.estimate(f"performance.{name}_{leg}{qualifier}")
            for name, qualifier in (("range_low", "[52w]"), ("range_high", "[52w]"), ("last", ""))
        )
        short = names.short(one)
        words = f"{short}, last {len(path)} values, to {analysis.as_of}"
        lines.append(Cell(sparkline(path, label=words, colour=leg)))
        place = ""
        if low is not None and high is not None and last is not None:
            ends = f"{fmt.value(low)} to {fmt.value(high)}"
            words = f"{short}: {fmt.value(last)} in a 52-week range of {ends}"
            place = range_bar(last.value, low.value, high.value, label=words, colour=leg)
        places.append(Cell(place))
    return [("The last year", lines), ("In its 52-week range", places)]


def _with_dates(key: str, result: Result, *, plus: bool) -> Cell:
    """An observed value with the dates it lies between; an estimate with its interval."""
    if key in _LASTING and isinstance(result, NotComputed) and result.code is Missing.NOT_IN_SAMPLE:
        return Cell("not yet", class_="missing", data_key=key, title=result.reason)
    if not isinstance(result, Estimate):
        return cell(key, result, plus=plus)
    if result.confidence_level is None and result.start != result.end:
        when = fmt.span(result)
    elif result.confidence_level is None:
        when = fmt.day(result.end)
    else:
        when = f"n {fmt.count(result.nobs)}"
    return cell(key, result, plus=plus, after=" " + tag("span", text(when), class_="when"))


def ninety_day_table(analysis: Study) -> Fragment:
    """What the last observations say, 90 unless configured otherwise."""
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    window = analysis.config.recent_window
    listed = [
        ("Pearson r", f"correlation.pearson[{window}]", "+"),
        (f"Volatility of {a} a {period}", f"volatility.daily_a[{window}]"),
        (f"Volatility of {b} a {period}", f"volatility.daily_b[{window}]"),
        ("Change in r against those before, Fisher z", f"recent.difference[{window}]", "+"),
    ]
    known = (one for one in listed if one[1] in analysis)
    return results_table(analysis, f"Last {window} {period}s", known)


def capture_table(analysis: Study) -> Fragment:
    """Up and down capture and relative strength, where both legs are prices."""
    a, b = (names.short(one) for one in names.legs(analysis))
    year, period = analysis.returns.periods_per_year, names.per_period(analysis)
    listed = [
        (f"Share of {b}'s mean gain that {a} had on {b}'s up {period}s", "performance.capture_up"),
        (
            f"Share of {b}'s mean loss that {a} had on {b}'s down {period}s",
            "performance.capture_down",
        ),
        (f"Growth of {a} over that of {b}, last {year}", f"performance.relative_strength[{year}]"),
    ]
    if isinstance(analysis[listed[0][1]], NotComputed):
        return Fragment("", "no capture ratios")
    return results_table(analysis, "One against the other: measures", listed)
