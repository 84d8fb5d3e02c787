"""The top of an instrument's page, and the pairs it leads to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convex_research.core import formatting as fmt
from convex_research.core.cells import cell, numbers
from convex_research.core.estimates import Estimate
from convex_research.core.fragments import Fragment, linked, paragraph, table, tag, text
from convex_research.presentation.prose import names
from convex_research.presentation.prose.headline import heading, tiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from convex_research.analysis import InstrumentAnalysis

__all__ = [
    "instrument_answer",
    "instrument_tiles",
    "instrument_title",
    "pairs_of_instrument",
]

_SAFE = re.compile(r"[a-z0-9-]+")


def instrument_title(analysis: InstrumentAnalysis) -> Fragment:
    """Heading with what the instrument is, its sample, and warnings about the data."""
    returns, one = analysis.returns, analysis.instrument
    changes = f"{returns.kind} returns" if returns.is_price else f"changes in {returns.unit}"
    sample = (
        f"As of {analysis.as_of}. {fmt.count(returns.nobs)} {returns.frequency} {changes} on its "
        f"own dates, {returns.level_day(0)} to {analysis.as_of}."
    )
    return heading(analysis, names.short(one), sample, about=one.about)


def instrument_answer(analysis: InstrumentAnalysis) -> Fragment:
    """Where it stands, in a sentence."""
    last = analysis["performance.last"]
    assert isinstance(last, Estimate)
    stood = f"{numbers('performance.last', last)}{_unit_after(analysis, last)}"
    parts = [f"{text(names.short(analysis.instrument))} stood at {stood}"]
    change = analysis["performance.change[1y]"]
    if isinstance(change, Estimate):
        moved = numbers("performance.change[1y]", change, plus=True)
        parts.append(f", {moved} over a year")
    below = analysis.estimate("performance.drawdown_last")
    if below is not None and below.value < 0.0:
        depth = numbers("performance.drawdown_last", below, plus=True)
        parts.append(f" and {depth} from its highest close so far")
    key = _volatility_key(analysis)
    volatility = analysis.estimate(key)
    if volatility is not None:
        window = names.window(analysis, key[18:-1]).lower()
        shown = numbers(key, volatility)
        parts.append(f". Over the {window} its volatility was {shown} a year")
    html = paragraph("".join(parts) + ".", class_="answer", data_key="performance.last")
    return Fragment(html, "where it stands")


def _unit_after(analysis: InstrumentAnalysis, last: Estimate) -> str:
    """The unit of the level, where the number does not carry it."""
    unit = analysis.instrument.unit
    has_unit = fmt.value(last).endswith(unit) or not unit
    return "" if has_unit else f" {text(unit)}"


def _volatility_key(analysis: InstrumentAnalysis) -> str:
    """A year's volatility, else that of the whole sample."""
    year = f"volatility.annual[{analysis.config.year}]"
    return year if analysis.estimate(year) else "volatility.annual[all]"


def instrument_tiles(analysis: InstrumentAnalysis) -> Fragment:
    """The numbers a reader looks for first, each with interval and sample."""
    key = _volatility_key(analysis)
    window = names.window(analysis, key[18:-1]).lower()
    listed = [
        ("Change, 1 year", "performance.change[1y]", True),
        (f"Volatility a year, {window}", key, False),
        ("Growth, whole sample", "performance.cagr", True),
        ("Below its highest close so far", "performance.drawdown_last", True),
        ("Deepest fall", "performance.max_drawdown", True),
        ("Tail index", "diagnostics.tail_index", False),
    ]
    return tiled(analysis, listed)


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
    rows = []
    for one in pairs:
        slug, page, found = str(one["slug"]), str(one["page"]), one.get("correlation")
        if not (_SAFE.fullmatch(slug) and _SAFE.fullmatch(page)):
            continue  # never a link to anywhere else
        r = Estimate(**{k: v for k, v in found.items() if k != "key"}) if found else None
        head = linked(str(one["title"]), f"../{slug}/{page}.html")
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
    return table("Pairs", header, rows, note=note)
