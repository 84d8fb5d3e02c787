"""Charts of what moves: the DCC path, beta, breaks, shifts, extremes, leads, tails."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.sentences import mapped
from convex_research.core import formatting as fmt
from convex_research.core.estimates import Estimate
from convex_research.core.flags import Flag
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.correlation import same_r
from convex_research.presentation.charts.marks import (
    Axis,
    Bars,
    Intervals,
    Note,
    Plot,
    Row,
    Rule,
    Zone,
    extent,
)
from convex_research.presentation.charts.over_time import Path, over_time
from convex_research.presentation.charts.shapes import Same, intervals, rows_of
from convex_research.presentation.charts.ticks import as_days
from convex_research.presentation.prose import names
from convex_research.statistics.dependence.tail_symmetry import THRESHOLDS

if TYPE_CHECKING:
    from convex_research.presentation.charts.marks import Mark
    from convex_research.studies import Study

__all__ = ["CHARTS"]

_SLOPES = {"decimal per points": 100.0, "decimal per bp": 100.0, "points per decimal": 0.01}
_BINS = 18


def dcc(study: Study) -> Chart:
    """The filtered DCC correlation beside the whole-sample one."""
    period = names.per_period(study)
    title = f"Correlation filtered {period} by {period} (DCC)"
    curve = study.section("dynamics").curves.get("dynamics.dcc")
    whole = study.estimate("correlation.pearson[all]")
    if curve is None or whole is None:
        return Chart("dcc", title)
    path = Path.of(curve, "DCC correlation")
    plot = over_time(
        [path],
        plus=True,
        include=[whole.value],
        limits=(-1.0, 1.0),
        more=[Rule(whole.value, f"whole sample, {fmt.number(whole.value, plus=True)}")],
    )
    description = f"{path.dates[0]} to {path.dates[-1]}: {path.extremes(2, plus=True)}."
    return Chart("dcc", title, description, ("dynamics.dcc_last",), (plot,), digits=3)


def _slope_unit(unit: str) -> tuple[float, str]:
    """Factor to the size people use for a slope, and its unit in words."""
    one = Estimate(value=1.0, method="unit", nobs=1, unit=unit)
    return _SLOPES.get(unit, 1.0), fmt.value(one).lstrip("0123456789.,")


def _beta_paths(study: Study) -> tuple[Path, str] | None:
    """The path of rolling beta in the size people use, and its unit."""
    window = study.config.rolling_window
    rolling = study.curve(f"rolling.beta[{window}]")
    if not np.isfinite(rolling.value).any():
        return None
    factor, unit = _slope_unit(rolling.unit)
    path = Path.of(rolling, f"rolling {window} {names.per_period(study)}s")
    return path._replace(value=factor * path.value), unit


def beta(study: Study) -> Chart:
    """Rolling beta and the random-walk beta."""
    title = names.with_legs(study, "Beta of {a} on {b}")
    found = _beta_paths(study)
    filtered = study.section("dynamics").curves.get("dynamics.kalman_beta")
    if filtered is None or found is None:
        return Chart("beta", title)
    rolling, unit = found
    factor, _ = _slope_unit(filtered.unit)
    walk = Path.of(filtered, "random walk, filtered", "b", "--").since(rolling.dates[0])
    walk = walk._replace(value=factor * walk.value)
    told = "; ".join(f"{one.label}: {one.extremes(2)}" for one in (rolling, walk))
    return Chart(
        "beta",
        f"{title}{',' if unit else ''}{unit}",
        f"{rolling.dates[0]} to {rolling.dates[-1]}: {told}.",
        ("dynamics.kalman_beta",),
        (over_time([rolling, walk]),),
        digits=3,
    )


def breaks(study: Study) -> Chart:
    """Rolling beta with every break that was found and the interval of its date."""
    title = names.with_legs(study, "Breaks in the regression of {a} on {b}")
    path, found = _beta_paths(study), study.estimate("stability.breaks")
    whole = study.estimate("regression.beta[all]")
    if found is None or whole is None or path is None:
        return Chart("breaks", title)
    rolling, unit = path
    level = _slope_unit(whole.unit)[0] * whole.value
    keys = [f"stability.break[{k + 1}]" for k in range(int(found.value))]
    listed = [one for one in map(study.estimate, keys) if one is not None]
    days = [study.returns.day(int(one.value)) for one in listed]
    first, last = as_days(rolling.dates[[0, -1]])
    under: list[Mark] = []
    for k, (one, day) in enumerate(zip(listed, days, strict=True)):
        ends = np.array([one.start, day, one.end], "datetime64[D]").astype(float)
        low, at, high = (float(end) for end in np.clip(ends, first, last))
        label = f"{names.level(study)} interval of its date" if k == 0 else ""
        under.append(Zone(low, high, label, colour="b", alpha=0.16))
        under.append(Rule(at, "a break" if k == 0 else "", across=False, dashes="--", colour="b"))
    plot = over_time(
        [rolling],
        include=[level],
        under=under,
        more=[Rule(level, f"whole sample, {fmt.number(level)}")],
    )
    told = "; ".join(
        f"{day}, between {fmt.day(one.start)} and {fmt.day(one.end)}"
        for one, day in zip(listed, days, strict=True)
    )
    description = f"Breaks: {told or 'none'}. Rolling beta{unit}: {rolling.extremes(2)}."
    title = f"{title}: {', '.join(map(str, days)) or 'none'}"
    return Chart("breaks", title, description, ("stability.breaks", *keys), (plot,), digits=3)


def shift(study: Study) -> Chart:
    """How much r differs before and after the date of the widest split; of twins, their gap."""
    key = "stability.shift_split_r"
    split = study.estimate(key)
    whole = study.estimate("correlation.pearson[all]")
    title = "Difference of r before and after the widest of three splits"
    if split is None or whole is None or abs(whole.value) >= 1.0:
        return Chart("shift", title)
    around = same_r(whole.value, "")
    room = 0.5 * (around.high - around.low)
    at = f"after/before {split.day:%b %Y}" if split.day else "after/before"
    if Flag.TWINS in study.flags:
        return _wider(study, at, math.copysign(1.0, whole.value))
    rows = rows_of(study, (at, key))
    same = Same(-room, room, f"counts as no change (Fisher's z within {CORRELATION_MARGIN_Z:.2f})")
    return intervals("shift", title, rows, plus=True, same=same, reference=0.0)


def _wider(study: Study, at: str, side: float) -> Chart:
    """How many times as wide the gap of twins is after the widest split, as the sentence says."""
    rows = [
        replace(row, estimate=mapped(row.estimate, lambda z: math.exp(-side * z)))
        for row in rows_of(study, (at, "stability.shift_split"))
    ]
    room = math.exp(CORRELATION_MARGIN_Z)
    same = Same(1.0 / room, room, "counts as no change")
    title = "Gap against volatility, after the widest of three splits over before"
    return intervals("shift", title, rows, same=same, reference=1.0, unit="×")


def extremes(study: Study) -> Chart:
    """How often rolling r stood where, in five years, and where it would if nothing changed."""
    window, period = study.config.rolling_window, names.per_period(study)
    title = f"{window}-{period} r of the last five years; hatched: if nothing changed"
    null = study.section("rolling").curves.get(f"rolling.null[{window}]")
    curve = study.curve(f"rolling.pearson[{window}]")
    ends = [study.estimate(f"rolling.null_{end}") for end in ("low", "high")]
    if null is None or None in ends:
        return Chart("extremes", title)
    value = curve.value[np.isin(curve.dates, null.dates)]
    value = value[np.isfinite(value)]
    low_end, high_end = (one.value for one in ends if one is not None)
    reach = [float(value.min()), float(value.max()), low_end, high_end]
    count, edges = np.histogram(value, bins=_BINS, range=(min(reach), max(reach)))
    middle, width = 0.5 * (edges[1:] + edges[:-1]), float(edges[1] - edges[0])
    # The end that comes nearer to zero, as the row asks whether the tie loosens.
    whole = study.estimate("correlation.pearson[all]")
    against = whole is not None and whole.value < 0.0
    loosest = int(np.flatnonzero(count)[-1 if against else 0])
    colours = tuple("r" if k == loosest else "soft" for k in range(count.size))
    share = 100.0 * count / count.sum()
    marks = (
        Bars(middle, share, 0.9 * width, colours, "Share of windows, %"),
        Zone(low_end, high_end, "chance range", hatched=True),
    )
    plot = Plot(
        marks,
        Axis(float(edges[0]), float(edges[-1]), plus=True),
        Axis(0.0, 1.08 * float(share.max()), kind="label"),
    )
    description = (
        f"{value.size:,} windows: lowest {fmt.number(reach[0], plus=True)}, highest "
        f"{fmt.number(reach[1], plus=True)}; if nothing changed, {names.level(study)} would lie "
        f"between {fmt.number(low_end, plus=True)} and {fmt.number(high_end, plus=True)}."
    )
    extreme = "max" if against else "min"
    keys = (f"rolling.pearson_{extreme}_5y[{window}]", "rolling.null_low", "rolling.null_high")
    header = ("Middle of the bar", "Share of windows, %")
    return Chart("extremes", title, description, keys, (plot,), header=header)


def leads(study: Study) -> Chart:
    """Cross-correlation by lag with intervals, without the same day."""
    period = names.per_period(study)
    shifts = [k for k in range(-5, 6) if k != 0]
    rows = _lags(study, shifts)
    title = names.with_legs(study, f"Correlation of {{a}} with {{b}} so many {period}s later")
    if len(rows) < len(shifts):
        return Chart("leads", title)
    dots = Intervals(tuple(rows), np.array(shifts, float), upright=True, plus=True)
    low, high = extent([dots.value, dots.low, dots.high, np.zeros(1)])
    x = Axis(-5.6, 5.6, at=(-5.0, -3.0, -1.0, 1.0, 3.0, 5.0), plus=True)
    plot = Plot((dots,), x, Axis(low, high, plus=True))
    top = max(rows, key=lambda row: abs(row.estimate.value))
    description = (
        f"Ten lags from −5 to +5 without the same {period}; the largest is "
        f"{fmt.number(top.estimate.value)} at {top.label}."
    )
    return Chart("leads", title, description, tuple(row.key for row in rows), (plot,))


def _lags(study: Study, shifts: list[int]) -> list[Row]:
    return rows_of(study, *((fmt.number(k, 0, plus=True), f"lead_lag.ccf[{k}]") for k in shifts))


def offsets(study: Study) -> Chart:
    """R by how many days one leg is shifted: where closes are apart, most of it may lie beside."""
    period = names.per_period(study)
    rows = _lags(study, list(range(-3, 4)))
    title = names.with_legs(study, f"Correlation of {{a}} with {{b}} so many {period}s later")
    if len(rows) < 7:
        return Chart("offsets", title)
    top = max(rows, key=lambda row: abs(row.estimate.value))
    colours = tuple("r" if row is top else "soft" for row in rows)
    at = np.arange(-3.0, 4.0)
    value = np.array([row.estimate.value for row in rows])
    dots = Intervals(tuple(rows), at, upright=True, plus=True)
    low, high = extent([dots.value, dots.low, dots.high, np.zeros(1)])
    x = Axis(-3.6, 3.6, at=tuple(at), plus=True)
    notes = (
        Note(at[k], dots.high[k], fmt.number(value[k], plus=True), dot=False, bold=True)
        for k, row in enumerate(rows)
        if row is top or at[k] == 0.0
    )
    marks: tuple[Mark, ...] = (Bars(at, value, 0.6, colours), dots, *notes)
    plot = Plot(marks, x, Axis(low, high + 0.1 * (high - low), plus=True))
    told = "; ".join(f"{row.label} {fmt.number(row.estimate.value, plus=True)}" for row in rows)
    keys = tuple(row.key for row in rows)
    return Chart("offsets", title, f"r by shift: {told}.", keys, (plot,), hero=True)


def clock(study: Study) -> Chart:
    """What closes at different hours hide: r of the date, a day later, with leeway, by week."""
    period = names.per_period(study)
    rows = rows_of(
        study,
        ("same date", "lead_lag.ccf[0]"),
        (f"a {period} later", "lead_lag.ccf[1]"),
        (f"a {period} earlier", "lead_lag.ccf[-1]"),
        ("with leeway", "correlation.synchronised[all]"),
        ("weekly", "correlation.weekly[all]"),
    )
    title = f"Correlation of the same date, beside it, and with a {period}'s leeway"
    return intervals("clock", title, rows, plus=True, include=(0.0,))


def tails(study: Study) -> Chart:
    """Correlation of those days on which both legs lie beyond a threshold, by threshold."""
    sides = [("lower", -t) for t in reversed(THRESHOLDS)] + [("upper", t) for t in THRESHOLDS]
    sign = {"lower": "<", "upper": ">"}
    space = "\N{NARROW NO-BREAK SPACE}"
    listed = [
        (f"{sign[side]}{space}{fmt.number(t, 1)}", f"tails.exceedance_{side}[{abs(t):g}]")
        for side, t in sides
    ]
    title = "Correlation where both moves lie beyond a threshold, in standard deviations"
    places = {key: float(k) for k, (_, key) in enumerate(listed)}
    rows = rows_of(study, *listed)
    if len(rows) < 4:
        return Chart("tails", title)
    at = np.array([places[row.key] for row in rows])
    dots = Intervals(tuple(rows), at, upright=True, plus=True)
    low, high = extent([dots.value, dots.low, dots.high])
    marks: list[Mark] = [dots]
    whole = study.estimate("correlation.pearson[all]")
    if whole is not None and low < whole.value < high:
        marks.insert(0, Rule(whole.value, "whole sample"))
    x = Axis(-0.6, len(listed) - 0.4, "label", tuple(label for label, _ in listed))
    plot = Plot(tuple(marks), x, Axis(max(low, -1.0), min(high, 1.0), plus=True))
    told = "; ".join(f"{row.label} {fmt.number(row.estimate.value)}" for row in rows)
    description = f"Correlation beyond each threshold: {told}."
    return Chart("tails", title, description, tuple(row.key for row in rows), (plot,))


CHARTS = {
    one.__name__: one for one in (dcc, beta, breaks, shift, extremes, leads, offsets, clock, tails)
}
