"""Results under another choice: another window, another share of days, another method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.analysis.section import calendar_years
from convex_research.analysis.sections.consistency import full_years, year_correlations
from convex_research.analysis.sections.divergence import reconstitution_windows
from convex_research.analysis.sections.macro import closeness_gap, spread_drivers
from convex_research.core.estimates import NotComputed, Result, observed
from convex_research.core.formatting import PERIODS
from convex_research.statistics.dependence.comparison import compare
from convex_research.statistics.dependence.tails import exceedance, joint_worst
from convex_research.statistics.dynamics.forecast import correlation_forecasts, qlike
from convex_research.statistics.dynamics.rolling import rolling_pearson
from convex_research.statistics.hedging.hedge import hindsight
from convex_research.statistics.inference.paired_losses import hac_gain
from convex_research.statistics.levels.cointegration import engle_granger
from convex_research.statistics.levels.divergence import (
    after_breakdowns,
    breakdowns,
    event_ratio,
    volatility_losses,
)
from convex_research.statistics.levels.half_life import half_life
from convex_research.statistics.levels.variance_ratio import variance_ratio
from convex_research.statistics.stability.homogeneity import gaps_between, welch_james, widest_gap
from convex_research.statistics.stability.swings import swing_correlation, year_marks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convex_research.analysis.pair import PairAnalysis
    from convex_research.core.typing import Array
    from convex_research.statistics.inference.jackknife import FisherZ

    Runs = Iterator[tuple[str, Result]]

__all__ = ["CHOICES"]

_LONGEST = 1260
_FIRST, _SECOND = "in the first half of the sample", "in the second half of the sample"


def _halves(nobs: int) -> tuple[tuple[str, slice], tuple[str, slice]]:
    return (_FIRST, slice(0, nobs // 2)), (_SECOND, slice(nobs // 2, nobs))


def _spread(analysis: PairAnalysis) -> Array:
    return np.asarray(analysis.returns.a - analysis.returns.b)


def _thirds(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    returns = analysis.returns
    third = returns.nobs // 3
    a, b = returns.a, returns.b
    compared = compare(a[-third:], b[-third:], a[:third], b[:third])
    yield "between the first and the last third of the sample", compared.difference_r


def _reconstitution(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    spread = _spread(analysis)
    for reach in (3, 10):
        windows = reconstitution_windows(analysis.returns, reach)
        yield f"with {reach} sessions on either side", event_ratio(spread, windows)
    windows = reconstitution_windows(analysis.returns)
    if windows:
        size = [float(np.abs(spread[rows]).mean()) for rows in windows]
        rest = [rows for i, rows in enumerate(windows) if i != int(np.argmax(size))]
        yield "without the event with the largest moves", event_ratio(spread, rest)


def _after(analysis: PairAnalysis, qualifier: str) -> Runs:
    path = rolling_pearson(analysis.returns.a, analysis.returns.b, int(qualifier))
    spread, low = _spread(analysis), breakdowns(path)
    yield "over the next 42 days", after_breakdowns(spread, low, ahead=42)[0]
    wide = breakdowns(path, quantile=0.20)
    yield "with the lowest fifth as breakdowns", after_breakdowns(spread, wide)[0]


def _sizing(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    losses = volatility_losses(_spread(analysis), decay=0.97)
    if not isinstance(losses, NotComputed):
        yield "with a longer memory of volatility", hac_gain(*losses)


def _worst(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    a, b = analysis.returns.a, analysis.returns.b
    period = PERIODS[analysis.returns.frequency]
    for share in (0.025, 0.10):
        yield (
            f"on the worst {100 * share:g} % of {period}s",
            joint_worst(a, b, worst_share=share).share,
        )
    for name, part in _halves(a.size):
        yield name, joint_worst(a[part], b[part]).share


def _falls(analysis: PairAnalysis, qualifier: str) -> Runs:
    a, b = analysis.returns.a, analysis.returns.b
    for name, part in _halves(a.size):
        yield name, exceedance(a[part], b[part], threshold=float(qualifier), side="lower")


def _rolling_low(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    a, b = (x[-_LONGEST:] for x in (analysis.returns.a, analysis.returns.b))
    for window in (60, 126):
        path = rolling_pearson(a, b, window)
        path = path[np.isfinite(path)]
        if path.size:
            yield f"with {window}-day windows", observed(np.quantile(path, 0.05), a.size)


def _years(make: Callable[[list[FisherZ]], Result]) -> Callable[[PairAnalysis, str], Runs]:
    """Without the years that lack a part."""

    def runs(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
        returns = analysis.returns
        lacking = {year for year, _, incomplete in calendar_years(returns) if incomplete}
        years = full_years(returns.dates)
        whole = [(year, rows) for year, rows in years if year not in lacking]
        if len(whole) < len(years):
            z = year_correlations(returns.a, returns.b, whole)
            name = "without years that are incomplete"
            yield name, z if isinstance(z, NotComputed) else make(z)

    return runs


def _swings(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    returns = analysis.returns
    years = full_years(returns.dates)
    marks = year_marks([(returns.a[rows], returns.b[rows]) for _, rows in years])
    if not isinstance(marks, NotComputed):
        changes = swing_correlation(*marks, ranks=False)
        yield "by the changes themselves instead of their ranks", changes
        rest = np.arange(marks[0].size) != int(np.argmax(np.abs(marks[0])))
        without = swing_correlation(marks[0][rest], marks[1][rest])
        yield "without the year farthest from the rest", without


def _hedged(analysis: PairAnalysis, qualifier: str) -> Runs:
    returns = analysis.returns
    path = np.asarray(analysis.curve(f"hedge.ratio[{qualifier or 'ols'}]").value)
    a, b = returns.a[-path.size :], returns.b[-path.size :]
    hedged = a - path * b
    loss, base = (hedged - hedged.mean()) ** 2, (a - a.mean()) ** 2
    for name, part in _halves(path.size):
        yield name, hac_gain(loss[part], base[part])


def _hindsight(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    returns = analysis.returns
    path = np.asarray(analysis.curve("hedge.ratio[ols]").value)
    a, b = returns.a[-path.size :], returns.b[-path.size :]
    for name, part in _halves(path.size):
        yield name, hindsight(a[part], b[part], path[part])[1]


def _forecast(method: str) -> Callable[[PairAnalysis, str], Runs]:
    def runs(analysis: PairAnalysis, qualifier: str) -> Runs:
        returns = analysis.returns
        forecasts = correlation_forecasts(returns.a, returns.b, horizon=int(qualifier))
        if isinstance(forecasts, NotComputed) or method not in forecasts.forecast:
            return
        realised, both = forecasts.realised, [forecasts.forecast[k] for k in (method, "mean")]
        loss, base = (qlike(forecast, realised) for forecast in both)
        for name, part in _halves(loss.size):
            yield name, hac_gain(loss[part], base[part])
        yield "by squared error", hac_gain(*((forecast - realised) ** 2 for forecast in both))

    return runs


def _logs(analysis: PairAnalysis) -> tuple[Array, Array]:
    logs = np.log(analysis.returns.levels)
    return logs[:, 0], logs[:, 1]


def _half_life(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    a, b = _logs(analysis)
    for name, part in _halves(a.size):
        yield name, half_life(a[part], b[part])


def _engle_granger(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    a, b = _logs(analysis)
    yield "with the legs exchanged", engle_granger(b, a)


def _variance_ratio(analysis: PairAnalysis, qualifier: str) -> Runs:
    a, b = _logs(analysis)
    for horizon in (int(qualifier) // 2, 2 * int(qualifier)):
        if horizon > 1:
            yield f"over {horizon} days", variance_ratio(a - b, horizon)


def _closeness(analysis: PairAnalysis, qualifier: str) -> Runs:  # noqa: ARG001
    weekly = spread_drivers(analysis.returns, analysis.helpers)
    if not isinstance(weekly, NotComputed):
        for weeks in (13, 52):
            yield f"with coupling over {weeks} weeks", closeness_gap(weekly, weeks)[0]


CHOICES: dict[str, Callable[[PairAnalysis, str], Runs]] = {
    "consistency.halves": _thirds,
    "consistency.rolling_low": _rolling_low,
    "consistency.years": _years(welch_james),
    "consistency.years_gap": _years(lambda years: widest_gap(gaps_between(years))),
    "consistency.swings": _swings,
    "divergence.reconstitution": _reconstitution,
    "divergence.after_breakdowns": _after,
    "divergence.volatility_gain": _sizing,
    "tails.joint_worst": _worst,
    "tails.exceedance_lower": _falls,
    "hedge.effectiveness_out": _hedged,
    "hedge.hindsight_loss": _hindsight,
    "forecast.gain_ewma": _forecast("ewma"),
    "forecast.gain_dcc": _forecast("dcc"),
    "cointegration.half_life": _half_life,
    "cointegration.engle_granger": _engle_granger,
    "cointegration.variance_ratio": _variance_ratio,
    "persistence.variance_ratio": _variance_ratio,
    "macro.idiosyncratic_gap": _closeness,
}
