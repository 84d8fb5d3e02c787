"""Symbols: how a series is named, ``provider:native[?option=value]``.

A symbol is text from outside. It is parsed here once, and everything that shows it
uses :attr:`Symbol.public`, which never holds a folder, or :attr:`Symbol.stem`, which
is safe as part of a file name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import parse_qsl

from convex_research.core.errors import InputError, printable, refuse_unknown

__all__ = [
    "CONVERTING",
    "DESCRIBING",
    "EMBEDDED",
    "Symbol",
    "as_option",
    "parse_symbol",
    "refuse_unknown_option",
    "slugify",
]

DESCRIBING = frozenset({"calendar", "kind", "name", "unit"})
"""Options that any symbol may have: they say what a series is, not which."""
CONVERTING = frozenset({"currency", "to"})
"""Options of any price: the currency it is in, and the one it is wanted in."""

_SHAPE = re.compile(r"([A-Za-z][A-Za-z0-9_-]*):(.+)", re.DOTALL)
FILES = frozenset(("csv", "file"))
"""Providers of the user's own files: a name and its old one."""
EMBEDDED = frozenset(("fx", "sample"))
"""Providers of series that installed packages ship: they ask nobody, and end some time ago."""
FILE_OPTIONS = frozenset(
    ("daily", "date", "date_format", "decimal", "header", "sep", "timezone", "where")
)
"""Options that say how a file is to be read."""
_SAID = tuple(sorted(("id", *CONVERTING, *DESCRIBING, *FILE_OPTIONS)))
_OF_A_FILE = re.compile(rf"\?((?:{'|'.join(_SAID)})=[^?#]*)\Z", re.DOTALL)
_LIKE_OPTION = re.compile(r"\?([a-z_]+)=[^?#]*\Z")
_LONGEST = 1000
_ANY_SHEET = re.compile(r"(?:sheet|tabelle|feuil|hoja|foglio|blad)? ?\d*\Z", re.IGNORECASE)
# Words for any price and for any file of prices, which name no instrument.
_ANY_PRICE = frozenset(
    (
        *("", "adj close", "adjusted close", "adjclose", "close", "close/last", "last", "price"),
        *("schluss", "settle", "value"),
    )
)
IN_MEMORY = "handed-over-in-memory"
"""Stem of the file in which series travel that had none."""
_ANY_FILE = frozenset(
    (IN_MEMORY, "closes", "data", "history", "prices", "quotes", "series", "values")
)


@dataclass(frozen=True, slots=True)
class Symbol:
    """A parsed symbol.

    Parameters
    ----------
    provider : str
        Lower-case provider name.
    native : str
        The provider's own name of the series, case preserved; ``PATH#COLUMN`` for a file.
    options : tuple of (str, str)
        Sorted by name.
    """

    provider: str
    native: str
    options: tuple[tuple[str, str], ...] = ()

    @property
    def is_file(self) -> bool:
        """Whether it names a user's own file."""
        return self.provider in FILES

    @property
    def path(self) -> str:
        """Path of a file as the user gave it."""
        return self.native.rpartition("#")[0] if "#" in self.native else self.native

    @property
    def column(self) -> str:
        """Column of a file, empty when none was named."""
        return self.native.rpartition("#")[2] if "#" in self.native else ""

    def option(self, name: str, default: str | None = None) -> str | None:
        """Value of an option, or ``default``."""
        return dict(self.options).get(name, default)

    def _text(self, native: str) -> str:
        query = "&".join(f"{key}={value}" for key, value in self.options)
        return f"{self.provider}:{native}" + (f"?{query}" if query else "")

    def __str__(self) -> str:
        return self._text(self.native)

    @property
    def public(self) -> str:
        """The symbol as it may be shown: a file by its name, without its folder."""
        if not self.is_file:
            return str(self)
        name = PurePath(self.path).name
        return self._text(f"{name}#{self.column}" if self.column else name)

    @property
    def folder(self) -> str:
        """Name of the folder that a file is said to lie in; empty where none is."""
        return PurePath(self.path).parent.name if self.is_file else ""

    @property
    def title(self) -> str:
        """What a column of a file is called: the part that says which instrument it is.

        Examples
        --------
        >>> [parse_symbol(f"file:{x}").title for x in ("BTC_USD.csv#Adj Close", "prices.csv#SPY")]
        ['BTC_USD', 'SPY']
        >>> [parse_symbol(f"file:{x}").title for x in ("yahoo.csv#AAPL.Close", "gold.csv#2")]
        ['yahoo: AAPL', 'gold']
        >>> parse_symbol("file:long.csv#close?where=ticker:AAPL").title
        'long: AAPL'
        """
        file, (sheet, _, column) = PurePath(self.path).stem, self.column.rpartition("!")
        labels = [self._row_label, *column.split("."), "" if _ANY_SHEET.match(sheet) else sheet]
        said = [x for x in labels if x.casefold().replace("_", " ").strip("<> ") not in _ANY_PRICE]
        name = ".".join(said).strip()
        if not name or name.isdigit():
            return file
        return name if file.casefold() in _ANY_FILE else f"{file}: {name}"

    @property
    def _row_label(self) -> str:
        """What picks the rows of a long file; empty where all are taken."""
        return (self.option("where") or "").partition(":")[2].strip()

    @property
    def stem(self) -> str:
        """Text for file names: lower-case letters, digits and hyphens only."""
        if self.is_file:
            file = PurePath(self.path).stem
            column = f"{self._row_label}-{self.column}"
            return slugify(column if file == IN_MEMORY else f"{file}-{column}")
        return slugify(self.native)


def as_option(symbol: str, name: str, value: str) -> str:
    """How an option of a series is written: in its symbol, in memory as an argument.

    >>> [as_option(one, "kind", "rate") for one in ("file:a.csv", f"file:{IN_MEMORY}.csv")]
    ['?kind=rate', 'kind="rate"']
    """
    return f'{name}="{value}"' if IN_MEMORY in symbol else f"?{name}={value}"


def slugify(text: str, *, limit: int = 60) -> str:
    """Lower-case letters and digits joined by single hyphens; never empty.

    >>> slugify("../<Script> ^SPX")
    'script-spx'
    >>> slugify("Золото, 日経")
    'zoloto-rijing'
    """
    if not text.isascii():
        from anyascii import anyascii

        text = anyascii(text)
    slug = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:limit].strip("-")
    return slug or "series"


def parse_symbol(text: str) -> Symbol:
    """Parse a full symbol; :func:`convex_research.catalogue.resolve` looks up bare names.

    Raises
    ------
    InputError
        If the text has no provider, no native part, or control characters.

    Examples
    --------
    >>> parse_symbol("coingecko:bitcoin?vs=usd").options
    (('vs', 'usd'),)
    >>> parse_symbol("csv:/data/SPY.csv#Close").public
    'csv:SPY.csv#Close'
    """
    match = _SHAPE.fullmatch(text.strip())
    if match is None or len(text) > _LONGEST:
        raise InputError(
            f"{printable(text)!r} is not a symbol; write provider:name, "
            "for example sample:sp500 or file:prices.csv#Close."
        )
    provider, rest = match[1].lower(), match[2]
    query = ""
    if provider in FILES:  # a path or a column may hold any character, '?' included
        options = _OF_A_FILE.search(rest)
        if options:
            query, rest = options[1], rest[: options.start()]
    else:
        rest, _, query = rest.partition("?")
        if any(not c.isprintable() for c in rest):
            raise InputError(f"{printable(text)!r} has control characters in the series name.")
    if not rest:
        raise InputError(f"{printable(text)!r} names a provider but no series.")
    return Symbol(provider, rest, _options(query, text))


def refuse_unknown_option(symbol: Symbol) -> None:
    """Refuse what is written as an option of a file and is none, once it is no path or column.

    Raises
    ------
    InputError
        Naming it and those that there are.
    """
    like = _LIKE_OPTION.search(symbol.native)
    if like is not None:
        refuse_unknown([like[1]], _SAID, "option")


def _options(query: str, text: str) -> tuple[tuple[str, str], ...]:
    if not query:
        return ()
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True, max_num_fields=20)
    except ValueError:
        raise InputError(f"{printable(text)!r} has options that are not name=value.") from None
    return tuple(sorted(pairs))
