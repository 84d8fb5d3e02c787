"""Closed Benjamini-Yekutieli against its definition over all subsets, and its power."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, norm

from convex_research.statistics.many.closed import closed_discoveries

PVALUES = st.lists(
    st.floats(0.0, 1.0) | st.floats(0.0, 0.06) | st.sampled_from([0.0, 1e-4, 0.01, 0.02, 0.05]),
    min_size=1,
    max_size=7,
)


def evidence(chosen, alpha):
    """E of a set of p-values, term by term."""
    m = len(chosen)
    harmonic = sum(1.0 / i for i in range(1, m + 1))
    total = 0.0
    for p in chosen:
        k = max(1, math.ceil(m * harmonic * p / alpha - 1e-12))
        total += 1.0 / (alpha * k) if k <= m else 0.0
    return total


def stands(rejected, pvalues, alpha):
    indices = range(len(pvalues))
    return all(
        evidence([pvalues[i] for i in chosen], alpha)
        >= len(set(chosen) & rejected) / (alpha * len(rejected)) * (1 - 1e-12)
        for size in range(1, len(pvalues) + 1)
        for chosen in itertools.combinations(indices, size)
    )


def brute_force(pvalues, alpha):
    """The size of the largest set of hypotheses, of any, that stands."""
    for size in range(len(pvalues), 0, -1):
        if any(
            stands(set(one), pvalues, alpha)
            for one in itertools.combinations(range(len(pvalues)), size)
        ):
            return size
    return 0


@given(PVALUES, st.sampled_from([0.05, 0.1, 0.25]))
def test_it_is_its_definition_over_all_subsets(pvalues, alpha):
    found = closed_discoveries(pvalues, alpha=alpha)
    assert sum(found) == brute_force(pvalues, alpha)
    rejected = [p for p, one in zip(pvalues, found, strict=True) if one]
    kept = [p for p, one in zip(pvalues, found, strict=True) if not one]
    assert not rejected or not kept or max(rejected) <= min(kept)


@given(st.lists(st.floats(0.0, 1.0) | st.floats(0.0, 1e-3), max_size=40))
def test_it_holds_all_that_benjamini_and_yekutieli_find(pvalues):
    found = closed_discoveries(pvalues)
    if pvalues:
        plain = false_discovery_control(pvalues, method="by") <= 0.05 * (1 - 1e-9)
        assert all(ours for ours, theirs in zip(found, plain, strict=True) if theirs)


def test_it_finds_more_where_many_are_false():
    assert sum(closed_discoveries([1e-4] * 8 + [0.03, 0.5])) == 9
    assert (false_discovery_control([1e-4] * 8 + [0.03, 0.5], method="by") <= 0.05).sum() == 8


def test_many_hypotheses_fall_back_to_benjamini_and_yekutieli():
    pvalues = np.random.default_rng(1).uniform(size=1001) ** 6
    plain = false_discovery_control(pvalues, method="by") <= 0.05
    assert closed_discoveries(list(pvalues)) == plain.tolist()
    assert plain.any()


@pytest.mark.parametrize(("size", "dependence", "power"), [(10, 0.0, 0.55), (100, 0.0, 0.44)])
def test_power_and_false_discoveries(size, dependence, power):
    rng = np.random.default_rng(size)
    share, false, rounds = [], [], 300
    for _ in range(rounds):
        real = np.arange(size) < round(0.3 * size)
        common, own = rng.standard_normal(), rng.standard_normal(size)
        z = math.sqrt(dependence) * common + math.sqrt(1 - dependence) * own + 3.0 * real
        found = np.array(closed_discoveries((2 * norm.sf(np.abs(z))).tolist()))
        share.append(found[real].mean())
        false.append((found & ~real).sum() / max(found.sum(), 1))
    error = np.std(share) / math.sqrt(rounds)
    assert np.mean(share) == pytest.approx(power, abs=3.5 * error + 0.005)
    assert np.mean(false) < 0.05
