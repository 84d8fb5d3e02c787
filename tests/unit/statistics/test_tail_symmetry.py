"""The symmetry test of Hong, Tu and Zhou."""

from __future__ import annotations

import math

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed, TestResult
from convex_research.statistics.dependence.tail_symmetry import symmetry, symmetry_chi2


def pair(seed, nobs=1260, rho=0.7, df=6):
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_normal((2, nobs))
    mix = np.sqrt(df / rng.chisquare(df, nobs))
    return a * mix, (rho * a + math.sqrt(1 - rho**2) * noise) * mix


def joint_crashes(seed, nobs=2500, theta=2.0):
    """Normal margins joined by Clayton's copula: dependence in the lower tail only."""
    from scipy.special import ndtri

    u, w = np.random.default_rng(seed).random((2, nobs))
    v = ((w ** (-theta / (1 + theta)) - 1) * u**-theta + 1) ** (-1 / theta)
    return ndtri(u), ndtri(v)


def standardised(x):
    return (x - x.mean()) / x.std(ddof=1)


def statistic_by_loop(x, y):
    """The definition on standardised returns, with an explicit double sum over lags."""
    nobs = x.size
    gap, terms = [], np.zeros((nobs, 4))
    for k, c in enumerate((0.0, 0.5, 1.0, 1.5)):
        r = {}
        for side in (1, -1):
            beyond = (side * x > c) & (side * y > c)
            u, v = x[beyond], y[beyond]
            r[side] = np.corrcoef(u, v)[0, 1]
            u, v = (u - u.mean()) / u.std(), (v - v.mean()) / v.std()
            scale = nobs / beyond.sum()
            terms[beyond, k] += side * scale * (u * v - r[side] / 2 * (u**2 + v**2))
        gap.append(r[1] - r[-1])
    omega = np.zeros((4, 4))
    for s in range(nobs):
        for t in range(max(0, s - 5), min(nobs, s + 6)):
            omega += (1 - abs(s - t) / 6) * np.outer(terms[s], terms[t]) / nobs
    return nobs * np.array(gap) @ np.linalg.inv(omega) @ np.array(gap)


@pytest.mark.parametrize("seed", range(3))
def test_statistic_is_the_definition(seed):
    a, b = pair(seed)
    expected = statistic_by_loop(standardised(a), standardised(b))
    assert symmetry_chi2(a, b).statistic == pytest.approx(expected, rel=1e-8)
    assert symmetry(a, b).statistic == pytest.approx(expected, rel=1e-8)


def test_chi_square_pvalue():
    from scipy.stats import chi2

    result = symmetry_chi2(*pair(3))
    assert result.pvalue == pytest.approx(chi2.sf(result.statistic, 4), rel=1e-10)


def test_randomised_pvalue_by_reversing_days_one_by_one():
    """Each draw is the definition applied to a sample whose days were reversed."""
    from convex_research.statistics.dependence import tail_symmetry

    a, b = pair(4, 600)
    x, y = standardised(a), standardised(b)
    signs = np.random.default_rng(0).integers(0, 2, (3, 600)).astype(bool)
    drawn = tail_symmetry._statistics(tail_symmetry._tails(a, b), signs)
    for keep, value in zip(signs, drawn, strict=True):
        sign = np.where(keep, 1.0, -1.0)
        assert value == pytest.approx(statistic_by_loop(x * sign, y * sign), rel=1e-8)


def test_seeded_swapped_and_scaled():
    a, b = pair(5)
    first = symmetry(a, b, seed=3)
    assert symmetry(a, b, seed=3) == first
    assert symmetry(b, a, seed=3).pvalue == first.pvalue
    for x, y in ((a * 1e12, b), (a, b * 1e-12), (a + 1e8, b)):
        moved = symmetry(x, y, seed=3)
        assert moved.statistic == pytest.approx(first.statistic, rel=1e-4)
    assert symmetry(-a, -b).statistic == pytest.approx(first.statistic, rel=1e-10)


def test_joint_crashes_are_found_and_symmetric_samples_are_not():
    found = [symmetry(*joint_crashes(seed)).pvalue <= 0.05 for seed in range(12)]
    calm = [symmetry(*pair(seed)).pvalue <= 0.05 for seed in range(12)]
    assert sum(found) >= 8
    assert sum(calm) <= 3


def test_draws_end_with_the_twentieth_that_reaches_the_statistic():
    """Besag and Clifford: 20 over the draws it took, or one more than reached over 500."""
    for seed in range(8):
        result = symmetry(*pair(seed, 600, rho=0.9))
        draws = int(result.distribution.split()[0])
        if draws < 499:
            assert result.pvalue == 20 / draws
        else:
            assert (result.pvalue * 500) % 1 == pytest.approx(0.0, abs=1e-9)
            assert result.pvalue <= 21 / 500 + 1e-12
    assert symmetry(*joint_crashes(0, 4000)).pvalue == 1 / 500


def test_reasons():
    a, b = pair(6, 300)
    thin = symmetry(a[:150], b[:150])
    assert isinstance(thin, NotComputed)
    assert "1.5 standard deviations" in thin.reason
    gap = a.copy()
    gap[0] = math.nan
    for test in (symmetry, symmetry_chi2):
        assert isinstance(test(gap, b), NotComputed)
        assert isinstance(test(a[:59], b[:59]), NotComputed)
        assert isinstance(test(a, np.zeros(300)), NotComputed)
        assert isinstance(test(*2 * (pair(7)[0],)), NotComputed)
        assert isinstance(test(a, -a), NotComputed)


def test_bad_tick_gives_a_reason_or_a_number():
    a, b = pair(8)
    a[600] = 1e6
    assert isinstance(symmetry(a, b), (TestResult, NotComputed))
