"""Estimates under one another on a common axis, each a dot with its interval.

The rows are a grid of the page, not a picture that is scaled: labels and numbers keep
their size on a phone, and only the bars, drawn in per cent of their width, give way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convex_research.core import formatting as fmt
from convex_research.core.cells import result_row
from convex_research.core.estimates import Estimate  # noqa: TC001 - a field of Row
from convex_research.core.fragments import Fragment, tag, text
from convex_research.presentation.charts.figure import PERCENT, behind, decimals, folded
from convex_research.presentation.charts.svg import paint, share_of_width
from convex_research.presentation.charts.ticks import exact_digits, round_ticks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convex_research.studies import Study


_LEAST = 0.1  # width of an axis


class Row(NamedTuple):
    """An estimate to show in a colour of the palette; one without estimate is a heading."""

    label: str
    key: str = ""
    estimate: Estimate | None = None
    colour: str = "a"


class Scale(NamedTuple):
    """The common axis: its ends, and its ticks with their labels."""

    low: float
    high: float
    ticks: dict[float, str]

    @classmethod
    def over(cls, estimates: Sequence[Estimate], include: Sequence[float] = ()) -> Scale:
        """A round axis, at least 0.1 wide, that holds every value and every finite end."""
        ends = [x for e in estimates for x in (e.value, e.low, e.high) if x is not None]
        ends += include
        low, high = min(ends), max(ends)
        if high - low < _LEAST:
            middle = 0.5 * (low + high)
            low, high = middle - 0.5 * _LEAST, middle + 0.5 * _LEAST
        pad = 0.03 * (high - low)
        low, high = low - pad, high + pad
        if all(e.unit == "dimensionless" for e in estimates) and max(map(abs, ends)) <= 1.0:
            low, high = max(low, -1.0), min(high, 1.0)
        percent = all(e.unit.startswith("decimal") for e in estimates)
        factor, unit = (100.0, PERCENT) if percent else (1.0, "")
        ticks = round_ticks(factor * low, factor * high)
        show = decimals(exact_digits(ticks, 0), unit)
        return cls(low, high, {tick / factor: show(tick) for tick in ticks})

    def at(self, x: float) -> str:
        """Place of a value in per cent of the width, held inside it."""
        return share_of_width((x - self.low) / (self.high - self.low))


def bar(estimate: Estimate, scale: Scale, *, colour: str = "a") -> str:
    """One dot with its interval, for people who see; the number stands beside it as text."""
    parts = []
    for tick in scale.ticks:
        x, line = scale.at(tick), paint(stroke="muted" if tick == 0.0 else "grid")
        parts.append(f'<line{line} stroke-width="1" x1="{x}" x2="{x}" y1="0" y2="100%"/>')
    if estimate.confidence_level is not None:
        low = scale.low if estimate.low is None else estimate.low
        high = scale.high if estimate.high is None else estimate.high
        parts.append(
            f'<line{paint(stroke=colour)} stroke-width="5" stroke-opacity="0.4" '
            f'x1="{scale.at(low)}" x2="{scale.at(high)}" y1="50%" y2="50%"/>'
        )
    parts.append(f'<circle{paint(fill=colour)} cx="{scale.at(estimate.value)}" cy="50%" r="4.5"/>')
    return f'<svg class="whisker" aria-hidden="true">{"".join(parts)}</svg>'


def _axis(scale: Scale) -> str:
    """Labels of the common axis; a narrow screen leaves out every second one, but never zero."""
    shown = list(scale.ticks).index(0.0) % 2 if 0.0 in scale.ticks else 0
    labels = ""
    for i, (tick, label) in enumerate(scale.ticks.items()):
        share = (tick - scale.low) / (scale.high - scale.low)
        anchor = "start" if share < 0.04 else "end" if share > 0.96 else "middle"
        painted = paint(*(["alt"] if i % 2 != shown else []), fill="muted")
        labels += (
            f'<text{painted} x="{scale.at(tick)}" y="75%" text-anchor="{anchor}">'
            f"{text(label)}</text>"
        )
    return f'<svg class="whisker" aria-hidden="true">{labels}</svg>'


def grouped(analysis: Study, groups: Mapping[str, Sequence[tuple[str, ...]]]) -> list[Row]:
    """Rows of label, key and colour that hold an estimate, under headings that have any."""
    rows = []
    for heading, listed in groups.items():
        found = [
            Row(label, key, one, *colour)
            for label, key, *colour in listed
            if (one := analysis.estimate(key)) is not None
        ]
        rows += [Row(heading), *found] if found else []
    return rows


def forest(
    rows: Sequence[Row],
    *,
    name: str,
    title: str,
    plus: bool = False,
    include: Sequence[float] = (),
    note: str = "",
    values: Fragment | None = None,
) -> Fragment:
    """Estimates under one another, if there are two, with the table behind them.

    Parameters
    ----------
    rows : sequence of Row
        In their order.
    name : str
        Id of the figure, unique in the page.
    title, note : str
        Caption, and plain text under the rows.
    plus : bool
        Whether positive numbers carry their sign.
    include : sequence of float
        Values that must stand on the axis.
    values : Fragment, optional
        The subject's own table: behind the rows, or in their place where nothing is compared.
    """
    shown = [(row, row.estimate) for row in rows if row.estimate is not None]
    if len(shown) < 2:
        return values or Fragment("", f"nothing to compare: {title}")
    scale = Scale.over([one for _, one in shown], include)
    (low, lowest), (high, highest) = (
        pick(shown, key=lambda one: one[1].value) for pick in (min, max)
    )
    description = (
        f"{len(shown)} estimates: lowest {fmt.value(lowest, plus=plus)} ({low.label}), highest "
        f"{fmt.value(highest, plus=plus)} ({high.label})."
    )
    lines = []
    for row in rows:
        if row.estimate is None:
            lines.append(tag("div", text(row.label), class_="group"))
            continue
        ends = fmt.interval(row.estimate)
        value = tag("b", text(fmt.value(row.estimate, plus=plus)))
        value += " " + tag("span", text(ends), class_="ci") if ends else ""
        lines.append(
            tag("div", text(row.label), class_="what")
            + tag("div", bar(row.estimate, scale, colour=row.colour))
            + tag("div", value, class_="num", data_key=row.key)
        )
    lines.append(
        tag("div", "", class_="what axis")
        + tag("div", _axis(scale), class_="axis")
        + tag("div", "", class_="axis")
    )
    labels = {"aria_labelledby": f"{name}-title", "aria_describedby": f"{name}-desc"}
    html = tag("figcaption", tag("b", text(title), id=f"{name}-title"))
    html += tag("div", "".join(lines), class_="forest", role="img", **labels)
    html += tag("p", text(description), id=f"{name}-desc", hidden="hidden")
    if note:
        html += tag("p", text(note), class_="note")
    if values is not None:
        html += folded("All numbers of this subject", values, printed=True)
    else:
        header = ("Estimate", "Value and interval", "n", "Dates")
        listed = [result_row(row.label, row.key, one, plus=plus) for row, one in shown]
        html += behind(title, header, listed)
    return Fragment(tag("figure", html, id=name, data_key=shown[0][0].key), title)
