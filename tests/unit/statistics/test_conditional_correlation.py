"""Partial and exponentially weighted correlation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.dependence.conditional_correlation import (
    ewma,
    ewma_path,
    partial,
    partial_drop,
)


def three(seed, nobs=500):
    m, u, v = np.random.default_rng(seed).standard_t(6, (3, nobs))
    return 0.9 * m + u, 0.7 * m + 0.4 * u + v, m


def ewma_by_loop(a, b, decay):
    c = v = w = 0.0
    path = []
    for x, y in zip(a.tolist(), b.tolist(), strict=True):
        c = decay * c + (1 - decay) * x * y
        v = decay * v + (1 - decay) * x * x
        w = decay * w + (1 - decay) * y * y
        path.append(c / math.sqrt(v * w))
    return np.array(path)


def test_partial_is_the_closed_form():
    a, b, m = three(0)
    ab, am, bm = np.corrcoef([a, b, m])[[0, 0, 1], [1, 2, 2]]
    expected = (ab - am * bm) / math.sqrt((1 - am**2) * (1 - bm**2))
    assert partial(a, b, m).value == pytest.approx(expected, rel=1e-11)
    assert partial_drop(a, b, m).value == pytest.approx(ab - expected, rel=1e-10)


def test_partial_is_the_inverse_matrix_form_and_symmetric():
    a, b, m = three(1)
    precision = np.linalg.inv(np.cov([a, b, m]))
    expected = -precision[0, 1] / math.sqrt(precision[0, 0] * precision[1, 1])
    assert partial(a, b, m).value == pytest.approx(expected, rel=1e-10)
    assert partial(b, a, m).std_error == pytest.approx(partial(a, b, m).std_error, rel=1e-12)


def test_partial_influence_is_the_derivative_of_the_estimator():
    """Moving weight onto one observation is the definition of its influence."""
    a, b, m = three(2, 300)
    nobs, step = a.size, 1e-4

    def closed(weights):
        ab, am, bm = correlations(np.array([a, b, m]), weights)
        given = (ab - am * bm) / math.sqrt((1 - am**2) * (1 - bm**2))
        return np.array([given, ab - given])

    def correlations(x, weights):
        cov = np.cov(x, aweights=weights, ddof=0)
        sd = np.sqrt(np.diag(cov))
        return (cov / np.outer(sd, sd))[[0, 0, 1], [1, 2, 2]]

    eye = np.eye(nobs) * step
    derivative = np.array(
        [closed(1 / nobs + eye[t]) - closed(1 / nobs - eye[t]) for t in range(nobs)]
    ) / (2 * step)
    lag = math.floor(1.3 * math.sqrt(nobs))
    weights = np.maximum(1 - np.abs(np.subtract.outer(range(nobs), range(nobs))) / (lag + 1), 0)
    for column, estimate in enumerate((partial(a, b, m), partial_drop(a, b, m))):
        u = derivative[:, column]
        expected = max(math.sqrt(u @ weights @ u), math.sqrt(u @ u)) / nobs
        assert estimate.std_error == pytest.approx(expected, rel=1e-4)


def test_partial_refuses_a_market_that_is_a_leg():
    a, b, m = three(3)
    for x, y, z in ((a, b, a), (a, b, 2 * b + 1), (m, m + 0 * a, a)):
        assert isinstance(partial(x, y, z), NotComputed)
        assert isinstance(partial_drop(x, y, z), NotComputed)
    assert isinstance(partial(a, b, np.ones(a.size)), NotComputed)
    assert isinstance(partial(a[:20], b[:20], m[:20]), NotComputed)
    with pytest.raises(ValueError, match="market differs"):
        partial(a, b, m[1:])


@settings(deadline=None)  # the first call imports scipy.signal
@given(st.integers(0, 10_000), st.floats(0.5, 0.99), st.sampled_from([1e-12, 1.0, 1e12]))
def test_ewma_path_is_the_recursion(seed, decay, scale):
    a, b = np.random.default_rng(seed).standard_normal((2, 60))
    path = ewma_path(a * scale, b, decay=decay)
    np.testing.assert_allclose(path, ewma_by_loop(a * scale, b, decay), rtol=1e-9, atol=1e-12)


def test_ewma_is_the_last_value_and_not_the_demeaned_one():
    import pandas as pd

    a, b, _ = three(4)
    a, b = a + 1.0, b + 1.0
    value = ewma(a, b).value
    assert value == pytest.approx(ewma_by_loop(a, b, 0.94)[-1], rel=1e-12)
    demeaned = pd.Series(a).ewm(alpha=0.06, adjust=False).corr(pd.Series(b)).iloc[-1]
    assert abs(value - demeaned) > 0.01


def test_ewma_effective_days_and_interval():
    a, b, _ = three(5, 2000)
    estimate = ewma(a, b)
    assert "32 effective days" in estimate.method
    z, high, low = (math.atanh(v) for v in (estimate.value, estimate.high, estimate.low))
    assert high - z == pytest.approx(z - low, rel=1e-9)
    # Nearly normal shocks: about 1.96 / sqrt(32) and somewhat more for the tails of t6.
    assert 0.9 * 1.96 / math.sqrt(32.3) < high - z < 2.0 * 1.96 / math.sqrt(32.3)


def test_ewma_edge_cases():
    a, b, _ = three(6, 1000)
    frozen = a.copy()
    frozen[:200] = 0.0
    assert isinstance(ewma(frozen, b), Estimate)
    spike = a.copy()
    spike[500] = 1e6
    assert isinstance(ewma(spike, b), Estimate)
    gap = a.copy()
    gap[10] = math.nan
    for x, y in ((gap, b), (a[:119], b[:119]), (a, a), (np.ones(1000), b)):
        assert isinstance(ewma(x, y), NotComputed)
    with pytest.raises(ValueError, match="decay"):
        ewma_path(a, b, decay=1.0)
    assert np.isnan(ewma_path(np.zeros(5), b[:5])).all()


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_scale_free(scale):
    a, b, m = three(7)
    for plain, scaled in (
        (partial(a, b, m), partial(a * scale, b, m / scale)),
        (partial_drop(a, b, m), partial_drop(a * scale, b, m / scale)),
        (ewma(a, b), ewma(a * scale, b)),
    ):
        assert scaled.value == pytest.approx(plain.value, rel=1e-9)
        assert scaled.low == pytest.approx(plain.low, rel=1e-9)
