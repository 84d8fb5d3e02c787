from __future__ import annotations

import numpy as np
import pytest

from convex_research.statistics.simulate.prefix_sums import accumulate


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
