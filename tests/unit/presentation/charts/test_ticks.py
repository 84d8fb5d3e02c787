"""Ticks: few, round, inside."""

import numpy as np
import pytest

from convex_research.presentation.charts.sparkline import Scale
from convex_research.presentation.charts.ticks import date_ticks, log_ticks, round_ticks


@pytest.mark.parametrize("most", [3, 6])
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-0.93, 0.97), (1e-6, 3e-6), (7.0, 7e6)])
def test_ticks_are_few_round_and_inside(low, high, most):
    ticks = round_ticks(low, high, most=most)
    assert 2 <= len(ticks) <= most
    assert all(low - 1e-9 * abs(low) <= t <= high + 1e-9 * abs(high) for t in ticks)
    steps = np.diff(ticks)
    assert np.allclose(steps, steps[0])


@pytest.mark.parametrize("most", [3, 8])
@pytest.mark.parametrize("days", [5, 61, 62, 400, 3000, 20000, 60000])
def test_dates_have_few_ticks_inside(days, most):
    first = float(np.datetime64("1900-03-05").astype(int))
    positions, labels = date_ticks(first, first + days, most)
    assert 1 <= len(positions) == len(labels) <= most
    assert min(positions) >= first
    assert max(positions) <= first + days


@pytest.mark.parametrize(("low", "high"), [(80.0, 1700.0), (0.01, 5e4), (90.0, 180.0)])
def test_ticks_of_a_logarithmic_axis_are_few_and_inside(low, high):
    ticks = log_ticks(low, high, 6)
    assert 2 <= len(ticks) <= 6
    assert all(low <= tick <= high for tick in ticks)


def test_a_scale_holds_the_ends_of_its_estimates(peers):
    one = peers["correlation.pearson[252]"]
    scale = Scale.over([one])
    assert scale.low < one.low
    assert one.high < scale.high <= 1.0
