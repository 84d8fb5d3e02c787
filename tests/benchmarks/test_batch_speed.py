"""Pages an hour on one worker: papermill and nbconvert a page at a time, and warm kernels.

Run: python tests/benchmarks/test_batch_speed.py   (the table; some minutes)

Both ways build from the same notebooks and the same simulated prices, in turn, and the pages
they have in common must be the same bytes. Figures are medians of the rounds. Elapsed time
depends on what else the machine does; seconds of processor time (all processes of a page)
hardly do.

Jupyter's own share is measured by pages without any work: the same notebooks, whose cells do
nothing but show again what the real ones showed.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import chdir, contextmanager
from pathlib import Path
from statistics import median

import nbformat
import numpy as np
import pandas as pd
import pytest

from convex_research import Pair
from convex_research.core.files import notebook_path
from convex_research.kernels import owner, warm_kernels
from convex_research.kernels import preload as stack
from convex_research.publishing import execute
from convex_research.publishing.records import PAIR_KINDS as KINDS
from convex_research.publishing.render import render_page, write_page
from convex_research.publishing.request import PairRequest, page_name
from convex_research.publishing.session import KernelSession

NOBS = 1260
ROUNDS = 3
PAIRS_A_ROUND = 2
WARM_PAIRS = ROUNDS * PAIRS_A_ROUND
CELLS = ("data", "analysis", "pieces")
STAGES = ("analysis", "claims", "charts, tables, prose", "other cells")


def simulate(path):
    """Heavy-tailed returns with a common factor; nothing about them is known to the program."""
    rng = np.random.default_rng(11)
    shocks = rng.standard_t(5, size=(NOBS, 2 * WARM_PAIRS)) * np.sqrt(3 / 5)
    common = rng.standard_normal((NOBS, 1))
    prices = 100 * np.exp(np.cumsum(0.01 * (0.7 * common + 0.7 * shocks), axis=0))
    frame = pd.DataFrame(prices.round(4), columns=[f"P{n}" for n in range(2 * WARM_PAIRS)])
    frame.insert(0, "date", pd.bdate_range("2015-01-02", periods=NOBS).strftime("%Y-%m-%d"))
    frame.to_csv(path, index=False)


def legs(n):
    return f"csv:prices.csv#P{2 * n}", f"csv:prices.csv#P{2 * n + 1}"


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def plain(n):
    """``papermill`` and ``jupyter nbconvert`` for each page of a pair, as a person would."""
    began, used = time.perf_counter(), children_seconds()
    a, b = legs(n)
    for kind in KINDS:
        executed = f"{kind}-{n}.ipynb"
        papermill = [str(notebook_path(kind)), executed, "-p", "a", a, "-p", "b", b]
        convert = ["nbconvert", "--to", "convex_report", executed]
        for module, *rest in (["papermill", *papermill], ["jupyter", *convert]):
            command = [sys.executable, "-m", module, *rest]
            subprocess.run(command, check=True, capture_output=True)
    return {
        "elapsed": (time.perf_counter() - began) / len(KINDS),
        "processor": (children_seconds() - used) / len(KINDS),
    }


def kernels_seconds(parent):
    """Processor time of the kernels that a parent has seen end."""
    fields = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def memory(parent):
    """Memory of this process and the parent; what they share counts once."""
    total = 0
    for pid in (os.getpid(), parent):
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        total += int(text.partition("Pss:")[2].split()[0])
    return total / 1024


def warm(first, pairs, folder="warm"):
    """Pages from forked kernels in this process, which stands for one worker."""
    parent = owner.parent_of_this_process()._process.pid
    pages, made = pairs * len(KINDS), {}
    began, used, forked = time.perf_counter(), time.process_time(), kernels_seconds(parent)
    for n in range(first, first + pairs):
        request = PairRequest(pair=Pair(*legs(n)), slug=f"{n}")
        with KernelSession() as session:
            for kind in KINDS:
                seconds = {}
                files = render_page(request, kind, session=session, seconds=seconds)
                at = time.perf_counter()
                write_page(files, page_name(f"{n}", kind), Path(folder))
                seconds["writing"] = time.perf_counter() - at
                for stage, spent in seconds.items():
                    made[stage] = made.get(stage, 0.0) + spent / pages
    made["elapsed"] = (time.perf_counter() - began) / pages
    while Path(f"/proc/{parent}/task/{parent}/children").read_text():
        time.sleep(0.01)  # the last kernel is killed, but its seconds are not yet counted
    spent = time.process_time() - used + kernels_seconds(parent) - forked
    made["processor"] = spent / pages
    return made


@contextmanager
def nothing_to_do():
    """The report notebooks, but their cells show what the last pages of ``warm`` show."""
    shown = {}
    for kind in KINDS:
        notebook = nbformat.read(Path("warm") / f"{WARM_PAIRS - 1}" / f"{kind}.ipynb", 4)
        notebook.cells = [c for c in notebook.cells if c.get("id") != "injected-parameters"]
        for number, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                data = [one["data"] for one in cell.outputs]
                Path(f"{kind}-{number}.json").write_text(json.dumps(data))
                cell.outputs, cell.execution_count = [], None
                if "parameters" not in cell.metadata.get("tags", []):
                    cell.source = _shown_again(kind, number)
        shown[kind] = Path(f"again-{kind}.ipynb").absolute()
        nbformat.write(notebook, shown[kind])
    before, execute.notebook_path = execute.notebook_path, shown.__getitem__
    try:
        yield
    finally:
        execute.notebook_path = before


def _shown_again(kind, number):
    """Source of a cell."""
    return (
        "import json\n"
        "from IPython.display import publish_display_data\n"
        f"for data in json.load(open('{kind}-{number}.json')):\n"
        "    publish_display_data(data)\n"
    )


def work(pairs):
    """Seconds a page of the work itself: the notebooks' cells without any Jupyter."""
    stack.load_stack()
    stack.rehearse()
    spent = dict.fromkeys(STAGES, 0.0)
    for n in range(pairs):
        names = {}
        for kind in KINDS:
            cells = nbformat.read(notebook_path(kind), 4).cells
            for cell in (cell for cell in cells if cell.cell_type == "code"):
                stage = "charts, tables, prose" if "show." in cell.source else "other cells"
                if "analyze(" in cell.source and "analysis" in names:
                    continue  # the second page takes over the first one's analysis
                began = time.perf_counter()
                exec(cell.source, names)
                spent[stage] += time.perf_counter() - began
                if "parameters" in cell.metadata.get("tags", []):
                    names["a"], names["b"] = legs(n)
                if "analyze(" in cell.source:
                    began = time.perf_counter()
                    assert names["analysis"].results
                    spent["analysis"] += time.perf_counter() - began
                    began = time.perf_counter()
                    assert names["analysis"].claims
                    spent["claims"] += time.perf_counter() - began
    return {stage: seconds / (pairs * len(KINDS)) for stage, seconds in spent.items()}


def measure(folder):
    simulate(folder / "prices.csv")
    rounds = []
    with chdir(folder):
        began = time.perf_counter()
        with warm_kernels():
            render_page(PairRequest(pair=Pair(*legs(0))), "comparison")
            start = time.perf_counter() - began
            warm(WARM_PAIRS - 1, 1)
            for number in range(ROUNDS):
                first = number * PAIRS_A_ROUND
                one = {"plain": plain(first), "warm": warm(first, PAIRS_A_ROUND)}
                with nothing_to_do():
                    one["idle"] = warm(first, PAIRS_A_ROUND, "idle")
                rounds.append(one)
                for kind in KINDS:
                    ours = (folder / "warm" / f"{first}" / f"{kind}.html").read_text()
                    assert (folder / f"{kind}-{first}.html").read_text() == ours
            held = memory(owner.parent_of_this_process()._process.pid)
        command = [sys.executable, __file__, "--work"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    made = {
        way: {key: median(one[way][key] for one in rounds) for key in rounds[0][way]}
        for way in ("plain", "warm", "idle")
    }
    ratios = {
        name: median(one["plain"][name] / one["warm"][name] for one in rounds)
        for name in ("elapsed", "processor")
    }
    return {
        **made,
        "ratios": ratios,
        "start": start,
        "memory": held,
        "work": json.loads(done.stdout),
    }


def cells(way):
    return sum(way.get(stage, 0.0) for stage in CELLS)


def show(made):
    plain_way, warm_way, idle = made["plain"], made["warm"], made["idle"]
    print(f"\n{'seconds a page':<34}{'plain':>9}{'warm':>9}{'ratio':>8}")
    for name, ratio in made["ratios"].items():
        print(f"{name:<34}{plain_way[name]:>9.2f}{warm_way[name]:>9.2f}{ratio:>8.1f}")
    hourly = [3600 / way["elapsed"] for way in (plain_way, warm_way)]
    print(f"{'pages an hour, one worker':<34}{hourly[0]:>9.0f}{hourly[1]:>9.0f}")
    print(f"\n{'of a warm page':<34}{'seconds':>9}{'no work':>9}")
    for stage in ("kernel", "data", "analysis", "pieces", "conversion", "writing"):
        without = "" if stage in CELLS else f"{idle[stage]:.3f}"
        print(f"{stage:<34}{warm_way[stage]:>9.3f}{without:>9}")
    print(f"{'all cells':<34}{cells(warm_way):>9.3f}{cells(idle):>9.3f}")
    print(f"{'Jupyter in all':<34}{'':>9}{idle['elapsed'] - idle['writing']:>9.3f}")
    for stage, spent in made["work"].items():
        print(f"{'work without Jupyter: ' + stage:<34}{spent:>9.3f}")
    print(f"{'start of the parent, once':<34}{made['start']:>9.1f}")
    print(f"{'memory, worker and parent':<34}{made['memory']:>9.0f} MB")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_warm_kernels_build_ten_times_as_many_pages_an_hour(tmp_path):
    made = measure(tmp_path)
    show(made)
    assert made["ratios"]["elapsed"] >= 10
    assert made["ratios"]["processor"] >= 10
    idle = made["idle"]
    # A quarter of a second where a plain page takes ten.
    assert idle["elapsed"] - idle["writing"] <= made["plain"]["elapsed"] / 40
    assert made["memory"] < 400


if __name__ == "__main__":
    if sys.argv[1:] == ["--work"]:
        print(json.dumps(work(WARM_PAIRS)))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            show(measure(Path(temporary)))
