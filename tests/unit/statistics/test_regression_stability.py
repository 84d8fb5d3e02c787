from __future__ import annotations

import hashlib
import math
from pathlib import Path

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import short_lag
from convex_research.statistics.stability.regression_stability import (
    SupF,
    _hansen_pvalue,
    cusum,
    nyblom,
    sup_f,
)

FOLDER = Path(__file__).parents[2] / "oracles" / "stability"


def oracle() -> dict[str, list[float]]:
    """Values that strucchange printed, by key."""
    lines = (FOLDER / "stability.txt").read_text().splitlines()
    digest = hashlib.md5((FOLDER / "data.csv").read_bytes()).hexdigest()
    assert f"md5 {digest} " in lines
    return {line.split()[0]: [float(v) for v in line.split()[1:]] for line in lines[2:]}


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    values = np.loadtxt(FOLDER / "data.csv", delimiter=",", skiprows=1)
    return values[:, 0], values[:, 1]


@pytest.mark.parametrize("lag", [0, 5, 24])
def test_against_strucchange(data: tuple[np.ndarray, np.ndarray], lag: int) -> None:
    a, b = data
    theirs = oracle()
    sup, wander = sup_f(a, b, lag=lag), nyblom(a, b, lag=lag)
    assert isinstance(sup, SupF)
    assert isinstance(wander, TestResult)
    assert sup.test.statistic == pytest.approx(theirs[f"sup_f[{lag}].statistic"][0], rel=1e-9)
    assert sup.test.pvalue == pytest.approx(theirs[f"sup_f[{lag}].pvalue"][0], rel=1e-6)
    assert wander.statistic == pytest.approx(theirs[f"nyblom[{lag}].statistic"][0], rel=1e-9)
    # strucchange interpolates a simulated table that ends at .005; ours is the exact law.
    assert wander.pvalue == pytest.approx(theirs[f"nyblom[{lag}].pvalue"][0], abs=5.1e-3)


def test_cusum_against_strucchange(data: tuple[np.ndarray, np.ndarray]) -> None:
    theirs, ours = oracle(), cusum(*data)
    assert isinstance(ours, TestResult)
    assert ours.statistic == pytest.approx(theirs["cusum.statistic"][0], rel=1e-9)
    assert ours.pvalue == pytest.approx(theirs["cusum.pvalue"][0], abs=1e-9)
    assert ours.flags == ("blind_to_slope",)


@pytest.mark.parametrize("statistic", ["5", "8", "11.79", "15", "30"])
def test_hansen_pvalues(statistic: str) -> None:
    theirs = oracle()[f"hansen[{statistic}]"][0]
    assert _hansen_pvalue(float(statistic), 0.15) == pytest.approx(theirs, rel=1e-6)


def test_hansen_between_the_rows_is_monotone() -> None:
    values = [_hansen_pvalue(11.0, share) for share in np.linspace(0.13, 0.15, 9)]
    assert values == sorted(values, reverse=True)
    assert 0.0 <= _hansen_pvalue(0.0, 0.15) <= 1.0
    assert _hansen_pvalue(1e6, 0.15) < 1e-12


def test_published_points_of_nyblom() -> None:
    from scipy.special import kolmogorov

    # Hansen (1992), table 1, two parameters: 10 % .610, 5 % .749, 1 % 1.07.
    for point, level in ((0.610, 0.10), (0.749, 0.05), (1.07, 0.01)):
        assert kolmogorov(0.5 * math.pi * math.sqrt(point)) == pytest.approx(level, rel=0.03)


def test_path_by_its_definition(data: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = data[0][:100], data[1][:100]
    found = sup_f(a, b, lag=0)
    assert isinstance(found, SupF)
    design = np.column_stack([np.ones(100), b])
    resid = a - design @ np.linalg.lstsq(design, a, rcond=None)[0]
    scores = design * resid[:, None]
    covariance = scores.T @ scores / 100
    for position, k in ((0, 15), (30, 45), (70, 85)):
        total = scores[:k].sum(axis=0)
        share = k / 100
        value = total @ np.linalg.solve(covariance, total) / (100 * share * (1 - share))
        assert found.path[position] == pytest.approx(value, rel=1e-8)
    assert found.first == 15
    assert found.path.size == 71
    assert found.break_index == int(np.argmax(found.path)) + 14


def test_breaks_are_located_and_units_do_not_matter() -> None:
    rng = np.random.default_rng(3)
    b = 0.01 * rng.standard_normal(1000)
    a = np.where(np.arange(1000) < 400, 0.5, 1.5) * b + 0.003 * rng.standard_normal(1000)
    found = sup_f(a, b)
    assert isinstance(found, SupF)
    assert found.test.pvalue < 1e-3
    assert abs(found.break_index - 399) < 25
    moved = sup_f(1e12 * a + 5.0, 1e-12 * b)
    assert isinstance(moved, SupF)
    assert moved.test.statistic == pytest.approx(found.test.statistic, rel=1e-7)


def test_cusum_sees_the_intercept_only() -> None:
    rng = np.random.default_rng(4)
    b, noise = rng.standard_normal((2, 2000))
    half = np.arange(2000) < 1000
    slope_break, level_break = (
        cusum(np.where(half, 0.2, 1.8) * b + noise, b),
        cusum(b + noise + 0.5 * half, b),
    )
    assert isinstance(slope_break, TestResult)
    assert isinstance(level_break, TestResult)
    assert slope_break.pvalue > 0.05
    assert level_break.pvalue < 1e-6


def test_lag_and_what_cannot_be_tested() -> None:
    assert [short_lag(n) for n in (60, 252, 1260, 5000)] == [3, 4, 7, 9]
    rng = np.random.default_rng(6)
    a, b = rng.standard_normal((2, 200))
    gap = np.where(np.arange(200) == 9, np.nan, a)
    for test in (sup_f, nyblom, cusum):
        for x, y in ((a[:59], b[:59]), (gap, b), (a, np.ones(200)), (b, b)):
            assert isinstance(test(x, y), NotComputed)
        with pytest.raises(ValueError, match="length"):
            test(a, b[:-1])
