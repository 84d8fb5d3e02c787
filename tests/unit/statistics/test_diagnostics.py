"""Tail index and single-leg tests."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.single.diagnostics import (
    arch_lm,
    jarque_bera,
    ljung_box,
    tail_index,
)


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


def clustered(nobs=800, seed=5):
    rng = np.random.default_rng(seed)
    x, h = np.empty(nobs), 1.0
    for t in range(nobs):
        x[t] = math.sqrt(h) * rng.standard_normal()
        h = 0.05 + 0.15 * x[t] ** 2 + 0.8 * h
    return 0.01 * x


@pytest.mark.parametrize("lags", [1, 5, 10])
def test_ljung_box_and_arch_lm_are_those_of_statsmodels(lags):
    from statsmodels.stats.diagnostic import acorr_ljungbox, het_arch

    x = clustered()
    box = acorr_ljungbox(x, lags=[lags])
    ours = ljung_box(x, lags=lags)
    assert ours.statistic == pytest.approx(float(box["lb_stat"].iloc[0]), rel=1e-9)
    assert ours.pvalue == pytest.approx(float(box["lb_pvalue"].iloc[0]), rel=1e-8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about the form of the answer
        theirs = tuple(het_arch(x - x.mean(), nlags=lags))
    lm = arch_lm(x, lags=lags)
    assert lm.statistic == pytest.approx(float(theirs[0]), rel=1e-9)
    assert lm.pvalue == pytest.approx(float(theirs[1]), rel=1e-7)


def test_jarque_bera_is_that_of_scipy():
    from scipy.stats import jarque_bera as of_scipy

    x = clustered()
    theirs = of_scipy(x)
    assert jarque_bera(x).statistic == pytest.approx(float(theirs.statistic), rel=1e-10)
    assert jarque_bera(x).pvalue == pytest.approx(float(theirs.pvalue), rel=1e-8)


@pytest.mark.parametrize("test", [ljung_box, arch_lm, jarque_bera])
@pytest.mark.parametrize(("scale", "offset"), [(1e-12, 0.0), (1e12, 0.0), (1.0, 1e4)])
def test_units_and_offsets_do_not_matter(test, scale, offset):
    x = clustered()
    assert test(x * scale + offset).statistic == pytest.approx(test(x).statistic, rel=1e-6)


@pytest.mark.parametrize("test", [ljung_box, arch_lm, jarque_bera])
def test_single_leg_tests_give_reasons(test):
    for x in (np.arange(40.0), np.ones(200), np.append(clustered(), np.nan)):
        assert isinstance(test(x), NotComputed)
    spiked = clustered()
    spiked[7] = 1e6
    assert math.isfinite(test(spiked).pvalue)


def test_alternating_returns_have_no_varying_squares():
    assert isinstance(arch_lm(np.tile([1.0, -1.0], 100)), NotComputed)
