"""Correlation by regime, as it is and after each leg's own volatility is divided out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.garch_legs import garch_legs
from convex_research.analysis.section import Section
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.stability.regimes import (
    Regimes,
    difference_between,
    equality,
    market_regimes,
    pearson_in,
    volatility_regimes,
)

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.typing import Array
    from convex_research.returns import AlignedReturns


_THIRDS = ("low_vol", "mid_vol", "high_vol")
_MARKETS = ("bull", "bear")


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``regimes.*`` key."""
    section = Section("regimes", returns)
    thirds = volatility_regimes(returns.a)
    text = "bull and bear need a price; {a} is not one"
    markets: Regimes | NotComputed = NotComputed(Missing.NOT_A_PRICE, text)
    if returns.prices.a.instrument.kind == "price":
        markets = market_regimes(returns.levels[:, 0])
    level = config.confidence_level
    _add(section, returns.a, returns.b, thirds, markets, level=level, prefix="")
    fits = garch_legs(returns)
    missing = next((fit for fit in fits if isinstance(fit, NotComputed)), None)
    if missing is not None:
        reason = f"standardised returns need a GARCH fit: {missing.reason}"
        thirds = markets = NotComputed(missing.code, reason)
    a, b = (
        leg.values if isinstance(fit, NotComputed) else fit.resid
        for leg, fit in zip(returns.legs, fits, strict=True)
    )
    _add(section, a, b, thirds, markets, level=level, prefix="standardised_")
    return section


def _add(
    section: Section,
    a: Array,
    b: Array,
    thirds: Regimes | NotComputed,
    markets: Regimes | NotComputed,
    *,
    level: float,
    prefix: str,
) -> None:
    for regimes, names, test in (
        (thirds, _THIRDS, "equality"),
        (markets, _MARKETS, "equality_bull_bear"),
    ):
        gap = f"{prefix}difference[{names[-1]}-{names[0]}]"
        by_regime = [f"{prefix}pearson[{name}]" for name in names]
        if isinstance(regimes, NotComputed):
            section.add_each((*by_regime, f"{prefix}{test}", gap), regimes)
            continue
        for key, name in zip(by_regime, names, strict=True):
            section.add(key, pearson_in(a, b, regimes[name], confidence_level=level))
        section.add(f"{prefix}{test}", equality(a, b, regimes))
        last, first = regimes[names[-1]], regimes[names[0]]
        section.add(gap, difference_between(a, b, last, first, confidence_level=level))
