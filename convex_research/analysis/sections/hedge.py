"""Hedging A with B: the ratio, and what each method's ratio removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Curve, Section
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.hedging.hedge import (
    compare_hedges,
    effectiveness_in,
    effectiveness_out,
    hedge_ratio,
    hindsight,
)
from convex_research.statistics.hedging.hedge_ratios import METHODS, WINDOW, ratios_by_method

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.returns import AlignedReturns

HEADLINE = "ols"
"""The method whose result has the keys without a qualifier."""


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``hedge.*`` key; all methods are scored on the same sessions."""
    section = Section("hedge", returns)
    a, b, level = returns.a, returns.b, config.confidence_level
    same = returns.units[0] == returns.units[1]
    unit = "dimensionless" if same else " per ".join(returns.units)
    one_unit = NotComputed(Missing.OTHER_UNIT, "a ratio of one needs legs in the same unit")
    section.add("ratio[all]", hedge_ratio(a, b, confidence_level=level, unit=unit))
    section.add("effectiveness_in", effectiveness_in(a, b, confidence_level=level))
    naive = effectiveness_in(a, b, ratio=1.0, confidence_level=level) if same else one_unit
    section.add("effectiveness_in[naive]", naive)
    scored = slice(min(WINDOW, returns.nobs - 1), returns.nobs)
    ratios = ratios_by_method(a, b)
    if not same:
        ratios["naive"] = one_unit
    benchmark = ratios[HEADLINE]
    for method in METHODS:
        path = ratios[method]
        out: Result
        if isinstance(path, NotComputed):
            out = path
        else:
            out = effectiveness_out(a, b, path, confidence_level=level)
            if path.size > 0:
                section.add_curve(f"ratio[{method}]", Curve(returns.dates[scored], path, unit=unit))
        section.add(f"effectiveness_out[{method}]", out, scored)
        if method == HEADLINE:
            section.add("effectiveness_out", out, scored)
            fitted, loss = (
                (path, path)
                if isinstance(path, NotComputed)
                else hindsight(a, b, path, confidence_level=level)
            )
            section.add("effectiveness_hindsight", fitted, scored)
            section.add("hindsight_loss", loss, scored)
        elif isinstance(path, NotComputed):
            section.add(f"diebold_mariano[{method}]", path)
        elif isinstance(benchmark, NotComputed):
            section.add(f"diebold_mariano[{method}]", benchmark)
        else:
            test = compare_hedges(a, b, {method: path, HEADLINE: benchmark})
            section.add(f"diebold_mariano[{method}]", test, scored)
    return section
