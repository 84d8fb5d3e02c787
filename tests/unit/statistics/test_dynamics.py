from __future__ import annotations

import hashlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.dynamics.dcc import Dcc, dcc, fit_second_stage
from convex_research.statistics.dynamics.dcc_covariance import (
    _leg_moments,
    _stack,
    _unit_leg,
    sandwich,
)
from convex_research.statistics.dynamics.dcc_likelihood import correlation_path, second_stage
from convex_research.statistics.dynamics.garch import GarchFit, garch
from convex_research.statistics.simulate.worlds import normal_returns

FOLDER = Path(__file__).parents[2] / "oracles" / "dcc"


@pytest.fixture(scope="module")
def legs() -> tuple[GarchFit, GarchFit]:
    values = np.loadtxt(FOLDER / "data.csv", delimiter=",", skiprows=1)
    a, b = garch(values[:, 0]), garch(values[:, 1])
    assert isinstance(a, GarchFit)
    assert isinstance(b, GarchFit)
    return a, b


@pytest.fixture(scope="module")
def fitted(legs: tuple[GarchFit, GarchFit]) -> Dcc:
    result = dcc(*legs)
    assert isinstance(result, Dcc)
    return result


def oracle() -> dict[str, list[float]]:
    lines = (FOLDER / "dcc.txt").read_text().splitlines()
    digest = hashlib.md5((FOLDER / "data.csv").read_bytes()).hexdigest()
    assert f"md5 {digest} " in lines
    return {line.split()[0]: [float(v) for v in line.split()[1:]] for line in lines[2:]}


def test_legs_against_the_second_program(legs: tuple[GarchFit, GarchFit]) -> None:
    for leg, key in zip(legs, ("garch_a", "garch_b"), strict=True):
        ours = [leg.mu, leg.omega, leg.alpha, leg.beta]
        assert ours == pytest.approx(oracle()[key], abs=1e-5)


def test_against_the_second_program(fitted: Dcc) -> None:
    theirs = oracle()
    assert isinstance(fitted.b, Estimate)
    assert [fitted.a.value, fitted.b.value] == pytest.approx(theirs["dcc"], abs=1e-5)
    assert fitted.target == pytest.approx(theirs["target"][0], abs=1e-6)
    assert fitted.loglikelihood == pytest.approx(theirs["loglikelihood"][0], abs=1e-3)
    assert fitted.last.value == pytest.approx(theirs["last"][0], abs=1e-5)
    assert fitted.minimum.value == pytest.approx(theirs["min"][0], abs=1e-5)
    assert fitted.maximum.value == pytest.approx(theirs["max"][0], abs=1e-5)
    assert fitted.minimum_index == theirs["min"][1] - 1
    assert fitted.maximum_index == theirs["max"][1] - 1


def slow_path(za: np.ndarray, zb: np.ndarray, a: float, b: float, target: float) -> np.ndarray:
    level = np.array([[1.0, target], [target, 1.0]])
    q, path = level.copy(), []
    for x, y in zip(za, zb, strict=True):
        path.append(q[0, 1] / math.sqrt(q[0, 0] * q[1, 1]))
        z = np.array([x, y])
        q = (1.0 - a - b) * level + a * np.outer(z, z) + b * q
    return np.array([*path, q[0, 1] / math.sqrt(q[0, 0] * q[1, 1])])


@settings(max_examples=40, deadline=None)
@given(st.floats(0.0, 0.4), st.floats(0.0, 0.59), st.floats(-0.95, 0.95), st.integers(0, 99))
def test_filters_against_matrices(a: float, b: float, target: float, seed: int) -> None:
    za, zb = np.random.default_rng(seed).standard_t(4, (2, 60))
    ours = correlation_path(za, zb, a, b, target)
    assert ours == pytest.approx(slow_path(za, zb, a, b, target), abs=1e-10)
    assert np.abs(ours).max() < 1.0


def test_scores_are_the_derivatives() -> None:
    za, zb = normal_returns(400, 1, rho=0.5, seed=1)
    za, zb = za[:, 0], zb[:, 0]
    _, scores = second_stage(za, zb, 0.06, 0.9, 0.5)
    step = 1e-6
    for row, (da, db) in enumerate(((step, 0.0), (0.0, step))):
        above = second_stage(za, zb, 0.06 + da, 0.9 + db, 0.5)[0]
        below = second_stage(za, zb, 0.06 - da, 0.9 - db, 0.5)[0]
        slope = (above - below) / (2.0 * step)
        assert scores[row].sum() == pytest.approx(slope, rel=1e-5)


def test_moments_vanish_at_the_estimate(legs: tuple[GarchFit, GarchFit], fitted: Dcc) -> None:
    assert isinstance(fitted.b, Estimate)
    units = (_unit_leg(legs[0]), _unit_leg(legs[1]))
    theta = np.array(
        [*units[0].theta, *units[1].theta, fitted.target, fitted.a.value, fitted.b.value]
    )
    parts = [_leg_moments(unit, np.array(unit.theta)) for unit in units]
    moments, _ = _stack(parts[0], parts[1], theta[8:])
    spread = moments.std(axis=1) / math.sqrt(moments.shape[1])
    # In standard errors; the target's moment is normalised a little differently.
    assert np.abs(moments.mean(axis=1) / spread).max() < 0.05


def test_path_is_unit_free_and_knows_no_future(legs: tuple[GarchFit, GarchFit]) -> None:
    za, zb = legs[0].resid, legs[1].resid
    full = correlation_path(za, zb, 0.05, 0.9, 0.6)
    part = correlation_path(za[:500], zb[:500], 0.05, 0.9, 0.6)
    assert np.array_equal(full[:501], part)
    values = np.loadtxt(FOLDER / "data.csv", delimiter=",", skiprows=1)
    scaled = [garch(1e6 * values[:, i]) for i in (0, 1)]
    assert isinstance(scaled[0], GarchFit)
    assert isinstance(scaled[1], GarchFit)
    a, b, _ = fit_second_stage(scaled[0].resid, scaled[1].resid)
    assert (a, b) == pytest.approx(fit_second_stage(za, zb)[:2], abs=1e-4)


def test_intervals(fitted: Dcc, legs: tuple[GarchFit, GarchFit]) -> None:
    assert fitted.a.covers(0.05)
    assert fitted.a.flags == ("short_under_heavy_tails",)
    assert isinstance(fitted.b, Estimate)
    assert fitted.b.covers(0.92)
    assert fitted.last.confidence_level is None
    assert fitted.last.std_error is not None
    assert fitted.path.shape == (1000,)
    assert fitted.path[-1] == fitted.last.value
    short = [
        replace(leg, variance=leg.variance[:400], resid=leg.resid[:400], nobs=400) for leg in legs
    ]
    brief = dcc(short[0], short[1])
    assert isinstance(brief, Dcc)
    assert isinstance(brief.b, Estimate)
    assert brief.b.confidence_level is None
    errors = sandwich(legs[0], legs[1], fitted.a.value, fitted.b.value, fitted.target)
    assert errors.a == pytest.approx(fitted.a.std_error)


def test_constant_correlation_sits_on_the_edge() -> None:
    edges = 0
    for seed in range(8):
        a, b = normal_returns(600, 1, rho=0.6, seed=seed)
        legs = garch(a[:, 0]), garch(b[:, 0])
        assert isinstance(legs[0], GarchFit)
        assert isinstance(legs[1], GarchFit)
        result = dcc(legs[0], legs[1])
        assert isinstance(result, Dcc)
        if result.a.value == 0.0:
            edges += 1
            assert isinstance(result.b, NotComputed)
            assert result.a.confidence_level is None
            assert np.ptp(result.path) == 0.0
            assert result.last.value == pytest.approx(result.target)
    assert edges >= 1


def test_what_cannot_be_fitted(legs: tuple[GarchFit, GarchFit]) -> None:
    leg = legs[0]
    assert isinstance(dcc(leg, leg), NotComputed)
    short = replace(leg, variance=leg.variance[:200], resid=leg.resid[:200], nobs=200)
    assert isinstance(dcc(short, short), NotComputed)
    with pytest.raises(ValueError, match="length"):
        dcc(leg, short)
    with pytest.raises(ValueError, match="confidence_level"):
        dcc(*legs, confidence_level=0.0)


def test_errors_next_to_a_correlation_of_one() -> None:
    """A step of the target must not lead beyond one, where there is no likelihood."""
    a, noise = (x[:, 0] for x in normal_returns(400, 1, rho=0.0, seed=11))
    for size in (1e-2, 3e-3, 2e-3):
        found = dcc(*(_fit(0.01 * x) for x in (a, a + size * noise)))
        assert isinstance(found, Dcc)
        assert found.target > 1.0 - size**2
        assert found.path.max() <= 1.0


def test_shocks_of_one_size_have_no_errors() -> None:
    a = np.where(np.arange(400) % 2, 0.01, -0.01)
    b = 0.01 * normal_returns(400, 1, rho=0.0, seed=12)[0][:, 0]
    found = dcc(_fit(a), _fit(b))
    assert isinstance(found, Dcc)
    assert found.a.std_error is None


def _fit(returns: np.ndarray) -> GarchFit:
    fit = garch(returns)
    assert isinstance(fit, GarchFit)
    return fit
