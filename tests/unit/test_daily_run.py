"""Daily runs: once a day, whatever happens in between."""

import hashlib
import json
import threading

import pandas as pd
import pytest
from filelock import FileLock

from convex_research.daily.delivery import Delivery
from convex_research.daily.history import History
from convex_research.daily.keeping import AlreadyRunningError, only_daily
from convex_research.errors import InputError

HOSTILE = "<script>"


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
    done = world.run(world.days[-10])  # a clock, or a provider, that went back
    assert not done.is_new
    assert "stay as they are" in world.said[-1]
    after = {
        k: v for k, v in published(world.reports).items() if k.startswith(("digest", "history"))
    }
    assert after == {k: v for k, v in before.items() if k.startswith(("digest", "history"))}


def test_a_date_far_ahead_does_not_carry_the_digest_away(world):
    world.run(world.days[-3])
    lines = world.prices.read_text().splitlines()
    other = world.prices.with_name("ahead.csv")
    other.write_text("\n".join([*lines, "2031-01-01," + lines[-1].partition(",")[2]]) + "\n")
    world.pairs.write_text(
        world.pairs.read_text()
        + '[[pairs]]\na = "csv:ahead.csv#C"\nb = "csv:ahead.csv#B"\n'
        + '[[pairs]]\na = "csv:prices.csv#A"\nb = "csv:prices.csv#D"\n'
    )
    done = world.run(world.days[-1])
    assert done.content["as_of"] == world.days[-1]
    assert any("far ahead" in one["message"] for one in done.content["problems"])


def test_a_provider_that_fails_is_said_and_the_rest_goes_on(world):
    world.pairs.write_text(
        world.pairs.read_text() + '[[pairs]]\na = "fred:DGS10"\nb = "csv:prices.csv#B"\n'
    )
    done = world.run(world.days[-1])
    assert done.exit_code == 1
    [problem] = done.content["problems"]
    assert "fred" in problem["message"]
    assert "Data problems" in (world.reports / "digest" / f"{world.days[-1]}.html").read_text()


def test_without_any_page_there_is_no_digest(world):
    world.pairs.write_text('[[pairs]]\na = "fred:DGS10"\nb = "fred:DGS2"\n')
    done = world.run(world.days[-1])
    assert (done.content, done.exit_code) == (None, 3)


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


WRITES = range(1, 9)


@pytest.mark.parametrize("write", WRITES)
def test_a_crash_at_any_write_is_mended_by_the_next_run(world, monkeypatch, tmp_path, write):
    from convex_research.daily import history, keeping, run

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
    assert all("now supported; it was inconclusive" in one["words"] for one in flips)
    assert done.content["moved_counts"]["verdict"] == len(flips)
