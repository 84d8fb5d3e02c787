"""A digest that went past the clock, taken back as if it had never been."""

import contextlib
import hashlib
import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest

from convex_research.core.errors import InputError
from convex_research.daily import history
from convex_research.daily import run as running
from convex_research.daily import state as keeping
from convex_research.daily.deliver import handover as delivering
from convex_research.daily.deliver import outbox
from convex_research.daily.deliver.handover import Delivery
from convex_research.daily.deliver.outbox import DeliveryError
from convex_research.daily.run import withdraw_digest
from convex_research.daily.state import AlreadyRunningError, only_daily
from convex_research.data import clock

FUTURE = "2099-01-01"
HOOK = Delivery(webhook="https://example.org/x")


class PlugPulledError(BaseException):
    pass


def every_file(reports):
    """Every file with its hash."""
    return {
        str(path.relative_to(reports)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(reports.rglob("*"))
        if path.is_file()
    }


def published(reports):
    """Every public file with its hash."""
    return {k: v for k, v in every_file(reports).items() if not k.startswith(".daily")}


def go_past_the_clock(world, upto, day=FUTURE, **options):
    """What a version that did not look at the clock left behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: datetime(2100, 1, 1, tzinfo=UTC))
        done = world.run(upto, mistyped=day, **options)
    assert done.content["as_of"] == day


def withdraw(world, day=FUTURE):
    return withdraw_digest(world.reports, date.fromisoformat(day), tell=world.said.append)


@pytest.fixture
def sent(monkeypatch):
    """Digests that a webhook took, by name, and how it is to fail."""
    taken, failing = [], []

    def sender(url, *, first_wait=1.0):
        def send(item, body, about_to_send):
            if failing:
                raise DeliveryError(*failing.pop())
            about_to_send()
            taken.append((item.as_of, json.loads(body)))

        return send

    monkeypatch.setattr(delivering, "webhook_sender", sender)
    return taken, failing


def test_after_it_was_withdrawn_it_has_never_been(world, tmp_path):
    for day in world.days[-5:-2]:
        world.run(day)
    world.run(world.days[-2])
    expected = published(world.reports)
    world.reports.rename(tmp_path / "right")
    for day in world.days[-5:-2]:
        world.run(day)
    before = published(world.reports)
    go_past_the_clock(world, world.days[-2])
    with pytest.raises(InputError, match="lies ahead of the data"):
        world.run(world.days[-2])
    assert withdraw(world)
    public = ("digest/", "history/")
    assert {k: v for k, v in published(world.reports).items() if k.startswith(public)} == {
        k: v for k, v in before.items() if k.startswith(public)
    }
    assert world.run(world.days[-2]).is_new
    assert published(world.reports) == expected


def test_rows_of_the_same_month_stay(world):
    month = world.days[-2][:7]
    world.run(world.days[-3])
    go_past_the_clock(world, world.days[-2], day=f"{month}-31")
    folder = world.reports / "history"
    assert f"{month}-31" in set(pd.read_parquet(folder / f"{month}.parquet")["published"])
    assert withdraw(world, f"{month}-31")
    assert set(pd.read_parquet(folder / f"{month}.parquet")["published"]) == {world.days[-3]}


def test_the_first_digest_can_be_withdrawn(world):
    world.reports.mkdir()
    (world.reports / "index.html").write_text("<p>All pairs</p>")
    go_past_the_clock(world, world.days[-2])
    assert 'href="digest/index.html"' in (world.reports / "index.html").read_text()
    assert withdraw(world)
    assert 'href="digest/index.html"' not in (world.reports / "index.html").read_text()
    left = {name for name in published(world.reports) if name.startswith(("digest", "history"))}
    assert left == {"digest/feed.json", "digest/feed.xml"}
    assert FUTURE not in (world.reports / "digest" / "feed.xml").read_text()
    done = world.run(world.days[-2])
    assert (done.is_new, done.content["previous"]) == (True, None)


def test_it_is_withdrawn_once_and_only_the_latest(world):
    world.run(world.days[-3])
    go_past_the_clock(world, world.days[-2])
    go_past_the_clock(world, world.days[-2], day="2099-01-05")
    with pytest.raises(InputError, match="not the latest: withdraw 2099-01-05 first"):
        withdraw(world)
    assert withdraw(world, "2099-01-05")
    assert withdraw(world)
    after = published(world.reports)
    assert not withdraw(world)
    with pytest.raises(InputError, match=f"no digest to 2031-01-01; there is {world.days[-3]}"):
        withdraw(world, "2031-01-01")
    assert published(world.reports) == after
    with only_daily(world.reports), pytest.raises(AlreadyRunningError):
        withdraw(world, world.days[-3])


def test_published_days_stay_as_they_are_when_no_state_is_left(world):
    world.run(world.days[-2])
    right = published(world.reports)
    ahead = [f"2099-01-0{n}" for n in range(1, 7)]  # one more than states are kept
    for day in ahead:
        go_past_the_clock(world, world.days[-2], day=day)
    for day in reversed(ahead):
        assert withdraw(world, day)
    assert not world.run(world.days[-2]).is_new
    assert published(world.reports) == right
    assert world.run(world.days[-1]).content["as_of"] == world.days[-1]


def test_what_waits_is_never_sent_and_what_was_sent_is_not_sent_again(world, sent):
    taken, failing = sent
    world.run(world.days[-3], delivery=HOOK)
    failing.append(("it is down",))
    go_past_the_clock(world, world.days[-2], delivery=HOOK)
    with pytest.raises(InputError, match="nothing was published or sent"):
        world.run(world.days[-2], delivery=HOOK)
    withdraw(world)
    world.run(world.days[-2], delivery=HOOK)
    assert [name for name, _ in taken] == [world.days[-3], world.days[-2]]
    withdraw(world, world.days[-2])
    world.run(world.days[-2], delivery=HOOK)  # the same digest again
    assert [name for name, _ in taken] == [world.days[-3], world.days[-2]]
    withdraw(world, world.days[-2])
    world.pairs.write_text(world.pairs.read_text().partition("\n[[pairs]]")[0])
    world.run(world.days[-2], delivery=HOOK)  # another digest of that day
    assert [name for name, _ in taken] == [world.days[-3], world.days[-2], world.days[-2]]
    assert [content["pairs"] for _, content in taken] == [2, 2, 1]


def test_what_was_delivered_ahead_of_time_forgets_and_blocks_nothing(world, sent):
    taken, _ = sent
    world.run(world.days[-4], delivery=HOOK)
    for day in ("2098-01-01", FUTURE):  # sixty days apart: the first is forgotten
        go_past_the_clock(world, world.days[-3], day=day, delivery=HOOK)
    for day in (FUTURE, "2098-01-01"):
        withdraw(world, day)
    for day in world.days[-4:-1]:
        for _ in range(2):
            world.run(day, delivery=HOOK)
    assert [name for name, _ in taken] == [
        world.days[-4],
        "2098-01-01",
        FUTURE,
        *world.days[-3:-1],
    ]
    box = world.reports / ".daily" / "outbox"
    assert list(box.glob(f"{world.days[-2]}-webhook-*.json"))  # not taken for sixty days old


@contextlib.contextmanager
def plug_pulled_at(step):
    """The process ends at this write or removal; yields those that were reached."""
    reached = []

    def failing(real):
        def call(*arguments, **options):
            reached.append(real)
            if len(reached) == step:
                raise PlugPulledError
            return real(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for module in (running, keeping, history, outbox):
            patch.setattr(module, "write_atomically", failing(module.write_atomically))
        patch.setattr(Path, "unlink", failing(Path.unlink))
        with contextlib.suppress(PlugPulledError):
            yield reached


def test_a_crash_anywhere_is_mended_by_another_try(world, tmp_path, sent):
    world.run(world.days[-3])
    sent[1].append(("it is down",))
    go_past_the_clock(world, world.days[-2], delivery=HOOK)
    whole = tmp_path / "whole"
    world.reports.rename(whole)
    shutil.copytree(whole, world.reports)
    with plug_pulled_at(None) as reached:
        withdraw(world)
    expected, steps = every_file(world.reports), len(reached)
    assert steps > 12
    for step in range(1, steps + 1):
        shutil.rmtree(world.reports)
        shutil.copytree(whole, world.reports)
        with plug_pulled_at(step):
            withdraw(world)
        withdraw(world)
        assert every_file(world.reports) == expected, step


@pytest.mark.parametrize("step", [2, 5, 9])
def test_a_crash_anywhere_is_mended_by_the_next_run(world, step):
    world.run(world.days[-3])
    go_past_the_clock(world, world.days[-2])
    with plug_pulled_at(step) as reached:
        withdraw(world)
    assert len(reached) == step
    done = world.run(world.days[-2])
    assert "was left half withdrawn" in world.said[-1]
    assert (done.is_new, done.content["previous"]) == (True, world.days[-3])
    table = pd.read_parquet(world.reports / "history")
    assert set(table["published"]) == set(world.days[-3:-1])
