"""What the parent imports before it forks, and how it stays fit to fork."""

from __future__ import annotations

import importlib
import os
import pkgutil

__all__ = ["INLINE_BACKEND", "SINGLE_THREADED", "load_stack"]

# A process with threads must not fork: locks they hold would stay locked in the child.
# These are read when the libraries are loaded.
SINGLE_THREADED = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow, which pandas uses if there
}
INLINE_BACKEND = "module://matplotlib_inline.backend_inline"

# matplotlib.pyplot is left out: imported before a kernel has set itself up it never
# learns where figures go, and every figure of the notebook is lost without a word.
_LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "ipykernel.displayhook",
    "ipykernel.iostream",
    "matplotlib.figure",
    "matplotlib.dates",
    "matplotlib.backends.backend_svg",
    "pandas",
    "scipy.interpolate",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.signal",
    "scipy.stats",
    "statsmodels.tsa.stattools",
    "statsmodels.regression.linear_model",
    "jsonschema",
    "orjson",
    "exchange_calendars",
)
_ROOMS = ("data", "returns", "statistics", "analysis", "claims", "presentation")


def load_stack() -> None:
    """Import the libraries and every module of the package that a notebook may use."""
    # Read by matplotlib when it is imported, which in an ordinary kernel is later.
    os.environ.setdefault("MPLBACKEND", INLINE_BACKEND)
    for name in _LIBRARIES:
        _load(name)
    for room in _ROOMS:
        module = importlib.import_module(f"convex_research.{room}")
        for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
            _load(found.name)


def _load(name: str) -> None:
    """Import what is there; a notebook that needs what is missing says so itself."""
    try:
        importlib.import_module(name)
    except ImportError:
        return
