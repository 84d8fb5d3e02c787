"""Statistics of many legs at once against slow loops and closed forms."""

from itertools import combinations

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.inference.jackknife import FisherZ
from convex_research.statistics.many.average_correlation import (
    average_correlation,
    component_shares,
    rolling_average,
)
from convex_research.statistics.many.grouping import groups, leaf_order, spanning_tree
from convex_research.statistics.many.shrinkage import cleaned, ledoit_wolf, positive_definite
from convex_research.statistics.many.winners import winner_half_widths


@pytest.fixture(scope="module")
def blocks():
    """Three groups of five legs, and three on their own."""
    rng = np.random.default_rng(5)
    common = rng.standard_normal((3, 600))
    x = rng.standard_normal((18, 600))
    x[:15] += 0.9 * np.repeat(common, 5, axis=0)
    return x


def test_the_average_is_the_mean_of_all_pairs_and_its_influence_leaves_days_out(blocks):
    found = average_correlation(blocks)
    pairs = combinations(range(18), 2)
    mean = np.mean([np.corrcoef(blocks[i], blocks[j])[0, 1] for i, j in pairs])
    assert np.tanh(found.z) == pytest.approx(mean, abs=1e-12)
    # Without autocorrelation the error is near that of leaving out every day in turn.
    out = [average_correlation(np.delete(blocks, day, axis=1)).z for day in range(600)]
    jackknife = np.sqrt(599 / 600 * np.square(np.array(out) - np.mean(out)).sum())
    assert found.std_error == pytest.approx(jackknife, rel=0.35)


def test_intervals_of_the_average_cover():
    rng = np.random.default_rng(12)
    inside = 0
    for _ in range(800):
        x = rng.standard_normal(260) + rng.standard_normal((6, 260))
        low, high = average_correlation(x).ends(0.95)
        inside += low < np.arctanh(0.5) < high
    assert 0.93 <= inside / 800 <= 0.97


def test_what_has_no_average_says_why(blocks):
    still = blocks.copy()
    still[3] = 1.0
    assert isinstance(average_correlation(still), NotComputed)
    assert isinstance(average_correlation(blocks[:1]), NotComputed)
    assert isinstance(average_correlation(blocks[:2, :20]), NotComputed)
    assert isinstance(average_correlation(np.stack([blocks[0], 2.0 * blocks[0]])), NotComputed)


def test_the_path_of_the_average_is_that_of_every_window(blocks):
    z, std_error, df = rolling_average(blocks[:, :150], 60)
    assert np.isnan(z[:59]).all()
    one = average_correlation(blocks[:, 40:100])
    assert isinstance(one, FisherZ)
    assert (z[99], std_error[99], df[99]) == pytest.approx((one.z, one.std_error, one.df))


def test_components_share_out_the_whole(blocks):
    shares = component_shares(np.corrcoef(blocks), 18)
    assert shares.sum() == pytest.approx(1.0)
    assert (np.diff(shares) <= 0.0).all()


def test_groups_are_those_built_in(blocks):
    found = groups(blocks, seed=[1], draws=40)
    assert sorted(one.members for one in found) == [tuple(range(k, k + 5)) for k in (0, 5, 10)]
    assert all(one.stability >= 0.7 for one in found)
    assert groups(blocks, seed=[1], draws=40) == found
    noise = np.random.default_rng(2).standard_normal((18, 600))
    assert groups(noise, seed=[1], draws=40) == []


def test_neighbours_in_the_order_and_the_tree_are_alike(blocks):
    matrix = np.corrcoef(blocks)
    order = leaf_order(matrix).tolist()
    assert sorted(order) == list(range(18))
    for k in (0, 5, 10):
        places = sorted(order.index(i) for i in range(k, k + 5))
        assert places == list(range(places[0], places[0] + 5))
    tree = spanning_tree(matrix)
    assert len(tree) == 17
    # Kruskal's way, by hand.
    home = list(range(18))
    kept = []
    for i, j in sorted(combinations(range(18), 2), key=lambda ij: -matrix[ij]):
        if home[i] != home[j]:
            old, new = home[j], home[i]
            home = [new if one == old else one for one in home]
            kept.append((i, j))
    assert tree == sorted(kept)


def test_shrinkage_is_that_of_its_formula_and_can_be_inverted(blocks):
    few = blocks[:, :40]
    made, share = ledoit_wolf(few)
    u = (few - few.mean(axis=1, keepdims=True)) / few.std(axis=1, keepdims=True)
    matrix = u @ u.T / 40
    away = np.square(matrix - np.eye(18)).sum() / 18
    noise = sum(np.square(np.outer(day, day) - matrix).sum() for day in u.T) / 18 / 40**2
    assert share == pytest.approx(noise / away)
    assert made == pytest.approx((1 - share) * matrix + share * np.eye(18))
    for one in (made, cleaned(matrix, 40)):
        assert np.linalg.eigvalsh(one)[0] > 0.0
        assert np.diag(one) == pytest.approx(1.0)
    broken = np.array([[1.0, 0.9, -0.9], [0.9, 1.0, 0.9], [-0.9, 0.9, 1.0]])
    mended = positive_definite(broken)
    assert np.linalg.eigvalsh(mended)[0] > 0.0
    assert positive_definite(np.eye(3)) is not None


def test_the_largest_of_many_is_covered():
    rng = np.random.default_rng(3)
    inside, plain = 0, 0
    for _ in range(400):
        truth = rng.standard_normal(200) * 0.5
        z = truth + rng.standard_normal(200)
        error, df = np.ones(200), np.full(200, 1e6)
        inner, outer = winner_half_widths(error, df, 200)
        top = int(np.argmax(z))
        inside += z[top] - inner[top] <= truth[top] <= z[top] + outer[top]
        plain += abs(z[top] - truth[top]) <= 1.96
    assert inside / 400 >= 0.95
    assert plain / 400 < 0.8
