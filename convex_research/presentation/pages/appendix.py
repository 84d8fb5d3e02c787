"""The end of a page: method, data, how to make it again, neighbours, disclaimer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis import PairAnalysis
from convex_research.analysis.record import versions
from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.core.fragments import Fragment, command, paragraph, table, tag, text
from convex_research.data.context import chosen_helpers
from convex_research.presentation.prose import names
from convex_research.returns import AlignedReturns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis import InstrumentAnalysis
    from convex_research.analysis.results import Analysis
    from convex_research.studies import Study

__all__ = [
    "instrument_method",
    "instruments",
    "methodology",
    "provenance",
    "reproduce",
]


def methodology(analysis: Study) -> Fragment:
    """How the numbers were made, in short."""
    returns = analysis.returns
    growth = (
        "simple returns, P(t) / P(t−1) − 1"
        if returns.kind == "simple"
        else "log returns, log(P(t) / P(t−1))"
    )
    differenced = [
        f"{names.short(one)} is a {one.kind}: it enters as differences in {unit}"
        for one, unit in zip(names.legs(analysis), returns.units, strict=True)
        if unit != "decimal"
    ]
    points = [
        (
            f"Prices are put on shared dates first and differenced then: {growth}. "
            "A weekend's move lands in Monday's return; nothing is filled."
        ),
        *(f"{sentence}." for sentence in differenced),
        (
            "Intervals: what each observation does to the estimate (for correlations on Fisher's "
            "scale), the variance of that with Bartlett weights and lag 1.3 √n, and Student's t "
            "with fewer degrees of freedom where few days carry the variance (Efron and Stein "
            "1981; Lazarus, Lewis, Stock and Watson 2018); what is not a correlation or a slope "
            "mostly has fixed-b critical values. They allow for volatility that comes in clusters; "
            "the textbook interval does not, and is several times too narrow on daily returns."
        ),
        (
            f"Windows are the last n observations{_longest(analysis.config)}. An interval is for "
            "the variance-weighted correlation of the window (its sum of covariances over the root "
            "of the product of its sums of variances), its slope or its variance, not for a level "
            "that holds for ever. It speaks of days like those in the window; a crash or an own "
            "shock not seen in it is not covered. Volatility is annualised with "
            f"{returns.periods_per_year} {names.per_period(analysis)}s a year."
        ),
        "Strength by |r|: 0.8 very strong, 0.6 strong, 0.4 moderate, 0.2 weak, below negligible.",
        *_choices(analysis),
    ]
    return _listed(points)


def instrument_method(analysis: InstrumentAnalysis) -> Fragment:
    """How the numbers were made, in short."""
    returns = analysis.returns
    if returns.is_price:
        how = "P(t) / P(t−1) − 1" if returns.kind == "simple" else "log(P(t) / P(t−1))"
        moves = (
            f"Returns are {returns.kind}: {how}, between its own observations; nothing is filled."
        )
    else:
        moves = (
            f"It is a {analysis.instrument.kind}, so it enters as differences in {returns.unit}, "
            "never as percent changes; falls and yearly changes are differences too."
        )
    points = [
        moves,
        (
            "A pair's page uses the dates both legs share; this page uses all of its own, so "
            "the two may differ by a few observations."
        ),
        (
            "Intervals: the variance of the influence function of each estimate with Bartlett "
            "weights, on the log scale for volatility; the Student law is fitted by maximum "
            "likelihood to the returns as if they were independent."
        ),
        *_choices(analysis),
    ]
    return _listed(points)


def _listed(points: Iterable[str]) -> Fragment:
    items = "".join(tag("li", text(point)) for point in points)
    return Fragment(tag("ul", items, data_about="method"), "methodology")


def _longest(config: AnalysisConfig) -> str:
    """From how many observations on the longest window is given."""
    longest, fewest = config.windows[-1], config.long_window_min
    return f"; the longest, {longest:,}, is given from {fewest} on" if longest > fewest else ""


def provenance(analysis: Analysis) -> Fragment:
    """Where each series came from, and what was found in it."""
    returns = analysis.returns
    legs = [leg.series for leg in returns.legs]
    sources = [leg.provenance for leg in legs]
    lines: list[tuple[str, Iterable[str]]] = [
        ("Symbol", [one.symbol for one in sources]),
        ("Provider", [one.provider for one in sources]),
        ("Source", [one.url for one in sources]),
        ("First retrieved", [one.retrieved_at or "local" for one in sources]),
        ("Rows", [fmt.count(one.rows) for one in sources]),
        ("Missing values", [fmt.count(one.missing) for one in sources]),
        ("Dates", [f"{one.start} to {one.end}" for one in sources]),
        ("Adjustment", [one.adjustment for one in sources]),
        ("SHA-256", [one.sha256[:16] + "…" for one in sources]),
        ("Licence", [one.licence for one in sources]),
    ]
    header: tuple[str, ...] = ("Fact", "Value")
    if isinstance(returns, AlignedReturns):
        header = ("Fact", *(names.short(leg.instrument) for leg in legs))
        lines[-3:-3] = [
            ("Rows without a partner", map(fmt.count, returns.dropped)),
            ("of them outside the other's dates", map(fmt.count, returns.outside)),
        ]
    if any(one.passed_over for one in sources):
        passed_over = ["; ".join(one.passed_over) or "none" for one in sources]
        lines.insert(2, ("Passed over", passed_over))
    html = table("Data and provenance", header, [(name, *values) for name, values in lines]).html
    notes = "".join(
        tag("li", text(f"{note.level}: {fmt.with_minus(note.message)}"), class_=note.level)
        for note in returns.quality
    )
    html += tag("ul", notes, class_="quality") if notes else ""
    return Fragment(tag("div", html, data_about="source"), "provenance")


def reproduce(analysis: Analysis) -> Fragment:
    """The command that makes this page again, with versions."""
    returns = analysis.returns
    legs = [leg.series for leg in returns.legs]
    arguments = ["convex-research", "report", *(leg.provenance.symbol for leg in legs)]
    if legs[0].start_asked is not None:
        arguments += ["--start", str(legs[0].start_asked)]
    arguments += ["--as-of", str(analysis.end), "--returns", returns.kind]
    chosen = analysis.config.parameters
    in_python = chosen.pop("config", {})
    for name, held in chosen.items():
        arguments += [f"--{name}", str(held)]
    for role, symbol in _helpers(analysis).items():
        arguments += ["--market", symbol] if role == "market" else ["--helper", f"{role}={symbol}"]
    for check in dict.fromkeys(note.check for note in returns.quality if note.accepted):
        arguments += ["--accept", check]
    listed = ", ".join(f"{name} {number}" for name, number in versions().items())
    sentence = (
        f"Made with {listed}. The record beside this page (the same name, ending in .json) holds "
        f"every number with its full data hash{'es' if len(legs) > 1 else ''}."
    )
    if in_python:
        further = ", ".join(f"{name}={held}" for name, held in in_python.items())
        how = "pass it in Python, in config=AnalysisConfig(...)"
        sentence = f"The command has no option for {further}: {how}. {sentence}"
    html = command(arguments) + paragraph(text(sentence), data_about="method")
    return Fragment(html, "how to reproduce")


def _helpers(analysis: Analysis) -> dict[str, str]:
    """Symbols of further series that are not the catalogue's, by role."""
    if not isinstance(analysis, PairAnalysis):
        return {}
    return chosen_helpers(analysis.pair, analysis.helpers)


def _choices(analysis: Analysis) -> list[str]:
    """A sentence with the choices that are not the usual ones, where there are any."""
    usual = AnalysisConfig().to_dict()
    listed = [
        f"{name.replace('_', ' ')} {', '.join(map(str, held)) if isinstance(held, list) else held}"
        for name, held in analysis.config.to_dict().items()
        if held != usual[name]
    ]
    listed += [f"{role.replace('_', ' ')} {name}" for role, name in _helpers(analysis).items()]
    return [f"Choices other than the usual: {'; '.join(listed)}."] if listed else []


def instruments(analysis: Study) -> Fragment:
    """What each leg is, in a sentence."""
    unknown = "A series without a description in the catalogue."
    described = [(one.name, one.about or unknown) for one in names.legs(analysis)]
    items = "".join(tag("dt", text(name)) + tag("dd", text(about)) for name, about in described)
    listed = tag("dl", items, id="s-what-they-are", data_about="catalogue")
    return Fragment(listed, "what the instruments are", " ".join(" ".join(x) for x in described))
