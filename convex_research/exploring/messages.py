"""What the explorer says besides the pieces: progress, problems, links."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from convex_research.core import formatting as fmt
from convex_research.core.errors import ConvexResearchError, printable
from convex_research.core.fragments import tag, text

if TYPE_CHECKING:
    from convex_research.studies import Study


def progress(activity: str, step: int, steps: int) -> str:
    """A bar with what is being done."""
    bar = tag("progress", "", value=str(step), max=str(steps), aria_label=activity)
    return tag("p", bar + text(activity) + "…", role="status")


def sample(analysis: Study) -> str:
    """What the numbers on the screen rest on."""
    returns = analysis.returns
    a, b = (leg.provenance for leg in (returns.prices.a, returns.prices.b))
    stale = " A source did not answer: an older copy is shown." if a.stale or b.stale else ""
    sentence = (
        f"{fmt.count(returns.nobs)} {returns.frequency} returns, {returns.day(0)} to "
        f"{returns.day(-1)}, from {' and '.join(dict.fromkeys((a.provider, b.provider)))}."
    )
    return tag("p", text(sentence + stale), role="status")


def problem(error: Exception) -> str:
    """One sentence for any error; a traceback helps nobody who only looks at a pair."""
    sentence = str(error)
    if not isinstance(error, ConvexResearchError):
        sentence = f"Internal error: {printable(f'{type(error).__name__}: {error}')}"
    return tag("p", text(sentence), role="alert", class_="convex-error")


def link(page: Path) -> str:
    """Where a page that was published can be opened."""
    address = address_of(page)
    if address is None:
        return tag("p", f"Published: {tag('code', text(page))}", role="status")
    name = f"{page.parent.name}/{page.name}"
    opened = tag("a", text(name), href=address, target="_blank", rel="noopener")
    return tag("p", f"Published: {opened}", role="status")


def address_of(path: Path) -> str | None:
    """Address of a file on the Jupyter server that started this kernel.

    ``None`` where there is no Jupyter server, or the file lies outside its folder.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdecimal():
        return None
    try:
        server = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json").read_text())
        base, root = str(server["base_url"]), Path(server["root_dir"]).resolve()
        inside = path.resolve().relative_to(root)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return f"{base.rstrip('/')}/files/{quote(inside.as_posix())}"
