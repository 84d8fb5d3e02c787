"""The sections of a pair's pages, each as one piece: what stands in it, in which order.

A notebook could show every chart and table from a cell of its own; a cell costs about ten
milliseconds of messages, which is most of what Jupyter adds to a page. One cell a section
keeps the notebook readable and the page fast.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from convex_research.core.fragments import Fragment
from convex_research.presentation.charts import correlation, dynamics, intervals, prices
from convex_research.presentation.pages import appendix
from convex_research.presentation.prose import headline
from convex_research.presentation.prose.claims import claims, cross_asset, questions, verdicts
from convex_research.presentation.prose.readings import reading
from convex_research.presentation.tables import pair, scenarios
from convex_research.presentation.tables.detail import detail_table
from convex_research.presentation.tables.evidence import evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.studies import Study

    Piece = Callable[[Study], Fragment]


class Pieces(Fragment):
    """Several pieces shown from one cell, each in its own element."""

    def __init__(self, parts: tuple[Fragment, ...], summary: str = "") -> None:
        self.parts = parts
        super().__init__("".join(part.html for part in parts), summary)

    def _repr_html_(self) -> str:
        return "\n".join(shown for part in self.parts if (shown := part._repr_html_()))


def _claims(name: str, page: str = "correlation") -> Piece:
    return partial(claims, section=name, kind=page)


def _reading(name: str) -> Piece:
    return partial(reading, subject=name)


def _detail(name: str) -> Piece:
    return partial(detail_table, subject=name)


def _hedge_chart(analysis: Study) -> Fragment:
    """What hedges removed day by day, or why that is not judged where closes are apart."""
    if analysis.clock_flags:
        return reading(analysis, "hedge")
    return intervals.hedge_chart(analysis)


_APPENDIX: dict[str, tuple[Piece, ...]] = {
    "method": (appendix.methodology,),
    "data": (appendix.provenance,),
    "reproduce": (appendix.reproduce,),
    "related": (appendix.related, appendix.disclaimer),
}

PAGE_SECTIONS: dict[str, dict[str, tuple[Piece, ...]]] = {
    "correlation": {
        "top": (
            headline.correlation_title,
            headline.answer,
            verdicts,
            headline.tiles,
            correlation.rolling_chart,
        ),
        "meaning": (_claims("meaning"),),
        "windows": (pair.windows_table, _reading("ranks"), pair.ranks_table),
        "recent": (_claims("recent"), pair.recent_table),
        "details": (_reading("volatility"), pair.statistics_table, correlation.scatter_chart),
        "years": (_claims("years"), correlation.years_chart),
        "extremes": (_claims("extremes"), pair.extremes_table, _detail("extremes")),
        "stability": (_claims("stability"), dynamics.breaks_chart, _detail("stability")),
        "dynamics": (
            *(_reading("dynamics"), dynamics.dcc_chart, dynamics.beta_chart, _detail("dynamics")),
            *(_reading("asymmetry"), _detail("asymmetry")),
        ),
        "tails": (_claims("tails"), _reading("tails"), intervals.tails_chart, _detail("tails")),
        "leads": (_claims("leads"), dynamics.lead_lag_chart, _detail("lead_lag")),
        "spread": (prices.residual_chart, prices.zscore_chart, _detail("cointegration")),
        "hedge": (_hedge_chart,),
        "regimes": (_claims("regimes"), intervals.regimes_chart),
        "scenarios": (intervals.scenario_chart,),
        "forecast": (
            *(_claims("forecast"), _reading("forecast")),
            *(intervals.forecast_chart, scenarios.forecast_table),
        ),
        "diagnostics": (_reading("diagnostics"), _detail("diagnostics")),
        "evidence": (evidence,),
        **_APPENDIX,
    },
    "comparison": {
        "top": (headline.comparison_title, headline.answer, partial(verdicts, kind="comparison")),
        "instruments": (appendix.instruments,),
        "changes": (_reading("changes"), pair.side_by_side_table),
        "growth": (_reading("growth"), prices.growth_chart, prices.drawdown_chart),
        "recent": (_claims("recent", "comparison"), pair.ninety_day_table),
        "questions": (questions,),
        "cross_asset": (cross_asset,),
        "spread": (
            *(_reading("capture"), pair.capture_table, _reading("spread")),
            *(prices.ratio_chart, prices.zscore_chart, _detail("spread")),
        ),
        "cointegration": (
            *(_claims("prices", "comparison"), prices.residual_chart, _detail("cointegration")),
        ),
        "hedge": (_reading("hedge"), _claims("hedge", "comparison"), _hedge_chart),
        "scenarios": (
            *(_reading("scenario"), intervals.scenario_chart, scenarios.scenario_table),
            *(_claims("scenario", "comparison"), scenarios.stress_table),
            scenarios.worst_days_table,
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
