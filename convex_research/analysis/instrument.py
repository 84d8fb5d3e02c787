"""The analysis of one series: every result of every section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.flags import data_flags
from convex_research.analysis.results import Analysis
from convex_research.analysis.sections.instrument import SECTIONS
from convex_research.analysis.threads import on_one_thread

if TYPE_CHECKING:
    from convex_research.analysis.section import Section
    from convex_research.catalogue import Instrument
    from convex_research.core.flags import Flag
    from convex_research.returns import LegReturns

__all__ = ["InstrumentAnalysis"]


class InstrumentAnalysis(Analysis):
    """Everything computed for one instrument, each section on first use and then kept."""

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

    def __repr__(self) -> str:
        returns = f"{self.returns.nobs:,} returns to {self.as_of}"
        return f"<{type(self).__name__} {self.instrument.id}, {returns}>"
