from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.dynamics.kalman import (
    KalmanBeta,
    _solve,
    diffuse_filter,
    kalman_beta,
    kalman_variances,
)


def pair(nobs: int = 400, step: float = 0.03, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = 0.01 * rng.standard_normal(nobs) + 0.0004
    slope = 0.9 + step * np.cumsum(rng.standard_normal(nobs))
    return 0.0002 + slope * x + 0.005 * rng.standard_normal(nobs), x


def textbook(y: np.ndarray, x: np.ndarray, h: float, q: float) -> tuple[np.ndarray, np.ndarray]:
    """Kalman filter with matrices, started by the exact fit of the first two observations."""
    design = np.array([[1.0, x[0]], [1.0, x[1]]])
    # y1 = alpha + beta_2 x1 - w x1 + e1: the first equation carries one step of beta.
    cover = np.linalg.inv(design)
    state = cover @ y[:2]
    variance = cover @ np.diag([h + q * x[0] ** 2, h]) @ cover.T
    betas, errors = [np.nan, state[1]], [np.nan, math.sqrt(variance[1, 1])]
    for t in range(2, y.size):
        variance = variance + np.diag([0.0, q])
        z = np.array([1.0, x[t]])
        f = z @ variance @ z + h
        gain = variance @ z / f
        state = state + gain * (y[t] - z @ state)
        variance = variance - np.outer(gain, z @ variance)
        betas.append(state[1])
        errors.append(math.sqrt(variance[1, 1]))
    return np.array(betas), np.array(errors)


def test_filter_against_the_textbook() -> None:
    y, x = pair()
    beta, error = diffuse_filter(y, x, noise_variance=2.5e-5, step_variance=9e-4)
    slow_beta, slow_error = textbook(y, x, 2.5e-5, 9e-4)
    assert np.isnan(beta[0])
    assert beta[2:] == pytest.approx(slow_beta[2:], abs=1e-8)
    assert error[2:] == pytest.approx(slow_error[2:], rel=1e-8)


def test_paths_and_likelihood_against_statsmodels() -> None:
    from statsmodels.tsa.statespace.mlemodel import MLEModel

    y, x = pair(300)
    y, x = y / y.std(), x / x.std()

    class Walk(MLEModel):
        """The same model in the general form, exact diffuse start."""

        def __init__(self) -> None:
            super().__init__(y, k_states=2, k_posdef=1, initialization="diffuse")
            self["design"] = np.stack([np.ones(300), x])[None, :, :]
            self["transition"] = np.eye(2)
            self["selection"] = np.array([[0.0], [1.0]])

        @property
        def start_params(self) -> np.ndarray:
            return np.array([1.0, 1.0])

        def update(self, params: np.ndarray, **_: object) -> None:
            self["obs_cov", 0, 0] = params[0]
            self["state_cov", 0, 0] = params[1]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = Walk()
        noise, step = 0.4, 0.002
        theirs = model.smooth([noise, step])
    beta, error = diffuse_filter(y, x, noise_variance=noise, step_variance=step)
    assert beta[5:] == pytest.approx(theirs.filtered_state[1, 5:], abs=1e-8)
    assert error[5:] ** 2 == pytest.approx(theirs.filtered_state_cov[1, 1, 5:], rel=1e-8)
    solution = _solve(math.log(step / noise), y, x)
    assert solution.beta == pytest.approx(theirs.smoothed_state[1], abs=1e-8)
    assert solution.alpha == pytest.approx(theirs.smoothed_state[0, -1], abs=1e-8)

    def concentrated(ratio: float) -> float:
        """Their likelihood with the noise variance maximised out by search."""
        from scipy.optimize import minimize_scalar

        found = minimize_scalar(
            lambda log_noise: -model.loglike(np.exp(log_noise) * np.array([1.0, ratio])),
            bounds=(-4.0, 2.0),
            method="bounded",
            options={"xatol": 1e-9},
        )
        return float(found.fun)

    ratios = [1e-4, 1e-3, 1e-2, 0.3]
    ours = np.array([0.5 * _solve(math.log(r), y, x).loss for r in ratios])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slow = np.array([concentrated(r) for r in ratios])
    # The diffuse likelihood's constant is a convention; its shape is not.
    assert ours - ours[0] == pytest.approx(slow - slow[0], abs=1e-5)


def test_maximum_of_the_likelihood() -> None:
    y, x = pair(800)
    found = kalman_beta(y, x)
    assert isinstance(found, KalmanBeta)
    unit_y, unit_x = (y - y.mean()) / y.std(), x / x.std()
    ratio = found.step_variance / found.noise_variance * x.std() ** 2
    best = _solve(math.log(ratio), unit_y, unit_x).loss
    grid = [_solve(math.log(ratio) + d, unit_y, unit_x).loss for d in np.linspace(-3, 3, 61)]
    assert best <= min(grid) + 1e-6
    assert math.sqrt(found.step_variance) == pytest.approx(0.03, rel=0.35)
    assert math.sqrt(found.noise_variance) == pytest.approx(0.005, rel=0.1)


def test_filter_ends_where_the_smoother_ends() -> None:
    y, x = pair(500)
    found = kalman_beta(y, x)
    assert isinstance(found, KalmanBeta)
    assert found.filtered[-1] == pytest.approx(found.smoothed[-1], rel=1e-8)
    assert found.last.value == found.filtered[-1]
    assert found.last.std_error == found.filtered_error[-1]


def test_filter_knows_no_future() -> None:
    y, x = pair(500)
    changed = y.copy()
    changed[300:] += 1.0
    options = {"noise_variance": 2.5e-5, "step_variance": 1e-4}
    before, _ = diffuse_filter(y, x, **options)
    after, _ = diffuse_filter(changed, x, **options)
    assert np.array_equal(before[1:300], after[1:300])


def test_constant_beta_is_recursive_least_squares() -> None:
    rng = np.random.default_rng(2)
    x, noise = rng.standard_normal((2, 1500))
    y = 0.3 + 0.7 * x + noise
    beta, _ = diffuse_filter(y, x, noise_variance=1.0, step_variance=0.0)
    for t in (50, 400, 1499):
        assert beta[t] == pytest.approx(np.polyfit(x[: t + 1], y[: t + 1], 1)[0], rel=1e-9)


@pytest.mark.parametrize(("scale_y", "scale_x"), [(1e-12, 1.0), (1e12, 1e-12), (-1.0, 1.0)])
def test_units(scale_y: float, scale_x: float) -> None:
    y, x = pair()
    plain, moved = kalman_beta(y, x), kalman_beta(scale_y * y, scale_x * x)
    assert isinstance(plain, KalmanBeta)
    assert isinstance(moved, KalmanBeta)
    factor = scale_y / scale_x
    assert moved.last.value == pytest.approx(factor * plain.last.value, rel=1e-5)
    assert moved.smoothed == pytest.approx(factor * plain.smoothed, rel=1e-4)


def test_a_run_without_movement_and_long_samples_stay_finite() -> None:
    y, x = pair(10_000, step=0.003)
    y[100:220] = 0.0
    x[:40] = 0.0
    found = kalman_beta(y, x)
    assert isinstance(found, KalmanBeta)
    assert np.isfinite(found.smoothed).all()
    assert np.isfinite(found.filtered[41:]).all()


def test_what_cannot_be_filtered() -> None:
    y, x = pair()
    gap, tick = y.copy(), y.copy()
    gap[2], tick[9] = np.nan, 1e6
    for a, b in (
        (y[:99], x[:99]),
        (gap, x),
        (tick, x),
        (y, np.full(400, 0.01)),
        (2.0 * x, x),
        (y, x + 1e8),
    ):
        assert isinstance(kalman_beta(a, b), NotComputed)
    with pytest.raises(ValueError, match="length"):
        kalman_beta(y, x[1:])
    with pytest.raises(ValueError, match="confidence_level"):
        kalman_beta(y, x, confidence_level=2.0)


def test_variances_alone_are_those_of_the_whole_fit() -> None:
    y, x = pair()
    found = kalman_beta(y, x)
    assert isinstance(found, KalmanBeta)
    assert kalman_variances(y, x) == (found.noise_variance, found.step_variance)
    assert kalman_variances(y[:99], x[:99]) == kalman_beta(y[:99], x[:99])
