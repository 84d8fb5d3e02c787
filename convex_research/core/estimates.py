"""What a statistic returns: an estimate with its interval, a test, or a reason.

No bare float crosses from statistics to a report. All three are frozen, refuse
non-finite numbers, and write themselves to the record with :meth:`to_dict`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from convex_research.core import formatting as fmt
from convex_research.core.fragments import facts, tag, text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Estimate",
    "Interval",
    "Missing",
    "NotComputed",
    "Range",
    "Result",
    "TestResult",
    "dated",
    "named",
    "observed",
    "too_short",
]


class Interval(StrEnum):
    """What kind an interval is, as a sentence calls it."""

    JACKKNIFE = "jackknife"
    FIXED_B = "fixed-b HAC"
    HAC = "HAC"
    NEWEY_WEST = "Newey-West"
    ROBUST = "robust"
    STUDENT = "Student t"
    WALD = "Wald"
    BOOTSTRAP = "block-bootstrap"
    EXACT = "exact binomial"
    BONETT_WRIGHT = "Bonett-Wright"
    WELCH_SIDAK = "Welch-Sidak"
    BAI = "Bai"
    TEST_INVERSION = "test-inversion"
    NORMAL = "normal"
    LIKELIHOOD = "likelihood"
    PREDICTION = "prediction"
    SIMULATION = "simulation"
    HISTORY = "history"


class Range(StrEnum):
    """What the two ends of an estimate are: not all are the error of an estimate."""

    INTERVAL = "interval"
    USUAL = "usual"
    FORECAST = "forecast"
    CHANCE = "chance"


_RANGES = {
    Interval.HISTORY: Range.USUAL,
    Interval.PREDICTION: Range.FORECAST,
    Interval.SIMULATION: Range.CHANCE,
}


class Missing(StrEnum):
    """Why a statistic cannot be had."""

    TOO_SHORT = "too_short"
    NO_HELPER = "no_helper"
    MARKET_IS_LEG = "market_is_leg"
    OTHER_UNIT = "other_unit"
    NOT_A_PRICE = "not_a_price"
    FREQUENCY = "frequency"
    MISSING_VALUES = "missing_values"
    NOT_MOVING = "not_moving"
    EXACT = "exact"
    NO_FIT = "no_fit"
    NOT_IN_SAMPLE = "not_in_sample"
    NOT_IN_ANALYSIS = "not_in_analysis"
    UNDEFINED = "undefined"
    LEVEL = "level"
    ASYNCHRONOUS = "asynchronous"


# What the fields of a hypothesis or a reason are called where the legs have no names.
_UNNAMED = {
    "a": "A",
    "b": "B",
    "first": "the first leg",
    "second": "the second",
    "cause": "the cause",
    "effect": "the effect",
    "benchmark": "the second leg",
}
_FIELD = re.compile(r"\{([a-z]+)\}")


def named(words: str, names: Mapping[str, str] | None = None) -> str:
    """A null, an alternative or a reason with names in the place of its fields.

    Fields are ``{a}`` and ``{b}`` for the legs, ``{cause}`` and ``{effect}`` or ``{first}`` and
    ``{second}`` for the legs in the order of a test, ``{benchmark}`` for the leg another is
    measured by, and methods by their own names, which by default read as their field.

    Examples
    --------
    >>> named("lags of {first} do not help to predict {second}", {"first": "Gold"})
    'lags of Gold do not help to predict the second'
    """
    known = {**_UNNAMED, **(names or {})}
    return _FIELD.sub(lambda field: known.get(field[1], field[1]), words)


def _finite(name: str, value: float | None) -> float | None:
    if value is None:
        return None
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{name} is not finite: {number}")
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its uncertainty and its sample.

    Parameters
    ----------
    value : float
        The point estimate, in ``unit``.
    method : str
        How the interval was made, with its tuning (lag, b, replications).
    nobs : int
        Observations used.
    std_error : float, optional
        Standard error in ``unit``.
    low, high : float, optional
        Ends of the interval. An open end is ``None`` together with
        ``bound="unbounded"``; both are ``None`` without a confidence level for
        a quantity that is observed rather than estimated (a last price).
    confidence_level : float, optional
        Nominal coverage of the interval, in (0, 1).
    start, end : datetime.date, optional
        First and last observation date.
    unit : str
        Unit of ``value``; ``"dimensionless"`` for pure numbers.
    interval : Interval, optional
        Kind of the interval, which ``method`` describes with its tuning.
    bound : {None, "unbounded"}
        Says that the missing end of an interval is infinite.
    flags : tuple of str
        Warnings that belong to the number, such as ``"partial_year"``.
    day : datetime.date, optional
        Date of a value that is a position in the sample, or a change at it.
    carrying_days : float, optional
        Observations that carry the variance, (sum f^2)^2 / sum f^4 of the influence values.

    Raises
    ------
    ValueError
        If a number is not finite, the ends are in the wrong order, or the level is missing.

    Examples
    --------
    >>> r = Estimate(value=0.8, low=0.7, high=0.9, confidence_level=0.95,
    ...              method="fixed-b HAC", nobs=252)
    >>> r.to_dict()["high"]
    0.9
    """

    value: float
    method: str
    nobs: int
    std_error: float | None = None
    low: float | None = None
    high: float | None = None
    confidence_level: float | None = None
    start: date | None = None
    end: date | None = None
    unit: str = "dimensionless"
    interval: Interval | None = None
    bound: Literal["unbounded"] | None = None
    flags: tuple[str, ...] = ()
    day: date | None = None
    carrying_days: float | None = None

    def __post_init__(self) -> None:
        for name in ("value", "std_error", "low", "high", "confidence_level", "carrying_days"):
            object.__setattr__(self, name, _finite(name, getattr(self, name)))
        object.__setattr__(self, "nobs", int(self.nobs))
        if self.std_error is not None and self.std_error < 0:
            raise ValueError(f"std_error is negative: {self.std_error}")
        open_ends = (self.low is None) + (self.high is None)
        if self.confidence_level is None:
            if open_ends < 2 or self.bound is not None:
                raise ValueError("an interval needs its confidence_level")
            return
        if not 0.0 < self.confidence_level < 1.0:
            raise ValueError(f"confidence_level is not in (0, 1): {self.confidence_level}")
        if (open_ends > 0) != (self.bound == "unbounded"):
            raise ValueError('an open end is None with bound="unbounded", and only then')
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low {self.low} is above high {self.high}")

    def covers(self, value: float) -> bool:
        """Whether the interval contains ``value``; an open end contains all beyond."""
        above = self.low is None or self.low <= value
        return above and (self.high is None or value <= self.high)

    @property
    def range(self) -> Range | None:
        """What ``low`` and ``high`` are, by the kind of ``interval``; none without ends."""
        if self.confidence_level is None:
            return None
        return (
            Range.INTERVAL if self.interval is None else _RANGES.get(self.interval, Range.INTERVAL)
        )

    def to_dict(self) -> dict[str, Any]:
        """The record's form: plain JSON types, dates as ISO text."""
        record = _plain(self)
        if self.range:
            record["range"] = str(self.range)
        if self.unit == "ordinal day":
            record["text"] = date.fromordinal(round(self.value)).isoformat()
        return record

    def __repr__(self) -> str:
        level = f" at {100 * self.confidence_level:g} %" if self.confidence_level else ""
        ends = f" {fmt.interval(self, digits=3)}{level}" if level else ""
        return f"<Estimate {fmt.value(self, digits=3)}{ends}, {_sample(self)}>"

    def _repr_html_(self) -> str:
        level = fmt.level(self.confidence_level) if self.confidence_level else ""
        error = None
        if self.std_error is not None:
            error = fmt.significant(self.std_error) if self.std_error else "0"
        listed = [
            ("Value", fmt.value(self, digits=3)),
            (f"{level} interval", fmt.interval(self, digits=3)),
            ("Standard error", error),
            ("Unit", self.unit),
            ("Observations", fmt.count(self.nobs)),
            ("Sample", fmt.period(self.start, self.end)),
            ("Method", self.method),
            ("Flags", ", ".join(self.flags)),
        ]
        return facts("Estimate", listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """A hypothesis test with its null stated in words; dates and flags are as in :class:`Estimate`.

    Parameters
    ----------
    statistic, pvalue : float
        Value of the test statistic, and its p-value in [0, 1].
    null, alternative : str
        Both hypotheses as short sentences without a full stop; legs and methods are fields in
        braces, which :func:`named` fills.
    distribution : str
        Law the p-value comes from, with degrees of freedom or replications.
    nobs : int
        Observations used.
    pvalue_bound : {None, "<", ">", "<="}
        Set where a table ends: the true p-value is below or above ``pvalue``; or where a
        simulation ends: it is at most ``pvalue``.

    Raises
    ------
    ValueError
        If a number is not finite or ``pvalue`` is outside [0, 1].
    """

    __test__ = False  # the name is the field's; pytest must not collect it

    statistic: float
    pvalue: float
    null: str
    alternative: str
    distribution: str
    nobs: int
    pvalue_bound: Literal["<", ">", "<="] | None = None
    start: date | None = None
    end: date | None = None
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("statistic", "pvalue"):
            object.__setattr__(self, name, _finite(name, getattr(self, name)))
        object.__setattr__(self, "nobs", int(self.nobs))
        if not 0.0 <= self.pvalue <= 1.0:
            raise ValueError(f"pvalue is not in [0, 1]: {self.pvalue}")

    def to_dict(self) -> dict[str, Any]:
        """The record's form: plain JSON types, dates as ISO text."""
        hypotheses = {"null": named(self.null), "alternative": named(self.alternative)}
        return _plain(self) | hypotheses

    def __repr__(self) -> str:
        p = fmt.pvalue(self.pvalue, bound=self.pvalue_bound)
        statistic, null = fmt.significant(self.statistic, 4), named(self.null)
        return f"<TestResult statistic {statistic}, p {p}, null: {null}, {_sample(self)}>"

    def _repr_html_(self) -> str:
        listed = [
            ("Null", named(self.null)),
            ("Alternative", named(self.alternative)),
            ("Statistic", fmt.significant(self.statistic, 4)),
            ("p-value", fmt.pvalue(self.pvalue, bound=self.pvalue_bound).removeprefix("= ")),
            ("Distribution", self.distribution),
            ("Observations", fmt.count(self.nobs)),
            ("Sample", fmt.period(self.start, self.end)),
            ("Flags", ", ".join(self.flags)),
        ]
        return facts("Test", listed)


@dataclass(frozen=True, slots=True)
class NotComputed:
    """A statistic that does not apply or cannot be had, with the reason.

    Parameters
    ----------
    code : Missing
        What is wrong, for programs.
    reason : str
        A sentence a reader understands: what is missing, how much is needed. Legs are fields
        in braces, which :func:`named` fills.
    """

    code: Missing
    reason: str

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("a reason is needed")

    def __repr__(self) -> str:
        return f"<NotComputed: {named(self.reason)}>"

    def _repr_html_(self) -> str:
        return tag("p", tag("b", "Not computed:") + " " + text(named(self.reason)))


def too_short(needed: str, there: int | str) -> NotComputed:
    """The reason for a sample that is too short, such as ``too_short("30 days", 12)``."""
    return NotComputed(Missing.TOO_SHORT, f"needs {needed}, there are {there}")


_WHERE_GIVEN = {"interval", "bound", "pvalue_bound", "flags", "day", "carrying_days"}


def _plain(result: Estimate | TestResult) -> dict[str, Any]:
    """Fields as JSON has them; some only where they say something."""
    record: dict[str, Any] = {}
    for field in fields(result):
        value = getattr(result, field.name)
        if field.name not in _WHERE_GIVEN or value not in (None, ()):
            plain = list(value) if isinstance(value, tuple) else value
            record[field.name] = value.isoformat() if isinstance(value, date) else plain
    return record


def _sample(result: Estimate | TestResult) -> str:
    """Observations and dates, for one line."""
    dates = fmt.period(result.start, result.end)
    return f"n {fmt.count(result.nobs)}" + (f", {dates}" if dates else "")


def observed(
    value: float, nobs: int = 1, unit: str = "dimensionless", method: str = "observed"
) -> Estimate:
    """An estimate that is none: what was observed has no interval."""
    return Estimate(value=value, method=method, nobs=nobs, unit=unit)


Result = Estimate | TestResult | NotComputed
"""What any statistic returns."""


def dated(result: Result, start: date, end: date) -> Result:
    """The same result with the dates of its sample; a reason has no dates."""
    if isinstance(result, NotComputed):
        return result
    return replace(result, start=start, end=end)
