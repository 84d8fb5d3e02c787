"""How an analysis is made: every choice in one frozen object, printed on the page."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from convex_research.core.errors import InputError, printable
from convex_research.core.fragments import facts

__all__ = ["AnalysisConfig", "ReturnKind", "as_day"]

ReturnKind = Literal["simple", "log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisConfig:
    """Choices of an analysis.

    Parameters
    ----------
    windows : tuple of int
        Trailing windows in observations. The longest is taken as "up to": it needs
        ``long_window_min`` observations only.
    long_window_min : int
        Fewest observations for the longest window.
    rolling_window : int
        Length of the rolling window.
    recent_window, preceding_window, preceding_min : int
        The last ``recent_window`` observations are compared with up to
        ``preceding_window`` before them, of which at least ``preceding_min``.
    confidence_level : float
        Coverage of every interval; 0.90 or 0.95.
    interval : {"fixed-b", "fisher", "bootstrap"}
        Interval of Pearson's r. Only fixed-b covers on real returns; the others are
        there for comparison.

    Raises
    ------
    InputError
        If a value makes no sense.
    """

    windows: tuple[int, ...] = (30, 90, 252, 1260)
    long_window_min: int = 504
    rolling_window: int = 90
    recent_window: int = 90
    preceding_window: int = 1170
    preceding_min: int = 252
    confidence_level: float = 0.95
    interval: Literal["fixed-b", "fisher", "bootstrap"] = "fixed-b"

    def __post_init__(self) -> None:
        if not self.windows or min(self.windows) < 2 or list(self.windows) != sorted(self.windows):
            raise InputError(f"windows must be increasing numbers above 1, got {self.windows}.")
        if self.confidence_level not in {0.90, 0.95}:
            raise InputError(f"confidence_level must be 0.90 or 0.95, got {self.confidence_level}.")
        if self.interval not in {"fixed-b", "fisher", "bootstrap"}:
            choices = "fixed-b, fisher or bootstrap"
            raise InputError(f"interval must be {choices}, got {self.interval!r}.")

    def to_dict(self) -> dict[str, Any]:
        """The record's form."""
        return {**asdict(self), "windows": list(self.windows)}

    def _repr_html_(self) -> str:
        return facts("Choices of the analysis", ((k, str(v)) for k, v in self.to_dict().items()))


def as_day(value: date | str | None, name: str) -> date | None:
    """A date from ISO text, as parameters of notebooks and commands arrive.

    Parameters
    ----------
    value : datetime.date, str or None
        ``YYYY-MM-DD``; ``None`` and empty text mean no bound.
    name : str
        What the message calls it.

    Raises
    ------
    InputError
        If the text is not an ISO date.

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
