"""One run over an output folder: what needs building, keeping what was built, the index."""

from __future__ import annotations

import hashlib
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.batch.report import write_report
from convex_research.batch.series import series_of
from convex_research.batch.tasks import (
    InstrumentTask,
    PageFailed,
    PairTask,
    page_key,
    page_name,
    program,
)
from convex_research.core.files import cannot_write
from convex_research.publishing.index.write import write_index
from convex_research.publishing.instruments import (
    instrument_requests,
    links_of,
    write_instrument,
    write_instrument_failure,
)
from convex_research.publishing.meta.pair import site_url
from convex_research.publishing.page import KINDS, write_failure, write_page
from convex_research.publishing.records import read_reports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from convex_research.batch.choices import BatchChoices
    from convex_research.batch.executors import Executor
    from convex_research.batch.log import Ledger
    from convex_research.batch.series import Store
    from convex_research.batch.state import State
    from convex_research.batch.tasks import PageDone, Task
    from convex_research.publishing.page import PageKind, Request

__all__ = ["Plan", "Work"]

_INDEX = ("index.html", "index.json")


@dataclass(frozen=True, slots=True)
class Plan:
    """Tasks, with the key of each of their pages.

    Parameters
    ----------
    keys : dict of (str, str) to str
        By slug and kind.
    tasks : iterator of Task
        Made when they are taken, for each carries its series.
    """

    keys: Mapping[tuple[str, str], str]
    tasks: Iterator[Task]


@dataclass(frozen=True, slots=True)
class Work:
    """What a batch does in its output folder.

    Parameters
    ----------
    output : Path
        Folder of the reports.
    state : State
        What has been built there.
    ledger : Ledger
        What has happened in this run.
    choices : BatchChoices
        How it is run.
    """

    output: Path
    state: State
    ledger: Ledger
    choices: BatchChoices

    def plan_pairs(self, asked: Sequence[tuple[Request, str]], store: Store) -> Plan:
        """The pages of pairs that need building."""
        keys: dict[tuple[str, str], str] = {}
        needed: list[tuple[Request, str]] = []
        site = site_url()
        with self.ledger.stage("plan"), writing(self.output):
            for request, slug in asked:
                if self._is_quiet(request, store):
                    self.ledger.left_out.append(slug)
                    continue
                series = store.hashes(series_of(request.pair))
                more = {"category": request.pair.categorise(), "site": site}
                own: dict[tuple[str, str], str] = {
                    (slug, kind): page_key(
                        kind, slug, series, parameters=request.parameters, **more
                    )
                    for kind in KINDS
                }
                changed = {page: key for page, key in own.items() if self._needs(*page, key)}
                keys |= changed
                if changed:
                    needed.append((request, slug))
                else:
                    self.ledger.unchanged.append(slug)
        self.ledger.tell(
            "plan",
            of="pairs",
            pages=len(keys),
            pairs=len(needed),
            unchanged=len(self.ledger.unchanged),
            left_out=len(self.ledger.left_out),
        )
        return Plan(keys, self._pair_tasks(needed, keys, store))

    def plan_instruments(
        self, requests: Sequence[Request], looked_at: Sequence[Request], store: Store
    ) -> Plan:
        """The pages of their legs that need building: they show the pairs as they are now."""
        keys: dict[tuple[str, str], str] = {}
        tasks: list[InstrumentTask] = []
        site, made_by = site_url(), program()
        with self.ledger.stage("plan"), writing(self.output):
            named = instrument_requests(requests, self.output)
            legs = dict.fromkeys(leg for one in looked_at for leg in (one.pair.a, one.pair.b))
            reports = read_reports(self.output).pairs if legs else []
            for one in dict.fromkeys(named[leg] for leg in legs):
                links = links_of(one, reports)
                series = store.hashes([one.symbol])
                parameters = one.parameters(links)
                key = page_key("instrument", one.name, series, parameters=parameters, site=site)
                if self._needs(one.name, "instrument", key):
                    keys[one.name, "instrument"] = key
                    tasks.append(
                        InstrumentTask(
                            slug=one.name,
                            kinds=("instrument",),
                            series=store.part([one.symbol]),
                            page_timeout=self.choices.page_timeout,
                            program=made_by,
                            site_url=site,
                            request=one,
                            links=tuple(links),
                        )
                    )
        self.ledger.tell("plan", of="instruments", pages=len(keys))
        return Plan(keys, iter(tasks))

    def _is_quiet(self, request: Request, store: Store) -> bool:
        """Whether ``since`` leaves a pair out; what could not be fetched is never quiet."""
        since = self.choices.since
        if since is None:
            return False
        if request.as_of is not None and request.as_of < since:
            return True
        ends = [store.end(leg) for leg in (request.pair.a, request.pair.b)]
        return all(end is not None and end < since.isoformat() for end in ends)

    def _needs(self, slug: str, kind: str, key: str) -> bool:
        page = page_name(slug, kind)
        if self.choices.force or not self.state.is_current(page, key):
            return True
        # A failure since then, of other data or another program, is a thing of the past.
        with suppress(FileNotFoundError):
            (self.output / f"{page}.failed.json").unlink()
        return False

    def _pair_tasks(
        self,
        needed: Sequence[tuple[Request, str]],
        keys: Mapping[tuple[str, str], str],
        store: Store,
    ) -> Iterator[PairTask]:
        made_by, site = program(), site_url()
        for request, slug in needed:
            yield PairTask(
                slug=slug,
                kinds=tuple(kind for kind in KINDS if (slug, kind) in keys),
                series=store.part(series_of(request.pair)),
                page_timeout=self.choices.page_timeout,
                program=made_by,
                site_url=site,
                request=request,
            )

    def build(self, plan: Plan, executor: Executor) -> None:
        """Have the tasks of a plan done, and keep what comes of it."""
        doing: dict[str, Task] = {}

        def taken() -> Iterator[Task]:
            for task in plan.tasks:
                doing[task.slug] = task
                yield task

        with self.ledger.stage("pages"), closing(executor.results(taken())) as results:
            for outcome in results:
                self._keep(outcome, doing[outcome.slug], plan.keys[outcome.slug, outcome.kind])

    def _keep(self, outcome: PageDone | PageFailed, task: Task, key: str) -> None:
        """Write a page, or the reason why there is none."""
        began = time.perf_counter()
        with writing(self.output):
            if isinstance(outcome, PageFailed):
                self._write_failure(outcome, task)
            else:
                self._write_page(outcome)
                self.state.record(outcome.name, key, outcome.files)
        self.ledger.note(outcome, writing=time.perf_counter() - began)

    def _write_page(self, done: PageDone) -> None:
        staging = self.state.staging
        if done.kind == "instrument":
            write_instrument(done.files, done.slug, self.output, beside=staging)
        else:
            write_page(dict(done.files), _kind(done), self.output, done.slug, beside=staging)

    def _write_failure(self, failed: PageFailed, task: Task) -> None:
        if isinstance(task, InstrumentTask):
            write_instrument_failure(task.request, self.output, failed.reason)
        elif isinstance(task, PairTask):
            kind, staging = _kind(failed), self.state.staging
            write_failure(
                task.request, kind, self.output, failed.slug, failed.reason, beside=staging
            )

    def finish(self) -> Path:
        """Write index and report.

        Returns
        -------
        Path
            ``batch-report.json``.
        """
        ledger = self.ledger
        with writing(self.output):
            with ledger.stage("index"):
                self._index()
            report = write_report(self.output, ledger, self.choices)
        ledger.tell(
            "stopped" if ledger.interrupted else "done",
            pages=len(ledger.built),
            failed=len(ledger.failures),
            unchanged=len(ledger.unchanged),
            seconds=round(time.time() - ledger.started, 3),
        )
        return report

    def _index(self) -> None:
        """Write the index, unless nothing it is made of has changed."""
        records = sorted(path.relative_to(self.output) for path in self.output.glob("*/*.json"))
        made_of = [self.state.digest(), program(), site_url() or "", *map(str, records)]
        key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()
        if self.ledger.failures or not self.state.is_current("index", key):
            write_index(self.output)
            files = {name: (self.output / name).read_bytes() for name in _INDEX}
            self.state.record("index", key, files)


def _kind(page: PageDone | PageFailed) -> PageKind:
    return "correlation" if page.kind == "correlation" else "comparison"


@contextmanager
def writing(output: Path) -> Iterator[None]:
    """A full disk or a folder that became read-only is the user's to mend, and ends the batch."""
    try:
        yield
    except OSError as error:
        raise cannot_write(output, error) from None
