"""Pieces of HTML: escaped by default, with the key of every number in the markup."""

from __future__ import annotations

import re
import shlex
from html import escape
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "ABOUT",
    "Cell",
    "Fragment",
    "Line",
    "anchor",
    "command",
    "facts",
    "folded",
    "joined",
    "linked",
    "paragraph",
    "table",
    "tag",
    "text",
]

# What may stand in a page without the key of a result or the id of a claim, and why. Such an
# element says so in ``data-about``; everything else names what it rests on.
ABOUT = {
    "catalogue": "what an instrument is, from the catalogue; no statement about data",
    "definition": "what a word, a method or a rule means; it is the same for every pair",
    "disclaimer": "what the page is not",
    "method": "how numbers are made and made again; the methodology page has the evidence",
    "navigation": "names and addresses of other pages",
    "notes": "what an analyst wrote beside the page; no statement of the package",
    "sample": "which observations a part of the page rests on; the record's data hold them",
    "source": "where data came from and what the checks found; the record's data hold them",
}

_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


class Fragment:
    """A piece of a page, shown as HTML by Jupyter and by the report.

    ``summary`` is what it is in a few words, for places that show text only, and ``prose`` its
    sentences as plain text, where a page has a bound on them.
    """

    def __init__(self, html: str, summary: str = "", prose: str = "") -> None:
        self.html = html
        self.summary = summary
        self.prose = prose

    def __repr__(self) -> str:
        return f"<{self.summary or 'report fragment'}>"

    def _repr_html_(self) -> str:
        return f'<div class="convex-piece">{self.html}</div>' if self.html else ""


def text(raw: object) -> str:
    """Escaped text; control characters become visible."""
    shown = str(raw)
    if not shown.isprintable():
        shown = "".join(
            c if c.isprintable() or c in _SPACES else c.encode("unicode_escape").decode()
            for c in shown
        )
    return escape(shown, quote=True)


def tag(name: str, content: str, **attributes: str) -> str:
    """An element around finished markup; ``data_key`` writes ``data-key``, no class nothing."""
    listed = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value or key != "class_"
    )
    return f"<{name}{listed}>{content}</{name}>"


def anchor(kind: str, name: str) -> str:
    """An id for a place in the page, safe in an address.

    Examples
    --------
    >>> anchor("evidence", "C18b[vix]")
    'evidence-C18b-vix'
    """
    return f"{kind}-{re.sub(r'[^0-9A-Za-z_]+', '-', name).strip('-')}"


def joined(parts: Iterable[Fragment], summary: str = "") -> Fragment:
    """Several fragments as one."""
    return Fragment("".join(part.html for part in parts), summary)


class Cell:
    """Finished markup in a cell of a table, and the keys of the results in it.

    Plain text needs no cell, see :func:`table`. Attributes are those of the cell's element, see
    :func:`tag`; a ``data_key`` is one of its keys.
    """

    __slots__ = ("attributes", "html", "keys")

    def __init__(self, html: str, *keys: str, **attributes: str) -> None:
        own = (attributes["data_key"],) if "data_key" in attributes else ()
        self.html, self.keys, self.attributes = html, (*own, *keys), attributes

    def element(self, head: str = "") -> str:
        """Its ``<td>``, which names its column where the table is stacked.

        Several things side by side stay one there; what is missing has no column.
        """
        if not head or self.attributes.get("class_") == "missing":
            return tag("td", self.html, **self.attributes)
        html = tag("div", self.html) if "<" in self.html else self.html
        return tag("td", html, data_head=head, **self.attributes)


# A row of a table: its head and the other cells.
Line: TypeAlias = "Sequence[str | Cell]"


def linked(label: str, href: str) -> Cell:
    """A link, as the head of a row."""
    return Cell(tag("a", text(label), href=href))


def _row(head: str | Cell, cells: Sequence[str | Cell], heads: Sequence[str] = ()) -> str:
    """A table row that names every key in it, so that counts and dates beside a value have one.

    With heads each cell names the head of its column.
    """
    first, *listed = (one if isinstance(one, Cell) else Cell(text(one)) for one in (head, *cells))
    inner = tag("th", first.html, scope="row")
    named = (*heads, *[""] * len(listed))
    inner += "".join(one.element(name) for one, name in zip(listed, named, strict=False))
    keys = dict.fromkeys(key for one in listed for key in one.keys)
    return tag("tr", inner, **({"data_key": " ".join(keys)} if keys else {}))


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Line],
    *,
    note: str = "",
    about: str = "definition",
    stacked: bool = False,
    sortable: bool = False,
) -> Fragment:
    """A table that folds to a narrow screen: n and dates go below, or all below the row's head.

    Parameters
    ----------
    caption, header : str and sequence of str
        Plain text of the table and of its columns' heads.
    rows : iterable of sequence of str or Cell
        The row's head, then the other cells; plain text is escaped.
    note, about : str
        Plain text below the table, and what that is, one of :data:`ABOUT`.
    stacked : bool
        Whether a narrow screen shows each cell on a line of its own, beside its column's head.
    sortable : bool
        Whether a script may sort its columns; without one it stays as it is.
    """
    listed = list(rows)
    heads = header[1:] if stacked else ()
    body = "".join(_row(first, rest, heads) for first, *rest in listed)
    inner = tag("caption", text(caption)) + _head_row(header) + tag("tbody", body)
    classes = " ".join(("sortable",) * sortable + _narrow(header, listed, stacked=stacked))
    html = tag(
        "div",
        tag("table", inner, class_=classes),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )
    if note:
        figcaption = tag("figcaption", text(note), class_="note", data_about=about)
        html = tag("figure", html + figcaption, class_="table")
    return Fragment(html, caption)


_SAMPLE = {"n": "n", "Dates": "dates"}


def _head_row(header: Sequence[str]) -> str:
    heads = (tag("th", text(name), scope="col", class_=_SAMPLE.get(name, "")) for name in header)
    return tag("thead", tag("tr", "".join(heads)))


def _narrow(header: Sequence[str], rows: Iterable[Line], *, stacked: bool) -> tuple[str, ...]:
    """How a table looks on a narrow screen, where bars have no room, as classes."""
    if stacked:
        return ("stacked",)
    if tuple(header[-2:]) != ("n", "Dates"):
        return ()
    cells = (one for row in rows for one in row if isinstance(one, Cell))
    bars = any(one.attributes.get("class_") == "bar" for one in cells)
    return ("sampled",) if len(header) - 3 - bars == 1 else ("sampled", "two")


def facts(caption: str, pairs: Iterable[tuple[str, object]]) -> str:
    """A table of names and values, as results and series print themselves, without empty ones."""
    rows = [(name, str(value)) for name, value in pairs if value not in (None, "", ())]
    return table(caption, ("What", "Value"), rows).html


def folded(label: str, inner: Fragment, *, class_: str = "") -> str:
    """Something a reader opens; of class ``printed`` it stands open on paper, else is left out."""
    return tag("details", tag("summary", text(label)) + inner.html, class_=class_)


def paragraph(html: str, *, class_: str = "", **attributes: str) -> str:
    """A paragraph around finished markup; see :func:`tag` for attributes."""
    return tag("p", html, **attributes, class_=class_)


def command(arguments: Sequence[str]) -> str:
    """A command line as a block; a narrow screen breaks no option and no date at its hyphens."""
    program, *rest = (text(shlex.quote(one)) for one in arguments)
    whole = (tag("span", one) if "-" in one else one for one in rest)
    return tag("pre", tag("code", " ".join((program, *whole))), tabindex="0", data_about="method")
