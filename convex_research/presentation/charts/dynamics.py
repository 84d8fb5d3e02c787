"""Charts of what moves: DCC correlation, beta with its breaks, and the lead-lag profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.cells import result_row
from convex_research.core.estimates import Estimate
from convex_research.core.fragments import Fragment
from convex_research.presentation.charts.canvas import Canvas, Entry
from convex_research.presentation.charts.figure import chart, last_of
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
    canvas.line(curve.dates, curve.value, "DCC correlation", width=1.4)
    low_end, high_end = canvas.y
    canvas.y = (max(-1.0, min(low_end, whole.value)), min(1.0, max(high_end, whole.value)))
    canvas.dates(curve.dates)
    canvas.values(1)
    canvas.level(whole.value, f"whole sample, {fmt.number(whole.value, plus=True)}")
    low, high = int(curve.value.argmin()), int(curve.value.argmax())
    period = names.per_period(analysis)
    return chart(
        canvas,
        name="dcc",
        title=f"Correlation filtered {period} by {period} (DCC)",
        description=(
            f"From {curve.dates[0]} to {curve.dates[-1]}: last {fmt.number(curve.value[-1])}, "
            f"lowest {fmt.number(curve.value[low])} on {curve.dates[low]}, highest "
            f"{fmt.number(curve.value[high])} on {curve.dates[high]}."
        ),
        key="dynamics.dcc_last",
        header=("Date", "Correlation"),
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
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    canvas = Canvas(260.0)
    canvas.line(dates, paths[0], f"rolling {window} {period}s")
    canvas.line(dates, paths[1], "random walk, filtered", colour="b", dashes="--", width=1.5)
    canvas.dates(dates)
    canvas.values(1)
    return chart(
        canvas,
        name="beta",
        title=f"Beta of {a} on {b}{',' if unit else ''}{unit}",
        description=(
            f"Rolling {window}-{period} beta and random-walk beta, {dates[0]} to {dates[-1]}: last "
            f"{last_of(paths[0], fmt.significant)} and {last_of(paths[1], fmt.significant)}."
        ),
        key="dynamics.kalman_beta",
        header=("Date", "Rolling", "Random walk"),
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
    days = [str(analysis.returns.day(int(one.value))) for one in listed]
    canvas = Canvas(240.0)
    canvas.line(dates, value, f"rolling {window}-{names.per_period(analysis)} beta")
    canvas.dates(dates)
    canvas.values(1)
    canvas.level(factor * whole.value, f"whole sample, {fmt.number(factor * whole.value)}")
    for one, day in zip(listed, days, strict=True):
        _break_line(canvas, one, day)
    if listed:
        canvas.legend += [
            Entry("s-b dashed", "a break"),
            Entry("s-b-band", f"{names.level(analysis)} interval of its date"),
        ]
    a, b = (names.short(one) for one in names.legs(analysis))
    said = ", ".join(days) or "none"
    ends = [(fmt.day(one.start), fmt.day(one.end)) for one in listed]
    return chart(
        canvas,
        name="breaks",
        title=f"Breaks in the regression of {a} on {b}: {said}",
        description=(
            f"Rolling beta{unit} from {dates[0]} to {dates[-1]}, last "
            f"{last_of(value, fmt.significant)}; whole sample "
            f"{fmt.significant(factor * whole.value)}; breaks: {said}."
        ),
        key="stability.breaks",
        header=("Break after", "First day", "Last day") if listed else ("Window ends", "Beta"),
        rows=[(day, *interval) for day, interval in zip(days, ends, strict=True)],
    )


def _break_line(canvas: Canvas, one: Estimate, day: str) -> None:
    """A break as an upright line in a shaded interval, both held inside the axis."""
    days = np.array([one.start, day, one.end], "datetime64[D]").astype(float)
    first, at, last = map(number, canvas.at_x(np.clip(days, *canvas.x)))
    top, bottom = map(number, canvas.span)
    canvas.under.append(
        f'<path{paint(fill="b")} fill-opacity="0.16" d="M{first} {top}H{last}V{bottom}H{first}z"/>'
    )
    canvas.over.append(
        f'<path{paint(stroke="b")} stroke-width="1.6" stroke-dasharray="5 3" '
        f'd="M{at} {top}V{bottom}"/>'
    )


def lead_lag_chart(analysis: Study) -> Fragment:
    """Cross-correlation by lag with intervals; the same day stands apart as a number."""
    shifts = [k for k in range(-5, 6) if k != 0]
    results = [analysis.estimate(f"lead_lag.ccf[{k}]") for k in shifts]
    found = [r for r in results if r is not None]
    if len(found) < len(shifts):
        return Fragment("", "no lead-lag profile")
    a, b = (names.short(one) for one in names.legs(analysis))
    period = names.per_period(analysis)
    labels = [fmt.number(k, 0, plus=True) for k in shifts]
    canvas = Canvas(230.0)
    label = f"r and its {names.level(analysis)} interval; right of the middle {a} comes first"
    canvas.estimates(shifts, found, label)
    canvas.x = (-5.6, 5.6)
    canvas.x_ticks(shifts, labels)
    canvas.values(1)
    low_end, high_end = canvas.y
    if low_end < 0.0 < high_end:
        canvas.level(0.0, dashes="-")
    top = max(range(len(found)), key=lambda k: abs(found[k].value))
    return chart(
        canvas,
        name="leadlag",
        title=f"Correlation of {a} with {b} so many {period}s later",
        description=(
            f"Ten lags from −5 to +5 without the same {period}; the largest is "
            f"{fmt.number(found[top].value)} at {labels[top]}."
        ),
        key="lead_lag.ccf[1]",
        header=(f"{period.capitalize()}s later", "r", "n", "Dates"),
        rows=[
            result_row(label, f"lead_lag.ccf[{k}]", r, plus=True)
            for label, k, r in zip(labels, shifts, found, strict=True)
        ],
    )
