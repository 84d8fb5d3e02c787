"""The line of A on B by window, its reverse, in rises and falls, and with leads and lags."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import Profile, Section, slope_unit, windows_of
from convex_research.core.estimates import Estimate
from convex_research.statistics.dependence.regression import alpha, beta, line_band, rsquared
from convex_research.statistics.inference.hac_regression import (
    beta_dimson,
    beta_down,
    beta_up,
    up_down,
)

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

SHIFTS = (1, 5)


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``regression.*`` key."""
    section = Section("regression", returns)
    unit_a, unit_b = returns.units
    slope, reverse = slope_unit(unit_a, unit_b), slope_unit(unit_b, unit_a)
    level = config.confidence_level
    for window in windows_of(returns, config, config.long_windows):
        key, rows, missing = window.qualifier, window.rows, window.missing
        a, b = returns.a[rows], returns.b[rows]
        line = {
            "beta": missing or beta(a, b, confidence_level=level, unit=slope),
            "alpha": missing or alpha(a, b, confidence_level=level, unit=unit_a),
            "rsquared": missing or rsquared(a, b, confidence_level=level),
            "beta_reverse": missing or beta(b, a, confidence_level=level, unit=reverse),
        }
        for name, result in line.items():
            section.add(f"{name}[{key}]", result, rows)
        sides = (("", a, b, unit_a), ("_reverse", b, a, unit_b))
        for suffix, y, x, unit in sides:
            if isinstance(line[f"beta{suffix}"], Estimate):
                grid = np.linspace(x.min(), x.max(), 41)
                fitted = line_band(y, x, grid, confidence_level=level)
                profile = Profile(grid, *fitted, unit=unit)
                section.profiles[f"regression.line{suffix}[{key}]"] = profile
    add_hac_betas(section, returns, config)
    return section


def add_hac_betas(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """Add ``beta_up``, ``beta_down``, ``up_down`` and ``beta_dimson[k]`` to a section."""
    a, b, level = returns.a, returns.b, config.confidence_level
    unit = slope_unit(*returns.units)
    section.add("beta_up", beta_up(a, b, confidence_level=level, unit=unit))
    section.add("beta_down", beta_down(a, b, confidence_level=level, unit=unit))
    section.add("up_down", up_down(a, b))
    for shifts in SHIFTS:
        beta = beta_dimson(a, b, shifts, confidence_level=level, unit=unit)
        section.add(f"beta_dimson[{shifts}]", beta)
