"""What a section of an analysis holds, and how results get their dates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.core.displayed import Displayed
from convex_research.core.estimates import NotComputed, Result, dated

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.typing import Array, Dates
    from convex_research.returns import Sample

__all__ = ["Curve", "Profile", "Section", "Window", "slope_unit", "windows_of"]


@dataclass(frozen=True, slots=True)
class Curve(Displayed):
    """A path over time for charts: never a claim's evidence by itself.

    Parameters
    ----------
    dates : array of datetime64[D], shape (T,)
        Date of each value.
    value : array, shape (T,)
        NaN where the path is undefined.
    low, high : array, shape (T,), optional
        Pointwise band.
    unit : str
        Unit of the values.
    """

    dates: Dates
    value: Array
    low: Array | None = None
    high: Array | None = None
    unit: str = "dimensionless"


@dataclass(frozen=True, slots=True)
class Profile(Displayed):
    """A function of something else than time for charts, such as a fitted line.

    Parameters
    ----------
    at : array, shape (K,)
        Where it is evaluated.
    value, low, high : array, shape (K,)
        Value and pointwise band.
    unit : str
        Unit of the values.
    """

    at: Array
    value: Array
    low: Array
    high: Array
    unit: str = "dimensionless"


class Section(Displayed):
    """Results and curves of one subject, by key.

    Parameters
    ----------
    name : str
        First part of every key in it.
    sample : Sample
        Of one leg or of two; gives results their dates.
    """

    def __init__(self, name: str, sample: Sample) -> None:
        self.name = name
        self.results: dict[str, Result] = {}
        self.curves: dict[str, Curve] = {}
        self.profiles: dict[str, Profile] = {}
        self._sample = sample

    def __repr__(self) -> str:
        return f"<Section {self.name}, {len(self.results)} results>"

    def add(self, statistic: str, result: Result, part: slice | None = None) -> None:
        """Keep a result under ``name.statistic`` with the dates of ``part``.

        Parameters
        ----------
        statistic : str
            Statistic and qualifier, such as ``"pearson[252]"``.
        result : Result
            A result that already carries dates keeps them.
        part : slice, optional
            Rows of the returns it was computed from; all by default.
        """
        key = f"{self.name}.{statistic}"
        if key in self.results:
            raise ValueError(f"{key} is computed twice")
        if not isinstance(result, NotComputed) and result.start is None:
            rows = range(self._sample.nobs)[part or slice(None)]
            result = dated(result, self._sample.day(rows[0]), self._sample.day(rows[-1]))
        self.results[key] = result

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
    """The trailing windows of a sample, and the whole of it.

    Parameters
    ----------
    sample : Sample
        Of one leg or of two.
    config : AnalysisConfig
        Window lengths; the longest means "up to".
    lengths : tuple of int, optional
        Only these windows; all of the configuration's by default.

    Returns
    -------
    tuple of Window
        The last one is ``all``.
    """
    nobs = sample.nobs
    made = []
    for length in config.windows if lengths is None else lengths:
        longest = length == config.windows[-1] and length > config.long_window_min
        needed = config.long_window_min if longest else length
        missing = None
        if nobs < needed:
            missing = NotComputed(f"needs {needed} observations, there are {nobs}")
        made.append(Window(str(length), slice(max(0, nobs - length), nobs), missing))
    return (*made, Window("all", slice(0, nobs)))


def slope_unit(of: str, on: str) -> str:
    """Unit of a slope of returns in one unit on returns in another."""
    return "dimensionless" if of == on else f"{of} per {on}"
