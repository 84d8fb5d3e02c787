"""The history of one number as a picture."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np

from convex_research.core import formatting as fmt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array, Mask

__all__ = ["history_svg"]

_W, _H, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 320, 64, 16, 40, 36
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#57626d}.t{font-size:15px;fill:#1b1f24}"
    ".l{fill:none;stroke:#0072b2;stroke-width:2}.d{fill:#0072b2}.b{fill:#0073b3;opacity:.18}"
    ".g{stroke:#d8dee4}"
)


def history_svg(
    title: str,
    days: Sequence[str],
    value: Array,
    low: Array | None = None,
    high: Array | None = None,
) -> str:
    """A line over time, with a band where there are intervals.

    Parameters
    ----------
    title : str
        Any text; it is escaped.
    days : sequence of str
        ISO dates, ascending.
    value, low, high : array, shape (n,)
        NaN where there is none; such days leave a gap.

    Returns
    -------
    str
        An SVG document; the same history gives the same bytes.
    """
    at = np.array([date.fromisoformat(day).toordinal() for day in days], dtype=np.float64)
    ends = [value] if low is None or high is None else [value, low, high]
    stacked = np.concatenate(ends)
    finite = stacked[np.isfinite(stacked)]
    bottom, top = float(finite.min()), float(finite.max())
    pad = 0.06 * (top - bottom) or 0.05 * max(abs(top), 1.0)
    bottom, top = bottom - pad, top + pad
    x = _LEFT + (at - at[0]) / max(at[-1] - at[0], 1.0) * (_W - _LEFT - _RIGHT)

    def height(y: Array) -> Array:
        return np.asarray(_H - _BOTTOM - (y - bottom) / (top - bottom) * (_H - _TOP - _BOTTOM))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_W} {_H}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect width="{_W}" height="{_H}" fill="#fff"/>',
        f'<text class="t" x="{_LEFT}" y="24">{escape(title)}</text>',
    ]
    for tick in _ticks(bottom, top):
        y = float(height(np.array([tick]))[0])
        label = fmt.significant(tick, 3) if tick else "0"
        parts.append(
            f'<line class="g" x1="{_LEFT}" x2="{_W - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>'
        )
    for place, day, anchor in ((x[0], days[0], "start"), (x[-1], days[-1], "end")):
        parts.append(f'<text x="{place:.1f}" y="{_H - 12}" text-anchor="{anchor}">{day}</text>')
        if len(days) == 1:
            break
    if low is not None and high is not None:
        parts.append(_band(x, height(low), height(high)))
    parts.append(_line(x, height(value)))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _ticks(bottom: float, top: float) -> list[float]:
    """Four or so round values."""
    raw = (top - bottom) / 4.0
    unit = 10.0 ** np.floor(np.log10(raw))
    step = float(next(unit * k for k in (1.0, 2.0, 5.0, 10.0) if unit * k >= raw))
    first = np.ceil(bottom / step)
    return [float(k * step) for k in np.arange(first, np.floor(top / step) + 1.0)]


def _line(x: Array, y: Array) -> str:
    """Each run of known values; a value alone is a dot."""
    found = []
    for run in _runs(np.isfinite(y)):
        if run.stop - run.start == 1:
            found.append(
                f'<circle class="d" cx="{x[run.start]:.1f}" cy="{y[run.start]:.1f}" r="3"/>'
            )
        else:
            found.append(f'<polyline class="l" points="{_points(x[run], y[run])}"/>')
    return "\n".join(found)


def _band(x: Array, low: Array, high: Array) -> str:
    found = []
    for run in _runs(np.isfinite(low) & np.isfinite(high)):
        there, back = _points(x[run], high[run]), _points(x[run][::-1], low[run][::-1])
        found.append(f'<polygon class="b" points="{there} {back}"/>')
    return "\n".join(found)


def _runs(known: Mask) -> list[slice]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], known, [False]])))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _points(x: Array, y: Array) -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
