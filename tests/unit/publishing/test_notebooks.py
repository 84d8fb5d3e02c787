"""The report notebooks: no outputs, one parameters cell, one public call a cell."""

import ast
import json

import html5lib
import matplotlib as mpl
import nbformat
import pytest
from support import executed as run

import convex_research
from convex_research import presentation
from convex_research.core.config import PARAMETERS as NAMED
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import InputError
from convex_research.core.files import notebook_path
from convex_research.publishing.execute import check_parameters, notebook_bytes
from convex_research.publishing.exporter import ConvexReportExporter

KINDS = ("correlation", "comparison")
FORMED = (*KINDS, "explore")
PARAMETERS = ["a", "b", "start", "as_of", "returns"]
CHOICES = ["frequency", "window", "level", "market", "helpers", "accept", "config"]


@pytest.fixture(params=FORMED)
def notebook(request):
    return nbformat.read(notebook_path(request.param), as_version=4)


@pytest.fixture(params=KINDS)
def report_notebook(request):
    return nbformat.read(notebook_path(request.param), as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_notebooks_carry_nothing_of_a_run(notebook):
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in code_cells(notebook):
        assert cell.outputs == []
        assert cell.execution_count is None


def test_there_is_one_parameters_cell_with_the_pinned_names(notebook):
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    names = [node.targets[0].id for node in ast.parse(tagged[0].source).body]
    assert names == (PARAMETERS if "explore" in notebook.cells[3].source else PARAMETERS + CHOICES)


def test_the_parameters_stand_for_the_choices_of_the_package():
    for kind in (*KINDS, "instrument"):
        (cell, *_) = code_cells(nbformat.read(notebook_path(kind), as_version=4))
        held = {}
        exec(cell.source, held)
        assert set(CHOICES) - set(held) <= (
            {"market", "helpers"} if kind == "instrument" else set()
        )
        named = {field: held[name] for name, field in NAMED.items()}
        assert AnalysisConfig(**named, **held["config"]) == AnalysisConfig()
        assert (held.get("market"), held.get("helpers", {}), held["accept"]) == (None, {}, [])


def test_cells_are_short_and_call_what_is_public(notebook):
    for cell in code_cells(notebook):
        longest = 13 if "parameters" in cell.metadata.get("tags", []) else 8
        assert len(cell.source.splitlines()) <= longest
        tree = ast.parse(cell.source)
        assert not [
            n
            for n in ast.walk(tree)
            if isinstance(n, ast.FunctionDef | ast.ClassDef | ast.For | ast.If)
        ]
        outer = [
            n
            for statement in tree.body
            for n in [getattr(statement, "value", None)]
            if isinstance(n, ast.Call)
        ]
        assert len(outer) <= 2


def test_every_piece_shown_exists_and_the_last_is_the_record(report_notebook):
    shown = [
        n.func.attr
        for cell in code_cells(report_notebook)
        for n in ast.walk(ast.parse(cell.source))
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)
    ]
    assert shown[-1] == "record"
    assert set(shown) <= set(presentation.__all__)


def test_the_exploration_calls_only_what_is_public():
    cells = code_cells(nbformat.read(notebook_path("explore"), as_version=4))
    nodes = [node for cell in cells for node in ast.walk(ast.parse(cell.source))]
    asked = {
        (node.value.id, node.attr)
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    homes = {"show": set(presentation.__all__), "explorer": {"analysis", "prices", "returns"}}
    assert {name for name, _ in asked} == set(homes)
    assert all(attribute in homes[name] for name, attribute in asked)
    imported = {
        one.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for one in node.names
        if node.module == "convex_research"
    }
    assert imported - {"presentation"} <= set(convex_research.__all__)
    assert not any(name in cell.source for cell in cells for name in ("._", "__"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_parameter_is_an_error_before_a_kernel_starts(kind):
    with pytest.raises(
        InputError, match="no parameter 'returnz'; it has a, b, start, as_of, returns"
    ):
        check_parameters(kind, {"a": "sp500", "returnz": "log"})


def test_files_are_stable_json():
    for kind in FORMED:
        text = notebook_path(kind).read_text("utf-8")
        again = json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        assert text == again


def executed():
    shown = {
        "text/html": "<p>one</p>\n<p>zwei \u00e4\u2212</p>",
        "image/svg+xml": "<svg>\n</svg>\n",
        "application/json": {"b": [1.5, 1e-07, None], "a": "two\nlines"},
    }
    cell = nbformat.v4.new_code_cell("first\nsecond")
    cell.outputs = [
        nbformat.v4.new_output("display_data", data=shown),
        nbformat.v4.new_output("stream", text="a\nb"),
    ]
    notebook = nbformat.v4.new_notebook(cells=[cell, nbformat.v4.new_markdown_cell("# A\n\nB")])
    notebook.cells[0].id, notebook.cells[1].id = "one", "two"
    return notebook


def test_a_written_notebook_is_what_nbformat_writes():
    notebook = executed()
    written = notebook_bytes(notebook)
    assert notebook == executed()  # and is left as it was
    assert json.loads(written) == json.loads(nbformat.writes(executed()))
    assert nbformat.reads(written.decode(), as_version=4) == notebook
    assert list(json.loads(written)["cells"][0]) == sorted(json.loads(written)["cells"][0])
    assert written.endswith(b"}\n")
    assert written == notebook_bytes(notebook)


def test_what_a_researcher_adds_to_a_copy_is_on_the_page(peers):
    mpl.use("agg")
    notebook = nbformat.read(notebook_path("correlation"), as_version=4)
    notebook.cells[-1:-1] = [
        nbformat.v4.new_markdown_cell("## Mine\n\nWhat I looked at."),
        nbformat.v4.new_code_cell('show.table(s, "tails.chi*", caption="Both at once")'),
        nbformat.v4.new_code_cell('show.figure(s.plot("rolling"), "Mine & drawn")'),
    ]
    page, _ = ConvexReportExporter().from_notebook_node(run("correlation", peers, notebook))
    own = page.partition('<h2 id="s-mine">Mine</h2>')[2]
    assert "What I looked at." in own
    assert "<caption>Both at once</caption>" in own
    assert 'data-key="tails.chi_lower[0.95]"' in own
    assert '<img alt="Mine &amp; drawn" src="data:image/png;base64,' in own
    html5lib.HTMLParser(strict=True).parse(page)
