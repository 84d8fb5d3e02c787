"""``analyze``: returns and choices in, a :class:`PairAnalysis` out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from convex_research.analysis.record import build_record
from convex_research.analysis.sections import SECTIONS, compute_section
from convex_research.analysis.shared import keep, take
from convex_research.analysis.threads import on_one_thread
from convex_research.core.cells import results_table
from convex_research.core.config import AnalysisConfig
from convex_research.core.estimates import Estimate, NotComputed, Result, TestResult

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    import pandas as pd

    from convex_research.analysis.section import Curve, Profile, Section
    from convex_research.catalogue import Pair
    from convex_research.returns import AlignedReturns

__all__ = ["PairAnalysis", "analyze"]


class PairAnalysis:
    """Everything computed for a pair, each section on first use and then kept.

    Parameters
    ----------
    returns : AlignedReturns
        The sample.
    config : AnalysisConfig
        The choices.
    helpers : mapping of str to SeriesData, optional
        Series that some statistics need besides the pair, by role (``"market"``, ``"vix"``);
        :func:`convex_research.data.context.load_helpers` loads them.

    Attributes
    ----------
    returns, config, helpers
        As given.
    """

    def __init__(
        self,
        returns: AlignedReturns,
        config: AnalysisConfig,
        helpers: Mapping[str, Any] | None = None,
    ) -> None:
        self.returns = returns
        self.config = config
        self.helpers: Mapping[str, Any] = dict(helpers or {})
        self._sections: dict[str, Section] = {}
        self._claims: tuple[Any, ...] | None = None
        self._runs: dict[str, tuple[Any, ...]] = {}
        self._forms: dict[Any, Any] = {}
        self._results: dict[str, Result] | None = None
        self._taken = take(self)

    @property
    def pair(self) -> Pair:
        """The pair analysed."""
        return self.returns.prices.pair

    @property
    def as_of(self) -> date:
        """Last shared observation date."""
        return self.returns.day(-1)

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
            self._sections[name] = compute_section(name, self.returns, self.config, self.helpers)
        return self._sections[name]

    def __getitem__(self, key: str) -> Result:
        """Result by key, such as ``analysis["correlation.pearson[252]"]``."""
        return self.section(key.partition(".")[0]).results[key]

    def estimate(self, key: str) -> Estimate | None:
        """The estimate under a key, or ``None`` where there is none."""
        result = self.section(key.partition(".")[0]).results.get(key)
        return result if isinstance(result, Estimate) else None

    def curve(self, key: str) -> Curve:
        """A path for charts by key, such as ``"rolling.pearson[90]"``."""
        return self.section(key.partition(".")[0]).curves[key]

    def profile(self, key: str) -> Profile | None:
        """A fitted function for charts by key, if there is one."""
        return self.section(key.partition(".")[0]).profiles.get(key)

    def __contains__(self, key: str) -> bool:
        name = key.partition(".")[0]
        return name in SECTIONS and key in self.section(name).results

    @property
    def results(self) -> dict[str, Result]:
        """Every result of every section, by key."""
        if self._results is None:
            found = [self.section(name).results for name in SECTIONS]
            self._results = {key: result for one in found for key, result in one.items()}
        return dict(self._results)

    def runs(self, key: str) -> tuple[Any, ...]:
        """Further runs of a result: other lags, parts of the sample, other choices.

        Parameters
        ----------
        key : str
            Key of the result.

        Returns
        -------
        tuple of Run
            See :func:`convex_research.analysis.forms.further_runs`.
        """
        if key not in self._runs:
            from convex_research.analysis.forms import further_runs

            self._runs[key] = on_one_thread(further_runs)(self, key, self._forms)
        return self._runs[key]

    @property
    def claims(self) -> tuple[Any, ...]:
        """The claims tested on this analysis, evaluated once.

        Claims are functions of a finished analysis and live downstream of it; they are
        found by name, so that imports keep pointing one way.
        """
        if self._claims is None:
            evaluate = import_module("convex_research.claims").evaluate
            self._claims = tuple(on_one_thread(evaluate)(self))
        return self._claims

    def to_dict(self, kind: str = "correlation") -> dict[str, Any]:
        """The record: what the index, feeds and other programs read.

        Parameters
        ----------
        kind : {"correlation", "comparison"}
            Which page the record belongs to.

        Returns
        -------
        dict
            Valid under the schema that ships with the package.
        """
        claims = [claim.to_dict() for claim in self.claims]
        rolling = f"rolling.pearson[{self.config.rolling_window}]"
        found = self.section("rolling").curves
        record = build_record(
            self.returns,
            self.config,
            self.results,
            claims,
            kind,
            helpers=self.helpers,
            curves={rolling: found[rolling]} if rolling in found else {},
        )
        if not self._taken:
            keep(self)
        return record

    def to_frame(self) -> pd.DataFrame:
        """Every estimate and test as a row, indexed by key."""
        import pandas as pd

        rows: dict[str, dict[str, Any]] = {}
        for key, result in self.results.items():
            if isinstance(result, NotComputed):
                rows[key] = {"type": "not computed", "method": result.reason}
            elif isinstance(result, TestResult):
                rows[key] = {"type": "test", **result.to_dict(), "method": result.distribution}
            else:
                rows[key] = {"type": "estimate", **result.to_dict()}
        columns = ["type", "value", "std_error", "low", "high", "confidence_level", "unit"]
        columns += ["statistic", "pvalue", "nobs", "start", "end", "method"]
        frame = pd.DataFrame.from_dict(rows, orient="index")
        return frame.reindex(columns=columns).rename_axis("key")

    def _headline_keys(self) -> tuple[str, ...]:
        """The numbers a reader looks for first."""
        windows = (f"correlation.pearson[{w}]" for w in (*self.config.windows, "all"))
        return (*windows, "regression.beta[all]", "regression.rsquared[all]")

    def _headline(self) -> list[tuple[str, str]]:
        lines = []
        for key in self._headline_keys():
            result = self.section(key.partition(".")[0]).results.get(key)
            if isinstance(result, Estimate) and result.low is not None and result.high is not None:
                level = round(100 * (result.confidence_level or 0))
                ends = f"{level} % [{result.low:+.3f}, {result.high:+.3f}]"
                sample = f"n {result.nobs:,}  {result.start} to {result.end}"
                lines.append((key, f"{result.value:+.3f}  {ends}  {sample}"))
            elif isinstance(result, NotComputed):
                lines.append((key, f"not computed: {result.reason}"))
        return lines

    def summary(self) -> str:
        """The main numbers with interval and sample, as text."""
        a, b = (leg.instrument.name for leg in self.returns.legs)
        width = max(len(key) for key, _ in self._headline())
        sample = f"{self.returns.nobs:,} {self.returns.frequency} {self.returns.kind} returns"
        lines = [f"{a} against {b}, {sample} to {self.as_of}"]
        lines += [f"{key:<{width}}  {text}" for key, text in self._headline()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<PairAnalysis {self.pair.slug}, {self.returns.nobs} returns to {self.as_of}>"

    def _repr_html_(self) -> str:
        a, b = (leg.instrument.name[:60] for leg in (self.returns.prices.a, self.returns.prices.b))
        listed = ((key, self[key]) for key in self._headline_keys() if key in self)
        return results_table(f"{a} against {b} to {self.as_of}", listed)


def analyze(
    returns: AlignedReturns,
    config: AnalysisConfig | None = None,
    helpers: Mapping[str, Any] | None = None,
) -> PairAnalysis:
    """Analyse a pair; nothing is computed until it is asked for.

    Parameters
    ----------
    returns : AlignedReturns
        From :func:`convex_research.returns.align`.
    config : AnalysisConfig, optional
        Choices; the defaults are those of the reports.
    helpers : mapping, optional
        Series that some statistics need besides the pair.

    Returns
    -------
    PairAnalysis

    Examples
    --------
    >>> from convex_research import Pair, align, load_prices
    >>> analysis = analyze(align(load_prices(Pair("sample:sp500", "sample:nasdaq"))))
    >>> round(analysis["correlation.pearson[252]"].value, 3)
    0.958
    """
    return PairAnalysis(returns, config or AnalysisConfig(), helpers)
