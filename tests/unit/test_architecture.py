"""The house: imports point one way, heavy libraries stay in their rooms, sizes hold."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import convex_research

PACKAGE = Path(convex_research.__file__).parent

# Rooms in the order in which data flows; a room may use those before it.
ORDER = [
    "errors",
    "displayed",
    "estimates",
    "config",
    "symbols",
    "catalogue",
    "data",
    "returns",
    "statistics",
    "evidence",
    "analysis",
    "claims",
    "presentation",
    "publishing",
    "exploring",
    "batch",
    "daily",
    "cli_options",
    "cli_batch",
    "cli_cache",
    "cli_daily",
    "cli_lab",
    "cli",
    "__main__",
]
WORDS = {"errors", "displayed", "estimates", "config"}
ONLY_IN = {
    "requests": {"data"},
    "matplotlib": {"presentation"},
    "papermill": {"publishing", "batch"},
    "nbconvert": {"publishing", "batch"},
    "jupyter_client": {"publishing", "batch"},
    "dask": {"batch"},
    "ipywidgets": {"exploring"},
}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module
            if node.module == "convex_research":
                yield from (f"convex_research.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_never_point_upward(path):
    room = room_of(path)
    if room in {"__init__", "notebooks"}:
        return
    allowed = ORDER[: ORDER.index(room) + 1]
    if room == "statistics":  # pure functions on arrays: words only
        allowed = [*WORDS, "statistics"]
    if room == "evidence":  # what is known about the statistics, and nothing of any pair
        allowed = [*WORDS, "statistics", "evidence"]
    if path.name.startswith("claims_") and room == "evidence":
        # The simulations of claims run whole analyses of made-up pairs.
        allowed = ORDER[: ORDER.index("claims") + 1]
    if path.name == "digests.py" and room == "evidence":  # decides as the daily run does
        allowed = [*WORDS, "statistics", "evidence", "daily"]
    for name in imports_of(path):
        if name.startswith("convex_research."):
            used = name.split(".")[1]
            assert used in allowed or used not in ORDER, f"{room} uses {used}"


@pytest.mark.parametrize("library", ONLY_IN)
def test_heavy_libraries_stay_in_their_rooms(library):
    users = {
        room_of(path)
        for path in modules()
        for name in imports_of(path)
        if name.split(".")[0] == library
    }
    assert users <= ONLY_IN[library]


def test_importing_the_package_loads_nothing_heavy():
    heavy = ["numpy", "pandas", "scipy", "statsmodels", "arch", "matplotlib", "papermill"]
    code = f"import sys, convex_research; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_analysis_does_not_import_statsmodels_or_arch_before_it_needs_them():
    code = (
        "import sys; from convex_research.data import load_series; load_series('sample:vix');"
        "print([m for m in ('statsmodels', 'arch', 'matplotlib', 'requests') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_stay_readable(path):
    source = path.read_text("utf-8")
    assert source.count("\n") <= 350
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno <= 80, node.name


def test_every_public_name_is_there_and_documented():
    for name in convex_research.__all__:
        assert getattr(convex_research, name).__doc__, name
    with pytest.raises(AttributeError, match="nonsense"):
        convex_research.nonsense  # noqa: B018
