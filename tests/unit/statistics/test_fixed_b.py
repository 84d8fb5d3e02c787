from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.linalg import eigvalsh, toeplitz
from scipy.special import ndtr, ndtri

from convex_research.statistics.inference.fixed_b import (
    PVALUE_FLOOR,
    fixed_b_critical,
    fixed_b_pvalue,
)

SHARES = (0.02, 0.037, 0.0833, 0.1, 0.27, 0.5, 1.0)


def imhof(t: float, b: float, steps: int = 600) -> float:
    """P(|t| > x) exactly on a grid: a quadratic form in normals, Imhof (1961)."""
    kernel = toeplitz(np.maximum(1.0 - np.arange(steps) / (b * steps), 0.0))
    centring = np.eye(steps) - 1.0 / steps
    weights = eigvalsh(centring @ kernel @ centring / steps)
    form = np.concatenate([[1.0], -t * t * weights[weights > 1e-13]])

    def integrand(u: float) -> float:
        angle = 0.5 * np.arctan(form * u).sum()
        modulus = np.exp(0.25 * np.log1p((form * u) ** 2).sum())
        return math.sin(angle) / (u * modulus)

    value, _ = quad(integrand, 1e-12, np.inf, limit=500)
    return 0.5 + value / math.pi


@pytest.mark.parametrize("b", SHARES)
@pytest.mark.parametrize("t", [0.7, 1.7, 2.3, 3.5, 4.8])
def test_pvalue_is_the_exact_law_of_the_quadratic_form(t: float, b: float) -> None:
    exact = imhof(t, b)
    # 200,000 draws and a grid of 600 steps here, 2,000 there.
    assert fixed_b_pvalue(t, b) == pytest.approx(max(exact, PVALUE_FLOOR), rel=0.02, abs=2e-5)


@pytest.mark.parametrize("b", [0.01, *SHARES])
@pytest.mark.parametrize("level", [0.90, 0.95])
def test_table_agrees_with_the_published_cubics(b: float, level: float) -> None:
    near = fixed_b_critical(level + 2e-6, b)  # any level but the two uses the table
    assert near == pytest.approx(fixed_b_critical(level, b), rel=0.016)


def test_published_values() -> None:
    assert fixed_b_critical(0.95, 0.1) == pytest.approx(2.26, abs=0.005)
    # Kiefer, Vogelsang and Bunzel (2000), b = 1: 97.5 % point of the Bartlett law is 4.771.
    assert fixed_b_critical(0.95 + 2e-6, 1.0) == pytest.approx(4.771, abs=0.02)


@pytest.mark.parametrize("t", [0.5, 1.96, 3.0, 4.0])
def test_small_b_is_normal(t: float) -> None:
    assert fixed_b_pvalue(t, 1e-9) == pytest.approx(2.0 * ndtr(-t), rel=2e-2, abs=1e-5)
    assert fixed_b_critical(0.99, 1e-9) == pytest.approx(ndtri(0.995), abs=2e-3)


def test_direct_simulation_of_the_t_statistic() -> None:
    rng = np.random.default_rng(11)
    nobs, lag = 300, 29
    x = rng.standard_normal((8000, nobs))
    u = x - x.mean(axis=1, keepdims=True)
    omega = (u * u).mean(axis=1)
    for j in range(1, lag + 1):
        omega += 2.0 * (1.0 - j / (lag + 1)) * (u[:, j:] * u[:, :-j]).sum(axis=1) / nobs
    t = np.abs(x.mean(axis=1)) / np.sqrt(omega / nobs)
    pvalues = np.array([fixed_b_pvalue(v, (lag + 1) / nobs) for v in t])
    for level in (0.01, 0.05, 0.10, 0.50):
        spread = 4.0 * math.sqrt(level * (1.0 - level) / t.size)
        assert abs((pvalues < level).mean() - level) < spread


@given(st.floats(-60.0, 60.0), st.floats(0.0, 5.0), st.floats(1e-6, 1.0), st.floats(0.01, 0.9999))
def test_monotone_symmetric_and_inverse(t: float, more: float, b: float, level: float) -> None:
    assert fixed_b_pvalue(t, b) == fixed_b_pvalue(-t, b)
    assert fixed_b_pvalue(abs(t) + more, b) <= fixed_b_pvalue(t, b)
    assert PVALUE_FLOOR <= fixed_b_pvalue(t, b) <= 1.0
    if round(level, 6) not in (0.9, 0.95):
        critical = fixed_b_critical(level, b)
        assert fixed_b_pvalue(critical, b) == pytest.approx(1.0 - level, rel=1e-6)


def test_heavier_tails_with_larger_b() -> None:
    pvalues = [fixed_b_pvalue(2.5, b) for b in np.linspace(0.001, 1.0, 200)]
    assert (np.diff(pvalues) > -1e-6).all()


def test_beyond_the_table_is_the_floor() -> None:
    assert fixed_b_pvalue(1e9, 1.0) == PVALUE_FLOOR
    assert fixed_b_pvalue(math.inf, 0.01) == PVALUE_FLOOR


@pytest.mark.parametrize("b", [0.0, -0.1, 1.1, math.nan])
def test_share_outside_its_range(b: float) -> None:
    with pytest.raises(ValueError, match="b is not in"):
        fixed_b_pvalue(1.0, b)
    with pytest.raises(ValueError, match="b is not in"):
        fixed_b_critical(0.95, b)


def test_bad_level_and_bad_statistic() -> None:
    with pytest.raises(ValueError, match="confidence level"):
        fixed_b_critical(0.9999999, 0.1)
    with pytest.raises(ValueError, match="not a number"):
        fixed_b_pvalue(math.nan, 0.1)
