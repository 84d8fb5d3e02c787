"""Correlation forecasts: loops, the loss, and no look at the future."""

from __future__ import annotations

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.dynamics.forecast import (
    METHODS,
    compare_with_mean,
    correlation_forecasts,
    gain_over_mean,
    next_correlation,
    qlike,
)
from convex_research.statistics.simulate.worlds import ccc_garch_returns, garch_world


def pair(nobs=900, seed=0):
    a, b = ccc_garch_returns(garch_world(0.6), nobs, 1, seed=seed)
    return 0.01 * a[:, 0], 0.01 * b[:, 0]


def regime_pair(nobs=3000, seed=0):
    """Correlation that switches between .1 and .9 every 250 sessions."""
    rng = np.random.default_rng(seed)
    rho = np.where((np.arange(nobs) // 250) % 2 == 0, 0.1, 0.9)
    x, e = 0.01 * rng.standard_normal((2, nobs))
    return x, rho * x + np.sqrt(1 - rho**2) * e


def test_qlike_is_the_gaussian_loss_of_two_by_two_matrices():
    f, r = np.array([0.3, -0.5, 0.9]), np.array([0.5, -0.4, -0.2])
    for i in range(3):
        forecast = np.array([[1, f[i]], [f[i], 1]])
        outcome = np.array([[1, r[i]], [r[i], 1]])
        loss = np.log(np.linalg.det(forecast)) + np.trace(np.linalg.solve(forecast, outcome))
        least = np.log(np.linalg.det(outcome)) + 2
        assert qlike(f, r)[i] == pytest.approx(loss - least, rel=1e-12)
    assert qlike(r, r) == pytest.approx(np.zeros(3), abs=1e-15)


def test_qlike_is_smallest_at_the_mean_of_the_outcomes():
    outcomes = np.random.default_rng(0).uniform(-0.2, 0.9, 20_000)
    grid = np.linspace(0.0, 0.7, 141)
    losses = [qlike(np.full(outcomes.size, f), outcomes).mean() for f in grid]
    assert grid[int(np.argmin(losses))] == pytest.approx(outcomes.mean(), abs=0.006)


def test_forecasts_and_outcomes_by_loop():
    a, b = pair(500)
    made = correlation_forecasts(a, b)
    assert made.realised.size == 500 - 252 - 21 + 1
    for i in (0, 100, made.realised.size - 1):
        t = 252 + i
        assert made.realised[i] == pytest.approx(np.corrcoef(a[t : t + 21], b[t : t + 21])[0, 1])
        assert made.forecast["mean"][i] == pytest.approx(np.corrcoef(a[:t], b[:t])[0, 1])
        weights = 0.94 ** np.arange(t - 1, -1, -1)
        moments = [(weights * u[:t]) @ v[:t] for u, v in ((a, b), (a, a), (b, b))]
        expected = moments[0] / np.sqrt(moments[1] * moments[2])
        assert made.forecast["ewma"][i] == pytest.approx(expected)
    assert made.current["mean"] == pytest.approx(np.corrcoef(a, b)[0, 1])


def test_dcc_forecast_reverts_to_its_target():
    from convex_research.statistics.dynamics.expanding_dcc import expanding_dcc

    a, b = regime_pair(800)
    made, moments = correlation_forecasts(a, b), expanding_dcc(a, b)
    at = 300
    ahead, path = [], moments.correlation[at] - moments.target[at]
    for _ in range(21):
        ahead.append(moments.target[at] + path)
        path *= moments.persistence[at]
    assert made.forecast["dcc"][at] == pytest.approx(np.mean(ahead), rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_the_future_does_not_change_past_forecasts(method):
    a, b = pair()
    before = correlation_forecasts(a, b).forecast[method]
    at = 700
    a[at:], b[at:] = 4.0 * b[at:], -2.0 * a[at:]
    after = correlation_forecasts(a, b).forecast[method]
    known = at - 252 + 1  # the forecast for session 700 uses returns before it
    np.testing.assert_allclose(after[:known], before[:known], rtol=1e-12)
    assert not np.allclose(after[known + 5 :], before[known + 5 :])


def test_dynamic_forecasts_win_where_correlation_moves_and_not_where_it_stands():
    moving = correlation_forecasts(*regime_pair())
    assert gain_over_mean(moving, "ewma").low > 0
    test = compare_with_mean(moving, "ewma")
    assert test.statistic < 0
    assert test.pvalue < 0.05
    still = correlation_forecasts(*pair(3000))
    assert gain_over_mean(still, "ewma").value < 0
    assert compare_with_mean(still, "ewma").statistic > 0


def test_next_correlation_has_a_prediction_interval():
    made = correlation_forecasts(*pair(1260))
    estimate = next_correlation(made)
    share = np.mean((made.realised >= estimate.low) & (made.realised <= estimate.high))
    assert share > 0.9
    assert isinstance(next_correlation(correlation_forecasts(*pair(500))), NotComputed)


def test_reasons():
    a, b = pair(500)
    assert isinstance(correlation_forecasts(a[:320], b[:320]), NotComputed)
    broken = a.copy()
    broken[5] = np.nan
    assert isinstance(correlation_forecasts(broken, b), NotComputed)
    assert isinstance(correlation_forecasts(a, a), NotComputed)
    assert isinstance(correlation_forecasts(a, np.ones(500)), NotComputed)
    with pytest.raises(ValueError, match="horizon"):
        correlation_forecasts(a, b, horizon=2)


def test_a_resting_leg_leaves_out_its_outcomes():
    a, b = pair(700)
    b[400:440] = 0.0
    made = correlation_forecasts(a, b)
    assert made.realised.size == 700 - 252 - 21 + 1 - 20
    for method in METHODS[1:]:
        assert isinstance(gain_over_mean(made, method), Estimate)
        assert isinstance(compare_with_mean(made, method), TestResult)


def test_scale_does_not_matter():
    a, b = pair(500)
    plain, small = correlation_forecasts(a, b), correlation_forecasts(1e-9 * a, 1e9 * b)
    for method in ("mean", "ewma"):
        np.testing.assert_allclose(small.forecast[method], plain.forecast[method], rtol=1e-9)
