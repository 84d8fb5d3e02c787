"""Correlation and beta as they move: DCC and the random-walk beta."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.analysis.garch_legs import garch_legs
from convex_research.analysis.section import Curve, Section, slope_unit
from convex_research.core.estimates import NotComputed
from convex_research.statistics.dynamics.dcc import Dcc, dcc
from convex_research.statistics.dynamics.kalman import KalmanBeta, kalman_beta

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``dynamics.*`` key."""
    section = Section("dynamics", returns)
    _add_dcc(section, returns, config.confidence_level)
    _add_kalman(section, returns, config.confidence_level)
    return section


def _dcc(returns: AlignedReturns, level: float) -> Dcc | NotComputed:
    a, b = garch_legs(returns)
    if isinstance(a, NotComputed):
        return a
    return b if isinstance(b, NotComputed) else dcc(a, b, confidence_level=level)


def _add_dcc(section: Section, returns: AlignedReturns, level: float) -> None:
    fit = _dcc(returns, level)
    if isinstance(fit, NotComputed):
        section.add_each(("dcc_a", "dcc_b", "dcc_last", "dcc_min", "dcc_max"), fit)
        return
    section.add_each(("dcc_a", "dcc_b", "dcc_last"), (fit.a, fit.b, fit.last))
    section.add("dcc_min", fit.minimum, slice(fit.minimum_index, fit.minimum_index + 1))
    section.add("dcc_max", fit.maximum, slice(fit.maximum_index, fit.maximum_index + 1))
    section.add_curve("dcc", Curve(returns.dates, fit.path))


def _add_kalman(section: Section, returns: AlignedReturns, level: float) -> None:
    fit = kalman_beta(returns.a, returns.b, confidence_level=level)
    if not isinstance(fit, KalmanBeta):
        section.add("kalman_beta", fit)
        return
    unit = slope_unit(*returns.units)
    section.add("kalman_beta", replace(fit.last, unit=unit))
    section.add_curve("kalman_beta", Curve(returns.dates, fit.filtered, unit=unit))
    section.add_curve("kalman_beta_smoothed", Curve(returns.dates, fit.smoothed, unit=unit))
