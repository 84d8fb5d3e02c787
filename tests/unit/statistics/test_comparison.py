"""Two correlations from disjoint samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.dependence.comparison import (
    compare,
    difference,
    fisher_test,
    jennrich_test,
)
from convex_research.statistics.dependence.correlation import pearson


def pair(seed, nobs, r=0.8):
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_t(6, (2, nobs))
    return a, r * a + math.sqrt(1 - r * r) * noise


def z_and_error_by_loop(a, b):
    """Fisher z, its standard error and degrees of freedom, each day left out in turn."""
    n = len(a)
    mean_a, mean_b = math.fsum(a) / n, math.fsum(b) / n
    sd_a = math.sqrt(math.fsum((v - mean_a) ** 2 for v in a) / n)
    sd_b = math.sqrt(math.fsum((v - mean_b) ** 2 for v in b) / n)
    za = [(v - mean_a) / sd_a for v in a]
    zb = [(v - mean_b) / sd_b for v in b]
    r = math.fsum(x * y for x, y in zip(za, zb, strict=True)) / n
    without = [np.corrcoef(np.delete(a, i), np.delete(b, i))[0, 1] for i in range(n)]
    terms = [(n - 1) * (math.atanh(r) - math.atanh(one)) for one in without]
    mean = math.fsum(terms) / n
    terms = [f - mean for f in terms]
    lag = math.floor(1.3 * math.sqrt(n))
    omega = 0.0
    for s in range(n):
        for t in range(max(0, s - lag), min(n, s + lag + 1)):
            omega += (1 - abs(s - t) / (lag + 1)) * terms[s] * terms[t] / n
    days = math.fsum(f**2 for f in terms) ** 2 / math.fsum(f**4 for f in terms)
    df = max(4.0, 1 / (1 / days + (lag + 1) / n / 1.5))
    return math.atanh(r), math.sqrt(omega / n), df


def test_difference_is_the_pinned_formula():
    a1, b1 = pair(0, 90)
    a0, b0 = pair(1, 300, 0.6)
    z1, se1, df1 = z_and_error_by_loop(a1.tolist(), b1.tolist())
    z0, se0, df0 = z_and_error_by_loop(a0.tolist(), b0.tolist())
    estimate = difference(a1, b1, a0, b0)
    assert estimate.value == pytest.approx(z1 - z0, rel=1e-11)
    assert estimate.std_error == pytest.approx(math.sqrt(se1**2 + se0**2), rel=1e-11)
    assert estimate.nobs == 390
    df = (se1**2 + se0**2) ** 2 / (se1**4 / df1 + se0**4 / df0)
    for level in (0.90, 0.95):
        one = difference(a1, b1, a0, b0, confidence_level=level)
        critical = student.ppf(0.5 + level / 2, df)
        assert one.high - one.value == pytest.approx(critical * estimate.std_error, rel=1e-9)
    test = fisher_test(a1, b1, a0, b0)
    assert test.pvalue == pytest.approx(2 * student.sf(abs(test.statistic), df), rel=1e-9)


def test_difference_in_r_is_zous():
    a1, b1 = pair(0, 90)
    a0, b0 = pair(1, 300, 0.6)
    found = compare(a1, b1, a0, b0)
    for one, level in ((found.difference_r, 0.95), (found.equivalence_r, 0.90)):
        new, old = (pearson(*legs, confidence_level=level) for legs in ((a1, b1), (a0, b0)))
        d = new.value - old.value
        assert one.value == pytest.approx(d, rel=1e-12)
        assert one.low == pytest.approx(d - math.hypot(new.value - new.low, old.high - old.value))
        assert one.high == pytest.approx(d + math.hypot(new.high - new.value, old.value - old.low))
        assert one.confidence_level == level
    assert found.equivalence == difference(a1, b1, a0, b0, confidence_level=0.90)
    assert found.test == fisher_test(a1, b1, a0, b0)


@pytest.mark.parametrize(("one", "other"), [(0.9999, 0.999), (-0.999, 0.5)])
def test_difference_in_r_stays_possible(one, other):
    found = compare(*pair(2, 60, one), *pair(3, 60, other)).difference_r
    assert -2.0 <= found.low <= found.value <= found.high <= 2.0


def test_difference_turns_round_with_the_samples():
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


def test_compare_puts_both_correlations_beside_the_difference():
    a1, b1 = pair(8, 90)
    a0, b0 = pair(9, 252, 0.5)
    both = compare(a1, b1, a0, b0, confidence_level=0.90)
    assert both.recent == pearson(a1, b1, confidence_level=0.90)
    assert both.preceding == pearson(a0, b0, confidence_level=0.90)
    assert both.difference.value == pytest.approx(
        math.atanh(both.recent.value) - math.atanh(both.preceding.value), rel=1e-13
    )


def jennrich_by_matrices(first, second):
    """Jennrich (1970), equations for k variables, term by term."""
    n1, n0 = first.shape[0], second.shape[0]
    r1, r0 = np.corrcoef(first.T), np.corrcoef(second.T)
    pooled = (n1 * r1 + n0 * r0) / (n1 + n0)
    inverse = np.linalg.inv(pooled)
    z = math.sqrt(n1 * n0 / (n1 + n0)) * inverse @ (r1 - r0)
    s = np.eye(2) + pooled * inverse
    diagonal = np.diag(z)
    return 0.5 * np.trace(z @ z) - diagonal @ np.linalg.solve(s, diagonal)


@pytest.mark.parametrize("seed", range(5))
def test_jennrich_is_the_matrix_formula(seed):
    from scipy.stats import chi2

    a1, b1 = pair(seed, 90, 0.75)
    a0, b0 = pair(seed + 100, 1170, -0.3 + 0.2 * seed)
    result = jennrich_test(a1, b1, a0, b0)
    expected = jennrich_by_matrices(np.column_stack([a1, b1]), np.column_stack([a0, b0]))
    assert result.statistic == pytest.approx(expected, rel=1e-10)
    assert result.pvalue == pytest.approx(chi2.sf(expected, 1), rel=1e-9)


def test_fisher_test_and_interval_tell_the_same():
    for seed in range(40):
        a1, b1 = pair(seed, 90, 0.75)
        a0, b0 = pair(seed + 100, 500, 0.6)
        estimate = difference(a1, b1, a0, b0)
        result = fisher_test(a1, b1, a0, b0)
        assert result.statistic == pytest.approx(estimate.value / estimate.std_error)
        assert (result.pvalue < 0.05) is not estimate.covers(0.0)


def test_tests_give_reasons():
    a1, b1 = pair(6, 59)
    a0, b0 = pair(7, 252)
    for test in (fisher_test, jennrich_test):
        assert isinstance(test(a1, b1, a0, b0), NotComputed)
        assert isinstance(test(a0, b0, a1, b1), NotComputed)
        assert isinstance(test(a0, -a0, a0, b0), NotComputed)
