"""What several commands share: options, what these set for later processes, and printing."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from convex_research.core.errors import InputError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "Accept",
    "Frequency",
    "Helper",
    "Jobs",
    "Level",
    "Market",
    "Offline",
    "Output",
    "Pairs",
    "SiteUrl",
    "Window",
    "choices",
    "go_offline",
    "name_site",
    "print_columns",
    "quality",
    "say",
    "warn",
    "write_file",
]

Pairs = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PAIRS]",
        help="Pairs, TOML or a CSV of two columns; embedded series if left out.",
    ),
]
Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder of the reports.")]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", metavar="N", help="Workers; as many as processors if left out."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Use samples, files and cache only.")]
SiteUrl = Annotated[
    str | None,
    typer.Option(
        "--site-url",
        metavar="URL",
        help="Address the output folder will have; gives pages a canonical link and a card.",
    ),
]
Window = Annotated[
    int | None,
    typer.Option("--window", metavar="N", help="Rolling window, observations; 90 if left out."),
]
Level = Annotated[
    float | None,
    typer.Option("--level", metavar="0.95", help="Confidence level of every interval."),
]
Frequency = Annotated[
    str | None,
    typer.Option(
        "--frequency",
        metavar="weekly|monthly",
        help="Of the returns; as the data are if left out.",
    ),
]
Market = Annotated[
    str | None,
    typer.Option("--market", metavar="SYMBOL", help="Market that claims need besides the pair."),
]
Helper = Annotated[
    list[str] | None,
    typer.Option(
        "--helper",
        metavar="ROLE=SYMBOL",
        help="Another series that claims need, vix=sample:vix; may be repeated.",
    ),
]
Accept = Annotated[
    list[str] | None,
    typer.Option(
        "--accept",
        metavar="CHECK",
        help="Go on although this check of the data refuses; may be repeated.",
    ),
]


def choices(helper: Sequence[str] | None, **named: Any) -> dict[str, Any]:
    """What was chosen in options, by the names that it has in a file of pairs."""
    helpers = {}
    for text in helper or ():
        role, given, symbol = text.partition("=")
        if not (role.strip() and given and symbol.strip()):
            raise InputError(f"--helper is {printable(text)!r}; write ROLE=SYMBOL.")
        helpers[role.strip()] = symbol.strip()
    return {name: held for name, held in named.items() if held is not None} | {"helpers": helpers}


def go_offline(*, offline: bool) -> None:
    """Tell the data layer, in this process and in the kernels it starts."""
    if offline:
        os.environ["CONVEX_RESEARCH_OFFLINE"] = "1"


def name_site(site_url: str | None) -> str | None:
    """Tell the exporter, in this process and in those it starts; the address, if there is one."""
    from convex_research.publishing.meta import pair as meta

    if site_url is not None:
        os.environ[meta.SITE_VARIABLE] = meta.check_site_url(site_url)
    return meta.site_url()  # a wrong one in the environment is found before anything is built


def say(words: object) -> None:
    """Print untrusted text as a line on standard error."""
    typer.echo(printable(words, limit=600), err=True)


def warn(notes: Iterable[Mapping[str, str]], *, as_json: bool = False) -> None:
    """Print what the quality gate warns of on standard error, each once; ``quality`` of records."""
    for message in dict.fromkeys(one["message"] for one in notes if one["level"] == "warning"):
        if as_json:
            typer.echo(json.dumps({"event": "warning", "message": message}), err=True)
        else:
            say(f"warning: {message}")


def quality(page: Path) -> list[Mapping[str, str]]:
    """What the record beside a page says of its data; nothing where none can be read."""
    found: list[Mapping[str, str]] = []
    with suppress(OSError, ValueError, KeyError, TypeError):
        found = json.loads(page.with_suffix(".json").read_bytes())["data"]["quality"]
    return found


def print_columns(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table, columns as wide as their widest cell."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    for row in (header, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def write_file(path: Path, content: str) -> None:
    """Write a file that the user named; :class:`InputError` where that is impossible."""
    from convex_research.core.files import write_atomically

    try:
        write_atomically(path, content)
    except OSError as error:
        raise InputError(f"Cannot write {printable(path)}: {error.strerror}.") from None
