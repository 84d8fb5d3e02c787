"""Whether the relation is the same in halves, regimes, years and rolling windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.garch_legs import garch_legs
from convex_research.analysis.section import Section
from convex_research.analysis.sections.correlation import calendar_years
from convex_research.core.estimates import NotComputed
from convex_research.statistics.dynamics.garch import GarchFit
from convex_research.statistics.dynamics.rolling import rolling_pearson
from convex_research.statistics.stability.constancy import (
    beta_gap,
    correlation_gap,
    gap_test,
    halves,
    largest_gap,
    rolling_quantile,
)
from convex_research.statistics.stability.regimes import Regimes, equality, volatility_regimes
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS
from convex_research.statistics.stability.swings import extremes_in_stress, year_swings

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.typing import Mask
    from convex_research.returns import AlignedReturns


PAIRS = (("high_vol", "low_vol"), ("high_vol", "mid_vol"), ("mid_vol", "low_vol"))
_YEAR_NOBS = 120


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``consistency.*`` key; ``_90`` is for two one-sided tests at 5 %."""
    section = Section("consistency", returns)
    a, b = returns.a, returns.b
    parts = halves(returns.nobs)
    same = returns.units[0] == returns.units[1]
    for suffix, level in (("", config.confidence_level), ("_90", 0.90)):
        section.add(f"halves{suffix}", correlation_gap(a, b, *parts, confidence_level=level))
        gap = (
            beta_gap(a, b, *parts, confidence_level=level)
            if same
            else NotComputed("the legs have different units")
        )
        section.add(f"beta_halves{suffix}", gap)
    section.add("halves_test", gap_test(a, b, *parts))
    tilt = gap_test(a, b, *parts, of="beta") if same else NotComputed("the legs have other units")
    section.add("beta_halves_test", tilt)
    _regimes(section, returns, config.confidence_level)
    _years(section, returns)
    window = config.rolling_window
    low = rolling_quantile(a, b, window, confidence_level=config.confidence_level)
    section.add(f"rolling_low[{window}]", low, slice(max(0, returns.nobs - 1260), returns.nobs))
    _stress(section, returns, window)
    return section


def _regimes(section: Section, returns: AlignedReturns, level: float) -> None:
    regimes = volatility_regimes(returns.a)
    fits = [fit for fit in garch_legs(returns) if isinstance(fit, GarchFit)]
    worlds = [("", (returns.a, returns.b))]
    if len(fits) == 2:
        worlds.append(("standardised_", (fits[0].resid, fits[1].resid)))
    else:
        reason = NotComputed("standardised returns need a GARCH fit of both legs")
        section.add(f"standardised_regime_gap[{'-'.join(PAIRS[0])}]", reason)
    for prefix, legs in worlds:
        for one, two in PAIRS if not prefix else PAIRS[:1]:
            for suffix, used in (("", level), ("_90", 0.90)) if not prefix else (("", level),):
                key = f"{prefix}regime_gap{suffix}[{one}-{two}]"
                if isinstance(regimes, NotComputed):
                    section.add(key, regimes)
                    continue
                masks = regimes[one], regimes[two]
                section.add(key, correlation_gap(*legs, *masks, confidence_level=used))


def year_masks(returns: AlignedReturns) -> tuple[tuple[str, ...], Mask, Mask]:
    """Calendar years with at least 120 observations, the first year first.

    Parameters
    ----------
    returns : AlignedReturns
        The sample.

    Returns
    -------
    names : tuple of str
        The years.
    masks : array of bool, shape (k, T)
        Their days.
    complete : array of bool, shape (k,)
        Whether no part of the year lacks observations.
    """
    found = [
        (str(year), rows, not incomplete)
        for year, rows, incomplete in reversed(calendar_years(returns))
        if rows.stop - rows.start >= _YEAR_NOBS
    ]
    masks = np.zeros((len(found), returns.nobs), dtype=np.bool_)
    for mask, (_, rows, _) in zip(masks, found, strict=True):
        mask[rows] = True
    return (
        tuple(name for name, _, _ in found),
        masks,
        np.array([whole for *_, whole in found], dtype=np.bool_),
    )


def _years(section: Section, returns: AlignedReturns) -> None:
    names, masks, _ = year_masks(returns)
    if len(names) < 2:
        reason = NotComputed(f"needs two calendar years of {_YEAR_NOBS} observations")
        for key in ("years", "years_gap"):
            section.add(key, reason)
    else:
        section.add("years", equality(returns.a, returns.b, Regimes(names, masks, ())))
        section.add("years_gap", largest_gap(returns.a, returns.b, masks))
    rho, test = year_swings([(returns.a[mask], returns.b[mask]) for mask in masks])
    section.add("swings", rho)
    section.add("swings_test", test)


def stressed(returns: AlignedReturns, window: int) -> Mask:
    """Days on which the window that ends there holds days of a named stress episode."""
    stress: Mask = np.zeros(returns.nobs, dtype=np.bool_)
    days = returns.dates.astype("datetime64[D]")
    for episode in STRESS_WINDOWS:
        stress |= (days > np.datetime64(episode.start)) & (days <= np.datetime64(episode.end))
    return np.asarray(np.convolve(stress, np.ones(window))[: stress.size] > 0.5)


def _stress(section: Section, returns: AlignedReturns, window: int) -> None:
    path = rolling_pearson(returns.a, returns.b, window)
    results = extremes_in_stress(path, stressed(returns, window))
    for name, result in zip(("stress_share", "stress_base", "stress_test"), results, strict=True):
        section.add(f"{name}[{window}]", result)
