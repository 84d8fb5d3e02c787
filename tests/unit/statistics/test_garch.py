from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import minimize

from convex_research.core.estimates import NotComputed
from convex_research.statistics.dynamics.garch import GarchFit, ccc_garch, garch, student_df
from convex_research.statistics.dynamics.garch_likelihood import conditional_variance
from convex_research.statistics.simulate.worlds import (
    ccc_garch_returns,
    garch_world,
    normal_returns,
    student_returns,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def slow_loglikelihood(theta: np.ndarray, y: np.ndarray) -> float:
    """The textbook loop: minus twice the Gaussian log-likelihood without its constant."""
    mu, omega, alpha, beta = theta
    if omega <= 0 or alpha < 0 or beta < 0 or alpha + beta >= 1:
        return 1e10
    start = (y - y.mean()) ** 2
    weights = 0.94 ** np.arange(75)
    variance = float((start[:75] * weights).sum() / weights.sum())
    previous, total = variance, 0.0
    for value in y:
        variance = omega + alpha * previous + beta * variance
        previous = (value - mu) ** 2
        total += math.log(variance) + previous / variance
    return total


@pytest.fixture(scope="module")
def sp500(embedded: Callable[[str], np.ndarray]) -> np.ndarray:
    return embedded("sp500")


def test_parameters_against_a_plain_loop_and_simplex(sp500: np.ndarray) -> None:
    returns = sp500[-800:]
    fit = garch(returns)
    assert isinstance(fit, GarchFit)
    ours = np.array([fit.mu, fit.omega, fit.alpha, fit.beta])
    found = minimize(
        slow_loglikelihood,
        [0.0, 0.05, 0.1, 0.85],
        args=(100.0 * returns,),
        method="Nelder-Mead",
        options={"xatol": 1e-7, "fatol": 1e-9, "maxiter": 2000},
    )
    assert ours == pytest.approx(found.x, abs=1e-3)
    assert slow_loglikelihood(ours, 100.0 * returns) <= found.fun + 1e-5


def test_variance_recursion_step_by_step() -> None:
    squares = np.random.default_rng(1).chisquare(1, 50)
    ours = conditional_variance(squares, omega=0.05, alpha=0.1, beta=0.85, backcast=1.4)
    variance = 0.05 + 0.95 * 1.4
    for t in range(50):
        assert ours[t] == pytest.approx(variance, rel=1e-12)
        variance = 0.05 + 0.1 * squares[t] + 0.85 * variance


def test_fit_is_consistent(sp500: np.ndarray) -> None:
    fit = garch(sp500)
    assert isinstance(fit, GarchFit)
    assert np.mean(fit.resid**2) == pytest.approx(1.0, abs=0.01)
    assert fit.resid == pytest.approx((100.0 * sp500 - fit.mu) / np.sqrt(fit.variance))
    again = conditional_variance(
        (100.0 * sp500 - fit.mu) ** 2,
        omega=fit.omega,
        alpha=fit.alpha,
        beta=fit.beta,
        backcast=fit.backcast,
    )
    assert fit.variance == pytest.approx(again, rel=1e-9)


@pytest.mark.parametrize(("scale", "offset"), [(1e-12, 0.0), (1e12, 0.0), (1.0, 3.0)])
def test_scale_and_offset(sp500: np.ndarray, scale: float, offset: float) -> None:
    plain, moved = garch(sp500[-900:]), garch(scale * sp500[-900:] + offset)
    assert isinstance(plain, GarchFit)
    assert isinstance(moved, GarchFit)
    assert moved.alpha == pytest.approx(plain.alpha, abs=1e-5)
    assert moved.beta == pytest.approx(plain.beta, abs=1e-5)
    assert moved.resid == pytest.approx(plain.resid, abs=1e-4)


def test_what_cannot_be_fitted() -> None:
    rng = np.random.default_rng(2)
    noise = rng.standard_normal(300)
    with_gap, with_tick = noise.copy(), noise.copy()
    with_gap[5], with_tick[100] = np.nan, 1e6
    for x in (noise[:99], with_gap, with_tick, np.full(300, 2.0)):
        reason = garch(x)
        assert isinstance(reason, NotComputed)
    with pytest.raises(ValueError, match="one-dimensional"):
        garch(np.zeros((200, 2)))


def test_a_long_run_without_movement_stays_finite() -> None:
    x = np.random.default_rng(3).standard_normal(600)
    x[200:320] = 0.0
    fit = garch(x)
    assert isinstance(fit, GarchFit)
    assert np.isfinite(fit.variance).all()
    assert fit.variance.min() > 0


def test_student_df_recovers_tails() -> None:
    a, _ = student_returns(20_000, 1, rho=0.0, seed=4, df=6.0)
    assert student_df(a[:, 0]) == pytest.approx(6.0, abs=0.6)
    normal, _ = normal_returns(20_000, 1, rho=0.0, seed=4)
    assert student_df(normal[:, 0]) > 50
    assert student_df(1e-9 * a[:, 0]) == pytest.approx(student_df(a[:, 0]), rel=1e-6)


def test_constant_correlation_pair_recovers_the_reference_world() -> None:
    a, b = ccc_garch_returns(garch_world(0.8), 20_000, 1, seed=6)
    fit_a, fit_b = garch(a[:, 0]), garch(b[:, 0])
    assert isinstance(fit_a, GarchFit)
    assert isinstance(fit_b, GarchFit)
    model = ccc_garch(fit_a, fit_b)
    assert model.alpha == pytest.approx((0.07, 0.07), abs=0.015)
    assert model.beta == pytest.approx((0.90, 0.90), abs=0.025)
    # In a unit whose square is the power of four nearest the variance of 100 x returns.
    assert np.multiply(model.omega, 4.0**7) == pytest.approx((300.0, 300.0), rel=0.35)
    assert model.df == pytest.approx((8.0, 8.0), abs=1.5)
    assert model.rho == pytest.approx(0.8, abs=0.02)
