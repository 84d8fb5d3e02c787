from __future__ import annotations

import numpy as np
import pytest

from convex_research.statistics.simulate.prefix_sums import accumulate, window_sums


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(1, 300), (50, 3), (400, 128), (90, 5, 60)])
def test_the_same_bits_as_cumsum(shape: tuple[int, ...], dtype: type) -> None:
    values = np.random.default_rng(1).standard_normal(shape).astype(dtype)
    expected = np.cumsum(values, axis=0)
    found = accumulate(values)
    assert found is values
    assert np.array_equal(found, expected)


def test_a_view_is_accumulated_where_it_lies() -> None:
    whole = np.ones((10, 2, 200))
    accumulate(whole[:, 0])
    assert np.array_equal(whole[:, 0, 7], np.arange(1.0, 11.0))
    assert (whole[:, 1] == 1.0).all()


@pytest.mark.parametrize("shape", [(1, 2), (7, 3), (90, 5), (100, 2, 300)])
@pytest.mark.parametrize("window", [1, 2, 7, 30, 89, 90, 100])
def test_window_sums(shape: tuple[int, ...], window: int) -> None:
    values = np.random.default_rng(2).standard_normal(shape)
    if window > shape[0]:
        return
    expected = np.lib.stride_tricks.sliding_window_view(values, window, axis=0).sum(axis=-1)
    np.testing.assert_allclose(window_sums(values.copy(), window), expected, rtol=0, atol=1e-12)


def test_a_window_knows_nothing_of_what_came_before() -> None:
    values = np.ones((40, 3), dtype=np.float32)
    values[11] = 1e12
    sums = window_sums(values, 7)
    assert (sums[12:] == 7.0).all()
    assert (sums[:5] == 7.0).all()
