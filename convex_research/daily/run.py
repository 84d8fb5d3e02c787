"""One daily run: refresh and rebuild, decide, publish, hand over."""

from __future__ import annotations

import json
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.batch.run import BatchChoices, run_batch
from convex_research.core.errors import InputError, printable
from convex_research.core.files import cannot_write, write_atomically
from convex_research.daily.deliver.handover import Delivery, deliver, write_mails
from convex_research.daily.deliver.outbox import Outbox
from convex_research.daily.digest import DIGEST_SCHEMA, make_digest
from convex_research.daily.digest_pages import digest_html, digest_text
from convex_research.daily.feeds import atom_feed, digest_name, json_feed, read_digests
from convex_research.daily.history import History
from convex_research.daily.silence import silent_digest, silent_sources
from convex_research.daily.state import DAILY_FOLDER, DailyState, only_daily
from convex_research.daily.today import failures_of, pairs_today
from convex_research.data.clock import last_day
from convex_research.publishing.index.write import write_index
from convex_research.publishing.request import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from convex_research.batch.log import BatchLog
    from convex_research.publishing.request import PairRequest

__all__ = ["DailyResult", "run_daily", "withdraw_digest"]

_LINK = 'href="digest/index.html"'
_LISTED = 5


@dataclass(frozen=True, slots=True)
class DailyResult:
    """What a daily run did.

    Parameters
    ----------
    batch : BatchLog
        What was rebuilt.
    content, page : dict, Path or None
        The latest digest and its page; None where there is none yet.
    is_new : bool
        Whether this run published it.
    mails : tuple of Path
        Files of a dry run.
    exit_code : int
        0 done, 1 some pairs failed, 2 the user must change something, 3 a server is down.
    """

    batch: BatchLog
    content: dict[str, Any] | None
    page: Path | None
    is_new: bool
    mails: tuple[Path, ...]
    exit_code: int


def run_daily(
    requests: Sequence[PairRequest],
    output: Path,
    *,
    delivery: Delivery | None = None,
    choices: BatchChoices | None = None,
    tell: Callable[[str], None] = lambda _: None,
    on_event: Callable[[dict[str, Any]], None] = lambda _: None,
) -> DailyResult:
    """Refresh the data, rebuild what changed, publish the digest and hand it over.

    Parameters
    ----------
    requests : sequence of PairRequest
        The pairs.
    output : Path
        Folder of the reports.
    delivery : Delivery, optional
        Where the digest goes besides the folder.
    choices, on_event : optional
        See :func:`~convex_research.batch.run.run_batch`.
    tell : callable, optional
        Called with sentences about damage, delays and deliveries.

    Raises
    ------
    AlreadyRunningError
        If another daily run works on the folder.
    InputError
        If the folder cannot be written to, a pair is listed twice, or the last digest lies
        ahead of the data.
    """
    # A pair listed twice is found before anything is locked or fetched.
    requests = named(requests, output)
    with _only_run(output, delivery or Delivery(), tell) as run:
        with tempfile.TemporaryDirectory(prefix="convex-daily-") as own:
            snapshot = Path(own) / "snapshot"
            result = run_batch(
                requests, output, snapshot=snapshot, choices=choices, on_event=on_event
            )
            is_new, silent = run.make(requests, result, snapshot)
        content = silent or run.latest()
        mails, code = run.hand_over(content)
    if code == 0 and (content is None or silent is not None):
        code = 3
    page = run.folder / f"{digest_name(content)}.html" if content else None
    return DailyResult(result, content, page, is_new, mails, code or int(bool(result.failures)))


def withdraw_digest(
    output: Path,
    day: date,
    *,
    site: str | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> bool:
    """Take back the latest digest, such as one whose date was a mistyped row.

    Its page, text and record, its entries in the feeds, its rows in the history and its
    messages that wait are removed; the next run decides again from the digest before it.
    What was delivered is not sent again. False if it was withdrawn before.

    Raises
    ------
    AlreadyRunningError
        If a daily run works on the folder.
    InputError
        If there is no such digest, or a later one.
    """
    if not (output / DAILY_FOLDER).is_dir():
        raise InputError(f"There is no digest in {printable(output)}.")
    with _only_run(output, Delivery(site=site), tell) as run:
        return run.withdraw(day.isoformat())


@contextmanager
def _only_run(output: Path, delivery: Delivery, tell: Callable[[str], None]) -> Iterator[_Run]:
    """The one run over an output folder, after what an earlier one left unfinished."""
    with only_daily(output) as private:
        run = _Run(output, private, delivery, tell)
        try:
            run.finish_pending()
            yield run
        except OSError as error:
            raise cannot_write(output, error) from None


@dataclass(frozen=True, slots=True)
class _Run:
    """One run over an output folder, under its lock."""

    output: Path
    private: Path
    delivery: Delivery
    tell: Callable[[str], None]

    @property
    def store(self) -> DailyState:
        return DailyState(self.private, self.tell)

    @property
    def history(self) -> History:
        return History(self.output / "history", self.tell)

    @property
    def outbox(self) -> Path:
        return self.private / "outbox"

    @property
    def folder(self) -> Path:
        return self.output / "digest"

    def finish_pending(self) -> None:
        """Publish, or withdraw, what a run that was stopped had decided on."""
        pending = self.store.pending()
        if pending is None:
            return
        if "withdrawn" in pending:
            day = pending["withdrawn"]
            self._withdraw(day)
            self.tell(f"The digest to {day} was left half withdrawn; it is gone now.")
        else:
            self._publish(pending)
            self.tell(
                f"The digest to {pending['content']['as_of']} was left unfinished; it is now."
            )

    def make(
        self, requests: Sequence[PairRequest], result: BatchLog, snapshot: Path
    ) -> tuple[bool, dict[str, Any] | None]:
        """Decide on a digest and publish it, if the data are newer than the last one's.

        Whether it did; and the digest of a day on which no source answered.
        """
        state = self.store.latest()
        pairs = pairs_today(requests, self.output, state, snapshot, self.tell)
        as_of = max((str(one.record["as_of"]) for one in pairs), default=None)
        last = next(iter(self._days()), None)
        if as_of is not None and (last is None or as_of > last):
            decided = make_digest(pairs, state, as_of, failures_of(result, requests))
            self.store.decide(decided)
            self._publish(decided)
            return True, None
        clock = last_day().isoformat()
        if last is None or last <= clock:
            sources = silent_sources(requests, snapshot, pairs)
            if sources:
                content = silent_digest(sources, last, len(requests))
                # As it was first published since the last day of data.
                for one in read_digests(self.folder):
                    content = one if one.get("name") == content["name"] else content
                self._write(content)
                self._link_from_index()
                return False, content
        if last is not None and last > (as_of or clock):
            ahead = f"the data, which end on {as_of}" if as_of else "the clock"
            raise InputError(
                f"The last digest, to {last}, lies ahead of {ahead}: nothing was published or "
                f"sent. If its date is wrong: convex-research daily --withdraw {last} "
                f"--output {printable(self.output)}"
            )
        if as_of is None:
            self.tell("There is no page yet to make a digest of.")
        return False, None

    def withdraw(self, day: str) -> bool:
        """Take the latest digest back; whether it was there."""
        published = self._days()
        if day not in published and self.store.was_withdrawn(day):
            return False
        if day not in published:
            listed = ", ".join(published[:_LISTED]) or "none yet"
            more = f" and {len(published) - _LISTED} earlier" if published[_LISTED:] else ""
            raise InputError(f"There is no digest to {day}; there is {listed}{more}.")
        if day != published[0]:
            raise InputError(
                f"The digest to {day} is not the latest: withdraw {published[0]} first."
            )
        self.store.decide({"withdrawn": day})
        self._withdraw(day)
        return True

    def _days(self) -> list[str]:
        """Dates of the digests, newest first: their records, and the states they left."""
        days = {path.stem for path in self.folder.glob("????-??-??.json")}
        return sorted(days.union(self.store.days()), reverse=True)

    def _withdraw(self, day: str) -> None:
        """Remove everything of a digest; doing it twice changes nothing."""
        self.store.withdraw(day)
        for path in self.folder.glob(f"{day}*"):  # one without an answer too
            path.unlink()
        before = next(iter(self._days()), "")
        Outbox(self.outbox, self.tell).withdraw(day, before)
        self.history.withdraw(day)
        self._list()
        self._link_from_index()
        self.store.clear_pending()

    def _publish(self, decided: Mapping[str, Any]) -> None:
        """Write everything of a digest; doing it twice changes nothing."""
        content = decided["content"]
        self.history.append(content["as_of"], decided["rows"])
        self._write(content)
        self.store.save(decided["state"])
        self._link_from_index()
        self.store.clear_pending()

    def _link_from_index(self) -> None:
        """The index leads to the latest digest, if there is one."""
        page, there = self.output / "index.html", (self.folder / "index.html")
        if page.is_file() and there.is_file() != (_LINK in page.read_text("utf-8")):
            write_index(self.output)

    def _write(self, content: Mapping[str, Any]) -> None:
        """The forms of a digest, and the feeds that list it."""
        forms = {
            "txt": digest_text(content, self.delivery.site),
            "html": digest_html(content),
            "json": json.dumps(content, indent=1, allow_nan=False) + "\n",
        }
        for form, text in forms.items():
            write_atomically(self.folder / f"{digest_name(content)}.{form}", text)
        self._list()

    def _list(self) -> None:
        """The latest digest under a lasting address, and the feeds."""
        site, digests = self.delivery.site, read_digests(self.folder)
        latest = self.folder / "index.html"
        if digests:
            page = self.folder / f"{digest_name(digests[0])}.html"
            write_atomically(latest, page.read_bytes())
        else:
            latest.unlink(missing_ok=True)
        write_atomically(self.folder / "feed.xml", atom_feed(digests, site))
        write_atomically(self.folder / "feed.json", json_feed(digests, site))

    def latest(self) -> dict[str, Any] | None:
        """The latest digest of a day with data as it was published."""
        with_data = (one for one in read_digests(self.folder) if "silent" not in one)
        latest = next(with_data, None)
        return latest if latest and latest.get("schema") == DIGEST_SCHEMA else None

    def hand_over(self, content: Mapping[str, Any] | None) -> tuple[tuple[Path, ...], int]:
        """Mails written in a dry run, and the exit code of the delivery."""
        if not self.delivery.dry_run:
            return (), deliver(content, self.delivery, self.outbox, self.tell)
        if content is None:
            return (), 0
        return tuple(write_mails(content, self.delivery, self.private / "dry-run")), 0
