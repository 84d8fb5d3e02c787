"""One run over an output folder: what needs building, keeping what was built, the index."""

from __future__ import annotations

import hashlib
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.batch.pages import Task
from convex_research.batch.tasks import PageDone, PageFailed, page_key, program
from convex_research.core.files import cannot_write
from convex_research.publishing.index.write import write_index
from convex_research.publishing.meta.pair import site_url
from convex_research.publishing.records import read_reports
from convex_research.publishing.render import write_failure, write_page
from convex_research.publishing.request import instrument_requests, page_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from convex_research.batch.executors import Executor
    from convex_research.batch.log import BatchLog
    from convex_research.batch.run import BatchChoices
    from convex_research.batch.series import Store
    from convex_research.batch.state import State
    from convex_research.publishing.request import PageRequest, PairRequest

__all__ = ["Plan", "Work"]


@dataclass(frozen=True, slots=True)
class Plan:
    """The keys of the pages that are to be built, by slug and kind, and where they come from.

    A task is made when it is taken, for it carries its series.
    """

    keys: Mapping[tuple[str, str], str]
    requests: Mapping[str, PageRequest]
    store: Store


@dataclass(frozen=True, slots=True)
class Work:
    """What a batch does in its output folder."""

    output: Path
    state: State
    log: BatchLog
    choices: BatchChoices

    def with_news(self, requests: Sequence[PairRequest], store: Store) -> list[PairRequest]:
        """The pairs that ``since`` does not leave out; what could not be fetched is news."""
        quiet = [one.slug for one in requests if self._is_quiet(one, store)]
        self.log.left_out = tuple(sorted([*self.log.left_out, *quiet]))
        return [one for one in requests if one.slug not in quiet]

    def _is_quiet(self, request: PairRequest, store: Store) -> bool:
        since = self.choices.since
        if since is None:
            return False
        if request.as_of is not None and request.as_of < since:
            return True
        ends = [store.end(leg) for leg in request.legs]
        return all(end is not None and end < since.isoformat() for end in ends)

    def plan_pairs(self, requests: Sequence[PairRequest], store: Store) -> Plan:
        """The pages of pairs that need building."""
        plan = self._plan(requests, store)
        built = {slug for slug, _ in plan.keys}
        self.log.unchanged = tuple(sorted({one.slug for one in requests} - built))
        self.log.tell(
            "plan",
            of="pairs",
            pages=len(plan.keys),
            pairs=len(built),
            unchanged=len(self.log.unchanged),
            left_out=len(self.log.left_out),
        )
        return plan

    def plan_instruments(
        self, requests: Sequence[PairRequest], asked: Sequence[PairRequest], store: Store
    ) -> Plan:
        """The pages of the legs of ``asked`` that need building: they show the pairs as they are.

        Their names depend on all ``requests``.
        """
        with _writing(self.output):
            reports = read_reports(self.output).pairs if asked else []
            by_leg = instrument_requests(requests, self.output, reports)
        wanted = {by_leg[leg].slug: by_leg[leg] for one in asked for leg in one.legs}
        plan = self._plan(list(wanted.values()), store)
        self.log.tell("plan", of="instruments", pages=len(plan.keys))
        return plan

    def _plan(self, requests: Sequence[PageRequest], store: Store) -> Plan:
        keys: dict[tuple[str, str], str] = {}
        with self.log.stage("plan"), _writing(self.output):
            for one in requests:
                series, more = store.hashes(one.series), {"site": site_url()}
                if one.notes:
                    more["notes"] = one.notes
                for kind in one.kinds:
                    key = page_key(kind, one.slug, series, parameters=one.parameters, **more)
                    if self._needs(page_name(one.slug, kind), key):
                        keys[one.slug, kind] = key
        return Plan(keys, {one.slug: one for one in requests}, store)

    def _needs(self, page: str, key: str) -> bool:
        if self.choices.force or not self.state.is_current(page, key):
            return True
        # A failure since then, of other data or another program, is a thing of the past.
        with suppress(FileNotFoundError):
            (self.output / f"{page}.failed.json").unlink()
        return False

    def build(self, plan: Plan, executor: Executor) -> None:
        """Have the pages of a plan built, and keep what comes of it."""
        results = executor.results(self._tasks(plan))
        with self.log.stage("pages"), closing(results):
            for outcome in results:
                began, staging = time.perf_counter(), self.state.staging
                with _writing(self.output):
                    if isinstance(outcome, PageFailed):
                        request, fields = plan.requests[outcome.slug], outcome.fields
                        write_failure(request, outcome.kind, self.output, fields, beside=staging)
                    elif isinstance(outcome, PageDone):
                        write_page(outcome.files, outcome.page, self.output, beside=staging)
                        key = plan.keys[outcome.slug, outcome.kind]
                        self.state.record(outcome.page, key, outcome.files)
                self.log.note(outcome, writing=time.perf_counter() - began)

    def _tasks(self, plan: Plan) -> Iterator[Task]:
        for one in plan.requests.values():
            kinds = tuple(kind for kind in one.kinds if (one.slug, kind) in plan.keys)
            if kinds:
                yield Task(
                    request=one,
                    kinds=kinds,
                    series=plan.store.part(one.series),
                    page_timeout=self.choices.page_timeout,
                    program=program(),
                    site_url=site_url(),
                )

    def finish(self) -> None:
        """Write index and report."""
        log = self.log
        with _writing(self.output):
            with log.stage("index"):
                self._index()
            log.write_report(self.choices)
        log.tell(
            "stopped" if log.interrupted else "done",
            pages=log.pages,
            failed=len(log.failures),
            unchanged=len(log.unchanged),
            seconds=round(time.time() - log.started, 3),
        )

    def _index(self) -> None:
        """Write the index, unless nothing it is made of has changed."""
        records = sorted(path.relative_to(self.output) for path in self.output.glob("*/*.json"))
        made_of = [self.state.digest(), program(), site_url() or "", *map(str, records)]
        key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()
        if self.log.failures or not self.state.is_current("index", key):
            write_index(self.output)
            written = {path.name: path.read_bytes() for path in self.output.glob("index*.*")}
            self.state.record("index", key, written)


@contextmanager
def _writing(output: Path) -> Iterator[None]:
    """A full disk or a folder that became read-only is the user's to mend, and ends the batch."""
    try:
        yield
    except OSError as error:
        raise cannot_write(output, error) from None
