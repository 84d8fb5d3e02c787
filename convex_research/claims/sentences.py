"""How numbers and samples are written inside a claim's sentence."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from convex_research.claims.verdict import detectable
from convex_research.core import formatting as fmt
from convex_research.core.estimates import TestResult
from convex_research.core.flags import Flag
from convex_research.core.sentences import Quantity

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.analysis import PairAnalysis
    from convex_research.core.estimates import Estimate

__all__ = [
    "CHANGE",
    "GAIN",
    "POINTS",
    "SHARE",
    "TIMES",
    "YEARLY",
    "R",
    "Unit",
    "bounded",
    "clock",
    "counted",
    "cut_reach",
    "decimals",
    "ends",
    "in_words",
    "leg_names",
    "mapped",
    "of_samples",
    "own",
    "percent",
    "percent_ends",
    "pvalue",
    "quantity",
    "reach",
    "sample",
    "signed",
    "since",
    "sized",
    "tally",
    "volatility_removed",
    "written",
]


class Unit(NamedTuple):
    """How a number is written.

    Parameters
    ----------
    factor : float
        From the estimate's own unit.
    decimals : int
        At least.
    suffix : str
        After the number; a percent sign stands after each end too.
    plus : bool
        Whether a positive number has its sign.
    limits : tuple of float
        Which no number is rounded onto.
    """

    factor: float = 1.0
    decimals: int = 2
    suffix: str = ""
    plus: bool = False
    limits: tuple[float, ...] = ()


R = Unit(plus=True, limits=(-1.0, 1.0))
CHANGE = Unit(plus=True)
"""Of a correlation."""
SHARE = Unit(100.0, 0, " %", limits=(0.0, 1.0))
GAIN = Unit(100.0, 0, " %", limits=(1.0,))
"""A share that may be negative: what a hedge or a forecast removes."""
POINTS = Unit(100.0, 0, " points", plus=True)
YEARLY = POINTS._replace(suffix=" points a year")
TIMES = Unit(suffix=" times")
_EXACT = 1.0 - 1e-9


def signed(x: float, decimals: int = 2, *, plus: bool = True) -> str:
    """A number with its sign and a real minus."""
    text = f"{x:+.{decimals}f}" if plus else f"{x:.{decimals}f}"
    if text.strip("+-0.") == "":  # −0.00 is 0.00
        return text.strip("+-")
    return text.replace("-", "\N{MINUS SIGN}")


def clock(analysis: PairAnalysis) -> str:
    """Why daily numbers of a pair understate its link; nothing where they do not."""
    a, b = leg_names(analysis)
    said = {
        Flag.RARELY_TRADED_A: f"{a} stands still on many days",
        Flag.RARELY_TRADED_B: f"{b} stands still on many days",
    }
    # A leg that trades rarely follows the other as one that closes earlier does.
    why = " and ".join(words for flag, words in said.items() if flag in analysis.clock_flags)
    if not why and Flag.ASYNCHRONOUS in analysis.clock_flags:
        why = "they close at different times"
    return f"{why}, so that daily numbers understate the link" if why else ""


def percent(x: float, decimals: int = 0, *, plus: bool = False) -> str:
    """A share or a return in per cent."""
    return f"{signed(100.0 * x, decimals, plus=plus)} %"


def ends(estimate: Estimate, decimals: int = 2) -> str:
    """The interval in brackets, signed where an end is negative; "exactly" of what has no error."""
    if "exact" in estimate.flags:
        return "exactly"
    return f"({_between(estimate, lambda x, plus: signed(x, decimals, plus=plus))})"


def percent_ends(estimate: Estimate, decimals: int = 0) -> str:
    """The interval of a share or a return in brackets, in per cent."""
    return f"({_between(estimate, lambda x, plus: percent(x, decimals, plus=plus))})"


def _between(estimate: Estimate, shown: Callable[[float, bool], str]) -> str:
    plus = estimate.low is None or estimate.low < 0.0
    low, high = (None if end is None else shown(end, plus) for end in (estimate.low, estimate.high))
    return fmt.span_of(low, high)


def quantity(
    estimate: Estimate, unit: Unit, key: str = "", *, null: float | None = None
) -> Quantity:
    """An estimate as a sentence shows it, with its interval.

    Parameters
    ----------
    estimate : Estimate
        With or without an interval.
    unit : Unit
        Of a sentence; a correlation beyond 0.99 is told by what it lacks to one.
    key : str
        Of the estimate.
    null : float, optional
        Where there is no effect; an end beside it is not rounded onto it.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> gap = Estimate(value=0.0903, low=0.0612, high=0.1189, confidence_level=0.95,
    ...                method="HAC", nobs=99)
    >>> str(quantity(gap, CHANGE)), str(quantity(gap, SHARE))
    ('+0.09 (0.06 to 0.12)', '9 % (6 % to 12 %)')
    """
    if unit.limits == R.limits and 0.99 < abs(estimate.value) < _EXACT:
        short, _, between = fmt.short_of_one(estimate).partition(" (")
        end = "+1" if estimate.value > 0.0 else f"{fmt.MINUS}1"
        return Quantity(f"{short} short of {end}", between.removesuffix(")"), key)
    low, high = estimate.low, estimate.high
    places = decimals(estimate, unit, null)
    shown = written(estimate.value, unit, places)
    if estimate.confidence_level is None:
        return Quantity(shown, "", key)
    bare = unit._replace(plus=low is None or low < 0.0)
    bare = bare if unit.suffix == " %" else bare._replace(suffix="")
    least, most = (None if end is None else written(end, bare, places) for end in (low, high))
    if unit.limits == SHARE.limits and low == 0.0:
        least = None  # an interval that is cut where no share can be
    return Quantity(shown, fmt.span_of(least, most), key)


def bounded(estimate: Estimate, unit: Unit, key: str, null: float) -> Quantity:
    """An estimate of something that a test has shown: by its far end if the interval holds none.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> wide = Estimate(value=0.27, low=-0.31, high=0.59, confidence_level=0.95, method="m", nobs=9)
    >>> str(bounded(wide, GAIN, "forecast.gain_dcc[21]", 0.0))
    'at most 59 %'
    """
    far = estimate.high if estimate.value > null else estimate.low
    if far is None or not estimate.covers(null):
        return quantity(estimate, unit, key, null=null)
    side = "at most" if estimate.value > null else "at least"
    return Quantity(f"{side} {written(far, unit)}", "", key)


def written(x: float, unit: Unit, places: int = 0) -> str:
    """One number in a unit of sentences.

    Examples
    --------
    >>> written(0.9961, SHARE), written(-0.1234, POINTS), written(0.9988, R)
    ('99.6 %', '−12 points', '0.0012 short of +1')
    """
    if not places and unit.limits == R.limits and 0.99 < abs(x) < _EXACT:
        end = "+1" if x > 0.0 else f"{fmt.MINUS}1"
        return f"{fmt.significant(1.0 - abs(x), 2)} short of {end}"
    if x in unit.limits:
        places, unit = 0, unit._replace(decimals=0)
    if unit is SHARE and (0.0 < x < 0.01 or 0.99 < x < 1.0):
        places = max(places, 1)
    least = max(places, unit.decimals)
    places = next(
        (n for n in range(least, 9) if not any(_onto(x, y, unit, n) for y in unit.limits)), 9
    )
    return fmt.number(unit.factor * x, places, plus=unit.plus) + unit.suffix


def sized(unit: Unit) -> Callable[[float], str]:
    """How the size of an effect is written: without its sign."""
    return lambda x: written(x, unit._replace(plus=False) if unit.plus else unit)


def _onto(x: float, y: float, unit: Unit, places: int) -> bool:
    """Whether one number is rounded onto another."""
    return x != y and round(unit.factor * x, places) == round(unit.factor * y, places)


def decimals(estimate: Estimate, unit: Unit, null: float | None) -> int:
    """Decimals that half of the interval deserves, and that keep its ends off the null."""
    low, high = estimate.low, estimate.high
    places = unit.decimals
    if low is not None and high is not None and low < high:
        places = max(places, min(6, math.ceil(-math.log10(0.5 * unit.factor * (high - low)))))
    if null is None or estimate.covers(null):
        return places
    ends = [end for end in (low, high) if end is not None]
    clear = (n for n in range(places, 7) if not any(_onto(one, null, unit, n) for one in ends))
    return next(clear, 7)


def tally(share: Estimate, whole: str, key: str = "") -> Quantity:
    """A share of things that are counted: by count where it is nearly all or none of them.

    Parameters
    ----------
    share : Estimate
        ``nobs`` is the number of things.
    whole : str
        What they are: ``"SPY's {n} worst days"``, with their number's place.
    key : str
        Of the estimate.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> str(tally(Estimate(value=328 / 329, low=0.983, high=0.9999, confidence_level=0.95,
    ...                    method="exact", nobs=329), "SPY's {n} worst days"))
    "328 of SPY's 329 worst days (98 % or more)"
    """
    things = whole.format(n=fmt.count(share.nobs))
    if 0.01 <= share.value <= 0.99:
        shown = quantity(share, SHARE, key)
        return shown._replace(text=f"{shown.text} of {things}")
    number = fmt.count(round(share.value * share.nobs))
    ends = ""
    if share.low is not None and share.high is not None:
        least, most = (written(end, SHARE) for end in (share.low, share.high))
        ends = f"{least} or more" if share.value > 0.5 else f"{most} or fewer"
    return Quantity(f"{number} of {things}", ends, key)


def mapped(estimate: Estimate, on: Callable[[float], float]) -> Estimate:
    """An estimate on another scale, which rises or falls throughout; it has no error there."""
    value, low, high = on(estimate.value), estimate.low, estimate.high
    low, high = (None if end is None else on(end) for end in (low, high))
    if (low is not None and low > value) or (high is not None and high < value):
        low, high = high, low
    return replace(estimate, value=value, low=low, high=high, std_error=None)


def since(estimate: Estimate) -> str:
    """From which year on an estimate is: ``"since 2000"``; empty where it has no dates."""
    return f"since {estimate.start.year}" if estimate.start else ""


def volatility_removed(effectiveness: Estimate) -> Estimate:
    """What a hedge takes off the volatility, from its share of the variance."""
    return mapped(effectiveness, lambda he: 1.0 - math.sqrt(max(1.0 - he, 0.0)))


def pvalue(found: float | TestResult) -> str:
    """A p-value, or that of a test, with its relation."""
    if isinstance(found, TestResult):
        return f"p {fmt.pvalue(found.pvalue, bound=found.pvalue_bound)}"
    return f"p {fmt.pvalue(found)}"


def of_samples(test: TestResult) -> str:
    """A p-value that simulated samples gave, as so many of a thousand.

    Examples
    --------
    >>> of_samples(TestResult(statistic=0.6, pvalue=0.123, null="n", alternative="a",
    ...                       distribution="d", nobs=1260))
    '123 of 1,000'
    """
    most = "at most " if test.pvalue_bound == "<=" else ""
    return f"{most}{fmt.count(max(1, math.ceil(1000.0 * test.pvalue - 0.5)))} of 1,000"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun in the right form."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


_NUMBERS = (
    *("no", "one", "two", "three", "four", "five", "six"),
    *("seven", "eight", "nine", "ten", "eleven", "twelve"),
)


def in_words(number: int) -> str:
    """A whole number, in letters up to twelve."""
    return _NUMBERS[number] if 0 <= number < len(_NUMBERS) else fmt.count(number)


def own(name: str) -> str:
    """The possessive of a name."""
    return f"{name}\N{RIGHT SINGLE QUOTATION MARK}{'' if name.endswith('s') else 's'}"


def sample(estimate: Estimate, frequency: str, units: str | None = None) -> str:
    """How many observations, from when to when, how often, and which interval.

    Parameters
    ----------
    estimate : Estimate
        Gives the numbers.
    frequency : str
        Of the data.
    units : str, optional
        What is counted where it is not observations: ``"months"``.
    """
    period = f"{estimate.start} to {estimate.end}"
    counted = units or f"{frequency} observation{'' if estimate.nobs == 1 else 's'}"
    if estimate.confidence_level is None:
        kind = "no sampling error" if "exact" in estimate.flags else "observed"
        return f"({estimate.nobs:,} {counted}, {period}, {kind})"
    level = fmt.level(estimate.confidence_level)
    kind = f"{estimate.interval} " if estimate.interval else ""
    return f"({estimate.nobs:,} {counted}, {period}, {level} {kind}interval)"


def reach(
    estimate: Estimate,
    null: float,
    what: str,
    number: Callable[[float], str] = "{:.2f}".format,
    *,
    tails: int,
    most: float = math.inf,
) -> str:
    """What would have been found, for a sentence that stays open.

    Parameters
    ----------
    estimate : Estimate
        What was measured, with its interval.
    null : float
        Where there is no effect.
    what : str
        Name of the effect.
    number : callable
        How it is written; two decimals by default.
    tails : int
        One-sided tests that share the level.
    most : float
        Largest effect there can be; where even that would not be found nothing is said.
    """
    size = detectable(estimate, null, tails)
    if size is None or size > most:
        return ""
    return f"Data like these find a true {what} of {number(size)} four times in five."


def cut_reach(gain: Estimate, tails: int) -> str:
    """The same for a cut of a loss, whose interval is symmetric in the log of what is left."""
    left = 1.0 - gain.value
    if gain.low is None or gain.std_error is None or left <= 0.0:
        return ""
    size, half = -math.log(left), math.log((1.0 - gain.low) / left)
    error = gain.std_error / left
    logged = replace(gain, value=size, low=size - half, high=size + half, std_error=error)
    return reach(logged, 0.0, "cut", lambda x: written(-math.expm1(-x), SHARE), tails=tails)


def leg_names(analysis: PairAnalysis) -> tuple[str, str]:
    """Names of the legs without the mark of the embedded sample."""
    prices = analysis.returns.prices
    a, b = (leg.instrument.name.removesuffix(" (embedded sample)") for leg in (prices.a, prices.b))
    return a, b
