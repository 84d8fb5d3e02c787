"""Whether the relation is the same in halves, regimes, years and rolling windows."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.garch_legs import garch_legs
from convex_research.analysis.section import Section
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dependence.comparison import Comparison, compare
from convex_research.statistics.dynamics.garch import GarchFit
from convex_research.statistics.dynamics.rolling import rolling_pearson
from convex_research.statistics.inference.influence_interval import as_pair
from convex_research.statistics.inference.jackknife import FisherZ, fisher_z
from convex_research.statistics.stability.constancy import (
    beta_gap,
    gap_test,
    halves,
    rolling_quantile,
)
from convex_research.statistics.stability.homogeneity import (
    equivalence,
    gaps_between,
    welch_james,
    widest_gap,
)
from convex_research.statistics.stability.regimes import Regimes, volatility_regimes
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS
from convex_research.statistics.stability.swings import extremes_in_stress, year_swings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.core.typing import Array, Dates, Mask
    from convex_research.returns import AlignedReturns


PAIRS = (("high_vol", "low_vol"), ("high_vol", "mid_vol"), ("mid_vol", "low_vol"))
YEAR_NOBS = 126
_YEARS = ("years", "years_gap", "years_gap_90", "years_within", "year_highest", "year_lowest")


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``consistency.*`` key; ``_90`` is for two one-sided tests at 5 %."""
    section = Section("consistency", returns)
    a, b = returns.a, returns.b
    parts = halves(returns.nobs)
    same = returns.units[0] == returns.units[1]
    r = compare_halves(a, b, confidence_level=config.confidence_level)
    keys = ("halves", "halves_90", "halves_z", "halves_test")
    section.add_each(keys, (r.difference_r, r.equivalence_r, r.difference, r.test))
    if same:
        for suffix, level in (("", config.confidence_level), ("_90", 0.90)):
            gap = beta_gap(a, b, *parts, confidence_level=level)
            section.add(f"beta_halves{suffix}", gap)
        section.add("beta_halves_test", gap_test(a, b, *parts))
    else:
        reason = NotComputed(Missing.OTHER_UNIT, "the legs have different units")
        section.add_each(("beta_halves", "beta_halves_90"), reason)
        other = NotComputed(Missing.OTHER_UNIT, "the legs have other units")
        section.add("beta_halves_test", other)
    _regimes(section, returns, config.confidence_level)
    _years(section, returns, config.confidence_level)
    window = config.rolling_window
    low = rolling_quantile(a, b, window, confidence_level=config.confidence_level)
    section.add(f"rolling_low[{window}]", low, slice(max(0, returns.nobs - 1260), returns.nobs))
    _stress(section, returns, window)
    return section


def compare_halves(
    a: Array, b: Array, *, confidence_level: float, stretch: float = 1.0
) -> Comparison:
    """The second half of a sample against the first."""
    middle, names = a.size // 2, ("second half", "first half")
    samples = a[middle:], b[middle:], a[:middle], b[:middle]
    return compare(*samples, confidence_level=confidence_level, stretch=stretch, names=names)


def _regimes(section: Section, returns: AlignedReturns, level: float) -> None:
    regimes = volatility_regimes(returns.a)

    def gap_in_r(a: Array, b: Array, names: tuple[str, str], level: float) -> Result:
        gap = regime_gap(a, b, regimes, *names, confidence_level=level)
        return gap.difference_r if isinstance(gap, Comparison) else gap

    for names in PAIRS:
        for suffix, used in (("", level), ("_90", 0.90)):
            gap = gap_in_r(returns.a, returns.b, names, used)
            section.add(f"regime_gap{suffix}[{'-'.join(names)}]", gap)
    fits = [fit for fit in garch_legs(returns) if isinstance(fit, GarchFit)]
    gap = NotComputed(Missing.NO_FIT, "standardised returns need a GARCH fit of both legs")
    if len(fits) == 2:
        gap = gap_in_r(fits[0].resid, fits[1].resid, PAIRS[0], level)
    section.add(f"standardised_regime_gap[{'-'.join(PAIRS[0])}]", gap)


def regime_gap(
    a: Array,
    b: Array,
    regimes: Regimes | NotComputed,
    *names: str,
    confidence_level: float,
    stretch: float = 1.0,
) -> Comparison | NotComputed:
    """The days of one regime against those of another."""
    if isinstance(regimes, NotComputed):
        return regimes
    samples = (leg[regimes[name]] for name in names for leg in (a, b))
    return compare(
        *samples, confidence_level=confidence_level, stretch=stretch, names=(names[0], names[1])
    )


def full_years(dates: Dates) -> list[tuple[int, slice]]:
    """Calendar years with at least 126 observations and their rows, the first year first."""
    years = dates.astype("datetime64[Y]")
    bounds = [*np.flatnonzero(np.append(True, years[1:] != years[:-1])).tolist(), years.size]
    rows = [slice(*ends) for ends in pairwise(bounds)]
    return [(int(str(years[r.start])), r) for r in rows if r.stop - r.start >= YEAR_NOBS]


def year_correlations(
    a: ArrayLike, b: ArrayLike, years: Sequence[tuple[int, slice]], *, stretch: float = 1.0
) -> list[FisherZ] | NotComputed:
    """Fisher's z of each of :func:`full_years`; none if a year has none, or there are not two."""
    if len(years) < 2:
        text = f"needs two calendar years of {YEAR_NOBS} observations"
        return NotComputed(Missing.TOO_SHORT, text)
    x, y = as_pair(a, b)
    correlations = []
    for year, rows in years:
        z = fisher_z(x[rows], y[rows], stretch=stretch)
        if isinstance(z, NotComputed):
            # Without that year the rest would be called the same, or different, for all.
            return NotComputed(z.code, f"{year}: {z.reason}")
        correlations.append(z)
    return correlations


def _years(section: Section, returns: AlignedReturns, level: float) -> None:
    years = full_years(returns.dates)
    by_year = year_correlations(returns.a, returns.b, years)
    if isinstance(by_year, NotComputed):
        section.add_each(_YEARS, by_year)
    else:
        part = slice(years[0][1].start, years[-1][1].stop)
        gaps = gaps_between(by_year)
        section.add("years", welch_james(by_year), part)
        for suffix, used in (("", level), ("_90", 0.90)):
            section.add(f"years_gap{suffix}", widest_gap(gaps, confidence_level=used), part)
        section.add("years_within", equivalence(gaps), part)
        z = [year.z for year in by_year]
        for name, k in (("year_highest", int(np.argmax(z))), ("year_lowest", int(np.argmin(z)))):
            # That all years hold the truth at once allows for the choice of two of them.
            note = f", Sidak for {len(by_year)} years"
            year = by_year[k].estimate(level ** (1.0 / len(by_year)), note=note)
            section.add(name, replace(year, confidence_level=level), years[k][1])
    swings = year_swings(
        [(returns.a[rows], returns.b[rows]) for _, rows in years], confidence_level=level
    )
    section.add_each(("swings", "swings_test"), swings)


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
    keys = [f"stress_{name}[{window}]" for name in ("share", "base", "test")]
    section.add_each(keys, results)
