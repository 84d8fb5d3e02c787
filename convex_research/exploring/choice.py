"""What a person has chosen to look at, and the search over the catalogue."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from convex_research.catalogue import Pair, load_catalogue
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from convex_research.core.config import ReturnKind

WINDOWS = (30, 60, 90, 126, 252)
_SEPARATOR = " \N{EM DASH} "


def suggestions() -> list[str]:
    """Every instrument of the catalogue as a line that can be searched by id and name."""
    return [label_of(name) for name in load_catalogue().instruments]


def label_of(symbol: str) -> str:
    """The catalogue's line for a symbol that has a name there; else the symbol itself.

    Examples
    --------
    >>> label_of("sample:vix")
    'vix — VIX (embedded sample)'
    """
    for one in load_catalogue().instruments.values():
        if symbol == one.id or (symbol,) == one.symbols:
            return f"{one.id}{_SEPARATOR}{one.name}"
    return symbol


def symbol_in(line: str) -> str:
    """The symbol or catalogue name at the start of a line.

    Examples
    --------
    >>> symbol_in("vix — VIX (embedded sample)")
    'vix'
    """
    return line.partition(_SEPARATOR)[0].strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Two instruments, the period, and how they are looked at.

    Parameters
    ----------
    a, b : str
        Symbols, or names in the catalogue.
    start, as_of : datetime.date, optional
        Inclusive bounds on prices.
    returns : {"simple", "log"}
        How prices become returns.
    window : int
        Length of the rolling window, in observations.
    on_pages : AnalysisConfig
        The choices of the reports, whose rolling window may be another.

    Raises
    ------
    InputError
        If the kind of return or the window cannot be used.
    """

    a: str
    b: str
    start: date | None = None
    as_of: date | None = None
    returns: ReturnKind = "simple"
    window: int = AnalysisConfig().rolling_window
    on_pages: AnalysisConfig = field(default_factory=AnalysisConfig)

    def __post_init__(self) -> None:
        if self.returns not in {"simple", "log"}:
            raise InputError(f'returns must be "simple" or "log", got {self.returns!r}.')
        if self.window not in self.windows:
            known = ", ".join(map(str, self.windows))
            raise InputError(f"window must be one of {known}, got {self.window!r}.")

    @property
    def windows(self) -> tuple[int, ...]:
        """Lengths of the rolling window to choose from."""
        return tuple(sorted({*WINDOWS, self.on_pages.rolling_window}))

    @property
    def pair(self) -> Pair:
        """The two instruments.

        Raises
        ------
        InputError
            If a symbol is unknown, or both are the same series.
        """
        for letter, symbol in (("A", self.a), ("B", self.b)):
            if not symbol:
                raise InputError(
                    f"Instrument {letter} is empty; pick one, or type provider:name, such as "
                    "sample:sp500."
                )
        return Pair(self.a, self.b)

    @property
    def on_report(self) -> Choice:
        """The same with the window that the reports use."""
        return replace(self, window=self.on_pages.rolling_window)

    @property
    def config(self) -> AnalysisConfig:
        """The reports' choices, with this rolling window."""
        usual = self.on_pages
        if self.window == usual.rolling_window:
            return usual
        windows = tuple(sorted({*usual.windows, self.window}))
        return replace(usual, windows=windows, rolling_window=self.window)
