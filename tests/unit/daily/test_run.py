"""Daily runs: once a day, whatever happens in between."""

import hashlib
import json
import threading
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from filelock import FileLock

from convex_research.core.errors import InputError
from convex_research.daily import run as daily_run
from convex_research.daily.deliver.handover import Delivery
from convex_research.daily.history import History
from convex_research.daily.state import AlreadyRunningError, only_daily
from convex_research.data.providers.environment import shared_transport
from convex_research.data.providers.registry import provider_named

HOSTILE = "<script>"
CLOSED = "http://127.0.0.1:9"


def published(reports):
    """Every public file with its hash."""
    return {
        str(path.relative_to(reports)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(reports.rglob("*"))
        if path.is_file() and ".daily" not in path.parts
    }


def digest_of(world, day):
    return json.loads((world.reports / "digest" / f"{day}.json").read_text())


def test_a_change_is_reported_once_and_the_page_is_linked(world):
    first = world.run(world.days[-62])
    assert first.is_new
    assert not first.content["signals"]
    assert first.content["sentence"].startswith("A quiet day")
    told = []
    for day in world.days[-50::5]:
        done = world.run(day)
        told += [(day, one["slug"], one["kind"]) for one in done.content["signals"]]
    assert len(told) == 1
    day, slug, kind = told[0]
    assert (slug, kind) == ("prices-a-vs-prices-b", "correlation")
    signal = digest_of(world, day)["signals"][0]
    assert signal["statistic"] < -3
    assert signal["pvalue_adjusted"] <= 0.05
    assert signal["recent"]["value"] < signal["usual"]["low"]
    page = (world.reports / "digest" / f"{day}.html").read_text()
    assert 'href="../prices-a-vs-prices-b/correlation.html"' in page
    assert digest_of(world, world.days[-5])["still_open"][0]["since"] == day


def test_names_are_text_wherever_they_appear(world):
    world.run(world.days[-62])
    done = world.run(world.days[-30], delivery=Delivery(to=("a@example.org",), dry_run=True))
    assert done.content["signals"]
    assert HOSTILE in done.content["signals"][0]["title"]
    folder = world.reports / "digest"
    mail = done.mails[0].read_text()
    for text in (
        (folder / f"{world.days[-30]}.html").read_text(),
        (folder / "feed.xml").read_text(),
        mail.split("text/html")[1],
    ):
        assert HOSTILE not in text
        assert "&lt;script&gt;" in text
        assert "49" not in text.split("{{")[0][-5:]
    assert "{{ 7*7 }}" in (folder / f"{world.days[-30]}.txt").read_text()


def test_the_index_leads_to_the_latest_digest(world):
    world.reports.mkdir()
    index = world.reports / "index.html"
    index.write_text("<p>All pairs</p>")
    latest = world.reports / "digest" / "index.html"
    for day in world.days[-3:-1]:
        world.run(day)
        assert 'href="digest/index.html"' in index.read_text()
        assert latest.read_text() == latest.with_name(f"{day}.html").read_text()


def test_nothing_new_changes_nothing(world):
    world.run(world.days[-3])
    before = published(world.reports)
    again = world.run(world.days[-3])
    assert not again.is_new
    assert again.content["as_of"] == world.days[-3]
    assert published(world.reports) == before


def test_the_same_days_give_the_same_bytes(world, tmp_path):
    for day in world.days[-3:]:
        world.run(day)
    first = published(world.reports)
    world.reports.rename(tmp_path / "earlier")
    for day in world.days[-3:]:
        world.run(day)
    assert published(world.reports) == first


def test_a_missed_day_is_caught_up(world):
    world.run(world.days[-8])
    done = world.run(world.days[-2])
    assert done.content["previous"] == world.days[-8]
    assert done.content["pairs_with_new_data"] == 2


def test_data_that_end_earlier_than_published_change_nothing(world):
    world.run(world.days[-2])
    before = published(world.reports)
    with pytest.raises(InputError, match=f"last digest, to {world.days[-2]}, lies ahead of the d"):
        world.run(world.days[-10])  # a provider that went back, or a date that was mistyped
    after = {
        k: v for k, v in published(world.reports).items() if k.startswith(("digest", "history"))
    }
    assert after == {k: v for k, v in before.items() if k.startswith(("digest", "history"))}


def test_a_date_in_the_future_does_not_carry_the_digest_away(world):
    world.run(world.days[-3])
    lines = world.prices.read_text().splitlines()
    other = world.prices.with_name("ahead.csv")
    other.write_text("\n".join([*lines, "2099-01-01," + lines[-1].partition(",")[2]]) + "\n")
    world.pairs.write_text(
        world.pairs.read_text()
        + '[[pairs]]\na = "csv:ahead.csv#C"\nb = "csv:ahead.csv#B"\n'
        + '[[pairs]]\na = "csv:prices.csv#A"\nb = "csv:prices.csv#D"\n'
    )
    done = world.run(world.days[-1])
    assert (done.exit_code, done.content["as_of"]) == (1, world.days[-1])
    [problem] = done.content["problems"]
    assert "row 1401 is dated 2099-01-01, in the future" in problem["message"]
    [failure] = done.batch.failures
    assert failure.slug == "ahead-c-vs-ahead-b"


def test_one_pair_far_behind_or_ahead_of_the_others_is_looked_at_all_the_same(world):
    """Monthly data end weeks before daily ones; the clock alone tells what is impossible."""
    lines = world.run(world.days[-80]) and world.prices.read_text()
    world.prices.with_name("old.csv").write_text(lines)
    world.pairs.write_text(
        world.pairs.read_text()
        + '[[pairs]]\na = "csv:old.csv#A"\nb = "csv:old.csv#B"\n'
        + '[[pairs]]\na = "csv:old.csv#A"\nb = "csv:old.csv#C"\n'
        + '[[pairs]]\na = "csv:old.csv#C"\nb = "csv:old.csv#D"\n'
    )
    done = world.run(world.days[-1])
    assert done.content["as_of"] == world.days[-1]
    assert done.content["problems"] == []


def test_a_provider_that_fails_is_said_and_the_rest_goes_on(world):
    world.pairs.write_text(
        world.pairs.read_text() + '[[pairs]]\na = "fred:DGS10"\nb = "csv:prices.csv#B"\n'
    )
    done = world.run(world.days[-1])
    assert done.exit_code == 1
    [problem] = done.content["problems"]
    assert "fred" in problem["message"]
    assert "Data problems" in (world.reports / "digest" / f"{world.days[-1]}.html").read_text()


def test_without_any_page_there_is_no_digest(world, monkeypatch):
    monkeypatch.setenv("CONVEX_RESEARCH_OFFLINE", "1")  # nobody is asked
    world.pairs.write_text('[[pairs]]\na = "fred:DGS10"\nb = "fred:DGS2"\n')
    done = world.run(world.days[-1])
    assert (done.content, done.exit_code) == (None, 3)


def fred_csv(days, seed):
    levels = 4.0 + np.cumsum(0.05 * np.random.default_rng(seed).standard_normal(900))
    rows = "".join(f"{day},{x:.2f}\n" for day, x in zip(days[-900:], levels, strict=False))
    return ("observation_date,DGS\n" + rows).encode()


@pytest.fixture
def sources(world, host, monkeypatch):
    """Two series of one source on this machine: ``sources(days)`` answers, or refuses."""
    world.pairs.write_text('[[pairs]]\na = "fred:DGS10"\nb = "fred:DGS2"\n')
    clock = {"now": datetime(2024, 6, 3, 12, tzinfo=UTC)}
    monkeypatch.setitem(vars(provider_named("fred")), "now", lambda: clock["now"])
    monkeypatch.setattr(shared_transport(), "sleep", lambda _: None)

    def answer(upto=None):
        clock["now"] += timedelta(days=1)  # what is cached has expired
        monkeypatch.setenv("CONVEX_RESEARCH_FRED_URL", host.url if upto else CLOSED)
        if upto is None:
            return
        kept = [day for day in world.days if day <= upto]
        host.reply = lambda asked, _: (200, fred_csv(kept, int("DGS2" in str(asked.query))), {})

    return answer


def test_a_day_without_any_answer_has_its_digest(world, sources):
    sources(world.days[-3])
    first = world.run(world.days[-1])
    assert (first.exit_code, first.content["as_of"]) == (0, world.days[-3])
    sources(None)
    silent = world.run(world.days[-1])
    assert (silent.exit_code, silent.is_new) == (3, False)
    name = f"{world.days[-3]}-no-answer"
    folder = world.reports / "digest"
    assert silent.page == folder / f"{name}.html"
    for form in ("html", "txt", "json"):
        text = " ".join((folder / f"{name}.{form}").read_text().split())
        assert "No source answered (fred): nothing can be said about changes" in text
        assert f"data are known to {world.days[-3]}" in text
        assert "DGS10" in text
    assert name in (folder / "feed.xml").read_text()
    assert json.loads((folder / "feed.json").read_text())["items"][0]["url"] == f"{name}.html"
    before = published(world.reports)
    sources(None)
    assert world.run(world.days[-1]).exit_code == 3
    assert published(world.reports) == before  # one such digest, however long it lasts
    sources(world.days[-2])
    later = world.run(world.days[-1])
    assert (later.exit_code, later.is_new) == (0, True)
    assert later.content["as_of"] == world.days[-2]
    assert later.content["previous"] == world.days[-3]
    items = json.loads((folder / "feed.json").read_text())["items"]
    assert [one["url"] for one in items] == [
        f"{world.days[-2]}.html",
        f"{name}.html",
        f"{world.days[-3]}.html",
    ]


def test_the_digest_of_a_silent_day_is_sent_once(world, sources, monkeypatch):
    from convex_research.daily.deliver import handover as delivering

    sent = []

    def sender(url, *, first_wait=1.0):
        def send(item, body, about_to_send):
            about_to_send()
            sent.append((item.as_of, json.loads(body)["sentence"]))

        return send

    monkeypatch.setattr(delivering, "webhook_sender", sender)
    hook = Delivery(webhook="https://example.org/x")
    sources(None)
    for _ in range(2):
        assert world.run(world.days[-1], delivery=hook).exit_code == 3
        sources(None)
    assert [name for name, _ in sent] == ["no-answer"]
    assert "no data are known yet" in sent[0][1]
    sources(world.days[-2])
    assert world.run(world.days[-1], delivery=hook).exit_code == 0
    sources(None)
    assert world.run(world.days[-1], delivery=hook).exit_code == 3
    names = ["no-answer", world.days[-2], f"{world.days[-2]}-no-answer"]
    assert [name for name, _ in sent] == names


def test_one_source_that_answers_is_no_silence(world, sources):
    world.pairs.write_text(
        world.pairs.read_text() + '[[pairs]]\na = "csv:prices.csv#A"\nb = "csv:prices.csv#B"\n'
    )
    sources(None)
    done = world.run(world.days[-1])
    assert (done.exit_code, done.is_new) == (1, True)
    again = world.run(world.days[-1])
    assert "silent" not in again.content
    assert not list((world.reports / "digest").glob("*no-answer*"))


def test_two_runs_never_collide(world):
    with only_daily(world.reports) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        said = []

        def second():
            try:
                world.run(world.days[-1])
            except AlreadyRunningError as error:
                said.append(error)

        other = threading.Thread(target=second)
        other.start()
        other.join()
        assert said[0].exit_code == 4
        assert "Another daily run is at work" in str(said[0])
        assert not (world.reports / "digest").exists()
    assert world.run(world.days[-1]).is_new
    assert not FileLock(folder / "lock").is_locked


class PlugPulledError(BaseException):
    pass


WRITES = range(1, 10)


@pytest.mark.parametrize("write", WRITES)
def test_a_crash_at_any_write_is_mended_by_the_next_run(world, monkeypatch, tmp_path, write):
    from convex_research.daily import history, run
    from convex_research.daily import state as keeping

    world.run(world.days[-4])
    world.run(world.days[-3])
    expected = published(world.reports)
    world.reports.rename(tmp_path / "whole")
    world.run(world.days[-4])
    count = 0
    real = run.write_atomically

    def failing(path, content):
        nonlocal count
        count += 1
        if count == write:
            raise PlugPulledError
        real(path, content)

    for module in (run, keeping, history):
        monkeypatch.setattr(module, "write_atomically", failing)
    with pytest.raises(PlugPulledError):
        world.run(world.days[-3])
    count = 1000
    world.run(world.days[-3])
    assert published(world.reports) == expected


@pytest.mark.parametrize("damage", [b"", b"PAR1 nonsense", "cut"])
def test_a_damaged_history_is_set_aside_and_made_again(world, damage):
    for day in world.days[-4:-1]:
        world.run(day)
    path = world.reports / "history" / f"{world.days[-2][:7]}.parquet"
    whole = pd.read_parquet(path.parent)
    body = path.read_bytes()
    path.write_bytes(body[: len(body) // 2] if damage == "cut" else damage)
    world.run(world.days[-1])
    assert "is damaged" in world.said[-1]
    assert list(path.parent.glob("*.damaged-*"))
    again = pd.read_parquet(path.parent)  # the whole folder, damaged files and kept days apart
    old = again[again["published"] != world.days[-1]].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        old.astype(whole.dtypes.to_dict()), whole, check_categorical=False
    )
    assert (again["published"] == world.days[-1]).any()


def test_a_damaged_state_is_set_aside_and_the_one_before_is_used(world):
    world.run(world.days[-4])
    world.run(world.days[-3])
    newest = world.reports / ".daily" / "state" / f"{world.days[-3]}.json"
    newest.write_bytes(b"{")
    done = world.run(world.days[-2])
    assert done.is_new
    assert "is damaged" in "".join(world.said)
    assert done.content["previous"] == world.days[-4]


def test_history_keeps_what_was_published_not_what_was_restated(world):
    world.run(world.days[-3])
    slug, key = "prices-c-vs-prices-d", "correlation.pearson[252]"
    before = History(world.reports / "history").read(slug, key)["value"][0]
    lines = world.prices.read_text()
    world.run(world.days[-2])
    assert lines != world.prices.read_text()
    table = History(world.reports / "history").read(slug, key)
    assert list(table["as_of"]) == world.days[-3:-1]
    assert table["value"][0] == before
    assert {"low", "high", "published"} <= set(table.columns)


def test_history_says_what_there_is(world):
    history = History(world.reports / "history")
    with pytest.raises(InputError, match="no history here yet"):
        history.read("x", "y")
    world.run(world.days[-1])
    with pytest.raises(InputError, match="there is prices-a-vs-prices-b"):
        history.read("prices-a-vs-prices", "y")
    with pytest.raises(InputError, match=r"there is correlation.pearson\[252\]"):
        history.read("prices-a-vs-prices-b", "correlation.pearson[25]")


def test_flipped_verdicts_are_listed_but_are_no_signals(world):
    even = next(d for d in world.days[-12:] if int(d[-2:]) % 2 == 0 and d > "")
    odd = next(d for d in world.days[world.days.index(even) :] if int(d[-2:]) % 2)
    world.run(even)
    done = world.run(odd)
    flips = [one for one in done.content["moved"] if one["kind"] == "verdict"]
    slugs = {one["slug"] for one in flips}
    assert "prices-c-vs-prices-d" in slugs
    assert all("; before: " in one["words"] for one in flips)
    assert done.content["moved_counts"]["verdict"] == len(flips)


def test_the_first_day_under_other_methods_is_told_as_that(world, monkeypatch):
    """Records of before do not say how they were made, nor does the state that was kept of them."""
    even = next(d for d in world.days[-12:] if int(d[-2:]) % 2 == 0)
    later = world.days[world.days.index(even) :]
    odd = next(d for d in later if int(d[-2:]) % 2)
    next_even = next(d for d in later if d > odd and int(d[-2:]) % 2 == 0)
    world.run(even)
    kept = world.reports / ".daily" / "state" / f"{even}.json"
    state = json.loads(kept.read_text())
    for one in state["state"]["pairs"].values():
        del one["methods"]
    kept.write_text(json.dumps(state))

    def remade(*args):
        record = small_record(*args)
        low = {"statistic": 9.0, "pvalue": 1e-12}
        return {**record, "methods": "2", "tests": {**record["tests"], "recent.fisher": low}}

    made_by = daily_run.run_batch.__globals__
    small_record = made_by["small_record"]
    monkeypatch.setitem(made_by, "small_record", remade)
    first = world.run(odd).content
    assert first["methods"] == {"methods": "2", "pairs": 2}
    assert "First day under methods 2 for 2 pairs" in first["sentence"]
    assert "First day under methods 2" in (world.reports / "digest" / f"{odd}.txt").read_text()
    assert [one for one in first["moved"] if one["kind"] != "move"] == []
    assert [one for one in first["signals"] if one["part"] == "recent"] == []
    assert "prices-c-vs-prices-d" in {one["slug"] for one in first["still_open"]}
    second = world.run(next_even).content
    assert second["methods"] is None
    assert [one for one in second["signals"] if one["part"] == "recent"] == []
    assert "verdict" in {one["kind"] for one in second["moved"]}
    table = History(world.reports / "history").read("prices-c-vs-prices-d", "claim.C29")
    assert list(table["methods"]) == ["1", "2", "2"]
