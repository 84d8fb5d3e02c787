"""What a section of an analysis holds, and how results get their dates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.results import nearest
from convex_research.core import formatting as fmt
from convex_research.core.cells import results_table
from convex_research.core.estimates import Estimate, NotComputed, Result, dated, too_short
from convex_research.core.fragments import table, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from convex_research.core.config import AnalysisConfig
    from convex_research.core.typing import Array, Dates
    from convex_research.returns import Sample

__all__ = [
    "Curve",
    "Profile",
    "Section",
    "Window",
    "calendar_years",
    "slope_unit",
    "windows_of",
]

# A year counts as partial when this many days (or 1.6 steps of a slower series) pass
# without an observation at its edges or inside; New Year's week never does.
_LONGEST_GAP_DAYS = 10.0


@dataclass(frozen=True, slots=True)
class Curve:
    """A path by date for charts, NaN where undefined: never a claim's evidence by itself."""

    dates: Dates
    value: Array
    low: Array | None = None
    high: Array | None = None
    unit: str = "dimensionless"

    def to_frame(self) -> pd.DataFrame:
        """Value and band by date."""
        import pandas as pd

        columns = {"value": self.value, "low": self.low, "high": self.high}
        held = {name: column for name, column in columns.items() if column is not None}
        return pd.DataFrame(held, index=pd.DatetimeIndex(self.dates, name="date"))

    def __repr__(self) -> str:
        dates = fmt.period(str(self.dates[0])[:10], str(self.dates[-1])[:10])
        defined = int(np.isfinite(self.value).sum())
        return f"<Curve, {fmt.count(defined)} values, {self.unit}, {dates}>"

    def _repr_html_(self) -> str:
        defined = np.flatnonzero(np.isfinite(self.value))
        if not defined.size:
            return tag("p", "A curve without a defined value.")
        lowest, highest = (int(defined[f(self.value[defined])]) for f in (np.argmin, np.argmax))
        points = {"First": defined[0], "Lowest": lowest, "Highest": highest, "Last": defined[-1]}
        rows = [
            (label, str(self.dates[i]), fmt.significant(float(self.value[i]), 4))
            for label, i in points.items()
        ]
        caption = f"Curve of {fmt.count(defined.size)} values, {self.unit}"
        return table(caption, ("Point", "Date", "Value"), rows).html


@dataclass(frozen=True, slots=True)
class Profile:
    """A function of something else than time for charts, such as a fitted line, with its band."""

    at: Array
    value: Array
    low: Array
    high: Array
    unit: str = "dimensionless"

    def __repr__(self) -> str:
        return f"<Profile, {len(self.at)} points, {self.unit}>"

    def _repr_html_(self) -> str:
        rows = []
        for i in (0, len(self.at) // 2, len(self.at) - 1):
            ends = (self.at[i], self.value[i], self.low[i], self.high[i])
            rows.append([fmt.significant(float(x), 4) for x in ends])
        caption = f"Fitted function at {len(self.at)} points, {self.unit}"
        return table(caption, ("At", "Value", "Low", "High"), rows).html


class Section:
    """Results and curves of one subject, whose name is the first part of every key in it.

    The sample, of one leg or of two, gives results their dates.
    """

    def __init__(self, name: str, sample: Sample) -> None:
        self.name = name
        self.results: dict[str, Result] = {}
        self.curves: dict[str, Curve] = {}
        self.profiles: dict[str, Profile] = {}
        self._sample = sample

    def __repr__(self) -> str:
        return f"<Section {self.name}, {len(self.results)} results>"

    def _repr_html_(self) -> str:
        held = f"{len(self.results)} results, {len(self.curves)} curves"
        return results_table(f"Section {self.name}: {held}", self.results.items())

    def __getitem__(self, key: str) -> Result:
        """Result by its whole key."""
        if key not in self.results:
            raise nearest("result", key, self.results)
        return self.results[key]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.results)

    def add(self, statistic: str, result: Result, part: slice | None = None) -> None:
        """Keep a result under ``name.statistic`` with the dates of ``part``, all rows if none."""
        key = f"{self.name}.{statistic}"
        if key in self.results:
            raise ValueError(f"{key} is computed twice")
        if not isinstance(result, NotComputed) and result.start is None:
            rows = range(self._sample.nobs)[part or slice(None)]
            result = dated(result, self._sample.day(rows[0]), self._sample.day(rows[-1]))
        self.results[key] = result

    def flag(self, flags: tuple[str, ...], *, but: tuple[str, ...]) -> None:
        """Mark every estimate, except those whose keys begin with one of ``but``."""
        for key, result in self.results.items():
            if isinstance(result, Estimate) and not key.startswith(but):
                self.results[key] = replace(result, flags=(*result.flags, *flags))

    def add_each(
        self,
        statistics: Sequence[str],
        results: Sequence[Result] | NotComputed,
        part: slice | None = None,
    ) -> None:
        """Keep several results of one computation, or the reason why there is none, under each."""
        if isinstance(results, NotComputed):
            results = [results] * len(statistics)
        for statistic, result in zip(statistics, results, strict=True):
            self.add(statistic, result, part)

    def add_curve(self, statistic: str, curve: Curve) -> None:
        """Keep a path under ``name.statistic``."""
        self.curves[f"{self.name}.{statistic}"] = curve


@dataclass(frozen=True, slots=True)
class Window:
    """A trailing window: its qualifier, its rows, or why it does not exist."""

    qualifier: str
    rows: slice
    missing: NotComputed | None = None


def windows_of(
    sample: Sample, config: AnalysisConfig, lengths: tuple[int, ...] | None = None
) -> tuple[Window, ...]:
    """The trailing windows of a sample, and the whole of it, which comes last.

    Those of ``lengths``, by default the configuration's, and its recent one.
    """
    nobs = sample.nobs
    windows = []
    for length in config.measured_windows if lengths is None else lengths:
        longest = length == config.windows[-1] and length > config.long_window_min
        needed = config.long_window_min if longest else length
        missing = None
        if nobs < needed:
            missing = too_short(f"{needed} observations", nobs)
        windows.append(Window(str(length), slice(max(0, nobs - length), nobs), missing))
    return (*windows, Window("all", slice(0, nobs)))


def slope_unit(of: str, on: str) -> str:
    """Unit of a slope of returns in one unit on returns in another."""
    return "dimensionless" if of == on else f"{of} per {on}"


def calendar_years(sample: Sample) -> list[tuple[int, slice, bool]]:
    """Year, rows of the returns in it, and whether a part has no observations; latest first."""
    days = sample.price_dates.astype("datetime64[D]")
    longest = max(_LONGEST_GAP_DAYS, 1.6 * float(np.median(np.diff(days).astype(np.int64))))
    years = days.astype("datetime64[Y]")
    in_years = []
    for year in np.unique(years[1:])[::-1]:
        bounds = np.array([year, year + 1]).astype("datetime64[D]")
        inside = days[years == year]
        gaps = np.diff(np.concatenate([bounds[:1], inside, bounds[1:]])).astype(np.int64)
        first, stop = np.searchsorted(sample.dates, bounds)
        rows = slice(int(first), int(stop))
        in_years.append((int(str(year)), rows, bool(gaps.max() > longest)))
    return in_years
