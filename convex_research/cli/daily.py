"""The ``daily`` and ``history`` commands."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convex_research.cli.cache import print_columns
from convex_research.cli.options import Offline, Output, SiteUrl, go_offline, name_site
from convex_research.core.config import as_day
from convex_research.core.errors import InputError, printable

if TYPE_CHECKING:
    import pandas as pd

    from convex_research.daily.run import DailyResult

__all__ = ["daily", "history"]


Withdraw = Annotated[
    str | None,
    typer.Option(
        "--withdraw",
        metavar="DATE",
        help="Take the latest digest back, such as one dated ahead of the clock, with its feed "
        "entries, history rows and unsent mail; the next run decides again.",
    ),
]


class TableOption(StrEnum):
    """How the history is printed."""

    table = "table"
    csv = "csv"


def daily(
    pairs: Annotated[
        Path | None,
        typer.Argument(metavar="[PAIRS]", help="Pairs to watch; the embedded sample if left out."),
    ] = None,
    *,
    output: Output = Path("reports"),
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="ADDRESS", help="Mail the digest; may be repeated."),
    ] = None,
    webhook: Annotated[
        str | None,
        typer.Option(
            "--webhook",
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
    withdraw: Withdraw = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", metavar="N", help="Workers; as many as processors if left out."),
    ] = None,
    offline: Offline = False,
    site_url: SiteUrl = None,
) -> None:
    """Refresh the data, rebuild what changed, and publish and send a digest of it."""
    from convex_research.daily.deliver import address

    recipients = address.recipients(to or [])
    hook = address.webhook_url(webhook)
    if systemd:
        from convex_research.daily.systemd import unit_files

        typer.echo(unit_files(sys.argv[1:]), nl=False)
        return
    if withdraw is not None:
        name_site(site_url)
        _withdraw(output, withdraw)
        return
    from convex_research.batch.plan import read_pairs, sample_requests
    from convex_research.batch.run import BatchChoices
    from convex_research.cli.batch import follow
    from convex_research.daily.deliver.handover import Delivery
    from convex_research.daily.run import run_daily
    from convex_research.publishing.meta import pair as meta

    go_offline(offline=offline)
    name_site(site_url)
    needed = bool(recipients) and not dry_run
    delivery = Delivery(
        to=tuple(recipients),
        server=address.mail_server() if needed or address.names_server() else None,
        webhook=hook,
        dry_run=dry_run,
        site=meta.site_url(),
    )
    requests = sample_requests() if pairs is None else read_pairs(pairs)
    with follow() as tell:
        done = run_daily(
            requests,
            output,
            delivery=delivery,
            choices=BatchChoices(jobs=jobs),
            tell=lambda words: typer.echo(printable(words, limit=600), err=True),
            on_event=tell,
        )
    _say(done)


def _say(done: DailyResult) -> None:
    """What a run did; its exit code is raised."""
    for failure in done.batch.failures:
        words = f"{failure.page}: {failure.reason}"
        typer.echo(printable(words, limit=600), err=True)
    if done.content is not None:
        told = done.is_new or "silent" in done.content
        old = "" if told else "No new day. The latest digest: "
        typer.echo(f"{old}{done.content['sentence']} {done.page}")
    for path in done.mails:
        typer.echo(path)
    if done.exit_code:
        raise typer.Exit(done.exit_code)


def _withdraw(output: Path, text: str) -> None:
    """Take a digest back, and say what went."""
    from convex_research.daily.run import withdraw_digest
    from convex_research.publishing.meta import pair as meta

    day = as_day(text, "--withdraw")
    if day is None:
        raise InputError("--withdraw needs the date of a digest, as YYYY-MM-DD.")
    gone = withdraw_digest(
        output,
        day,
        site=meta.site_url(),
        tell=lambda words: typer.echo(printable(words, limit=600), err=True),
    )
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
    output: Annotated[
        TableOption, typer.Option("--output", help="How it is printed.")
    ] = TableOption.table,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE.svg", help="Draw it into a file.")
    ] = None,
    reports: Annotated[
        Path, typer.Option("--reports", metavar="DIR", help="Folder of the reports.")
    ] = Path("reports"),
) -> None:
    """Print or plot one number of one pair as it was published, day by day."""
    from convex_research.daily.history import History

    kept = History(reports / "history", lambda words: typer.echo(words, err=True))
    table = kept.read(slug, key)
    if plot is not None:
        _draw(table, f"{slug}: {key}", plot)
        typer.echo(plot)
        return
    columns = ["as_of", "published", "value", "low", "high", "pvalue", "text"]
    shown = table[[name for name in columns if not _is_empty(table, name)]]
    if output is TableOption.csv:
        typer.echo(shown.to_csv(index=False, lineterminator="\n"), nl=False)
        return
    rows = [tuple(_cell(value) for value in row) for row in shown.itertuples(index=False)]
    print_columns(tuple(shown.columns), rows)


def _is_empty(table: pd.DataFrame, name: str) -> bool:
    column = table[name]
    return bool(column.isna().all() or (column.astype(str) == "").all())


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"  # noqa: PLR0124 - NaN alone differs
    return printable(value, limit=60)


def _draw(table: pd.DataFrame, title: str, path: Path) -> None:
    from convex_research.core.files import write_atomically
    from convex_research.daily.plot import history_svg

    value, low, high = (table[name].to_numpy(dtype=float) for name in ("value", "low", "high"))
    if table["value"].isna().all():
        raise InputError("This key has no numbers to draw, only words; print it instead.")
    picture = history_svg(title, [str(day) for day in table["as_of"]], value, low, high)
    try:
        write_atomically(path, picture)
    except OSError as error:
        raise InputError(f"Cannot write {printable(path)}: {error.strerror}.") from None
