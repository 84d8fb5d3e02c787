"""What has happened in a batch so far: told as it happens, summed up at the end."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convex_research.batch.tasks import Page, PageFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from convex_research.batch.tasks import PageDone

__all__ = ["BatchLog"]


def _unheard(_: dict[str, Any]) -> None:
    """Nobody asked to be told."""


@dataclass(slots=True, kw_only=True)
class BatchLog:
    """The account of a batch.

    Parameters
    ----------
    on_event : callable
        Told every event, as a dictionary that JSON can hold.
    """

    on_event: Callable[[dict[str, Any]], None] = _unheard
    started: float = field(default_factory=time.time)
    built: list[tuple[str, str]] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    failures: list[PageFailed] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    times: list[Page] = field(default_factory=list)
    memory: int = 0
    interrupted: bool = False

    def tell(self, event: str, **said: Any) -> None:
        """Pass an event on."""
        self.on_event({"event": event, **said})

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time of a stage of the whole batch."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + time.perf_counter() - began

    def note(self, outcome: PageDone | PageFailed, *, writing: float) -> None:
        """Enter a page."""
        page = Page(
            slug=outcome.slug, kind=outcome.kind, stages={**outcome.stages, "writing": writing}
        )
        self.times.append(page)
        reason = None
        if isinstance(outcome, PageFailed):
            reason = outcome.reason
            self.failures.append(outcome)
        else:
            self.built.append((outcome.slug, outcome.kind))
            self.memory = max(self.memory, outcome.memory)
        self.tell(
            "page",
            page=page.page,
            slug=page.slug,
            kind=page.kind,
            status="built" if reason is None else "failed",
            reason=reason,
            seconds=round(page.seconds, 3),
        )

    @property
    def failed(self) -> tuple[str, ...]:
        """Slugs of pairs with a page that failed."""
        return tuple(sorted({one.slug for one in self.failures if one.kind != "instrument"}))

    @property
    def rebuilt(self) -> tuple[str, ...]:
        """Slugs of pairs all of whose new pages were built."""
        pairs = {slug for slug, kind in self.built if kind != "instrument"}
        return tuple(sorted(pairs - set(self.failed)))

    def slowest(self, count: int) -> list[Page]:
        """The pages that took longest, longest first."""
        return sorted(self.times, key=lambda one: (-one.seconds, one.slug, one.kind))[:count]
