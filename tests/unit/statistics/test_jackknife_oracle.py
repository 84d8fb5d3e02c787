"""Intervals by jackknife, of the embedded sample, against R that leaves each day out in turn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from convex_research import AnalysisConfig, Pair, align, analyze, load_prices
from convex_research.core.estimates import Estimate
from convex_research.statistics.dependence.comparison import compare
from convex_research.statistics.inference.jackknife import fisher_z

LINES = (Path(__file__).parents[2] / "oracles/jackknife/jackknife.txt").read_text().splitlines()
R = {key: float(value) for key, value in (x.split() for x in LINES[1:])}
QUALIFIERS = [key[3:-1] for key in R if key.startswith("df[")]


@pytest.fixture(scope="module")
def analysis():
    return analyze(align(load_prices(Pair("sample:sp500", "sample:nasdaq"))), AnalysisConfig())


def same(result, name, key):
    ends = (R[f"{name}_low[{key}]"], R[f"{name}_high[{key}]"])
    assert (result.low, result.high) == pytest.approx(ends, rel=1e-8, abs=1e-10)


def test_the_windows_are_those_of_the_analysis():
    assert ["30", "90", "252", "1260", "all", *map(str, range(1999, 2019))] == QUALIFIERS


@pytest.mark.parametrize("key", QUALIFIERS)
def test_r(analysis, key):
    result = analysis[f"correlation.pearson[{key}]"]
    assert result.value == pytest.approx(R[f"pearson[{key}]"], rel=1e-12)
    assert (result.low, result.high) == pytest.approx((R[f"low[{key}]"], R[f"high[{key}]"]))
    assert result.carrying_days == pytest.approx(R[f"days[{key}]"], rel=1e-8)
    assert f"Student t with {R[f'df[{key}]']:.1f} df" in result.method
    inside = (analysis.returns.dates >= result.start) & (analysis.returns.dates <= result.end)
    one = fisher_z(analysis.returns.a[inside], analysis.returns.b[inside])
    assert one.df == pytest.approx(R[f"df[{key}]"], rel=1e-8)
    assert one.pvalue(1.0986122886681098) == pytest.approx(R[f"pvalue[{key}]"], rel=1e-8)


@pytest.mark.parametrize("key", ["30", "90", "252", "1260", "all"])
def test_slopes_and_ranks(analysis, key):
    if key not in {"30", "90"}:
        for name in ("beta", "beta_reverse"):
            result = analysis[f"regression.{name}[{key}]"]
            assert result.value == pytest.approx(R[f"{name}[{key}]"], rel=1e-9)
            same(result, name, key)
        same(analysis[f"correlation.spearman[{key}]"], "spearman", key)


@pytest.mark.parametrize("key", ["90", "252"])
def test_recent_against_what_came_before(analysis, key):
    for name in ("difference", "difference_r"):
        result = analysis[f"recent.{name}[{key}]"]
        assert result.value == pytest.approx(R[f"{name}[{key}]"], rel=1e-8)
        same(result, name, key)
    test = analysis["recent.fisher" if key == "90" else "recent.fisher[252]"]
    assert test.pvalue == pytest.approx(R[f"difference_pvalue[{key}]"], rel=1e-8)


def test_halves(analysis):
    for key, name in (("halves", "difference_r"), ("halves_z", "difference")):
        result = analysis[f"consistency.{key}"]
        assert result.value == pytest.approx(R[f"{name}[halves]"], rel=1e-8)
        same(result, name, "halves")
    test = analysis["consistency.halves_test"]
    assert test.pvalue == pytest.approx(R["difference_pvalue[halves]"], rel=1e-8)


@pytest.mark.parametrize("key", QUALIFIERS)
def test_all_windows_of_the_page_together(analysis, key):
    result = analysis[f"correlation.page[{key}]"]
    alone = analysis[f"correlation.pearson[{key}]"]
    same(result, "page", key)
    assert (result.value, result.confidence_level) == (alone.value, 0.95)
    assert result.low < alone.low < alone.high < result.high
    assert f"holds in {R['page_windows']:.0f} windows together" in result.method


@pytest.mark.parametrize("key", ["30", "90", "252", "1260", "all"])
def test_every_day_of_a_year(analysis, key):
    same(analysis[f"correlation.pearson_daily[{key}]"], "daily", key)


def test_windows_that_are_the_same_days_are_one_look():
    prices = load_prices(Pair("sample:sp500", "sample:nasdaq"), start="2016-03-20")
    short = analyze(align(prices), AnalysisConfig())
    assert short.returns.nobs == 700
    one, whole = (short[f"correlation.page[{key}]"] for key in ("1260", "all"))
    assert (one.low, one.high) == (whole.low, whole.high)
    assert "holds in 7 windows together" in one.method, "30, 90, 252, all and three years"
    assert isinstance(short["correlation.pearson[2016]"], Estimate)


def test_another_level_has_no_factor_for_every_day(analysis):
    other = analyze(analysis.returns, AnalysisConfig(confidence_level=0.9, windows=(60, 252)))
    assert "for 95 % only" in other["correlation.pearson_daily[252]"].reason
    assert "correlation.pearson_daily[60]" not in other.results
    assert other["correlation.page[60]"].confidence_level == 0.9


def drawn(nobs, paths, df, rho=0.8, seed=11):
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_normal((2, paths, nobs))
    scale = 1.0 if df is None else np.sqrt(df / rng.chisquare(df, (paths, nobs)))
    return a * scale, (rho * a + np.sqrt(1 - rho**2) * noise) * scale


@pytest.mark.parametrize("nobs", [30, 90, 252])
@pytest.mark.parametrize("df", [None, 3])
def test_the_interval_covers(nobs, df):
    hits = [
        fisher_z(*legs).estimate(0.95).covers(0.8)
        for legs in zip(*drawn(nobs, 1500, df), strict=True)
    ]
    assert 0.93 < np.mean(hits) < 0.99  # .956, .955, .951; .947, .963, .974 as they were pinned


@pytest.mark.parametrize("df", [None, 3])
def test_differences_cover(df):
    a, b = drawn(342, 1200, df)
    found = [compare(x[252:], y[252:], x[:252], y[:252]) for x, y in zip(a, b, strict=True)]
    for name in ("difference", "difference_r"):
        hits = [getattr(one, name).covers(0.0) for one in found]
        assert 0.93 < np.mean(hits) < 0.99, name
    assert np.mean([one.test.pvalue < 0.05 for one in found]) < 0.07
