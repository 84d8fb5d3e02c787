"""The ``cache`` commands."""

from __future__ import annotations

from typing import Annotated

import typer

from convex_research.cli.manual import CACHE
from convex_research.cli.options import print_columns
from convex_research.core.errors import InputError, printable

__all__ = ["cache_app"]

cache_app = typer.Typer(
    help="Look after the cache of provider answers.", epilog=CACHE, no_args_is_help=False
)


@cache_app.command(name="info")
def cache_info() -> None:
    """Show where the cache is and what it holds."""
    from convex_research.data.cache import maintenance as cache

    found = cache.info()
    typer.echo(found.folder)
    rows = [
        (name, f"{found.entries[name]:,}", f"{found.bodies[name]:,}", f"{found.size[name]:,}")
        for name in found.entries
    ]
    print_columns(("provider", "series", "bodies", "bytes"), rows)


@cache_app.command(name="verify")
def cache_verify() -> None:
    """Check every body against its hash; what is damaged is removed and fetched again."""
    from convex_research.data.cache import maintenance as cache

    problems = cache.verify()
    for one in problems:
        typer.echo(f"{one.provider}: {printable(one.symbol)}: {one.what}; removed", err=True)
    typer.echo("The cache is whole." if not problems else f"{len(problems)} problems removed.")


@cache_app.command(name="clear")
def cache_clear(
    provider: Annotated[
        str | None, typer.Option("--provider", help="Only this provider's entries.")
    ] = None,
    *,
    earlier: Annotated[
        bool, typer.Option("--earlier", help="Only bodies that were replaced since.")
    ] = False,
) -> None:
    """Remove entries of the cache."""
    from convex_research.data import provider_names
    from convex_research.data.cache import maintenance as cache

    if provider is not None and provider not in provider_names():
        known = ", ".join(provider_names())
        raise InputError(f"Unknown provider {printable(provider)!r}; there are {known}.")
    if earlier:
        typer.echo(f"{cache.prune(keep=0)} earlier bodies removed.")
        return
    typer.echo(f"{cache.clear(provider)} entries removed.")
