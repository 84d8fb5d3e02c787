"""One sentence for a statistic that no claim speaks of: value, interval and sample in words.

A reading says what was measured and interprets nothing; verdicts are for claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.sentences import clock
from convex_research.core import formatting as fmt
from convex_research.core.estimates import Estimate, TestResult
from convex_research.core.fragments import Fragment, paragraph, text
from convex_research.presentation.prose import names
from convex_research.presentation.tables.scenarios import horizon_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.studies import Study

__all__ = ["reading"]

_SPACE = "\N{NARROW NO-BREAK SPACE}"


class _NotThereError(LookupError):
    """A number without which there is no sentence."""


class _Read:
    """Results of one analysis as words, with the keys that were used."""

    def __init__(self, analysis: Study) -> None:
        self.analysis = analysis
        self.a, self.b = (names.short(one) for one in names.legs(analysis))
        self.period = names.per_period(analysis)
        self.keys: list[str] = []

    def estimate(self, key: str) -> Estimate:
        """The estimate under a key, which is remembered."""
        found = self.analysis.estimate(key)
        if found is None:
            raise _NotThereError(key)
        self.keys.append(key)
        return found

    def test(self, key: str) -> str:
        """The p-value of a test, which is remembered."""
        found = self.analysis.get(key)
        if not isinstance(found, TestResult):
            raise _NotThereError(key)
        self.keys.append(key)
        return fmt.pvalue(found.pvalue, bound=found.pvalue_bound)

    def value(self, key: str, *, plus: bool = False, ends: bool = True) -> str:
        """Value with interval."""
        one = fmt.as_read(key, self.estimate(key))
        interval = fmt.interval(one) if ends else ""
        return f"{fmt.value(one, plus=plus)} {interval}".rstrip()

    def has(self, key: str) -> bool:
        """Whether there is an estimate under a key."""
        return self.analysis.estimate(key) is not None

    def window(self, stem: str) -> str:
        """The year, or the whole sample where a year is not there."""
        year = str(self.analysis.config.year)
        return year if self.has(f"{stem}[{year}]") else "all"

    def over(self, window: str) -> str:
        """``the last 252 days`` or ``the whole sample``."""
        words = names.window(self.analysis, window)
        return f"the {words[:1].lower()}{words[1:]}"


def _ranks(read: _Read) -> str:
    window = read.window("correlation.spearman")
    return (
        f"By ranks, which a few extreme {read.period}s cannot move, the correlation over "
        f"{read.over(window)} is {read.value(f'correlation.spearman[{window}]', plus=True)}."
    )


def _volatility(read: _Read) -> str:
    window = read.window("volatility.daily_a")
    a, b = (read.value(f"volatility.daily_{leg}[{window}]") for leg in "ab")
    sentence = (
        f"Over {read.over(window)} a usual move (one standard deviation) of {read.a} was {a} a "
        f"{read.period}, of {read.b} {b}."
    )
    key = f"regression.beta[{window}]"
    left, right = read.analysis.returns.units
    if left == right or not read.has(key):
        return sentence
    # No claim speaks of a slope between legs of different units.
    one = read.estimate(key)
    by = {"decimal": f"+1{_SPACE}%", "bp": "+1 bp", "points": "+1 point"}.get(right, "+1")
    scale = (100.0 if left == "decimal" else 1.0) / (100.0 if right == "decimal" else 1.0)
    unit = {"decimal": f"{_SPACE}%", "bp": " bp", "points": " points"}.get(left, "")
    moved = f"{fmt.significant(scale * one.value, 2, plus=True)}{unit}"
    return (
        f"{sentence} A move of {by} in {read.b} went with {moved} {fmt.interval(one)} "
        f"in {read.a} on average."
    )


def _dynamics(read: _Read) -> str:
    last, low, high = (
        read.value(f"dynamics.dcc_{part}", plus=True, ends=False) for part in ("last", "min", "max")
    )
    sentence = (
        f"A model in which correlation changes from {read.period} to {read.period} (DCC) puts it "
        f"at {last} on {read.analysis.as_of}, after {low} at the lowest and {high} at the highest."
    )
    if read.has("dynamics.kalman_beta"):
        slope = read.value("dynamics.kalman_beta")
        sentence += f" A slope of {read.a} on {read.b} that may drift stands at {slope}."
    return sentence


def _asymmetry(read: _Read) -> str:
    up, down = (read.value(f"regression.beta_{way}") for way in ("up", "down"))
    return (
        f"The slope on {read.b} is {up} on {read.period}s on which it rises and {down} on "
        f"{read.period}s on which it falls (p {read.test('regression.up_down')} for equal slopes)."
    )


def _tails(read: _Read) -> str:
    """Only where the claim about falling together does not apply."""
    if any(c.id == "C22a" and c.verdict != "not tested" for c in read.analysis.claims):
        return ""
    days = f"the worst 5{_SPACE}% of {read.period}s for {read.a}"
    return f"On {days}, {read.b} fell on {read.value('tails.joint_worst')}."


def _diagnostics(read: _Read) -> str:
    a, b = (read.value(f"diagnostics.tail_index_{leg}") for leg in "ab")
    return (
        f"The tail index, which is low where extreme moves are frequent, is {a} for {read.a} and "
        f"{b} for {read.b}."
    )


def _growth(read: _Read) -> str:
    deepest = {"a": read.a, "b": read.b}
    parts = [
        f"{read.value(key, ends=False)} for {name}"
        for leg, name in deepest.items()
        if read.has(key := f"performance.max_drawdown_{leg}")
    ]
    return f"The deepest fall from a high was {' and '.join(parts)}." if parts else ""


def _changes(read: _Read) -> str:
    a, b = (read.value(f"performance.change_{leg}[1y]", plus=True, ends=False) for leg in "ab")
    return f"Over the last year {read.a} changed by {a} and {read.b} by {b}."


def _capture(read: _Read) -> str:
    up, down = (read.value(f"performance.capture_{way}") for way in ("up", "down"))
    return (
        f"On {read.period}s on which {read.b} rose, {read.a} had {up} of its mean gain; on "
        f"{read.period}s on which it fell, {down} of its mean loss."
    )


def _spread(read: _Read) -> str:
    z = read.estimate("spread.zscore").value
    return (
        f"The price of {read.a} over that of {read.b} stands {fmt.number(abs(z), 1)} standard "
        f"deviations {'above' if z >= 0.0 else 'below'} its mean of the last 252 {read.period}s."
    )


def _scenario(read: _Read) -> str:
    near = "scenario.neighbours[-10]"
    sentence = (
        f"If {read.a} falls by 10{_SPACE}% within {horizon_text(read.analysis)}, the line "
        f"through the past puts {read.b} at {read.value('scenario.b_given_a[-10]', plus=True)}, "
        f"the brackets holding {names.level(read.analysis)} of outcomes"
    )
    like = read.analysis.estimate(near)
    if like is None:
        return f"{sentence}; the sample holds no such period."
    mean = read.value(near, plus=True, ends=False)
    times = f"{like.nobs:,} overlapping periods" if like.nobs != 1 else "one period"
    return f"{sentence}; in {times} like it the mean was {mean}."


def _forecast(read: _Read) -> str:
    """The forecast of the method that scored best, if one beat the long-run mean."""
    methods = {"ewma": "exponential weights", "dcc": "the DCC model"}
    gains = {name: read.analysis.estimate(f"forecast.gain_{name}[21]") for name in methods}
    scored = {name: one for name, one in gains.items() if one is not None}
    if not scored:
        return ""
    best = max(scored, key=lambda name: scored[name].value)
    low = scored[best].low
    if low is not None and low > 0.0 and read.has(f"forecast.pearson_{best}[21]"):
        key = f"forecast.pearson_{best}[21]"
        lead, who = "", f"the best scorer so far, {methods[best]},"
    else:
        key = "forecast.pearson[21]"
        lead, who = "No gain over the constant is established. ", "the long-run mean"
        read.keys.extend(f"forecast.gain_{name}[21]" for name in scored)
    return (
        f"{lead}For the next 21 {read.period}s {who} says {read.value(key, plus=True)}, the "
        f"brackets holding {names.level(read.analysis)} of outcomes."
    )


def _hedge(read: _Read) -> str:
    """The ratio itself; the claim says what it removed."""
    one = read.estimate("hedge.ratio[all]")
    if read.analysis.returns.units[0] != read.analysis.returns.units[1]:
        return ""
    side = "long" if one.value < 0.0 else "short"
    around = ""
    if one.low is not None and one.high is not None:
        ends = sorted((abs(one.low), abs(one.high)))
        around = f" [{fmt.number(ends[0])}, {fmt.number(ends[1])}]"
        if one.low < 0.0 < one.high:
            around = f" {fmt.interval(one)}"
    return (
        f"Over the whole sample, each 1 in {read.a} was hedged best by "
        f"{fmt.number(abs(one.value))}{around} {side} in {read.b}."
    )


# By page, in the order of its notebook; they come before any claim that can wait.
READINGS: dict[str, dict[str, Callable[[_Read], str]]] = {
    "correlation": {
        "ranks": _ranks,
        "volatility": _volatility,
        "dynamics": _dynamics,
        "asymmetry": _asymmetry,
        "tails": _tails,
        "forecast": _forecast,
        "diagnostics": _diagnostics,
    },
    "comparison": {
        "changes": _changes,
        "growth": _growth,
        "capture": _capture,
        "spread": _spread,
        "hedge": _hedge,
        "scenario": _scenario,
    },
}


# Subjects that rest on daily slopes, and what is said in their place where closes are apart.
_OF_ONE_CLOCK = {
    "asymmetry": "Slopes on rises and falls are not judged",
    "hedge": "A hedge is not judged",
}


def reading(analysis: Study, subject: str) -> Fragment:
    """What a statistic says in a sentence; nothing where it is not computed.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    subject : str
        ranks, volatility, dynamics, asymmetry, tails, forecast, diagnostics; changes, growth,
        capture, spread, hedge or scenario.

    Raises
    ------
    KeyError
        If there is no such subject.
    """
    why = clock(analysis)
    if why and subject in _OF_ONE_CLOCK:
        prose = f"{_OF_ONE_CLOCK[subject]}: {why}."
        return Fragment(
            paragraph(text(prose), class_="reading", data_key="asynchrony.share"), prose, prose
        )
    read = _Read(analysis)
    write = (READINGS["correlation"] | READINGS["comparison"])[subject]
    try:
        prose = write(read)
    except _NotThereError:
        prose = ""
    if not prose:
        return Fragment("", f"no reading: {subject}")
    keys = " ".join(dict.fromkeys(read.keys))
    return Fragment(paragraph(text(prose), class_="reading", data_key=keys), prose, prose)
