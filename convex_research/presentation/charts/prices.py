"""Charts of prices: growth, falls, years won, the gap between two legs and its size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.claims import effects
from convex_research.claims.sentences import mapped
from convex_research.core import formatting as fmt
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.correlation import window_name
from convex_research.presentation.charts.marks import (
    PERCENT,
    Axis,
    Band,
    Bars,
    Note,
    Plot,
    Row,
    axis_unit,
    extent,
)
from convex_research.presentation.charts.over_time import (
    Path,
    ends,
    history,
    over_time,
    periods,
    shown_period,
)
from convex_research.presentation.charts.shapes import (
    Same,
    bars,
    brief,
    intervals,
    of_both,
    rows_of,
)
from convex_research.presentation.charts.ticks import as_days
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from convex_research.analysis import Curve
    from convex_research.core.estimates import Estimate
    from convex_research.presentation.charts.marks import Mark
    from convex_research.studies import Study

__all__ = ["CHARTS", "below", "level_over_time"]


def _of_legs(study: Study, stem: str) -> dict[str, Path]:
    """Path of each leg that has one of a kind."""
    curves = study.section("performance").curves
    return {
        leg: Path.of(curves[f"performance.{stem}_{leg}"], names.short(one), leg)
        for leg, one in zip("ab", names.legs(study), strict=True)
        if f"performance.{stem}_{leg}" in curves
    }


def growth(study: Study) -> Chart:
    """What 100 became, of the legs that are prices, from the beginning of each period."""
    grown = _of_legs(study, "growth")
    if not grown:
        return Chart("growth", "What 100 became")
    plots, told = [], []
    for label, first in periods(next(iter(grown.values())).dates):
        parts = [path.since(_first_day(study, leg, label, first)) for leg, path in grown.items()]
        parts = [part._replace(value=100.0 * part.value / part.value[0]) for part in parts]
        now = [
            Note(
                float(as_days(part.dates[-1:])[0]),
                float(part.value[-1]),
                f"{brief(part.label)} {fmt.number(part.value[-1] - 100.0, 0, plus=True)}{PERCENT}",
                bold=True,
                colour=part.colour,
                outside=True,
            )
            for part in sorted(parts, key=lambda one: -one.value[-1])
        ]
        plots.append(over_time(parts, period=label, more=now, log=label == "All"))
        words = (f"{p.label} became {fmt.number(p.value[-1], 0)}" for p in parts)
        told.append(f"{label} from {parts[0].dates[0]}: {', '.join(words)}")
    note = "All has a logarithmic scale: equal steps are equal percentages."
    return Chart(
        "growth",
        "What 100 became",
        f"100 at the beginning. {'; '.join(told)}.",
        tuple(f"performance.last_{leg}" for leg in grown),
        tuple(plots),
        shown_period(plots),
        hero=True,
        digits=1,
        note=note if plots[-1].y.kind == "log" else "",
    )


def _first_day(study: Study, leg: str, period: str, first: np.datetime64) -> np.datetime64:
    """The day from which the change over a period is measured."""
    horizon = next((key for key, label in names.HORIZONS.items() if label == period), "")
    change = study.estimate(f"performance.change_{leg}[{horizon}]") if horizon else None
    return np.datetime64(change.start) if change and change.start else first


def _level_of(study: Study, leg: str) -> Chart:
    """The level of a leg that is no price."""
    curve = study.section("performance").curves.get(f"performance.level_{leg}")
    one = names.legs(study)["ab".index(leg)]
    title = f"{names.short(one)}, {one.unit or 'level'}"
    name = f"level_{leg}"
    if curve is None:
        return Chart(name, title)
    return level_over_time(name, title, curve, f"performance.last_{leg}", leg)


def level_a(study: Study) -> Chart:
    """The level of A, where it is no price."""
    return _level_of(study, "a")


def level_b(study: Study) -> Chart:
    """The level of B, where it is no price."""
    return _level_of(study, "b")


def level_over_time(name: str, title: str, curve: Curve, key: str, colour: str = "r") -> Chart:
    """A level or price over three periods; of a price that grew by much all on a log scale."""
    path, digits = Path.of(curve, "value", colour), _digits(curve)
    plots = []
    for label, first in periods(path.dates):
        part = path.since(first)
        notes = ends(part, digits, plus=False)
        plots.append(over_time([part], period=label, more=notes, log=label == "All"))
    if plots[-1].y.kind == "log":
        title += "; all on a logarithmic scale"
    description = f"{path.dates[0]} to {path.dates[-1]}: {path.extremes(digits)}."
    shown = shown_period(plots)
    return Chart(name, title, description, (key,), tuple(plots), shown, hero=True, digits=digits)


def _digits(curve: Curve) -> int:
    """Decimals that show three digits of a small level, two of others."""
    value = float(np.abs(curve.value).max())
    return 2 if value >= 1.0 or value == 0.0 else 2 - int(np.floor(np.log10(value)))


def changes(study: Study) -> Chart:
    """Changes of both over a month, a year and so on; of legs that have the same unit."""
    listed = (
        (label, "performance.change_{leg}[" + horizon + "]")
        for horizon, label in names.HORIZONS.items()
        if horizon not in {"1d", "5d"}
    )
    a, b = (brief(names.short(one)) for one in names.legs(study))
    return bars("changes", "Changes to the last day", of_both(study, listed), (a, b))


def wins(study: Study) -> Chart:
    """Change of A less that of B in each calendar year; parts of years are pale."""
    years = sorted(
        key[28:-1]
        for key in study.section("performance").results
        if key.startswith("performance.calendar_year_a[")
    )
    asked = ((year, "performance.calendar_year_{leg}[" + year + "]") for year in years)
    both = of_both(study, asked)
    title = names.with_legs(study, "Change of {a} less that of {b}, calendar years")
    if len(both) < 2:
        return Chart("wins", title)
    scale, unit = axis_unit(both[0][1].estimate.unit)
    at = np.array([float(year) for year, *_ in both])
    gap = scale * np.array([a.estimate.value - b.estimate.value for _, a, b in both])
    colours = tuple(
        "soft" if "partial_year" in a.estimate.flags else "a" if one > 0.0 else "b"
        for one, (_, a, _) in zip(gap, both, strict=True)
    )
    low, high = extent([gap, np.zeros(1)])
    x = Axis(at[0] - 0.7, at[-1] + 0.7, "year", at=(at[0], at[at.size // 2], at[-1]))
    bars_of = Bars(at, gap, 0.75, colours, "difference")
    plot = Plot((bars_of,), x, Axis(low, high, unit=unit))
    whole = [k for k, colour in enumerate(colours) if colour != "soft"]
    won = sum(gap[k] > 0.0 for k in whole)
    best, worst = int(gap.argmax()), int(gap.argmin())
    leg_a, leg_b = (names.short(one) for one in names.legs(study))
    description = (
        f"{leg_a} ahead in {won} of {len(whole)} whole years; most in {both[best][0]}, by "
        f"{fmt.number(gap[best], 1)}{unit}, and {leg_b} in {both[worst][0]}, by "
        f"{fmt.number(-gap[worst], 1)}{unit}."
    )
    header = ("Year", "Difference")
    keys = tuple(row.key for _, *rows in both for row in rows)
    return Chart("wins", title, description, keys, (plot,), digits=1, header=header)


def drawdown(study: Study) -> Chart:
    """Distance of each price from its running maximum."""
    lines = _of_legs(study, "drawdown")
    keys = tuple(f"performance.max_drawdown_{leg}" for leg in lines)
    title = "Below the highest close so far"
    return below(title, list(lines.values()), PERCENT, keys) if lines else Chart("drawdown", title)


def below(title: str, paths: list[Path], unit: str, keys: tuple[str, ...]) -> Chart:
    """Falls from the highest value so far, shaded to zero."""
    under: list[Mark] = [
        Band(as_days(p.dates), p.value, np.zeros(p.value.size), colour=p.colour, alpha=0.1)
        for p in paths
    ]
    lowest = min(float(np.nanmin(path.value)) for path in paths)
    limits = (min(1.05 * lowest, -1e-9), 0.0)
    plot = over_time(paths, unit=unit, include=[0.0], under=under, limits=limits)
    told = "; ".join(f"{path.label}: {path.extremes(1, unit)}" for path in paths)
    header = ("Date", *(path.label for path in paths))
    return Chart("drawdown", title, f"{told}.", keys, (plot,), digits=1, header=header)


def risk(study: Study) -> Chart:
    """How many times as much one leg moves as the other, by window."""
    listed = (*map(str, study.config.windows[-2:]), "all")[::-1]
    rows = rows_of(study, *((window_name(study, w), f"volatility.ratio[{w}]") for w in listed))
    title = "Volatility of {a} over that of {b}"
    year = study.estimate(f"volatility.ratio[{study.config.year}]")
    if year is not None and year.value < 1.0:  # as the row says it: the riskier over the other
        title = "Volatility of {b} over that of {a}"
        rows = [replace(row, estimate=mapped(row.estimate, lambda x: 1.0 / x)) for row in rows]
    title = names.with_legs(study, title)
    return intervals("risk", title, rows, reference=1.0, unit="×")


def capture(study: Study) -> Chart:
    """How much of B's rises and falls A makes."""
    b = brief(names.short(names.legs(study)[1]), 10)
    rows = rows_of(
        study,
        (f"{b} up {names.per_period(study)}s", "performance.capture_up"),
        (f"{b} down {names.per_period(study)}s", "performance.capture_down"),
    )
    title = names.with_legs(study, "Share of {b}'s rises and falls that {a} makes")
    return intervals("capture", title, rows)


def ratio(study: Study) -> Chart:
    """Price of A over price of B."""
    curve = study.section("performance").curves.get("performance.ratio")
    title = names.with_legs(study, "Price of {a} over price of {b}")
    if curve is None:
        return Chart("ratio", title)
    path, digits = Path.of(curve, "price ratio", "ink"), _digits(curve)
    plot = over_time([path], more=ends(path, digits, plus=False)[:1], log=True)
    description = f"{path.dates[0]} to {path.dates[-1]}: {path.extremes(digits)}."
    return Chart("ratio", title, description, ("spread.ratio",), (plot,), digits=digits)


def gap(study: Study) -> Chart:
    """Distance of the log price ratio from its trailing mean, with its usual range."""
    title = names.with_legs(study, "How far {a} over {b} is from its one-year average, in SD")
    curve = study.section("spread").curves.get("spread.zscore")
    if curve is None:
        return Chart("gap", title)
    usual = rows_of(study, ("usual range", "spread.zscore_usual"))
    return history(
        "gap", title, curve, "z-score of the price ratio", usual=usual, plus=True, hero=False
    )


def residual(study: Study) -> Chart:
    """The residual of the cointegrating regression of log prices."""
    title = names.with_legs(study, "Log price of {a} less its regression on that of {b}")
    curve = study.section("cointegration").curves.get("cointegration.residual")
    if curve is None or not np.isfinite(curve.value).any():
        return Chart("residual", title)
    path = Path.of(curve, "residual, log points")
    plot = over_time([path], plus=True, include=[0.0])
    description = f"{path.dates[0]} to {path.dates[-1]}: {path.extremes(2, plus=True)}."
    key = "cointegration.engle_granger[1]"
    return Chart("residual", title, description, (key,), (plot,), digits=3)


def tracking(study: Study) -> Chart:
    """Tracking error of twins over the last window, with its usual range and what comes next."""
    window, period = study.config.rolling_window, names.per_period(study)
    title = f"Tracking error over the last {window} {period}s, a year"
    curve = study.section("spread").curves.get(f"spread.tracking_error[{window}]")
    if curve is None or not np.isfinite(curve.value).any():
        return Chart("tracking", title)
    return history(
        "tracking",
        title,
        curve,
        f"standard deviation of the gap over {window} {period}s, a year",
        usual=rows_of(study, ("usual range", f"spread.tracking_error_usual[{window}]")),
        comes=rows_of(study, ("forecast range", "forecast.tracking_error[21]", "next")),
        ahead=f"Next 21 {period}s",
        limits=(0.0, np.inf),
    )


def size(study: Study) -> Chart:
    """How much less squared error weights on recent days make of tomorrow's gap."""
    rows = rows_of(study, ("error cut", "divergence.volatility_gain"))
    same = Same(-float(effects.SIZE_GAIN), float(effects.SIZE_GAIN), "counts as no gain")
    title = "How much weights on recent days cut the error of tomorrow's gap"
    return intervals("size", title, rows, same=same, reference=0.0)


def events(study: Study) -> Chart:
    """The gap's size in the weeks of index changes over that in the weeks around."""
    rows = [
        Row(label, key, _exponential(row.estimate))
        for label, key in (("index changes", "divergence.reconstitution"),)
        for row in rows_of(study, (label, key))
    ]
    most = float(effects.EVENT_RATIO)
    same = Same(1.0 / most, most, "counts as the usual size")
    title = "Size of the gap around events, times that of the weeks around"
    return intervals("events", title, rows, same=same, reference=1.0, unit="×")


def _exponential(one: Estimate) -> Estimate:
    """A ratio whose logarithm was estimated."""
    low, high = (None if end is None else float(np.exp(end)) for end in (one.low, one.high))
    value = float(np.exp(one.value))
    return replace(one, value=value, low=low, high=high, std_error=None, unit="ratio")


CHARTS = {
    one.__name__: one
    for one in (
        *(growth, level_a, level_b, changes, wins, drawdown, risk, capture, ratio, gap),
        *(residual, tracking, size, events),
    )
}
