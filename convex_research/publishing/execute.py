"""Executing a report notebook with papermill, and cleaning what it leaves behind."""

from __future__ import annotations

import json
import math
import time
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from convex_research.catalogue.symbols import parse_symbol
from convex_research.core import errors
from convex_research.core.errors import (
    ConvexResearchError,
    InputError,
    PublishingError,
    printable,
)
from convex_research.core.files import notebook_path
from convex_research.kernels.manager import kernel_name
from convex_research.publishing.session import KernelSession

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PAGE_TIMEOUT", "check_parameters", "execute_notebook", "notebook_bytes"]

PAGE_TIMEOUT = 600.0
Parameters = dict[str, Any]


def check_parameters(kind: str, parameters: Parameters) -> None:
    """Compare parameters with those the notebook declares, before a kernel starts.

    An InputError names the unknown one; papermill itself only warns, and the page of the default
    pair comes out.
    """
    path = notebook_path(kind)
    known = _declared(path, path.stat().st_mtime_ns)
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        raise InputError(
            f"The {kind} notebook has no parameter {printable(unknown[0])!r}; "
            f"it has {', '.join(known)}."
        )


@lru_cache(maxsize=16)
def _declared(path: Path, _changed: int) -> tuple[str, ...]:
    """Names of the parameters of a notebook, read once for each state of its file."""
    from papermill import inspect_notebook

    return tuple(inspect_notebook(str(path)))


def execute_notebook(
    kind: str,
    parameters: Parameters,
    *,
    session: KernelSession | None = None,
    timeout: float = PAGE_TIMEOUT,
    seconds: dict[str, float] | None = None,
) -> Any:
    """Run a report notebook, with parameters passed as data.

    It is executed in the session, after another notebook, or in a kernel of its own. The timeout is
    in seconds for all of it. ``seconds`` is filled with what the stages took: ``"kernel"`` (its
    start), ``"data"`` (cells before anything is shown), ``"analysis"`` (the first cell that shows
    anything, which needs the whole analysis and its claims) and ``"pieces"`` (all the rest).

    Returns
    -------
    nbformat.NotebookNode
        Executed, free of times, paths and random identifiers. What a cell raises is raised as the
        package's own typed error, or as a :class:`PublishingError` with cell and cause.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    if session is None:
        with KernelSession() as own:
            return execute_notebook(kind, parameters, session=own, timeout=timeout, seconds=seconds)
    check_parameters(kind, parameters)
    watch = _Watch(timeout)
    try:
        notebook = _executed(kind, parameters, session, timeout, watch)
    except PapermillExecutionError as error:
        raise _typed(error, kind) from None
    except CellTimeoutError:
        problem = f"the {kind} notebook stopped after {timeout:g} s"
        raise PublishingError(problem, watch.cell) from None
    except DeadKernelError:
        problem = f"the kernel of the {kind} notebook died (out of memory?)"
        raise PublishingError(problem, watch.cell) from None
    except RuntimeError as error:
        if watch.cell:
            raise
        problem, cause = f"the {kind} notebook's kernel did not start", printable(error)
        raise PublishingError(problem, cause=cause.strip()) from None
    if seconds is not None:
        seconds.update(watch.seconds)
    return _cleaned(notebook, parameters)


def _executed(
    kind: str, parameters: Parameters, session: KernelSession, timeout: float, watch: _Watch
) -> Any:
    """The notebook as papermill leaves it."""
    import papermill

    from convex_research.publishing.engine import ENGINE

    executed: list[Any] = []
    try:
        papermill.execute_notebook(
            str(notebook_path(kind)),
            None,
            parameters=parameters,
            kernel_name=kernel_name(),
            cwd=str(Path.cwd()),
            engine_name=ENGINE,
            executed=executed,
            km=session.fresh(),
            start_timeout=max(1, math.ceil(min(timeout, 60.0))),
            # Nothing is shown, and nothing saved after each cell: we keep the result.
            progress_bar=False,
            log_output=False,
            record_timing=False,
            request_save_on_cell_execute=False,
            autosave_cell_every=0,
            # We wait for the end of a cell's output, so the kernel need not pause for it.
            extra_arguments=["--IPythonKernel._execute_sleep=0"],
            # A kernel that does not answer is killed.
            shutdown_kernel="immediate",
            timeout_func=watch.left,
            on_cell_execute=watch.begin,
            on_cell_executed=watch.end,
        )
    except BaseException:
        session.end()
        raise
    return executed[0]


class _Watch:
    """Follows a notebook from cell to cell."""

    def __init__(self, timeout: float) -> None:
        self._started = time.monotonic()
        self._deadline = self._started + timeout
        self._cell_began = 0.0
        self._stages = {"data": 0.0}
        self.cell = ""

    def left(self, cell: Any) -> float:  # noqa: ARG002 - nbclient passes the cell
        """Seconds the notebook may still take; never none, which would mean no limit."""
        return max(self._deadline - time.monotonic(), 0.05)

    def begin(self, cell: Any, cell_index: int) -> None:  # noqa: ARG002
        """Note the cell that is sent to the kernel."""
        self._cell_began = time.monotonic()
        self.cell = _first_line(cell.source)

    def end(self, cell: Any, **_: Any) -> None:
        """Note that it is done."""
        if "analysis" in self._stages:
            stage = "pieces"
        else:
            stage = "analysis" if cell.source.startswith("show.") else "data"
        spent = time.monotonic() - self._cell_began
        self._stages[stage] = self._stages.get(stage, 0.0) + spent

    @property
    def seconds(self) -> dict[str, float]:
        """What was spent so far, in cells and around them."""
        around = time.monotonic() - self._started - sum(self._stages.values())
        return {"kernel": around, **self._stages}


def _first_line(source: str) -> str:
    lines = str(source).strip().splitlines()
    return printable(lines[0] if lines else "an empty cell")


def _typed(error: Any, kind: str) -> ConvexResearchError:
    """The package's own error a cell raised, or one that names the cell."""
    original = getattr(errors, error.ename, None)
    message = printable(error.evalue, limit=500)
    if isinstance(original, type) and issubclass(original, ConvexResearchError):
        rebuilt = ConvexResearchError(message)
        rebuilt.exit_code = original.exit_code
        return rebuilt
    cell, cause = _first_line(error.source), f"{error.ename}: {message}"
    return PublishingError(f"the {kind} notebook failed", cell, cause)


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


def notebook_bytes(notebook: Any) -> bytes:
    """The file of a notebook: as nbformat writes it, but indented by two spaces.

    nbformat itself takes longer for that than it takes to make the page.
    """
    from nbformat.v4.rwbase import rejoin_lines, split_lines, strip_transient

    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    try:
        return orjson.dumps(strip_transient(split_lines(notebook)), option=options)
    finally:
        rejoin_lines(notebook)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _public(source: str, parameters: Parameters) -> str:
    """The injected cell with files by their names, without their folder."""
    for value in _texts(parameters):
        if value.startswith(("csv:", "file:")):
            shown = parse_symbol(value).public
            for quoted in (json.dumps(value), json.dumps(value, ensure_ascii=False), repr(value)):
                source = source.replace(quoted, json.dumps(shown))
    return source
