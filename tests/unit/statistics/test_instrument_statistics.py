"""Falls, quantiles, fitted tails and rolling volatility of one series."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.single.distribution import histogram, quantile, student_tails
from convex_research.statistics.single.episodes import deepest_episodes, underwater
from convex_research.statistics.single.performance import max_drawdown
from convex_research.statistics.single.rolling_volatility import rolling_volatility
from convex_research.statistics.single.volatility import volatility

PRICES = st.lists(st.floats(0.5, 200.0), min_size=2, max_size=60).map(np.array)


def episodes_by_hand(levels, *, relative):
    """The slow way: walk along and open an episode whenever the peak is left."""
    found, peak, trough = [], 0, None
    for t in range(1, len(levels)):
        if levels[t] >= levels[peak]:
            if trough is not None:
                found.append((peak, trough, t))
            peak, trough = t, None
        elif trough is None or levels[t] < levels[trough]:
            trough = t
    if trough is not None:
        found.append((peak, trough, None))
    depth = (
        (lambda p, q: levels[q] / levels[p] - 1.0)
        if relative
        else (lambda p, q: levels[q] - levels[p])
    )
    return sorted([(depth(p, q), p, q, r) for p, q, r in found], key=lambda e: (e[0], e[1]))


@pytest.mark.parametrize("relative", [True, False])
@given(levels=PRICES)
def test_episodes_are_those_found_by_walking_along(levels, relative):
    made = deepest_episodes(levels, 100, relative=relative)
    by_hand = episodes_by_hand(levels, relative=relative)
    assert [tuple(one[1:]) for one in made] == [tuple(one[1:]) for one in by_hand]
    assert [one.depth for one in made] == pytest.approx([one[0] for one in by_hand], rel=1e-12)


@given(levels=PRICES)
def test_the_deepest_episode_is_the_maximum_drawdown(levels):
    made = deepest_episodes(levels, 1)
    deepest = max_drawdown(levels)
    if not made:
        assert deepest.depth == 0.0
        return
    assert made[0].depth == deepest.depth
    assert underwater(levels).min() == deepest.depth


def test_a_series_that_never_falls_has_no_episode():
    assert deepest_episodes([1.0, 1.0, 2.0]) == ()
    with pytest.raises(ValueError, match="at least 1"):
        deepest_episodes([1.0, 2.0], 0)


def test_a_fall_of_a_level_below_zero_is_in_its_own_unit():
    (one,) = deepest_episodes([-1.0, -3.0, 0.5], relative=False)
    assert one == (-2.0, 0, 1, 2)


@pytest.mark.parametrize("share", [0.01, 0.05, 0.5, 0.95])
def test_a_quantile_and_its_ends_are_order_statistics(share):
    x = np.random.default_rng(4).standard_t(4, 2000) * 0.01
    one = quantile(x, share)
    assert one.value == np.quantile(x, share)
    assert one.low < one.value < one.high
    beyond = [(x <= end).mean() for end in (one.low, one.high)]
    # Symmetric on the scale of shares, and about the binomial error wide for independent draws.
    assert share - beyond[0] == pytest.approx(beyond[1] - share, abs=2e-3)
    assert beyond[1] - beyond[0] == pytest.approx(
        3.92 * math.sqrt(share * (1 - share) / x.size), rel=0.6
    )


def test_a_quantile_s_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(11)
    truth = -1.6448536269514722
    inside = 0
    for _ in range(400):
        one = quantile(rng.standard_normal(500), 0.05)
        inside += one.covers(truth)
    assert 0.90 <= inside / 400 <= 0.99


def test_a_quantile_beyond_the_sample_has_an_open_end():
    one = quantile(np.r_[np.zeros(300), np.ones(5)] + np.linspace(0, 1e-3, 305), 0.98)
    assert isinstance(one, Estimate)
    assert (one.high is None) == (one.bound == "unbounded")


def test_few_observations_give_a_reason():
    assert isinstance(quantile(np.arange(200.0), 0.01), NotComputed)
    assert isinstance(quantile(np.full(600, 2.0), 0.05), NotComputed)
    assert isinstance(student_tails(np.arange(50.0)), NotComputed)
    with pytest.raises(ValueError, match="not in"):
        quantile(np.arange(200.0), 1.0)


@pytest.mark.parametrize(("df", "low", "high"), [(4.0, 3.4, 4.8), (12.0, 8.0, 25.0)])
def test_student_tails_are_found_again_at_any_scale(df, low, high):
    x = np.random.default_rng(7).standard_t(df, 8000)
    for scale in (1e-12, 1.0, 1e12):
        assert low < student_tails(scale * x + 3.0 * scale).value < high


def test_a_histogram_s_bars_and_laws_are_densities():
    x = np.random.default_rng(2).standard_t(5, 5000) * 0.02
    made = histogram(x, 5.0)
    width = np.diff(made.edges)
    assert (made.density * width).sum() * x.size + made.outside == pytest.approx(x.size)
    step = np.diff(made.at)[0]
    assert made.normal.sum() * step == pytest.approx(1.0, abs=1e-3)
    assert made.student.sum() * step == pytest.approx(1.0, abs=0.01)
    variance = ((made.at - x.mean()) ** 2 * made.normal).sum() * step
    assert variance == pytest.approx(x.var(), rel=1e-2)
    with pytest.raises(ValueError, match="above 2"):
        histogram(x, 2.0)


@pytest.mark.parametrize("offset", [0.0, 1e3])
def test_rolling_volatility_is_what_each_window_gives_alone(offset):
    x = np.random.default_rng(9).standard_t(4, 400) * 0.01 + offset
    x[150:240] = x[150]  # a window in which nothing moves
    value, low, high = rolling_volatility(x, 90)
    assert np.isnan(value[:89]).all()
    for t in range(89, 400, 7):
        alone = volatility(x[t - 89 : t + 1])
        if isinstance(alone, NotComputed):
            assert np.isnan([value[t], low[t], high[t]]).all()
            continue
        assert value[t] == pytest.approx(alone.value, rel=1e-8)
        assert low[t] == pytest.approx(alone.low, rel=1e-6)
        assert high[t] == pytest.approx(alone.high, rel=1e-6)


def test_rolling_volatility_of_a_short_series_is_undefined():
    assert all(np.isnan(path).all() for path in rolling_volatility(np.arange(50.0), 90))
    with pytest.raises(ValueError, match="at least 30"):
        rolling_volatility(np.arange(50.0), 10)
