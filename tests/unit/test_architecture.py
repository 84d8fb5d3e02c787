"""The house: imports point one way, strings included, and the map in ARCHITECTURE.md is true."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import convex_research

PACKAGE = Path(convex_research.__file__).parent
MAP = (PACKAGE / "ARCHITECTURE.md").read_text("utf-8")

# The rooms of the map, from the ground up; each may use those before it.
ROOMS = re.findall(r"^(\w+)(?:/|\.py)  ", MAP, re.MULTILINE)
GROUND = ["core"]
ONLY_IN = {
    "requests": {"data"},
    "matplotlib": {"presentation", "kernels"},
    "papermill": {"publishing"},
    "nbconvert": {"publishing"},
    "jupyter_client": {"publishing", "kernels"},
    "dask": {"batch"},
    "ipywidgets": {"exploring"},
}
# A name, or half of one that ends in a dot: where that leads nobody can see.
_NAME = re.compile(r"convex_research(?:\.\w+)+|convex_research\.$")


def modules(package=PACKAGE):
    return sorted(package.rglob("*.py"))


def room_of(path, package=PACKAGE):
    return path.relative_to(package).parts[0].removesuffix(".py")


def _for_types_only(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value


def nodes_of(tree):
    """Every node that runs: not docstrings, and nothing that is imported for types alone."""
    left = set(_docstrings(tree))
    todo = [tree]
    while todo:
        node = todo.pop()
        if _for_types_only(node):
            todo.extend(node.orelse)
            continue
        if node not in left:
            yield node
            todo.extend(ast.iter_child_nodes(node))


def imports_of(path):
    """Dotted names that a file imports, anywhere in it, or holds as text."""
    for node in nodes_of(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _NAME.findall(node.value)


def violations(package):
    """Every import of a package that points up or leads to a room that is not on the map."""
    found = []
    for path in modules(package):
        room, place = room_of(path, package), path.relative_to(package)
        if room == "__init__":
            continue
        if room not in ROOMS:
            found.append(f"{place}: {room} is not on the map")
            continue
        # Statistics are functions of arrays: they know nothing of where these come from.
        allowed = [*GROUND, room] if room == "statistics" else ROOMS[: ROOMS.index(room) + 1]
        for name in imports_of(path):
            parts = name.split(".")
            # The group in which other packages name their providers is no room.
            own = parts[0] == "convex_research" and len(parts) > 1
            if own and name != "convex_research.providers" and parts[1] not in allowed:
                found.append(f"{place} uses {name}")
    return found


def file_of(name, package):
    """The file that a dotted name leads to, if it is one of the package."""
    parts = name.split(".")[1:]
    for size in range(len(parts), 0, -1):
        place = package.joinpath(*parts[:size])
        for path in (place.with_suffix(".py"), place / "__init__.py"):
            if path.is_file():
                return path
    return None


def circles(package):
    """Files that import one another, in groups of two and more."""
    uses = {}
    for path in modules(package):
        if path == package / "__init__.py":
            continue
        found = {file_of(n, package) for n in imports_of(path) if n.startswith("convex_research.")}
        uses[path] = found - {None, path, package / "__init__.py"}
    reach = {path: _reached(path, uses) for path in uses}
    return {
        frozenset(other for other in reach[path] if path in reach.get(other, ()))
        for path in uses
        if path in reach[path]
    }


def _reached(start, uses):
    seen, todo = set(), [start]
    while todo:
        for path in uses.get(todo.pop(), ()):
            if path not in seen:
                seen.add(path)
                todo.append(path)
    return seen


def test_no_import_points_up():
    assert violations(PACKAGE) == []


def test_no_files_import_one_another():
    assert circles(PACKAGE) == set()


@pytest.mark.parametrize(
    ("place", "source"),
    [
        ("core/planted.py", "from convex_research.claims import evaluate"),
        ("core/planted.py", "def f():\n    import convex_research.data.series"),
        ("analysis/planted.py", 'import_module("convex_research.claims")'),
        ("analysis/planted.py", 'import_module(f"convex_research.claims.{name}")'),
        ("analysis/planted.py", 'import_module(f"convex_research.{room}")'),
        ("statistics/planted.py", "from convex_research.returns import align"),
        ("data/planted.py", "from convex_research import analyze"),
        ("attic/planted.py", "x = 1"),
    ],
    ids=[
        "import",
        "in a function",
        "a string",
        "half a string",
        "no room in it",
        "statistics",
        "front",
        "no room",
    ],
)
def test_a_planted_violation_is_found(tmp_path, place, source):
    path = tmp_path / place
    path.parent.mkdir()
    path.write_text(source)
    assert len(violations(tmp_path)) == 1


@pytest.mark.parametrize(
    "second",
    ["from convex_research.core.one import x", 'find("convex_research.core.one")'],
    ids=["import", "string"],
)
def test_a_planted_circle_is_found(tmp_path, second):
    (tmp_path / "core").mkdir()
    (tmp_path / "core/one.py").write_text("from convex_research.core import two")
    (tmp_path / "core/two.py").write_text(second)
    assert [len(one) for one in circles(tmp_path)] == [2]


def test_types_may_be_imported_from_anywhere(tmp_path):
    (tmp_path / "core").mkdir()
    source = "if TYPE_CHECKING:\n    from convex_research.claims import Claim"
    (tmp_path / "core/planted.py").write_text(source)
    assert violations(tmp_path) == []


def test_the_map_holds_every_room_and_no_other():
    there = {room_of(path) for path in modules()} - {"__init__"}
    assert sorted(ROOMS) == sorted(there)


def test_the_walk_names_files_and_functions_that_are_there():
    steps = re.findall(r"^(\d+)\. .*?`([\w/]+\.py)`.*?`(\w+)`", MAP, re.MULTILINE)
    assert 5 <= len(steps) <= 12
    assert [int(number) for number, _, _ in steps] == list(range(1, len(steps) + 1))
    for _, place, name in steps:
        tree = ast.parse((PACKAGE / place).read_text("utf-8"))
        defined = {node.name for node in ast.walk(tree) if hasattr(node, "name")}
        assert name in defined, f"{place} has no {name}"


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


def test_loading_a_series_imports_no_library_of_statistics_or_charts():
    code = (
        "import sys; from convex_research.data import load_series; load_series('sample:vix');"
        "print([m for m in ('statsmodels', 'arch', 'matplotlib', 'requests') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_production_code_patches_nothing():
    assert not [path for path in modules() if "unittest" in path.read_text("utf-8")]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_and_functions_stay_readable(path):
    source = path.read_text("utf-8")
    assert source.count("\n") <= 400
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno <= 80, node.name


def test_every_public_name_is_there_and_documented():
    for name in convex_research.__all__:
        assert getattr(convex_research, name).__doc__, name
    with pytest.raises(AttributeError, match="nonsense"):
        convex_research.nonsense  # noqa: B018
