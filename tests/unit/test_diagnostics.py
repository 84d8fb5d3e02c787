"""Tail index and single-leg tests."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics.diagnostics import moments_suspect, tail_index


def hill_by_loop(x, share):
    mean = math.fsum(x) / len(x)
    deviations = sorted((abs(v - mean) for v in x), reverse=True)
    k = len(x) * share // 100
    return k / math.fsum(math.log(deviations[i] / deviations[k]) for i in range(k))


def test_tail_index_is_hills_formula():
    x = np.random.default_rng(0).standard_t(4, 1260)
    estimate = tail_index(x)
    assert estimate.value == pytest.approx(hill_by_loop(x.tolist(), 5), rel=1e-12)
    assert estimate.std_error == pytest.approx(estimate.value / math.sqrt(63), rel=1e-12)


def test_tail_index_recovers_a_pareto_index():
    rng = np.random.default_rng(1)
    pareto = rng.pareto(3.0, 200_000) + 1.0
    signed = pareto * rng.choice([-1.0, 1.0], pareto.size)
    assert tail_index(signed).value == pytest.approx(3.0, abs=0.1)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_tail_index_is_scale_free(scale):
    x = np.random.default_rng(2).standard_t(5, 500)
    assert tail_index(x * scale).value == pytest.approx(tail_index(x).value, rel=1e-9)


def test_tail_index_survives_a_bad_tick():
    x = np.random.default_rng(3).standard_normal(1000)
    x[500] = 1e6
    assert 0 < tail_index(x).value < math.inf


@pytest.mark.parametrize(
    "x",
    [
        np.arange(40.0),
        np.ones(200),
        np.where(np.arange(200) % 2 == 0, 1.0, -1.0),
        np.append(np.arange(200.0), math.nan),
    ],
)
def test_tail_index_gives_a_reason(x):
    assert isinstance(tail_index(x), NotComputed)


def test_moments_suspect_for_a_tail_index_of_two_only():
    rng = np.random.default_rng(4)
    assert moments_suspect(tail_index(rng.standard_t(2, 2520)))
    assert not moments_suspect(tail_index(rng.standard_normal(2520)))
    assert not moments_suspect(NotComputed("too few"))
    assert isinstance(tail_index(rng.standard_t(2, 100)), Estimate)
