"""What test files share: series by hand, analyses of the embedded sample, and their pages.

Analyses and pages are made once per process: a test that changes one makes its own by ``study``.
"""

from __future__ import annotations

import ast
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import nbformat

from convex_research import InstrumentAnalysis, Study, analyze_instrument, load_series, study
from convex_research import presentation as show
from convex_research.catalogue import Instrument
from convex_research.core.files import notebook_path
from convex_research.data.series import Provenance, SeriesData
from convex_research.publishing.exporter import ConvexReportExporter

if TYPE_CHECKING:
    import pandas as pd


def series_data(
    symbol: str, values: pd.Series, *, stale: bool = False, quality=(), splits=(), **instrument: Any
) -> SeriesData:
    """Values as if a provider had given them; what is known of their instrument by name."""
    provenance = Provenance(
        symbol=symbol,
        provider=symbol.partition(":")[0],
        url="",
        sha256="a" * 64,  # no long number for those who look for one
        adjustment="",
        rows=len(values),
        missing=0,
        start=values.index[0].date(),
        end=values.index[-1].date(),
        licence="",
        stale=stale,
    )
    what = {"id": symbol.partition(":")[2], **instrument}
    what.setdefault("name", what["id"])
    return SeriesData(values, Instrument(**what), provenance, quality, splits=splits)


@cache
def study_of(a: str, b: str, **choices: Any) -> Study:
    """The study of two names of the sample, with the choices of ``study``."""
    return study(f"sample:{a}", f"sample:{b}", **choices)


@cache
def instrument_of(name: str) -> InstrumentAnalysis:
    """The analysis of a name of the sample by itself."""
    return analyze_instrument(load_series(f"sample:{name}"))


def executed(
    kind: str, analysis: Study | InstrumentAnalysis, copy: Any = None
) -> nbformat.NotebookNode:
    """The report notebook, or a copy of it, as if a kernel had run it with this analysis."""
    notebook = copy or nbformat.read(notebook_path(kind), as_version=4)
    scope = {"show": show, "analysis": analysis, "s": analysis, "pairs": ()}
    for cell in notebook.cells:
        if cell.cell_type != "code" or "show." not in cell.source:
            continue
        *before, last = ast.parse(cell.source).body
        exec(compile(ast.Module(before, []), kind, "exec"), scope)
        shown = eval(ast.unparse(last), scope)
        bundle = getattr(shown, "_repr_mimebundle_", None)
        data = bundle() if bundle else {"text/html": shown._repr_html_()}
        cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
    return notebook


@lru_cache(maxsize=32)
def page_of(analysis: Study | InstrumentAnalysis, kind: str) -> str:
    """The page that is published from that notebook."""
    return ConvexReportExporter().from_notebook_node(executed(kind, analysis))[0]
