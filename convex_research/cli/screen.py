"""The ``screen`` command: many instruments at once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path, PurePath
from typing import Annotated

import typer

from convex_research.cli import options
from convex_research.cli.batch import ExecutorOption
from convex_research.core.errors import InputError

__all__ = ["default_name", "screen"]


class ReturnsOption(StrEnum):
    """How prices become returns."""

    simple = "simple"
    log = "log"


Executor = Annotated[ExecutorOption, typer.Option(help="Where blocks of pairs are measured.")]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="tls://HOST:PORT", help="A Dask cluster that is there already."),
]


def screen(
    universe: Annotated[
        list[str],
        typer.Argument(
            help="Symbols, a list with commas, a file of them, file:prices.csv#*, fx:EUR*."
        ),
    ],
    *,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of its page; that of the file if left out.")
    ] = None,
    start: Annotated[str | None, typer.Option(metavar="DATE", help="First price used.")] = None,
    as_of: Annotated[str | None, typer.Option(metavar="DATE", help="Last price used.")] = None,
    returns: Annotated[
        ReturnsOption, typer.Option(help="How prices become returns.")
    ] = ReturnsOption.simple,
    frequency: options.Frequency = None,
    window: options.Window = None,
    level: options.Level = None,
    accept: options.Accept = None,
    pages: Annotated[
        int, typer.Option(metavar="N", min=0, help="Build the pages of so many movers too.")
    ] = 0,
    skip_missing: Annotated[
        bool,
        typer.Option("--skip-missing", help="Leave out what cannot be had or used, and say so."),
    ] = False,
    jobs: options.Jobs = None,
    executor: Executor = ExecutorOption.processes,
    scheduler: Scheduler = None,
    output: options.Output = Path("reports"),
    offline: options.Offline = False,
    site_url: options.SiteUrl = None,
) -> None:
    """Look at every pair of many instruments: what moved beyond chance, what hangs together."""
    from convex_research.publishing.choices import fields_of
    from convex_research.universe.load import screen as measure
    from convex_research.universe.publish import publish_screen

    options.go_offline(offline=offline)
    options.name_site(site_url)
    chosen = fields_of(
        options.choices(
            None,
            start=start,
            as_of=as_of,
            returns=returns.value,
            frequency=frequency,
            window=window,
            level=level,
            accept=accept,
        )
    )
    del chosen["helpers"]
    if name is not None and not name.strip():
        raise InputError("--name is empty; leave it out, or write one such as --name sectors.")
    found = measure(
        universe,
        name=name or default_name(universe),
        skip_missing=skip_missing,
        jobs=jobs,
        executor=executor.value,
        scheduler=scheduler,
        **chosen,
    )
    for why in found.skipped.values():
        options.say(f"left out: {why}")
    options.warn({"level": one.level, "message": one.message} for one in found.quality)
    failed: list[str] = []
    built = publish_screen(found, output, pages, on_failure=failed.append)
    typer.echo(found.summary())
    for page in built:
        typer.echo(page)
    for why in failed:
        options.say(f"failed: {why}")
    if failed:
        raise typer.Exit(1)


def default_name(universe: list[str]) -> str:
    """The stem of the file that is named first, else ``universe``."""
    first = PurePath(universe[0].partition("#")[0].partition(":")[2] or universe[0])
    if len(universe) == 1 and first.suffix and "*" not in first.name:
        return first.stem
    return "universe"
