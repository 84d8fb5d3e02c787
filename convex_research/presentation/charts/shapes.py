"""Charts of two common shapes: estimates under one another, and bars of both legs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.marks import (
    Axis,
    Bars,
    Intervals,
    Plot,
    Row,
    Rule,
    Zone,
    axis_unit,
    extent,
)
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from convex_research.analysis import InstrumentAnalysis
    from convex_research.core.estimates import Estimate
    from convex_research.presentation.charts.marks import Mark
    from convex_research.studies import Study

__all__ = ["Same", "bars", "brief", "intervals", "of_both", "rows_of"]

_LEAST = 0.1  # width of an axis of correlations and shares


class Same(NamedTuple):
    """From where to where a value counts as the same, in the unit of the estimates, and as what."""

    low: float
    high: float
    label: str


def rows_of(study: Study | InstrumentAnalysis, *listed: tuple[str, ...]) -> list[Row]:
    """Rows of label, key and colour that have an estimate."""
    return [
        Row(label, key, one, *colour)
        for label, key, *colour in listed
        if (one := study.estimate(key)) is not None
    ]


def brief(name: str, most: int = 18) -> str:
    """A name that has room beside a small picture: its first words, or a part of the first."""
    while len(name) > most and " " in name:
        name = name.rpartition(" ")[0].rstrip(",;:-")
    return name if len(name) <= most else f"{name[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def of_both(study: Study, listed: Iterable[tuple[str, str]]) -> list[tuple[str, Row, Row]]:
    """Label and the estimates of both legs, where both have one in one unit.

    ``{leg}`` in a key is the leg.
    """
    found = []
    legs = [brief(names.short(one)) for one in names.legs(study)]
    for label, key in listed:
        asked = (
            (f"{name}, {label}", key.format(leg=leg)) for leg, name in zip("ab", legs, strict=True)
        )
        both = rows_of(study, *asked)
        if len(both) == 2 and both[0].estimate.unit == both[1].estimate.unit:
            found.append((label, both[0], both[1]))
    return found


def intervals(
    name: str,
    title: str,
    rows: Sequence[Row],
    *,
    plus: bool = False,
    same: Same | None = None,
    reference: float | None = None,
    include: Sequence[float] = (),
    unit: str | None = None,
    note: str = "",
) -> Chart:
    """Estimates under one another on a common axis; empty without any.

    Parameters
    ----------
    name, title : str
        Of the chart.
    rows : sequence of Row
        From the top.
    plus : bool
        Whether positive numbers carry their sign.
    same : Same, optional
        What counts as the same, drawn grey.
    reference : float, optional
        What the values are compared with, a dotted line.
    include : sequence of float
        Values that must stand on the axis; these three are in the unit of the estimates.
    unit : str, optional
        Behind the numbers of the axis in the place of the estimates' own.
    """
    if not rows:
        return Chart(name, title)
    read = fmt.as_read(rows[0].key, rows[0].estimate).unit
    scale, own = axis_unit(read)
    marks: list[Mark] = []
    ends = [] if same is None else [same.low, same.high]
    ends += [*include] if reference is None else [*include, reference]
    if same is not None:
        marks.append(Zone(scale * same.low, scale * same.high, same.label))
    if reference is not None:
        marks.append(Rule(scale * reference, across=False))
    dots = Intervals(tuple(rows), -np.arange(len(rows), dtype=float), scale=scale, plus=plus)
    marks.append(dots)
    drawn = [dots.value, dots.low, dots.high, scale * np.array(ends, float)]
    # Small differences are not blown up, unless the intervals are smaller still, as of twins.
    wide = (dots.high - dots.low)[np.isfinite(dots.high - dots.low)]
    least = min(scale * _LEAST, 5.0 * float(wide.max())) if wide.size else scale * _LEAST
    low, high = extent(drawn, least=least)
    known = np.concatenate(drawn)
    bounded = read == "dimensionless" and np.abs(known[np.isfinite(known)]).max() <= 1.0
    if bounded and unit is None:
        low, high = max(low, -1.0), min(high, 1.0)
    axis = Axis(low, high, unit=own if unit is None else unit, plus=plus)
    labels = Axis(0.5 - len(rows), 0.5, "label", tuple(row.label for row in rows))
    words = "; ".join(f"{row.label} {dots.words(k)}" for k, row in enumerate(rows))
    if same is not None:
        words += f"; grey: {same.label}"
    return Chart(
        name,
        title,
        f"{words}.",
        tuple(row.key for row in rows),
        (Plot(tuple(marks), axis, labels),),
        note=note,
    )


def bars(
    name: str, title: str, groups: Sequence[tuple[str, Row, Row]], legs: tuple[str, str]
) -> Chart:
    """Values of both legs side by side, a label for each two; empty without any."""
    if not groups:
        return Chart(name, title)
    scale, _ = axis_unit(groups[0][1].estimate.unit)
    marks: list[Mark] = []
    both = np.array([[scale * row.estimate.value for row in (a, b)] for _, a, b in groups])
    said = [f"{_rounded(a.estimate)}, {_rounded(b.estimate)}" for _, a, b in groups]
    longer = both.argmax(axis=1)
    for k, leg in enumerate("ab"):
        at = -np.arange(len(groups), dtype=np.float64) + (0.19, -0.19)[k]
        marks.append(
            Bars(
                at,
                both[:, k],
                0.36,
                (leg,) * len(groups),
                legs[k],
                upright=False,
                words=tuple(w if i == k else "" for w, i in zip(said, longer, strict=True)),
                rows=tuple(group[1:][k] for group in groups),
            )
        )
    low, high = extent([np.append(both, 0.0)], margin=0.02)
    x = Axis(min(low, 0.0), max(high, 0.0), "label")
    labels = Axis(0.5 - len(groups), 0.5, "label", tuple(label for label, *_ in groups))
    told = "; ".join(f"{group[0]} {words}" for group, words in zip(groups, said, strict=True))
    keys = tuple(row.key for _, *two in groups for row in two)
    description = f"{legs[0]} and {legs[1]}: {told}."
    return Chart(name, title, description, keys, (Plot(tuple(marks), x, labels),))


def _rounded(one: Estimate) -> str:
    """A change without decimals it does not need."""
    scale, unit = axis_unit(one.unit)
    value = scale * one.value
    return fmt.number(value, 0 if abs(value) >= 1.0 else 1, plus=True) + unit
