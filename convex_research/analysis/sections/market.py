"""How both legs respond to a market leg: by how much, how late, and in which market."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.section import Section, slope_unit
from convex_research.analysis.shared_sample import SharedSample, market_sample, shared_sample
from convex_research.core.estimates import Estimate, Missing, NotComputed, Result, observed
from convex_research.statistics.dependence.explained import rsquared_gap
from convex_research.statistics.dependence.exposure import delay_gap, market_slopes, mean_in
from convex_research.statistics.dependence.regression import alpha
from convex_research.statistics.stability.regimes import market_regimes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

_KEYS = (
    *("beta_a", "beta_b", "beta_gap", "beta_gap_90"),
    *("delay_a", "delay_b", "delay_gap", "delay_gap_90"),
    *("lead_bull", "lead_bear", "lead_after_beta"),
)
SESSIONS = 252
"""A year of the market, whatever days the legs trade on."""

_UNITS = NotComputed(Missing.OTHER_UNIT, "the legs have different units")
_NO_LEADER = NotComputed(Missing.UNDEFINED, "neither leg has a clearly larger market beta")
_STYLE = ("style_gap[mid-large]", "style_gap[mid-small]")


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``market.*`` key, without further series."""
    return compute_with_helpers(returns, config, {})


def compute_with_helpers(
    returns: AlignedReturns, config: AnalysisConfig, helpers: Mapping[str, Any]
) -> Section:
    """Every ``market.*`` key."""
    section = Section("market", returns)
    _styles(section, returns, helpers, config.confidence_level)
    shared: SharedSample | NotComputed = _UNITS
    if returns.units[0] == returns.units[1]:
        shared = market_sample(returns, helpers)
    if isinstance(shared, NotComputed):
        section.add_each(_KEYS, shared)
        return section
    _responses(section, shared, config.confidence_level)
    _weather(section, shared, config.confidence_level)
    return section


def _responses(section: Section, shared: SharedSample, level: float) -> None:
    a, b, market = shared.a, shared.b, shared.others[:, 0]
    unit = slope_unit(shared.units[0], shared.units[2])
    slopes = market_slopes(a, b, market, confidence_level=level, unit=unit)
    for key, slope in zip(("beta_a", "beta_b", "beta_gap"), slopes, strict=True):
        shared.add(section, key, slope)
    narrow = market_slopes(a, b, market, confidence_level=0.90, unit=unit)
    shared.add(section, "beta_gap_90", narrow.gap)
    gap, shares = delay_gap(a, b, market, confidence_level=level)
    for leg, share in zip("ab", shares, strict=True):
        late: Result = gap
        if isinstance(gap, Estimate):
            late = observed(share, gap.nobs, method="1 - R2 / R2 with five lags")
        shared.add(section, f"delay_{leg}", late)
    shared.add(section, "delay_gap", gap)
    shared.add(section, "delay_gap_90", delay_gap(a, b, market, confidence_level=0.90)[0])


def _weather(section: Section, shared: SharedSample, level: float) -> None:
    """Annual lead of the leg with the larger market beta, in rising and falling markets."""
    regimes, unit = market_regimes(shared.levels[:, 0]), f"{shared.units[0]} a year"
    beta_a, beta_b = (section.results[f"market.beta_{leg}"] for leg in "ab")
    sign = 0.0
    if isinstance(beta_a, Estimate) and isinstance(beta_b, Estimate):
        low_a, high_a = beta_a.low or 0.0, beta_a.high or 0.0
        low_b, high_b = beta_b.low or 0.0, beta_b.high or 0.0
        sign = float(low_a > high_b) - float(low_b > high_a)
    ahead = sign * (shared.a - shared.b)
    left: Result = _NO_LEADER
    if sign != 0.0:
        left = alpha(ahead, shared.others[:, 0], confidence_level=level)
    shared.add(section, "lead_after_beta", _a_year(left, unit))
    for name in ("bull", "bear"):
        lead: Result = regimes if isinstance(regimes, NotComputed) else _NO_LEADER
        if not isinstance(regimes, NotComputed) and sign != 0.0:
            mask = np.asarray(regimes[name])
            lead = mean_in(ahead, mask, scale=SESSIONS, confidence_level=level, unit=unit)
        shared.add(section, f"lead_{name}", lead)


def _a_year(daily: Result, unit: str) -> Result:
    """A mean of one day as that of a year."""
    if not isinstance(daily, Estimate):
        return daily
    parts = ((name, getattr(daily, name)) for name in ("value", "std_error", "low", "high"))
    return replace(daily, unit=unit, **{k: SESSIONS * x for k, x in parts if x is not None})


def _styles(
    section: Section, returns: AlignedReturns, helpers: Mapping[str, Any], level: float
) -> None:
    shared = shared_sample(returns, helpers, ("mid_cap", "market", "small_cap"))
    for key, column in zip(_STYLE, (1, 2), strict=True):
        if isinstance(shared, NotComputed):
            section.add(key, shared)
            continue
        mid, other = shared.others[:, 0], shared.others[:, column]
        shared.add(section, key, rsquared_gap(shared.a, mid, other, confidence_level=level))
