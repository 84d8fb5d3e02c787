"""The widgets of the explorer: nothing here knows what is computed."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from convex_research.exploring.choice import Choice, label_of, suggestions, symbol_in
from convex_research.publishing.assets import stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

_FIRST_YEAR = 1000  # a year is typed digit by digit


class Controls:
    """Labelled controls above tabs; every control can be reached and used by keyboard.

    Parameters
    ----------
    choice : Choice
        What the controls say first.
    views : sequence of (str, int)
        Title and number of pieces of each tab.
    read : (int, int)
        Tab and number of the piece that is read on a date below it.

    Attributes
    ----------
    box : ipywidgets.VBox
        What Jupyter shows.
    status, published, read : ipywidgets.HTML
        Messages on the analysis, on publishing, and what was read off the chart.
    publish : ipywidgets.Button
        Disabled from a press on.
    """

    def __init__(
        self, choice: Choice, views: Sequence[tuple[str, int]], read: tuple[int, int]
    ) -> None:
        self._on_pages = choice.on_pages
        self._make_inputs(choice)
        self.status, self.published, self.read = (
            _classed(widgets.HTML(), "convex-status") for _ in range(3)
        )
        self._pieces = [[widgets.HTML() for _ in range(count)] for _, count in views]
        self._reader = widgets.DatePicker(description="Read the chart on", disabled=True)
        line = _row(_classed(self._reader, "convex-narrow"), self.read)
        shown: list[list[Any]] = [list(pieces) for pieces in self._pieces]
        tab, at = read
        shown[tab].insert(at + 1, line)
        self._views = [_classed(widgets.VBox(children), "convex-view") for children in shown]
        self._tabs = widgets.Tab(self._views, titles=[title for title, _ in views])
        parts = [
            widgets.HTML(style_element()),
            _row(self._a, self._b, self._swap),
            _row(self._window, self._start, self._as_of, self._returns, self.publish),
            *(self.status, self.published, self._tabs),
        ]
        self.box: Any = _classed(widgets.VBox(parts), "convex-explore")

    def _make_inputs(self, choice: Choice) -> None:
        names = suggestions()
        self._a, self._b = (
            _classed(
                widgets.Combobox(
                    value=label_of(symbol),
                    options=names,
                    description=f"Instrument {letter}: search, or type provider:name",
                    placeholder="S&P 500, SPY, fred:DGS10, file:prices.csv#Close",
                    continuous_update=False,
                ),
                "convex-wide",
            )
            for letter, symbol in (("A", choice.a), ("B", choice.b))
        )
        self._window = widgets.Dropdown(
            options=[(f"{n} observations", n) for n in choice.windows],
            value=choice.window,
            description="Window",
        )
        self._start = widgets.DatePicker(value=choice.start, description="First price from")
        self._as_of = widgets.DatePicker(value=choice.as_of, description="Last price to")
        self._returns = widgets.Dropdown(
            options=["simple", "log"], value=choice.returns, description="Returns"
        )
        self._swap = widgets.Button(description="Swap", tooltip="Exchange A and B")
        self.publish = _classed(
            widgets.Button(description="Publish", tooltip="Build both pages of this pair"),
            "convex-main",
        )
        for one in (self._window, self._start, self._as_of, self._returns):
            _classed(one, "convex-narrow")

    @property
    def choice(self) -> Choice | None:
        """What the controls say; ``None`` while a date is being typed."""
        start, as_of = self._start.value, self._as_of.value
        if any(day is not None and day.year < _FIRST_YEAR for day in (start, as_of)):
            return None
        return Choice(
            a=symbol_in(self._a.value),
            b=symbol_in(self._b.value),
            start=start,
            as_of=as_of,
            returns=self._returns.value,
            window=self._window.value,
            on_pages=self._on_pages,
        )

    @property
    def tab(self) -> int:
        """Number of the tab in front."""
        return self._tabs.selected_index or 0

    def on_change(self, ask: Callable[[], None]) -> None:
        """Call ``ask`` whenever a control or the tab in front changes."""
        watched = (self._a, self._b, self._window, self._start, self._as_of, self._returns)
        for one in watched:
            one.observe(lambda _: ask(), names="value")
        self._tabs.observe(lambda _: ask(), names="selected_index")
        self._swap.on_click(lambda _: self._exchange())

    def _exchange(self) -> None:
        self._a.value, self._b.value = self._b.value, self._a.value

    def on_publish(self, ask: Callable[[Choice], None]) -> None:
        """Call ``ask`` with the choice when the button is pressed."""

        def press(_: object) -> None:
            choice = self.choice
            if choice is not None:
                self.publish.disabled = True
                ask(choice)

        self.publish.on_click(press)

    def on_read(self, ask: Callable[[], None]) -> None:
        """Call ``ask`` when another date is to be read."""
        self._reader.observe(lambda _: ask(), names="value")

    def offer_reading(self, days: tuple[date, date] | None) -> None:
        """Let a person choose a date of the chart; it begins at the latest."""
        self._reader.disabled = days is None
        self._reader.value = days[1] if days else None

    @property
    def read_at(self) -> date | None:
        """The date to read; ``None`` while it is being typed."""
        day: date | None = self._reader.value
        return day if day is not None and day.year >= _FIRST_YEAR else None

    def put(self, tab: int, at: int, html: str) -> None:
        """Show a piece on a tab."""
        self._pieces[tab][at].value = html
        self._pieces[tab][at].remove_class("convex-old")

    def mark_old(self, tab: int, pieces: Iterable[int]) -> None:
        """Show that just these pieces of a tab still belong to an earlier choice."""
        old = set(pieces)
        for at, piece in enumerate(self._pieces[tab]):
            (piece.add_class if at in old else piece.remove_class)("convex-old")

    def clear(self) -> None:
        """Take every piece away: what is on the screen must belong to the choice."""
        for piece in (one for pieces in self._pieces for one in pieces):
            piece.value = ""
        self.read.value = ""


def _classed(widget: Any, class_: str) -> Any:
    widget.add_class(class_)
    return widget


def _row(*children: Any) -> Any:
    return _classed(widgets.HBox(children), "convex-row")


@cache
def style_element() -> str:
    """The pages' rules for what stands in a view, the explorer's for the rest.

    Rules for the page as a whole (``html``, ``:root``) match nothing inside a view; the
    colours come from the explorer's own rules, which know JupyterLab's themes.
    """
    own = resources.files(__package__).joinpath("explore.css").read_text("utf-8")
    return f"<style>.convex-view{{{stylesheet()}}}\n{own}</style>"
