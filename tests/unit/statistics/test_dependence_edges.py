"""Difficult samples: every function gives a finite result or a reason, never an exception."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.dependence.comparison import compare, fisher_test, jennrich_test
from convex_research.statistics.dependence.conditional_correlation import (
    ewma,
    partial,
    partial_drop,
)
from convex_research.statistics.dependence.tail_symmetry import symmetry, symmetry_chi2
from convex_research.statistics.dependence.tails import chi, exceedance, joint_worst
from convex_research.statistics.hedging.scenario import b_given_a, horizon_moves
from convex_research.statistics.levels.spread import (
    price_ratio,
    spread_volatility,
    tracking_error,
    zscore,
)
from convex_research.statistics.stability.contagion import forbes_rigobon, turbulent_days
from convex_research.statistics.stability.regimes import (
    difference_between,
    equality,
    market_regimes,
    pearson_in,
    volatility_regimes,
)


def base(nobs, seed=0):
    rng = np.random.default_rng(seed)
    a, noise, market = 0.01 * rng.standard_t(5, (3, nobs))
    return a + 0.5 * market, 0.7 * a + 0.5 * noise + 0.5 * market, market


def put(x, where, value):
    changed = x.copy()
    changed[where] = value
    return changed


# What is done to the legs a, b and the market m; i is the middle.
CASES = {
    "plain": lambda a, b, m, i: (a, b, m),
    "bad tick in one leg": lambda a, b, m, i: (put(a, i, 1e6), b, m),
    "bad tick in both legs": lambda a, b, m, i: (put(a, i, 1e6), put(b, i, -1e6), m),
    "zero run": lambda a, b, m, i: (
        put(a, slice(i - i // 5, i), 0.0),
        put(b, slice(i - i // 5, i), 0.0),
        m,
    ),
    "one leg mostly still": lambda a, b, m, i: (put(a, slice(0, 9 * i // 5), 0.0), b, m),
    "offset": lambda a, b, m, i: (a + 1e8, b + 1e8, m + 1e8),
    "tiny and huge": lambda a, b, m, i: (a * 1e-12, b * 1e12, m),
    "missing value": lambda a, b, m, i: (put(a, i, np.nan), b, m),
    "infinite value": lambda a, b, m, i: (a, put(b, i, np.inf), m),
    "constant leg": lambda a, b, m, i: (np.full(a.size, 0.25), b, m),
    "identical legs": lambda a, b, m, i: (a, a.copy(), m),
    "opposite legs": lambda a, b, m, i: (a, -a, m),
    "nearly identical legs": lambda a, b, m, i: (a, a * (1.0 + 1e-9), m),
    "coarse grid": lambda a, b, m, i: (np.round(a, 2), np.round(b, 2), m),
    "market is a leg": lambda a, b, m, i: (a, b, b.copy()),
}


def sample(case, nobs):
    return CASES[case](*base(nobs), nobs // 2)


def everything(a, b, m):
    half = a.size // 2
    parts = (a[half:], b[half:], a[:half], b[:half])
    yield from (compare(*parts), fisher_test(*parts), jennrich_test(*parts))
    yield from (partial(a, b, m), partial_drop(a, b, m), ewma(a, b))
    for side in ("lower", "upper"):
        for threshold in (0.0, 0.5, 1.0, 1.5):
            yield exceedance(a, b, threshold=threshold, side=side)
        yield chi(a, b, side=side)
        yield chi(a, b, side=side, quantile=0.75)
    yield from (joint_worst(a, b), symmetry(a, b), symmetry_chi2(a, b))
    days = turbulent_days(a)
    if not isinstance(days, NotComputed):
        yield forbes_rigobon(a, b, *days)
    with np.errstate(over="ignore", invalid="ignore"):
        price_a, price_b = (
            100 * np.cumprod(1 + np.append(0, np.clip(x, -0.2, 0.2))) for x in (a, b)
        )
    for regimes in (volatility_regimes(a), market_regimes(price_a)):
        if not isinstance(regimes, NotComputed):
            yield from (pearson_in(a, b, mask) for mask in regimes.masks)
            yield equality(a, b, regimes)
            yield difference_between(a, b, regimes.masks[0], regimes.masks[-1])
    yield from (spread_volatility(a, b), tracking_error(a, b, 252))
    yield from (zscore(price_a, price_b), price_ratio(price_a, price_b))
    moves = horizon_moves(price_a), horizon_moves(price_b)
    yield from (b_given_a(*moves, x) for x in (-0.10, 0.05))


def leaves(result):
    if is_dataclass(result) and not isinstance(result, (Estimate, TestResult, NotComputed)):
        for field in fields(result):
            yield from leaves(getattr(result, field.name))
    elif isinstance(result, (Estimate, TestResult, NotComputed)):
        yield result


@pytest.mark.parametrize("nobs", [5, 40, 300, 1260])
@pytest.mark.parametrize("case", CASES)
def test_finite_or_a_reason(case, nobs):
    # Estimate and TestResult refuse non-finite numbers themselves; warnings are errors here.
    found = [leaf for result in everything(*sample(case, nobs)) for leaf in leaves(result)]
    assert found
    for leaf in found:
        if isinstance(leaf, NotComputed):
            assert leaf.reason.endswith(tuple("abcdefghijklmnopqrstuvwxyz0123456789%"))
        if isinstance(leaf, Estimate) and leaf.confidence_level is not None:
            assert leaf.low <= leaf.value <= leaf.high


def test_ten_thousand_observations():
    found = [leaf for result in everything(*base(10_000)) for leaf in leaves(result)]
    reasons = [leaf.reason for leaf in found if isinstance(leaf, NotComputed)]
    # Volatility does not cluster in this sample, so turbulence cannot be undone.
    assert {r for r in reasons if "no more volatile" not in r} == set()


@pytest.mark.parametrize("case", ["missing value", "infinite value", "constant leg"])
def test_no_correlation_comes_out_of_a_broken_leg(case):
    a, b, m = sample(case, 600)
    for result in (
        fisher_test(a[300:], b[300:], a[:300], b[:300]),
        partial(a, b, m),
        ewma(a, b),
        exceedance(a, b, threshold=0.0, side="lower"),
        chi(a, b).chi,
        joint_worst(a, b).share,
        symmetry(a, b),
        spread_volatility(a, b),
    ):
        assert isinstance(result, NotComputed)
