"""The latest analyses, so that going back to a pair costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from convex_research.data import load_helpers, load_prices, report_waiting
from convex_research.returns import align
from convex_research.studies import analyze

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.exploring.choice import Choice
    from convex_research.studies import Study

_MOST = 16  # analyses; one of twenty years of daily data holds a few megabytes


class AnalysisCache:
    """Analyses by the reports' own functions; the latest stay.

    Sections are computed by :class:`~convex_research.studies.Study` on first use
    and kept with it, so nothing that is finished is computed again.
    """

    def __init__(self) -> None:
        self._analyses: OrderedDict[Choice, Study] = OrderedDict()

    def __contains__(self, choice: Choice) -> bool:
        return choice in self._analyses

    def analysis(self, choice: Choice, report: Callable[[str], None]) -> Study:
        """The analysis of a choice, computed once.

        Whoever waits is told by ``report`` what for, in a few words.
        """
        if choice not in self._analyses:
            self._analyses[choice] = self._compute(choice, report)
            if len(self._analyses) > _MOST:
                self._analyses.popitem(last=False)
        self._analyses.move_to_end(choice)
        return self._analyses[choice]

    def _compute(self, choice: Choice, report: Callable[[str], None]) -> Study:
        if choice != choice.on_report:  # only the window differs: the same returns
            usual = self.analysis(choice.on_report, report)
            return analyze(usual.returns, choice.config, helpers=usual.helpers)
        pair = choice.pair
        a, b = (one.name for one in pair.instruments)

        def waiting(host: str, seconds: float) -> None:
            report(f"Waiting {seconds:.0f} s before asking {host}")

        report_waiting(waiting)
        try:
            report(f"Loading {a} and {b}")
            prices = load_prices(pair, start=choice.start, end=choice.as_of)
            report("Aligning on shared dates")
            aligned = align(prices, kind=choice.returns)
            report("Loading the market's helper series")
            helpers = load_helpers(pair, start=choice.start, end=choice.as_of)
        finally:
            report_waiting(None)
        return analyze(aligned, choice.config, helpers=helpers)
