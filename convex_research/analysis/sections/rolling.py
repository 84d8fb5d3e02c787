"""Rolling correlation and beta: the paths, and the extremes of r."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import Curve, Section
from convex_research.analysis.sections.rolling_null import add_rolling_null
from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.dependence.correlation import pearson
from convex_research.statistics.dynamics.rolling import rolling_beta, rolling_pearson_band

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """``rolling.pearson_max``, ``rolling.pearson_min``, and the curves."""
    section = Section("rolling", returns)
    window, level = config.rolling_window, config.confidence_level
    a, b = returns.a, returns.b
    r, low, high = rolling_pearson_band(a, b, window, confidence_level=level)
    section.add_curve(f"pearson[{window}]", Curve(returns.dates, r, low, high))
    unit = "dimensionless" if returns.units[0] == returns.units[1] else " per ".join(returns.units)
    section.add_curve(
        f"beta[{window}]", Curve(returns.dates, rolling_beta(a, b, window), unit=unit)
    )
    for name, pick in (("pearson_max", np.nanargmax), ("pearson_min", np.nanargmin)):
        if not np.isfinite(r).any():
            reason = f"there is no complete window of {window} observations in which both legs move"
            section.add(f"{name}[{window}]", NotComputed(Missing.TOO_SHORT, reason))
            continue
        stop = int(pick(r)) + 1
        rows = slice(stop - window, stop)
        extreme = pearson(a[rows], b[rows], confidence_level=level)
        if isinstance(extreme, Estimate):
            method = f"{extreme.method}; the window was chosen because it is extreme"
            extreme = replace(extreme, method=method)
        section.add(f"{name}[{window}]", extreme, rows)
    add_rolling_null(section, returns, window, level)
    return section
