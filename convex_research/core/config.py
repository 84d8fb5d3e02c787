"""How an analysis is made: every choice in one frozen object, printed on the page."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from convex_research.core.errors import InputError, printable
from convex_research.core.fragments import facts

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHORTEST, _FEWEST, _LONGEST = 20, 30, 36_525
_LENGTHS = (
    *("rolling_window", "recent_window", "preceding_window", "preceding_min"),
    "long_window_min",
)
PARAMETERS = {
    "frequency": "frequency",
    "window": "rolling_window",
    "level": "confidence_level",
}
"""Choices that notebooks, commands and files of pairs have by a name of their own."""

__all__ = ["PARAMETERS", "YEARS", "AnalysisConfig", "ReturnKind", "as_day"]

YEARS = range(1600, 2400)
"""Numbers that are calendar years in a key, and so no windows."""

ReturnKind = Literal["simple", "log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisConfig:
    """Choices of an analysis.

    Parameters
    ----------
    windows : tuple of int
        Trailing windows in observations, each from 20 to 36,525; below 30 no statistic has
        an interval, and the reason is given in its place. The longest is taken as "up to": it
        needs ``long_window_min`` observations only.
    long_window_min : int
        Fewest observations for the longest window.
    rolling_window : int
        Length of the rolling window, at least 30.
    recent_window, preceding_window, preceding_min : int
        The last ``recent_window`` observations are compared with up to
        ``preceding_window`` before them, of which at least ``preceding_min``.
    confidence_level : float
        Coverage of every interval, from 0.5 to 0.999. What is tabulated for 0.90 and 0.95
        alone (half-lives) is not computed at another.
    interval : {"jackknife", "fixed-b", "fisher", "bootstrap"}
        Interval of Pearson's r by window. Only the jackknife covers on real returns; the
        others are there for comparison.
    frequency : {"daily", "weekly", "monthly"}, optional
        Of the returns: the last price of each week or month to that of the next, on shared
        dates, without a last one that is not over. As the data are by default.

    Raises
    ------
    InputError
        If a value makes no sense.

    Examples
    --------
    >>> AnalysisConfig(windows=(21, 63, 250)).year
    250
    """

    windows: tuple[int, ...] = (30, 90, 252, 1260)
    long_window_min: int = 504
    rolling_window: int = 90
    recent_window: int = 90
    preceding_window: int = 1170
    preceding_min: int = 252
    confidence_level: float = 0.95
    interval: Literal["jackknife", "fixed-b", "fisher", "bootstrap"] = "jackknife"
    frequency: Literal["daily", "weekly", "monthly"] | None = None

    def __post_init__(self) -> None:
        windows = tuple(self.windows)
        if not windows or list(windows) != sorted(set(windows)):
            raise InputError(f"windows must be increasing numbers, got {self.windows}.")
        object.__setattr__(self, "windows", windows)
        for window in windows:
            _in_range("windows", window, _SHORTEST)
        if any(window in YEARS for window in self.measured_windows):
            raise InputError("windows from 1,600 to 2,399 would share the keys of calendar years.")
        for name in _LENGTHS:
            _in_range(name, getattr(self, name), _FEWEST)
        if self.preceding_window < self.preceding_min:
            raise InputError("preceding_window must be at least preceding_min.")
        level = self.confidence_level
        if not isinstance(level, int | float) or not 0.5 <= level <= 0.999:
            raise InputError(
                f"confidence_level must be from 0.5 to 0.999, got {printable(level)}; 95 % is 0.95."
            )
        if self.interval not in {"jackknife", "fixed-b", "fisher", "bootstrap"}:
            choices = "jackknife, fixed-b, fisher or bootstrap"
            raise InputError(f"interval must be {choices}, got {self.interval!r}.")
        if self.frequency not in (None, "daily", "weekly", "monthly"):
            raise InputError(
                f"frequency must be daily, weekly or monthly, got {printable(self.frequency)!r}."
            )

    @property
    def year(self) -> int:
        """The window that leads a page: the one nearest to 252 observations."""
        return min(self.windows, key=lambda window: abs(math.log(window / 252.0)))

    @property
    def long_windows(self) -> tuple[int, ...]:
        """The windows from :attr:`year` on, long enough for ranks and a regression."""
        return tuple(window for window in self.windows if window >= self.year)

    @property
    def measured_windows(self) -> tuple[int, ...]:
        """The windows of correlation and volatility: the recent one is among them."""
        return tuple(sorted({*self.windows, self.recent_window}))

    def to_dict(self) -> dict[str, Any]:
        """The record's form."""
        return {**asdict(self), "windows": list(self.windows)}

    @property
    def parameters(self) -> dict[str, Any]:
        """What is not the default, as parameters of the report notebooks."""
        usual = AnalysisConfig().to_dict()
        other = {name: held for name, held in self.to_dict().items() if held != usual[name]}
        named = {name: other.pop(field) for name, field in PARAMETERS.items() if field in other}
        return named | ({"config": other} if other else {})

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> AnalysisConfig:
        """The choices a record was made with; what it does not say has its default."""
        held = record.get("config", {})
        return cls(**{one.name: held[one.name] for one in fields(cls) if one.name in held})

    def _repr_html_(self) -> str:
        return facts("Choices of the analysis", ((k, str(v)) for k, v in self.to_dict().items()))


def _in_range(name: str, length: object, fewest: int) -> None:
    if not isinstance(length, int) or not fewest <= length <= _LONGEST:
        bounds = f"from {fewest} to {_LONGEST:,} observations"
        raise InputError(f"{name} must be whole numbers {bounds}, got {printable(length)}.")


def as_day(value: date | str | None, name: str) -> date | None:
    """A date from ISO text, as parameters of notebooks and commands arrive; empty means no bound.

    An InputError calls it by ``name``.

    Examples
    --------
    >>> as_day("2018-12-31", "as_of")
    datetime.date(2018, 12, 31)
    """
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {printable(value)!r}; write a date as YYYY-MM-DD.") from None
