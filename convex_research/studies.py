"""A study: the analysis of a pair with its further runs and claims; what people hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from convex_research.analysis import PairAnalysis
from convex_research.analysis.handover import handed_over
from convex_research.analysis.record import build_record
from convex_research.analysis.threads import on_one_thread
from convex_research.catalogue.symbols import FILES
from convex_research.claims import evaluate
from convex_research.claims.answers import comparison_screen, correlation_screen
from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig, as_day
from convex_research.core.errors import InputError
from convex_research.core.files import prepare_folder
from convex_research.data.context import chosen_helpers, helper_names
from convex_research.data.given import Given, given
from convex_research.returns import AlignedReturns, align, at_frequency

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from matplotlib.axes import Axes
    from pandas import DataFrame, Series

    from convex_research.catalogue import Pair
    from convex_research.claims import Claims
    from convex_research.claims.answer import Answer
    from convex_research.claims.answers import FirstScreen
    from convex_research.core.config import ReturnKind
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
        self._screens: dict[str, FirstScreen] = {}
        self.given: Given | None = None

    @property
    def claims(self) -> Claims:
        """The claims tested on this pair, in order and by identifier; evaluated once."""
        if self._claims is None:
            self._claims = on_one_thread(evaluate)(self)
        return self._claims

    def first_screen(self, kind: str = "correlation") -> FirstScreen:
        """All words of the first screen of a page: title, sample, five answers.

        Parameters
        ----------
        kind : {"correlation", "comparison"}
            Which page.
        """
        if kind not in self._screens:
            if kind == "comparison":
                self._screens[kind] = comparison_screen(self, self.claims)
            else:
                self._screens[kind] = correlation_screen(self, self.claims)
        return self._screens[kind]

    def answers(self, kind: str = "correlation") -> tuple[Answer, ...]:
        """What the first screen of a page answers, in its order."""
        return self.first_screen(kind).answers

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
        screen = self.first_screen(kind).to_dict()
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
            screen=screen,
        )

    def summary(self) -> str:
        """The five answers of the correlation page with their numbers, as text.

        Claims are evaluated, for of each the others on the page decide what counts as found.
        """
        return str(self.first_screen())

    def __repr__(self) -> str:
        return f"<Study {self.pair.slug}, {fmt.count(self.returns.nobs)} returns to {self.as_of}>"

    def _repr_html_(self) -> str:
        return self.first_screen().html

    def plot(self, name: str = "rolling", ax: Axes | None = None) -> Axes:
        """Draw a chart by matplotlib.

        Parameters
        ----------
        name : str
            Any chart of the pages, or the key of any curve.
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.

        Returns
        -------
        matplotlib.axes.Axes

        Raises
        ------
        KeyError
            If there is neither; it names the nearest.
        """
        from convex_research.presentation.charts.lookup import chart

        return chart(self, name).draw(ax)

    def publish(
        self,
        output: str | Path = "reports",
        kind: Literal["correlation", "comparison", "all"] = "all",
    ) -> list[Path]:
        """Build pages of this pair to this date and bring the index up to date.

        The report notebooks load the data anew, with the choices and helpers of this study. Series
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
            If a helper series is of a file and was not given to :func:`study`.
        """
        from convex_research.publishing import publish

        known, places = self.given or self._as_given(), {}
        if known.memory is not None:
            places = known.memory.write(prepare_folder(Path(output) / self.pair.slug))
        pair, helpers = known.placed(places)
        returns = self.returns
        return publish(
            pair,
            kind,
            output,
            start=returns.prices.a.start_asked,
            as_of=self.end,
            returns=returns.kind,
            config=self.config,
            helpers=helpers,
            accept=tuple(dict.fromkeys(one.check for one in returns.quality if one.accepted)),
        )

    def _as_given(self) -> Given:
        """Pair and helpers of a study that was made from aligned returns."""
        chosen: dict[str, str | None] = dict(chosen_helpers(self.pair, self.helpers))
        for role in chosen:
            if self.helpers[role].provenance.provider in FILES:
                raise InputError(
                    f"the {role} series is of a file, whose folder is not known any more; give it "
                    "to study(..., helpers=...)."
                )
        if not self.helpers:  # the page has what the catalogue knows
            return Given(self.pair)
        absent = dict.fromkeys(set(helper_names(self.pair)) - set(self.helpers))
        return Given(self.pair, dict(sorted((absent | chosen).items())) or None)


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
    helpers: Mapping[str, Any] | None = None,
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
    helpers : mapping of str to str, pandas.Series or SeriesData, optional
        Further series by role, such as ``{"market": "SPY"}``, that take the place of those that
        the catalogue knows; ``None`` leaves a role out, an empty mapping all of them.
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
    known = given(a, b, kind, helpers)
    first, last = as_day(start, "start"), as_day(as_of, "as_of")
    sample = align(known.prices(first, last), kind=returns, accept=accept)
    made = analyze(sample, config, known.load_helpers(first, last))
    made.given = known
    return made
