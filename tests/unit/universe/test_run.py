"""Blocks give the same bytes wherever they are measured, and again after an end."""

import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import psutil
import pytest

from convex_research import AnalysisConfig
from convex_research.batch.run import BatchChoices
from convex_research.data.files.memory import columns_of, hand_over
from convex_research.universe import blocks, run
from convex_research.universe.load import screen
from convex_research.universe.tracks import track

LEGS, NOBS = 12, 300


def frame():
    rng = np.random.default_rng(2)
    returns = 0.01 * (rng.standard_normal((NOBS, 1)) + rng.standard_normal((NOBS, LEGS)))
    days = pd.bdate_range("2021-01-04", periods=NOBS)
    made = pd.DataFrame(100.0 * np.cumprod(1.0 + returns, axis=0), days, list("ABCDEFGHIJKL"))
    made.iloc[:40, 3] = np.nan  # a short history
    made.iloc[[70, 90], 5] = np.nan  # a calendar of its own
    made.iloc[[71], 7] = np.nan
    return made


@pytest.fixture(scope="module")
def tracks():
    memory = hand_over(columns_of(frame()))
    return [track(memory.load(one, None, None), "daily") for one in memory.symbols]


@pytest.fixture
def planned(tracks, monkeypatch):
    monkeypatch.setattr(blocks, "_SIDE", 4)
    return blocks.plan(tracks, AnalysisConfig(), "simple", "daily")


def content(measures):
    return measures.pairs.tobytes() + b"".join(one.tobytes() for one in measures.columns.values())


def test_a_plan_holds_every_pair_once_whatever_the_calendars(planned):
    assert len(planned) == 6
    pairs = [tuple(one) for block in planned for one in blocks.work(block).pairs.tolist()]
    assert sorted(pairs) == [(i, j) for i in range(LEGS) for j in range(i + 1, LEGS)]


@pytest.mark.parametrize("executor", ["processes", "dask"])
def test_blocks_are_the_same_bytes_anywhere(planned, executor):
    seen = []
    here = run.measured(planned, AnalysisConfig(), BatchChoices(jobs=1))
    there = run.measured(
        planned,
        AnalysisConfig(),
        BatchChoices(jobs=2, executor=executor),
        progress=lambda *now: seen.append(now),
    )
    assert content(here) == content(there)
    assert seen == [(done, 6) for done in range(7)]


def test_what_was_measured_before_an_end_is_not_measured_again(planned, monkeypatch, tmp_path):
    monkeypatch.setenv("CONVEX_RESEARCH_CACHE", str(tmp_path))
    monkeypatch.setattr(run, "_MANY", 0)
    whole = run.measured(planned, AnalysisConfig(), BatchChoices(jobs=1))
    assert not list((tmp_path / "screens").iterdir())
    measured, inner = [], blocks.work

    def work(block):
        if len(measured) == 4:
            raise KeyboardInterrupt
        measured.append(block)
        return inner(block)

    monkeypatch.setattr(blocks, "work", work)
    with pytest.raises(KeyboardInterrupt):
        run.measured(planned, AnalysisConfig(), BatchChoices(jobs=1))
    (folder,) = (tmp_path / "screens").iterdir()
    assert len(list(folder.glob("*.npy"))) == 4
    monkeypatch.setattr(blocks, "work", lambda block: measured.append(block) or inner(block))
    again = run.measured(planned, AnalysisConfig(), BatchChoices(jobs=1))
    assert len(measured) == 6
    assert content(again) == content(whole)
    assert not list((tmp_path / "screens").iterdir())


def test_other_inputs_have_other_keys(planned):
    known = set(blocks.keys(planned))
    assert len(known) == len(planned)
    for other in (
        [one._replace(kind="log") for one in planned],
        [one._replace(config=AnalysisConfig(rolling_window=60)) for one in planned],
        [
            one._replace(
                tracks={i: replace(leg, levels=leg.levels * 2.0) for i, leg in one.tracks.items()}
            )
            for one in planned
        ],
    ):
        assert known.isdisjoint(blocks.keys(other))


def test_a_block_that_fails_is_said_with_its_reason(planned, monkeypatch):
    def broken(_):
        raise ValueError("spoilt")

    monkeypatch.setattr(blocks, "work", broken)
    with pytest.raises(run.InputError, match="spoilt"):
        run.measured(planned, AnalysisConfig(), BatchChoices(jobs=1))


def test_the_block_of_a_killed_worker_is_done_again(planned):
    killed = []

    def kill(done, _):
        if done == 1 and not killed:
            (worker, *_) = [
                one
                for one in psutil.Process().children(recursive=True)
                if "convex_research.batch.worker" in one.cmdline()
            ]
            worker.kill()
            killed.append(worker)

    made = run.measured(planned, AnalysisConfig(), BatchChoices(jobs=2), progress=kill)
    assert killed
    here = run.measured(planned, AnalysisConfig(), BatchChoices(jobs=1))
    assert content(made) == content(here)


ENDLESS = """
import sys
from convex_research.universe import blocks
from convex_research.universe.load import screen
import pandas as pd
blocks._SIDE = 2
def told(done, total):
    print(done, flush=True)
frame = pd.read_csv(sys.argv[1], index_col=0, parse_dates=True)
screen(frame, jobs=2, progress=told)
"""


def test_ctrl_c_ends_it_and_leaves_no_process(tmp_path):
    frame().to_csv(tmp_path / "p.csv")
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(tmp_path / "p.csv")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "CONVEX_RESEARCH_CACHE": str(tmp_path / "cache")},
        text=True,
    )
    lines = [process.stdout.readline() for _ in range(2)]
    workers = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert lines == ["0\n", "1\n"]
    assert "KeyboardInterrupt" in error
    assert workers
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not alive


def test_a_screen_says_where_it_is_measured():
    made = screen(frame(), jobs=1)
    assert len(made.measures.pairs) == LEGS * (LEGS - 1) // 2
    with pytest.raises(run.InputError, match="at least one worker"):
        screen(frame(), jobs=0)
