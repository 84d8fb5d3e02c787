"""An instrument's study: one series in, everything its page shows out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.analysis.instrument import InstrumentAnalysis
from convex_research.analysis.record import build_instrument_record
from convex_research.claims.answers import instrument_screen
from convex_research.core.config import AnalysisConfig
from convex_research.returns import at_frequency, leg_returns

if TYPE_CHECKING:
    from collections.abc import Collection

    from convex_research.claims.answer import Answer
    from convex_research.claims.answers import FirstScreen
    from convex_research.core.config import ReturnKind
    from convex_research.data.series import SeriesData

__all__ = ["InstrumentStudy", "analyze_instrument"]


class InstrumentStudy(InstrumentAnalysis):
    """An instrument's analysis with its three answers; see :func:`analyze_instrument`."""

    def first_screen(self) -> FirstScreen:
        """All words of the page's first screen: title, sample, three answers."""
        return instrument_screen(self)

    def answers(self) -> tuple[Answer, ...]:
        """What it returned, how rough it is now, how bad it can get."""
        return self.first_screen().answers

    def to_dict(self) -> dict[str, Any]:
        """The record: what the index and other programs read."""
        screen = self.first_screen().to_dict()
        return build_instrument_record(
            self.returns, self.config, self.results, flags=self.flags, screen=screen
        )

    def summary(self) -> str:
        """The three answers with their numbers, as text; nothing else is computed."""
        return str(self.first_screen())

    def _repr_html_(self) -> str:
        return self.first_screen().html


def analyze_instrument(
    series: SeriesData,
    config: AnalysisConfig | None = None,
    *,
    kind: ReturnKind = "simple",
    accept: Collection[str] = (),
) -> InstrumentStudy:
    """Analyse one instrument on its own dates; nothing is computed until it is asked for.

    Parameters
    ----------
    series : SeriesData
        From :func:`convex_research.load_series`.
    config : AnalysisConfig, optional
        Choices; the defaults are those of the reports.
    kind : {"simple", "log"}
        How prices become returns.
    accept : collection of str
        Checks of the quality gate whose refusal is overruled, by name.

    Returns
    -------
    InstrumentStudy

    Raises
    ------
    ConvexResearchError
        If the series is too short or cannot be differenced.

    Examples
    --------
    >>> from convex_research import load_series
    >>> analysis = analyze_instrument(load_series("sample:sp500"))
    >>> round(analysis["performance.change[1y]"].value, 3)
    -0.062
    """
    config = config or AnalysisConfig()
    returns = leg_returns(series, kind, accept=accept)
    return InstrumentStudy(at_frequency(returns, config.frequency), config)
