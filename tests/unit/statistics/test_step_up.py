"""Step-up procedures by a prior: their definition by brute force, and what they contain."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from convex_research.statistics.many.step_up import harmonic, mostly_on_one, stepped_up

PVALUES = st.lists(
    st.floats(0.0, 1.0) | st.sampled_from([0.0, 1e-6, 1e-3, 0.01, 0.05]), min_size=1, max_size=12
)


def discoveries(pvalues, prior, alpha):
    """The procedure as it is written down: the largest k whose k-th p-value passes."""
    m = len(pvalues)
    ordered = sorted(pvalues)
    passing = [
        k
        for k in range(1, m + 1)
        if ordered[k - 1] <= alpha * sum(i * prior[i - 1] for i in range(1, k + 1)) / m
    ]
    if not passing:
        return set()
    bound = ordered[max(passing) - 1]
    return {i for i, p in enumerate(pvalues) if p <= bound}


@given(PVALUES, st.integers(0, 2**32 - 1), st.floats(0.001, 0.4))
def test_adjusted_pvalues_decide_as_the_procedure_does(pvalues, seed, alpha):
    drawn = np.random.default_rng(seed).dirichlet(np.full(len(pvalues), 0.5))
    for prior in (list(drawn / drawn.sum()), mostly_on_one(len(pvalues)), harmonic(len(pvalues))):
        adjusted = stepped_up(pvalues, prior)
        if min(abs(p - alpha) for p in adjusted) < 1e-9:  # a tie by rounding
            continue
        found = {i for i, p in enumerate(adjusted) if p <= alpha}
        assert found == discoveries(pvalues, prior, alpha)


@given(PVALUES)
def test_they_keep_the_order_and_stay_probabilities(pvalues):
    adjusted = stepped_up(pvalues, mostly_on_one(len(pvalues)))
    order = sorted(range(len(pvalues)), key=pvalues.__getitem__)
    assert all(0.0 <= p <= 1.0 for p in adjusted)
    assert all(adjusted[i] <= adjusted[j] for i, j in itertools.pairwise(order))


@given(PVALUES)
def test_the_harmonic_prior_is_benjamini_and_yekutieli(pvalues):
    ours = stepped_up(pvalues, harmonic(len(pvalues)))
    assert ours == pytest.approx(false_discovery_control(pvalues, method="by").tolist(), rel=1e-12)


@given(PVALUES)
def test_all_on_one_is_bonferroni(pvalues):
    m = len(pvalues)
    smallest = min(pvalues)
    adjusted = stepped_up(pvalues, [1.0] + [0.0] * (m - 1))
    assert min(adjusted) == pytest.approx(min(1.0, m * smallest))
    # All further discoveries would have to pass the same bound.
    expected = {i for i, p in enumerate(pvalues) if m * p <= 0.05}
    assert {i for i, p in enumerate(adjusted) if p <= 0.05} == expected


def test_what_mostly_on_one_costs_among_four_hundred():
    m, total = 400, math.fsum(1 / i for i in range(1, 401))
    alone = stepped_up([1e-5] + [1.0] * (m - 1), mostly_on_one(m))[0]
    assert alone == pytest.approx(1e-5 * m / (0.75 + 0.25 / total))
    assert alone < 1.3 * m * 1e-5  # little more than Bonferroni
    assert alone < false_discovery_control([1e-5] + [1.0] * (m - 1), method="by")[0] / 5
    for k in (1, 5, 20, 400):  # never more than four times Benjamini and Yekutieli
        some = [1e-5] * k + [1.0] * (m - k)
        assert (
            stepped_up(some, mostly_on_one(m))[0]
            <= 4 * false_discovery_control(some, method="by")[0]
        )


def worst_pvalues(masses, bounds, rng):
    """Valid p-values, all null: k of them lie together right below the k-th bound.

    Event k comes with probability ``masses[k]`` and hits a hypothesis with k / m, which
    spreads ``masses[k] k / m`` evenly over the k-th step of the bounds: no more than its
    width where ``masses[k]`` is that step times m / k.
    """
    m = len(bounds)
    k = int(np.searchsorted(np.cumsum(masses), rng.random())) + 1
    pvalues = np.ones(m)
    if k <= m:
        low = 0.0 if k == 1 else bounds[k - 2]
        chosen = rng.choice(m, size=k, replace=False)
        pvalues[chosen] = low + (bounds[k - 1] - low) * rng.random()
    return list(pvalues)


def test_the_rate_is_held_and_reached_under_the_worst_dependence():
    m, alpha, rounds = 20, 0.1, 6_000
    rng = np.random.default_rng(4)
    for prior in (mostly_on_one(m), harmonic(m)):
        betas = np.cumsum(np.arange(1, m + 1) * prior)
        false = sum(
            min(stepped_up(worst_pvalues(alpha * np.array(prior), alpha * betas / m, rng), prior))
            <= alpha
            for _ in range(rounds)
        )
        error = math.sqrt(alpha * (1 - alpha) / rounds)
        assert false / rounds == pytest.approx(alpha, abs=3.5 * error)
    # Benjamini and Hochberg's procedure breaks its promise under its own worst dependence.
    masses = alpha / np.arange(1, m + 1)
    bounds = alpha * np.arange(1, m + 1) / m
    false = sum(
        min(false_discovery_control(worst_pvalues(masses, bounds, rng))) <= alpha
        for _ in range(rounds)
    )
    assert false / rounds > 3 * alpha


def test_wrong_priors_are_refused():
    with pytest.raises(ValueError, match="of that length"):
        stepped_up([0.1], [0.5, 0.5])
    with pytest.raises(ValueError, match="sums to one"):
        stepped_up([0.1, 0.2], [0.5, 0.6])
    with pytest.raises(ValueError, match="at least 1"):
        mostly_on_one(0)
    assert stepped_up([], []) == []
