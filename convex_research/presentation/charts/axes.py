"""A path on matplotlib axes, for work in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.presentation.charts.svg import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from convex_research.analysis import Curve


def draw_curve(curve: Curve, label: str, ax: Axes | None = None) -> Axes:
    """Draw value and band by date, on a new figure unless there are axes."""
    if ax is None:
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(7.6, 3.3))
    if curve.low is not None and curve.high is not None:
        ax.fill_between(curve.dates, curve.low, curve.high, color=COLOURS["a"], alpha=0.2)
    ax.plot(curve.dates, curve.value, color=COLOURS["a"], label=label)
    ax.set_title(label)
    ax.set_ylabel("" if curve.unit == "dimensionless" else curve.unit)
    return ax
