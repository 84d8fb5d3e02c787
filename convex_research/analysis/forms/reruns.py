"""Results that are made anew on every form of the sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.sections.consistency import (
    compare_halves,
    full_years,
    regime_gap,
    year_correlations,
)
from convex_research.analysis.sections.macro import DRIVERS
from convex_research.analysis.sections.market import SESSIONS
from convex_research.core.estimates import Estimate, NotComputed, Result
from convex_research.statistics.dependence.comparison import difference
from convex_research.statistics.dependence.concordance import hit_rate, same_sign
from convex_research.statistics.dependence.conditional_correlation import partial, partial_drop
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.dependence.explained import explained, rsquared_gap
from convex_research.statistics.dependence.exposure import delay_gap, market_slopes, mean_in
from convex_research.statistics.dependence.regression import beta
from convex_research.statistics.dynamics.rolling import rolling_pearson
from convex_research.statistics.inference.paired_losses import hac_gain
from convex_research.statistics.leads.lead_share import explained_share, lead_share
from convex_research.statistics.leads.skip_lead import skip_wald
from convex_research.statistics.levels.divergence import (
    after_breakdowns,
    breakdowns,
    volatility_losses,
)
from convex_research.statistics.single.volatility import volatility_ratio
from convex_research.statistics.stability.constancy import beta_gap, halves
from convex_research.statistics.stability.homogeneity import gaps_between, welch_james, widest_gap
from convex_research.statistics.stability.lasting_shift import cusum_r, splits
from convex_research.statistics.stability.macro_shift import MONTH, monthly_shift
from convex_research.statistics.stability.regimes import market_regimes, volatility_regimes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from convex_research.analysis.shared_sample import SharedSample
    from convex_research.core.typing import Array
    from convex_research.statistics.inference.jackknife import FisherZ

__all__ = ["REMADE", "Remade"]

_ALL = ("lag", "halves", "capped", "returns", "weekly")
_NO_HALVES = ("lag", "capped", "returns", "weekly")
_DAILY = ("lag", "halves", "capped", "returns")
_WHOLE = ("lag", "capped", "returns")
_PINNED = ("capped", "returns")  # the lag is part of the method
_RECENT = 1260


@dataclass(frozen=True, slots=True)
class Remade:
    """How a result is made on a form of the sample.

    Parameters
    ----------
    make : callable
        From a form and the key's qualifier to the result.
    forms : tuple of str
        Kinds of forms that make sense for it.
    roles : tuple of str
        Further series it needs; ``"*"`` is the series the qualifier names.
    weekly : bool
        Whether it is on weekly returns.
    window : bool
        Whether its qualifier is a trailing window.
    """

    make: Callable[[SharedSample, str], Result]
    forms: tuple[str, ...] = _ALL
    roles: tuple[str, ...] = ()
    weekly: bool = False
    window: bool = False

    def helpers(self, qualifier: str, loaded: Mapping[str, object]) -> tuple[str, ...]:
        """Roles of the further series, those of the qualifier among them."""
        if self.roles == ("drivers",):
            return tuple(name for name in DRIVERS if name in loaded)
        return tuple(qualifier if role == "*" else role for role in self.roles)


def _pearson(a: Array, b: Array, v: SharedSample) -> Result:
    return pearson(a, b, confidence_level=v.level, stretch=v.stretch)


def _halves(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
    return compare_halves(v.a, v.b, confidence_level=v.level, stretch=v.stretch).difference_r


def _regime_gap(v: SharedSample, qualifier: str) -> Result:
    regimes, names = volatility_regimes(v.a), qualifier.split("-")
    found = regime_gap(v.a, v.b, regimes, *names, confidence_level=v.level, stretch=v.stretch)
    return found if isinstance(found, NotComputed) else found.difference


def _years(make: Callable[[list[FisherZ], float], Result]) -> Callable[[SharedSample, str], Result]:
    def remade(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
        found = year_correlations(v.a, v.b, full_years(v.dates), stretch=v.stretch)
        return found if isinstance(found, NotComputed) else make(found, v.level)

    return remade


def _recent(v: SharedSample, qualifier: str) -> Result:
    new = int(qualifier)
    rows = slice(max(0, v.a.size - _RECENT), v.a.size - new)
    samples = (v.a[-new:], v.b[-new:], v.a[rows], v.b[rows])
    return difference(*samples, confidence_level=v.level, stretch=v.stretch)


def _shift_size(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
    tried = splits(v.a, v.b)
    if isinstance(tried, NotComputed):
        return tried
    return widest_gap(tried.gaps, confidence_level=v.level)


def _style_gap(v: SharedSample, qualifier: str) -> Result:
    other = v.others[:, {"mid-large": 1, "mid-small": 2}[qualifier]]
    return rsquared_gap(v.a, v.others[:, 0], other, **v.hac())


def _lead(name: str) -> Callable[[SharedSample, str], Result]:
    """Lead of the leg with the larger market beta."""

    def make(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
        regimes = market_regimes(v.levels[:, 0])
        if isinstance(regimes, NotComputed):
            return regimes
        gap = market_slopes(v.a, v.b, v.others[:, 0]).gap
        if not isinstance(gap, Estimate):
            return gap
        ahead = (1.0 if gap.value > 0.0 else -1.0) * (v.a - v.b)
        mask = np.asarray(regimes[name])
        return mean_in(ahead, mask, scale=SESSIONS, **v.hac())

    return make


def _shift(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
    lag = v.lag(v.a.size // MONTH - 1)
    return monthly_shift(v.a, v.b, v.levels[1:, 0], confidence_level=v.level, lag=lag)


def _after(v: SharedSample, qualifier: str) -> Result:
    low = breakdowns(rolling_pearson(v.a, v.b, int(qualifier)))
    return after_breakdowns(v.a - v.b, low, **v.hac())[0]


def _sizing(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
    losses = volatility_losses(v.a - v.b)
    if isinstance(losses, NotComputed):
        return losses
    lag = v.lag(losses[0].size)
    return hac_gain(*losses, confidence_level=v.level, lag=lag)


def _share(way: str) -> Callable[[SharedSample, str], Result]:
    def make(v: SharedSample, qualifier: str) -> Result:
        legs = (v.a, v.b) if way == "ab" else (v.b, v.a)
        return lead_share(*legs, int(qualifier), confidence_level=v.level)

    return make


def _later_share(way: str) -> Callable[[SharedSample, str], Result]:
    def make(v: SharedSample, qualifier: str) -> Result:
        legs = (v.a, v.b) if way == "ab" else (v.b, v.a)
        first, last = map(int, qualifier.split("-"))
        lags = tuple(range(first, last + 1))
        test = skip_wald(*legs, lags)
        if isinstance(test, NotComputed):
            return test
        return explained_share(test, len(lags), confidence_level=v.level)

    return make


REMADE: dict[str, Remade] = {
    "concordance.same_sign": Remade(
        lambda v, _: same_sign(v.a, v.b, **v.hac()),
        ("lag", "halves", "weekly"),
    ),
    "concordance.hit_ab": Remade(
        lambda v, _: hit_rate(v.a, v.b, confidence_level=v.level, lag=0), ("halves",)
    ),
    "concordance.hit_ba": Remade(
        lambda v, _: hit_rate(v.b, v.a, confidence_level=v.level, lag=0), ("halves",)
    ),
    "correlation.pearson": Remade(lambda v, _: _pearson(v.a, v.b, v), window=True),
    "correlation.partial": Remade(
        lambda v, _: partial(v.a, v.b, v.others[:, 0], **v.hac()), roles=("market",)
    ),
    "correlation.partial_drop": Remade(
        lambda v, _: partial_drop(v.a, v.b, v.others[:, 0], **v.hac()), roles=("market",)
    ),
    "regression.beta": Remade(lambda v, _: beta(v.a, v.b, **v.hac()), _DAILY, window=True),
    "volatility.ratio": Remade(
        lambda v, _: volatility_ratio(v.a, v.b, **v.hac()), _DAILY, window=True
    ),
    "consistency.halves": Remade(_halves, _NO_HALVES),
    "consistency.beta_halves": Remade(
        lambda v, _: beta_gap(v.a, v.b, *halves(v.a.size), **v.hac()), _NO_HALVES
    ),
    "regimes.difference": Remade(_regime_gap, _PINNED),
    "consistency.years": Remade(_years(lambda found, _: welch_james(found)), _WHOLE),
    "consistency.years_gap": Remade(
        _years(lambda found, level: widest_gap(gaps_between(found), confidence_level=level)), _WHOLE
    ),
    "stability.cusum_r": Remade(lambda v, _: cusum_r(v.a, v.b), _PINNED),
    "stability.shift": Remade(_shift_size, _PINNED),
    "recent.difference": Remade(_recent, _PINNED),
    "market.beta_gap": Remade(
        lambda v, _: market_slopes(v.a, v.b, v.others[:, 0], **v.hac()).gap, roles=("market",)
    ),
    "market.delay_gap": Remade(
        lambda v, _: delay_gap(v.a, v.b, v.others[:, 0], **v.hac())[0], _DAILY, roles=("market",)
    ),
    "market.style_gap": Remade(_style_gap, roles=("mid_cap", "market", "small_cap")),
    "market.lead_bull": Remade(_lead("bull"), _DAILY, roles=("market",)),
    "market.lead_bear": Remade(_lead("bear"), _DAILY, roles=("market",)),
    "macro.risk": Remade(lambda v, _: _pearson(v.a - v.b, -v.others[:, 0], v), roles=("*",)),
    "macro.risk_after_beta": Remade(
        lambda v, _: partial(v.a - v.b, -v.others[:, 0], v.others[:, 1], **v.hac()),
        roles=("*", "market"),
    ),
    "macro.shift": Remade(_shift, _WHOLE, roles=("*",)),
    "macro.rsquared": Remade(
        lambda v, _: explained(v.a - v.b, v.others, **v.hac()),
        _DAILY,
        roles=("drivers",),
        weekly=True,
    ),
    "divergence.after_breakdowns": Remade(_after, _WHOLE),
    "divergence.volatility_gain": Remade(_sizing, _DAILY),
    "leads.skip_share_ab": Remade(_later_share("ab"), ("halves", "capped", "returns")),
    "leads.skip_share_ba": Remade(_later_share("ba"), ("halves", "capped", "returns")),
    "leads.share_ab": Remade(_share("ab"), ("halves", "capped", "returns")),
    "leads.share_ba": Remade(_share("ba"), ("halves", "capped", "returns")),
}
