"""Two legs side by side, hedges and splits: held against the window's own truth in every world.

Ratios of volatility, growth, captures and return for the risk, whose the spread is, what a hedge
removed and what hindsight would have, and the change told at the widest split. A test's null is
made exactly true of the window: a leg is scaled, or a ratio set, until it is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import NotComputed
from convex_research.methodology.simulations.market_worlds import over_worlds
from convex_research.statistics.dependence import side_by_side as legs
from convex_research.statistics.hedging.hedge import effectiveness_and_test, hindsight
from convex_research.statistics.hedging.hedge_ratios import rolling_ratios
from convex_research.statistics.inference.two_windows import change_in_r, change_in_z
from convex_research.statistics.single.reward import reward_for_risk
from convex_research.statistics.single.volatility import volatility_ratio
from convex_research.statistics.stability.homogeneity import MARGIN, equivalence
from convex_research.statistics.stability.lasting_shift import splits

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow
    from convex_research.methodology.simulations.market_worlds import Paths
    from convex_research.methodology.simulations.tally import Tally

__all__ = ["SEED", "SUBJECTS", "hedged", "rewarded", "side_by_side", "widest_split"]

SEED, RHO, CLOSE, YEAR = 577215, 0.8, 0.95, 252
DAY = np.timedelta64(1, "D")


def _moments(path: Paths) -> Array:
    """Variances and covariance of each day, jumps known, shape (3, T)."""
    return path.covariance if path.given_jumps is None else path.given_jumps


def side_by_side() -> list[CoverageRow]:
    """Volatilities, growth, captures and the spread of two legs."""

    def observe(tally: Tally, path: Paths) -> None:
        moments = _moments(path)
        _volatility(tally, path, moments)
        if path.a.size > 2 * YEAR:
            _change(tally, path, moments)
        _growth(tally, path)
        _own_share(tally, path, moments)

    return over_worlds(observe, ((252, 500), (1260, 500)), seed=SEED, rho=RHO)


def _ratio(moments: Array) -> float:
    """Volatility of A over that of B."""
    return math.sqrt(moments[0].sum() / moments[1].sum())


def _volatility(tally: Tally, path: Paths, moments: Array) -> None:
    true = _ratio(moments)
    tally.cover("volatility.ratio[all]", volatility_ratio(path.a, path.b), true)
    even = path.b * true
    tally.test("volatility.ratio_test[all]", legs.volatility_ratio_test(path.a, even))
    found = legs.volatility_ratio_test(1.2 * path.a, even)
    tally.test("volatility.ratio_test[all]", found, "power", "A a fifth more volatile")


def _change(tally: Tally, path: Paths, moments: Array) -> None:
    new, old = slice(-YEAR, None), slice(0, -YEAR)
    true = _ratio(moments[:, new]) / _ratio(moments[:, old])
    for factor, measure, note in ((1.0, "size", ""), (1.4, "power", "two fifths more volatile")):
        recent = path.a[new] * (factor / true)
        made = legs.volatility_change(recent, path.b[new], path.a[old], path.b[old])
        test = made if isinstance(made, NotComputed) else made[1]
        tally.test("volatility.ratio_change_test[252]", test, measure, note)
    made = legs.volatility_change(path.a[new], path.b[new], path.a[old], path.b[old])
    tally.cover("volatility.ratio_change[252]", _first(made), true)


def _first(made: object) -> object:
    return made[0] if isinstance(made, tuple) else made


def _second(made: object) -> object:
    return made[1] if isinstance(made, tuple) else made


def _growth(tally: Tally, path: Paths) -> None:
    """No leg grows in the mean, and each follows the other up as it does down."""
    dates = np.datetime64("2010-01-04") + np.arange(path.a.size + 1) * 7 // 5 * DAY
    for drift, measure, note in (
        (0.0, "size", ""),
        (0.08, "power", ".08 sd a day more growth"),
    ):
        growth = [
            np.exp(0.01 * np.concatenate([[0.0], np.cumsum(x)])) for x in (path.a + drift, path.b)
        ]
        made = legs.growth_gap(growth[0], growth[1], dates)
        tally.test("performance.gap_test", _second(made), measure, note)
        if not drift:
            tally.cover("performance.gap", _first(made), 0.0)
    for more, measure, note in (
        (0.0, "size", ""),
        (0.3, "power", ".3 more of rises"),
    ):
        made = legs.capture_gap(path.a + more * np.maximum(path.b, 0.0), path.b)
        tally.test("performance.capture_gap_test", _second(made), measure, note)
        if not more:
            tally.cover("performance.capture_gap", _first(made), 0.0)


def _own_share(tally: Tally, path: Paths, moments: Array) -> None:
    made = legs.own_share(path.a, path.b)
    tally.cover("spread.own_share[all]", _first(made), _own(moments, legs.riskier(path.a, path.b)))
    tally.test("spread.own_share_test[all]", _second(made), "power", "equal volatilities")
    # A as volatile as makes half of the spread's variance its own.
    first, second, shared = moments.sum(axis=1)
    r = shared / math.sqrt(first * second)
    if (slack := 2.0 * r * r - 1.0) > 0.05:
        scale = (r + math.sqrt(1.0 - r * r)) / slack / math.sqrt(first / second)
        test = _second(legs.own_share(scale * path.a, path.b))
        tally.test("spread.own_share_test[all]", test)


def _own(moments: Array, leg: str) -> float:
    """Share of the spread's variance that is not explained by the other leg."""
    first, second, shared = moments.sum(axis=1)
    other = second if leg == "a" else first
    return float(1.0 - (shared - other) ** 2 / ((first + second - 2.0 * shared) * other))


def rewarded() -> list[CoverageRow]:
    """Return for the risk of each leg, and whether one returns more for it."""

    def observe(tally: Tally, path: Paths) -> None:
        drift = 0.06  # a Sharpe ratio of about one a year
        year, risks = math.sqrt(YEAR), np.sqrt(_moments(path)[:2].mean(axis=1))
        sharpe = reward_for_risk(path.a + drift, "sharpe", YEAR)
        tally.cover("performance.sharpe_a", sharpe, year * drift / risks[0])
        tally.cover("performance.sortino_a", reward_for_risk(path.a, "sortino", YEAR), 0.0)
        even = path.a + drift * risks[0], path.b + drift * risks[1]
        made = legs.reward_gap(*even, "sharpe", YEAR)
        tally.cover("performance.sharpe_gap", _first(made), 0.0)
        tally.test("performance.sharpe_gap_test", _second(made))
        made = legs.reward_gap(path.a, path.b, "sortino", YEAR)
        tally.cover("performance.sortino_gap", _first(made), 0.0)
        tally.test("performance.sortino_gap_test", _second(made))
        note = "Sharpe ratio .10 sd a day more"
        for measure in ("sharpe", "sortino"):
            more = legs.reward_gap(path.a + 0.1 * risks[0], path.b, measure, YEAR)
            tally.test(f"performance.{measure}_gap_test", _second(more), "power", note)

    return over_worlds(observe, ((252, 500), (1260, 500)), seed=SEED + 4, rho=RHO)


def hedged() -> list[CoverageRow]:
    """What a hedge removed, whether that is half, and what hindsight would have added."""

    def observe(tally: Tally, path: Paths) -> None:
        _hindsight(tally, path)
        _half(tally, path)

    return over_worlds(observe, ((1260, 250),), seed=SEED + 1, rho=CLOSE)


def _hindsight(tally: Tally, path: Paths) -> None:
    ratios = rolling_ratios(path.a, path.b)
    if isinstance(ratios, NotComputed):
        return
    first, second, shared = _moments(path)[:, -ratios.size :]
    left = first - 2.0 * ratios * shared + ratios**2 * second
    best = shared.sum() ** 2 / (first.sum() * second.sum())
    fitted, loss = hindsight(path.a, path.b, ratios)
    tally.cover("hedge.effectiveness_hindsight", fitted, best)
    tally.cover("hedge.hindsight_loss", loss, best - 1.0 + left.sum() / first.sum())
    share, test = effectiveness_and_test(path.a, path.b, ratios)
    tally.cover("hedge.effectiveness_out[all]", share, 1.0 - left.sum() / first.sum())
    tally.test("hedge.half_test[all]", test, "power", "r .95")


def _half(tally: Tally, path: Paths) -> None:
    """A fixed ratio, too small by as much as leaves half of the variance."""
    first, second, shared = _moments(path).sum(axis=1)
    if (slack := shared**2 - 0.5 * first * second) > 0.0:
        ratio = (shared - math.sqrt(slack)) / second
        _, test = effectiveness_and_test(path.a, path.b, np.full(path.a.size, ratio))
        tally.test("hedge.half_test[all]", test)


def widest_split() -> list[CoverageRow]:
    """The change that is told, and the test that none is as large as the margin."""

    def constant(tally: Tally, path: Paths) -> None:
        tried = splits(path.a, path.b)
        if isinstance(tried, NotComputed):
            return
        at, note = tried.at[tried.widest], "constant r"
        r1, r0 = (float(path.window(x, jumps=True)) for x in (slice(at, None), slice(0, at)))
        sides = tried.after[tried.widest], tried.before[tried.widest]
        truth = math.atanh(r1) - math.atanh(r0)
        tally.cover("stability.shift_split", change_in_z(*sides), truth, note)
        tally.cover("stability.shift_split_r", change_in_r(*sides), r1 - r0, note)
        tally.test("stability.shift_within", equivalence(tried.gaps), "power", note)

    def moved(tally: Tally, path: Paths) -> None:
        at = path.a.size // 2
        r1, r0 = (float(path.window(x, jumps=True)) for x in (slice(at, None), slice(0, at)))
        tried = splits(path.a, path.b)
        # Where the window's own change is smaller the test may reject.
        if abs(math.atanh(r1) - math.atanh(r0)) >= MARGIN and not isinstance(tried, NotComputed):
            note = "z moves by the margin in the middle"
            tally.test("stability.shift_within", equivalence(tried.gaps), note=note)

    def broken(nobs: int) -> tuple[int, float]:
        return nobs // 2, math.tanh(math.atanh(RHO) - 1.001 * MARGIN)

    lengths = ((1260, 400), (5040, 150))
    return over_worlds(constant, lengths, seed=SEED + 2, rho=RHO) + over_worlds(
        moved, lengths, seed=SEED + 3, rho=RHO, broken=broken
    )


SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "side_by_side": side_by_side,
    "rewarded": rewarded,
    "hedged": hedged,
    "widest_split": widest_split,
}
