"""Ranges from a forecaster's own past errors, and how they turned out: by loop."""

from __future__ import annotations

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.dynamics.forecast import (
    correlation_forecasts,
    next_correlation,
    next_hit_rate,
)
from convex_research.statistics.dynamics.gap_forecast import next_tracking_error
from convex_research.statistics.dynamics.past_errors import error_range, hit_rate


def by_loop(errors, horizon, level):
    """Every origin whose outcome no other shares, with what was known of those before."""
    held, count, origin = 0, 0, 25 * horizon - 1
    while origin < errors.size:
        known = errors[: origin - horizon + 1]
        low, high = error_range(known, horizon, level)
        held, count = held + (low <= errors[origin] <= high), count + 1
        origin += horizon
    return held / count, count


@pytest.mark.parametrize(("level", "horizon"), [(0.95, 21), (0.8, 5)])
def test_hit_rate_by_loop(level, horizon):
    errors = np.random.default_rng(3).standard_t(3, 2_000)
    made = hit_rate(errors, horizon, confidence_level=level)
    value, count = by_loop(errors, horizon, level)
    assert (made.value, made.nobs) == (pytest.approx(value, rel=1e-12), count)
    assert made.low is None  # observed


def test_ranges_of_errors_that_stay_alike_hold_as_often_as_they_say():
    rng = np.random.default_rng(4)
    rates = [hit_rate(rng.standard_normal(4_000), 21).value for _ in range(40)]
    assert np.mean(rates) == pytest.approx(0.95, abs=0.01)
    growing = rng.standard_normal(4_000) * np.linspace(1.0, 6.0, 4_000)
    assert hit_rate(growing, 21).value < 0.85


def test_a_range_holds_the_forecast_itself_and_needs_separate_errors():
    assert error_range(np.linspace(1.0, 2.0, 600), 21, 0.95)[0] == 0.0
    assert error_range(-np.linspace(1.0, 2.0, 600), 21, 0.95)[1] == 0.0
    assert isinstance(error_range(np.ones(24 * 21 - 1), 21, 0.95), NotComputed)
    assert isinstance(hit_rate(np.ones(48 * 21 - 1), 21), NotComputed)
    assert isinstance(hit_rate(np.ones(48 * 21), 21), Estimate)


def test_past_ranges_are_those_of_the_forecast():
    rng = np.random.default_rng(5)
    a, e = rng.standard_normal((2, 1_600))
    made = correlation_forecasts(a, a + e)
    errors = np.arctanh(made.realised) - np.arctanh(made.forecast["ewma"])
    assert next_hit_rate(made, "ewma").value == pytest.approx(by_loop(errors, 21, 0.95)[0])
    ends = error_range(errors, 21, 0.95)
    z = np.arctanh(made.current["ewma"])
    ahead = next_correlation(made, "ewma")
    assert (ahead.low, ahead.high) == pytest.approx(tuple(np.tanh(z + np.array(ends))), rel=1e-12)
    assert isinstance(next_hit_rate(made, "none"), NotComputed)


def test_tracking_error_ahead_by_loop():
    rng = np.random.default_rng(6)
    a, e = rng.standard_normal((2, 1_600))
    b = a + 0.05 * e * np.linspace(1.0, 2.0, 1_600)
    ahead, held = next_tracking_error(0.01 * a, 0.01 * b, 252)
    gap = 0.01 * (a - b)
    h, errors = np.mean(gap[:252] ** 2), []
    for t in range(252, 1_600):
        if t + 21 <= 1_600:
            errors.append(np.log(np.std(gap[t : t + 21], ddof=1) / np.sqrt(h)))
        h = 0.97 * h + 0.03 * gap[t] ** 2
    value = np.sqrt(252 * h)
    low, high = error_range(np.array(errors), 21, 0.95)
    assert ahead.value == pytest.approx(value, rel=1e-10)
    assert ahead.low == pytest.approx(value * np.exp(low), rel=1e-10)
    assert ahead.high == pytest.approx(value * np.exp(high), rel=1e-10)
    assert held.value == pytest.approx(by_loop(np.array(errors), 21, 0.95)[0])
    assert str(ahead.range) == "forecast"


def test_no_gap_no_forecast():
    a = np.random.default_rng(7).standard_normal(900)
    assert isinstance(next_tracking_error(a, a + 0.5, 252), NotComputed)
    assert isinstance(next_tracking_error(a[:300], 2.0 * a[:300], 252), NotComputed)
    short, held = next_tracking_error(a, 1.5 * a, 252)
    assert short.low < short.value < short.high
    assert isinstance(held, NotComputed)
