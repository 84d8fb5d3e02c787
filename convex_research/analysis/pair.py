"""The analysis of a pair: every result of every section, and further runs of each."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from convex_research.analysis.flags import clock_flags, data_flags, link_flags
from convex_research.analysis.forms import further_runs
from convex_research.analysis.results import Analysis
from convex_research.analysis.sections import SECTIONS, compute_section
from convex_research.analysis.threads import on_one_thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.analysis.forms import Run
    from convex_research.analysis.section import Section
    from convex_research.catalogue import Pair
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.flags import Flag
    from convex_research.data.series import SeriesData
    from convex_research.returns import AlignedReturns

__all__ = ["PairAnalysis"]

# Sections of daily links, which closes at different times understate, and what in them does
# not rest on one day.
_UNDERSTATED = frozenset(("concordance", "correlation", "hedge", "regression", "rolling"))
_WITHOUT_CLOCK = (
    *("correlation.synchronised", "correlation.weekly"),
    *("regression.beta_dimson", "rolling.synchronised"),
)


class PairAnalysis(Analysis):
    """Everything computed for a pair, each section on first use and then kept.

    ``helpers`` are series that some statistics need besides the pair, by role (``"market"``,
    ``"vix"``); :func:`convex_research.data.context.load_helpers` loads them.
    """

    SECTIONS = SECTIONS
    returns: AlignedReturns

    def __init__(
        self,
        returns: AlignedReturns,
        config: AnalysisConfig,
        helpers: Mapping[str, SeriesData] | None = None,
    ) -> None:
        super().__init__(returns, config)
        self.helpers: Mapping[str, SeriesData] = dict(helpers or {})
        self._runs: dict[str, tuple[Run, ...]] = {}
        self._forms: dict[Any, Any] = {}

    @property
    def pair(self) -> Pair:
        """The pair analysed."""
        return self.returns.prices.pair

    @cached_property
    def flags(self) -> tuple[Flag, ...]:
        """What a reader must know before any number."""
        r = self["correlation.pearson[all]"]
        return (*self.clock_flags, *link_flags(r), *data_flags(self.returns))

    @cached_property
    def clock_flags(self) -> tuple[Flag, ...]:
        """Those under which daily numbers understate the link."""
        return clock_flags(self.returns, self.section("asynchrony"))

    def _compute(self, name: str) -> Section:
        section = compute_section(name, self.returns, self.config, self.helpers)
        if name in _UNDERSTATED and self.clock_flags:
            section.flag(self.clock_flags, but=_WITHOUT_CLOCK)
        return section

    def runs(self, key: str) -> tuple[Run, ...]:
        """Further runs of a result: other lags, parts of the sample, other choices.

        See :func:`convex_research.analysis.forms.further_runs`.
        """
        if key not in self._runs:
            self._runs[key] = on_one_thread(further_runs)(self, key, self._forms)
        return self._runs[key]
