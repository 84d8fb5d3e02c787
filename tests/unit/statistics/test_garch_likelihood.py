"""The fits against arch, which maximises the same likelihood in another way."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.dynamics import garch_likelihood
from convex_research.statistics.dynamics.garch import GarchFit, garch
from convex_research.statistics.dynamics.garch_likelihood import loss_and_gradient, maximise
from convex_research.statistics.simulate.worlds import (
    CccGarch,
    ccc_garch_returns,
    garch_world,
    normal_returns,
    student_returns,
)

Embedded = Callable[[str], np.ndarray]
SIZES = (100, 252, 1260, 5000)


def world(alpha: float, beta: float, df: float) -> CccGarch:
    pair = (1.0 - min(alpha + beta, 0.95)) * np.ones(2)
    return CccGarch(
        omega=(float(pair[0]), float(pair[1])),
        alpha=(alpha, alpha),
        beta=(beta, beta),
        df=(df, df),
        rho=0.3,
        start=(1.0, 1.0),
    )


def unit_of(x: np.ndarray) -> np.ndarray:
    return (x - x.mean()) / x.std()


def first_variance(unit: np.ndarray) -> float:
    weights = np.power(0.94, np.arange(75))
    return float(np.average(unit[:75] ** 2, weights=weights))


def loglikelihood(unit: np.ndarray, theta: np.ndarray) -> float:
    """The recursion step by step, without its constant."""
    mu, omega, alpha, beta = (float(v) for v in theta)
    variance = square = first_variance(unit)
    total = 0.0
    for value in (unit - mu).tolist():
        variance = omega + alpha * square + beta * variance
        square = value * value
        total -= 0.5 * (math.log(variance) + square / variance)
    return total


def by_arch(unit: np.ndarray) -> np.ndarray:
    from arch.univariate import GARCH, ConstantMean, Normal

    model = ConstantMean(unit, volatility=GARCH(p=1, q=1), distribution=Normal(), rescale=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = model.fit(disp="off", show_warning=False, options={"ftol": 1e-10})
    return np.maximum(fit.params.to_numpy(), [-np.inf, 1e-12, 0.0, 0.0])


def both(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Our parameters, arch's, and what ours gain in log-likelihood."""
    unit = unit_of(x)
    found = maximise(unit, first_variance(unit))
    assert found is not None
    ours, theirs = np.array(found), by_arch(unit)
    return ours, theirs, loglikelihood(unit, ours) - loglikelihood(unit, theirs)


def admissible(theta: np.ndarray) -> bool:
    """Arch's optimiser may end just outside alpha + beta <= 1, where more can be had."""
    return float(theta[2] + theta[3]) <= 1.0


@pytest.mark.parametrize("name", ["sp500", "nasdaq"])
@pytest.mark.parametrize("nobs", [*SIZES, 5030])
def test_same_parameters_as_arch_on_the_embedded_sample(
    embedded: Embedded, name: str, nobs: int
) -> None:
    ours, theirs, gain = both(embedded(name)[-nobs:])
    assert ours == pytest.approx(theirs, abs=1e-3)
    assert abs(gain) < 1e-5


@pytest.mark.parametrize("nobs", [1260, 5000])
@pytest.mark.parametrize("seed", range(4))
def test_same_parameters_as_arch_in_the_reference_world(nobs: int, seed: int) -> None:
    a, _ = ccc_garch_returns(garch_world(0.5), nobs, 1, seed=seed)
    ours, theirs, gain = both(a[:, 0])
    assert ours == pytest.approx(theirs, abs=1e-3)
    assert abs(gain) < 1e-5


@pytest.mark.parametrize("nobs", SIZES)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "kind", ["clustered", "near_integrated", "integrated", "normal", "student", "tick", "shift"]
)
def test_never_below_arch(kind: str, nobs: int, seed: int) -> None:
    if kind in ("clustered", "near_integrated", "integrated"):
        model = {
            "clustered": garch_world(0.5),
            "near_integrated": world(0.05, 0.948, 6.0),
            "integrated": world(0.4, 0.6, 4.0),
        }[kind]
        x = ccc_garch_returns(model, nobs, 1, seed=seed)[0][:, 0]
    else:
        draw = student_returns if kind == "student" else normal_returns
        x = draw(nobs, 1, rho=0.0, seed=seed)[0][:, 0].copy()
    if kind == "tick":
        x[nobs // 3] = 8.0 * (nobs / 100.0) ** 0.3
    if kind == "shift":
        x[nobs // 2 :] *= 3.0
    ours, theirs, gain = both(x)
    assert ours[1] > 0.0
    assert ours[2] >= 0.0
    assert ours[3] >= 0.0
    assert ours[2] + ours[3] < 1.0
    if admissible(theirs):
        assert gain > -1e-5
    elif ours[2] + ours[3] > 0.999:
        assert ours == pytest.approx(theirs, abs=1e-3)


def test_a_stretch_without_movement_finds_more_than_arch() -> None:
    x = normal_returns(1260, 1, rho=0.0, seed=3)[0][:, 0].copy()
    x[420:672] = 0.0
    _, theirs, gain = both(x)
    assert gain > 1.0 or not admissible(theirs)


@pytest.mark.parametrize("theta", [(0.02, -3.0, 0.95, 0.1), (-0.1, 0.0, 0.3, 0.9), (0, -1, 0.9, 0)])
def test_loss_and_gradient(theta: tuple[float, ...]) -> None:
    x = student_returns(300, 1, rho=0.0, seed=5)[0][:, 0]
    unit = unit_of(x)
    start = first_variance(unit)
    at = np.array(theta, dtype=float)
    mu, log_omega, persistence, share = at
    alpha = persistence * share
    plain = np.array([mu, math.exp(log_omega), alpha, persistence - alpha])
    loss, gradient = loss_and_gradient(at, unit, start)
    assert loss == pytest.approx(-loglikelihood(unit, plain) / 300.0, rel=1e-12)
    for k in range(4):
        step = np.zeros(4)
        step[k] = 1e-5
        above, _ = loss_and_gradient(at + step, unit, start)
        below, _ = loss_and_gradient(at - step, unit, start)
        assert gradient[k] == pytest.approx((above - below) / 2e-5, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("scale", [1e-12, 1e12])
def test_scale_leaves_the_fit(embedded: Embedded, scale: float) -> None:
    x = embedded("nasdaq")[-1260:]
    plain, scaled = garch(x), garch(scale * x)
    assert isinstance(plain, GarchFit)
    assert isinstance(scaled, GarchFit)
    # The unit data differ by rounding; where the search stops on a flat top by a little more.
    assert scaled.alpha == pytest.approx(plain.alpha, abs=1e-6)
    assert scaled.beta == pytest.approx(plain.beta, abs=1e-6)
    assert scaled.resid == pytest.approx(plain.resid, abs=1e-5)
    assert scaled.omega == pytest.approx(scale**2 * plain.omega, rel=1e-5)


def test_a_bad_tick_is_refused(embedded: Embedded) -> None:
    x = embedded("nasdaq")[-500:].copy()
    x[100] = 50.0
    assert isinstance(garch(x), NotComputed)


def test_a_search_that_finds_nothing_is_said(
    embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garch_likelihood, "_search", lambda *_: None)
    found = garch(embedded("nasdaq")[-300:])
    assert isinstance(found, NotComputed)
    assert "no maximum" in found.reason


def test_the_same_data_give_the_same_numbers(embedded: Embedded) -> None:
    unit = unit_of(embedded("sp500")[-600:])
    assert maximise(unit, 1.0) == maximise(unit.copy(), 1.0)
