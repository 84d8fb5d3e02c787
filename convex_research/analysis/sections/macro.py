"""The spread and the correlation against volatility, yields, credit, the dollar and oil."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.section import Section
from convex_research.analysis.shared_sample import SharedSample, shared_sample
from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics.correlation import pearson
from convex_research.statistics.explained import explained, explained_gap, explained_test
from convex_research.statistics.exposure import mean_gap
from convex_research.statistics.macro_shift import monthly_shift
from convex_research.statistics.rolling import rolling_pearson

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from convex_research.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

DRIVERS = ("vix", "yield_10y", "curve", "hy_spread", "dollar", "oil")
RISK = ("vix", "hy_spread")
SHIFTERS = ("vix", "hy_spread", "yield_10y")
_SHARE_WINDOW = 26
_LEAST_DRIVERS = 2
_RECOVERY_DAYS = 365


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``macro.*`` key, without further series."""
    return compute_with_helpers(returns, config, {})


def compute_with_helpers(
    returns: AlignedReturns, config: AnalysisConfig, helpers: Mapping[str, Any]
) -> Section:
    """Every ``macro.*`` key."""
    section = Section("macro", returns)
    level = config.confidence_level
    same = returns.units[0] == returns.units[1]
    other_units = NotComputed("the legs have different units, so there is no spread")
    for name in RISK:
        shared = shared_sample(returns, helpers, (name,)) if same else other_units
        for suffix, used in (("", level), ("_90", 0.90)):
            if isinstance(shared, NotComputed):
                section.add(f"risk{suffix}[{name}]", shared)
                continue
            r = pearson(shared.a - shared.b, -shared.others[:, 0], confidence_level=used)
            shared.add(section, f"risk{suffix}[{name}]", r)
    for name in SHIFTERS:
        shared = shared_sample(returns, helpers, (name,))
        for suffix, used in (("", level), ("_90", 0.90)):
            if isinstance(shared, NotComputed):
                section.add(f"shift{suffix}[{name}]", shared)
                continue
            slope = monthly_shift(shared.a, shared.b, shared.levels[1:, 0], confidence_level=used)
            shared.add(section, f"shift{suffix}[{name}]", slope)
    drivers = tuple(name for name in DRIVERS if name in helpers)
    weekly: SharedSample | NotComputed = other_units
    if same:
        weekly = (
            shared_sample(returns, helpers, drivers, weekly=True)
            if len(drivers) >= _LEAST_DRIVERS
            else NotComputed("needs at least two of VIX, yields, credit spread, dollar and oil")
        )
    _spread(section, weekly, level)
    _recoveries(section, returns, helpers, level)
    return section


def _spread(section: Section, weekly: SharedSample | NotComputed, level: float) -> None:
    if isinstance(weekly, NotComputed):
        for key in ("rsquared[weekly]", "test[weekly]", "idiosyncratic_gap[weekly]"):
            section.add(key, weekly)
        return
    spread = weekly.a - weekly.b
    r2 = explained(spread, weekly.others, confidence_level=level)
    weekly.add(section, "rsquared[weekly]", r2)
    weekly.add(section, "test[weekly]", explained_test(spread, weekly.others))
    # The share of A's moves that B does not make, over the 26 weeks before.
    alone = np.full(spread.size, np.nan)
    path = rolling_pearson(weekly.a, weekly.b, _SHARE_WINDOW)
    alone[1:] = 1.0 - path[:-1] ** 2
    known = np.isfinite(alone)
    if int(known.sum()) < 3 * _SHARE_WINDOW:
        reason = NotComputed(f"needs {4 * _SHARE_WINDOW} weeks, there are {spread.size}")
        section.add("idiosyncratic_gap[weekly]", reason)
        return
    first, second = np.quantile(alone[known], (1.0 / 3.0, 2.0 / 3.0))
    top, bottom = known & (alone > second), known & (alone <= first)
    gap = explained_gap(spread, weekly.others, bottom, top, confidence_level=level)
    weekly.add(section, "idiosyncratic_gap[weekly]", gap)


def recoveries(levels: NDArray[np.float64], dates: NDArray[np.datetime64]) -> list[int]:
    """Rows at which a recession ends: the first day whose month is out of it."""
    ended = (levels[1:] < 0.5) & (levels[:-1] >= 0.5)
    return [int(row) + 1 for row in np.flatnonzero(ended) if row + 1 < dates.size]


def _recoveries(
    section: Section, returns: AlignedReturns, helpers: Mapping[str, Any], level: float
) -> None:
    """Annual lead of A in the twelve months after recessions, with the number of them."""
    keys = ("recoveries", "recovery_gap")
    series = helpers.get("recessions")
    reason = None
    if series is None:
        reason = NotComputed("needs the dates of recessions")
    elif returns.units[0] != returns.units[1]:
        reason = NotComputed("the legs have different units")
    if reason is not None or series is None:
        for key in keys:
            section.add(key, reason or NotComputed("needs the dates of recessions"))
        return
    stamps = series.values.index.to_numpy().astype("datetime64[D]")
    ends = stamps[recoveries(series.values.to_numpy(dtype=np.float64), stamps)]
    days = returns.dates.astype("datetime64[D]")
    after = np.zeros(days.size, dtype=np.bool_)
    count = 0
    for end in ends:
        mask = (days >= end) & (days < end + np.timedelta64(_RECOVERY_DAYS, "D"))
        count += bool(mask.any() and days[0] <= end)
        after |= mask
    section.add(keys[0], Estimate(value=float(count), method="observed", nobs=returns.nobs))
    spread = returns.a - returns.b
    gap = mean_gap(spread, after, ~after, scale=returns.periods_per_year, confidence_level=level)
    section.add(keys[1], gap)
