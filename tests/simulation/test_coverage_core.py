"""Stored coverage of the core intervals holds what is promised, and can be made again."""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
ROWS = json.loads((FOLDER / "results/coverage_core.json").read_text())["rows"]


def noise(row):
    """Two standard errors of a simulated share at its nominal value."""
    p = row["nominal"]
    return 2.0 * math.sqrt(p * (1.0 - p) / row["runs"])


def find(rows, **wanted):
    (row,) = (r for r in rows if all(r[k] == v for k, v in wanted.items()))
    return row


def named(row):
    return "-".join(str(row[k]) for k in ("method", "world", "rho", "nobs", "truth"))


def floor(row):
    """Least coverage promised, before simulation noise, as a share of the nominal level.

    Volatility that clusters is another matter: shocks to the variance live for 23 days on
    average and are heavy-tailed, so that a window holds few spells and its interval misses
    the long run's level. It is made for the window's own average variance,
    which it covers; the shortfall against the law's is held down here so that it stays known.
    """
    if row["world"] == "garch" and row["truth"] == "the law's" and row["method"] == "volatility":
        return {90: 0.62, 252: 0.65, 1260: 0.77}[row["nobs"]]
    # Squares of t5 returns have no third moment: the error of a standard deviation is itself
    # estimated slowly, and .925 is what 252 and 1,260 observations give.
    slow = row["world"] == "t5" and row["method"] == "volatility"
    return row["nominal"] - (0.03 if slow or row["nobs"] == 90 else 0.02)


@pytest.mark.parametrize("row", [r for r in ROWS if "fisher" not in r["method"]], ids=named)
def test_stored_coverage(row):
    assert row["runs"] + row["not_computed"] >= 600
    assert row["coverage"] >= floor(row) - noise(row)


def test_pearson_is_within_two_points():
    """Fixed-b at 95 %: 93 to 97 % from 252 observations on, at least 92 % at 90."""
    for row in ROWS:
        if row["method"] != "pearson fixed-b" or row["world"] == "ties":
            continue
        low = 0.92 if row["nobs"] == 90 else 0.93
        assert low <= row["coverage"] <= 0.97, named(row)


def test_fisher_falls_short_where_returns_are_not_independent_normal():
    for rho in (0.5, 0.85):
        shares = {
            world: [
                find(
                    ROWS,
                    method="pearson fisher",
                    world=world,
                    nobs=nobs,
                    rho=rho,
                    truth="the law's",
                )["coverage"]
                for nobs in (90, 252, 1260)
            ]
            for world in ("normal", "t5", "garch")
        }
        assert min(shares["normal"]) > 0.94
        assert max(shares["t5"]) < 0.86
        assert max(shares["garch"]) < 0.92
        assert shares["garch"][-1] < 0.88  # no better with more data


def test_every_row_is_there():
    for world in ("normal", "t5", "garch"):
        for nobs in (90, 252, 1260):
            for rho in (0.5, 0.85):
                find(
                    ROWS,
                    method="pearson fixed-b",
                    world=world,
                    nobs=nobs,
                    rho=rho,
                    truth="the law's",
                )
            for method in ("spearman", "kendall", "pearson bootstrap"):
                find(ROWS, method=method, world=world, nobs=nobs, truth="the law's")


@pytest.fixture(scope="module")
def simulation():
    spec = importlib.util.spec_from_file_location("coverage_core", FOLDER / "coverage_core.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["coverage_core"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["coverage_core"]


@pytest.mark.slow
@pytest.mark.parametrize("nobs", [90, 252, 1260])
@pytest.mark.parametrize("world", ["normal", "t5", "garch"])
def test_pearson_again_with_fewer_runs(simulation, world, nobs):
    methods = ("pearson fixed-b", "pearson fisher")
    rows = simulation.coverage(world, nobs, rho=0.5, runs=1200, methods=methods)
    fixed_b = find(rows, method="pearson fixed-b", truth="the law's")
    low = 0.92 if nobs == 90 else 0.93
    assert low - noise(fixed_b) <= fixed_b["coverage"] <= 0.97 + noise(fixed_b)
    fisher = find(rows, method="pearson fisher", truth="the law's")
    if world == "normal":
        assert fisher["coverage"] == pytest.approx(0.95, abs=noise(fisher) * 1.5)
    else:
        assert fisher["coverage"] < fixed_b["coverage"] - 0.01
    stored = find(
        ROWS, method="pearson fixed-b", world=world, nobs=nobs, rho=0.5, truth="the law's"
    )
    assert fixed_b["coverage"] == pytest.approx(stored["coverage"], abs=2 * noise(fixed_b))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spearman", "kendall", "beta", "volatility"])
@pytest.mark.parametrize("world", ["normal", "t5", "garch"])
def test_the_others_again_with_fewer_runs(simulation, world, method):
    rows = simulation.coverage(world, 252, rho=0.5, runs=600, methods=(method,))
    for row in rows:
        assert row["coverage"] >= floor(row) - noise(row), named(row)
