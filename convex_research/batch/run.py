"""Building a list of pairs: fetch once, plan, build what changed, bring the index up to date."""

from __future__ import annotations

import hashlib
import tempfile
import threading
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.batch.choices import BatchChoices
from convex_research.batch.ledger import Failure, Ledger
from convex_research.batch.plan import choose, slugs_of
from convex_research.batch.report import write_report
from convex_research.batch.series import Store, earliest_starts, series_of
from convex_research.batch.state import only_batch
from convex_research.batch.tasks import PageFailed, PairTask, page_key, program
from convex_research.data import write_snapshot
from convex_research.publishing.files import cannot_write
from convex_research.publishing.index import write_index
from convex_research.publishing.meta import site_url
from convex_research.publishing.pages import KINDS, PageKind, Request, write_failure, write_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from convex_research.batch.state import State
    from convex_research.batch.tasks import PageDone
    from convex_research.errors import ConvexResearchError

__all__ = ["BatchChoices", "BatchResult", "Failure", "run_batch"]

_INDEX = ("index.html", "index.json")


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch did.

    Parameters
    ----------
    pages : int
        Pages built.
    failures : tuple of Failure
        Pages that could not be built.
    index : Path
        The index page.
    rebuilt, unchanged, failed, left_out : tuple of str
        Slugs of the pairs with new pages, of those whose pages were up to date, of those
        with a page that failed, and of those that ``only`` or ``since`` left out.
    report : Path
        ``batch-report.json``.
    ledger : Ledger
        The account of it, with times.
    """

    pages: int
    failures: tuple[Failure, ...]
    index: Path
    rebuilt: tuple[str, ...]
    unchanged: tuple[str, ...]
    failed: tuple[str, ...]
    left_out: tuple[str, ...]
    report: Path
    ledger: Ledger


@dataclass(frozen=True, slots=True)
class _Planned:
    """A pair with the keys of the pages it needs."""

    request: Request
    slug: str
    keys: Mapping[PageKind, str]


def run_batch(
    requests: Sequence[Request],
    output: Path,
    *,
    snapshot: Path | None = None,
    choices: BatchChoices | None = None,
    on_page: Callable[[str, str, str | None], None] | None = None,
    on_event: Callable[[dict[str, Any]], None] | None = None,
) -> BatchResult:
    """Build both pages of every pair that changed; a failure is kept and the rest goes on.

    All series are fetched once, before the first page, into a snapshot from which alone
    the pages are built: they see the same data, and a provider sees one request a series.
    A page whose data, parameters, notebook and program are those of its last build, and
    which lies there unaltered, is not built again. What failed is tried again.

    Parameters
    ----------
    requests : sequence of Request
        What to build.
    output : Path
        Folder of the reports.
    snapshot : Path, optional
        Folder to keep the snapshot in; one that exists is built from as it is. By
        default it is removed at the end.
    choices : BatchChoices, optional
        How to run it.
    on_page : callable, optional
        Called with slug, kind and the reason of a failure (or ``None``) after each page.
    on_event : callable, optional
        Called with everything that happens, as a dictionary that JSON can hold;
        ``event`` is ``start``, ``fetched``, ``plan``, ``page``, ``done`` or ``stopped``.

    Returns
    -------
    BatchResult

    Raises
    ------
    InputError
        If the folder cannot be written to, another batch writes there, or a pair is
        listed twice.
    KeyboardInterrupt
        When interrupted; what is finished is kept, and the index is written.
    """
    choices = choices or BatchChoices()
    slugs = slugs_of(requests)
    wanted = choose(slugs, choices.only)
    ledger = Ledger(on_event=_both(on_event, on_page))
    ledger.left_out = [slug for slug in slugs if slug not in wanted]
    asked = [(one, slug) for one, slug in zip(requests, slugs, strict=True) if slug in wanted]
    executor = choices.start()
    with only_batch(output) as state:
        work = _Work(output, state, ledger, choices)
        try:
            with _fetched([one for one, _ in asked], snapshot, ledger) as store:
                planned = work.plan(asked, store)
                results = executor.results(work.tasks(planned, store))
                with ledger.stage("pages"), closing(results):
                    for outcome in results:
                        work.keep(outcome, planned)
        except KeyboardInterrupt:
            ledger.interrupted = True
            with suppress(OSError):
                work.finish()
            raise
        return work.finish()


def _both(
    on_event: Callable[[dict[str, Any]], None] | None,
    on_page: Callable[[str, str, str | None], None] | None,
) -> Callable[[dict[str, Any]], None]:
    def tell(said: dict[str, Any]) -> None:
        if on_event is not None:
            on_event(said)
        if on_page is not None and said["event"] == "page":
            on_page(said["slug"], said["kind"], said["reason"])

    return tell


@dataclass(frozen=True, slots=True)
class _Work:
    """One run over an output folder."""

    output: Path
    state: State
    ledger: Ledger
    choices: BatchChoices

    def plan(self, asked: Sequence[tuple[Request, str]], store: Store) -> dict[str, _Planned]:
        """The pages that need building, by slug."""
        planned: dict[str, _Planned] = {}
        site = site_url()
        with self.ledger.stage("plan"), _writing(self.output):
            for request, slug in asked:
                if self._is_quiet(request, store):
                    self.ledger.left_out.append(slug)
                    continue
                series = store.hashes(series_of(request.pair))
                keys = {kind: page_key(request, kind, slug, series, site) for kind in KINDS}
                needed = {kind: key for kind, key in keys.items() if self._needs(slug, kind, key)}
                if needed:
                    planned[slug] = _Planned(request, slug, needed)
                else:
                    self.ledger.unchanged.append(slug)
        self.ledger.tell(
            "plan",
            pages=sum(len(one.keys) for one in planned.values()),
            pairs=len(planned),
            unchanged=len(self.ledger.unchanged),
            left_out=len(self.ledger.left_out),
        )
        return planned

    def _is_quiet(self, request: Request, store: Store) -> bool:
        """Whether ``since`` leaves a pair out; what could not be fetched is never quiet."""
        since = self.choices.since
        if since is None:
            return False
        if request.as_of is not None and request.as_of < since:
            return True
        ends = [store.end(leg) for leg in (request.pair.a, request.pair.b)]
        return all(end is not None and end < since.isoformat() for end in ends)

    def _needs(self, slug: str, kind: PageKind, key: str) -> bool:
        if self.choices.force or not self.state.is_current(f"{slug}/{kind}", key):
            return True
        # A failure since then, of other data or another program, is a thing of the past.
        with suppress(FileNotFoundError):
            (self.output / slug / f"{kind}.failed.json").unlink()
        return False

    def tasks(self, planned: Mapping[str, _Planned], store: Store) -> Iterator[PairTask]:
        """What workers are given; series are read only when a task is taken."""
        made_by, site = program(), site_url()
        for one in planned.values():
            yield PairTask(
                slug=one.slug,
                request=one.request,
                kinds=tuple(one.keys),
                series=store.part(series_of(one.request.pair)),
                page_timeout=self.choices.page_timeout,
                program=made_by,
                site_url=site,
            )

    def keep(self, outcome: PageDone | PageFailed, planned: Mapping[str, _Planned]) -> None:
        """Write a page, or the reason why there is none."""
        began = time.perf_counter()
        slug, kind, staging = outcome.slug, outcome.kind, self.state.staging
        one = planned[slug]
        with _writing(self.output):
            if isinstance(outcome, PageFailed):
                reason = outcome.reason
                write_failure(one.request, kind, self.output, slug, reason, beside=staging)
            else:
                write_page(dict(outcome.files), kind, self.output, slug, beside=staging)
                self.state.record(f"{slug}/{kind}", one.keys[kind], outcome.files)
        self.ledger.note(outcome, writing=time.perf_counter() - began)

    def finish(self) -> BatchResult:
        """Write index and report."""
        ledger = self.ledger
        with _writing(self.output):
            with ledger.stage("index"):
                self._index()
            report = write_report(self.output, ledger, self.choices)
        ledger.tell(
            "stopped" if ledger.interrupted else "done",
            pages=ledger.built.total(),
            failed=len(ledger.failures),
            unchanged=len(ledger.unchanged),
            seconds=round(time.time() - ledger.started, 3),
        )
        return BatchResult(
            pages=ledger.built.total(),
            failures=tuple(ledger.failures),
            index=self.output / "index.html",
            rebuilt=ledger.rebuilt,
            unchanged=tuple(sorted(ledger.unchanged)),
            failed=ledger.failed,
            left_out=tuple(sorted(ledger.left_out)),
            report=report,
            ledger=ledger,
        )

    def _index(self) -> None:
        """Write the index, unless nothing it is made of has changed."""
        records = sorted(path.relative_to(self.output) for path in self.output.glob("*/*.json"))
        made_of = [self.state.digest(), program(), site_url() or "", *map(str, records)]
        key = hashlib.sha256("\n".join(made_of).encode()).hexdigest()
        if self.ledger.failures or not self.state.is_current("index", key):
            write_index(self.output)
            files = {name: (self.output / name).read_bytes() for name in _INDEX}
            self.state.record("index", key, files)


@contextmanager
def _writing(output: Path) -> Iterator[None]:
    """A full disk or a folder that became read-only is the user's to mend, and ends the batch."""
    try:
        yield
    except OSError as error:
        raise cannot_write(output, error) from None


@contextmanager
def _fetched(requests: Sequence[Request], kept: Path | None, ledger: Ledger) -> Iterator[Store]:
    """Every series in a snapshot, fetched unless one is there; what failed is in it too."""
    with tempfile.TemporaryDirectory(prefix="convex-batch-") as temporary:
        folder = (kept or Path(temporary) / "snapshot").resolve()
        with ledger.stage("fetch"):
            if not folder.is_dir():
                _fetch(requests, folder, ledger)
            store = Store(folder)
        yield store


def _fetch(requests: Sequence[Request], folder: Path, ledger: Ledger) -> None:
    """Write the snapshot in a thread, so that an interrupt need not wait for a slow source."""
    names = list(dict.fromkeys(n for one in requests for n in series_of(one.pair)))
    problems: list[BaseException] = []

    def told(_: str, error: ConvexResearchError | None) -> None:
        ledger.tell("fetched", error=str(error) if error else None, series=len(names))

    def write() -> None:
        try:
            write_snapshot(names, folder, starts=earliest_starts(requests), progress=told)
        except BaseException as error:  # noqa: BLE001 - it is raised where the batch waits
            problems.append(error)

    ledger.tell("start", series=len(names), pairs=len(requests))
    fetching = threading.Thread(target=write, daemon=True)
    fetching.start()
    fetching.join()
    if problems:
        raise problems[0]
