"""What Jupyter shows of results, claims, series and what the catalogue knows.

Every ``_repr_html_`` of the package ends here. The same values give the same bytes: no
memory address, no time, no random identifier; everything from outside is escaped.
"""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis import Curve, PairAnalysis, Section
from convex_research.analysis.section import Profile
from convex_research.catalogue import Catalogue, Instrument, Pair
from convex_research.claims import Claim, hypothesis
from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.core.estimates import Estimate, NotComputed, Result, TestResult
from convex_research.core.fragments import Fragment, cell, table, tag, text
from convex_research.data import Prices, Provenance, QualityNote, SeriesData
from convex_research.returns import AlignedReturns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["html_of"]

_LAST = 5  # rows of a series that are shown
_TITLE = 60  # characters of a name in a caption


def _cells(*values: object) -> list[str]:
    return [tag("td", text(value)) for value in values]


def _facts(caption: str, pairs: Iterable[tuple[str, object]]) -> str:
    """A table of names and values; what is empty is left out."""
    rows = [(name, *_cells(value)) for name, value in pairs if value not in (None, "", ())]
    return table(caption, ("What", "Value"), rows).html


def _period(start: object, end: object) -> str:
    return f"{start} to {end}" if start and end else ""


@singledispatch
def html_of(shown: object) -> str:
    """Markup of an object of the package.

    Parameters
    ----------
    shown : object
        An estimate, test, claim, series, analysis and so on.

    Returns
    -------
    str
        Finished markup.

    Raises
    ------
    TypeError
        If the package has no way to show such an object.
    """
    raise TypeError(f"no display for {type(shown).__name__}")


@html_of.register
def _(shown: Estimate) -> str:
    level = fmt.percent(shown.confidence_level, 0) if shown.confidence_level else ""
    error = None
    if shown.std_error is not None:
        error = fmt.significant(shown.std_error) if shown.std_error else "0"
    facts = [
        ("Value", fmt.value(shown, digits=3)),
        (f"{level} interval", fmt.interval(shown, digits=3)),
        ("Standard error", error),
        ("Unit", shown.unit),
        ("Observations", fmt.count(shown.nobs)),
        ("Sample", _period(shown.start, shown.end)),
        ("Method", shown.method),
        ("Flags", ", ".join(shown.flags)),
    ]
    return _facts("Estimate", facts)


@html_of.register
def _(shown: TestResult) -> str:
    facts = [
        ("Null", shown.null),
        ("Alternative", shown.alternative),
        ("Statistic", fmt.significant(shown.statistic, 4)),
        ("p-value", fmt.pvalue(shown.pvalue, bound=shown.pvalue_bound).removeprefix("= ")),
        ("Distribution", shown.distribution),
        ("Observations", fmt.count(shown.nobs)),
        ("Sample", _period(shown.start, shown.end)),
        ("Flags", ", ".join(shown.flags)),
    ]
    return _facts("Test", facts)


@html_of.register
def _(shown: NotComputed) -> str:
    return tag("p", tag("b", "Not computed:") + " " + text(shown.reason))


@html_of.register
def _(shown: Claim) -> str:
    facts = [
        ("Hypothesis", hypothesis(shown.id)),
        ("Verdict on it", shown.verdict),
        ("Found", shown.text),
        ("Evidence", ", ".join(shown.evidence)),
        ("p-value", _p(shown.pvalue)),
        ("p-value, adjusted for the page", _p(shown.pvalue_adjusted)),
        ("Sensitivity runs", fmt.count(len(shown.sensitivity)) if shown.sensitivity else None),
    ]
    return _facts(f"Claim {shown.id}", facts)


def _p(pvalue: float | None) -> str | None:
    return None if pvalue is None else fmt.pvalue(pvalue).removeprefix("= ")


@html_of.register
def _(shown: Provenance) -> str:
    return _facts(f"Provenance of {shown.symbol}", _origin(shown))


def _origin(one: Provenance) -> list[tuple[str, object]]:
    return [
        ("Symbol", one.symbol),
        ("Provider", one.provider),
        ("Passed over", "; ".join(one.passed_over)),
        ("Source", one.url),
        ("First retrieved", one.retrieved_at or "local"),
        ("Stale copy", "yes" if one.stale else None),
        ("Rows", fmt.count(one.rows)),
        ("Missing values", fmt.count(one.missing)),
        ("Dates", _period(one.start, one.end)),
        ("Adjustment", one.adjustment),
        ("SHA-256", one.sha256),
        ("Licence", one.licence),
    ]


@html_of.register
def _(shown: QualityNote) -> str:
    return tag("p", tag("b", text(f"{shown.level}:")) + " " + text(shown.message))


@html_of.register
def _(shown: SeriesData) -> str:
    last = shown.values.iloc[-_LAST:]
    rows = [
        (str(day)[:10], *_cells(f"{value:,.6g}"))
        for day, value in zip(last.index, last.to_numpy(), strict=True)
    ]
    unit = shown.instrument.unit or "value"
    values = table(f"Last {len(rows)} observations", ("Date", unit), rows).html
    name = shown.instrument.name[:_TITLE]
    notes = "".join(html_of(note) for note in shown.quality)
    return _facts(name, _origin(shown.provenance)) + values + notes


@html_of.register
def _(shown: Prices) -> str:
    header = ("Series", "Symbol", "Provider", "Rows", "Dates", "Adjustment")
    return table("Prices before alignment", header, [_leg(one) for one in (shown.a, shown.b)]).html


def _leg(one: SeriesData) -> list[str]:
    origin = one.provenance
    dates = _period(origin.start, origin.end)
    values = (origin.symbol, origin.provider, fmt.count(origin.rows), dates, origin.adjustment)
    return [one.instrument.name, *_cells(*values)]


@html_of.register
def _(shown: AlignedReturns) -> str:
    legs = (shown.prices.a, shown.prices.b)
    dropped = " and ".join(fmt.count(n) for n in shown.dropped)
    caption = (
        f"{fmt.count(shown.nobs)} {shown.frequency} {shown.kind} returns, {shown.day(0)} to "
        f"{shown.day(-1)}; rows without a partner: {dropped}"
    )
    header = ("Date", *(leg.instrument.name for leg in legs))
    rows = [
        (str(shown.day(i)), *_cells(*map(_return, shown.values[i], shown.units)))
        for i in range(max(0, shown.nobs - _LAST), shown.nobs)
    ]
    return table(caption, header, rows, note=f"The last {len(rows)} rows.").html


def _return(value: float, unit: str) -> str:
    if unit == "decimal":
        return fmt.percent(float(value), 2, plus=True)
    return f"{fmt.number(float(value), 2, plus=True)} {unit}"


def _results(caption: str, results: Iterable[tuple[str, Result]]) -> str:
    rows: list[list[str]] = []
    for key, result in results:
        if isinstance(result, NotComputed):
            rows.append([key, tag("td", text(result.reason), colspan="3")])
            continue
        sample = _cells(fmt.count(result.nobs), _period(result.start, result.end))
        rows.append([key, cell(key, result), *sample])
    return table(caption, ("Key", "Result", "n", "Sample"), rows).html


@html_of.register
def _(shown: Section) -> str:
    found = f"{len(shown.results)} results, {len(shown.curves)} curves"
    return _results(f"Section {shown.name}: {found}", shown.results.items())


@html_of.register
def _(shown: PairAnalysis) -> str:
    keys = [f"correlation.pearson[{w}]" for w in (*shown.config.windows, "all")]
    keys += ["regression.beta[all]", "regression.rsquared[all]"]
    a, b = (
        leg.instrument.name[:_TITLE] for leg in (shown.returns.prices.a, shown.returns.prices.b)
    )
    caption = f"{a} against {b} to {shown.as_of}"
    return _results(caption, ((key, shown[key]) for key in keys if key in shown))


@html_of.register
def _(shown: Curve) -> str:
    defined = np.flatnonzero(np.isfinite(shown.value))
    if not defined.size:
        return tag("p", "A curve without a defined value.")
    lowest, highest = (int(defined[f(shown.value[defined])]) for f in (np.argmin, np.argmax))
    rows = [
        (label, *_cells(shown.dates[i], fmt.significant(float(shown.value[i]), 4)))
        for label, i in (
            ("First", int(defined[0])),
            ("Lowest", lowest),
            ("Highest", highest),
            ("Last", int(defined[-1])),
        )
    ]
    caption = f"Curve of {fmt.count(defined.size)} values, {shown.unit}"
    return table(caption, ("Point", "Date", "Value"), rows).html


@html_of.register
def _(shown: Profile) -> str:
    rows = [
        (fmt.significant(float(shown.at[i]), 4), *_cells(*_ends(shown, i)))
        for i in (0, len(shown.at) // 2, len(shown.at) - 1)
    ]
    caption = f"Fitted function at {len(shown.at)} points, {shown.unit}"
    return table(caption, ("At", "Value", "Low", "High"), rows).html


def _ends(shown: Profile, at: int) -> Sequence[str]:
    return [fmt.significant(float(x[at]), 4) for x in (shown.value, shown.low, shown.high)]


@html_of.register
def _(shown: AnalysisConfig) -> str:
    return _facts("Choices of the analysis", ((k, str(v)) for k, v in shown.to_dict().items()))


@html_of.register
def _(shown: Instrument) -> str:
    facts = [
        ("Id", shown.id),
        ("Kind", shown.kind),
        ("Unit", shown.unit),
        ("Category", shown.category),
        ("Calendar", shown.calendar),
        ("Symbols, in the order asked", ", ".join(shown.symbols)),
        ("About", shown.about),
    ]
    return _facts(shown.name, facts)


@html_of.register
def _(shown: Pair) -> str:
    rows = [
        (name, *_cells(symbol, one.name, one.kind))
        for name, symbol, one in zip(
            ("A", "B"), shown.public_symbols, shown.instruments, strict=True
        )
    ]
    caption = f"Pair {shown.slug}, {shown.categorise()}"
    return table(caption, ("Leg", "Symbol", "Name", "Kind"), rows).html


@html_of.register
def _(shown: Catalogue) -> str:
    listed = shown.instruments.values()
    rows = [
        (one.id, *_cells(one.name, one.kind, one.category, ", ".join(one.symbols)))
        for one in listed
    ]
    caption = f"{len(listed)} instruments and {len(shown.pairs)} pairs with names"
    return table(caption, ("Id", "Name", "Kind", "Category", "Symbols"), rows).html


@html_of.register
def _(shown: Fragment) -> str:
    return shown.html
