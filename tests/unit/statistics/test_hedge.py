"""Hedge ratios and effectiveness: loops, identities, and no look at the future."""

from __future__ import annotations

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.dynamics.expanding_dcc import expanding_dcc, refit_schedule
from convex_research.statistics.dynamics.garch import garch
from convex_research.statistics.hedging.hedge import (
    compare_hedges,
    effectiveness_in,
    effectiveness_out,
    hedge_ratio,
    hindsight,
)
from convex_research.statistics.hedging.hedge_ratios import (
    METHODS,
    dcc_ratios,
    ewma_ratios,
    kalman_ratios,
    naive_ratios,
    ratios_by_method,
    rolling_ratios,
)
from convex_research.statistics.simulate.worlds import ccc_garch_returns, garch_world


def pair(nobs=600, seed=0):
    a, b = ccc_garch_returns(garch_world(0.8), nobs, 1, seed=seed)
    return 0.012 * a[:, 0], 0.01 * b[:, 0]


def test_ederington_in_sample_is_r_squared():
    a, b = pair()
    assert effectiveness_in(a, b).value == pytest.approx(pearson(a, b).value ** 2, rel=1e-12)
    assert hedge_ratio(a, b).value == pytest.approx(np.cov(a, b)[0, 1] / np.var(b, ddof=1))


def test_rolling_ratio_window_by_window():
    a, b = pair(320)
    ratios = rolling_ratios(a, b)
    assert ratios.size == 320 - 252
    for t in (252, 300, 319):
        past = np.cov(a[t - 252 : t], b[t - 252 : t])
        assert ratios[t - 252] == pytest.approx(past[0, 1] / past[1, 1], rel=1e-10)


def test_rolling_ratio_at_a_hundred_million_and_after_a_bad_tick():
    a, b = pair(320)
    np.testing.assert_allclose(
        rolling_ratios(a, b + 1e8), rolling_ratios(a, (b + 1e8) - 1e8), rtol=1e-6
    )
    assert np.isfinite(rolling_ratios(a, b * 1e12)).all()
    b[10] = 1e6  # out of the window from session 263 on
    expected = np.cov(a[48:300], b[48:300])
    assert rolling_ratios(a, b)[48] == pytest.approx(expected[0, 1] / expected[1, 1], rel=1e-10)


def test_ewma_ratio_by_loop():
    a, b = pair(300)
    ratios = ewma_ratios(a, b)
    for t in (252, 280, 299):
        weights = 0.94 ** np.arange(t - 1, -1, -1)
        expected = (weights * a[:t]) @ b[:t] / ((weights * b[:t]) @ b[:t])
        assert ratios[t - 252] == pytest.approx(expected, rel=1e-10)


def test_dcc_moments_by_loop():
    """The recursions of Engle (2002), step by step, with the parameters of the first year."""
    from convex_research.statistics.dynamics.dcc import fit_second_stage

    a, b = pair(400)
    made = expanding_dcc(a, b)
    fits = [garch(v[:252]) for v in (a, b)]
    news, memory, target = fit_second_stage(fits[0].resid, fits[1].resid)
    h = [f.omega + (f.alpha + f.beta) * f.backcast for f in fits]
    q = np.array([[1, target], [target, 1]])
    centre = q.copy()
    for t in range(401):
        if t >= 252:
            rho = q[0, 1] / np.sqrt(q[0, 0] * q[1, 1])
            assert made.correlation[t - 252] == pytest.approx(rho, rel=1e-9)
            assert made.volatility_a[t - 252] == pytest.approx(np.sqrt(h[0]), rel=1e-9)
        if t == 400:
            break
        e = [100 * v[t] - f.mu for v, f in zip((a, b), fits, strict=True)]
        z = np.array([e[i] / np.sqrt(h[i]) for i in (0, 1)])
        q = (1 - news - memory) * centre + news * np.outer(z, z) + memory * q
        h = [f.omega + f.alpha * e[i] ** 2 + f.beta * h[i] for i, f in enumerate(fits)]
    assert made.correlation.size == 400 - 252 + 1


def test_kalman_ratio_by_matrix_recursion():
    """The textbook filter, two states, from a nearly diffuse start."""
    from convex_research.statistics.dynamics.kalman import kalman_beta

    a, b = pair(400)
    ratios = kalman_ratios(a, b)
    fitted = kalman_beta(a[:252], b[:252])
    state, cover = np.zeros(2), np.diag([1e4, 1e8])
    for t in range(400):
        if t >= 252:
            assert ratios[t - 252] == pytest.approx(state[1], rel=1e-5)
        observe = np.array([1.0, b[t]])
        variance = observe @ cover @ observe + fitted.noise_variance
        gain = cover @ observe / variance
        state = state + gain * (a[t] - observe @ state)
        cover = cover - np.outer(gain, observe @ cover)
        cover[1, 1] += fitted.step_variance


def test_refits_double():
    assert refit_schedule(5000) == (252, 504, 1008, 2016, 4032)
    assert refit_schedule(300) == (252,)


@pytest.mark.parametrize("function", [rolling_ratios, ewma_ratios, dcc_ratios, kalman_ratios])
def test_the_future_does_not_change_past_ratios(function):
    a, b = pair(700)
    before = function(a, b)
    at = 560  # after the second refit, so that a refit on later data would be seen
    a[at:] = -5.0 * b[at:]
    b[at:] *= 3.0
    after = function(a, b)
    np.testing.assert_array_equal(after[: at - 252 + 1], before[: at - 252 + 1])
    assert not np.allclose(after[at - 252 + 10 :], before[at - 252 + 10 :])


def test_effectiveness_out_is_one_less_the_ratio_of_variances():
    a, b = pair()
    ratios = rolling_ratios(a, b)
    hedged = a[252:] - ratios * b[252:]
    estimate = effectiveness_out(a, b, ratios)
    assert estimate.value == pytest.approx(1 - hedged.var() / a[252:].var(), rel=1e-12)
    assert estimate.low < estimate.value < estimate.high < 1
    assert estimate.nobs == 600 - 252


def test_methods_share_their_sessions():
    a, b = pair()
    methods = ratios_by_method(a, b)
    assert tuple(methods) == METHODS
    assert {h.size for h in methods.values()} == {600 - 252}
    assert (naive_ratios(600) == 1).all()


def test_a_wrong_ratio_is_seen_to_be_worse():
    a, b = pair()
    methods = ratios_by_method(a, b)
    test = compare_hedges(a, b, {"none": np.zeros(348), "ols": methods["ols"]})
    assert test.statistic > 0
    assert test.pvalue < 0.01
    assert effectiveness_out(a, b, 3.0 * naive_ratios(600)).value < 0


def test_reasons():
    a, b = pair()
    assert isinstance(rolling_ratios(a[:260], b[:260]), NotComputed)
    assert isinstance(dcc_ratios(a[:260], b[:260]), NotComputed)
    rested = b.copy()
    rested[100:400] = 0.0
    assert isinstance(rolling_ratios(a, rested), NotComputed)
    assert isinstance(effectiveness_in(a, np.ones(600)), NotComputed)
    assert effectiveness_in(a, a).flags == ("exact",)
    assert isinstance(effectiveness_out(a, b, np.ones(10)), NotComputed)
    same = {"x": np.ones(300), "y": np.ones(300)}
    assert isinstance(compare_hedges(a, b, same), NotComputed)
    broken = a.copy()
    broken[-1] = np.nan
    for function in (rolling_ratios, ewma_ratios, dcc_ratios, effectiveness_in, hedge_ratio):
        assert isinstance(function(broken, b), NotComputed)


def test_programming_errors():
    a, b = pair()
    with pytest.raises(ValueError, match="ratios for"):
        effectiveness_out(a, b, np.ones(601))
    with pytest.raises(ValueError, match="two methods"):
        compare_hedges(a, b, {"one": np.ones(300)})
    with pytest.raises(ValueError, match="equally long"):
        compare_hedges(a, b, {"x": np.ones(300), "y": np.ones(299)})
    with pytest.raises(ValueError, match="decay"):
        ewma_ratios(a, b, decay=1.0)


def test_a_bad_tick_leaves_answers():
    a, b = pair()
    a[300] = 1e6
    for result in (
        effectiveness_in(a, b),
        effectiveness_out(a, b, naive_ratios(600)),
        compare_hedges(a, b, {"x": np.ones(348), "y": np.zeros(348)}),
    ):
        assert isinstance(result, (Estimate, TestResult, NotComputed))


def test_hindsight_meets_the_same_days_by_plain_sums():
    rng = np.random.default_rng(8)
    b = rng.standard_normal(600)
    a = 0.7 * b + rng.standard_normal(600)
    ratios = 0.5 + 0.3 * rng.standard_normal(400)
    fitted, loss = hindsight(a, b, ratios)
    y, x = a[-400:], b[-400:]
    slope = np.cov(y, x)[0, 1] / x.var(ddof=1)
    left = [np.var(y - h * x) / np.var(y) for h in (slope, ratios)]
    assert fitted.value == pytest.approx(1 - left[0], rel=1e-10)
    assert loss.value == pytest.approx(left[1] - left[0], rel=1e-10)
    assert loss.low < loss.value < loss.high
    same = hindsight(a, b, np.full(600, np.cov(a, b)[0, 1] / b.var(ddof=1)))[1]
    assert isinstance(same, NotComputed)


def test_the_loss_of_ratios_that_cost_a_tenth_is_covered():
    covered = []
    for seed in range(250):
        rng = np.random.default_rng(seed)
        b = rng.standard_normal(800)
        a = b + rng.standard_normal(800)
        wrong = 1.0 + np.sqrt(0.2) * rng.choice([-1.0, 1.0], 800)  # a fifth of 2, in vain
        covered.append(hindsight(a, b, wrong)[1].covers(0.1))
    assert np.mean(covered) > 0.91
