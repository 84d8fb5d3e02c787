"""Lead-lag statistics against statsmodels, loops, and worlds with and without a lead."""

from __future__ import annotations

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.methodology.simulations.market_worlds import simulate
from convex_research.statistics.leads.lead_lag import cross_correlation, granger, lead_sum, wald
from convex_research.statistics.leads.lead_share import lead_share, rotation_test
from convex_research.statistics.leads.predictability import (
    clark_west,
    expanding_forecasts,
    out_of_sample_rsquared,
)


def pair(nobs=600, seed=0, lead=0.0):
    rng = np.random.default_rng(seed)
    x, e = rng.standard_t(6, (2, nobs + 1))
    y = 0.6 * x[1:] + e[1:] + lead * x[:-1]
    return 0.01 * x[1:], 0.01 * y


def test_a_positive_shift_means_that_a_moves_first():
    rng = np.random.default_rng(1)
    b = rng.standard_normal(500)
    a = np.append(b[1:], 0.0) + 0.01 * rng.standard_normal(
        500
    )  # A shows today what B shows tomorrow
    assert cross_correlation(a, b, 1).value > 0.99
    assert abs(cross_correlation(a, b, -1).value) < 0.2


@pytest.mark.parametrize("shift", range(-5, 6))
def test_cross_correlation_is_r_of_shifted_pairs(shift):
    a, b = pair()
    rows = [(a[t], b[t + shift]) for t in range(a.size) if 0 <= t + shift < a.size]
    assert cross_correlation(a, b, shift).value == pytest.approx(
        np.corrcoef(np.array(rows).T)[0, 1], rel=1e-12
    )


@pytest.mark.parametrize("lags", range(1, 6))
def test_granger_is_statsmodels(lags):
    from statsmodels.tsa.stattools import grangercausalitytests

    cause, effect = pair(lead=0.1)
    theirs = grangercausalitytests(np.column_stack([effect, cause]), [lags])[lags][0]
    statistic, pvalue, freedom, restrictions = theirs["ssr_ftest"]
    ours = granger(cause, effect, lags)
    assert ours.statistic == pytest.approx(statistic, rel=1e-9)
    assert ours.pvalue == pytest.approx(pvalue, rel=1e-7)
    assert ours.distribution.startswith(f"F({int(restrictions)}, {int(freedom)})")


@pytest.mark.parametrize("lags", [1, 5])
def test_wald_is_statsmodels_with_a_hac_covariance(lags):
    import statsmodels.api as sm

    cause, effect = pair(lead=0.1)
    nobs = cause.size
    columns = [cause[lags - j : nobs - j] for j in range(1, lags + 1)]
    columns += [effect[lags - j : nobs - j] for j in range(1, lags + 1)]
    fit = sm.OLS(effect[lags:], sm.add_constant(np.column_stack(columns))).fit(
        cov_type="HAC", cov_kwds={"maxlags": 5, "use_correction": False}
    )
    restriction = np.eye(2 * lags + 1)[1 : lags + 1]
    theirs = fit.wald_test(restriction, use_f=False, scalar=True)
    ours = wald(cause, effect, lags)
    assert ours.statistic == pytest.approx(float(theirs.statistic), rel=1e-8)
    assert ours.pvalue == pytest.approx(float(theirs.pvalue), rel=1e-6)
    total = lead_sum(cause, effect, lags)
    ones = restriction.sum(axis=0)
    assert total.value == pytest.approx(float(ones @ fit.params), rel=1e-9)
    assert total.std_error == pytest.approx(float(np.sqrt(ones @ fit.cov_params() @ ones)))


@pytest.mark.parametrize("lags", [1, 5])
def test_wald_with_each_row_left_out_is_that_of_statsmodels(lags):
    import statsmodels.api as sm

    cause, effect = pair(lead=0.1)
    nobs = cause.size
    columns = [v[lags - j : nobs - j] for v in (cause, effect) for j in range(1, lags + 1)]
    fit = sm.OLS(effect[lags:], sm.add_constant(np.column_stack(columns))).fit(cov_type="HC3")
    restriction = np.eye(2 * lags + 1)[1 : lags + 1]
    theirs = fit.wald_test(restriction, use_f=False, scalar=True)
    ours = wald(cause, effect, lags, hac_lag=None)
    assert ours.statistic == pytest.approx(float(theirs.statistic), rel=1e-8)
    assert ours.pvalue == pytest.approx(float(theirs.pvalue), rel=1e-8)


def test_a_day_that_alone_determines_a_slope_tests_no_lead():
    x, y = np.zeros(3000), np.random.default_rng(2).standard_normal(3000)
    x[1500] = 1.0
    for found in (
        wald(x, y, 1, hac_lag=None),
        lead_share(x, y, 5),
        rotation_test(x, y, y - x, 5),
    ):
        assert isinstance(found, NotComputed)


def test_wald_holds_its_level_where_volatility_is_wild():
    # Newey and West's rejects a twelfth here.
    paths = simulate("strong stochastic volatility", 1260, 300, rho=0.8, seed=3)
    tests = [wald(one.a, one.b, 5, hac_lag=None).pvalue < 0.05 for one in paths]
    assert np.mean(tests) < 0.085


def test_wald_is_flagged_where_its_size_is_off():
    assert wald(*pair(252), 5).flags == ("rejects_too_often", "small_sample")
    assert wald(*pair(252), 5, hac_lag=None).flags == ("small_sample",)
    assert wald(*pair(252), 1, hac_lag=None).flags == ()
    assert wald(*pair(1260), 5, hac_lag=None).flags == ()
    assert granger(*pair(1260), 5).flags == ("assumes_homoskedasticity",)


def test_one_tested_lag_is_the_squared_t_ratio():
    import statsmodels.api as sm

    cause, effect = pair(lead=0.2)
    nobs = cause.size
    columns = [v[3 - j : nobs - j] for v in (cause, effect) for j in (1, 2, 3)]
    fit = sm.OLS(effect[3:], sm.add_constant(np.column_stack(columns))).fit(
        cov_type="HAC", cov_kwds={"maxlags": 5, "use_correction": False}
    )
    assert wald(cause, effect, 3, tested=(2,)).statistic == pytest.approx(fit.tvalues[2] ** 2)


def test_a_lead_is_found_in_its_direction_only():
    cause, effect = pair(2000, lead=0.3)
    assert wald(cause, effect, 5).pvalue < 1e-6
    assert wald(effect, cause, 5).pvalue > 0.01
    assert lead_sum(cause, effect, 1).low > 0
    assert clark_west(cause, effect).pvalue < 1e-3
    gain = out_of_sample_rsquared(cause, effect)
    assert gain.low > 0


def test_no_lead_no_gain():
    gains = [out_of_sample_rsquared(*pair(800, seed)).value for seed in range(10)]
    assert np.mean(gains) < 0.0


def test_forecasts_equal_a_loop_of_regressions():
    cause, effect = pair(260, lead=0.2)
    made = expanding_forecasts(cause, effect, 2)
    first = 120
    spread = np.abs(effect[:first] - effect[:first].mean()).max()
    for t in (first, 200, 259):
        rows = range(2, t)
        design = np.array(
            [[1, effect[s - 1], effect[s - 2], cause[s - 1], cause[s - 2]] for s in rows]
        )
        large = np.linalg.lstsq(design, effect[2:t], rcond=None)[0]
        small = np.linalg.lstsq(design[:, :3], effect[2:t], rcond=None)[0]
        now = np.array([1, effect[t - 1], effect[t - 2], cause[t - 1], cause[t - 2]])
        centre = effect[:first].mean()
        at = t - first
        assert made.large[at] * spread + centre == pytest.approx(float(now @ large), rel=1e-7)
        assert made.small[at] * spread + centre == pytest.approx(float(now[:3] @ small), rel=1e-7)


def test_the_future_does_not_change_past_forecasts():
    cause, effect = pair(900, lead=0.2)
    before = expanding_forecasts(cause, effect, 1)
    cause[700:] *= 50.0
    effect[701:] -= 3.0
    after = expanding_forecasts(cause, effect, 1)
    np.testing.assert_array_equal(after.large[:400], before.large[:400])
    np.testing.assert_array_equal(after.small[:400], before.small[:400])
    assert not np.allclose(after.large[401:], before.large[401:])


FUNCTIONS = [
    lambda a, b: cross_correlation(a, b, 1),
    lambda a, b: granger(a, b, 5),
    lambda a, b: wald(a, b, 5),
    lambda a, b: lead_sum(a, b, 5),
    out_of_sample_rsquared,
    clark_west,
]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_reasons(function):
    a, b = pair(400)
    broken = a.copy()
    broken[9] = np.nan
    for left, right in [(a[:20], b[:20]), (broken, b), (np.ones(400), b), (a, np.ones(400))]:
        assert isinstance(function(left, right), NotComputed)


@pytest.mark.parametrize("function", FUNCTIONS[1:])
def test_identical_legs_have_no_lead(function):
    a, _ = pair(400)
    assert isinstance(function(a, a), NotComputed)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize(("scale", "offset"), [(1e-12, 0.0), (1e12, 0.0), (1.0, 1e4)])
def test_units_do_not_matter(function, scale, offset):
    a, b = pair(400)
    plain, moved = function(a, b), function(scale * a + offset, scale * b + offset)
    value = "value" if isinstance(plain, Estimate) else "statistic"
    assert getattr(moved, value) == pytest.approx(getattr(plain, value), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_bad_tick_gives_a_finite_answer(function):
    a, b = pair(400)
    a[200] = 1e6
    assert function(a, b) is not None


def test_programming_errors():
    a, b = pair(100)
    with pytest.raises(ValueError, match="lags"):
        granger(a, b, 0)
    with pytest.raises(ValueError, match="tested lags"):
        wald(a, b, 2, tested=(3,))
    with pytest.raises(ValueError, match="differ in length"):
        wald(a, b[1:], 2)


def test_legs_that_leave_nothing_of_each_other_have_no_lead():
    a, b = np.random.default_rng(21).standard_normal((2, 600))
    for twin in (a + 1e-7 * b, -a + 1e-8 * b, a.copy()):
        for function in (lead_sum, wald, granger):
            found = function(a, twin, 5)
            assert isinstance(found, NotComputed)
            assert "exact combinations" in found.reason
    assert isinstance(lead_sum(a, a + 1e-3 * b, 5), Estimate)
