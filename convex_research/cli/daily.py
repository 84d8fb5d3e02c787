"""The ``daily`` and ``history`` commands."""

from __future__ import annotations

import sys
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convex_research.cli import options
from convex_research.core.config import as_day
from convex_research.core.errors import InputError, printable

if TYPE_CHECKING:
    from datetime import date

    from convex_research.daily.run import DailyResult

__all__ = ["daily", "history"]


class TableOption(StrEnum):
    """How the history is printed."""

    table = "table"
    csv = "csv"


def daily(
    pairs: options.Pairs = None,
    *,
    output: options.Output = Path("reports"),
    to: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESS", help="Mail the digest; may be repeated."),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Post the digest as JSON; CONVEX_RESEARCH_WEBHOOK keeps it out of process lists.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write the mail as .eml and send nothing.")
    ] = False,
    systemd: Annotated[
        bool, typer.Option("--systemd", help="Print unit files for this command and stop.")
    ] = False,
    withdraw: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="Take the latest digest back, such as one dated ahead of the clock, with its feed "
            "entries, history rows and unsent mail; the next run decides again.",
        ),
    ] = None,
    frequency: options.Frequency = None,
    window: options.Window = None,
    level: options.Level = None,
    market: options.Market = None,
    helper: options.Helper = None,
    accept: options.Accept = None,
    jobs: options.Jobs = None,
    offline: options.Offline = False,
    site_url: options.SiteUrl = None,
) -> None:
    """Refresh the data, rebuild what changed, and publish and send a digest of it."""
    from convex_research.daily.deliver import address

    recipients = address.recipients(to or [])
    hook = address.webhook_url(webhook)
    if systemd:
        from convex_research.daily.systemd import unit_files

        typer.echo(unit_files(sys.argv[1:]), nl=False)
        return
    site = options.name_site(site_url)
    if withdraw is not None:
        _withdraw(output, as_day(withdraw, "--withdraw"), site)
        return
    from convex_research.batch.plan import read_pairs
    from convex_research.batch.run import BatchChoices
    from convex_research.cli.batch import follow
    from convex_research.daily.deliver.handover import Delivery
    from convex_research.daily.run import run_daily

    options.go_offline(offline=offline)
    needed = bool(recipients) and not dry_run
    delivery = Delivery(
        to=tuple(recipients),
        server=address.mail_server() if needed or address.names_server() else None,
        webhook=hook,
        dry_run=dry_run,
        site=site,
    )
    chosen = options.choices(
        helper, frequency=frequency, window=window, level=level, market=market, accept=accept
    )
    requests, choices = read_pairs(pairs, chosen), BatchChoices(jobs=jobs)
    run = partial(run_daily, requests, output, delivery=delivery, choices=choices)
    with follow() as show:
        done = run(tell=options.say, on_event=show)
    _report(done)
    if done.exit_code:
        raise typer.Exit(done.exit_code)


def _report(done: DailyResult) -> None:
    """What a run did, on standard output; warnings and what failed, on standard error."""
    from convex_research.cli.batch import warn_of

    warn_of(done.batch)
    for failure in done.batch.failures:
        options.say(f"{failure.page}: {failure.reason}")
    if done.content is not None:
        is_news = done.is_new or "silent" in done.content
        old = "" if is_news else "No new day. The latest digest: "
        typer.echo(f"{old}{done.content['sentence']} {done.page}")
    for path in done.mails:
        typer.echo(path)


def _withdraw(output: Path, day: date | None, site: str | None) -> None:
    """Take a digest back, and say what went."""
    from convex_research.daily.run import withdraw_digest

    if day is None:
        raise InputError("--withdraw needs the date of a digest, as YYYY-MM-DD.")
    gone = withdraw_digest(output, day, site=site, tell=options.say)
    typer.echo(
        f"The digest to {day} is withdrawn: page, feed entries, history rows and unsent messages "
        "are gone, and the next run decides again from the digest before it."
        if gone
        else f"The digest to {day} was withdrawn before; nothing was left to do."
    )


def history(
    slug: Annotated[str, typer.Argument(help="Folder of the pair, such as spy-vs-iwm.")],
    key: Annotated[
        str, typer.Argument(help="A key such as correlation.pearson[252] or claim.C29.")
    ],
    *,
    output: Annotated[TableOption, typer.Option(help="How it is printed.")] = TableOption.table,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Draw it into a file.")
    ] = None,
    reports: Annotated[Path, typer.Option(metavar="DIR", help="Folder of the reports.")] = Path(
        "reports"
    ),
) -> None:
    """Print or plot one number of one pair as it was published, day by day."""
    from convex_research.daily.history import History

    table = History(reports / "history", options.say).read(slug, key)
    if plot is not None:
        if table["value"].isna().all():
            raise InputError("This key has no numbers to draw, only words; print it instead.")
        from convex_research.daily.plot import history_svg

        numbers = (table[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
        options.write_file(plot, history_svg(f"{slug}: {key}", list(table["as_of"]), *numbers))
        typer.echo(plot)
        return
    columns = ["as_of", "published", "value", "low", "high", "pvalue", "text", "methods"]
    shown = table[[x for x in columns if (table[x].notna() & (table[x] != "")).any()]]
    if output is TableOption.csv:
        typer.echo(shown.to_csv(index=False, lineterminator="\n"), nl=False)
        return
    rows = [tuple(map(_cell, row)) for row in shown.itertuples(index=False)]
    options.print_columns(tuple(shown.columns), rows)


def _cell(value: object) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN alone differs
        return ""
    return f"{value:.6g}" if isinstance(value, float) else printable(value, limit=60)
