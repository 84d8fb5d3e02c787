"""Results that are computed again on every form of the sample."""

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

    _Compute = Callable[[SharedSample, str], Result]

__all__ = ["RERUNS", "Rerun"]

_ALL = ("lag", "halves", "capped", "returns", "weekly")
_NO_HALVES = ("lag", "capped", "returns", "weekly")
_DAILY = ("lag", "halves", "capped", "returns")
_NO_LAG = ("halves", "capped", "returns")
_WHOLE = ("lag", "capped", "returns")
_PINNED = ("capped", "returns")  # the lag is part of the method
_RECENT = 1260


@dataclass(frozen=True, slots=True)
class Rerun:
    """How a result is computed from a form of the sample and the key's qualifier.

    ``forms`` are the kinds that make sense for it; ``roles`` the further series it needs, ``"*"``
    the one that the qualifier names; ``weekly`` says whether it is on weekly returns, ``window``
    whether its qualifier is a trailing window.
    """

    compute: Callable[[SharedSample, str], Result]
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
    gap = regime_gap(v.a, v.b, regimes, *names, confidence_level=v.level, stretch=v.stretch)
    return gap if isinstance(gap, NotComputed) else gap.difference


def _years(compute: Callable[[list[FisherZ], float], Result]) -> _Compute:
    def of_years(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
        years = year_correlations(v.a, v.b, full_years(v.dates), stretch=v.stretch)
        return years if isinstance(years, NotComputed) else compute(years, v.level)

    return of_years


def _recent(v: SharedSample, qualifier: str) -> Result:
    new = int(qualifier)
    rows = slice(max(0, v.a.size - _RECENT), v.a.size - new)
    samples = (v.a[-new:], v.b[-new:], v.a[rows], v.b[rows])
    return difference(*samples, confidence_level=v.level, stretch=v.stretch)


def _shift_size(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
    dates = splits(v.a, v.b)
    if isinstance(dates, NotComputed):
        return dates
    return widest_gap(dates.gaps, confidence_level=v.level)


def _style_gap(v: SharedSample, qualifier: str) -> Result:
    other = v.others[:, {"mid-large": 1, "mid-small": 2}[qualifier]]
    return rsquared_gap(v.a, v.others[:, 0], other, **v.hac())


def _lead(name: str) -> _Compute:
    """Lead of the leg with the larger market beta."""

    def lead(v: SharedSample, qualifier: str) -> Result:  # noqa: ARG001
        regimes = market_regimes(v.levels[:, 0])
        if isinstance(regimes, NotComputed):
            return regimes
        gap = market_slopes(v.a, v.b, v.others[:, 0]).gap
        if not isinstance(gap, Estimate):
            return gap
        ahead = (1.0 if gap.value > 0.0 else -1.0) * (v.a - v.b)
        return mean_in(ahead, np.asarray(regimes[name]), scale=SESSIONS, **v.hac())

    return lead


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
    return hac_gain(*losses, confidence_level=v.level, lag=v.lag(losses[0].size))


def _share(cause: Array, effect: Array, v: SharedSample, lags: str) -> Result:
    """What lags of the cause explain, up to a number or from one to another."""
    if lags.isdigit():
        return lead_share(cause, effect, int(lags), confidence_level=v.level)
    first, last = map(int, lags.split("-"))
    test = skip_wald(cause, effect, tuple(range(first, last + 1)))
    if isinstance(test, NotComputed):
        return test
    return explained_share(test, last - first + 1, confidence_level=v.level)


_AB = Rerun(lambda v, lags: _share(v.a, v.b, v, lags), _NO_LAG)
_BA = Rerun(lambda v, lags: _share(v.b, v.a, v, lags), _NO_LAG)

RERUNS: dict[str, Rerun] = {
    "concordance.same_sign": Rerun(
        lambda v, _: same_sign(v.a, v.b, **v.hac()),
        ("lag", "halves", "weekly"),
    ),
    "concordance.hit_ab": Rerun(
        lambda v, _: hit_rate(v.a, v.b, confidence_level=v.level, lag=0), ("halves",)
    ),
    "concordance.hit_ba": Rerun(
        lambda v, _: hit_rate(v.b, v.a, confidence_level=v.level, lag=0), ("halves",)
    ),
    "correlation.pearson": Rerun(lambda v, _: _pearson(v.a, v.b, v), window=True),
    "correlation.partial": Rerun(
        lambda v, _: partial(v.a, v.b, v.others[:, 0], **v.hac()), roles=("market",)
    ),
    "correlation.partial_drop": Rerun(
        lambda v, _: partial_drop(v.a, v.b, v.others[:, 0], **v.hac()), roles=("market",)
    ),
    "regression.beta": Rerun(lambda v, _: beta(v.a, v.b, **v.hac()), _DAILY, window=True),
    "volatility.ratio": Rerun(
        lambda v, _: volatility_ratio(v.a, v.b, **v.hac()), _DAILY, window=True
    ),
    "consistency.halves": Rerun(_halves, _NO_HALVES),
    "consistency.beta_halves": Rerun(
        lambda v, _: beta_gap(v.a, v.b, *halves(v.a.size), **v.hac()), _NO_HALVES
    ),
    "regimes.difference": Rerun(_regime_gap, _PINNED),
    "consistency.years": Rerun(_years(lambda years, _: welch_james(years)), _WHOLE),
    "consistency.years_gap": Rerun(
        _years(lambda years, level: widest_gap(gaps_between(years), confidence_level=level)), _WHOLE
    ),
    "stability.cusum_r": Rerun(lambda v, _: cusum_r(v.a, v.b), _PINNED),
    "stability.shift": Rerun(_shift_size, _PINNED),
    "recent.difference": Rerun(_recent, _PINNED),
    "market.beta_gap": Rerun(
        lambda v, _: market_slopes(v.a, v.b, v.others[:, 0], **v.hac()).gap, roles=("market",)
    ),
    "market.delay_gap": Rerun(
        lambda v, _: delay_gap(v.a, v.b, v.others[:, 0], **v.hac())[0], _DAILY, roles=("market",)
    ),
    "market.style_gap": Rerun(_style_gap, roles=("mid_cap", "market", "small_cap")),
    "market.lead_bull": Rerun(_lead("bull"), _DAILY, roles=("market",)),
    "market.lead_bear": Rerun(_lead("bear"), _DAILY, roles=("market",)),
    "macro.risk": Rerun(lambda v, _: _pearson(v.a - v.b, -v.others[:, 0], v), roles=("*",)),
    "macro.risk_after_beta": Rerun(
        lambda v, _: partial(v.a - v.b, -v.others[:, 0], v.others[:, 1], **v.hac()),
        roles=("*", "market"),
    ),
    "macro.shift": Rerun(_shift, _WHOLE, roles=("*",)),
    "macro.rsquared": Rerun(
        lambda v, _: explained(v.a - v.b, v.others, **v.hac()),
        _DAILY,
        roles=("drivers",),
        weekly=True,
    ),
    "divergence.after_breakdowns": Rerun(_after, _WHOLE),
    "divergence.volatility_gain": Rerun(_sizing, _DAILY),
    "leads.skip_share_ab": _AB,
    "leads.skip_share_ba": _BA,
    "leads.share_ab": _AB,
    "leads.share_ba": _BA,
}
