"""Real workers and kernels: pages that fail, processes that are killed, and nothing left behind."""

import asyncio
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import nbformat
import numpy as np
import psutil
import pytest
import trustme

from convex_research.batch.cluster import DaskExecutor, build_remotely, close_workers
from convex_research.batch.pages import Task
from convex_research.batch.plan import read_universe
from convex_research.batch.run import BatchChoices, run_batch
from convex_research.batch.tasks import program
from convex_research.catalogue import Pair
from convex_research.publishing import publish
from convex_research.publishing.request import PairRequest

POISON = Path(__file__).parents[2] / "poison"
LEGS = "abcd"
KINDS = ("correlation", "comparison")


def slug(a, b):
    return f"p-{a}-vs-p-{b}"


def write_prices(path, n=420):
    rng = np.random.default_rng(11)
    days = np.arange("2019-01-01", "2024-01-01", dtype="datetime64[D]")
    days = days[np.is_busday(days)][:n]
    common = rng.standard_normal((n, 1))
    prices = 100 * np.exp(np.cumsum(0.01 * (common + rng.standard_normal((n, len(LEGS)))), axis=0))
    rows = [",".join(["date", *LEGS])]
    rows += [",".join([str(d), *map(repr, p.tolist())]) for d, p in zip(days, prices, strict=True)]
    path.write_text("\n".join(rows) + "\n")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("batch")
    write_prices(made / "p.csv")
    return made


@pytest.fixture(scope="module")
def universe(folder):
    return ",".join(f"csv:{folder}/p.csv#{leg}" for leg in LEGS)


def contents(output, *, but=("batch-report.json",)):
    """Every file's bytes by its place, without what holds times."""
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and path.name not in but
    }


@pytest.fixture(scope="module")
def poisoned(folder, universe):
    """A batch with two pairs whose notebooks misbehave, and the same one again, cured."""
    words = {slug("a", "b"): "raise", slug("c", "d"): "kill"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(POISON), prepend=os.pathsep)
        patch.setenv("CONVEX_TEST_POISON", json.dumps(words))
        pairs = [
            one for one in read_universe(universe) if one.pair.slug in {*words, slug("a", "c")}
        ]
        first = run_batch(pairs, folder / "out", choices=BatchChoices(jobs=2))
        index = json.loads((folder / "out" / "index.json").read_text())
        left = [
            p for p in psutil.Process().children(recursive=True) if "convex" in str(p.cmdline())
        ]
        patch.undo()
        second = run_batch(pairs, folder / "out", choices=BatchChoices(jobs=2))
    return first, second, index, left


def test_a_notebook_that_fails_or_dies_is_a_row_with_its_cell(poisoned):
    first, _, index, _ = poisoned
    assert first.failed == (slug("a", "b"), slug("c", "d"))
    assert first.rebuilt == (slug("a", "c"),)
    reasons = {(f.slug, f.kind): f.reason for f in first.failures}
    cell = "`choices = AnalysisConfig(`"
    for kind in KINDS:
        raised, killed = reasons[slug("a", "b"), kind], reasons[slug("c", "d"), kind]
        assert raised == (
            f"the {kind} notebook failed in {cell}: RuntimeError: poisoned <b>on purpose</b>"
        )
        assert killed == f"the kernel of the {kind} notebook died (out of memory?) in {cell}."
    rows = {(row["slug"], row["kind"]): row["reason"] for row in index["failures"]}
    assert rows == reasons


def test_failures_are_shown_as_text(poisoned, folder):
    page = (folder / "out" / "index.html").read_text()
    assert "<b>on purpose" not in page


def test_the_next_run_tries_just_what_failed(poisoned):
    _, second, _, _ = poisoned
    assert second.failures == ()
    assert second.rebuilt == (slug("a", "b"), slug("c", "d"))
    assert second.unchanged == (slug("a", "c"),)


def test_no_process_is_left(poisoned):
    assert poisoned[3] == []


def test_a_page_built_alone_has_the_bytes_of_the_batch(poisoned, folder, universe):
    (one,) = [r for r in read_universe(universe) if r.pair.slug == slug("a", "c")]
    publish(one.pair, "all", folder / "alone")
    for path in sorted((folder / "alone" / slug("a", "c")).iterdir()):
        assert path.read_bytes() == (folder / "out" / slug("a", "c") / path.name).read_bytes(), path


# What follows runs the program as a user does, and ends it as systems do.


@pytest.fixture
def start(folder, universe, request):
    """Start ``batch`` as a process whose descendants can be told from all others."""
    mark = f"{request.node.name}-{os.getpid()}"
    started = []

    def run(output, *options, poison=None):
        environment = {**os.environ, "CONVEX_TEST_MARK": mark, "OPENBLAS_NUM_THREADS": "1"}
        if poison:
            environment["PYTHONPATH"] = str(POISON)
            environment["CONVEX_TEST_POISON"] = json.dumps(poison)
        command = [sys.executable, "-P", "-m", "convex_research", "batch", "--universe", universe]
        process = subprocess.Popen(
            [*command, "--output", str(output), "--jobs", "2", "--log-json", *options],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        started.append(process)
        return process

    run.mark = mark
    yield run
    for process in started:
        process.kill()
        process.communicate()
    for one in marked(mark):
        one.kill()


def marked(mark):
    """Processes that descend from a marked one, adopted or not."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("CONVEX_TEST_MARK") == mark and process.is_running():
                found.append(process)
        except psutil.Error:
            continue
    return [p for p in found if p.status() != psutil.STATUS_ZOMBIE]


def gone(mark, seconds):
    """Whether all of them end in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not marked(mark):
            return True
        time.sleep(0.05)
    return not marked(mark)


def read_until(process, pages):
    """Wait until so many pages are done."""
    for line in process.stderr:
        if line.startswith("{") and json.loads(line)["event"] == "page":
            pages -= 1
            if pages == 0:
                return
    pytest.fail(f"it ended early: {process.wait()}")


def workers(process):
    inside = psutil.Process(process.pid).children(recursive=True)
    alive = [p for p in inside if p.status() != psutil.STATUS_ZOMBIE]
    return [p for p in alive if "convex_research.batch.worker" in p.cmdline()]


def assert_nothing_torn(output):
    for path in output.rglob("*"):
        if path.suffix == ".html":
            assert path.read_text().rstrip().endswith("</html>"), path
        elif path.suffix == ".json":
            json.loads(path.read_text())
        elif path.suffix == ".ipynb":
            nbformat.validate(nbformat.read(path, as_version=4))


@pytest.fixture(scope="module")
def undisturbed(folder, universe):
    run_batch(read_universe(universe), folder / "whole", choices=BatchChoices(jobs=2))
    return contents(folder / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_ctrl_c_ends_cleanly_within_two_seconds(start, tmp_path, undisturbed, executor):
    process = start(tmp_path / "out", "--executor", executor)
    read_until(process, 3)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all it has started as well
    _, said = process.communicate(timeout=30)
    took = time.monotonic() - began
    assert process.returncode == 130
    assert said.endswith("Stopped. What is finished is kept; run it again for the rest.\n")
    assert "Traceback" not in said
    assert gone(start.mark, 0.5)
    assert took < 2, took
    assert_nothing_torn(tmp_path / "out")
    report = json.loads((tmp_path / "out" / "batch-report.json").read_text())
    assert report["interrupted"]
    assert report["pages"]["built"] >= 3
    index = json.loads((tmp_path / "out" / "index.json").read_text())
    assert sum(len(pair["pages"]) for pair in index["pairs"]) == report["pages"]["built"]
    assert start(tmp_path / "out").wait(timeout=300) == 0
    assert contents(tmp_path / "out").keys() == undisturbed.keys()


@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_ctrl_c_while_workers_start_ends_without_a_word_from_them(start, tmp_path, executor):
    process = start(tmp_path / "out", "--executor", executor)
    until = time.monotonic() + 60
    while not any("convex_research.batch.worker" in command for command in commands(process)):
        assert process.poll() is None
        assert time.monotonic() < until
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    lines = [line for line in said.splitlines() if not line.startswith("{")]
    assert lines == ["Stopped. What is finished is kept; run it again for the rest."]
    assert gone(start.mark, 30)


def commands(process):
    """Command lines of all that it has started."""
    for one in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):
            yield " ".join(one.cmdline())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_kill_9_of_the_program_leaves_no_process_and_no_torn_file(
    start, tmp_path, undisturbed, seed
):
    moments = random.Random(seed)
    for pages in (1, moments.randint(2, 6)):
        process = start(tmp_path / "out")
        read_until(process, pages)
        time.sleep(moments.uniform(0, 1))
        process.kill()
        process.wait()
        assert gone(start.mark, 3)
        assert_nothing_torn(tmp_path / "out")
    process = start(tmp_path / "out")
    process.communicate(timeout=300)
    assert process.returncode == 0
    report = json.loads((tmp_path / "out" / "batch-report.json").read_text())
    assert report["pages"]["built"] < 16, "what was done is not done again"
    found = contents(tmp_path / "out")
    pages = {name for name in undisturbed if "/" in name}
    assert {name: found[name] for name in pages} == {name: undisturbed[name] for name in pages}
    assert found.keys() == undisturbed.keys()


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing_but_time(start, tmp_path, undisturbed):
    process = start(tmp_path / "out")
    read_until(process, 2)
    for worker in workers(process):
        worker.kill()
    read_until(process, 2)
    workers(process)[0].kill()
    process.communicate(timeout=300)
    assert process.returncode == 0
    assert gone(start.mark, 3)
    found = contents(tmp_path / "out")
    assert found == undisturbed


@pytest.mark.slow
def test_a_page_that_ends_its_worker_or_hangs_fails_alone(start, tmp_path):
    words = {slug("a", "b"): "lose", slug("c", "d"): "hang"}
    process = start(tmp_path / "out", "--page-timeout", "25", poison=words)
    _, said = process.communicate(timeout=400)
    assert process.returncode == 1
    assert gone(start.mark, 3)
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    failed = {e["page"]: e["reason"] for e in events if e["event"] == "page" and e["reason"]}
    assert set(failed) == {f"{slug(*pair)}/{kind}" for pair in ("ab", "cd") for kind in KINDS}
    for kind in KINDS:
        assert "ended its worker 3 times" in failed[f"{slug('a', 'b')}/{kind}"]
        assert (
            f"the {kind} notebook stopped after 25 s in `analysis = analyze("
            in (failed[f"{slug('c', 'd')}/{kind}"])
        )


@pytest.mark.slow
def test_dask_gives_the_same_bytes_and_survives_a_lost_worker(start, tmp_path, undisturbed):
    process = start(tmp_path / "out", "--executor", "dask")
    read_until(process, 2)
    lost = next(p for p in psutil.Process(process.pid).children() if p.children())
    lost.kill()
    _, said = process.communicate(timeout=400)
    assert process.returncode == 0, said
    assert gone(start.mark, 10)
    assert contents(tmp_path / "out") == undisturbed


def listening():
    """Addresses on which this process, or one it has started, waits for others."""
    here = psutil.Process()
    return {
        connection.laddr
        for process in (here, *here.children(recursive=True))
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }


def test_nobody_else_reaches_an_own_dask_cluster():
    before = listening()
    with DaskExecutor(2) as executor:
        assert listening() == before
        command = [sys.executable, "-P", "-c", STRANGER, executor._client.scheduler.address]
        other = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (other.returncode, other.stdout) == (1, "")
    assert "inproc address" in other.stderr


STRANGER = """
import os, sys
from distributed import Client
print("code of a stranger ran in", Client(sys.argv[1], timeout=5).submit(os.getpid).result())
"""


def test_a_task_that_outlives_its_client_starts_nothing():
    asyncio.run(close_workers("gone"))
    request = PairRequest(pair=Pair("sp500", "vix"))
    words = {"request": request, "kinds": KINDS, "series": {}, "site_url": None}
    assert build_remotely(Task(**words, page_timeout=9, program=program()), "gone") == []


@pytest.fixture(params=["tcp", "tls"])
def reached(request, tmp_path):
    """Environment of a cluster and of its client: with certificates as Dask itself reads them."""
    if request.param == "tcp":
        return {}
    authority, one = trustme.CA(), tmp_path / "one.pem"
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(one)
    made = {"REQUIRE_ENCRYPTION": "True", "TLS__CA_FILE": str(tmp_path / "authority.pem")}
    for role, part in itertools.product(("SCHEDULER", "WORKER", "CLIENT"), ("CERT", "KEY")):
        made[f"TLS__{role}__{part}"] = str(one)
    return {f"DASK_DISTRIBUTED__COMM__{name}": value for name, value in made.items()}


@pytest.mark.slow
def test_a_dask_cluster_that_is_there_is_used_and_left_as_it_was(
    start, tmp_path, undisturbed, reached, monkeypatch
):
    for name, value in reached.items():
        monkeypatch.setenv(name, value)
    with subprocess.Popen(
        [sys.executable, "-P", "-c", CLUSTER],
        env={**os.environ, "CONVEX_TEST_MARK": f"{start.mark}-cluster"},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as cluster:
        address = cluster.stdout.readline().strip()
        assert address.startswith("tls://" if reached else "tcp://")
        process = start(tmp_path / "out", "--executor", "dask", "--scheduler", address)
        process.communicate(timeout=400)
        assert process.returncode == 0
        assert contents(tmp_path / "out") == undisturbed
        until = time.monotonic() + 5
        while workers(cluster) and time.monotonic() < until:
            time.sleep(0.1)
        assert workers(cluster) == []
        cluster.stdin.close()
    assert gone(f"{start.mark}-cluster", 10)


CLUSTER = """
import sys
from distributed import LocalCluster
with LocalCluster(n_workers=1, threads_per_worker=2, processes=True, host="127.0.0.1",
                  dashboard_address=None) as cluster:
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


def test_a_scheduler_that_does_not_answer_is_one_line(start, tmp_path):
    process = start(tmp_path / "out", "--executor", "dask", "--scheduler", "tcp://127.0.0.1:9")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 3
    lines = [line for line in said.splitlines() if not line.startswith("{")]
    assert len(lines) == 1
    assert "tcp://127.0.0.1:9: the scheduler cannot be reached" in lines[0]
