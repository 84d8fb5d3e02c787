"""papermill's engine, but for notebooks that are taken over as they are in memory."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines

__all__ = ["ENGINE", "ReportEngine"]

ENGINE = "convex_research"


class ReportEngine(NBClientEngine):  # type: ignore[misc]  # untyped base
    """Hands the executed notebook over, and spares papermill from writing it out as text.

    papermill turns what an engine returns into text even where nothing is to be saved, and
    looks for errors in it; a report's outputs are long, so it gets the cells with errors alone.
    """

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, *, executed: list[Any], **kw: Any) -> Any:
        """Execute a notebook, as papermill's own engine does, and append it to ``executed``."""
        notebook = super().execute_notebook(nb, kernel_name, **kw)
        executed.append(NotebookNode(notebook))
        failed = [cell for cell in notebook.cells if _failed(cell)]
        # The client's objects refer to each other and stay until the collector comes by: they
        # must not keep hundreds of long reports.
        notebook.cells = []
        return NotebookNode(notebook, cells=failed)


def _failed(cell: Any) -> bool:
    said = any(one.output_type == "error" for one in cell.get("outputs", ()))
    return said or cell.metadata.get("papermill", {}).get("exception") is True


papermill_engines.register(ENGINE, ReportEngine)
