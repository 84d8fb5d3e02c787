"""Two legs side by side: who grew more, who lost less, whose risk grew, who makes the gap.

Each difference is of both legs on the same days, so that what moves both does not blur it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.core.estimates import (
    Estimate,
    Interval,
    Missing,
    NotComputed,
    TestResult,
    too_short,
)
from convex_research.statistics.inference.flags import OF_ITS_OWN_DAYS
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    as_pair,
    carried_df,
    hac_std_error,
    moves,
    unusable,
)
from convex_research.statistics.inference.jackknife import StudentZ, fisher_z
from convex_research.statistics.inference.two_windows import difference_z
from convex_research.statistics.single.reward import reward
from convex_research.statistics.single.volatility import log_volatility_ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.typing import Array, ArrayLike, Dates
    from convex_research.statistics.single.reward import Measure

__all__ = [
    "capture_gap",
    "growth_gap",
    "own_share",
    "reward_gap",
    "riskier",
    "volatility_change",
    "volatility_ratio_test",
    "years_ahead",
]

Pair = tuple[Estimate, TestResult] | NotComputed

_LARGEST_GROWTH = math.log(1e4)  # an interval that reaches beyond 10,000 times a year says nothing
_FEWEST_YEARS = 5
_ROUNDING = 1e-12
_HALF = math.atanh(math.sqrt(0.5))


def _student(value: float, influence: Array) -> StudentZ | NotComputed:
    """A value whose influence says how uncertain it is."""
    std_error, share, _ = hac_std_error(influence)
    if not std_error > 0.0:
        return NotComputed(Missing.EXACT, "both legs do the same, so there is no sampling error")
    return StudentZ(value, std_error, float(carried_df(influence, share)), influence.size)


def _estimate(
    one: StudentZ,
    level: float,
    what: str,
    *,
    link: Callable[[float], float] = float,
    ends: tuple[float, float] | None = None,
    unit: str = "dimensionless",
) -> Estimate:
    """The image of a value and of its interval's ends."""
    low, high = map(link, ends or one.ends(level))
    return Estimate(
        value=link(one.z),
        low=low,
        high=high,
        confidence_level=level,
        interval=Interval.HAC,
        method=f"{what}; HAC (Bartlett), Student t with {one.df:.1f} df",
        nobs=one.nobs,
        unit=unit,
    )


def growth_gap(
    price_a: ArrayLike, price_b: ArrayLike, dates: Dates, *, confidence_level: float = 0.95
) -> Pair:
    """Growth of A a year less that of B.

    Parameters
    ----------
    price_a, price_b : array_like, shape (T + 1,)
        Positive prices on shared dates.
    dates : array of datetime64[D], shape (T + 1,)
        Their dates.

    Returns
    -------
    gap : Estimate
        e^g_A - e^g_B, g log growth a year. With d = g_A - g_B and its interval d -+ t se from the
        HAC error of the mean difference of log returns, the ends are 2 e^m sinh(d / 2), m the mean
        of both g: zero lies inside exactly where the test does not reject.
    test : TestResult
        d = 0.
    """
    prices = as_pair(price_a, price_b)
    if min(x.min() for x in prices) <= 0.0:
        return NotComputed(Missing.NOT_A_PRICE, "growth rates need positive prices")
    steps = [np.diff(np.log(x)) for x in prices]
    if (reason := unusable(*steps)) is not None:
        return reason
    gap = steps[0] - steps[1]
    if not moves(gap, size=max(float(np.abs(x).max()) for x in steps)):
        return NotComputed(Missing.NOT_MOVING, "the legs grow in exact proportion")
    years = float((dates[-1] - dates[0]) / np.timedelta64(1, "D")) / 365.25
    scale = gap.size / years
    middle = 0.5 * scale * float(steps[0].mean() + steps[1].mean())
    one = _student(scale * float(gap.mean()), scale * (gap - gap.mean()))
    if isinstance(one, NotComputed):
        return one
    if abs(middle) + 0.5 * max(map(abs, one.ends(confidence_level))) > _LARGEST_GROWTH:
        return NotComputed(
            Missing.TOO_SHORT, "the sample is too short and wild for a growth rate a year"
        )

    def growth(d: float) -> float:
        return 2.0 * math.exp(middle) * math.sinh(0.5 * d)

    what = "growth a year of {a} less that of {b}, from the mean difference of log returns"
    null, alternative = "{a} and {b} grow alike", "one grows faster than the other"
    return (
        _estimate(one, confidence_level, what, link=growth, unit="decimal a year"),
        one.test(null, alternative),
    )


def capture_gap(a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95) -> Pair:
    """Share of B's rises that A makes less the share of B's falls.

    Returns
    -------
    gap : Estimate
        R_up - R_down, each mean(a | side) / mean(b | side), with the difference of their influence
        values (a - R b) 1{side} / mean(b 1{side}) on the whole time line.
    test : TestResult
        R_up = R_down.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    ratios, influences = [], []
    for inside in (y > 0.0, y < 0.0):
        if (days := int(inside.sum())) < MIN_NOBS_INTERVAL:
            return NotComputed(
                Missing.TOO_SHORT, f"needs {MIN_NOBS_INTERVAL} moves of each side, has {days}"
            )
        mean = float((y * inside).mean())
        ratios.append(float((x * inside).mean()) / mean)
        influences.append((x - ratios[-1] * y) * inside / mean)
    influence = influences[0] - influences[1]
    if not np.abs(influence).max() > 1e-12 * (1.0 + max(map(abs, ratios))):
        return NotComputed(Missing.EXACT, "the two move in exact proportion")
    one = _student(ratios[0] - ratios[1], influence)
    if isinstance(one, NotComputed):
        return one
    what = "share of {b}'s rises that {a} makes, less that of its falls"
    null = "{a} makes the same share of {b}'s rises and falls"
    return (
        _estimate(one, confidence_level, what),
        one.test(null, "the shares differ"),
    )


def reward_gap(
    a: ArrayLike,
    b: ArrayLike,
    measure: Measure,
    periods_per_year: int,
    *,
    confidence_level: float = 0.95,
) -> Pair:
    """Sharpe or Sortino ratio a year of A less that of B.

    Returns
    -------
    gap : Estimate
        From the difference of the influence values of both, see
        :func:`~convex_research.statistics.single.reward.reward`. Ledoit and Wolf 2008.
    test : TestResult
        The ratios are the same.
    """
    sides = []
    for leg in as_pair(a, b):
        made = reward(leg, measure)
        if isinstance(made, NotComputed):
            return made
        sides.append(made)
    (first, of_first), (second, of_second) = sides
    if not np.abs(of_first - of_second).max() > _ROUNDING * np.abs(of_first).max():
        return NotComputed(Missing.EXACT, "the two move in exact proportion")
    year = math.sqrt(periods_per_year)
    one = _student(year * (first - second), year * (of_first - of_second))
    if isinstance(one, NotComputed):
        return one
    risk = "volatility" if measure == "sharpe" else "root mean square of falls"
    what = f"mean over {risk} a year, {{a}} less {{b}}"
    return (
        _estimate(one, confidence_level, what),
        one.test("{a} and {b} return as much for the risk", "one returns more for it"),
    )


def years_ahead(gaps: ArrayLike, *, confidence_level: float = 0.95) -> Pair:
    """Share of calendar years in which A did better, as trials of one coin.

    Parameters
    ----------
    gaps : array_like, shape (K,)
        Growth of A less that of B in each full year; years without a difference do not count.

    Returns
    -------
    share : Estimate
        With the exact interval. Clopper and Pearson 1934.
    test : TestResult
        Each leg is ahead in half of the years.
    """
    from scipy.stats import binomtest

    counted = np.asarray(gaps, dtype=np.float64)
    counted = counted[counted != 0.0]
    if counted.size < _FEWEST_YEARS:
        return too_short(f"{_FEWEST_YEARS} full calendar years", counted.size)
    trial = binomtest(int((counted > 0.0).sum()), counted.size)
    low, high = trial.proportion_ci(confidence_level)
    share = Estimate(
        value=float(trial.statistic),
        low=low,
        high=high,
        confidence_level=confidence_level,
        interval=Interval.EXACT,
        method="exact binomial (Clopper-Pearson), full calendar years as independent trials",
        nobs=counted.size,
    )
    test = TestResult(
        statistic=float(trial.k),
        pvalue=trial.pvalue,
        null="{a} does better in half of the years",
        alternative="one does better in most years",
        distribution=f"binomial, {counted.size} trials",
        nobs=counted.size,
    )
    return share, test


def volatility_change(
    a_recent: ArrayLike,
    b_recent: ArrayLike,
    a_preceding: ArrayLike,
    b_preceding: ArrayLike,
    *,
    confidence_level: float = 0.95,
) -> Pair:
    """Factor by which the ratio of volatilities, A's over B's, differs from what it was.

    Parameters
    ----------
    a_recent, b_recent : array_like, shape (T1,)
        Returns of the legs in the later window.
    a_preceding, b_preceding : array_like, shape (T0,)
        In the earlier one, which shares no date with it.

    Returns
    -------
    factor : Estimate
        exp(l1 - l0), l = log(sd A / sd B), each with its own HAC error; Welch's degrees of freedom.
    test : TestResult
        The factor is one.
    """
    sides = []
    for legs in ((a_recent, b_recent), (a_preceding, b_preceding)):
        made = log_volatility_ratio(*legs)
        if isinstance(made, NotComputed):
            return made
        side = _student(*made)
        if isinstance(side, NotComputed):
            return side
        sides.append(side)
    one = difference_z(sides[0], sides[1])
    what = "factor on the ratio of volatilities, recent over preceding, log scale, Welch"
    null = "the ratio of volatilities over the recent days is that over those before"
    return (
        _estimate(one, confidence_level, what, link=math.exp),
        one.test(null, "it has changed", flags=(OF_ITS_OWN_DAYS,)),
    )


def volatility_ratio_test(a: ArrayLike, b: ArrayLike) -> TestResult | NotComputed:
    """Test that A and B are equally volatile.

    Of the interval of :func:`~convex_research.statistics.single.volatility.volatility_ratio`.
    """
    made = log_volatility_ratio(a, b)
    one = made if isinstance(made, NotComputed) else _student(*made)
    if isinstance(one, NotComputed):
        return one
    null, alternative = "{a} and {b} were equally volatile over these days", "one was more so"
    return one.test(null, alternative, flags=(OF_ITS_OWN_DAYS,))


def riskier(a: ArrayLike, b: ArrayLike) -> Literal["a", "b"]:
    """The leg with the larger standard deviation; A where they are equal."""
    x, y = as_pair(a, b)
    return "a" if x.std() >= y.std() else "b"


def own_share(a: ArrayLike, b: ArrayLike, *, confidence_level: float = 0.95) -> Pair:
    """Share of the spread's variance that is the riskier leg's own.

    Returns
    -------
    share : Estimate
        1 - r^2, r the correlation of A - B with the leg that :func:`riskier` does not name: what is
        left is that leg's larger slope at work. The interval is the image of that of r.
    test : TestResult
        The share is one half; ``statistic`` is positive where it is more.
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    gap = x - y
    if not moves(gap, size=max(np.abs(x).max(), np.abs(y).max())):
        return NotComputed(Missing.NOT_MOVING, "the legs differ by a constant, there is no spread")
    own, other = ("a", y) if riskier(x, y) == "a" else ("b", x)
    made = fisher_z(gap, other)
    if isinstance(made, NotComputed):
        return NotComputed(made.code, "the spread moves with one leg exactly")
    ends = made.ends(confidence_level)
    nearest = 0.0 if ends[0] <= 0.0 <= ends[1] else min(map(abs, ends))
    outer = (max(map(abs, ends)), nearest)
    what = f"1 - r^2 of the spread with the other leg: {{{own}}}'s own moves"
    null = f"half of the spread's variance is {{{own}}}'s own"
    one = StudentZ(-abs(made.z), made.std_error, made.df, made.nobs)
    return (
        _estimate(one, confidence_level, what, link=lambda z: 1.0 / math.cosh(z) ** 2, ends=outer),
        one.test(null, "it is more or less than half", at=-_HALF),
    )
