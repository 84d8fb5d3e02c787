"""``analyze_instrument``: one series in, everything its page shows out."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from convex_research.analysis.flags import data_flags
from convex_research.analysis.record import build_instrument_record
from convex_research.analysis.results import Analysis
from convex_research.analysis.sections.instrument import SECTIONS
from convex_research.analysis.threads import on_one_thread
from convex_research.core.config import AnalysisConfig
from convex_research.returns import at_frequency, leg_returns

if TYPE_CHECKING:
    from collections.abc import Collection

    from convex_research.analysis.section import Section
    from convex_research.catalogue import Instrument
    from convex_research.core.config import ReturnKind
    from convex_research.core.flags import Flag
    from convex_research.data.series import SeriesData
    from convex_research.returns import LegReturns

__all__ = ["InstrumentAnalysis", "analyze_instrument"]


class InstrumentAnalysis(Analysis):
    """Everything computed for one instrument, each section on first use and then kept.

    Parameters
    ----------
    returns : LegReturns
        The sample.
    config : AnalysisConfig
        The choices.

    Attributes
    ----------
    returns, config
        As given.
    """

    SECTIONS = tuple(SECTIONS)
    returns: LegReturns

    @property
    def instrument(self) -> Instrument:
        """What it is."""
        return self.returns.instrument

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What a reader must know before any number."""
        return data_flags(self.returns)

    @on_one_thread
    def _compute(self, name: str) -> Section:
        section: Section = SECTIONS[name](self.returns, self.config)
        return section

    def to_dict(self) -> dict[str, Any]:
        """The record: what the index and other programs read."""
        return build_instrument_record(self.returns, self.config, self.results, flags=self.flags)

    def summary(self) -> str:
        """What was analysed, in a line."""
        returns = self.returns
        changes = f"{returns.kind} returns" if returns.is_price else f"changes in {returns.unit}"
        return (
            f"{self.instrument.name}, {returns.nobs:,} {returns.frequency} {changes} to "
            f"{self.as_of}"
        )

    def __repr__(self) -> str:
        returns = f"{self.returns.nobs:,} returns to {self.as_of}"
        return f"<InstrumentAnalysis {self.instrument.id}, {returns}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.summary())}</p>"


def analyze_instrument(
    series: SeriesData,
    config: AnalysisConfig | None = None,
    *,
    kind: ReturnKind = "simple",
    accept: Collection[str] = (),
) -> InstrumentAnalysis:
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
    InstrumentAnalysis

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
    return InstrumentAnalysis(at_frequency(returns, config.frequency), config)
