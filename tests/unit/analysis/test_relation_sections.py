"""Sections of lead-lag, cointegration, hedges, forecasts, HAC betas and diagnostics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from convex_research import AnalysisConfig, Pair, align, load_prices
from convex_research.analysis.section import Section
from convex_research.analysis.sections import (
    cointegration,
    correlation,
    diagnostics,
    forecast,
    hedge,
    lead_lag,
)
from convex_research.analysis.sections.regression import add_hac_betas
from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.returns import resample

CONFIG = AnalysisConfig()
MODULES = (lead_lag, cointegration, hedge, forecast, diagnostics)
Q = (2, 5, 10, 20, 60)
ESTIMATES = [
    *(f"lead_lag.ccf[{k}]" for k in range(-5, 6)),
    "lead_lag.sum_ab[5]",
    "lead_lag.oos_rsquared_ba[1]",
    "cointegration.half_life",
    *(f"cointegration.variance_ratio[{q}]" for q in Q),
    "hedge.ratio[all]",
    "hedge.effectiveness_in",
    "hedge.effectiveness_out",
    *(f"hedge.effectiveness_out[{m}]" for m in ("naive", "ols", "ewma", "dcc", "kalman")),
    *(f"forecast.pearson{m}[21]" for m in ("", "_ewma", "_dcc")),
    *(f"diagnostics.tail_index_{leg}" for leg in "ab"),
    *(f"regression.{s}" for s in ("beta_up", "beta_down", "beta_dimson[1]", "beta_dimson[5]")),
]
TESTS = [
    *(f"lead_lag.granger_{d}[{k}]" for d in ("ab", "ba") for k in range(1, 6)),
    *(f"lead_lag.{t}_{d}" for t in ("wald",) for d in ("ab[5]", "ba[5]")),
    *(f"lead_lag.wald_weekly_{d}[1]" for d in ("ab", "ba")),
    *(f"lead_lag.clark_west_{d}[1]" for d in ("ab", "ba")),
    *(f"cointegration.{t}" for t in ("engle_granger[1]", "engle_granger[aic]")),
    *(f"cointegration.{t}" for t in ("phillips_ouliaris", "johansen_trace_0", "johansen_trace_1")),
    *(f"cointegration.{t}_{leg}" for t in ("adf", "kpss") for leg in "ab"),
    *(f"cointegration.variance_ratio_z[{q}]" for q in Q),
    "cointegration.chow_denning",
    *(f"hedge.diebold_mariano[{m}]" for m in ("naive", "ewma", "dcc", "kalman")),
    *(f"forecast.diebold_mariano_{m}[21]" for m in ("ewma", "dcc")),
    *(f"diagnostics.{t}_{leg}" for t in ("ljung_box", "arch_lm", "jarque_bera") for leg in "ab"),
    "regression.up_down",
]


def results_of(returns):
    found = {}
    for module in MODULES:
        found |= module.compute(returns, CONFIG).results
    section = Section("regression", returns)
    add_hac_betas(section, returns, CONFIG)
    return found | section.results


@pytest.fixture(scope="module")
def returns():
    return align(load_prices(Pair("sample:sp500", "sample:nasdaq")))


@pytest.fixture(scope="module")
def results(returns):
    return results_of(returns)


def test_every_key_is_what_it_should_be(results):
    for key in ESTIMATES:
        assert isinstance(results[key], Estimate), (key, results[key])
        assert results[key].start is not None, key
    for key in TESTS:
        assert isinstance(results[key], TestResult), (key, results[key])


def test_the_out_of_sample_part_begins_after_a_year(returns, results):
    for method in ("", "[ols]", "[dcc]"):
        assert results[f"hedge.effectiveness_out{method}"].start == returns.day(252)
        assert results[f"hedge.effectiveness_out{method}"].nobs == returns.nobs - 252
    assert results["hedge.effectiveness_out"] == results["hedge.effectiveness_out[ols]"]


def test_identities_between_sections(returns, results):
    r = np.corrcoef(returns.a, returns.b)[0, 1]
    assert results["hedge.effectiveness_in"].value == pytest.approx(r**2, rel=1e-12)
    assert results["lead_lag.ccf[0]"].value == pytest.approx(r, rel=1e-12)
    assert results["forecast.pearson[21]"].value == pytest.approx(r, rel=1e-9)


def test_weekly_returns_compound_the_daily_ones(returns):
    sample = resample(returns, "weekly")
    a = sample.a
    assert sample.day(-1).isoformat() == "2018-12-28"  # the Monday after begins another week
    assert np.prod(1 + a) == pytest.approx(
        sample.levels[-1, 0] / returns.levels[_first_week_end(returns), 0], rel=1e-9
    )
    weekly = correlation.compute(returns, CONFIG).results["correlation.weekly[all]"]
    assert weekly.value == pytest.approx(np.corrcoef(sample.a, sample.b)[0, 1], rel=1e-9)


def _first_week_end(returns):
    days = [d.item() for d in returns.price_dates.astype("datetime64[D]")]
    first = days[0].isocalendar()[:2]
    return max(i for i, d in enumerate(days[:10]) if d.isocalendar()[:2] == first)


def test_short_samples_give_reasons_and_never_fail(returns):
    for nobs in (61, 90, 300):
        dates = returns.dates[-nobs:]
        short = align(
            load_prices(
                Pair("sample:sp500", "sample:nasdaq"), start=dates[0].astype("M8[D]").item()
            )
        )
        results = results_of(short)
        assert set(results) >= {*ESTIMATES, *TESTS}
        assert not any(isinstance(r, float) for r in results.values())
        if nobs <= 61:
            assert isinstance(results["lead_lag.ccf[0]"], Estimate)
            assert isinstance(results["hedge.effectiveness_out"], NotComputed)


def test_identical_legs_give_reasons():
    same = align(load_prices(Pair("sample:sp500", "sample:nasdaq")))
    values = np.column_stack([same.a, same.a])
    levels = np.column_stack([same.levels[:, 0], same.levels[:, 0]])
    twin = replace(same, values=values, levels=levels)
    results = results_of(twin)
    assert isinstance(results["cointegration.engle_granger[1]"], NotComputed)
    assert isinstance(results["hedge.effectiveness_out"], NotComputed)
    assert isinstance(results["lead_lag.wald_ab[5]"], NotComputed)
    assert isinstance(results["forecast.pearson[21]"], NotComputed)


def test_a_leg_that_is_no_price_has_no_log():
    pair = align(load_prices(Pair("sample:sp500", "sample:vix")))
    if pair.prices.b.instrument.kind == "price":
        pytest.skip("the sample's volatility index counts as a price")
    results = cointegration.compute(pair, CONFIG).results
    assert isinstance(results["cointegration.adf_a"], TestResult)
    for key in ("adf_b", "kpss_b", "engle_granger[1]", "half_life", "variance_ratio[5]"):
        assert isinstance(results[f"cointegration.{key}"], NotComputed)
    assert isinstance(
        hedge.compute(pair, CONFIG).results["hedge.effectiveness_out[naive]"], NotComputed
    )
