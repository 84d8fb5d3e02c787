"""Processor time of a digest over three hundred pairs: looked at anew, and with nothing new.

Run: pytest tests/benchmarks/test_daily_speed.py -m slow -s

Nothing is asserted about time: machines differ. What is compared is.
"""

from __future__ import annotations

import time
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest

from convex_research.batch.plan import read_pairs
from convex_research.daily import run as daily_run

LEGS, NOBS = 25, 2520


def quick_batch():
    """The pages that cost nothing, from the unit tests: what is timed is the digest."""
    path = Path(__file__).parents[1] / "unit" / "conftest.py"
    spec = spec_from_file_location("quick_pages", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.quick_batch


@pytest.mark.slow
def test_three_hundred_pairs(tmp_path, monkeypatch, apart):
    rng = np.random.default_rng(3)
    common = rng.standard_normal((NOBS, 1))
    moves = 0.01 * (0.8 * common + 0.6 * rng.standard_normal((NOBS, LEGS)))
    prices = 100 * np.exp(np.cumsum(moves, axis=0))
    days = np.busday_offset("2015-01-01", np.arange(NOBS), roll="forward")
    names = [f"L{i}" for i in range(LEGS)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    (tmp_path / "pairs.toml").write_text(
        "".join(f'[[pairs]]\na = "csv:p.csv#{a}"\nb = "csv:p.csv#{b}"\n' for a, b in pairs)
    )
    monkeypatch.chdir(tmp_path)

    def write(last):
        rows = (f"{days[i]}," + ",".join(map(repr, prices[i].tolist())) for i in range(last))
        (tmp_path / "p.csv").write_text("\n".join([",".join(["date", *names]), *rows]) + "\n")

    spent = {}

    def timed(name):
        real = getattr(daily_run, name)

        def call(*arguments, **options):
            began = time.process_time()
            try:
                return real(*arguments, **options)
            finally:
                spent[name] = time.process_time() - began

        monkeypatch.setattr(daily_run, name, call)

    monkeypatch.setattr(daily_run, "run_batch", quick_batch())
    for name in ("run_batch", "pairs_today", "make_digest"):
        timed(name)
    requests = read_pairs(tmp_path / "pairs.toml")
    assert len(requests) == 300
    for title, last in (("first", NOBS - 1), ("a new day", NOBS), ("nothing new", NOBS)):
        write(last)
        began = time.process_time()
        done = daily_run.run_daily(requests, tmp_path / "reports")
        whole = time.process_time() - began
        own = whole - spent["run_batch"]
        print(
            f"{title}: digest and all its files {own:.2f} s, of it looking at 300 pairs "
            f"{spent['pairs_today']:.2f} s, deciding {spent['make_digest']:.2f} s"
        )
        spent["make_digest"] = 0.0
    assert not done.is_new
    assert done.content["comparisons"] == 600
