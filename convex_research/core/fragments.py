"""Pieces of HTML: escaped by default, with the key of every number in the markup."""

from __future__ import annotations

import re
import shlex
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "ABOUT",
    "Fragment",
    "anchor",
    "cells",
    "command",
    "facts",
    "joined",
    "linked",
    "paragraph",
    "row",
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
    "sample": "which observations a part of the page rests on; the record's data hold them",
    "source": "where data came from and what the checks found; the record's data hold them",
}

_SPACES = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"


class Fragment:
    """A piece of a page, shown as HTML by Jupyter and by the report.

    Parameters
    ----------
    html : str
        Finished markup.
    summary : str
        What it is in a few words, for places that show text only.
    """

    def __init__(self, html: str, summary: str = "") -> None:
        self.html = html
        self.summary = summary

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
    """An element around finished markup; ``data_key`` writes ``data-key``."""
    listed = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"' for key, value in attributes.items()
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


class Markup(str):
    """Finished markup where plain text is usual."""

    __slots__ = ()


def linked(words: str, href: str) -> Markup:
    """A link as a row head."""
    return Markup(tag("a", text(words), href=href))


def _head(first: str) -> str:
    return first if isinstance(first, Markup) else text(first)


_KEYS = re.compile(r'data-key="([^"]+)"')


def row(head: str, cells: Iterable[str]) -> str:
    """A table row that names every key in it, so that counts and dates beside a value have one.

    Parameters
    ----------
    head : str
        Plain text, or finished markup made by :func:`linked`.
    cells : iterable of str
        Finished ``<td>`` elements.
    """
    inner = tag("th", _head(head), scope="row") + "".join(cells)
    keys = dict.fromkeys(_KEYS.findall(inner))
    return f'<tr data-key="{" ".join(keys)}">{inner}</tr>' if keys else tag("tr", inner)


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    note: str = "",
    about: str = "definition",
    stacked: bool = False,
) -> Fragment:
    """A table that folds to a narrow screen: n and dates go below, or all below the row's head.

    Parameters
    ----------
    caption : str
        Plain text.
    header : sequence of str
        Plain text of the column heads.
    rows : iterable of sequence of str
        The first entry of each is the row's plain text head, or finished markup made by
        :func:`linked`; the others are finished ``<td>`` elements.
    note : str
        Plain text below the table.
    about : str
        What the note is, one of :data:`ABOUT`.
    stacked : bool
        Whether a narrow screen shows each cell on a line of its own, beside its column's head.
    """
    listed = [list(one) for one in rows]
    if stacked:
        listed = [[first, *_headed(header[1:], cells)] for first, *cells in listed]
    body = "".join(row(first, rest) for first, *rest in listed)
    inner = tag("caption", text(caption)) + _head_row(header) + tag("tbody", body)
    html = tag(
        "div",
        tag("table", inner, **_narrow(header, body, stacked=stacked)),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )
    if note:
        said = tag("figcaption", text(note), class_="note", data_about=about)
        html = tag("figure", html + said, class_="table")
    return Fragment(html, caption)


_SAMPLE = {"n": "n", "Dates": "dates"}
_ALONE = re.compile(r"<(\w+)[^>]*>[^<]*</\1>")
_CELL = re.compile(r"<td(?![^>]*class=\"missing\")([^>]*)>(.*)</td>", re.DOTALL)


def _head_row(header: Sequence[str]) -> str:
    heads = (
        tag("th", text(name), scope="col", **({"class_": _SAMPLE[name]} if name in _SAMPLE else {}))
        for name in header
    )
    return tag("thead", tag("tr", "".join(heads)))


def _headed(header: Sequence[str], cells: Iterable[str]) -> list[str]:
    """Cells that name their column, except those that say what is missing."""
    made = []
    for name, cell in zip(header, cells, strict=False):
        parts = _CELL.fullmatch(cell)
        if parts is None:
            made.append(cell)
            continue
        inner = parts[2]
        if "<" in inner and not _ALONE.fullmatch(inner):  # several things stay one
            inner = f"<div>{inner}</div>"
        made.append(f'<td data-head="{text(name)}"{parts[1]}>{inner}</td>')
    return made


def _narrow(header: Sequence[str], body: str, *, stacked: bool) -> dict[str, str]:
    """How a table looks on a narrow screen, where bars have no room, as a class."""
    if stacked:
        return {"class_": "stacked"}
    if tuple(header[-2:]) != ("n", "Dates"):
        return {}
    values = len(header) - 3 - ('class="bar"' in body)
    return {"class_": "sampled" if values == 1 else "sampled two"}


def cells(*values: object) -> list[str]:
    """Plain values as table cells."""
    return [tag("td", text(value)) for value in values]


def facts(caption: str, pairs: Iterable[tuple[str, object]]) -> str:
    """A table of names and values, as results and series print themselves.

    Parameters
    ----------
    caption : str
        Plain text.
    pairs : iterable of (str, object)
        Name and value; what is empty is left out.
    """
    rows = [(name, *cells(value)) for name, value in pairs if value not in (None, "", ())]
    return table(caption, ("What", "Value"), rows).html


def paragraph(html: str, *, class_: str = "", **attributes: str) -> str:
    """A paragraph around finished markup; see :func:`tag` for attributes."""
    if class_:
        attributes["class_"] = class_
    return tag("p", html, **attributes)


def command(words: Sequence[str]) -> str:
    """A command line as a block; a narrow screen breaks no option and no date at its hyphens."""
    program, *rest = (text(shlex.quote(word)) for word in words)
    whole = (tag("span", word) if "-" in word else word for word in rest)
    return tag("pre", tag("code", " ".join((program, *whole))), tabindex="0", data_about="method")
