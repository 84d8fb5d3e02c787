"""What the parent imports before it forks, and how it stays fit to fork."""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import pkgutil
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

__all__ = [
    "ONE_THREAD",
    "PARENT_ENVIRONMENT",
    "count_threads",
    "give_back_memory",
    "load_stack",
    "rehearse",
]

_THREADED = ("OPENBLAS_NUM", "OMP_NUM", "MKL_NUM", "BLIS_NUM", "VECLIB_MAXIMUM", "NUMEXPR_NUM")
ONE_THREAD = {f"{library}_THREADS": "1" for library in _THREADED}
"""Environment in which libraries of linear algebra compute in one thread."""
PARENT_ENVIRONMENT = {
    # A process with threads must not fork: locks they hold would stay locked in the child.
    **ONE_THREAD,
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow, which pandas uses if there
    # A kernel lives for a second. Memory that it gave back to the system and took again
    # would be cleared anew each time, half of all pages that it touches.
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "268435456",
}
"""Read when the parent and its libraries are loaded."""
# Read by matplotlib when it is imported, and set by an ordinary kernel before that. Without
# it, every figure of a notebook that uses pyplot would be lost without a word.
_INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
_LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "ipykernel.displayhook",
    "ipykernel.iostream",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "encodings.utf_8_sig",
    "faulthandler",
    "sqlite3",
    "tornado.platform.asyncio",
    "zmq.utils.garbage",
    "matplotlib.figure",
    "matplotlib.dates",
    "pandas",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.signal",
    "scipy.stats",
    "statsmodels.tsa.stattools",
    "exchange_calendars",
)
_ROOMS = (
    "convex_research.data",
    "convex_research.returns",
    "convex_research.statistics",
    "convex_research.analysis",
    "convex_research.claims",
    "convex_research.presentation",
)


def load_stack() -> dict[str, str]:
    """Import the libraries and every module of the package that a notebook may use.

    What they add to the environment is returned: they would in an ordinary kernel, too.
    """
    os.environ["MPLBACKEND"] = _INLINE_BACKEND
    before = set(os.environ)
    for name in _LIBRARIES:
        _load(name)
    for room in _ROOMS:
        path = importlib.import_module(room).__path__
        for found in pkgutil.walk_packages(path, f"{room}."):
            _load(found.name)
    return {name: value for name, value in os.environ.items() if name not in before}


def _load(name: str) -> None:
    """Import what is there; a notebook that needs what is missing says so itself."""
    with suppress(ImportError):
        importlib.import_module(name)


def rehearse(kinds: tuple[str, ...] = ("correlation", "comparison")) -> None:
    """Run the report notebooks once, on the embedded sample, and keep nothing of them.

    Functions of libraries import more when they are first called, fonts are looked up,
    patterns are compiled: kernels find all of that done.
    """
    for name in [one for one in os.environ if one.startswith("CONVEX_RESEARCH_")]:
        del os.environ[name]
    os.environ["CONVEX_RESEARCH_OFFLINE"] = "1"
    from convex_research.core.files import notebook_path

    for kind in kinds:
        # Where a rehearsal fails a notebook will, too, and will say why.
        with suppress(Exception):
            _perform(notebook_path(kind))


def _perform(path: Path) -> None:
    names: dict[str, Any] = {}
    cells = json.loads(path.read_text("utf-8"))["cells"]  # no kernel needs nbformat
    sources = ["".join(one["source"]) for one in cells if one["cell_type"] == "code"]
    settings = 'a, b, start = "sample:sp500", "sample:nasdaq", "2016-06-01"'
    for source in (sources[0], settings, *sources[1:]):
        exec(compile(source, "<rehearsal>", "exec"), names)  # noqa: S102 - our own notebook


def give_back_memory() -> None:
    """Return to the system what was freed, where the C library holds on to it."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def count_threads() -> int:
    """Threads of this process, also those that Python does not know of."""
    tasks = Path("/proc/self/task")
    seen = len(list(tasks.iterdir())) if tasks.is_dir() else 1
    return max(seen, threading.active_count())
