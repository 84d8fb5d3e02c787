"""Analyses of the embedded sample and their pages, made once per process for all test files.

What is given here is shared: a test that changes an analysis makes its own by ``study``.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import nbformat

from convex_research import InstrumentAnalysis, Study, analyze_instrument, load_series, study
from convex_research import presentation as show
from convex_research.core.files import notebook_path
from convex_research.publishing.exporter import ConvexReportExporter


@cache
def study_of(a: str, b: str, **choices: Any) -> Study:
    """The study of two names of the sample, with the choices of ``study``."""
    return study(f"sample:{a}", f"sample:{b}", **choices)


@cache
def instrument_of(name: str) -> InstrumentAnalysis:
    """The analysis of a name of the sample by itself."""
    return analyze_instrument(load_series(f"sample:{name}"))


def executed(kind: str, analysis: Study) -> nbformat.NotebookNode:
    """The report notebook as if a kernel had run it with this analysis."""
    notebook = nbformat.read(notebook_path(kind), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("show."):
            shown = eval(cell.source, {"show": show, "analysis": analysis})
            bundle = getattr(shown, "_repr_mimebundle_", None)
            data = bundle() if bundle else {"text/html": shown._repr_html_()}
            cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
    return notebook


@lru_cache(maxsize=32)
def page_of(analysis: Study, kind: str) -> str:
    """The page that is published from that notebook."""
    return ConvexReportExporter().from_notebook_node(executed(kind, analysis))[0]
