"""Notebooks that are executed one after the other in one kernel."""

import os
import signal

import nbformat
import pytest

from convex_research.core.errors import PublishingError
from convex_research.publishing import execute
from convex_research.publishing.execute import execute_notebook
from convex_research.publishing.session import KernelSession

DIES = "import os; os.kill(os.getpid(), 9)"
WHO = "import os; print(os.getpid(), sorted(n for n in globals() if n in ('left', 'Pair')))"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Execute a notebook of these cells in a session; what each shows."""

    def executed(session, *sources, **options):
        cells = [nbformat.v4.new_code_cell(one) for one in ("a = b = start = 1", *sources)]
        cells[0].metadata["tags"] = ["parameters"]
        path = tmp_path / f"{abs(hash(sources))}.ipynb"
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        metadata["language_info"] = {"name": "python"}
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)
        monkeypatch.setattr(execute, "notebook_path", lambda _: path)
        notebook = execute_notebook("correlation", {}, session=session, **options)
        shown = ["".join(one.get("text", "") for one in cell.outputs) for cell in notebook.cells]
        return shown[1:], [cell.execution_count for cell in notebook.cells]

    return executed


@pytest.fixture
def session():
    with KernelSession() as one:
        yield one


def test_the_second_notebook_finds_the_same_kernel_and_nothing_in_it(run, session):
    (first, _), counts = run(session, WHO, "left = 1")
    (second,), counts_again = run(session, WHO)
    assert first == second
    assert second.endswith("[]\n")
    assert (counts, counts_again) == ([1, 2, 3], [1, 2])


@pytest.mark.parametrize("cell", ["1 / 0", DIES], ids=["raises", "dies"])
def test_a_notebook_that_fails_does_not_spoil_the_next(run, session, cell):
    (first,), _ = run(session, WHO)
    with pytest.raises(PublishingError, match="failed in `1 / 0`" if "/" in cell else "died"):
        run(session, cell)
    (second,), counts = run(session, WHO)
    assert first.split()[0] != second.split()[0]
    assert counts == [1, 2]


def test_a_notebook_that_hangs_is_stopped_and_the_next_begins_anew(run, session):
    run(session, "1")
    with pytest.raises(PublishingError, match="stopped after 1 s"):
        run(session, "import time; time.sleep(60)", timeout=1)
    assert run(session, "print(1)")[0] == ["1\n"]


def test_a_kernel_lost_between_two_notebooks_is_replaced(run, session):
    (first,), _ = run(session, WHO)
    os.kill(int(first.split()[0]), signal.SIGKILL)
    session._manager.provisioner.process.wait()
    (second,), _ = run(session, WHO)
    assert first.split()[0] != second.split()[0]


def test_an_analysis_is_handed_from_one_notebook_to_the_next(run, session):
    cells = (
        "from convex_research import study",
        "s = study('sample:sp500', 'sample:vix', start='2017-06-01')",
        "print('correlation' in s._sections); s.section('correlation');",
    )
    assert run(session, *cells)[0][-1] == "False\n"
    assert run(session, *cells)[0][-1] == "True\n"
    with KernelSession() as other:
        assert run(other, *cells)[0][-1] == "False\n"
