from __future__ import annotations

import numpy as np
import pytest

from convex_research.core.estimates import TestResult
from convex_research.statistics.simulate.worlds import CccGarch, ccc_garch_returns, garch_world
from convex_research.statistics.stability.constant_correlation import wied
from convex_research.statistics.stability.regression_stability import SupF, nyblom, sup_f
from convex_research.statistics.stability.stability_null import default_paths, stability_null


def test_paths_are_tested_like_observations() -> None:
    """Each simulated statistic equals that of the same path given to the public function."""
    null = stability_null(garch_world(0.7), 150, seed=3, paths=12)
    piece_seed = int(np.random.SeedSequence(3).generate_state(1)[0])
    a, b = (
        x.astype(np.float64)
        for x in ccc_garch_returns(garch_world(0.7), 150, 12, seed=piece_seed, precision="single")
    )
    single = {"wied_log": [], "wied_sqrt": [], "sup_f": [], "nyblom": []}
    for i in range(12):
        x, y = a[:, i].copy(), b[:, i].copy()
        log, sqrt, sup, wander = (
            wied(x, y),
            wied(x, y, bandwidth="1.3sqrt"),
            sup_f(x, y),
            nyblom(x, y),
        )
        assert isinstance(log, TestResult)
        assert isinstance(sqrt, TestResult)
        assert isinstance(sup, SupF)
        assert isinstance(wander, TestResult)
        single["wied_log"].append(log.statistic)
        single["wied_sqrt"].append(sqrt.statistic)
        single["sup_f"].append(sup.test.statistic)
        single["nyblom"].append(wander.statistic)
    for name, values in single.items():
        # Simulated in single precision.
        assert getattr(null, name) == pytest.approx(np.sort(values), rel=2e-4)


def test_seed_and_effort() -> None:
    model = garch_world(0.5)
    first, again, other = (stability_null(model, 80, seed=s, paths=50) for s in (1, 1, 2))
    assert np.array_equal(first.sup_f, again.sup_f)
    assert not np.array_equal(first.sup_f, other.sup_f)
    assert default_paths(252) == default_paths(1260) == 399
    assert default_paths(5000) == 199


def test_without_clustering_the_limits_hold() -> None:
    flat = CccGarch(
        omega=(1.0, 1.0), alpha=(0.0, 0.0), beta=(0.0, 0.0), df=(1e9, 1e9), rho=0.6,
        start=(1.0, 1.0),
    )  # fmt: skip
    null = stability_null(flat, 1500, seed=9, paths=1500)
    # 95 % points of the bridge, of Nyblom-Hansen and of sup-F(2) at 15 %; finite samples and
    # 1,500 paths leave a few percent.
    assert np.quantile(null.wied_log, 0.95) == pytest.approx(1.358, rel=0.06)
    assert np.quantile(null.nyblom, 0.95) == pytest.approx(0.748, rel=0.09)
    assert np.quantile(null.sup_f, 0.95) == pytest.approx(11.6, rel=0.06)


def test_clustering_moves_the_regression_tests() -> None:
    null = stability_null(garch_world(0.8), 1000, seed=4, paths=300)
    assert np.quantile(null.sup_f, 0.95) > 18.0
    assert np.quantile(null.nyblom, 0.95) > 1.2
