"""The sections of a pair's pages, each as one piece: what stands in it, in which order.

A notebook could show every chart and table from a cell of its own; a cell costs about ten
milliseconds of messages, which is most of what Jupyter adds to a page. One cell a section
keeps the notebook readable and the page fast.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from convex_research.core.fragments import Fragment
from convex_research.presentation.charts import (
    correlation as charts,
)
from convex_research.presentation.charts import (
    dynamics as moving_charts,
)
from convex_research.presentation.charts import (
    intervals as forest_charts,
)
from convex_research.presentation.charts import (
    prices as price_charts,
)
from convex_research.presentation.pages.appendix import (
    disclaimer,
    instruments,
    methodology,
    provenance,
    related,
    reproduce,
)
from convex_research.presentation.prose.claims import claims, cross_asset, questions, verdicts
from convex_research.presentation.prose.headline import (
    answer,
    comparison_title,
    correlation_title,
    tiles,
)
from convex_research.presentation.prose.readings import reading
from convex_research.presentation.tables import pair as tables
from convex_research.presentation.tables.detail import detail_table
from convex_research.presentation.tables.evidence import evidence
from convex_research.presentation.tables.scenarios import (
    forecast_table,
    scenario_table,
    stress_table,
    worst_days_table,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.studies import Study

    Piece = Callable[[Study], Fragment]

__all__ = ["PAGE_SECTIONS", "Pieces", "section"]


class Pieces(Fragment):
    """Several pieces shown from one cell, each in its own element.

    Parameters
    ----------
    parts : tuple of Fragment
        The pieces in order.
    summary : str
        What they are in a few words.
    """

    def __init__(self, parts: tuple[Fragment, ...], summary: str = "") -> None:
        self.parts = parts
        super().__init__("".join(part.html for part in parts), summary)

    def _repr_html_(self) -> str:
        return "\n".join(shown for part in self.parts if (shown := part._repr_html_()))


def _correlation(name: str) -> Piece:
    return partial(claims, section=name, kind="correlation")


def _comparison(name: str) -> Piece:
    return partial(claims, section=name, kind="comparison")


def _reading(name: str) -> Piece:
    return partial(reading, subject=name)


def _detail(name: str) -> Piece:
    return partial(detail_table, subject=name)


_APPENDIX: dict[str, tuple[Piece, ...]] = {
    "method": (methodology,),
    "data": (provenance,),
    "reproduce": (reproduce,),
    "related": (related, disclaimer),
}

PAGE_SECTIONS: dict[str, dict[str, tuple[Piece, ...]]] = {
    "correlation": {
        "top": (correlation_title, answer, verdicts, tiles, charts.rolling_chart),
        "meaning": (_correlation("meaning"),),
        "windows": (tables.windows_table, _reading("ranks"), tables.ranks_table),
        "recent": (_correlation("recent"), tables.recent_table),
        "details": (_reading("volatility"), tables.statistics_table, charts.scatter_chart),
        "years": (_correlation("years"), charts.years_chart),
        "extremes": (_correlation("extremes"), tables.extremes_table, _detail("extremes")),
        "stability": (
            _correlation("stability"),
            moving_charts.breaks_chart,
            _detail("stability"),
        ),
        "dynamics": (
            _reading("dynamics"),
            moving_charts.dcc_chart,
            moving_charts.beta_chart,
            _detail("dynamics"),
            _reading("asymmetry"),
            _detail("asymmetry"),
        ),
        "tails": (
            _correlation("tails"),
            _reading("tails"),
            forest_charts.tails_chart,
            _detail("tails"),
        ),
        "leads": (_correlation("leads"), moving_charts.lead_lag_chart, _detail("lead_lag")),
        "spread": (
            price_charts.residual_chart,
            price_charts.zscore_chart,
            _detail("cointegration"),
        ),
        "hedge": (forest_charts.hedge_chart,),
        "regimes": (_correlation("regimes"), forest_charts.regimes_chart),
        "scenarios": (forest_charts.scenario_chart,),
        "forecast": (
            _correlation("forecast"),
            _reading("forecast"),
            forest_charts.forecast_chart,
            forecast_table,
        ),
        "diagnostics": (_reading("diagnostics"), _detail("diagnostics")),
        "evidence": (evidence,),
        **_APPENDIX,
    },
    "comparison": {
        "top": (comparison_title, answer, partial(verdicts, kind="comparison")),
        "instruments": (instruments,),
        "changes": (_reading("changes"), tables.side_by_side_table),
        "growth": (_reading("growth"), price_charts.growth_chart, price_charts.drawdown_chart),
        "recent": (_comparison("recent"), tables.ninety_day_table),
        "questions": (questions,),
        "cross_asset": (cross_asset,),
        "spread": (
            _reading("capture"),
            tables.capture_table,
            _reading("spread"),
            price_charts.ratio_chart,
            price_charts.zscore_chart,
            _detail("spread"),
        ),
        "cointegration": (
            _comparison("prices"),
            price_charts.residual_chart,
            _detail("cointegration"),
        ),
        "hedge": (_reading("hedge"), _comparison("hedge"), forest_charts.hedge_chart),
        "scenarios": (
            _reading("scenario"),
            forest_charts.scenario_chart,
            scenario_table,
            _comparison("scenario"),
            stress_table,
            worst_days_table,
        ),
        "evidence": (partial(evidence, kind="comparison"),),
        **_APPENDIX,
    },
}


def section(
    analysis: Study,
    name: str,
    page: Literal["correlation", "comparison"] = "correlation",
) -> Pieces:
    """Everything that stands in one section of a page.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    name : str
        Section, such as ``"stability"``; ``"top"`` is what stands before the first heading.
    page : {"correlation", "comparison"}
        Which page's section: the two pages do not say the same thing twice.

    Returns
    -------
    Pieces
        Empty where nothing of it applies to the pair.

    Raises
    ------
    KeyError
        If the page has no such section.
    """
    pieces = PAGE_SECTIONS[page]
    if name not in pieces:
        raise KeyError(f"no section {name!r}; the {page} page has {', '.join(pieces)}")
    return Pieces(tuple(piece(analysis) for piece in pieces[name]), f"section {name}")
