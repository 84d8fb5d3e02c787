"""The tabs of the explorer: which pieces of the reports each one shows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from bs4 import BeautifulSoup

from convex_research import presentation as show
from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, joined, tag, text
from convex_research.presentation.charts.correlation import scatter
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from convex_research.studies import Study

# Attributes that name ids of other elements.
_REFERENCES = ("aria-labelledby", "aria-describedby", "aria-controls", "for")


def _scatter(analysis: Study) -> Fragment:
    return scatter(analysis, analysis.config.rolling_window).figure


def _rolling(analysis: Study) -> Fragment:
    return show.chart(analysis, "rolling").figure


def _charts(*names: str) -> Callable[[Study], Fragment]:
    return lambda analysis: joined(show.chart(analysis, name).figure for name in names)


def _claims(analysis: Study) -> Fragment:
    return joined(
        show.question(analysis, claim.id) for claim in analysis.claims if not claim.parent
    )


VIEWS: dict[str, tuple[Callable[[Study], Fragment], ...]] = {
    "Overview": (*(show.first, _rolling, show.extremes_table),),
    "Windows and years": (
        *(show.windows_table, show.ranks_table, show.recent_table),
        *(_charts("years"), show.years_table),
    ),
    "Regression": (
        *(_scatter, show.statistics_table),
        _charts("beta", "dcc", "leads"),
    ),
    "Side by side": (
        *(_charts("growth", "level_a", "level_b"), show.side_by_side_table, _charts("drawdown")),
        *(_charts("ratio"), show.ninety_day_table, show.capture_table),
    ),
    "Claims": (_claims, show.evidence),
    "Data": (show.instruments, show.provenance, show.methodology),
}
"""Pieces of each tab, by its title; functions of a finished analysis."""

WINDOWED = {_rolling, show.extremes_table, show.windows_table, _scatter}
"""Pieces that follow the chosen window; the others are those of the reports."""

READ = (0, 1)
"""Tab and number of the piece that is read on a date: the rolling chart."""


def readable(analysis: Study) -> tuple[date, date] | None:
    """First and last date of the rolling chart; nothing where there is no chart."""
    window = analysis.config.rolling_window
    curve = analysis.section("rolling").curves.get(f"rolling.pearson[{window}]")
    if curve is None or len(curve.dates) < window:
        return None
    return curve.dates[window - 1].astype(object), curve.dates[-1].astype(object)


def read_out(analysis: Study, day: date) -> str:
    """What the rolling chart shows on a day, or on the last day before it that it has.

    A day before the chart reads its first.
    """
    window = analysis.config.rolling_window
    curve = analysis.curve(f"rolling.pearson[{window}]")
    found = int(np.searchsorted(curve.dates, np.datetime64(day), side="right")) - 1
    row = max(found, window - 1)
    words = f"{curve.dates[row]}: {window}-{names.per_period(analysis)} r "
    if not math.isfinite(curve.value[row]):
        return tag("p", text(f"{words}is not defined."))
    words += fmt.number(float(curve.value[row]), plus=True)
    if curve.low is not None and curve.high is not None and math.isfinite(curve.low[row]):
        ends = (fmt.number(float(end[row]), plus=True) for end in (curve.low, curve.high))
        words += f" [{', '.join(ends)}], {names.level(analysis)} band of all windows"
    return tag("p", text(f"{words}."))


def markup(fragment: Fragment, prefix: str) -> str:
    """A piece as it stands in a notebook, which may hold the same piece elsewhere.

    Ids carry a prefix that is unique in the notebook, links to other pages are plain words and
    the page's heading is one of the second level; a piece that does not apply is a sentence.
    """
    html = fragment.html
    if not html:
        return tag("p", text(f"{fragment.summary.capitalize()} for this choice."), class_="note")
    soup = BeautifulSoup(html, "html.parser")
    for link in soup("a", href=True):
        if str(link["href"]).startswith("#"):
            link["href"] = f"#{prefix}{link['href'][1:]}"
        elif not str(link["href"]).startswith(("http:", "https:")):
            link.unwrap()  # pages elsewhere are not there yet
    for element in soup(id=True):
        element["id"] = f"{prefix}{element['id']}"
    for name in _REFERENCES:
        for element in soup.select(f"[{name}]"):
            element[name] = " ".join(prefix + one for one in str(element[name]).split())
    for heading in soup("h1"):
        heading.name = "h2"
    return str(soup)
