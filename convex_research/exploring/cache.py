"""The latest analyses, so that going back to a pair costs nothing."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.data import report_waiting
from convex_research.data.given import Given
from convex_research.returns import align
from convex_research.studies import analyze

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from convex_research.exploring.choice import Choice
    from convex_research.studies import Study

_MOST = 16  # analyses; one of twenty years of daily data holds a few megabytes


class AnalysisCache:
    """Analyses by the reports' own functions; the latest stay.

    Helper series and those handed over in memory are those of ``known``, and ``accept`` names
    checks of the quality gate, for every pair that is looked at.

    Sections are computed by :class:`~convex_research.studies.Study` on first use
    and kept with it, so nothing that is finished is computed again.
    """

    def __init__(self, known: Given | None = None, accept: Collection[str] = ()) -> None:
        self._known, self._accept = known, accept
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
            made = analyze(usual.returns, choice.config, helpers=usual.helpers)
            made.given = usual.given
            return made
        pair = choice.pair
        known = replace(self._known, pair=pair) if self._known else Given(pair)
        a, b = (one.name for one in pair.instruments)

        def waiting(host: str, seconds: float) -> None:
            report(f"Waiting {seconds:.0f} s before asking {host}")

        report_waiting(waiting)
        try:
            report(f"Loading {a} and {b}")
            prices = known.prices(choice.start, choice.as_of)
            report("Aligning on shared dates")
            aligned = align(prices, kind=choice.returns, accept=self._accept)
            report("Loading the market's helper series")
            helpers = known.load_helpers(choice.start, choice.as_of)
        finally:
            report_waiting(None)
        made = analyze(aligned, choice.config, helpers=helpers)
        made.given = known
        return made
