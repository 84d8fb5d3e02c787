"""The account of a batch: told as it happens, summed up in ``batch-report.json`` at the end.

No other file holds times.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.batch.tasks import Page, PageDone, PageFailed
from convex_research.core.files import write_atomically
from convex_research.publishing.index.write import read_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from convex_research.batch.run import BatchChoices

__all__ = ["BatchLog"]

_SCHEMA = "convex-research/batch-report/1"
_SLOWEST = 10


def _unheard(_: dict[str, Any]) -> None:
    """Nobody asked to be told."""


@dataclass(slots=True, kw_only=True)
class BatchLog:
    """What happens in a batch, and in the end what it did.

    Parameters
    ----------
    output : Path
        Folder of the reports.
    on_event : callable
        Told every event, as a dictionary that JSON can hold.
    outcomes : list of PageDone or PageFailed
        In the order in which they were written, without their files.
    unchanged, left_out : tuple of str
        Slugs of the pairs whose pages were up to date, and of those that ``only`` or
        ``since`` left out.
    stages : dict of str to float
        Seconds by stage of the whole batch.
    """

    output: Path = Path()
    on_event: Callable[[dict[str, Any]], None] = _unheard
    started: float = field(default_factory=time.time)
    outcomes: list[Page] = field(default_factory=list)
    unchanged: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    stages: dict[str, float] = field(default_factory=dict)
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

    def note(self, outcome: Page, *, writing: float) -> None:
        """Enter a page, and the seconds that writing it took."""
        outcome = replace(outcome, stages={**outcome.stages, "writing": writing})
        if isinstance(outcome, PageDone):
            outcome = replace(outcome, files={})
        self.outcomes.append(outcome)
        reason = outcome.reason if isinstance(outcome, PageFailed) else None
        self.tell(
            "page",
            page=outcome.page,
            slug=outcome.slug,
            kind=outcome.kind,
            status="built" if reason is None else "failed",
            reason=reason,
            seconds=round(outcome.seconds, 3),
        )

    @property
    def index(self) -> Path:
        """The index page."""
        return self.output / "index.html"

    @property
    def report(self) -> Path:
        """The account as a file."""
        return self.output / "batch-report.json"

    @property
    def failures(self) -> tuple[PageFailed, ...]:
        """Pages that could not be built."""
        return tuple(one for one in self.outcomes if isinstance(one, PageFailed))

    @property
    def pages(self) -> int:
        """Number of pages built."""
        return len(self.outcomes) - len(self.failures)

    @property
    def failed(self) -> tuple[str, ...]:
        """Slugs of pairs with a page that failed."""
        return tuple(sorted({one.slug for one in self.failures if one.kind != "instrument"}))

    @property
    def rebuilt(self) -> tuple[str, ...]:
        """Slugs of pairs all of whose new pages were built."""
        pairs = {one.slug for one in self.outcomes if one.kind != "instrument"}
        return tuple(sorted(pairs - set(self.failed)))

    def slowest(self, count: int) -> list[Page]:
        """The pages that took longest, longest first."""
        return sorted(self.outcomes, key=lambda one: (-one.seconds, one.slug, one.kind))[:count]

    def write_report(self, choices: BatchChoices) -> None:
        """Write the account; error control over all pairs is that of the index just written."""
        by_stage: Counter[str] = Counter()
        for page in self.outcomes:
            by_stage.update(page.stages)
        memory = [page.memory for page in self.outcomes if isinstance(page, PageDone)]
        index = read_index(self.output)
        content = {
            "schema": _SCHEMA,
            "started": datetime.fromtimestamp(self.started, UTC).isoformat(timespec="seconds"),
            "interrupted": self.interrupted,
            "executor": choices.executor,
            "workers": choices.workers,
            "pages": {"built": self.pages, "failed": len(self.failures)},
            "pairs": {
                name: list(getattr(self, name))
                for name in ("rebuilt", "unchanged", "failed", "left_out")
            },
            "failures": [
                {"slug": one.slug, "kind": one.kind, **one.fields} for one in self.failures
            ],
            "seconds": {
                "batch": _rounded(self.stages),
                "pages_in_all": _rounded(by_stage),
                "slowest_pages": [
                    {
                        "page": one.page,
                        "seconds": round(one.seconds, 3),
                        "stages": _rounded(one.stages),
                    }
                    for one in self.slowest(_SLOWEST)
                ],
            },
            "worker_memory_bytes": max(memory, default=0),
            "across_pairs": index.get("across_pairs"),
        }
        write_atomically(self.report, json.dumps(content, indent=2, allow_nan=False) + "\n")


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {stage: round(taken, 3) for stage, taken in seconds.items()}
