"""One sentence for a statistic that no claim speaks of: value, interval and sample in words.

A reading says what was measured and interprets nothing; verdicts are for claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class _Read:
    """Estimates of one analysis as words, with the keys that were used."""

    def __init__(self, analysis: Study) -> None:
        self.analysis = analysis
        self.a, self.b = (names.short(one) for one in names.legs(analysis))
        self.period = names.per_period(analysis)
        self.keys: list[str] = []

    def estimate(self, key: str) -> Estimate | None:
        """The estimate under a key, if there is one."""
        return self.analysis.estimate(key)

    def test(self, key: str) -> TestResult | None:
        """The test under a key, if there is one."""
        found = self.analysis.results.get(key)
        return found if isinstance(found, TestResult) else None

    def value(self, key: str, *, plus: bool = False, ends: bool = True) -> str:
        """Value with interval; what is used is remembered."""
        self.keys.append(key)
        found = self.estimate(key)
        assert found is not None
        one = fmt.as_read(key, found)
        shown = fmt.value(one, plus=plus)
        interval = fmt.interval(one, plus=plus) if ends else ""
        return f"{shown} {interval}".rstrip()

    def has(self, *keys: str) -> bool:
        """Whether every key has an estimate."""
        return all(self.estimate(key) is not None for key in keys)

    def window(self, stem: str) -> str | None:
        """The year, or the whole sample where a year is not there."""
        year = str(self.analysis.config.year)
        return next((w for w in (year, "all") if self.has(f"{stem}[{w}]")), None)

    def over(self, window: str) -> str:
        """``the last 252 days`` or ``the whole sample``."""
        words = names.window(self.analysis, window)
        return f"the {words[:1].lower()}{words[1:]}"


def _ranks(read: _Read) -> str:
    window = read.window("correlation.spearman")
    if window is None:
        return ""
    r = read.value(f"correlation.spearman[{window}]", plus=True)
    return (
        f"By ranks, which a few extreme {read.period}s cannot move, the correlation over "
        f"{read.over(window)} is {r}."
    )


def _volatility(read: _Read) -> str:
    window = read.window("volatility.daily_a")
    if window is None or not read.has(f"volatility.daily_b[{window}]"):
        return ""
    a, b = (read.value(f"volatility.daily_{leg}[{window}]") for leg in "ab")
    sentence = (
        f"Over {read.over(window)} a usual move (one standard deviation) of {read.a} was {a} a "
        f"{read.period}, of {read.b} {b}."
    )
    return sentence + _mixed_slope(read, window)


def _mixed_slope(read: _Read, window: str) -> str:
    """The slope in words where the legs have different units, so that no claim speaks of it."""
    key = f"regression.beta[{window}]"
    left, right = read.analysis.returns.units
    if left == right or not read.has(key):
        return ""
    by = {"decimal": f"+1{_SPACE}%", "bp": "+1 bp", "points": "+1 point"}.get(right, "+1")
    one = read.estimate(key)
    assert one is not None
    scale = (100.0 if left == "decimal" else 1.0) / (100.0 if right == "decimal" else 1.0)
    unit = {"decimal": f"{_SPACE}%", "bp": " bp", "points": " points"}.get(left, "")
    ends = fmt.interval(one, plus=True)
    read.keys.append(key)
    moved = fmt.significant(scale * one.value, 2, plus=True)
    return f" A move of {by} in {read.b} went with {moved}{unit} {ends} in {read.a} on average."


def _dynamics(read: _Read) -> str:
    keys = [f"dynamics.dcc_{part}" for part in ("last", "min", "max")]
    if not read.has(*keys):
        return ""
    last, low, high = (read.value(key, plus=True, ends=False) for key in keys)
    sentence = (
        f"A model in which correlation changes from {read.period} to {read.period} (DCC) puts it "
        f"at {last} on {read.analysis.as_of}, after {low} at the lowest and {high} at the highest."
    )
    if read.has("dynamics.kalman_beta"):
        slope = read.value("dynamics.kalman_beta")
        sentence += f" A slope of {read.a} on {read.b} that may drift stands at {slope}."
    return sentence


def _asymmetry(read: _Read) -> str:
    keys, test = ("regression.beta_up", "regression.beta_down"), read.test("regression.up_down")
    if not read.has(*keys) or test is None:
        return ""
    up, down = (read.value(key) for key in keys)
    read.keys.append("regression.up_down")
    return (
        f"The slope on {read.b} is {up} on {read.period}s on which it rises and {down} on "
        f"{read.period}s on which it falls (p {fmt.pvalue(test.pvalue)} for equal slopes)."
    )


def _tails(read: _Read) -> str:
    """Only where the claim about falling together does not apply."""
    key = "tails.joint_worst"
    if any(c.id == "C22a" and c.verdict != "not tested" for c in read.analysis.claims):
        return ""
    if not read.has(key):
        return ""
    days = f"the worst 5{_SPACE}% of {read.period}s for {read.a}"
    return f"On {days}, {read.b} fell on {read.value(key)}."


def _diagnostics(read: _Read) -> str:
    keys = [f"diagnostics.tail_index_{leg}" for leg in "ab"]
    if not read.has(*keys):
        return ""
    a, b = (read.value(key) for key in keys)
    return (
        f"The tail index, which is low where extreme moves are frequent, is {a} for {read.a} and "
        f"{b} for {read.b}."
    )


def _growth(read: _Read) -> str:
    parts = []
    for leg, name in (("a", read.a), ("b", read.b)):
        deep = f"performance.max_drawdown_{leg}"
        if read.has(deep):
            parts.append(f"{read.value(deep, ends=False)} for {name}")
    return f"The deepest fall from a high was {' and '.join(parts)}." if parts else ""


def _changes(read: _Read) -> str:
    keys = [f"performance.change_{leg}[1y]" for leg in "ab"]
    if not read.has(*keys):
        return ""
    a, b = (read.value(key, plus=True, ends=False) for key in keys)
    return f"Over the last year {read.a} changed by {a} and {read.b} by {b}."


def _capture(read: _Read) -> str:
    keys = ("performance.capture_up", "performance.capture_down")
    if not read.has(*keys):
        return ""
    up, down = (read.value(key) for key in keys)
    return (
        f"On {read.period}s on which {read.b} rose, {read.a} had {up} of its mean gain; on "
        f"{read.period}s on which it fell, {down} of its mean loss."
    )


def _spread(read: _Read) -> str:
    key = "spread.zscore"
    one = read.estimate(key)
    if one is None:
        return ""
    read.keys.append(key)
    side = "above" if one.value >= 0.0 else "below"
    size = fmt.number(abs(one.value), 1)
    return (
        f"The price of {read.a} over that of {read.b} stands {size} standard deviations {side} "
        f"its mean of the last 252 {read.period}s."
    )


def _scenario(read: _Read) -> str:
    key, near = "scenario.b_given_a[-10]", "scenario.neighbours[-10]"
    if not read.has(key):
        return ""
    one = read.estimate(key)
    assert one is not None
    sentence = (
        f"If {read.a} falls by 10{_SPACE}% within {horizon_text(read.analysis)}, the line "
        f"through the past puts {read.b} at {read.value(key, plus=True)}, the brackets holding "
        f"{names.level(read.analysis)} of outcomes"
    )
    like = read.estimate(near)
    if like is None:
        return f"{sentence}; the sample holds no such period."
    mean = read.value(near, plus=True, ends=False)
    times = f"{like.nobs:,} overlapping periods" if like.nobs != 1 else "one period"
    return f"{sentence}; in {times} like it the mean was {mean}."


def _forecast(read: _Read) -> str:
    """The forecast of the method that scored best, if one beat the long-run mean."""
    gains = {name: read.estimate(f"forecast.gain_{name}[21]") for name in ("ewma", "dcc")}
    scored = {name: one for name, one in gains.items() if one is not None}
    if not read.has("forecast.pearson[21]") or not scored:
        return ""
    best = max(scored, key=lambda name: scored[name].value)
    top = scored[best]
    names_of = {"ewma": "exponential weights", "dcc": "the DCC model"}
    beats = top.low is not None and top.low > 0.0
    suffix = f"_{best}" if beats and read.has(f"forecast.pearson_{best}[21]") else ""
    who = f"the best scorer so far, {names_of[best]}," if suffix else "the long-run mean"
    lead = "" if suffix else "No gain over the constant is established. "
    if not suffix:
        read.keys.extend(f"forecast.gain_{name}[21]" for name in scored)
    shown = read.value(f"forecast.pearson{suffix}[21]", plus=True)
    return (
        f"{lead}For the next 21 {read.period}s {who} says {shown}, the brackets holding "
        f"{names.level(read.analysis)} of outcomes."
    )


def _hedge(read: _Read) -> str:
    """The ratio itself; the claim says what it removed."""
    key = "hedge.ratio[all]"
    one = read.estimate(key)
    if one is None or read.analysis.returns.units[0] != read.analysis.returns.units[1]:
        return ""
    side = "long" if one.value < 0.0 else "short"
    size = fmt.number(abs(one.value), 2)
    ends = sorted(abs(end) for end in (one.low, one.high) if end is not None)
    around = f" [{fmt.number(ends[0])}, {fmt.number(ends[1])}]" if len(ends) == 2 else ""
    if one.low is not None and one.high is not None and one.low < 0.0 < one.high:
        around = f" {fmt.interval(one, plus=True)}"
    read.keys.append(key)
    return (
        f"Over the whole sample, each 1 in {read.a} was hedged best by {size}{around} {side} in "
        f"{read.b}."
    )


_READINGS: dict[str, Callable[[_Read], str]] = {
    "asymmetry": _asymmetry,
    "capture": _capture,
    "changes": _changes,
    "diagnostics": _diagnostics,
    "dynamics": _dynamics,
    "forecast": _forecast,
    "growth": _growth,
    "hedge": _hedge,
    "ranks": _ranks,
    "scenario": _scenario,
    "spread": _spread,
    "tails": _tails,
    "volatility": _volatility,
}


def reading(analysis: Study, subject: str) -> Fragment:
    """What a statistic says in a sentence; nothing where it is not computed.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    subject : str
        asymmetry, capture, changes, diagnostics, dynamics, forecast, growth, hedge, ranks,
        scenario, spread, tails or volatility.

    Raises
    ------
    KeyError
        If there is no such subject.
    """
    read = _Read(analysis)
    prose = _READINGS[subject](read)
    if not prose:
        return Fragment("", f"no reading: {subject}")
    found = analysis.results
    flags = {f for key in read.keys for f in getattr(found.get(key), "flags", ())}
    if "heavy_tails" in flags:
        prose += " Tails are too heavy for such an interval to be trusted."
    keys = " ".join(dict.fromkeys(read.keys))
    return Fragment(paragraph(text(prose), class_="reading", data_key=keys), prose, prose)
