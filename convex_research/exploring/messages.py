"""What the explorer says besides the pieces: progress, problems, links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.errors import ConvexResearchError, printable
from convex_research.core.fragments import tag, text
from convex_research.exploring.served import address_of

if TYPE_CHECKING:
    from pathlib import Path

    from convex_research.studies import Study

__all__ = ["done", "link", "problem", "progress", "sentence_of"]


def progress(words: str, step: int, steps: int) -> str:
    """A bar with what is being done."""
    bar = tag("progress", "", value=str(step), max=str(steps), aria_label=words)
    return tag("p", bar + text(words) + "…", role="status")


def done(analysis: Study) -> str:
    """What the numbers on the screen rest on."""
    returns = analysis.returns
    a, b = (leg.provenance for leg in (returns.prices.a, returns.prices.b))
    stale = " A source did not answer: an older copy is shown." if a.stale or b.stale else ""
    words = (
        f"{fmt.count(returns.nobs)} {returns.frequency} returns, {returns.day(0)} to "
        f"{returns.day(-1)}, from {' and '.join(dict.fromkeys((a.provider, b.provider)))}."
    )
    return tag("p", text(words + stale), role="status")


def problem(sentence: str) -> str:
    """An error as a sentence."""
    return tag("p", text(sentence), role="alert", class_="convex-error")


def sentence_of(error: Exception) -> str:
    """One sentence for any error; a traceback helps nobody who only looks at a pair."""
    if isinstance(error, ConvexResearchError):
        return str(error)
    return f"Internal error: {printable(f'{type(error).__name__}: {error}')}"


def link(page: Path) -> str:
    """Where a page that was published can be opened."""
    address = address_of(page)
    words = f"{page.parent.name}/{page.name}"
    if address is None:
        return tag("p", f"Published: {tag('code', text(page))}", role="status")
    opened = tag("a", text(words), href=address, target="_blank", rel="noopener")
    return tag("p", f"Published: {opened}", role="status")
