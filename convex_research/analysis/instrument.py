"""``analyze_instrument``: one series in, everything its page shows out."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from convex_research.analysis.record import build_instrument_record
from convex_research.analysis.sections.instrument import SECTIONS
from convex_research.analysis.threads import on_one_thread
from convex_research.core.config import AnalysisConfig
from convex_research.core.estimates import Estimate, Result
from convex_research.returns import leg_returns

if TYPE_CHECKING:
    from datetime import date

    from convex_research.analysis.section import Curve, Section
    from convex_research.catalogue import Instrument
    from convex_research.core.config import ReturnKind
    from convex_research.data.series import SeriesData
    from convex_research.returns import LegReturns

__all__ = ["InstrumentAnalysis", "analyze_instrument"]


class InstrumentAnalysis:
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

    def __init__(self, returns: LegReturns, config: AnalysisConfig) -> None:
        self.returns = returns
        self.config = config
        self._sections: dict[str, Section] = {}

    @property
    def instrument(self) -> Instrument:
        """What it is."""
        return self.returns.instrument

    @property
    def as_of(self) -> date:
        """Last observation date."""
        return self.returns.day(-1)

    @on_one_thread
    def section(self, name: str) -> Section:
        """One section, computed on first use.

        Raises
        ------
        KeyError
            If there is no such section.
        """
        if name not in SECTIONS:
            raise KeyError(f"no section {name!r}; there are {', '.join(SECTIONS)}")
        if name not in self._sections:
            self._sections[name] = SECTIONS[name](self.returns, self.config)
        return self._sections[name]

    def __getitem__(self, key: str) -> Result:
        """Result by key, such as ``analysis["volatility.annual[252]"]``."""
        return self.section(key.partition(".")[0]).results[key]

    def __contains__(self, key: str) -> bool:
        name = key.partition(".")[0]
        return name in SECTIONS and key in self.section(name).results

    def estimate(self, key: str) -> Estimate | None:
        """The estimate under a key, or ``None`` where there is none."""
        result = self.section(key.partition(".")[0]).results.get(key)
        return result if isinstance(result, Estimate) else None

    def curve(self, key: str) -> Curve | None:
        """A path for charts by key, such as ``"volatility.garch"``, if there is one."""
        return self.section(key.partition(".")[0]).curves.get(key)

    @property
    def results(self) -> dict[str, Result]:
        """Every result of every section, by key."""
        return {k: v for name in SECTIONS for k, v in self.section(name).results.items()}

    def to_dict(self) -> dict[str, Any]:
        """The record: what the index and other programs read."""
        return build_instrument_record(self.returns, self.config, self.results)

    def summary(self) -> str:
        """What was analysed, in a line."""
        returns = self.returns
        changes = f"{returns.kind} returns" if returns.is_price else f"changes in {returns.unit}"
        return (
            f"{self.instrument.name}, {returns.nobs:,} {returns.frequency} {changes} to "
            f"{self.as_of}"
        )

    def __repr__(self) -> str:
        return f"<InstrumentAnalysis {self.instrument.id}, {self.summary()}>"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.summary())}</p>"


def analyze_instrument(
    series: SeriesData, config: AnalysisConfig | None = None, *, kind: ReturnKind = "simple"
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
    return InstrumentAnalysis(leg_returns(series, kind), config or AnalysisConfig())
