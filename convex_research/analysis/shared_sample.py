"""The pair on the dates it shares with further series: prices first, returns after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.core.estimates import Estimate, Missing, NotComputed, Result, TestResult
from convex_research.returns import difference, resample, whole_rows
from convex_research.statistics.inference.influence_interval import bartlett_lag

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from convex_research.analysis.section import Section
    from convex_research.core.typing import Array, Dates
    from convex_research.returns import AlignedReturns

__all__ = ["PARTIAL_HELPER", "STALE_HELPER", "SharedSample", "market_sample", "shared_sample"]

PARTIAL_HELPER = "partial_helper"
"""The other series covers less than nine tenths of the pair's sample."""

STALE_HELPER = "stale_helper"
"""An outdated copy of the other series was used."""

MIN_SHARED = 120
_FULL = 0.9
# A "market" that moves with a leg like this is that leg under another name.
_SAME = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSample:
    """Returns of both legs and of further series on shared dates, whole or in another form.

    ``others`` are the further series' returns, shape (T, k), ``levels`` their levels, shape
    (T + 1, k), ``units`` those of the legs and of the further series; ``name`` says what was
    changed in this form, to be read after "the answer changes", ``part`` whether it has fewer data,
    so that less can be asked of it; ``stretch`` is the factor on the lag of HAC standard errors.
    """

    a: Array
    b: Array
    others: Array
    units: tuple[str, ...]
    levels: Array
    dates: Dates
    flags: tuple[str, ...] = ()
    name: str = ""
    part: bool = False
    stretch: float = 1.0

    @property
    def level(self) -> float:
        """Confidence level: 0.90 for other forms of all data, 0.95 for parts of them."""
        return 0.95 if self.part else 0.90

    def lag(self, nobs: int | None = None) -> int | None:
        """The Bartlett lag to use on ``nobs`` observations; the usual one where ``None``."""
        if self.stretch == 1.0:
            return None
        usual = bartlett_lag(self.a.size if nobs is None else nobs)
        return max(1, int(self.stretch * usual))

    def hac(self) -> dict[str, Any]:
        """Level and lag of a HAC estimate on this form, by parameter."""
        return {"confidence_level": self.level, "lag": self.lag()}

    def rows(self, name: str, part: slice) -> SharedSample:
        """Some consecutive rows of the sample."""
        last = self.levels[part.start : part.stop + 1]
        return replace(
            self,
            name=name,
            part=True,
            a=self.a[part],
            b=self.b[part],
            dates=self.dates[part],
            others=self.others[part],
            levels=last,
        )

    def add(self, section: Section, statistic: str, result: Result) -> None:
        """Keep a result with the shared sample's dates and flags."""
        if isinstance(result, (Estimate, TestResult)):
            first, last = self._day(0), self._day(-1)
            result = replace(result, start=first, end=last, flags=(*result.flags, *self.flags))
        section.add(statistic, result)

    def _day(self, index: int) -> date:
        day: date = self.dates[index].astype("datetime64[D]").item()
        return day


def shared_sample(
    returns: AlignedReturns,
    helpers: Mapping[str, Any],
    names: tuple[str, ...] = (),
    *,
    weekly: bool = False,
) -> SharedSample | NotComputed:
    """Bring the pair and further series onto shared dates.

    Gaps are never filled: dates that a series lacks are left out and the others' returns run over
    them. Not computed when a series is absent, ends too early, or moves with a leg like that leg
    itself.
    """
    if not names:
        return _alone(returns, weekly=weekly)
    missing = [_ROLES[name] for name in names if name not in helpers]
    if missing:
        return NotComputed(Missing.NO_HELPER, f"needs {' and '.join(missing)}")
    if returns.frequency != "daily":
        return NotComputed(Missing.FREQUENCY, "needs daily data of the pair")
    dates = returns.price_dates
    series = [helpers[name] for name in names]
    stamps = [s.dates for s in series]
    for days in stamps:
        dates = dates[np.isin(dates, days)]
    if dates.size <= MIN_SHARED:
        ends = ", ".join(
            f"{_ROLES[n]} ends {s.provenance.end}" for n, s in zip(names, series, strict=True)
        )
        return NotComputed(
            Missing.TOO_SHORT,
            f"needs {MIN_SHARED} shared dates, there are {dates.size} ({ends}; the pair runs "
            f"from {returns.day(0)} to {returns.day(-1)})",
        )
    flags = (PARTIAL_HELPER,) if dates.size < _FULL * returns.price_dates.size else ()
    if any(s.provenance.stale for s in series):
        flags = (*flags, STALE_HELPER)
    if weekly:
        dates = dates[whole_rows(dates, "daily", "weekly")]
    rows = np.searchsorted(returns.price_dates, dates)
    a, b = (difference(leg.levels[rows], leg.instrument, returns.kind)[0] for leg in returns.legs)
    levels = np.column_stack(
        [
            s.values.to_numpy(dtype=np.float64)[np.searchsorted(days, dates)]
            for s, days in zip(series, stamps, strict=True)
        ]
    )
    others, units = zip(
        *(difference(levels[:, i], s.instrument, returns.kind) for i, s in enumerate(series)),
        strict=True,
    )
    columns = np.column_stack(others)
    if not (np.isfinite(columns).all() and np.isfinite(levels).all()):
        return NotComputed(Missing.NO_HELPER, "the other series has values without a return")
    return SharedSample(
        a=a,
        b=b,
        others=columns,
        units=(*returns.units, *units),
        levels=levels,
        dates=dates[1:],
        flags=flags,
    )


def _alone(returns: AlignedReturns, *, weekly: bool) -> SharedSample | NotComputed:
    """The pair without further series, on its own dates."""
    sample = resample(returns, "weekly") if weekly else returns
    if isinstance(sample, NotComputed):
        return sample
    return SharedSample(
        a=sample.a,
        b=sample.b,
        others=np.empty((sample.nobs, 0)),
        units=sample.units,
        levels=np.empty((sample.nobs + 1, 0)),
        dates=sample.dates,
    )


def market_sample(
    returns: AlignedReturns, helpers: Mapping[str, Any]
) -> SharedSample | NotComputed:
    """The pair and a market that is none of its legs."""
    shared = shared_sample(returns, helpers, ("market",))
    if isinstance(shared, NotComputed):
        return shared
    market = shared.others[:, 0]
    if any(abs(float(np.corrcoef(leg, market)[0, 1])) > _SAME for leg in (shared.a, shared.b)):
        return NotComputed(Missing.MARKET_IS_LEG, "one of the legs is the market itself")
    return shared


_ROLES = {
    "market": "a market series besides the two",
    "mid_cap": "a mid-cap index",
    "small_cap": "a small-cap index",
    "vix": "the VIX",
    "yield_10y": "the 10-year yield",
    "curve": "the slope of the yield curve",
    "hy_spread": "the high-yield credit spread",
    "recessions": "the dates of recessions",
    "dollar": "the dollar index",
    "oil": "the oil price",
}
