"""Every number of a pair in a universe is that of the pair's own page."""

import math
from dataclasses import replace

import numpy as np
import pytest

import convex_research as cr
from convex_research import AnalysisConfig, Pair, load_prices
from convex_research.core.errors import InputError
from convex_research.core.flags import CLOCK
from convex_research.universe.measures import columns, measure
from convex_research.universe.tracks import calendars, frequency_of, track

SYMBOLS = (
    *("sample:sp500", "sample:nasdaq", "sample:wti", "sample:vix"),
    *("fx:EURUSD", "fx:GBPUSD", "fx:EURPLN"),
)


@pytest.fixture(scope="module")
def tracks():
    series = []
    for first, second in zip(SYMBOLS, SYMBOLS[1:] + SYMBOLS[:1], strict=True):
        series.append(load_prices(Pair(first, second)).a)
    return [track(one, frequency_of(series)) for one in series]


@pytest.fixture(scope="module")
def measured(tracks):
    groups = calendars(tracks)
    found = {}
    for at, left in enumerate(groups):
        for right in groups[at:]:
            made = measure(tracks, left, right, AnalysisConfig())
            for row, pair in enumerate(map(tuple, made.pairs.tolist())):
                assert pair not in found
                found[pair] = {name: values[row] for name, values in made.columns.items()}
    return found


def test_series_share_a_calendar_whenever_they_begin(tracks):
    assert sorted(map(sorted, calendars(tracks))) == [[0, 1], [2], [3], [4, 5, 6]]


@pytest.mark.parametrize("pair", [(0, 1), (0, 3), (1, 2), (0, 4), (4, 5), (5, 6), (2, 6)])
def test_a_pair_has_the_numbers_of_its_own_page(measured, pair):
    own, page = measured[pair], cr.study(*(SYMBOLS[i] for i in pair))
    assert list(own) == columns(AnalysisConfig())
    assert own["nobs"] == page.returns.nobs
    laws = {
        **{str(w): f"correlation.pearson[{w}]" for w in (30, 90, 252, 1260)},
        "whole": "correlation.pearson[all]",
        "weekly": "correlation.weekly[all]",
    }
    for name, key in laws.items():
        r = page[key]
        assert math.tanh(own[f"{name}.z"]) == pytest.approx(r.value, abs=1e-12)
        error = own[f"{name}.std_error"] / math.cosh(own[f"{name}.z"]) ** 2
        assert error == pytest.approx(r.std_error, rel=1e-9)
    for window in (90, 252):
        change = own[f"{window}.z"] - own[f"before[{window}].z"]
        assert change == pytest.approx(page[f"recent.difference[{window}]"].value, abs=1e-12)
    for name in ("beta", "beta_reverse"):
        slope = page[f"regression.{name}[252]"]
        assert own[f"{name}.z"] == pytest.approx(slope.value, rel=1e-9)
        assert own[f"{name}.std_error"] == pytest.approx(slope.std_error, rel=1e-9)
    for name, key in (("lowest", "min"), ("highest", "max")):
        extreme = page[f"rolling.pearson_{key}_5y[90]"]
        assert own[name] == pytest.approx(extreme.value, abs=1e-12)
        assert np.datetime64(int(own[f"{name}_end"]), "D") == np.datetime64(extreme.end)
    assert not own["apart"] or not CLOCK.isdisjoint(page.flags)


def test_a_universe_has_one_frequency(tracks):
    series = [one.series for one in tracks]
    weekly = [track(one, "weekly") for one in series[:2]]
    own = measure(weekly, [0], [1], AnalysisConfig(), frequency="weekly")
    page = cr.study(*SYMBOLS[:2], config=AnalysisConfig(frequency="weekly"))
    assert own.columns["nobs"][0] == page.returns.nobs
    r = math.tanh(own.columns["90.z"][0])
    assert r == pytest.approx(page["correlation.pearson[90]"].value, abs=1e-12)
    assert np.isnan(own.columns["weekly.z"]).all()
    assert frequency_of(series) == "daily"
    assert frequency_of([*series, _monthly(series[0])]) == "monthly"
    with pytest.raises(InputError, match="slower than"):
        frequency_of([_monthly(series[0])], "daily")


def _monthly(series):
    return replace(series, values=series.values.resample("ME").last())
