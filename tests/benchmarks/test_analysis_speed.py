"""Where the time of a whole analysis goes by the number of observations, and its memory.

Run: python tests/benchmarks/test_analysis_speed.py   (medians by section, peak memory)

No time is asserted: machines differ. That every section gives results is, and by how much
more than the observations the time grows. Each repetition runs on returns nudged by a
rounding error, so that nothing computed for the one before can be used again.
"""

from __future__ import annotations

import resource
import sys
import time
from dataclasses import replace
from statistics import median

import numpy as np
import pytest

from convex_research import Pair, align, analyze, load_prices
from convex_research.analysis.sections import SECTIONS
from convex_research.data.context import load_helpers
from convex_research.statistics.simulate.worlds import ccc_garch_returns, garch_world

SIZES = (1260, 5000)
LONG = (5_000, 20_000, 80_000)
# What no table or chart needs: with the claims themselves, this is what claims add to a page.
FOR_CLAIMS = ("concordance", "consistency", "leads", "divergence", "market", "macro", "persistence")


def sample(nobs, nudge):
    returns = align(load_prices(Pair("sample:sp500", "sample:nasdaq")))
    values = returns.values[-nobs:] * (1.0 + 1e-12 * nudge)
    return replace(
        returns,
        values=values,
        levels=returns.levels[-nobs - 1 :],
        price_dates=returns.price_dates[-nobs - 1 :],
    )


def times_by_section(nobs, nudge):
    pair = Pair("sample:sp500", "sample:nasdaq")
    analysis = analyze(sample(nobs, nudge), helpers=load_helpers(pair))
    spent = {}
    for name in SECTIONS:
        start = time.process_time()
        assert analysis.section(name).results
        spent[name] = time.process_time() - start
    start = time.process_time()
    assert analysis.claims
    return {**spent, "claims": time.process_time() - start}


def simulated(nobs):
    """A pair of clustered volatility on business days that end with those of the sample."""
    returns = align(load_prices(Pair("sample:sp500", "sample:nasdaq")))
    values = 0.01 * np.column_stack(ccc_garch_returns(garch_world(0.8), nobs, 1, seed=nobs))
    dates = np.busday_offset(returns.price_dates[-1], np.arange(-nobs, 1), roll="backward")
    levels = np.exp(np.cumsum(values - values.mean(axis=0), axis=0))
    levels = np.vstack([np.ones((1, 2)), levels])
    values = levels[1:] / levels[:-1] - 1.0
    return replace(returns, values=values, levels=levels, price_dates=dates)


def seconds_of(returns):
    """Processor time of everything, claims included, and of its consistency section."""
    start = time.process_time()
    analysis = analyze(returns)
    analysis.section("consistency")
    consistency = time.process_time() - start
    assert analysis.results
    assert analysis.claims
    return time.process_time() - start, consistency


@pytest.mark.slow
def test_time_grows_hardly_faster_than_the_observations():
    times = [seconds_of(simulated(nobs)) for nobs in (SIZES[0], *LONG)][1:]
    for few, many, one, other in zip(LONG, LONG[1:], times, times[1:], strict=False):
        for less, more in zip(one, other, strict=True):
            assert more <= 1.7 * many / few * less


@pytest.mark.slow
@pytest.mark.parametrize("nobs", SIZES)
def test_every_section_gives_results(nobs):
    assert set(times_by_section(nobs, 1)) == {*SECTIONS, "claims"}


def main(repetitions):
    times_by_section(SIZES[0], 0)  # imports are not counted
    table = {}
    for nobs in SIZES:
        runs = [times_by_section(nobs, nudge + 1) for nudge in range(repetitions)]
        table[nobs] = {name: 1000 * median(run[name] for run in runs) for name in runs[0]}
        added = [sum(run[name] for name in (*FOR_CLAIMS, "claims")) for run in runs]
        table[nobs]["claims add"] = 1000 * median(added)
        table[nobs]["all"] = 1000 * median(sum(run.values()) for run in runs)
    print(f"{'ms':>15}" + "".join(f"{nobs:>9,}" for nobs in SIZES))
    for name in sorted(table[SIZES[0]], key=table[SIZES[0]].get):
        print(f"{name:>15}" + "".join(f"{table[nobs][name]:9.1f}" for nobs in SIZES))
    growth = table[SIZES[1]]["all"] / table[SIZES[0]]["all"]
    print(f"growth {growth:.2f} for {SIZES[1] / SIZES[0]:.2f} times the observations")
    base = seconds_of(simulated(SIZES[0]))[0]
    for nobs in LONG:
        ratio = seconds_of(simulated(nobs))[0] / base
        print(f"{nobs:,} simulated: {ratio:.1f} times {SIZES[0]:,}, {base * ratio:.2f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB, python {sys.version.split()[0]}, numpy {np.__version__}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
