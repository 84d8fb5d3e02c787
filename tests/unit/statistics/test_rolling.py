"""Rolling r and beta against 80-bit arithmetic, and the errors window by window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from convex_research.statistics.dependence.regression import beta
from convex_research.statistics.dynamics import rolling
from convex_research.statistics.dynamics.rolling import (
    rolling_beta,
    rolling_fisher_z,
    rolling_paths,
    rolling_pearson,
)
from convex_research.statistics.inference.jackknife import FisherZ, fisher_z

pytestmark = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63, reason="the reference needs 80-bit arithmetic"
)
NOBS = 1500


def pair(seed=0, nobs=NOBS, rho=0.8):
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_normal((2, nobs))
    return a, rho * a + np.sqrt(1 - rho**2) * noise


def returns():
    a, b = pair(1)
    return 0.012 * a, 0.009 * b


def with_offset(offset, scale=1.0):
    a, b = pair(2)
    return offset + scale * a, offset + scale * b


def one_bad_tick():
    a, b = returns()
    a[700] = 1e6
    return a, b


def bad_tick_in_both():
    a, b = returns()
    a[700] = b[700] = 1e6
    return a, b


def zero_run():
    a, b = returns()
    a[500:620] = 0.0
    b[560:680] = 0.0
    return a, b


def missing():
    a, b = returns()
    a[[10, 400, 401]] = np.nan
    b[[0, 900, 1499]] = np.nan
    return a, b


def one_offset_only():
    a, b = pair(3)
    return a, 1e8 + b


ROWS = {
    "returns": returns(),
    "1e4 + noise": with_offset(1e4),
    "1e8 + N(0,1)": with_offset(1e8),
    "1e8 + N(0,1), second leg": one_offset_only(),
    "1e4 + small noise": with_offset(1e4, 1e-3),
    "one 1e6 tick": one_bad_tick(),
    "1e6 tick in both": bad_tick_in_both(),
    "zero run": zero_run(),
    "missing": missing(),
    "1e-12": tuple(1e-12 * x for x in pair(4)),
    "1e12 against 1e-12": (1e12 * pair(5)[0], 1e-12 * pair(5)[1]),
}


def reference(a, b, window, statistic):
    """Two passes a window in 80 bits; every window is summed by itself."""
    result = np.full(a.size, np.nan, dtype=np.longdouble)
    if a.size < window:
        return result
    x, y = (np.lib.stride_tricks.sliding_window_view(v, window) for v in (a, b))
    good = np.isfinite(x).all(axis=1) & np.isfinite(y).all(axis=1)
    good &= (y != y[:, :1]).any(axis=1) & (x != x[:, :1]).any(axis=1)
    u, v = (w[good].astype(np.longdouble) for w in (x, y))
    u, v = (w - w.sum(axis=1, keepdims=True) / window for w in (u, v))
    uv, uu, vv = (u * v).sum(axis=1), (u * u).sum(axis=1), (v * v).sum(axis=1)
    below = np.sqrt(uu) * np.sqrt(vv) if statistic == "pearson" else vv
    result[window - 1 :][good] = uv / below
    return result


@pytest.mark.parametrize("window", [2, 3, 30, 90, 252, NOBS])
@pytest.mark.parametrize("name", ROWS)
def test_pearson_to_1e_12(name, window):
    a, b = ROWS[name]
    expected, found = reference(a, b, window, "pearson"), rolling_pearson(a, b, window)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert np.nanmax(np.abs(found - expected), initial=0.0) <= 1e-12
    assert np.nanmax(np.abs(found), initial=0.0) <= 1.0


@pytest.mark.parametrize("window", [2, 3, 30, 90, 252, NOBS])
@pytest.mark.parametrize("name", ROWS)
def test_beta_to_1e_12(name, window):
    a, b = ROWS[name]
    expected, found = reference(a, b, window, "beta"), rolling_beta(a, b, window)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    error = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    assert np.nanmax(error, initial=0.0) <= 1e-12


def test_the_rows_are_hard():
    """Running sums fail them, so that passing says something."""
    a, b = ROWS["1e8 + N(0,1)"]

    def run(x):
        total = np.concatenate([[0.0], np.cumsum(x)])
        return (total[90:] - total[:-90]) / 90

    with np.errstate(invalid="ignore", divide="ignore"):
        naive = (run(a * b) - run(a) * run(b)) / np.sqrt(
            (run(a * a) - run(a) ** 2) * (run(b * b) - run(b) ** 2)
        )
    error = np.abs(naive - reference(a, b, 90, "pearson")[89:])
    assert not np.nanmax(error) <= 1e-2


def test_a_bad_tick_harms_only_its_windows():
    clean, spoiled = rolling_pearson(*returns(), 90), rolling_pearson(*one_bad_tick(), 90)
    np.testing.assert_allclose(spoiled[:700], clean[:700], rtol=0, atol=1e-13)
    np.testing.assert_allclose(spoiled[790:], clean[790:], rtol=0, atol=1e-13)
    assert np.abs(spoiled[700:790] - clean[700:790]).min() > 0.3


def test_windows_without_movement_are_undefined():
    a, b = zero_run()
    assert all(np.isnan(found[588:621]).all() for found in rolling_fisher_z(a, b, 90))
    for found in (rolling_pearson(a, b, 90), rolling_beta(a, b, 90)):
        assert np.isnan(found[589:620]).all()  # windows wholly inside the run of a
        assert np.isnan(found[649:680]).all()  # and of b
        assert np.isfinite(found[88 + 1 : 589]).all()


@pytest.mark.parametrize("constant", [0.0, 0.1, 1e8 + 0.1, -1e-12])
def test_a_constant_leg_is_never_a_number(constant):
    a, flat = pair(6)[0], np.full(NOBS, constant)
    assert np.isnan(rolling_pearson(a, flat, 90)).all()
    assert np.isnan(rolling_pearson(flat, a, 90)).all()
    assert np.isnan(rolling_beta(a, flat, 90)).all()
    assert np.isnan(rolling_beta(flat, a, 90)).all()
    assert all(np.isnan(x).all() for x in rolling_fisher_z(flat, a, 90))


@pytest.mark.parametrize("function", [rolling_pearson, rolling_beta])
def test_complete_windows_only(function):
    a, b = returns()
    found = function(a, b, 90)
    assert found.shape == a.shape
    assert np.isnan(found[:89]).all()
    assert np.isfinite(found[89:]).all()
    assert np.isnan(function(a[:50], b[:50], 90)).all()
    assert function(a[:0], b[:0], 90).shape == (0,)
    a[100], b[600] = np.inf, -np.inf
    found = function(a, b, 90)
    assert np.isnan(found[100:190]).all()
    assert np.isnan(found[600:690]).all()
    assert np.isfinite(found[190:600]).all()


@pytest.mark.parametrize("window", [2, 90, NOBS])
def test_a_window_at_a_time(window):
    a, b = returns()
    r, slope = rolling_pearson(a, b, window), rolling_beta(a, b, window)
    for t in range(window - 1, NOBS, 97):
        x, y = a[t - window + 1 : t + 1], b[t - window + 1 : t + 1]
        assert r[t] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)
        assert slope[t] == pytest.approx(np.polyfit(y, x, 1)[0], rel=1e-9)
    whole = rolling_beta(a, b, NOBS)[-1]
    assert whole == pytest.approx(beta(a, b).value, rel=1e-13)


@pytest.mark.parametrize("name", [n for n in ROWS if "second leg" not in n])
@pytest.mark.parametrize("window", [30, 90, 252])
def test_the_errors_are_those_of_fisher_z_window_by_window(name, window):
    a, b = (x[300:900] for x in ROWS[name])
    made = np.stack(rolling_fisher_z(a, b, window))
    found = 0
    for t in range(a.size):
        rows = slice(t - window + 1, t + 1)
        one = fisher_z(a[rows], b[rows]) if t >= window - 1 else None
        if isinstance(one, FisherZ):
            np.testing.assert_allclose(made[:, t], [one.z, one.std_error, one.df], rtol=1e-9)
            found += 1
        else:
            assert np.isnan(made[:, t]).all()
    assert found > 0


def test_windows_without_errors():
    a, b = returns()
    assert np.isnan(rolling_fisher_z(a, b, 20)).all()  # too short
    assert np.isnan(rolling_fisher_z(a, 3.0 * a, 90)).all()  # in step
    z, *_ = rolling_fisher_z(*bad_tick_in_both(), 90)
    assert np.isnan(z[700:790]).all()
    assert np.isfinite(z[790:]).all()


@pytest.mark.parametrize("function", [rolling_pearson, rolling_beta, rolling_fisher_z])
@pytest.mark.parametrize("window", [-1, 0, 1])
def test_a_window_below_two_is_an_error(function, window):
    with pytest.raises(ValueError, match=f"window must be at least 2, got {window}"):
        function(*returns(), window)


@pytest.mark.parametrize("function", [rolling_pearson, rolling_beta, rolling_fisher_z])
def test_shapes_are_errors(function):
    with pytest.raises(ValueError, match="differ in length"):
        function(np.arange(40.0), np.arange(41.0), 5)


@settings(max_examples=150, deadline=None)
@given(
    arrays(
        np.float64,
        (2, 25),
        elements=st.one_of(
            st.integers(-3, 3).map(float),
            st.sampled_from([np.nan, np.inf, 1e8, 1e8 + 1.0, 1e6, 1e-12, -1e12]),
        ),
    ),
    st.integers(2, 27),
)
def test_against_the_reference_on_awkward_numbers(legs, window):
    a, b = legs
    r = reference(a, b, window, "pearson")
    slope = reference(a, b, window, "beta")
    for expected, found in (
        (r, rolling_pearson(a, b, window)),
        (slope, rolling_beta(a, b, window)),
    ):
        np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert np.nanmax(np.abs(rolling_pearson(a, b, window) - r), initial=0.0) <= 1e-12
    # Here a slope can be 1e16 times smaller than sd(a) / sd(b), by cancellation in the data
    # themselves: its error is measured on the scale of r, where one is the largest slope.
    size = np.maximum(np.abs(slope), 1.0)
    moves = np.isfinite(r) & (np.abs(r) > 0)
    size[moves] = np.maximum(size[moves], np.abs(slope[moves] / r[moves]))
    flat = np.isfinite(slope) & ~moves
    size[flat] = np.inf  # an exact zero, or a leg at rest: below
    error = np.abs(rolling_beta(a, b, window) - slope) / size
    assert np.nanmax(error, initial=0.0) <= 1e-12
    at_rest = np.isfinite(slope) & np.isnan(r)
    assert np.abs(rolling_beta(a, b, window)[at_rest]).max(initial=0.0) == 0.0


def test_lengths_around_the_size_of_a_piece():
    """Windows are made in pieces; none is lost or shifted where one ends."""
    a, b = pair(7, nobs=2 * (rolling._CHUNK_VALUES // 1000) + 1000 + 5)
    expected = reference(a, b, 1000, "pearson")
    np.testing.assert_allclose(
        rolling_pearson(a, b, 1000), expected.astype(float), rtol=0, atol=1e-13
    )


def test_windows_that_differ_by_rounding_alone_are_undefined():
    a, b = pair(7, 300)
    growth = np.append(b[:150], np.diff(np.cumprod(np.full(151, 1.001))) / 1.001 ** np.arange(150))
    assert 0.0 < np.ptp(growth[150:]) < 1e-12
    for found in (
        rolling_pearson(a, growth, 90),
        rolling_beta(a, growth, 90),
        rolling_beta(growth, a, 90),
    ):
        assert np.isfinite(found[89:239]).all()
        assert np.isnan(found[239:]).all()
    assert all(np.isnan(found[238:]).all() for found in rolling_fisher_z(growth, a, 90))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_paths_after_a_storm_keep_their_digits(dtype):
    """Differences of prefix sums gave negative variances here."""
    a, b = (x.reshape(300, 2).astype(dtype) for x in pair(8, 600))
    for leg in (a, b):
        leg[40] *= 1e6
        leg[170:] *= 1e-6
    found = rolling_paths(a, b, 90)
    assert found.dtype == dtype
    for k in (0, 1):
        expected = rolling_pearson(a[:, k], b[:, k], 90)[89:]
        assert found[:, k] == pytest.approx(expected, abs=1e-5 if dtype == np.float32 else 1e-12)


@pytest.mark.parametrize("still", [0.0, 0.7])
def test_paths_at_rest_are_undefined(still):
    a, b = (x.reshape(300, 2) for x in pair(9, 600))
    a[100:250, 1] = still
    found = rolling_paths(a, b, 90)
    assert np.isnan(found[100:161, 1]).all()
    assert np.isfinite(np.delete(found[:, 1], np.s_[100:161])).all()
    assert np.isfinite(found[:, 0]).all()
