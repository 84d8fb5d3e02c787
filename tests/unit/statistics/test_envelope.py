from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.dynamics.envelope import Envelope, rolling_envelope
from convex_research.statistics.dynamics.garch import GarchFit, garch
from convex_research.statistics.dynamics.rolling import rolling_paths
from convex_research.statistics.simulate.worlds import (
    ccc_garch_returns,
    garch_world,
    normal_returns,
)


def garch_pair(nobs: int, seed: int, rho: float = 0.85) -> tuple[np.ndarray, np.ndarray]:
    a, b = ccc_garch_returns(garch_world(rho), nobs, 1, seed=seed)
    return 0.01 * a[:, 0], 0.01 * b[:, 0]


def test_rolling_paths_window_by_window() -> None:
    a, b = ccc_garch_returns(garch_world(0.7), 200, 5, seed=1)
    rolled = rolling_paths(a, b, 30)
    assert rolled.shape == (171, 5)
    for t in (0, 1, 90, 170):
        for path in range(5):
            slow = np.corrcoef(a[t : t + 30, path], b[t : t + 30, path])[0, 1]
            assert rolled[t, path] == pytest.approx(slow, abs=1e-10)


def test_observed_windows_and_positions() -> None:
    a, b = garch_pair(1500, 2)
    found = rolling_envelope(a, b, seed=1, paths=200)
    assert isinstance(found, Envelope)
    assert found.observed.shape == found.low.shape == found.high.shape == (1171,)
    assert found.first == 1500 - 1260 + 89
    for t in (0, 500, 1170):
        rows = slice(found.first + t - 89, found.first + t + 1)
        slow = np.corrcoef(a[rows], b[rows])[0, 1]
        assert found.observed[t] == pytest.approx(slow, abs=1e-12)
    assert found.test_min.statistic == found.observed.min()
    assert found.test_max.statistic == found.observed.max()
    assert (found.low < found.high).all()
    assert 0.0 <= found.percentile <= 100.0
    assert found.null_low.value == pytest.approx(found.low.mean())
    assert found.null_min.low is not None
    assert found.null_min.low < found.null_low.value < found.null_high.value


def test_normal_returns_have_the_fisher_envelope() -> None:
    """Without clustering and tails a window of 90 has z +/- 1.96 / sqrt(87)."""
    a, b = (x[:, 0] for x in normal_returns(1260, 1, rho=0.8, seed=3))
    found = rolling_envelope(a, b, seed=4, paths=1000)
    assert isinstance(found, Envelope)
    centre = np.arctanh(np.corrcoef(a, b)[0, 1])
    half = 1.96 / np.sqrt(87.0)
    assert np.arctanh(found.null_low.value) == pytest.approx(centre - half, abs=0.035)
    assert np.arctanh(found.null_high.value) == pytest.approx(centre + half, abs=0.035)


def test_clustering_widens_it() -> None:
    plain = [x[:, 0] for x in normal_returns(1260, 1, rho=0.85, seed=3)]
    narrow = rolling_envelope(plain[0], plain[1], seed=4, paths=300)
    wide = rolling_envelope(*garch_pair(1260, 3), seed=4, paths=300)
    assert isinstance(narrow, Envelope)
    assert isinstance(wide, Envelope)
    assert np.ptp([wide.null_low.value, wide.null_high.value]) > 1.1 * np.ptp(
        [narrow.null_low.value, narrow.null_high.value]
    )


def test_it_is_centred_on_the_observed_windows() -> None:
    rng = np.random.default_rng(6)
    common, other = rng.standard_normal((2, 1260))
    calm = np.exp(np.sin(np.arange(1260) / 100.0))  # volatility of one leg only
    a, b = 0.9 * common + 0.4 * other, common * calm
    found = rolling_envelope(a, b, seed=1, paths=400)
    assert isinstance(found, Envelope)
    middle = 0.5 * (np.arctanh(found.low) + np.arctanh(found.high)).mean()
    assert middle == pytest.approx(np.arctanh(found.observed).mean(), abs=0.05)


def test_a_break_leaves_the_envelope() -> None:
    rng = np.random.default_rng(7)
    common, own_a, own_b = rng.standard_normal((3, 1260))
    weight = np.where(np.arange(1260) < 1100, 2.0, 0.1)
    found = rolling_envelope(weight * common + own_a, weight * common + own_b, seed=1, paths=400)
    assert isinstance(found, Envelope)
    assert found.test_min.pvalue < 0.01
    assert found.percentile < 1.0
    assert found.null_low.nobs == 1260


def test_seed_scale_and_given_legs() -> None:
    a, b = garch_pair(400, 5)
    first = rolling_envelope(a, b, seed=1, paths=60)
    again = rolling_envelope(a, b, seed=1, paths=60)
    scaled = rolling_envelope(1e6 * a, 1e-6 * b + 1e-8, seed=1, paths=60)
    other = rolling_envelope(a, b, seed=2, paths=60)
    legs = (garch(a), garch(b))
    assert isinstance(legs[0], GarchFit)
    assert isinstance(legs[1], GarchFit)
    given = rolling_envelope(a, b, seed=1, paths=60, legs=(legs[0], legs[1]))
    for result in (first, again, scaled, other, given):
        assert isinstance(result, Envelope)
    assert np.array_equal(first.low, again.low)
    assert np.array_equal(first.low, given.low)
    assert scaled.low == pytest.approx(first.low, abs=1e-3)
    assert not np.array_equal(first.low, other.low)
    short = replace(legs[0], nobs=399)
    with pytest.raises(ValueError, match="last 400"):
        rolling_envelope(a, b, seed=1, legs=(short, short))


def test_what_has_no_envelope() -> None:
    a, b = garch_pair(600, 8)
    still = a.copy()
    still[100:250] = 0.0
    gap = np.where(np.arange(600) == 3, np.nan, a)
    for x, y in ((a[:269], b[:269]), (gap, b), (still, b), (b, b)):
        result = rolling_envelope(x, y, seed=1, paths=20)
        assert isinstance(result, NotComputed)
    with pytest.raises(ValueError, match="window"):
        rolling_envelope(a, b, seed=1, window=2)
    with pytest.raises(ValueError, match="length"):
        rolling_envelope(a, b[1:], seed=1)


@pytest.mark.parametrize("seed", [7, 191])
def test_volatility_that_wanders_far_has_an_envelope(seed: int) -> None:
    """Simulated volatility falls a thousandfold here, below the digits of prefix sums."""
    rng = np.random.default_rng(seed)
    volatility = 0.01 * np.exp(0.1 * np.cumsum(rng.standard_normal(500)))
    a, b = rng.standard_normal((2, 500))
    found = rolling_envelope(volatility * a, volatility * (a + b), seed=1, paths=200)
    assert isinstance(found, Envelope)
    assert (found.low < found.high).all()
    assert found.null_min.low is not None
    assert -1.0 < found.null_min.low < found.null_max.value < 1.0


def test_volatility_that_dies_out_has_none() -> None:
    a, b = garch_pair(300, 9)
    legs = []
    for leg in (garch(a), garch(b)):
        assert isinstance(leg, GarchFit)
        legs.append(replace(leg, omega=1e-300, alpha=0.1, beta=0.3))
    found = rolling_envelope(a, b, seed=1, paths=20, legs=(legs[0], legs[1]))
    assert isinstance(found, NotComputed)
    assert "dies out" in found.reason
