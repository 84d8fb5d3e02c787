"""A study: the analysis of a pair with its further runs and claims; what people hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from convex_research.analysis import PairAnalysis
from convex_research.analysis.handover import handed_over
from convex_research.analysis.record import build_record
from convex_research.analysis.threads import on_one_thread
from convex_research.catalogue import Pair
from convex_research.claims import evaluate
from convex_research.claims.sentences import clock
from convex_research.core import formatting as fmt
from convex_research.core.cells import results_table
from convex_research.core.config import AnalysisConfig, as_day
from convex_research.core.errors import InputError
from convex_research.core.estimates import Estimate, NotComputed, named
from convex_research.core.files import prepare_folder
from convex_research.data import load_helpers, load_prices, load_series
from convex_research.data.files.memory import columns_of, hand_over, is_tabular
from convex_research.data.series import Prices
from convex_research.returns import AlignedReturns, align, at_frequency

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from matplotlib.axes import Axes
    from pandas import DataFrame, Series

    from convex_research.claims import Claims
    from convex_research.core.config import ReturnKind
    from convex_research.data.files.memory import HandedOver
    from convex_research.data.series import SeriesData

__all__ = ["Study", "analyze", "study"]


class Study(PairAnalysis):
    """A pair's analysis with its claims: reads, prints, draws and publishes itself.

    Parameters
    ----------
    returns : AlignedReturns
        The sample.
    config : AnalysisConfig
        The choices.
    helpers : mapping of str to SeriesData, optional
        Series that some statistics need besides the pair, by role.
    """

    def __init__(
        self,
        returns: AlignedReturns,
        config: AnalysisConfig,
        helpers: Mapping[str, SeriesData] | None = None,
    ) -> None:
        super().__init__(returns, config, helpers)
        self._claims: Claims | None = None
        self.handed_over: HandedOver | None = None

    @property
    def claims(self) -> Claims:
        """The claims tested on this pair, in order and by identifier; evaluated once."""
        if self._claims is None:
            self._claims = on_one_thread(evaluate)(self)
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
        rolling = f"rolling.pearson[{self.config.rolling_window}]"
        curves = self.section("rolling").curves
        return build_record(
            self.returns,
            self.config,
            self.results,
            [claim.to_dict() for claim in self.claims],
            kind,
            helpers=self.helpers,
            curves={rolling: curves[rolling]} if rolling in curves else {},
            flags=self.flags,
        )

    def _headline(self) -> tuple[str, ...]:
        """Keys of the numbers that a reader looks for first."""
        windows = (f"correlation.pearson[{w}]" for w in (*self.config.windows, "all"))
        if self.clock_flags:
            return ("correlation.synchronised[all]", "correlation.weekly[all]", *windows)
        return (*windows, "regression.beta[all]", "regression.rsquared[all]")

    def summary(self) -> str:
        """The main numbers with interval and sample, as text; nothing else is computed."""
        lines = []
        for key in self._headline():
            result = self.get(key)
            if isinstance(result, Estimate) and result.low is not None and result.high is not None:
                level = f"{100 * (result.confidence_level or 0):g}"
                ends = f"{level} % {fmt.interval(result, plus=True, digits=3)}"
                sample = f"n {result.nobs:,}  {result.start} to {result.end}"
                lines.append((key, f"{fmt.figure(result, plus=True, digits=3)}  {ends}  {sample}"))
            elif isinstance(result, NotComputed):
                lines.append((key, f"not computed: {named(result.reason)}"))
        width = max((len(key) for key, _ in lines), default=0)
        sample = f"{self.returns.nobs:,} {self.returns.frequency} {self.returns.kind} returns"
        title = f"{self._title()}, {sample} to {self.as_of}"
        if self.clock_flags:
            why = clock(self)
            title = f"{title}\n{why[0].upper()}{why[1:]}."
        return "\n".join([title, *(f"{key:<{width}}  {text}" for key, text in lines)])

    def _title(self) -> str:
        a, b = (leg.instrument.name for leg in (self.returns.prices.a, self.returns.prices.b))
        return f"{a} against {b}"

    def __repr__(self) -> str:
        return f"<Study {self.pair.slug}, {fmt.count(self.returns.nobs)} returns to {self.as_of}>"

    def _repr_html_(self) -> str:
        listed = ((key, self[key]) for key in self._headline() if key in self)
        return results_table(f"{self._title()} to {self.as_of}", listed)

    def plot(self, name: str = "rolling", ax: Axes | None = None) -> Axes:
        """Draw a path over time with its band by matplotlib.

        Parameters
        ----------
        name : str
            Key of a curve, or a section, whose first curve it is then.
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        KeyError
            If there is no such curve; it names the nearest.
        """
        from convex_research.presentation.charts.axes import draw_curve

        key = name
        if name in self.SECTIONS:
            key = next(iter(self.section(name).curves), name)
        return draw_curve(self.curve(key), key, ax)

    def publish(
        self,
        output: str | Path = "reports",
        kind: Literal["correlation", "comparison", "all"] = "all",
    ) -> list[Path]:
        """Build pages of this pair to this date and bring the index up to date.

        The report notebooks load the data anew, with the helpers that the catalogue knows. Series
        that were handed over in memory are written beside the pages, where they read them.

        Parameters
        ----------
        output : path
            Folder of the reports.
        kind : {"correlation", "comparison", "all"}
            Which pages.

        Returns
        -------
        list of Path
            The pages written.

        Raises
        ------
        InputError
            If the study was made with other choices than those of the reports.
        """
        from convex_research.publishing import publish

        if self.config != AnalysisConfig():
            raise InputError("pages are built with the choices of AnalysisConfig() only.")
        start, pair = self.returns.prices.a.start_asked, self.pair
        if self.handed_over is not None:
            places = self.handed_over.write(prepare_folder(Path(output) / pair.slug))
            pair = Pair(*(places.get(leg, leg) for leg in (pair.a, pair.b)))
        return publish(pair, kind, output, start=start, as_of=self.as_of, returns=self.returns.kind)


def analyze(
    returns: AlignedReturns,
    config: AnalysisConfig | None = None,
    helpers: Mapping[str, SeriesData] | None = None,
) -> Study:
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
    Study

    Raises
    ------
    TypeError
        If ``returns`` or ``config`` is something else.
    InputError
        If the returns are slower than the frequency asked for, or too few at it.

    Examples
    --------
    >>> from convex_research import Pair, align, load_prices
    >>> analysis = analyze(align(load_prices(Pair("sample:sp500", "sample:nasdaq"))))
    >>> round(analysis["correlation.pearson[252]"].value, 3)
    0.958
    """
    if not isinstance(returns, AlignedReturns):
        raise TypeError(f"analyze needs AlignedReturns, which align gives; got {_kind(returns)}.")
    if not isinstance(config, AnalysisConfig | None):
        raise TypeError(f"config must be an AnalysisConfig, got {_kind(config)}.")
    config = config or AnalysisConfig()
    analysis = handed_over(Study(at_frequency(returns, config.frequency), config, helpers))
    assert isinstance(analysis, Study)
    return analysis


def _kind(given: object) -> str:
    return type(given).__name__


def study(
    a: Pair | str | DataFrame | Series[Any],
    b: str | Series[Any] | None = None,
    *,
    config: AnalysisConfig | None = None,
    helpers: Mapping[str, SeriesData] | None = None,
    start: date | str | None = None,
    as_of: date | str | None = None,
    returns: ReturnKind = "simple",
    kind: str | tuple[str, str] = "price",
    accept: Collection[str] = (),
) -> Study:
    """Load, align and analyse a pair in one step.

    Parameters
    ----------
    a, b : str, pandas.Series or pandas.DataFrame
        Symbols, catalogue names or series on dates, in any mixture; or a :class:`Pair`, or a
        frame of two columns, alone. Frames of other libraries are taken by Arrow's protocol.
    config : AnalysisConfig, optional
        Choices; the defaults are those of the reports.
    helpers : mapping of str to SeriesData, optional
        Further series by role; what the catalogue knows is loaded by default.
    start, as_of : datetime.date or str, optional
        Inclusive bounds on prices.
    returns : {"simple", "log"}
        How prices become returns.
    kind : {"price", "level", "rate", "spread", "return"} or two of them
        What series in memory hold.
    accept : collection of str
        Checks of the quality gate whose refusal is overruled, by name.

    Returns
    -------
    Study
        Nothing is computed until it is asked for.

    Raises
    ------
    InputError
        If ``a`` and ``b`` are no pair.
    ConvexResearchError
        If the data cannot be had or used.

    Examples
    --------
    >>> s = study("sample:sp500", "sample:nasdaq")
    >>> s["correlation.pearson[252]"].nobs
    252
    """
    legs, given = _legs(a, b, kind)
    pair = legs if isinstance(legs, Pair) else Pair(*legs)
    first, last = as_day(start, "start"), as_day(as_of, "as_of")
    if given is None:
        prices = load_prices(pair, start=first, end=last)
    else:
        series = (
            given.load(leg, first, last) if leg in given.symbols else load_series(leg, first, last)
            for leg in (pair.a, pair.b)
        )
        prices = Prices(pair, *series)
    sample = align(prices, kind=returns, accept=accept)
    if helpers is None:
        helpers = load_helpers(pair, start=first, end=last)
    made = analyze(sample, config, helpers)
    made.handed_over = given
    return made


def _legs(
    a: object, b: object, kind: str | tuple[str, str]
) -> tuple[Pair | tuple[str, str], HandedOver | None]:
    """The pair that is meant, and what of it was handed over in memory."""
    if isinstance(a, Pair) and b is None:
        return a, None
    if isinstance(a, str) and isinstance(b, str):
        return (a, b), None
    legs = [one for one in (a, b) if one is not None]
    if not all(isinstance(one, str) or is_tabular(one) for one in legs):
        raise InputError(
            "a study needs two symbols or series, one Pair, or one frame of two columns; "
            f"got {' and '.join(map(_kind, legs))}."
        )
    columns = [[one] if isinstance(one, str) else columns_of(one) for one in legs]
    flat = [one for each in columns for one in each]
    if len(flat) != 2:
        names = ", ".join(repr(one if isinstance(one, str) else one.name) for one in flat[:12])
        raise InputError(f"a study needs two series; got {len(flat)}: {names}.")
    given = hand_over([one for one in flat if not isinstance(one, str)], kind)
    symbols = iter(given.symbols)
    first, second = (one if isinstance(one, str) else next(symbols) for one in flat)
    return (first, second), given
