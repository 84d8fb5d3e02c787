"""The command line: options in, calls of the public API, exit codes out."""

from __future__ import annotations

import os
import sys
import traceback
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convex_research.cli import options
from convex_research.cli.batch import batch
from convex_research.cli.cache import cache_app
from convex_research.cli.daily import daily, history
from convex_research.cli.lab import lab
from convex_research.cli.manual import BATCH, CHOICES, DAILY, PROGRAM, SCREEN, SYMBOLS
from convex_research.cli.screen import ReturnsOption, screen
from convex_research.core.config import as_day
from convex_research.core.errors import ConvexResearchError, InputError, printable
from convex_research.core.stopping import STOPPED, say_stopped, undisguised

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["app", "main"]

# What typer raises for a wrong command or option; some versions of it bring their own
# copy of click, so the class is taken from typer itself.
_UsageProblem: type[Exception] = next(
    one for one in typer.BadParameter.__mro__ if one.__name__ == "ClickException"
)

app = typer.Typer(
    name="convex-research",
    help="Correlation and comparison reports in which every number carries an interval.",
    epilog=PROGRAM,
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.add_typer(cache_app, name="cache")
app.command()(lab)
app.command(epilog=f"{DAILY}\n\n{CHOICES}")(daily)
app.command()(history)


class PageKindOption(StrEnum):
    """Which pages to build."""

    correlation = "correlation"
    comparison = "comparison"
    all = "all"


Leg = Annotated[str, typer.Argument(help="provider:name, or a name in the catalogue.")]
AsOf = Annotated[str | None, typer.Option(metavar="DATE", help="Last price used.")]
Start = Annotated[str | None, typer.Option(metavar="DATE", help="First price used.")]
Returns = Annotated[ReturnsOption, typer.Option(help="How prices become returns.")]


@app.command(epilog=f"{CHOICES}\n\n{SYMBOLS}")
def report(
    a: Leg,
    b: Annotated[
        str | None, typer.Argument(help="The second leg; without it, the page of A alone.")
    ] = None,
    *,
    kind: Annotated[PageKindOption, typer.Option(help="Which pages.")] = PageKindOption.all,
    as_of: AsOf = None,
    start: Start = None,
    returns: Returns = ReturnsOption.simple,
    frequency: options.Frequency = None,
    window: options.Window = None,
    level: options.Level = None,
    market: options.Market = None,
    helper: options.Helper = None,
    accept: options.Accept = None,
    output: options.Output = Path("reports"),
    offline: options.Offline = False,
    site_url: options.SiteUrl = None,
) -> None:
    """Build the pages of one pair and of its two legs, or the page of one instrument."""
    from convex_research.catalogue import Pair
    from convex_research.publishing.choices import fields_of
    from convex_research.publishing.page import publish, publish_instrument

    options.go_offline(offline=offline)
    options.name_site(site_url)
    chosen = fields_of(
        options.choices(
            helper,
            start=start,
            as_of=as_of,
            returns=returns.value,
            frequency=frequency,
            window=window,
            level=level,
            market=market,
            accept=accept,
        )
    )
    if b is None:
        if chosen.pop("helpers"):
            raise InputError("--market and --helper go with a pair; name a second leg.")
        pages = [publish_instrument(a, output, **chosen)]
    else:
        pages = publish(Pair(a, b), kind.value, output, **chosen)
    for page in pages:
        typer.echo(page)
    options.warn(note for page in pages for note in options.quality(page))


app.command(epilog=f"{BATCH}\n\n{CHOICES}")(batch)
app.command(epilog=f"{SCREEN}\n\n{SYMBOLS}")(screen)


@app.command(epilog=f"{CHOICES}\n\n{SYMBOLS}")
def analyze(
    a: Leg,
    b: Leg,
    as_of: AsOf = None,
    start: Start = None,
    returns: Returns = ReturnsOption.simple,
    *,
    frequency: options.Frequency = None,
    window: options.Window = None,
    level: options.Level = None,
    market: options.Market = None,
    helper: options.Helper = None,
    accept: options.Accept = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole record.")] = False,
    curve: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Print a path over time as CSV, rolling.pearson[90]."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Standard output if left out.")
    ] = None,
    offline: options.Offline = False,
) -> None:
    """Analyse one pair without a notebook."""
    from convex_research.analysis.record import dump_record
    from convex_research.publishing.choices import fields_of
    from convex_research.studies import study

    options.go_offline(offline=offline)
    if as_json and curve is not None:
        raise InputError("Give --json or --curve, not both.")
    chosen = fields_of(
        options.choices(
            helper,
            start=start,
            as_of=as_of,
            returns=returns.value,
            frequency=frequency,
            window=window,
            level=level,
            market=market,
            accept=accept,
        )
    )
    pair = study(a, b, **{**chosen, "helpers": chosen["helpers"] or None})
    options.warn({"level": x.level, "message": x.message} for x in pair.returns.quality)
    if curve is not None:
        try:
            table = pair.curve(curve).to_frame().to_csv(lineterminator="\n")
        except KeyError as error:
            raise InputError(f"--curve: {error.args[0]}.") from None
    else:
        table = dump_record(pair.to_dict()) if as_json else f"{pair.summary()}\n"
    if output is None:
        typer.echo(table, nl=False)
    else:
        options.write_file(output, table)


@app.command(epilog=SYMBOLS)
def fetch(
    symbols: Annotated[list[str], typer.Argument(help="Symbols to load.")],
    start: Start = None,
    end: Annotated[str | None, typer.Option(metavar="DATE", help="Last date.")] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Standard output if left out.")
    ] = None,
    *,
    offline: options.Offline = False,
) -> None:
    """Load series and write them as CSV: date,symbol,value."""
    import csv
    import io

    from convex_research.data import load_series
    from convex_research.data.quality import gate as quality

    options.go_offline(offline=offline)
    first, last = as_day(start, "start"), as_day(end, "end")
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("date", "symbol", "value"))
    for symbol in symbols:
        series = load_series(symbol, first, last)
        for note in quality.check_series(series):
            typer.echo(f"{note.level}: {printable(note.message, limit=400)}", err=True)
        for stamp, value in series.values.items():
            writer.writerow((str(stamp)[:10], series.provenance.symbol, repr(float(value))))
    if output is None:
        typer.echo(table.getvalue(), nl=False)
        return
    options.write_file(output, table.getvalue())


@app.command(epilog=SYMBOLS)
def inspect(
    file: Annotated[str, typer.Argument(help="A path, or file:PATH#COLUMN?option=value.")],
) -> None:
    """Show how a file is read, and which options decide what could not be decided."""
    from convex_research.data.files.inspection import inspect_file

    found = inspect_file(file)
    for line in found.lines:
        typer.echo(line)
    if found.undecided:
        raise InputError(" ".join(found.undecided))


@app.command()
def methodology(
    output: options.Output = Path("reports"),
    *,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Run every simulation again first.")
    ] = False,
) -> None:
    """Build the page for referees: every method with its evidence."""
    from convex_research.methodology import recompute as simulations
    from convex_research.methodology.publish import publish_methodology

    if recompute:
        minutes = simulations.expected_minutes()
        typer.echo(f"Running every simulation: about {minutes:.0f} minutes on one core.", err=True)
        for done in simulations.recompute():
            typer.echo(done.words, err=True)
    typer.echo(publish_methodology(output))


@app.command(name="catalogue")
def list_catalogue() -> None:
    """List the instruments and pairs that have names."""
    from convex_research.catalogue import load_catalogue

    listed = load_catalogue()
    rows = [
        (one.id, one.kind, one.category, " ".join(one.symbols), one.name)
        for one in listed.instruments.values()
    ]
    options.print_columns(("name", "kind", "category", "symbols", "instrument"), rows)
    typer.echo()
    options.print_columns(("pair", "category"), [(p.slug, p.categorise()) for p in listed.pairs])


def _run(command: Callable[[], object]) -> int:
    """Exit code of a command; errors become one line on standard error."""
    try:
        code = undisguised(command)
    except typer.Exit as stop:
        code = stop.exit_code
    except _UsageProblem as problem:
        words = printable(problem.format_message(), limit=400)  # type: ignore[attr-defined]
        typer.echo(f"convex-research: {words} (--help lists commands and options)", err=True)
        return 2
    except (typer.Abort, KeyboardInterrupt):
        code = STOPPED
    except ConvexResearchError as error:
        typer.echo(f"convex-research: {error}", err=True)
        return error.exit_code
    if code == STOPPED:  # typer makes it of an interrupt, in some versions
        say_stopped()
    return code if isinstance(code, int) else 0


def main() -> None:
    """Run the command that the arguments name; see :mod:`convex_research.__main__`."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments  # accepted before and after the command's name
    arguments = [word for word in arguments if word != "--debug"]
    try:
        code = _run(lambda: app(arguments or ["--help"], standalone_mode=False))
    except BrokenPipeError:  # the reader of a pipe has gone; nothing to tell it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except Exception as error:  # noqa: BLE001 - a stranger gets a line, not a traceback
        if debug:
            traceback.print_exc()
        else:
            problem = f"internal error: {printable(f'{type(error).__name__}: {error}')}"
            typer.echo(f"convex-research: {problem} (--debug shows where)", err=True)
        code = 1
    raise SystemExit(code)
