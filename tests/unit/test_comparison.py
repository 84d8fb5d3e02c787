"""Two correlations from disjoint samples."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics.comparison import difference


def pair(seed, nobs, r=0.8):
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_t(6, (2, nobs))
    return a, r * a + math.sqrt(1 - r * r) * noise


def z_and_error_by_loop(a, b):
    """Fisher z and its HAC standard error from explicit sums."""
    n = len(a)
    mean_a, mean_b = math.fsum(a) / n, math.fsum(b) / n
    sd_a = math.sqrt(math.fsum((v - mean_a) ** 2 for v in a) / n)
    sd_b = math.sqrt(math.fsum((v - mean_b) ** 2 for v in b) / n)
    za = [(v - mean_a) / sd_a for v in a]
    zb = [(v - mean_b) / sd_b for v in b]
    r = math.fsum(x * y for x, y in zip(za, zb, strict=True)) / n
    terms = [x * y - r / 2 * (x * x + y * y) for x, y in zip(za, zb, strict=True)]
    lag = math.floor(1.3 * math.sqrt(n))
    omega = 0.0
    for s in range(n):
        for t in range(max(0, s - lag), min(n, s + lag + 1)):
            omega += (1 - abs(s - t) / (lag + 1)) * terms[s] * terms[t] / n
    return math.atanh(r), math.sqrt(omega / n) / (1 - r * r)


def test_difference_is_the_pinned_formula():
    a1, b1 = pair(0, 90)
    a0, b0 = pair(1, 300, 0.6)
    z1, se1 = z_and_error_by_loop(a1.tolist(), b1.tolist())
    z0, se0 = z_and_error_by_loop(a0.tolist(), b0.tolist())
    estimate = difference(a1, b1, a0, b0)
    assert estimate.value == pytest.approx(z1 - z0, rel=1e-11)
    assert estimate.std_error == pytest.approx(math.sqrt(se1**2 + se0**2), rel=1e-11)
    b = 13 / 90  # lag floor(1.3 sqrt(90)) = 12 of the shorter sample
    critical = 1.96 + 2.9694 * b + 0.4160 * b**2 - 0.5324 * b**3
    assert estimate.high - estimate.value == pytest.approx(critical * estimate.std_error)
    assert estimate.nobs == 390
    critical_90 = 1.6449 + 2.1859 * b + 0.3142 * b**2 - 0.3427 * b**3
    narrow = difference(a1, b1, a0, b0, confidence_level=0.90)
    assert narrow.high - narrow.value == pytest.approx(critical_90 * estimate.std_error)


def test_difference_uses_the_shorter_samples_share_in_either_order():
    a1, b1 = pair(2, 90)
    a0, b0 = pair(3, 400)
    forward, backward = difference(a1, b1, a0, b0), difference(a0, b0, a1, b1)
    assert forward.value == -backward.value
    assert forward.low == pytest.approx(-backward.high, rel=1e-14)


@pytest.mark.parametrize(("scale", "offset"), [(1e-12, 0.0), (1e12, 0.0), (1.0, 1e8)])
def test_difference_is_scale_free(scale, offset):
    a1, b1 = pair(4, 90)
    a0, b0 = pair(5, 252)
    plain = difference(a1, b1, a0, b0)
    moved = difference(a1 * scale + offset, b1, a0 * scale + offset, b0)
    assert moved.value == pytest.approx(plain.value, abs=1e-6)
    assert moved.std_error == pytest.approx(plain.std_error, rel=1e-6)


def test_difference_survives_a_bad_tick_and_gives_reasons():
    a1, b1 = pair(6, 90)
    a0, b0 = pair(7, 252)
    a0[100] = 1e6
    assert isinstance(difference(a1, b1, a0, b0), Estimate)
    broken = a1.copy()
    broken[3] = math.nan
    for case in (
        (broken, b1, a0, b0),
        (a1[:20], b1[:20], a0, b0),
        (a1, a1, a0, b0),
        (a1, b1, np.zeros(252), b0),
    ):
        result = difference(*case)
        assert isinstance(result, NotComputed)
        assert "sample" in result.reason
    with pytest.raises(ValueError, match="differ in length"):
        difference(a1, b1[:-1], a0, b0)
