"""Hedging A with B: the ratio, and what each method's ratio removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Curve, Section, slope_unit
from convex_research.core.estimates import Missing, NotComputed, too_short
from convex_research.statistics.hedging.hedge import (
    compare_hedges,
    effectiveness_and_test,
    effectiveness_in,
    effectiveness_out,
    hedge_ratio,
    hindsight,
    volatility_removed,
)
from convex_research.statistics.hedging.hedge_ratios import (
    METHODS,
    WINDOW,
    ratios_by_method,
    rolling_ratios,
)

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
    unit = slope_unit(*returns.units)
    one_unit = NotComputed(Missing.OTHER_UNIT, "a ratio of one needs legs in the same unit")
    _both_ways(section, returns, config)
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
        keys = [f"effectiveness_out[{method}]", f"diebold_mariano[{method}]"]
        if method == HEADLINE:
            keys[1:] = ["effectiveness_out", "effectiveness_hindsight", "hindsight_loss"]
        if isinstance(path, NotComputed):
            section.add_each(keys, path, scored)
            continue
        if path.size > 0:
            section.add_curve(f"ratio[{method}]", Curve(returns.dates[scored], path, unit=unit))
        if method == HEADLINE:
            out = section["hedge.effectiveness_out[all]"]
            fitted, loss = hindsight(a, b, path, confidence_level=level)
            section.add_each(keys, (out, out, fitted, loss), scored)
            continue
        out = effectiveness_out(a, b, path, confidence_level=level)
        test: Result = (
            benchmark
            if isinstance(benchmark, NotComputed)
            else compare_hedges(a, b, {method: path, HEADLINE: benchmark})
        )
        section.add_each(keys, (out, test), scored)
    return section


def _both_ways(section: Section, returns: AlignedReturns, config: AnalysisConfig) -> None:
    """Ratio and what it removes, of the last year and of all, A hedged with B and B with A.

    A ratio is of the window itself; what is removed was so by the ratios of the day before.
    """
    level, nobs, year = config.confidence_level, returns.nobs, config.year
    names = ("effectiveness_out", "half_test", "volatility_removed")
    for suffix, (held, sold) in (("", (0, 1)), ("_reverse", (1, 0))):
        a, b = returns.values[:, held], returns.values[:, sold]
        unit = slope_unit(returns.units[held], returns.units[sold])
        path = rolling_ratios(a, b)
        for key, count in ((str(year), year), ("all", nobs)):
            rows = slice(max(0, nobs - count), nobs)
            short = too_short(f"{count} observations", nobs) if nobs < count else None
            ratio = short or hedge_ratio(a[rows], b[rows], confidence_level=level, unit=unit)
            section.add(f"ratio{suffix}[{key}]", ratio, rows)
            keys = [f"{name}{suffix}[{key}]" for name in names]
            if isinstance(path, NotComputed):
                section.add_each(keys, path)
                continue
            last = path[-count:]
            if key != "all" and last.size < count:
                section.add_each(keys, too_short(f"{count} hedged sessions", last.size))
                continue
            share, test = effectiveness_and_test(a, b, last, confidence_level=level)
            results = (share, test, volatility_removed(share))
            section.add_each(keys, results, slice(nobs - last.size, nobs))
