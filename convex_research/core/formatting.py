"""Numbers as people read them: right precision, real minus signs, units."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from convex_research.core.estimates import Estimate, TestResult

__all__ = [
    "PERIODS",
    "as_read",
    "count",
    "day",
    "ends",
    "figure",
    "interval",
    "level",
    "listed",
    "long_day",
    "number",
    "percent",
    "period",
    "pvalue",
    "short_of_one",
    "span",
    "span_of",
    "suffix",
    "value",
    "with_minus",
]

PERIODS = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "quarterly": "quarter",
    "yearly": "year",
}
"""What an observation of each frequency is called."""

MINUS = "\N{MINUS SIGN}"

# A minus written as a hyphen: not one inside a word, a date or a range.
_HYPHEN = re.compile(r"(?<![\w-])-(?=\d)")


_SUFFIXES = {
    "bp": " bp",
    "points": " points",
    "decimal a year": " a year",
    "bp a year": " bp a year",
    "points a year": " points a year",
}

_COUNTED = {"breaks", "position", "observations", "days", "percent"}

# Slopes between legs of different units, in the words and sizes people use.
_SLOPES = {
    "decimal per points": "\N{NARROW NO-BREAK SPACE}% per point",
    "decimal per bp": "\N{NARROW NO-BREAK SPACE}% per bp",
    "points per decimal": " points per 1\N{NARROW NO-BREAK SPACE}%",
    "bp per decimal": " bp per 1\N{NARROW NO-BREAK SPACE}%",
    "bp per points": " bp per point",
    "points per bp": " points per bp",
}


def _signed(text: str, *, plus: bool) -> str:
    if text.strip("-0.,") == "":  # −0.00 is 0.00
        return text.removeprefix("-")
    if text.startswith("-"):
        return MINUS + text[1:]
    return f"+{text}" if plus else text


def number(x: float, decimals: int = 2, *, plus: bool = False) -> str:
    """A number with fixed decimals, thousands separated.

    Examples
    --------
    >>> number(-0.0712, 3)
    '−0.071'
    """
    return _signed(f"{x:,.{decimals}f}", plus=plus)


def significant(x: float, digits: int = 3, *, plus: bool = False) -> str:
    """A number with so many significant digits, never in exponent form above 1e-6."""
    if x == 0.0:
        return "0"
    return number(x, _significant_decimals(x, digits), plus=plus)


def _significant_decimals(x: float, digits: int) -> int:
    if x == 0.0:
        return digits
    return max(0, min(8, digits - 1 - math.floor(math.log10(abs(x)))))


def percent(x: float, decimals: int = 1, *, plus: bool = False) -> str:
    r"""A decimal as a percentage: 0.0123 is 1.2 %.

    Examples
    --------
    >>> percent(-0.1234, plus=True)
    '−12.3\u202f%'
    """
    return f"{number(100.0 * x, decimals, plus=plus)}\N{NARROW NO-BREAK SPACE}%"


def level(confidence_level: float) -> str:
    """A confidence level as a percentage: 0.95 is 95 %, 0.999 is 99.9 %.

    Examples
    --------
    >>> level(0.975)
    '97.5 %'
    """
    return f"{100.0 * confidence_level:.4g} %"


def with_minus(words: str) -> str:
    """Words made for a terminal, with a real minus before negative numbers; dates stay.

    Examples
    --------
    >>> with_minus("a move of -12.3 % on 2018-02-05")
    'a move of −12.3 % on 2018-02-05'
    """
    return _HYPHEN.sub(MINUS, words)


def listed(items: Sequence[object] | NDArray[Any], limit: int = 4) -> str:
    """The first few, and how many more there are.

    Examples
    --------
    >>> listed([2018, 2019, 2020], 2)
    '2018, 2019 and 1 more'
    """
    shown = ", ".join(str(one) for one in items[:limit])
    return shown if len(items) <= limit else f"{shown} and {len(items) - limit:,} more"


def count(n: int) -> str:
    """A whole number, thousands separated."""
    return f"{n:,}"


def pvalue(p: float, *, bound: str | None = None) -> str:
    """A p-value with its relation: "= 0.03", "< 0.001", "at most 0.002"."""
    if p < 0.001 and bound != ">":
        return "< 0.001"
    if bound == "<=":
        return f"at most {p:.2g}"
    if bound is not None:
        return f"{bound} {p:.2g}"
    return f"= {p:.3f}" if p < 0.1 else f"= {p:.2f}"


def day(d: date | None) -> str:
    """An ISO date, or a dash where there is none."""
    return d.isoformat() if d else "\N{EN DASH}"


def long_day(d: date) -> str:
    """A date in words.

    Examples
    --------
    >>> long_day(date(2018, 5, 3))
    '3 May 2018'
    """
    return f"{d.day} {d:%b %Y}"


def _decimals(estimate: Estimate, digits: int) -> int:
    """Decimals of a number and of both ends of its interval: as many as the largest deserves.

    A value of 5.70 % between −56 % and +142 % is not known to a hundredth of a per cent.
    """
    unit = estimate.unit
    ends = (estimate.value, estimate.low or 0.0, estimate.high or 0.0)
    size = _scale(unit) * max(abs(x) for x in ends)
    if unit in _SLOPES:
        return _significant_decimals(_scale(unit) * estimate.value or size, max(digits, 2))
    if unit.startswith("decimal"):
        return 2 if size < 10.0 else 1 if size < 100.0 else 0
    if unit in {"dimensionless", "Fisher z"}:
        return digits if unit == "Fisher z" else max(digits, _decimals_below_one(ends))
    if unit.removesuffix(" a year") in {"bp", "points"}:
        return 1 if size >= 10.0 else 2
    if unit in _COUNTED:
        whole = all(float(x).is_integer() for x in ends)
        return 0 if abs(estimate.value) >= 20.0 or whole else 1
    return 2 if size >= 1.0 else _significant_decimals(size, 3)


def _decimals_below_one(numbers: Sequence[float]) -> int:
    """Decimals with which nothing below one is rounded onto it, none where nothing is near.

    A value above .99 shows two digits of what it lacks to one.
    """
    lacks = [1.0 - abs(x) for x in numbers if abs(x) <= 1.0]
    if len(lacks) < len(numbers) or not 0.0 < min(lacks) < 0.01:
        return 0
    decimals = _significant_decimals(lacks[0], 2) if 0.0 < lacks[0] < 0.01 else 2
    onto = (one for one in lacks if one > 0.0)
    return max(decimals, *(min(8, math.ceil(-math.log10(2.0 * one))) for one in onto))


def short_of_one(estimate: Estimate) -> str:
    """What a correlation lacks to one, or to minus one, with its interval, two digits of each.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> short_of_one(Estimate(value=0.9988, low=0.9985, high=0.99912, confidence_level=0.95,
    ...                       method="HAC", nobs=99))
    '0.0012 (0.00088 to 0.0015)'
    """
    shown = significant(1.0 - abs(estimate.value), 2)
    if estimate.low is None or estimate.high is None:
        return shown
    least, most = sorted(1.0 - abs(end) for end in (estimate.low, estimate.high))
    return f"{shown} ({span_of(significant(least, 2), significant(most, 2))})"


def _scale(unit: str) -> float:
    """What a number of this unit is multiplied by to be shown."""
    if unit in _SLOPES:
        return (100.0 if unit.startswith("decimal") else 1.0) / (
            100.0 if unit.endswith("decimal") else 1.0
        )
    return 100.0 if unit.startswith("decimal") else 1.0


def _shown(x: float, unit: str, decimals: int, *, plus: bool) -> str:
    if unit == "ordinal day":
        return date.fromordinal(round(x)).isoformat()
    text = number(_scale(unit) * x, decimals, plus=plus)
    if unit.startswith("decimal") and unit not in _SLOPES:
        text += "\N{NARROW NO-BREAK SPACE}%"
    return text


def value(estimate: Estimate, *, plus: bool = False, digits: int = 2) -> str:
    """The point estimate with its unit; decimals are shown as percentages."""
    return figure(estimate, plus=plus, digits=digits) + suffix(estimate)


def figure(estimate: Estimate, *, plus: bool = False, digits: int = 2) -> str:
    """The point estimate without the words of its unit, which :func:`suffix` has."""
    return _shown(estimate.value, estimate.unit, _decimals(estimate, digits), plus=plus)


def suffix(estimate: Estimate) -> str:
    """The words of a unit after a number, with the space before them: ``" points"``."""
    return _SUFFIXES.get(estimate.unit, _SLOPES.get(estimate.unit, ""))


def ends(estimate: Estimate, *, digits: int = 2) -> str:
    """Ends of the interval, signed where one is negative; empty if there is none.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> ends(Estimate(value=0.09, low=-0.06, high=0.12, confidence_level=0.95, method="HAC",
    ...               nobs=99))
    '−0.06 to +0.12'
    """
    if estimate.confidence_level is None:
        return ""
    decimals, plus = _decimals(estimate, digits), estimate.low is None or estimate.low < 0.0
    low, high = (
        None if end is None else _shown(end, estimate.unit, decimals, plus=plus)
        for end in (estimate.low, estimate.high)
    )
    return span_of(low, high)


def span_of(low: str | None, high: str | None) -> str:
    """Two ends in words; an end that is open has no limit.

    Examples
    --------
    >>> span_of("333", None)
    '333 to no limit'
    """
    if low is None:
        return "no limit" if high is None else f"up to {high}"
    return f"{low} to {'no limit' if high is None else high}"


def interval(estimate: Estimate, *, digits: int = 2) -> str:
    """The interval in brackets, see :func:`ends`; empty if there is none."""
    between = ends(estimate, digits=digits)
    return f"({between})" if between else ""


# Numbers that read better in another form than their unit's: shares and gains in per cent.
_SHARES = {
    "concordance": {"hit_ab", "hit_ba", "same_sign", "same_sign_extreme"},
    "consistency": {"stress_base", "stress_share"},
    "divergence": {"volatility_gain"},
    "forecast": {"gain_dcc", "gain_ewma"},
    "hedge": {
        *("effectiveness_in", "effectiveness_out", "effectiveness_out_reverse"),
        *("volatility_removed", "volatility_removed_reverse"),
    },
    "lead_lag": {"oos_rsquared_ab", "oos_rsquared_ba"},
    "leads": {"share_ab", "share_ab_90", "share_ba", "share_ba_90"},
    "macro": {"rsquared"},
    "market": {"delay_a", "delay_b", "delay_gap", "delay_gap_90"},
    "performance": {"capture_down", "capture_up"},
    "tails": {"joint_worst"},
}
_READ_AS = {"spread.ratio": "ratio", "spread.zscore": "dimensionless"}


def as_read(key: str, estimate: Estimate) -> Estimate:
    """An estimate in the unit in which people read it, which its key tells."""
    name = key.partition("[")[0]
    section, _, statistic = name.partition(".")
    unit = "decimal" if statistic in _SHARES.get(section, ()) else _READ_AS.get(name)
    return replace(estimate, unit=unit) if unit else estimate


def period(start: date | str | None, end: date | str | None) -> str:
    """First and last date; empty where there are none."""
    return f"{start} to {end}" if start and end else ""


def span(result: Estimate | TestResult) -> str:
    """First and last date of the sample."""
    return f"{day(result.start)} to {day(result.end)}"
