"""A universe's screen: against a loop of pandas, over sizes and workers, all in one run.

Run: pytest tests/benchmarks/test_universe_speed.py -m slow -s
or:  python tests/benchmarks/test_universe_speed.py [INSTRUMENTS ...]   (a table of costs by stage)

Ratios are of processor time where one process works, of wall time where several do. Two
processors of a shared machine do less than twice the work of one, so what two processes gain that
know nothing of each other is measured beside.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from multiprocessing import get_context
from statistics import median

import numpy as np
import pandas as pd
import pytest

import convex_research as cr
from convex_research import AnalysisConfig
from convex_research.batch.run import BatchChoices
from convex_research.data.files.memory import columns_of, hand_over
from convex_research.kernels.preload import ONE_THREAD
from convex_research.statistics.many.pair_tiles import RollingLegs, tile_rolling
from convex_research.universe import blocks, run
from convex_research.universe.joint import Joint
from convex_research.universe.tracks import track

pytestmark = pytest.mark.slow

ROWS, WINDOW = 1260, 90


def prices(legs, rows=ROWS, seed=5):
    """Simulated prices with a common factor and eight of groups."""
    rng = np.random.default_rng(seed)
    sector = rng.integers(0, 8, legs)
    returns = rng.standard_normal((rows, 1)) + 0.7 * rng.standard_normal((rows, 8))[:, sector]
    returns += rng.standard_normal((rows, legs))
    days = pd.bdate_range("2019-01-01", periods=rows)
    listed = [f"S{i:04d}" for i in range(legs)]
    return pd.DataFrame(100.0 * np.cumprod(1.0 + 0.007 * returns, axis=0), days, listed)


def planned(legs):
    memory = hand_over(columns_of(prices(legs)))
    tracks = [track(memory.load(one, None, None), "daily") for one in memory.symbols]
    return blocks.plan(tracks, AnalysisConfig(), "simple", "daily")


def processor_seconds(work):
    began = time.process_time()
    work()
    return time.process_time() - began


def wall_seconds(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


STAGES = {
    "movers": lambda s: s.movers(),
    "table": lambda s: s.to_frame(),
    "groups": lambda s: s.clusters(),
    "tree": lambda s: s.spanning_tree(),
    "shrunk": lambda s: s.shrunk(),
    "twins": lambda s: s.twins(),
    "average": lambda s: Joint(s).results,
    "path": lambda s: Joint(s).path,
    "components": lambda s: Joint(s).shares,
}


def everything(legs, jobs):
    """Seconds by stage: wall, processor time of this process and of its workers."""
    frame, costs, held = prices(legs), {}, []

    def timed(name, work):
        began, before = time.perf_counter(), os.times()
        work()
        after = os.times()
        costs[name] = (
            time.perf_counter() - began,
            sum(after[:2]) - sum(before[:2]),
            sum(after[2:4]) - sum(before[2:4]),
        )

    timed("screen", lambda: held.append(cr.screen(frame, jobs=jobs)))
    for name, stage in STAGES.items():
        timed(name, lambda stage=stage: stage(held[0]))
    return costs


def peak_mb():
    """Of this process, and of the largest worker there was."""
    whose = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return [resource.getrusage(one).ru_maxrss / 1e3 for one in whose]


def test_rolling_extremes_are_faster_than_a_loop_of_pandas():
    legs = 60
    returns = prices(legs).pct_change().to_numpy()[1:].T.copy()
    columns = [pd.Series(one) for one in returns]
    pairs = [(i, j) for i in range(legs) for j in range(i + 1, legs)]

    def here():
        rolled = RollingLegs.of(returns, WINDOW)
        parts = [tile_rolling(rolled, i, np.arange(i + 1, legs))[0] for i in range(legs - 1)]
        return np.concatenate(parts)

    def loop(some=200):
        made = [columns[i].rolling(WINDOW).corr(columns[j]) for i, j in pairs[:some]]
        return np.array([(one.min(), one.max()) for one in made])

    np.testing.assert_allclose(here()[:200], loop(), atol=1e-8)
    ratios = []
    for _ in range(5):
        ours = processor_seconds(here) / len(pairs)
        ratios.append(processor_seconds(loop) / 200 / ours)
    print(f"rolling extremes: {1e6 * ours:.0f} us a pair, pandas {median(ratios):.0f} times that")
    assert median(ratios) >= 15


def test_cost_is_linear_in_pairs():
    seconds = {}
    for legs in (128, 256, 512):
        plan = planned(legs)
        seconds[legs] = min(
            processor_seconds(lambda plan=plan: [blocks.work(one) for one in plan])
            for _ in range(2)
        )
    micro = {legs: 1e6 * s / (legs * (legs - 1) / 2) for legs, s in seconds.items()}
    print("us a pair:", {legs: round(one) for legs, one in micro.items()})
    hours = micro[512] * 10_000 * 9_999 / 2 / 3.6e9
    print(f"10,000 instruments: {hours:.1f} hours of one processor")
    assert micro[512] <= 1.15 * micro[128]


def _busy(plan):
    return [blocks.work(one) for one in plan[:4]]


def machine_gain(plan):
    """How much more two processes do than one, without any of what is measured."""
    with get_context("fork").Pool(2) as pool:
        pool.map(_busy, [plan[:1]] * 2)
        alone = wall_seconds(lambda: pool.apply(_busy, (plan,)))
        return 2 * alone / wall_seconds(lambda: pool.map(_busy, [plan] * 2, chunksize=1))


@pytest.mark.parametrize(("executor", "least"), [("processes", 1.7), ("dask", 1.6)])
def test_two_workers_do_nearly_twice_the_work_of_one(executor, least):
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("one processor")
    plan = planned(500)
    ratios, machine = [], []
    for _ in range(3):
        one = _steady(plan, jobs=1, executor=executor)
        ratios.append(one / _steady(plan, jobs=2, executor=executor))
        machine.append(machine_gain(plan))
    gain = median(machine)
    print(f"{executor}: {median(ratios):.2f} times; the machine gives {gain:.2f}")
    assert median(ratios) >= least * min(gain, 2.0) / 2.0


def _steady(plan, **choices):
    """Seconds a block, from the end of the first block of each worker: it waits for imports."""
    ends = []
    run.measured(
        plan,
        AnalysisConfig(),
        BatchChoices(**choices),
        progress=lambda done, _: ends.append(time.perf_counter()),
    )
    warm = ends[choices["jobs"] :]
    return (warm[-1] - warm[0]) / (len(warm) - 1)


def test_five_hundred_instruments_stay_within_their_budget():
    """12 s and 1.5 GB on two processors, if both are free for it."""
    script = [sys.executable, __file__, "500"]
    told = subprocess.run(
        script, env={**os.environ, **ONE_THREAD}, capture_output=True, text=True, check=True
    ).stdout
    print(told)
    last = told.splitlines()[-1].split()
    own, workers, mb = float(last[3]), float(last[5]), float(last[7])
    assert own + workers / 2 <= 12.0
    assert mb <= 1500


def main():
    for legs in map(int, sys.argv[1:] or ["500"]):
        costs = everything(legs, jobs=2)
        for name, (wall, own, workers) in costs.items():
            print(f"{legs} {name}: wall {wall:.1f} own {own:.1f} workers {workers:.1f} s")
        wall, own, workers = (sum(one) for one in zip(*costs.values(), strict=True))
        here, worker = peak_mb()
        print(f"{legs}: {wall:.1f} own {own:.1f} workers {workers:.1f} MB {here + 2 * worker:.0f}")


if __name__ == "__main__":
    main()
