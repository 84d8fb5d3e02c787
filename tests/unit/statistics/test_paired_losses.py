"""Relative gain and Diebold-Mariano on paired losses."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.inference.block_draws import (
    stationary_draws,
    stationary_std_error,
)
from convex_research.statistics.inference.paired_losses import (
    diebold_mariano,
    hac_gain,
    relative_gain,
)


def losses(nobs=300, seed=0):
    rng = np.random.default_rng(seed)
    base = rng.chisquare(3, nobs)
    return base * rng.uniform(0.2, 0.9, nobs), base


def test_gain_interval_equals_a_loop_over_resamples():
    model, base = losses(120)
    estimate = relative_gain(model, base, block_length=6.0, seed=3)
    quotient = model.mean() / base.mean()
    draws = stationary_draws(120, 6.0, replications=999, seed=3)
    ratios, block = [], 0
    for row in draws.indices():
        m, b = model[row].mean(), base[row].mean()
        scores = model[row] / m - base[row] / b
        at, total = 0, 0.0
        while at < 120:
            total += scores[at : at + draws.length[block]].sum() ** 2
            at += draws.length[block]
            block += 1
        ratios.append(abs(math.log(m / b) - math.log(quotient)) / (math.sqrt(total) / 120))
    influence = model / model.mean() - base / base.mean()
    half = sorted(ratios)[949] * stationary_std_error(influence, 6.0)
    assert estimate.value == pytest.approx(1 - quotient, rel=1e-12)
    assert estimate.low == pytest.approx(1 - quotient * math.exp(half), rel=1e-9)
    assert estimate.high == pytest.approx(1 - quotient * math.exp(-half), rel=1e-9)


def test_gain_has_no_unit():
    model, base = losses()
    plain, scaled = relative_gain(model, base), relative_gain(model * 1e-20, base * 1e-20)
    assert scaled.value == pytest.approx(plain.value, rel=1e-12)
    assert scaled.low == pytest.approx(plain.low, abs=0.01)


def test_gain_reasons():
    model, base = losses()
    assert isinstance(relative_gain(model[:10], base[:10]), NotComputed)
    assert isinstance(relative_gain(model * 0, base), NotComputed)
    assert isinstance(relative_gain(base, base), NotComputed)
    assert isinstance(relative_gain(model, base * 0), NotComputed)
    assert isinstance(relative_gain(np.append(model[1:], np.nan), base), NotComputed)
    spiked = base.copy()
    spiked[0] = 1e30
    relative_gain(model, spiked)  # one day is everything: an answer or a reason, no failure


def test_a_loss_on_another_scale_is_no_share():
    model, base = losses()
    assert relative_gain(9e3 * model / model.mean() * base.mean(), base).value < -8e3
    for gain in (relative_gain, hac_gain):
        found = gain(2e4 * model / model.mean() * base.mean(), base)
        assert isinstance(found, NotComputed)
        assert "more than 10,000 times" in found.reason


def test_an_interval_that_reaches_another_scale_is_none():
    model, base = losses()
    model[7] = 3.0 * model.sum()  # one day is most of the method's loss
    found = relative_gain(model, 3.0 * base)
    assert isinstance(found, NotComputed)
    assert "a few days" in found.reason


def test_diebold_mariano_statistic_by_loop():
    model, base = losses()
    d = (model - base).tolist()
    n, mean = len(d), math.fsum(d) / len(d)
    lag = int(1.3 * math.sqrt(n))
    omega = 0.0
    for i in range(n):
        for j in range(max(0, i - lag), min(n, i + lag + 1)):
            omega += (1 - abs(i - j) / (lag + 1)) * (d[i] - mean) * (d[j] - mean)
    test = diebold_mariano(model, base)
    assert test.statistic == pytest.approx(mean / math.sqrt(omega / n / n), rel=1e-9)
    assert test.statistic == pytest.approx(-diebold_mariano(base, model).statistic)
    assert test.pvalue < 0.01


def test_diebold_mariano_reasons():
    model, base = losses()
    assert isinstance(diebold_mariano(base, base), NotComputed)
    assert isinstance(diebold_mariano(base, base + 1.0), NotComputed)
    assert isinstance(diebold_mariano(base[:40], model[:40]), NotComputed)
