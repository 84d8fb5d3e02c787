"""Intervals by jackknife, of the embedded sample, against R that leaves each day out in turn."""

from __future__ import annotations

from pathlib import Path

import pytest

from convex_research import AnalysisConfig, Pair, align, analyze, load_prices
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
