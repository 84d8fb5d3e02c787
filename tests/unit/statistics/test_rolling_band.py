"""The band over all windows and the extremes, by loops and where they are not defined."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student

from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dynamics.rolling import rolling_fisher_z
from convex_research.statistics.dynamics.rolling_band import extreme_window, window_band
from convex_research.statistics.inference.jackknife import fisher_z

NOBS = 400


def pair():
    rng = np.random.default_rng(5)
    a, noise = rng.standard_t(5, (2, NOBS))
    return a, 0.8 * a + 0.6 * noise


def windows(window):
    return np.stack(rolling_fisher_z(*pair(), window))


@pytest.mark.parametrize(("window", "critical"), [(30, 4.31562), (90, 3.67124), (252, 3.20792)])
def test_band_and_extremes_by_a_loop(window, critical):
    a, b = pair()
    made = [fisher_z(a[i : i + window], b[i : i + window]) for i in range(NOBS - window + 1)]
    middle = float(np.median([one.std_error for one in made]))
    z, std_error, df = windows(window)
    low, high = window_band(z, std_error, window=window)
    lowest, highest = ([math.inf, math.inf], [-math.inf, -math.inf])
    for i, one in enumerate(made):
        wide = critical * max(one.std_error, middle)
        assert low[i + window - 1] == pytest.approx(one.z - wide, rel=1e-4)
        assert high[i + window - 1] == pytest.approx(one.z + wide, rel=1e-4)
        single = float(student.ppf(0.975, one.df)) * one.std_error
        lowest = [min(lowest[0], one.z - single), min(lowest[1], one.z + wide)]
        highest = [max(highest[0], one.z - wide), max(highest[1], one.z + single)]
    for side, ends in (("min", lowest), ("max", highest)):
        found = extreme_window(z, std_error, df, side, window=window)
        assert [found.low, found.high] == pytest.approx(ends, rel=1e-4)
    assert critical == pytest.approx(
        3.0 + 0.45 * math.log(NOBS / window) + 0.15 * (window < 60), abs=1e-5
    )


def test_of_one_window_the_outer_end_is_its_own():
    z, std_error, df = (x[:90] for x in windows(90))
    found = extreme_window(z, std_error, df, "min", window=90)
    outer = z[-1] - student.ppf(0.975, df[-1]) * std_error[-1]
    assert found.low == pytest.approx(outer, rel=1e-9)
    assert found.high == pytest.approx(z[-1] + 3.0 * std_error[-1], rel=1e-9)


def test_windows_without_errors_are_left_out():
    z, std_error, df = windows(90)
    z[:200] = std_error[:200] = df[:200] = np.nan
    found = extreme_window(z, std_error, df, "max", window=90)
    assert found.value == np.nanmax(z)
    low, high = window_band(z, std_error, window=90)
    assert np.isnan(low[:200]).all()
    assert np.isfinite(high[200:]).all()


def test_what_has_no_band():
    z, std_error, df = windows(90)
    for level in (0.9, 0.99):
        for found in (
            window_band(z, std_error, window=90, confidence_level=level),
            extreme_window(z, std_error, df, "min", window=90, confidence_level=level),
        ):
            assert isinstance(found, NotComputed)
            assert found.code is Missing.LEVEL
    nothing = np.full(5, np.nan)
    assert isinstance(window_band(nothing, nothing, window=90), NotComputed)
    assert isinstance(window_band(z[:0], z[:0], window=90), NotComputed)
