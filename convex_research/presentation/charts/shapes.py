"""Something drawn on a canvas, kept in data units until the picture is finished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.artist import Artist

    from convex_research.core.typing import Array

__all__ = ["Shape"]


class Shape(NamedTuple):
    """A line, an area or dots.

    Parameters
    ----------
    kind : {"line", "area", "dots"}
        What it is.
    x, y : array, shape (N,)
        Its points in data units.
    style : dict
        matplotlib's own names.
    """

    kind: str
    x: Array
    y: Array
    style: dict[str, Any]

    @property
    def extent(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Lowest and highest value across and upright."""
        ends = [(float(np.nanmin(v)), float(np.nanmax(v))) for v in (self.x, self.y)]
        return ends[0], ends[1]

    def artist(self, x: Array, y: Array) -> Artist:
        """The same in units of the picture."""
        from matplotlib.lines import Line2D
        from matplotlib.patches import PathPatch
        from matplotlib.path import Path
        from matplotlib.transforms import IdentityTransform

        if self.kind == "line":
            return Line2D(x, y, transform=IdentityTransform(), **self.style)
        points = np.column_stack([x, y])
        if self.kind == "dots":
            codes = np.tile([Path.MOVETO, Path.LINETO], len(points))
            points = np.repeat(points, 2, axis=0)
        else:
            codes = np.full(len(points), Path.LINETO)
            codes[0] = Path.MOVETO
        path = Path(points, codes)
        path.should_simplify = False  # it would drop what has no length
        return PathPatch(path, transform=IdentityTransform(), **self.style)
