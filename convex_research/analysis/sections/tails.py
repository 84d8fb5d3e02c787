"""Dependence in the tails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.statistics.dependence.tail_symmetry import (
    THRESHOLDS,
    symmetry,
    symmetry_chi2,
)
from convex_research.statistics.dependence.tails import Side, chi, exceedance, joint_worst
from convex_research.statistics.inference.block_draws import data_seed

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns

QUANTILE = 0.95


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``tails.*`` key."""
    section = Section("tails", returns)
    a, b, level = returns.a, returns.b, config.confidence_level
    sides: tuple[Side, ...] = ("lower", "upper")
    for side in sides:
        for threshold in THRESHOLDS:
            r = exceedance(a, b, threshold=threshold, side=side, confidence_level=level)
            section.add(f"exceedance_{side}[{threshold:g}]", r)
        both = chi(a, b, quantile=QUANTILE, side=side, confidence_level=level)
        section.add(f"chi_{side}[{QUANTILE:g}]", both.chi)
        section.add(f"chibar_{side}[{QUANTILE:g}]", both.chibar)
    section.add("symmetry", symmetry(a, b, seed=data_seed(a, b, salt="tails.symmetry")))
    section.add("symmetry_chi2", symmetry_chi2(a, b))
    section.add("joint_worst", joint_worst(a, b, confidence_level=level).share)
    return section
