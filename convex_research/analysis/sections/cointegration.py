"""Whether two log prices share their trend, and how fast a gap between them closes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import Curve, Section
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.levels.cointegration import (
    cointegrating_residual,
    engle_granger,
    johansen_trace,
    phillips_ouliaris,
)
from convex_research.statistics.levels.half_life import half_life
from convex_research.statistics.levels.unit_root import adf, kpss
from convex_research.statistics.levels.variance_ratio import (
    HORIZONS,
    chow_denning,
    variance_ratio,
    variance_ratio_test,
)

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.core.typing import Array
    from convex_research.returns import AlignedReturns, LegReturns


_PAIR = (
    "engle_granger[1]",
    "engle_granger[aic]",
    "phillips_ouliaris",
    "johansen_trace_0",
    "johansen_trace_1",
    "half_life",
    *(f"variance_ratio[{q}]" for q in HORIZONS),
    *(f"variance_ratio_z[{q}]" for q in HORIZONS),
    "chow_denning",
)


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``cointegration.*`` key; all on log prices, so both legs must be prices."""
    section = Section("cointegration", returns)
    a, b = (_log(leg) for leg in returns.legs)
    for name, log_price in (("a", a), ("b", b)):
        keys = (f"adf_{name}", f"kpss_{name}")
        if isinstance(log_price, NotComputed):
            section.add_each(keys, log_price)
        else:
            section.add_each(keys, (adf(log_price), kpss(log_price)))
    if isinstance(a, NotComputed) or isinstance(b, NotComputed):
        reason = NotComputed(Missing.NOT_A_PRICE, "cointegration needs two prices above zero")
        section.add_each(_PAIR, reason)
        return section
    for key, result in _pair_results(a, b, config.confidence_level).items():
        section.add(key, result)
    resid = cointegrating_residual(a, b)
    if resid is not None:
        section.add_curve("residual", Curve(returns.price_dates, resid, unit="log points"))
    return section


def _log(leg: LegReturns) -> Array | NotComputed:
    if not leg.is_price:
        kind = leg.instrument.kind
        reason = f"needs a price to take the log of; this series is a {kind}"
        return NotComputed(Missing.NOT_A_PRICE, reason)
    if float(leg.levels.min()) <= 0.0:
        return NotComputed(Missing.NOT_A_PRICE, "a price is zero or negative, so it has no log")
    return np.log(leg.levels)


def _pair_results(a: Array, b: Array, level: float) -> dict[str, Result]:
    ratio = a - b
    results: dict[str, Result] = {
        "engle_granger[1]": engle_granger(a, b),
        "engle_granger[aic]": engle_granger(a, b, lags="aic"),
        "phillips_ouliaris": phillips_ouliaris(a, b),
        "johansen_trace_0": johansen_trace(a, b, 0),
        "johansen_trace_1": johansen_trace(a, b, 1),
        "half_life": half_life(a, b, confidence_level=level),
        "chow_denning": chow_denning(ratio),
    }
    for q in HORIZONS:
        results[f"variance_ratio[{q}]"] = variance_ratio(ratio, q, confidence_level=level)
        results[f"variance_ratio_z[{q}]"] = variance_ratio_test(ratio, q)
    return results
