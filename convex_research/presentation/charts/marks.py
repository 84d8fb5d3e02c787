"""What a chart is made of: marks in data units on two axes. It knows nothing of pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from convex_research.core import formatting as fmt

if TYPE_CHECKING:
    from convex_research.core.estimates import Estimate
    from convex_research.core.typing import Array

__all__ = [
    "Axis",
    "Band",
    "Bars",
    "Dots",
    "Intervals",
    "Line",
    "Mark",
    "Note",
    "Plot",
    "Row",
    "Rule",
    "Strip",
    "Zone",
]

PERCENT = "\N{NARROW NO-BREAK SPACE}%"
_AXIS_UNITS = {"decimal": (100.0, PERCENT), "decimal a year": (100.0, PERCENT), "bp": (1.0, " bp")}


def axis_unit(unit: str) -> tuple[float, str]:
    """What turns values of a unit into those of an axis, and what stands behind them."""
    return _AXIS_UNITS.get(unit, (1.0, ""))


@dataclass(frozen=True, slots=True)
class Axis:
    """Limits of an axis in data units, and what its ticks say.

    Parameters
    ----------
    low, high : float
        Limits, ``low`` below ``high``.
    kind : {"number", "log", "date", "year", "label"}
        Days since 1970 on a date axis. On a label axis label k stands at k across, and at -k
        upright, so that the first is on top.
    labels : tuple of str
        Of a label axis; an empty one has no tick.
    unit : str
        Behind each number.
    plus : bool
        Whether positive numbers carry their sign.
    at : tuple of float
        Ticks that replace round ones.
    name : str
        What the axis measures, written beside it.
    """

    low: float
    high: float
    kind: Literal["number", "log", "date", "year", "label"] = "number"
    labels: tuple[str, ...] = ()
    unit: str = ""
    plus: bool = False
    at: tuple[float, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line through points; NaN lifts the pen."""

    x: Array
    y: Array
    label: str = ""
    colour: str = "r"
    dashes: str = "-"
    width: float = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """A shaded area between two lines, under all lines."""

    x: Array
    low: Array
    high: Array
    label: str = ""
    colour: str = "r"
    alpha: float = 0.13


@dataclass(frozen=True, slots=True, eq=False)
class Dots:
    """Points of a cloud; ``outline`` is SVG path data of another mark, from its middle on."""

    x: Array
    y: Array
    label: str = ""
    colour: str = "r"
    size: float = 3.8
    alpha: float = 0.45
    outline: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An estimate with its label and key; ``colour`` is that of its mark."""

    label: str
    key: str
    estimate: Estimate
    colour: str = "r"


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """Estimates as dots with their intervals, an open end without a cap.

    Parameters
    ----------
    rows : tuple of Row
        The estimates.
    at : array, shape (N,)
        Where they stand on the axis of labels or dates.
    upright : bool
        Whether values are measured upright.
    scale : float
        From the unit of the estimates to that of the axis.
    plus : bool
        Whether positive numbers carry their sign where they are written.
    """

    rows: tuple[Row, ...]
    at: Array
    upright: bool = False
    scale: float = 1.0
    plus: bool = False
    value: Array = field(init=False)
    low: Array = field(init=False)
    high: Array = field(init=False)

    def __post_init__(self) -> None:
        """Values and ends in the unit of the axis: infinite where open, NaN where there is none."""
        made = np.full((3, len(self.rows)), np.nan)
        for k, one in enumerate(row.estimate for row in self.rows):
            made[0, k] = self.scale * one.value
            if one.confidence_level is not None or one.low is not None or one.high is not None:
                made[1, k] = -np.inf if one.low is None else self.scale * one.low
                made[2, k] = np.inf if one.high is None else self.scale * one.high
        for name, column in zip(("value", "low", "high"), made, strict=True):
            object.__setattr__(self, name, column)

    def words(self, k: int) -> str:
        """One estimate as it is read, with its interval."""
        one = fmt.as_read(self.rows[k].key, self.rows[k].estimate)
        return f"{fmt.value(one, plus=self.plus)} {fmt.interval(one)}".strip()


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """Bars from zero, side by side where several stand at one label.

    Parameters
    ----------
    at, value : array, shape (N,)
        Middle and length.
    width : float
        On the axis of ``at``.
    colours : tuple of str
        One a bar.
    upright : bool
        Whether they stand.
    words : tuple of str
        What is written at the end of each, if anything.
    rows : tuple of Row
        The estimates behind them, if they are such.
    """

    at: Array
    value: Array
    width: float
    colours: tuple[str, ...]
    label: str = ""
    upright: bool = True
    words: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A reference line from edge to edge; ``across`` says that it lies level."""

    value: float
    label: str = ""
    across: bool = True
    dashes: str = ":"
    colour: str = "muted"


@dataclass(frozen=True, slots=True)
class Zone:
    """A stretch of an axis: grey is what counts as the same, hatched the range of chance.

    ``across`` says that it is a stretch of the axis across, and ``top`` how much of the height it
    takes.
    """

    low: float
    high: float
    label: str = ""
    across: bool = True
    hatched: bool = False
    colour: str = "ink"
    alpha: float = 0.07
    top: float = 1.0


@dataclass(frozen=True, slots=True)
class Note:
    """Words at a point of the data; ``dot`` marks the point, optional ones give way.

    Words ``outside`` stand right of the data where there is room.
    """

    x: float
    y: float
    words: str
    dot: bool = True
    bold: bool = False
    colour: str = "r"
    optional: bool = False
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Strip:
    """A range on the upright axis of what comes next, beside the data.

    ``scale`` is from the unit of its estimate to that of the axis.
    """

    row: Row
    title: str
    scale: float = 1.0

    @property
    def value(self) -> float:
        """On the axis."""
        return self.scale * self.row.estimate.value

    def ends(self, axis: Axis) -> tuple[float, float]:
        """On the axis; an open end is the axis' own."""
        one = self.row.estimate
        low = axis.low if one.low is None else self.scale * one.low
        return low, axis.high if one.high is None else self.scale * one.high


Mark: TypeAlias = Line | Band | Dots | Intervals | Bars | Rule | Zone | Note


@dataclass(frozen=True, slots=True)
class Plot:
    """Marks on two axes; of a chart with a switch one a period."""

    marks: tuple[Mark, ...]
    x: Axis
    y: Axis
    period: str = ""
    strip: Strip | None = None

    @property
    def count(self) -> int:
        """How many rows of labels stand under one another; none on an upright scale."""
        return len(self.y.labels) if self.y.kind == "label" else 0


def extent(values: list[Array], *, margin: float = 0.05, least: float = 0.0) -> tuple[float, float]:
    """Lowest and highest of all finite values, a share of their distance wider on both sides."""
    known = np.concatenate([np.atleast_1d(v)[np.isfinite(v)] for v in values])
    low, high = float(known.min()), float(known.max())
    if high - low <= least:
        room = 0.5 * (least or 0.1 * (abs(low) or 1.0))
        low, high = 0.5 * (low + high) - room, 0.5 * (low + high) + room
    return low - margin * (high - low), high + margin * (high - low)
