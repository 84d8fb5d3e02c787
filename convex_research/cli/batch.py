"""The ``batch`` command: what to build and how, and what is shown meanwhile."""

from __future__ import annotations

import json
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from convex_research.cli import options
from convex_research.core.config import as_day
from convex_research.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convex_research.batch.log import BatchLog

    Tell = Callable[[dict[str, Any]], None]

__all__ = ["ExecutorOption", "batch", "follow", "warn_of"]

_SLOWEST = 3


class ExecutorOption(StrEnum):
    """Where pages are built."""

    processes = "processes"
    dask = "dask"


def batch(
    pairs: options.Pairs = None,
    *,
    output: options.Output = Path("reports"),
    universe: Annotated[
        str | None,
        typer.Option(
            metavar="SYMBOLS",
            help="All pairs of symbols: a list with commas, a file of them, file:prices.csv#*.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="SLUG", help="Only this pair; may be repeated."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="DATE", help="Only pairs with an observation on or after this day."),
    ] = None,
    frequency: options.Frequency = None,
    window: options.Window = None,
    level: options.Level = None,
    market: options.Market = None,
    helper: options.Helper = None,
    accept: options.Accept = None,
    jobs: options.Jobs = None,
    executor: Annotated[
        ExecutorOption, typer.Option(help="Where pages are built.")
    ] = ExecutorOption.processes,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="tls://HOST:PORT", help="A Dask cluster that is there already."),
    ] = None,
    page_timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="Longest a page may take.")
    ] = 600.0,
    snapshot: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Keep the data here, or build from what is there."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Build every page, changed or not.")
    ] = False,
    log_json: Annotated[
        bool,
        typer.Option("--log-json", help="Progress as JSON on standard error, one object a line."),
    ] = False,
    offline: options.Offline = False,
    site_url: options.SiteUrl = None,
) -> None:
    """Build the pages of many pairs and their index; what has not changed is not built again."""
    from convex_research.batch import plan
    from convex_research.batch.run import BatchChoices, run_batch

    options.go_offline(offline=offline)
    options.name_site(site_url)
    if pairs is not None and universe is not None:
        raise InputError("Give a file of pairs or --universe, not both.")
    chosen = options.choices(
        helper, frequency=frequency, window=window, level=level, market=market, accept=accept
    )
    requests = (
        plan.read_pairs(pairs, chosen) if universe is None else plan.read_universe(universe, chosen)
    )
    choices = BatchChoices(
        jobs=jobs,
        executor=executor.value,
        scheduler=scheduler,
        force=force,
        since=as_day(since, "since"),
        only=tuple(slug.strip() for text in only or () for slug in text.split(",")),
        page_timeout=page_timeout,
    )
    with follow(as_json=log_json) as tell:
        done = run_batch(requests, output, snapshot=snapshot, choices=choices, on_event=tell)
    _sum_up(done, as_json=log_json)
    if pairs is None and universe is None and not choices.only:
        _currencies(output, chosen)
    if done.failures:
        raise typer.Exit(1)


def _currencies(output: Path, chosen: dict[str, Any]) -> None:
    """The universe of all embedded currencies against the euro."""
    from convex_research.publishing.choices import fields_of
    from convex_research.universe.load import screen
    from convex_research.universe.publish import publish_screen

    fields = fields_of(chosen)
    del fields["helpers"]
    found = screen("fx:EUR*", name="currencies", **fields)
    page = publish_screen(found, output)[0]
    typer.echo(f"{found.first_screen().title}: {page}")


def _sum_up(done: BatchLog, *, as_json: bool) -> None:
    """What a batch did, on standard output; warnings and what failed, on standard error."""
    typer.echo(
        f"{done.pages} pages built, {len(done.failures)} failed, "
        f"{len(done.unchanged)} pairs unchanged: {done.index}"
    )
    if slowest := done.slowest(_SLOWEST):
        named = ", ".join(f"{one.page} {one.seconds:.1f} s" for one in slowest)
        typer.echo(f"Slowest: {named}; times in {done.report}")
    warn_of(done, as_json=as_json)
    if not as_json:
        for failure in done.failures:
            typer.echo(f"{failure.page}: {failure.reason}", err=True)


def warn_of(done: BatchLog, *, as_json: bool = False) -> None:
    """What the quality gate warns of on the pages of a batch, on standard error."""
    from convex_research.publishing.records import PAIR_KINDS

    slugs = (*done.rebuilt, *done.unchanged)
    pages = (done.output / slug / kind for slug in slugs for kind in PAIR_KINDS)
    options.warn((note for page in pages for note in options.quality(page)), as_json=as_json)


@contextmanager
def follow(*, as_json: bool = False) -> Iterator[Tell]:
    """Show progress: JSON if asked for, a bar on a terminal, else a line a page."""
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    if as_json:
        yield lambda said: typer.echo(json.dumps(said), err=True)
    elif not console.is_terminal:
        yield _Lines().tell
    else:
        columns = (
            bars.TextColumn("{task.description}", table_column=None),
            bars.BarColumn(bar_width=None),
            bars.MofNCompleteColumn(),
            bars.TextColumn("{task.fields[rate]}"),
            bars.TimeRemainingColumn(elapsed_when_finished=True),
            bars.TextColumn("{task.fields[failed]}", style="red"),
        )
        with bars.Progress(*columns, console=console) as progress:
            yield _Bar(progress).tell


class _Lines:
    """A line for every page and every series that could not be had."""

    def __init__(self) -> None:
        self._done = self._total = 0

    def tell(self, said: dict[str, Any]) -> None:
        if said["event"] == "fetched" and said["error"]:
            typer.echo(f"not fetched: {said['error']}", err=True)
        elif said["event"] == "plan":
            self._total += said["pages"]
            if said["of"] == "pairs":
                typer.echo(_planned(said), err=True)
        elif said["event"] == "page":
            self._done += 1
            what = f"{said['status']} {said['page']}, {said['seconds']:.1f} s"
            typer.echo(f"{self._done} of {self._total}: {what}", err=True)


class _Bar:
    """A bar with rate, time left and failures so far."""

    def __init__(self, progress: Any) -> None:
        self._print = partial(progress.console.print, markup=False, highlight=False)
        task = progress.add_task("Fetching", total=None, rate="", failed="")
        self._update = partial(progress.update, task)
        self._reset = partial(progress.reset, task)
        self._task = progress.tasks[0]
        self._failed = 0

    def tell(self, said: dict[str, Any]) -> None:
        if said["event"] == "start":
            self._update(total=said["series"], description="Fetching series")
        elif said["event"] == "fetched":
            self._update(advance=1)
        elif said["event"] == "plan" and said["of"] == "pairs":
            self._print(_planned(said))
            self._reset(total=said["pages"], description="Building pages")
        elif said["event"] == "plan":
            total = (self._task.total or 0) + said["pages"]
            self._update(total=total, description="Building pages of instruments")
        elif said["event"] == "page":
            if said["reason"] is not None:
                self._failed += 1
                self._print(f"failed: {said['page']}: {said['reason']}")
            self._update(advance=1)
            speed = self._task.speed
            rate = f"{60 * speed:.0f} pages a minute" if speed else ""
            self._update(rate=rate, failed=f"{self._failed} failed" if self._failed else "")


def _planned(said: dict[str, Any]) -> str:
    left_out = f", {said['left_out']} left out" if said["left_out"] else ""
    return (
        f"{said['pages']} pages of {said['pairs']} pairs to build, "
        f"{said['unchanged']} pairs unchanged{left_out}"
    )
