from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import chi2

from convex_research.statistics.simulate.worlds import (
    CccGarch,
    ccc_garch_returns,
    garch_world,
    mixing_factors,
    normal_returns,
    student_returns,
    sv_returns,
)


def test_shapes_and_seeds() -> None:
    a, b = normal_returns(40, 7, rho=0.5, seed=3)
    assert a.shape == b.shape == (40, 7)
    again, _ = normal_returns(40, 7, rho=0.5, seed=3)
    other, _ = normal_returns(40, 7, rho=0.5, seed=4)
    assert np.array_equal(a, again)
    assert not np.array_equal(a, other)


@pytest.mark.parametrize("rho", [-0.6, 0.0, 0.85])
def test_moments_of_independent_worlds(rho: float) -> None:
    for a, b in (
        normal_returns(500, 1000, rho=rho, seed=1),
        student_returns(500, 1000, rho=rho, seed=1, df=8.0),
    ):
        assert a.var() == pytest.approx(1.0, abs=0.01)
        assert b.var() == pytest.approx(1.0, abs=0.01)
        assert np.mean(a * b) == pytest.approx(rho, abs=0.01)


@pytest.mark.parametrize("df", [3.0, 5.0, 8.0, 30.0])
def test_mixing_factors_are_inverse_root_chi_squares(df: float) -> None:
    factors = mixing_factors(df)
    levels = (np.arange(factors.size) + 0.5) / factors.size
    raw = np.sqrt((df - 2.0) / chi2.ppf(levels, df))
    assert np.max(np.abs(factors * math.sqrt(np.mean(raw**2)) / raw - 1.0)) < 2e-4
    assert np.mean(factors**2) == pytest.approx(1.0, abs=1e-12)


def test_student_kurtosis() -> None:
    a, b = student_returns(1000, 1500, rho=0.5, seed=5, df=12.0)
    for x in (a, b):
        kurtosis = np.mean(x**4) / np.mean(x**2) ** 2
        assert kurtosis == pytest.approx(3.0 + 6.0 / (12.0 - 4.0), abs=0.08)


def test_recursion_step_by_step() -> None:
    model = CccGarch(
        omega=(0.03, 0.2),
        alpha=(0.07, 0.15),
        beta=(0.90, 0.70),
        df=(1e9, 1e9),
        rho=0.4,
        start=(1.3, 0.6),
    )
    shocks = normal_returns(30, 2, rho=0.4, seed=9)
    returns = ccc_garch_returns(model, 30, 2, seed=9)
    for leg in (0, 1):
        for path in (0, 1):
            variance = model.start[leg]
            for t in range(30):
                value = math.sqrt(variance) * shocks[leg][t, path]
                assert returns[leg][t, path] == pytest.approx(value, rel=1e-12)
                variance = model.omega[leg] + model.alpha[leg] * value**2
                variance += model.beta[leg] * ((returns[leg][t, path] / shocks[leg][t, path]) ** 2)


def test_reference_world_has_unit_variance_and_fat_tails() -> None:
    a, b = ccc_garch_returns(garch_world(0.85), 1500, 600, seed=2)
    assert a.var() == pytest.approx(1.0, abs=0.03)
    assert b.var() == pytest.approx(1.0, abs=0.03)
    # E z^4 = 4.5; GARCH adds: 4.5 (1 - .97^2) / (1 - .97^2 - 3.5 .07^2) = 6.3.
    assert np.mean(a**4) / np.mean(a**2) ** 2 == pytest.approx(6.3, abs=0.8)


def test_unequal_tails() -> None:
    model = CccGarch(
        omega=(1.0, 1.0), alpha=(0.0, 0.0), beta=(0.0, 0.0), df=(10.0, 500.0), rho=0.7,
        start=(1.0, 1.0),
    )  # fmt: skip
    a, b = ccc_garch_returns(model, 1000, 1000, seed=3)
    assert np.mean(a**4) == pytest.approx(4.0, abs=0.1)
    assert np.mean(b**4) == pytest.approx(3.0, abs=0.06)
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] == pytest.approx(0.7, abs=0.02)


def test_shared_volatility_clusters_and_leaves_correlation_alone() -> None:
    a, b = sv_returns(4000, 60, rho=0.8, seed=4)
    # E exp(s) = exp(var s / 2) for a normal log variance s.
    spread = 0.2**2 / (1 - 0.98**2) + 0.1**2 / (1 - 0.95**2)
    assert float(np.mean(a**2)) == pytest.approx(math.exp(spread / 2), rel=0.05)
    # cov(x, y) = rho E sqrt(h k): half the own log variances' spread is lost.
    own = 0.1**2 / (1 - 0.95**2)
    shared = 0.8 * math.exp(-own / 4)
    assert float(np.mean(a * b) / np.mean(a * a)) == pytest.approx(shared, abs=0.02)
    logs = np.log(a**2)
    near, far = (np.mean((logs[k:] - logs.mean()) * (logs[:-k] - logs.mean())) for k in (1, 100))
    assert near > 4 * far > 0
