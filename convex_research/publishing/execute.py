"""Executing a report notebook with papermill, and cleaning what it leaves behind."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from convex_research import errors
from convex_research.errors import ConvexResearchError, InputError, PublishingError, printable
from convex_research.publishing.assets import notebook_path
from convex_research.symbols import parse_symbol

__all__ = ["check_parameters", "execute_notebook"]

Parameters = dict[str, str | None]


def check_parameters(kind: str, parameters: Parameters) -> None:
    """Compare parameters with those the notebook declares, before a kernel starts.

    papermill itself only warns, and the page of the default pair comes out.

    Raises
    ------
    InputError
        Naming the unknown parameter and the known ones.
    """
    from papermill import inspect_notebook

    known = inspect_notebook(str(notebook_path(kind)))
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise InputError(
            f"The {kind} notebook has no parameter {printable(unknown[0])!r}; "
            f"it has {', '.join(known)}."
        )


def execute_notebook(kind: str, parameters: Parameters, *, timeout: float = 600.0) -> Any:
    """Run a report notebook.

    Parameters
    ----------
    kind : {"correlation", "comparison", "methodology"}
        Which notebook.
    parameters : dict
        Values of its parameters, passed as data.
    timeout : float
        Seconds a cell may take.

    Returns
    -------
    nbformat.NotebookNode
        Executed, free of times, paths and random identifiers.

    Raises
    ------
    ConvexResearchError
        The typed error a cell raised, or :class:`PublishingError` with cell and cause.
    """
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    check_parameters(kind, parameters)
    with tempfile.TemporaryDirectory(prefix="convex-research-") as folder:
        try:
            notebook = papermill.execute_notebook(
                str(notebook_path(kind)),
                str(Path(folder) / "executed.ipynb"),
                parameters=parameters,
                progress_bar=False,
                log_output=False,
                execution_timeout=int(timeout),
                cwd=str(Path.cwd()),
                kernel_manager_class="convex_research.publishing.kernel.LocalKernelManager",
            )
        except PapermillExecutionError as error:
            raise _typed(error, kind) from None
        except (CellTimeoutError, DeadKernelError) as error:
            cause = str(error).strip().partition("\n")[0]
            raise PublishingError(f"the {kind} notebook stopped: {printable(cause)}") from None
    return _cleaned(notebook, parameters)


def _typed(error: Any, kind: str) -> ConvexResearchError:
    """The package's own error a cell raised, or one that names the cell."""
    original = getattr(errors, error.ename, None)
    message = printable(error.evalue, limit=500)
    if isinstance(original, type) and issubclass(original, ConvexResearchError):
        rebuilt = ConvexResearchError(message)
        rebuilt.exit_code = original.exit_code
        return rebuilt
    lines = str(error.source).strip().splitlines()
    cell = printable(lines[0] if lines else "an empty cell")
    return PublishingError(f"the {kind} notebook failed in `{cell}`: {error.ename}: {message}")


def _cleaned(notebook: Any, parameters: Parameters) -> Any:
    """Remove what differs between two runs, and folders of the user's files."""
    notebook.metadata.pop("papermill", None)
    info = notebook.metadata.get("language_info", {})
    notebook.metadata["language_info"] = {"name": info.get("name", "python")}
    for number, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        cell.metadata.clear()
        if tags:
            cell.metadata["tags"] = tags
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
            cell["source"] = _public(cell.source, parameters)
        elif "id" not in cell:
            cell["id"] = f"cell-{number:02d}"
    return notebook


def _public(source: str, parameters: Parameters) -> str:
    """The injected cell with csv symbols by file name, without their folder."""
    for value in parameters.values():
        if value and value.startswith("csv:"):
            shown = parse_symbol(value).public
            for quoted in (json.dumps(value), json.dumps(value, ensure_ascii=False), repr(value)):
                source = source.replace(quoted, json.dumps(shown))
    return source
