"""One daily run: refresh and rebuild, decide, publish, hand over."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from convex_research.batch.plan import slugs_of
from convex_research.batch.run import BatchChoices, run_batch
from convex_research.core.errors import ConvexResearchError, printable
from convex_research.core.files import cannot_write, write_atomically
from convex_research.daily.deliver.handover import Delivery, deliver, write_mails
from convex_research.daily.digest import DIGEST_SCHEMA, PairToday, as_of_date, make_digest
from convex_research.daily.digest_pages import digest_html, digest_text
from convex_research.daily.feeds import atom, digest_name, json_feed, read_digests
from convex_research.daily.history import History
from convex_research.daily.rows import cells
from convex_research.daily.silence import silent_digest, silent_sources, stored_digest
from convex_research.daily.state import Keeping, only_daily
from convex_research.daily.watch.legs import DailyReturns, Leg, daily_returns
from convex_research.daily.watch.look import Watched, watch_all
from convex_research.data.cache.snapshot import load_from_snapshot
from convex_research.publishing.index.write import write_index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from convex_research.batch.run import BatchResult
    from convex_research.publishing.page import Request

__all__ = ["DailyResult", "run_daily"]

DIGEST_FOLDER = "digest"
HISTORY_FOLDER = "history"


@dataclass(frozen=True, slots=True)
class DailyResult:
    """What a daily run did.

    Parameters
    ----------
    batch : BatchResult
        What was rebuilt.
    content : dict or None
        The latest digest; None where there is none yet.
    page : Path or None
        Its page.
    is_new : bool
        Whether this run published it.
    mails : tuple of Path
        Files of a dry run.
    exit_code : int
        0 done, 1 some pairs failed, 2 the user must change something, 3 a server is down.
    """

    batch: BatchResult
    content: dict[str, Any] | None
    page: Path | None
    is_new: bool
    mails: tuple[Path, ...]
    exit_code: int


def run_daily(
    requests: Sequence[Request],
    output: Path,
    *,
    delivery: Delivery | None = None,
    choices: BatchChoices | None = None,
    tell: Callable[[str], None] = lambda _: None,
    on_event: Callable[[dict[str, Any]], None] | None = None,
) -> DailyResult:
    """Refresh the data, rebuild what changed, publish the digest and hand it over.

    Parameters
    ----------
    requests : sequence of Request
        The pairs.
    output : Path
        Folder of the reports.
    delivery : Delivery, optional
        Where the digest goes besides the folder.
    choices : BatchChoices, optional
        How pages are built.
    tell : callable, optional
        Called with sentences about damage, delays and deliveries.
    on_event : callable, optional
        See :func:`~convex_research.batch.run.run_batch`.

    Returns
    -------
    DailyResult

    Raises
    ------
    AlreadyRunningError
        If another daily run works on the folder.
    InputError
        If the folder cannot be written to or a pair is listed twice.
    """
    delivery = delivery or Delivery()
    slugs_of(requests)  # a pair listed twice is found before anything is locked or fetched
    with only_daily(output) as private, tempfile.TemporaryDirectory(prefix="convex-daily-") as own:
        run = _Run(output, private, delivery, tell)
        try:
            run.finish_pending()
            snapshot = Path(own) / "snapshot"
            result = run_batch(
                requests, output, snapshot=snapshot, choices=choices, on_event=on_event
            )
            is_new, silent = run.make(requests, result, snapshot)
            content = silent or run.latest()
            mails = run.dry_run(content)
            code = run.hand_over(content)
        except OSError as error:
            raise cannot_write(output, error) from None
    if code == 0 and (content is None or silent is not None):
        code = 3
    page = output / DIGEST_FOLDER / f"{digest_name(content)}.html" if content else None
    code = code or (1 if result.failures else 0)
    return DailyResult(result, content, page, is_new, tuple(mails), code)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over an output folder, under its lock."""

    output: Path
    private: Path
    delivery: Delivery
    tell: Callable[[str], None]

    @property
    def keeping(self) -> Keeping:
        return Keeping(self.private, self.tell)

    def finish_pending(self) -> None:
        """Publish what a run that was stopped had decided on."""
        pending = self.keeping.pending()
        if pending is not None:
            self._publish(pending)
            self.tell(
                f"The digest to {pending['content']['as_of']} was left unfinished; it is now."
            )

    def make(
        self, requests: Sequence[Request], result: BatchResult, snapshot: Path
    ) -> tuple[bool, dict[str, Any] | None]:
        """Decide on a digest and publish it, if the data are newer than the last one's.

        Whether it did; and the digest of a day on which no source answered.
        """
        state = self.keeping.state()
        pairs = _pairs_today(requests, self.output, state, snapshot, self.tell)
        as_of = as_of_date(one.record["as_of"] for one in pairs)
        last = state.get("as_of")
        if as_of is not None and (last is None or as_of > last):
            digest = make_digest(pairs, state, as_of, _failures(result, requests))
            rows = [cells(row) for row in digest.rows]
            decided = {"content": digest.content, "rows": rows, "state": digest.state}
            self.keeping.decide(decided)
            self._publish(decided)
            return True, None
        sources = silent_sources(requests, snapshot, pairs)
        if sources:
            return False, self._publish_silence(sources, last, len(requests))
        if as_of is None:
            self.tell("There is no page yet to make a digest of.")
        elif last is not None and as_of < last:
            words = f"Data end on {as_of}, before the last digest's {last}"
            self.tell(f"{words}: published days stay as they are.")
        return False, None

    def _publish(self, decided: Mapping[str, Any]) -> None:
        """Write everything of a digest; doing it twice changes nothing."""
        content = decided["content"]
        history = History(self.output / HISTORY_FOLDER, self.tell)
        history.append(content["as_of"], decided["rows"])
        self._write(content)
        self.keeping.keep(decided["state"])
        self._link_from_index()
        self.keeping.done()

    def _link_from_index(self) -> None:
        """The index leads to the latest digest; only the first digest finds it without that."""
        page = self.output / "index.html"
        if page.is_file() and 'href="digest/index.html"' not in page.read_text("utf-8"):
            write_index(self.output)

    def _publish_silence(
        self, sources: Sequence[Mapping[str, Any]], last: str | None, pairs: int
    ) -> dict[str, Any]:
        """The digest that says so, as it was first published since the last day of data."""
        content = silent_digest(sources, last, pairs, DIGEST_SCHEMA)
        kept = stored_digest(self.output / DIGEST_FOLDER, content["name"])
        self._write(kept or content)
        self._link_from_index()
        return kept or content

    def _write(self, content: Mapping[str, Any]) -> None:
        """The forms of a digest, and the feeds that list it."""
        folder, name, site = self.output / DIGEST_FOLDER, digest_name(content), self.delivery.site
        text = json.dumps(content, indent=1, allow_nan=False) + "\n"
        write_atomically(folder / f"{name}.txt", digest_text(content, site))
        page = digest_html(content)
        write_atomically(folder / f"{name}.html", page)
        write_atomically(folder / "index.html", page)  # the latest, under a lasting address
        write_atomically(folder / f"{name}.json", text)
        digests = read_digests(folder)
        write_atomically(folder / "feed.xml", atom(digests, site))
        write_atomically(folder / "feed.json", json_feed(digests, site))

    def latest(self) -> dict[str, Any] | None:
        """The latest digest of a day with data as it was published."""
        digests = read_digests(self.output / DIGEST_FOLDER)
        found = next((one for one in digests if "silent" not in one), None)
        return found if found and found.get("schema") == DIGEST_SCHEMA else None

    def dry_run(self, content: Mapping[str, Any] | None) -> list[Path]:
        if not self.delivery.dry_run or content is None:
            return []
        return write_mails(content, self.delivery, self.private / "dry-run")

    def hand_over(self, content: Mapping[str, Any] | None) -> int:
        if self.delivery.dry_run:
            return 0
        return deliver(content, self.delivery, self.private / "outbox", self.tell)


def _pairs_today(
    requests: Sequence[Request],
    output: Path,
    state: Mapping[str, Any],
    snapshot: Path,
    tell: Callable[[str], None],
) -> list[PairToday]:
    """Every pair with a readable record, looked at where its data are new."""
    series: dict[str, Leg] = {}
    known = state.get("pairs", {})
    found: list[PairToday] = []
    for request, slug in zip(requests, slugs_of(requests), strict=True):
        today = _read_pair(output, slug)
        if today is None:
            if (output / slug / "correlation.json").exists():
                tell(f"The record of {slug} cannot be read; it is left out of the digest.")
            continue
        before = known.get(slug, {})
        if before.get("as_of", "") >= today.record["as_of"]:
            found.append(replace(today, watchable=bool(before.get("watchable"))))
        else:
            found.append(replace(today, returns=_returns(request, snapshot, series)))
    return _looked_at(found)


def _looked_at(pairs: Sequence[PairToday]) -> list[PairToday]:
    """The pairs with their looks, as far as they can be watched."""
    asked = [(i, one.returns) for i, one in enumerate(pairs) if one.returns is not None]
    found = list(pairs)
    for (i, _), seen in zip(asked, watch_all([returns for _, returns in asked]), strict=True):
        if isinstance(seen, Watched) and seen.as_of == pairs[i].record["as_of"]:
            found[i] = replace(pairs[i], seen=seen, watchable=True)
        else:
            found[i] = replace(pairs[i], returns=None)
    return found


def _read_pair(output: Path, slug: str) -> PairToday | None:
    for kind in ("correlation", "comparison"):
        with suppress(OSError, ValueError, KeyError, TypeError):
            record = orjson.loads((output / slug / f"{kind}.json").read_bytes())
            record["pair"]["slug"] = slug
            if all(isinstance(record[part], dict) for part in ("estimates", "tests", "data")):
                return PairToday(slug=slug, record=record, page=f"{slug}/{kind}.html")
    return None


def _returns(request: Request, snapshot: Path, series: dict[str, Leg]) -> DailyReturns | None:
    """Returns of a pair from the very data its pages were built from."""
    try:
        for name in (request.pair.a, request.pair.b):
            if name not in series:
                series[name] = Leg.of(load_from_snapshot(snapshot, name))
        a, b = series[request.pair.a], series[request.pair.b]
        bounds = {"start": request.start, "end": request.as_of}
        returns = daily_returns(a, b, request.returns, **bounds)
    except ConvexResearchError:
        return None
    return returns if isinstance(returns, DailyReturns) else None


def _failures(result: BatchResult, requests: Sequence[Request]) -> list[dict[str, str]]:
    """Why pages failed, once a pair."""
    titles = {
        slug: " and ".join(printable(leg.name, limit=60) for leg in request.pair.instruments)
        for request, slug in zip(requests, slugs_of(requests), strict=True)
    }
    found: dict[tuple[str, str], dict[str, str]] = {}
    for one in result.failures:
        message = printable(one.reason, limit=300)
        title = titles.get(one.slug, one.slug)
        found[one.slug, message] = {"slug": one.slug, "title": title, "message": message}
    return list(found.values())
