"""Constancy of correlation and of the regression, and dated breaks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.analysis.section import Curve, Section
from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.statistics.inference.flags import WIDEST_OF_THREE
from convex_research.statistics.inference.two_windows import change_in_r, change_in_z
from convex_research.statistics.stability.breaks import Breaks, breaks
from convex_research.statistics.stability.constant_correlation import wied
from convex_research.statistics.stability.homogeneity import equivalence, widest_gap
from convex_research.statistics.stability.lasting_shift import change_date, cusum_r, splits
from convex_research.statistics.stability.regression_stability import SupF, cusum, nyblom, sup_f

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.estimates import Result
    from convex_research.returns import AlignedReturns

_LEVEL = 0.05
# Keys that records had: the null drew the legs' volatilities apart from each other, so that
# correlation was hardly ever called changed.
_SUPERSEDED = ("wied_simulated", "wied_simulated[1.3sqrt]", "sup_f_simulated", "nyblom_simulated")
_NO_NULL = NotComputed(Missing.UNDEFINED, "stability.cusum_r tests this in its place")


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``stability.*`` key."""
    section = Section("stability", returns)
    a, b = returns.a, returns.b
    break_test = sup_f(a, b)
    section.add("wied", wied(a, b))
    section.add("wied[1.3sqrt]", wied(a, b, bandwidth="1.3sqrt"))
    section.add("sup_f", break_test.test if isinstance(break_test, SupF) else break_test)
    section.add("nyblom", nyblom(a, b))
    section.add("cusum", cusum(a, b))
    if isinstance(break_test, SupF):
        rows = slice(break_test.first - 1, break_test.first - 1 + break_test.path.size)
        section.add_curve("sup_f", Curve(returns.dates[rows], break_test.path))
    section.add_each(_SUPERSEDED, _NO_NULL)
    _add_shift(section, returns, config.confidence_level)
    _add_breaks(section, returns, config.confidence_level)
    return section


def _add_shift(section: Section, returns: AlignedReturns, level: float) -> None:
    """Whether, by how much and when correlation changed for good."""
    a, b = returns.a, returns.b
    test, tried = cusum_r(a, b), splits(a, b)
    section.add("cusum_r", test)
    section.add("change_date", _change_date(returns, test))
    if isinstance(tried, NotComputed):
        names = ("shift", "shift_90", "shift_within", "shift_split", "shift_split_r")
        section.add_each(names, tried)
        return
    for suffix, used in (("", level), ("_90", 0.90)):
        section.add(f"shift{suffix}", widest_gap(tried.gaps, confidence_level=used))
    section.add("shift_within", equivalence(tried.gaps))
    which = tried.widest
    sides, since = (tried.after[which], tried.before[which]), returns.day(tried.at[which])
    for name, change in (("shift_split", change_in_z), ("shift_split_r", change_in_r)):
        size = change(*sides, confidence_level=level)
        section.add(name, replace(size, day=since, flags=(*size.flags, WIDEST_OF_THREE)))


def _change_date(returns: AlignedReturns, test: Result) -> Result:
    """Date of the largest change, where there is one and its interval says something."""
    dated = change_date(returns.a, returns.b)
    if isinstance(dated, NotComputed):
        return dated
    if not isinstance(test, TestResult) or test.pvalue >= _LEVEL:
        return NotComputed(Missing.UNDEFINED, "no change is shown that could be dated")
    if dated.half_width >= returns.nobs / 4:
        return NotComputed(Missing.UNDEFINED, "the date of the change is known too poorly")
    reach = math.ceil(dated.half_width)
    ends = max(dated.last - reach, 0), min(dated.last + reach, returns.nobs - 1)
    last, low, high = (returns.day(i) for i in (dated.last, *ends))
    return Estimate(
        value=float(last.toordinal()),
        low=float(low.toordinal()),
        high=float(high.toordinal()),
        confidence_level=0.95,
        interval=Interval.BAI,
        method=f"last day before the change; Bai (1997), {dated.half_width:.0f} observations "
        "either way",
        nobs=returns.nobs,
        unit="ordinal day",
    )


def _add_breaks(section: Section, returns: AlignedReturns, level: float) -> None:
    """The number of breaks; for each its position, dated by the ends of its interval."""
    block = 5 if returns.frequency == "daily" else 1
    dates = breaks(returns.a, returns.b, confidence_level=level, block=block)
    if not isinstance(dates, Breaks):
        section.add("breaks", dates)
        return
    section.add("breaks", dates.number)
    for k, index in enumerate(dates.index):
        low, high = int(dates.low[k]), int(dates.high[k])
        position = Estimate(
            value=float(index),
            low=float(min(low, index)),
            high=float(max(high, index)),
            confidence_level=level,
            interval=Interval.TEST_INVERSION,
            day=returns.day(int(index)),
            method=f"break after {returns.day(int(index))}; {dates.number.method}",
            nobs=returns.nobs,
            unit="position",
            flags=dates.number.flags,
        )
        section.add(f"break[{k + 1}]", position, slice(low, high + 1))
