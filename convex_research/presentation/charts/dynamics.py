"""Charts of what moves: DCC correlation, beta with its breaks, and the lead-lag profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.cells import result_row
from convex_research.core.estimates import Estimate
from convex_research.core.fragments import Fragment
from convex_research.presentation.charts.canvas import Canvas
from convex_research.presentation.charts.figure import Entry, chart, decimals, last_of, rows_of
from convex_research.presentation.charts.svg import number, paint
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["beta_chart", "breaks_chart", "dcc_chart", "lead_lag_chart"]

_SLOPES = {"decimal per points": 100.0, "decimal per bp": 100.0, "points per decimal": 0.01}


def dcc_chart(analysis: Study) -> Fragment:
    """The filtered DCC correlation beside the whole-sample one."""
    curve = analysis.section("dynamics").curves.get("dynamics.dcc")
    whole = analysis.estimate("correlation.pearson[all]")
    if curve is None or whole is None:
        return Fragment("", "no DCC path")
    canvas = Canvas(260.0)
    canvas.line(curve.dates, curve.value, width=1.4)
    low_end, high_end = canvas.y
    canvas.y = (max(-1.0, min(low_end, whole.value)), min(1.0, max(high_end, whole.value)))
    canvas.dates(curve.dates)
    canvas.values(1)
    canvas.level(whole.value)
    low, high = int(curve.value.argmin()), int(curve.value.argmax())
    return chart(
        canvas,
        name="dcc",
        title=f"Correlation filtered {names.per_period(analysis)} by {names.per_period(analysis)}"
        " (DCC)",
        description=(
            f"From {curve.dates[0]} to {curve.dates[-1]}: last {fmt.number(curve.value[-1])}, "
            f"lowest {fmt.number(curve.value[low])} on {curve.dates[low]}, highest "
            f"{fmt.number(curve.value[high])} on {curve.dates[high]}."
        ),
        key="dynamics.dcc_last",
        legend=[
            Entry("s-a", "DCC correlation", (curve.value,)),
            Entry("s-muted dashed", f"whole sample, {fmt.number(whole.value, plus=True)}"),
        ],
        dates=curve.dates,
        header=("Date", "Correlation"),
        rows=rows_of(curve.dates, curve.value, show=decimals(3)),
    )


def _slope_unit(unit: str) -> tuple[float, str]:
    """Factor to the size people use for a slope, and its unit in words."""
    one = Estimate(value=1.0, method="unit", nobs=1, unit=unit)
    return _SLOPES.get(unit, 1.0), fmt.value(one).lstrip("0123456789.,")


def beta_chart(analysis: Study) -> Fragment:
    """Rolling beta and the random-walk beta."""
    window = analysis.config.rolling_window
    rolling = analysis.curve(f"rolling.beta[{window}]")
    filtered = analysis.section("dynamics").curves.get("dynamics.kalman_beta")
    if filtered is None or not np.isfinite(rolling.value).any():
        return Fragment("", "no path of beta")
    factor, unit = _slope_unit(rolling.unit)
    dates = rolling.dates[window - 1 :]
    paths = [factor * one.value[window - 1 :] for one in (rolling, filtered)]
    canvas = Canvas(260.0)
    canvas.line(dates, paths[0])
    canvas.line(dates, paths[1], colour="b", dashes="--", width=1.5)
    canvas.dates(dates)
    canvas.values(1)
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    return chart(
        canvas,
        name="beta",
        title=f"Beta of {a} on {b}{',' if unit else ''}{unit}",
        description=(
            f"Rolling {window}-{period} beta and random-walk beta, {dates[0]} to {dates[-1]}: last "
            f"{last_of(paths[0], fmt.significant)} and {last_of(paths[1], fmt.significant)}."
        ),
        key="dynamics.kalman_beta",
        legend=[
            Entry("s-a", f"rolling {window} {period}s", (paths[0],)),
            Entry("s-b dashed", "random walk, filtered", (paths[1],)),
        ],
        dates=dates,
        header=("Date", "Rolling", "Random walk"),
        rows=rows_of(dates, *paths, show=decimals(3)),
    )


def breaks_chart(analysis: Study) -> Fragment:
    """Rolling beta with every break that was found and the interval of its date."""
    window = analysis.config.rolling_window
    rolling = analysis.curve(f"rolling.beta[{window}]")
    found = analysis.estimate("stability.breaks")
    whole = analysis.estimate("regression.beta[all]")
    if found is None or whole is None or not np.isfinite(rolling.value).any():
        return Fragment("", "no chart of breaks")
    factor, unit = _slope_unit(rolling.unit)
    dates, value = rolling.dates[window - 1 :], factor * rolling.value[window - 1 :]
    keys = [f"stability.break[{k + 1}]" for k in range(int(found.value))]
    listed = [one for one in map(analysis.estimate, keys) if one is not None]
    days = [analysis.returns.day(int(one.value)) for one in listed]
    canvas = Canvas(240.0)
    canvas.line(dates, value)
    canvas.dates(dates)
    canvas.values(1)
    canvas.level(factor * whole.value)
    for one, day in zip(listed, days, strict=True):
        _break_line(canvas, one, np.datetime64(day, "D"))
    a, b = (names.short(one) for one in names.legs(analysis))
    dates_of_breaks = ", ".join(map(str, days)) if days else "none"
    legend = [
        Entry("s-a", f"rolling {window}-{names.per_period(analysis)} beta", (value,)),
        Entry("s-muted dashed", f"whole sample, {fmt.number(factor * whole.value)}"),
    ]
    if listed:
        legend += [
            Entry("s-b dashed", "a break"),
            Entry("s-b-band", f"{names.level(analysis)} interval of its date"),
        ]
    return chart(
        canvas,
        name="breaks",
        title=f"Breaks in the regression of {a} on {b}: {dates_of_breaks}",
        description=(
            f"Rolling beta{unit} from {dates[0]} to {dates[-1]}, last "
            f"{last_of(value, fmt.significant)}; whole sample "
            f"{fmt.significant(factor * whole.value)}; breaks: {dates_of_breaks}."
        ),
        key="stability.breaks",
        legend=legend,
        dates=dates,
        header=("Break after", "First day", "Last day") if listed else ("Window ends", "Beta"),
        rows=[
            (str(day), fmt.day(one.start), fmt.day(one.end))
            for one, day in zip(listed, days, strict=True)
        ]
        or rows_of(dates, value, show=decimals(3)),
    )


def _break_line(canvas: Canvas, one: Estimate, day: np.datetime64) -> None:
    """A break as an upright line in a shaded interval."""
    low, high = canvas.x

    def place(when: np.datetime64) -> float:
        return float(canvas.at_x(min(max(float(when.astype(float)), low), high)))

    top, bottom = canvas.span
    first, last = (place(np.datetime64(d, "D")) for d in (one.start, one.end))
    canvas.under.append(
        f'<path{paint(fill="b")} fill-opacity="0.16" d="M{number(first)} {number(top)}'
        f'H{number(last)}V{number(bottom)}H{number(first)}z"/>'
    )
    x = number(place(day))
    canvas.over.append(
        f'<path{paint(stroke="b")} stroke-width="1.6" stroke-dasharray="5 3" '
        f'd="M{x} {number(top)}V{number(bottom)}"/>'
    )


def lead_lag_chart(analysis: Study) -> Fragment:
    """Cross-correlation by lag with intervals; the same day stands apart as a number."""
    shifts = [k for k in range(-5, 6) if k != 0]
    found = {k: analysis.estimate(f"lead_lag.ccf[{k}]") for k in shifts}
    good = {k: r for k, r in found.items() if r is not None}
    if len(good) < len(shifts):
        return Fragment("", "no lead-lag profile")
    canvas = Canvas(230.0)
    spanned = [(k, r.low, r.high) for k, r in good.items() if r.low is not None]
    if spanned:
        at, low, high = zip(*spanned, strict=True)
        canvas.whiskers(at, low, [x for x in high if x is not None])
    canvas.dots(list(good), [r.value for r in good.values()])
    canvas.x = (-5.6, 5.6)
    canvas.x_ticks(shifts, [fmt.number(k, 0, plus=True) for k in shifts])
    canvas.values(1)
    low_end, high_end = canvas.y
    if low_end < 0.0 < high_end:
        canvas.level(0.0, dashes="-")
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    top = max(good, key=lambda k: abs(good[k].value))
    return chart(
        canvas,
        name="leadlag",
        title=f"Correlation of {a} with {b} so many {period}s later",
        description=(
            f"Ten lags from −5 to +5 without the same {period}; the largest is "
            f"{fmt.number(good[top].value)} at {fmt.number(top, 0, plus=True)}."
        ),
        key="lead_lag.ccf[1]",
        legend=[
            (
                "dot f-a",
                f"r and its {names.level(analysis)} interval; right of the middle {a} comes first",
            )
        ],
        header=(f"{period.capitalize()}s later", "r", "n", "Dates"),
        rows=[
            result_row(fmt.number(k, 0, plus=True), f"lead_lag.ccf[{k}]", r, plus=True)
            for k, r in good.items()
        ],
    )
