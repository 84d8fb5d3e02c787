"""The ``batch`` command: what to build and how, and what is shown meanwhile."""

from __future__ import annotations

import json
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from convex_research.cli.options import Offline, Output, SiteUrl, go_offline, name_site
from convex_research.core.config import as_day
from convex_research.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convex_research.batch.run import BatchResult
    from convex_research.publishing.request import PairRequest

    Tell = Callable[[dict[str, Any]], None]

__all__ = ["batch", "follow", "say_result"]

_SLOWEST = 3


class ExecutorOption(StrEnum):
    """Where pages are built."""

    processes = "processes"
    dask = "dask"


def batch(
    pairs: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PAIRS]",
            help="Pairs to build, TOML or a CSV of two columns; the embedded sample if left out.",
        ),
    ] = None,
    *,
    output: Output = Path("reports"),
    universe: Annotated[
        str | None,
        typer.Option(
            "--universe",
            metavar="SYMBOLS",
            help="All pairs of these symbols: a file, one a line, or a list with commas.",
        ),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="SLUG", help="Only this pair; may be repeated."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="DATE", help="Only pairs with an observation on or after this day."
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", metavar="N", help="Workers; as many as processors if left out."),
    ] = None,
    executor: Annotated[
        ExecutorOption, typer.Option("--executor", help="Where pages are built.")
    ] = ExecutorOption.processes,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler", metavar="tls://HOST:PORT", help="A Dask cluster that is there already."
        ),
    ] = None,
    page_timeout: Annotated[
        float, typer.Option("--page-timeout", metavar="SECONDS", help="Longest a page may take.")
    ] = 600.0,
    snapshot: Annotated[
        Path | None,
        typer.Option(
            "--snapshot", metavar="DIR", help="Keep the data here, or build from what is there."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Build every page, changed or not.")
    ] = False,
    log_json: Annotated[
        bool,
        typer.Option("--log-json", help="Progress as JSON on standard error, one object a line."),
    ] = False,
    offline: Offline = False,
    site_url: SiteUrl = None,
) -> None:
    """Build the pages of many pairs and their index; what has not changed is not built again."""
    from convex_research.batch.run import BatchChoices, run_batch

    go_offline(offline=offline)
    name_site(site_url)
    requests = _requests(pairs, universe)
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
        result = run_batch(requests, output, snapshot=snapshot, choices=choices, on_event=tell)
    say_result(result, as_json=log_json)
    if result.failures:
        raise typer.Exit(1)


def _requests(pairs: Path | None, universe: str | None) -> list[PairRequest]:
    from convex_research.batch.plan import read_pairs, read_universe, sample_requests

    if pairs is not None and universe is not None:
        raise InputError("Give a file of pairs or --universe, not both.")
    if universe is not None:
        return read_universe(universe)
    return sample_requests() if pairs is None else read_pairs(pairs)


def say_result(result: BatchResult, *, as_json: bool = False) -> None:
    """Sum up a batch on standard output; name what failed on standard error."""
    slowest = result.log.slowest(_SLOWEST)
    typer.echo(
        f"{result.pages} pages built, {len(result.failures)} failed, "
        f"{len(result.unchanged)} pairs unchanged: {result.index}"
    )
    if slowest:
        named = ", ".join(f"{one.page} {one.seconds:.1f} s" for one in slowest)
        typer.echo(f"Slowest: {named}; times in {result.report}")
    if not as_json:
        for failure in result.failures:
            typer.echo(f"{failure.page}: {failure.reason}", err=True)


@contextmanager
def follow(*, as_json: bool = False) -> Iterator[Tell]:
    """Show progress: JSON if asked for, a bar on a terminal, else a line a page."""
    from rich.console import Console

    if as_json:
        yield lambda said: typer.echo(json.dumps(said), err=True)
        return
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines().tell
        return
    from rich import progress as bars

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
        """Show an event."""
        if said["event"] == "fetched" and said["error"]:
            typer.echo(f"not fetched: {said['error']}", err=True)
        elif said["event"] == "plan":
            self._total += said["pages"]
            if said["of"] == "pairs":
                typer.echo(_plan_words(said), err=True)
        elif said["event"] == "page":
            self._done += 1
            place = f"{self._done} of {self._total}"
            words = f"{said['status']} {said['page']}, {said['seconds']:.1f} s"
            typer.echo(f"{place}: {words}", err=True)


class _Bar:
    """A bar with rate, time left and failures so far."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._task = progress.add_task("Fetching", total=None, rate="", failed="")
        self._failed = 0

    def tell(self, said: dict[str, Any]) -> None:
        """Show an event."""
        progress, task = self._progress, self._task
        if said["event"] == "start":
            progress.update(task, total=said["series"], description="Fetching series")
        elif said["event"] == "fetched":
            progress.update(task, advance=1)
        elif said["event"] == "plan" and said["of"] == "pairs":
            progress.console.print(_plan_words(said), markup=False, highlight=False)
            progress.reset(task, total=said["pages"], description="Building pages")
        elif said["event"] == "plan":
            total = (progress.tasks[0].total or 0) + said["pages"]
            progress.update(task, total=total, description="Building pages of instruments")
        elif said["event"] == "page":
            self._page(said)

    def _page(self, said: dict[str, Any]) -> None:
        if said["reason"] is not None:
            self._failed += 1
            words = f"failed: {said['page']}: {said['reason']}"
            self._progress.console.print(words, markup=False, highlight=False)
        self._progress.update(self._task, advance=1)
        speed = self._progress.tasks[0].speed
        rate = f"{60 * speed:.0f} pages a minute" if speed else ""
        failed = f"{self._failed} failed" if self._failed else ""
        self._progress.update(self._task, rate=rate, failed=failed)


def _plan_words(said: dict[str, Any]) -> str:
    left_out = f", {said['left_out']} left out" if said["left_out"] else ""
    return (
        f"{said['pages']} pages of {said['pairs']} pairs to build, "
        f"{said['unchanged']} pairs unchanged{left_out}"
    )
