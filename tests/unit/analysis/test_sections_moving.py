"""The sections that ask whether correlation and beta move: keys, dates, reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from convex_research import Pair, align, load_prices
from convex_research.analysis.section import Section
from convex_research.analysis.sections import dynamics, stability
from convex_research.analysis.sections.rolling import add_rolling_null
from convex_research.core.config import AnalysisConfig
from convex_research.core.estimates import Estimate, NotComputed

if TYPE_CHECKING:
    from convex_research.returns import AlignedReturns

STABILITY = {
    "stability.wied",
    "stability.wied[1.3sqrt]",
    "stability.sup_f",
    "stability.nyblom",
    "stability.cusum",
    "stability.cusum_r",
    "stability.shift",
    "stability.shift_90",
    "stability.shift_within",
    "stability.shift_split",
    "stability.change_date",
    "stability.breaks",
}
DYNAMICS = {f"dynamics.{name}" for name in ("dcc_a", "dcc_b", "dcc_last", "dcc_min", "dcc_max")}
DYNAMICS |= {"dynamics.kalman_beta"}
ROLLING = {f"rolling.null_{name}" for name in ("low", "high", "min", "max", "percentile")}
ROLLING |= {"rolling.pearson_min_test[90]", "rolling.pearson_max_test[90]"}


def sample(start: str | None) -> AlignedReturns:
    return align(load_prices(Pair("sample:sp500", "sample:nasdaq"), start=start))


@pytest.fixture(scope="module")
def returns() -> AlignedReturns:
    return sample("2013-01-02")


def rolling(returns: AlignedReturns) -> Section:
    section = Section("rolling", returns)
    add_rolling_null(section, returns, 90, 0.95)
    return section


def test_keys_and_dates(returns: AlignedReturns) -> None:
    config = AnalysisConfig()
    steady, moving = stability.compute(returns, config), dynamics.compute(returns, config)
    null = rolling(returns)
    assert set(steady.results) >= STABILITY
    assert set(moving.results) == DYNAMICS
    assert set(null.results) == ROLLING
    assert isinstance(steady.results.pop("stability.change_date"), NotComputed)  # nothing changed
    for name in (
        "wied_simulated",
        "wied_simulated[1.3sqrt]",
        "sup_f_simulated",
        "nyblom_simulated",
    ):
        assert "stability.cusum_r" in steady.results.pop(f"stability.{name}").reason
    for result in (*steady.results.values(), *moving.results.values(), *null.results.values()):
        assert not isinstance(result, NotComputed)
        assert result.start is not None
        assert result.end is not None
    lowest = moving.results["dynamics.dcc_min"]
    assert isinstance(lowest, Estimate)
    assert lowest.start == lowest.end
    path = moving.curves["dynamics.dcc"]
    assert path.value.min() == lowest.value
    band = null.curves["rolling.null[90]"]
    assert band.dates[-1] == returns.dates[-1]
    assert len(band.dates) == len(band.value) == 1171


def test_breaks_are_dated() -> None:
    found = stability.compute(sample(None), AnalysisConfig()).results
    number, first = found["stability.breaks"], found["stability.break[1]"]
    assert isinstance(number, Estimate)
    assert isinstance(first, Estimate)
    assert first.low is not None
    assert first.high is not None
    assert first.low <= first.value <= first.high
    assert str(first.start) < first.method.split(";")[0][-10:] < str(first.end)
    assert len([key for key in found if key.startswith("stability.break[")]) == number.value


def test_short_and_identical_samples_give_reasons() -> None:
    config = AnalysisConfig()
    long = sample("2013-01-02")
    identical = replace(long, values=np.stack([long.a, long.a], axis=1))
    for returns in (sample("2018-09-20"), identical):
        results = {
            **stability.compute(returns, config).results,
            **dynamics.compute(returns, config).results,
            **rolling(returns).results,
        }
        assert set(results) >= STABILITY | DYNAMICS | ROLLING
        assert isinstance(results["dynamics.dcc_a"], NotComputed)
        assert isinstance(results["rolling.null_low"], NotComputed)


def test_reproducible(returns: AlignedReturns) -> None:
    config = AnalysisConfig()
    assert stability.compute(returns, config).results == stability.compute(returns, config).results
    assert rolling(returns).results == rolling(returns).results
