"""What a researcher draws, on the page."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from convex_research.core.fragments import Fragment, tag, text
from convex_research.presentation.charts.svg import to_png

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["figure"]


def figure(drawn: Figure | Axes, caption: str, description: str = "") -> Fragment:
    """A matplotlib figure as a figure of the page.

    Parameters
    ----------
    drawn : matplotlib.figure.Figure or matplotlib.axes.Axes
        What was drawn; of axes their whole figure. It is closed, so that a notebook does not show
        it a second time.
    caption : str
        Above it.
    description : str
        For those who cannot see it; the caption by default.
    """
    from matplotlib import pyplot as plt
    from matplotlib.figure import Figure

    whole = drawn if isinstance(drawn, Figure) else drawn.get_figure(root=True)
    assert whole is not None
    source = f"data:image/png;base64,{base64.b64encode(to_png(whole)).decode()}"
    plt.close(whole)
    image = tag("img", "", alt=description or caption, src=source).removesuffix("</img>")
    html = tag("figure", tag("figcaption", tag("b", text(caption))) + image)
    return Fragment(html, caption)
