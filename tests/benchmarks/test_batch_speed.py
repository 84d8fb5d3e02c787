"""Pages an hour on one worker: papermill and nbconvert a page at a time, and warm kernels.

Run: python tests/benchmarks/test_batch_speed.py   (the table; some minutes)

Both ways build from the same notebooks and the same simulated prices in one run, and the
pages they have in common must be the same bytes. Elapsed time depends on what else the
machine does; seconds of processor time (all processes of a page) hardly do.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import chdir
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from convex_research import Pair
from convex_research.batch.warm import owner, stack, warm_kernels
from convex_research.publishing.assets import notebook_path
from convex_research.publishing.pages import KINDS, Request, render_page, write_page

NOBS = 1260
PLAIN_PAIRS = 1
WARM_PAIRS = 6
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


def plain(pairs):
    """``papermill`` and ``jupyter nbconvert`` for every page, as a person would."""
    began, used = time.perf_counter(), children_seconds()
    for n in range(pairs):
        a, b = legs(n)
        for kind in KINDS:
            executed = f"{kind}-{n}.ipynb"
            papermill = [str(notebook_path(kind)), executed, "-p", "a", a, "-p", "b", b]
            convert = ["nbconvert", "--to", "convex_report", executed]
            for module, *rest in (["papermill", *papermill], ["jupyter", *convert]):
                command = [sys.executable, "-m", module, *rest]
                subprocess.run(command, check=True, capture_output=True)
    pages = pairs * len(KINDS)
    return {
        "elapsed": (time.perf_counter() - began) / pages,
        "processor": (children_seconds() - used) / pages,
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


def warm(pairs):
    """The same pages from forked kernels in this process, which stands for one worker."""
    stages = {}
    began = time.perf_counter()
    with warm_kernels():
        render_page(Request(pair=Pair(*legs(pairs - 1))), "comparison", "first")
        start = time.perf_counter() - began
        parent = owner.parent_of_this_process()._process.pid
        began, used, forked = time.perf_counter(), time.process_time(), kernels_seconds(parent)
        for n in range(pairs):
            for kind in KINDS:
                seconds = {}
                files = render_page(Request(pair=Pair(*legs(n))), kind, f"{n}", seconds=seconds)
                at = time.perf_counter()
                write_page(files, kind, Path("warm"), f"{n}")
                seconds["writing"] = time.perf_counter() - at
                for stage, spent in seconds.items():
                    stages[stage] = stages.get(stage, 0.0) + spent / (pairs * len(KINDS))
        pages = pairs * len(KINDS)
        elapsed = (time.perf_counter() - began) / pages
        processor = time.process_time() - used + kernels_seconds(parent) - forked
        return {
            "elapsed": elapsed,
            "processor": processor / pages,
            "start": start,
            "memory": memory(parent),
            "stages": stages,
        }


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
    with chdir(folder):
        made = {"plain": plain(PLAIN_PAIRS), "warm": warm(WARM_PAIRS)}
        command = [sys.executable, __file__, "--work"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        made["work"] = json.loads(done.stdout)
        for n in range(PLAIN_PAIRS):
            for kind in KINDS:
                ours = (folder / "warm" / f"{n}" / f"{kind}.html").read_text()
                assert (folder / f"{kind}-{n}.html").read_text() == ours
    return made


def show(made):
    plain_way, warm_way = made["plain"], made["warm"]
    stages, worked = warm_way["stages"], sum(made["work"].values())
    # What is not the work itself: kernel and messages on one side, conversion on the other.
    jupyter = warm_way["elapsed"] - worked - stages["writing"]
    print(f"\n{'seconds a page':<28}{'plain':>9}{'warm':>9}{'ratio':>8}")
    for name in ("elapsed", "processor"):
        ratio = plain_way[name] / warm_way[name]
        print(f"{name:<28}{plain_way[name]:>9.2f}{warm_way[name]:>9.2f}{ratio:>8.1f}")
    hourly = [3600 / way["elapsed"] for way in (plain_way, warm_way)]
    print(f"{'pages an hour, one worker':<28}{hourly[0]:>9.0f}{hourly[1]:>9.0f}")
    print(f"\n{'of a warm page':<28}{'seconds':>9}")
    for stage in ("kernel", "cells", "conversion", "writing"):
        print(f"{stage:<28}{stages[stage]:>9.3f}")
    for stage, spent in made["work"].items():
        print(f"{'  in cells: ' + stage:<28}{spent:>9.3f}")
    print(f"{'Jupyter in all':<28}{jupyter:>9.3f}")
    print(f"{'start of the parent, once':<28}{warm_way['start']:>9.1f}")
    print(f"{'memory, worker and parent':<28}{warm_way['memory']:>9.0f} MB")


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_warm_kernels_build_ten_times_as_many_pages_an_hour(tmp_path):
    made = measure(tmp_path)
    show(made)
    assert made["plain"]["elapsed"] >= 10 * made["warm"]["elapsed"]
    assert made["plain"]["processor"] >= 8 * made["warm"]["processor"]
    assert made["warm"]["memory"] < 400


if __name__ == "__main__":
    if sys.argv[1:] == ["--work"]:
        print(json.dumps(work(WARM_PAIRS)))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            show(measure(Path(temporary)))
