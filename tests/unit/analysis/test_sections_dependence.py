"""Sections on tails, contagion, regimes, spread and scenario: what applies, and its dates."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest

from convex_research import AnalysisConfig, Pair, align, load_prices
from convex_research.analysis.record_parts import KEY_PATTERN
from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.dependence.tails import joint_worst

NAMES = ("tails", "contagion", "regimes", "spread", "scenario")


def returns_of(a, b):
    return align(load_prices(Pair(f"sample:{a}", f"sample:{b}")))


def section_of(name, returns):
    module = import_module(f"convex_research.analysis.sections.{name}")
    return module.compute(returns, AnalysisConfig())


@pytest.fixture(scope="module")
def indices():
    return returns_of("sp500", "nasdaq")


@pytest.fixture(scope="module")
def index_and_level():
    return returns_of("sp500", "vix")


@pytest.fixture(scope="module")
def level_first():
    return returns_of("vix", "sp500")


KEYS = {
    "tails": {
        *(f"exceedance_{s}[{q}]" for s in ("lower", "upper") for q in ("0", "0.5", "1", "1.5")),
        "chi_lower[0.95]",
        "chibar_lower[0.95]",
        "symmetry",
        "symmetry_chi2",
        "joint_worst",
    },
    "contagion": {"raw", "calm", "forbes_rigobon", "difference"},
    "regimes": {
        *(f"pearson[{r}]" for r in ("low_vol", "mid_vol", "high_vol", "bull", "bear")),
        *(f"standardised_pearson[{r}]" for r in ("low_vol", "high_vol", "bear")),
        "equality",
        "equality_bull_bear",
        "standardised_equality",
        "difference[high_vol-low_vol]",
        "difference[bear-bull]",
    },
    "spread": {"zscore", "ratio", "volatility", "tracking_error", "volatility[252]"},
    "scenario": {
        *(f"b_given_a[{m}]" for m in (-10, -5, 5, 10)),
        *(f"neighbours[{m}]" for m in (-10, -5, 5, 10)),
        *(f"worst_{leg}[{k}]" for leg in "ab" for k in (1, 10)),
        "stress_a[gfc]",
        "stress_b[covid]",
    },
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("pair", ["indices", "index_and_level", "level_first"])
def test_every_key_exists_for_every_kind_of_pair(name, pair, request):
    import re

    returns = request.getfixturevalue(pair)
    results = section_of(name, returns).results
    assert {f"{name}.{key}" for key in KEYS[name]} <= set(results)
    pattern = re.compile(KEY_PATTERN)
    for key, result in results.items():
        assert pattern.match(key)
        if not isinstance(result, NotComputed):
            assert returns.price_dates[0] <= np.datetime64(result.start)
            assert np.datetime64(result.end) <= returns.dates[-1]


def test_what_needs_a_price_says_so(index_and_level, level_first):
    assert (
        "needs two prices" in section_of("spread", index_and_level).results["spread.ratio"].reason
    )
    assert "one unit" in section_of("spread", level_first).results["spread.volatility"].reason
    given = section_of("scenario", level_first).results["scenario.b_given_a[5]"]
    assert "{a} is not one" in given.reason
    assert (
        "{a} is not one"
        in section_of("regimes", level_first).results["regimes.pearson[bear]"].reason
    )
    points = section_of("scenario", index_and_level).results
    assert points["scenario.b_given_a[-10]"].unit == "points"
    assert points["scenario.stress_b[vol_2018]"].value == pytest.approx(22.38, abs=0.005)


def test_labels_meet_the_right_returns(indices):
    """A bear day's label comes from the close before it, found here by walking the prices."""
    price, values = indices.levels[:, 0], indices.values
    peak, bear = -np.inf, []
    for t in range(indices.nobs):
        peak = max(peak, price[t])
        if price[t] <= 0.8 * peak:
            bear.append(t)
    expected = np.corrcoef(values[bear].T)[0, 1]
    result = section_of("regimes", indices).results["regimes.pearson[bear]"]
    assert result.value == pytest.approx(expected, rel=1e-12)
    assert result.nobs == len(bear)


def test_volatility_thirds_explain_little_once_volatility_is_divided_out(indices):
    results = section_of("regimes", indices).results
    plain, standardised = (
        results[f"regimes.{prefix}difference[high_vol-low_vol]"] for prefix in ("", "standardised_")
    )
    assert abs(standardised.value) < abs(plain.value)
    assert isinstance(results["regimes.standardised_equality"], TestResult)


def test_contagion_reads_three_correlations_of_the_same_days(indices):
    results = section_of("contagion", indices).results
    raw, calm = results["contagion.raw"], results["contagion.calm"]
    assert raw.nobs + calm.nobs == indices.nobs - 21
    thirds = section_of("regimes", indices).results
    assert raw.value == pytest.approx(thirds["regimes.pearson[high_vol]"].value, rel=1e-12)
    assert abs(results["contagion.forbes_rigobon"].value) < abs(raw.value)


def test_worst_days_carry_their_own_date(indices):
    results = section_of("scenario", indices).results
    rows = joint_worst(indices.a, indices.b).indices
    for rank, row in enumerate(rows, start=1):
        for leg, column in (("a", indices.a), ("b", indices.b)):
            shown = results[f"scenario.worst_{leg}[{rank}]"]
            assert shown.value == column[row]
            assert shown.start == shown.end == indices.day(row)


def test_spread_curves_end_with_the_estimates(indices):
    section = section_of("spread", indices)
    curve = section.curves["spread.zscore"]
    assert curve.value[-1] == pytest.approx(section.results["spread.zscore"].value, rel=1e-9)
    assert curve.dates[-1] == indices.dates[-1]
    trailing = section.curves["spread.volatility"].value[-1]
    assert trailing == pytest.approx(section.results["spread.volatility[252]"].value, rel=1e-9)


def test_the_symmetry_p_is_the_same_in_every_run(indices):
    first, second = (section_of("tails", indices).results["tails.symmetry"] for _ in range(2))
    assert first == second
    lower = section_of("tails", indices).results["tails.exceedance_lower[0]"]
    assert isinstance(lower, Estimate)
    assert lower.value < pearson(indices.a, indices.b).value
