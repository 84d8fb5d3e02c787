"""Returns over their own volatility, against a loop."""

import math

import numpy as np
import pytest

from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.inference.own_volatility import over_own_volatility


@pytest.mark.parametrize("nobs", [40, 63, 300])
def test_every_value_is_that_of_the_recursion(nobs):
    x = 0.01 * np.random.default_rng(3).standard_t(4, nobs) + 0.002
    mean = math.fsum(x) / nobs
    first = [(one - mean) ** 2 for one in x[:63]]
    variance, expected = math.fsum(first) / len(first), []
    for one in x:
        expected.append((one - mean) / math.sqrt(variance))
        variance = 0.94 * variance + 0.06 * (one - mean) ** 2
    assert over_own_volatility(x) == pytest.approx(expected, rel=1e-10)


def test_a_leg_that_stands_still_for_years_has_no_volatility():
    half = np.random.default_rng(3).standard_normal(200)
    x = np.concatenate([half, np.zeros(1000), -half])  # the mean is zero on the quiet days too
    found = over_own_volatility(x)
    assert isinstance(found, NotComputed)
    assert found.code == Missing.NOT_MOVING
