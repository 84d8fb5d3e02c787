"""What things are called on a page: legs, units, windows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.errors import printable
from convex_research.core.estimates import NotComputed, TestResult, named

if TYPE_CHECKING:
    from convex_research.analysis import InstrumentAnalysis
    from convex_research.catalogue import Instrument
    from convex_research.core.estimates import Result
    from convex_research.studies import Study

# How the methods compared by their losses are called in prose.
_METHODS = {
    "dcc": "DCC",
    "ewma": "exponential weights",
    "kalman": "random-walk beta",
    "naive": "one for one",
    "ols": "rolling least squares",
}

# Horizons of changes, in the order in which they are shown.
HORIZONS = {
    "1d": "1 day",
    "5d": "5 days",
    "1m": "1 month",
    "3m": "3 months",
    "ytd": "year to date",
    "1y": "1 year",
    "5y": "5 years",
}


def legs(analysis: Study) -> tuple[Instrument, Instrument]:
    """The instruments behind the pair, as loaded."""
    prices = analysis.returns.prices
    return prices.a.instrument, prices.b.instrument


def short(instrument: Instrument) -> str:
    """A leg's name without what is said once at the top of the page."""
    return printable(instrument.name.removesuffix(" (embedded sample)"), limit=60)


def with_legs(analysis: Study | InstrumentAnalysis, words: str, key: str = "") -> str:
    """Words of a statistic, a null or a reason, with the legs' own names.

    The words have fields as :func:`convex_research.core.estimates.named` knows them; ``_ba`` in
    the key of the result says that B is the first and the cause.
    """
    listed = [short(leg.series.instrument) for leg in analysis.returns.legs]
    a, b = listed[0], listed[-1]
    first, second = (b, a) if "_ba" in key else (a, b)
    legs_of = {"a": a, "b": b, "first": first, "second": second}
    return named(words, {**_METHODS, **legs_of, "cause": first, "effect": second, "benchmark": b})


def with_legs_in(analysis: Study | InstrumentAnalysis, key: str, result: Result) -> Result:
    """A result whose null hypothesis or reason calls the legs by their names."""
    if isinstance(result, NotComputed):
        return NotComputed(result.code, with_legs(analysis, result.reason, key))
    if isinstance(result, TestResult):
        return replace(result, null=with_legs(analysis, result.null, key))
    return result


def per_period(analysis: Study | InstrumentAnalysis) -> str:
    """``day``, ``week`` and so on."""
    return fmt.PERIODS[analysis.returns.frequency]


def window(analysis: Study | InstrumentAnalysis, qualifier: str) -> str:
    """A window in words: ``Last 252 days``, ``Whole sample``."""
    if qualifier == "all" or _holds_all(analysis, int(qualifier)):
        return "Whole sample"
    return f"Last {int(qualifier):,} {per_period(analysis)}s"


def level(analysis: Study | InstrumentAnalysis) -> str:
    """Coverage of the intervals, ``95 %``."""
    return fmt.level(analysis.config.confidence_level)


def windows(analysis: Study | InstrumentAnalysis) -> tuple[str, ...]:
    """Qualifiers of the windows and of the whole sample, each sample once."""
    listed = (w for w in analysis.config.windows if not _holds_all(analysis, w))
    return (*map(str, listed), "all")


def _holds_all(analysis: Study | InstrumentAnalysis, asked: int) -> bool:
    """Whether a window is the whole sample under another name."""
    nobs, config = analysis.returns.nobs, analysis.config
    return asked == nobs or (asked == config.windows[-1] and config.long_window_min <= nobs < asked)


def calendar_years(analysis: Study) -> list[tuple[int, Result]]:
    """Pearson's r of each calendar year, latest first."""
    listed = {*map(str, analysis.config.measured_windows), "all"}
    found = []
    for key, result in analysis.section("correlation").results.items():
        qualifier = key.removeprefix("correlation.pearson[").rstrip("]")
        if key.startswith("correlation.pearson[") and qualifier not in listed:
            found.append((int(qualifier), result))
    return found
