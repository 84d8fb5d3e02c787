"""The explorer: controls, tabs of the reports' pieces, and a button that publishes."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.core.config import AnalysisConfig, as_day
from convex_research.data.given import given
from convex_research.data.quality.gate import acceptable
from convex_research.exploring import messages
from convex_research.exploring.cache import AnalysisCache
from convex_research.exploring.choice import Choice
from convex_research.exploring.controls import Controls
from convex_research.exploring.views import READ, VIEWS, WINDOWED, markup, read_out, readable
from convex_research.exploring.worker import Worker
from convex_research.publishing.records import PAIR_KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from pandas import DataFrame, Series

    from convex_research.core.config import ReturnKind
    from convex_research.data import Prices
    from convex_research.data.given import Given
    from convex_research.returns import AlignedReturns
    from convex_research.studies import Study

_numbers = count(1)


class Explorer:
    """Two instruments, a period and a window behind controls; shown by Jupyter.

    Work is done away from the kernel's main thread, so cells can run meanwhile. What is on
    the screen is made by the same public functions as the reports.

    Parameters
    ----------
    choice : Choice
        What is shown first.
    output : path
        Folder into which pages are published.
    known : Given, optional
        Helper series and those handed over in memory, as the choice names them.
    accept : collection of str
        Checks of the quality gate whose refusal is overruled.

    Attributes
    ----------
    output
        As given.
    """

    def __init__(
        self,
        choice: Choice,
        *,
        output: str | Path = "reports",
        known: Given | None = None,
        accept: Collection[str] = (),
    ) -> None:
        self.output = Path(output)
        self._prefix = f"explore{next(_numbers)}-"
        self._cache = AnalysisCache(known, accept)
        # What each piece on the screen was made of, by tab.
        self._sources = _no_sources()
        self._analysis: Study | None = None
        self._error: Exception | None = None
        views = [(title, len(pieces)) for title, pieces in VIEWS.items()]
        self._controls = Controls(choice, views, READ)
        self._readable: Study | None = None
        self._work: Worker[tuple[Choice, int]] = Worker(self._show)
        self._press: Worker[Choice] = Worker(self._publish)
        self._controls.on_change(self._ask)
        self._controls.on_publish(self._press.ask)
        self._controls.on_read(self._say_read)
        self._ask()

    @property
    def analysis(self) -> Study:
        """The analysis on the screen, for cells of your own; waits until it is made.

        Raises
        ------
        ConvexResearchError
            What the screen says instead, if it cannot be made.
        """
        self._work.wait()
        if self._error is not None:
            raise self._error
        assert self._analysis is not None
        return self._analysis

    @property
    def returns(self) -> AlignedReturns:
        """The returns of the analysis."""
        return self.analysis.returns

    @property
    def prices(self) -> Prices:
        """The prices of the analysis, with their provenance."""
        return self.analysis.returns.prices

    def _ask(self) -> None:
        choice = self._controls.choice
        if choice is not None:
            self._work.ask((choice, self._controls.tab))

    def _show(self, request: tuple[Choice, int], ticket: int) -> None:
        """Fill the tab in front; whatever goes wrong becomes a sentence."""
        choice, tab = request
        try:
            self._fill(choice, tab, ticket)
        except Exception as error:  # noqa: BLE001 - a reader gets a sentence, not a traceback
            self._analysis, self._error, self._readable = None, error, None
            self._sources = _no_sources()
            self._controls.clear()
            self._controls.status.value = messages.problem(error)

    def _fill(self, choice: Choice, tab: int, ticket: int) -> None:
        title, pieces = list(VIEWS.items())[tab]
        controls, sources = self._controls, self._sources[tab]

        def report(activity: str, step: int = 0) -> None:
            controls.status.value = messages.progress(activity, step, len(pieces) + 1)

        if choice not in self._cache:
            controls.mark_old(tab, range(len(pieces)))
        shown = self._cache.analysis(choice, report)
        usual = self._cache.analysis(choice.on_report, report)
        self._analysis, self._error = shown, None
        wanted = [shown if piece in WINDOWED else usual for piece in pieces]
        old = [at for at, source in enumerate(wanted) if sources[at] is not source]
        controls.mark_old(tab, old)
        for at in old:
            if self._work.overtaken(ticket):
                return
            report(f"{title}, {at + 1} of {len(pieces)}", at + 1)
            controls.put(tab, at, markup(pieces[at](wanted[at]), self._prefix))
            sources[at] = wanted[at]
            if (tab, at) == READ:
                self._offer_reading(wanted[at])
        controls.status.value = messages.sample(shown)

    def _offer_reading(self, analysis: Study) -> None:
        """Let the rolling chart of this analysis be read, the latest date first."""
        days = readable(analysis)
        self._readable = None  # nothing is read while the date is set
        self._controls.offer_reading(days)
        self._readable = analysis if days else None
        self._controls.read.value = ""
        self._say_read()

    def _say_read(self) -> None:
        day = self._controls.read_at
        if self._readable is not None and day is not None:
            self._controls.read.value = read_out(self._readable, day)

    def _publish(self, choice: Choice, _ticket: int) -> None:
        """Both pages of the pair, with a link to each as soon as it is there."""
        published, links = self._controls.published, ""
        try:
            study = self._cache.analysis(choice.on_report, lambda _: None)
            for at, kind in enumerate(PAIR_KINDS):
                activity = f"Building the {kind} page, {at + 1} of {len(PAIR_KINDS)}"
                published.value = messages.progress(activity, at, len(PAIR_KINDS)) + links
                pages = study.publish(self.output, kind)
                links += "".join(one for one in map(messages.link, pages) if one not in links)
            published.value = links
        except Exception as error:  # noqa: BLE001 - a reader gets a sentence, not a traceback
            published.value = messages.problem(error) + links
        finally:
            self._controls.publish.disabled = False

    def __repr__(self) -> str:
        choice = self._controls.choice
        return f"<Explorer of {choice.a} and {choice.b}>" if choice else "<Explorer>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self._controls.box._repr_mimebundle_(**options)


def explore(
    a: str | DataFrame | Series[Any] = "sample:sp500",
    b: str | Series[Any] | None = None,
    *,
    start: date | str | None = None,
    as_of: date | str | None = None,
    returns: ReturnKind = "simple",
    window: int | None = None,
    output: str | Path = "reports",
    kind: str | tuple[str, str] = "price",
    config: AnalysisConfig | None = None,
    helpers: Mapping[str, Any] | None = None,
    accept: Collection[str] = (),
) -> Explorer:
    """Explore a pair in JupyterLab.

    Parameters
    ----------
    a, b : str, pandas.Series or pandas.DataFrame
        Symbols, or names in the catalogue; they can be changed on the screen. Or series in memory,
        as :func:`convex_research.study` takes them.
    start, as_of : date or ISO text, optional
        Inclusive bounds on prices.
    returns : {"simple", "log"}
        How prices become returns.
    window : {30, 60, 90, 126, 252}, optional
        Length of the rolling window, in observations; that of ``config`` by default.
    output : path
        Folder into which the button publishes.
    kind : {"price", "level", "rate", "spread", "return"} or two of them
        What series in memory hold.
    config, helpers, accept
        As :func:`convex_research.study` takes them; they are those of what is published, too.

    Returns
    -------
    Explorer
        Shows itself; its ``analysis``, ``returns`` and ``prices`` are those on the screen.

    Raises
    ------
    InputError
        If a date, the kind of return, the window or what is in memory cannot be used.
    """
    first, last = as_day(start, "start"), as_day(as_of, "as_of")
    if not isinstance(config, AnalysisConfig | None):
        raise TypeError(f"config must be an AnalysisConfig, got {type(config).__name__}.")
    config, known = config or AnalysisConfig(), None
    if isinstance(a, str) and b is None:
        b = "sample:nasdaq"
    if helpers is not None or not (isinstance(a, str) and isinstance(b, str)):
        known = given(a, b, kind, helpers)
        a, b = known.pair.a, known.pair.b
    choice = Choice(  # what is wrong with two symbols is on the screen
        a=a,
        b=b,
        start=first,
        as_of=last,
        returns=returns,
        window=config.rolling_window if window is None else window,
        on_pages=config,
    )
    return Explorer(choice, output=output, known=known, accept=acceptable(accept))


def _no_sources() -> list[list[object]]:
    return [[None] * len(pieces) for pieces in VIEWS.values()]
