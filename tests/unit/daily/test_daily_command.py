"""The commands daily and history: exit codes, one line an error, no secrets."""

from datetime import UTC, datetime

import pytest

from convex_research.cli import main as cli
from convex_research.core.config import AnalysisConfig
from convex_research.daily import run as daily_run
from convex_research.daily.deliver import address
from convex_research.data import clock

SECRETS = ("t0ken", "s3cret")


@pytest.fixture
def run(capsys, monkeypatch):
    for name in (address.SMTP_VARIABLE, address.WEBHOOK_VARIABLE, address.SENDER_VARIABLE):
        monkeypatch.delenv(name, raising=False)

    def call(*words):
        monkeypatch.setattr("sys.argv", ["convex-research", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        assert not any(secret in said.out + said.err for secret in SECRETS)
        return stop.value.code, said.out, said.err

    return call


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--to", "nobody"), "is not a mail address"),
        (("--to", "a@example.org"), "Mail needs CONVEX_RESEARCH_SMTP_URL"),
        (("--webhook", "http://example.org/t0ken"), "must be an address like https"),
        (("--jobs", "0"), "needs at least one worker"),
        (("--window", "5"), "rolling_window must be whole numbers from 30"),
        (("--helper", "vixx=sample:vix"), "unknown role 'vixx'"),
        (("--accept", "nothing"), "unknown check to accept 'nothing'"),
    ],
)
def test_wrong_options_are_found_before_anything_is_done(run, world, words, expected):
    code, _, err = run("daily", world.pairs, "--output", world.reports, *words)
    assert code == 2
    assert expected in err
    assert err.count("\n") == 1
    assert not world.reports.exists()


def test_daily_says_what_it_made(run, world):
    code, out, err = run("daily", world.pairs, "--output", world.reports)
    assert code == 0, err
    assert "beyond chance" in out
    assert out.strip().endswith(".html")
    code, out, _ = run("daily", world.pairs, "--output", world.reports)
    assert code == 0
    assert out.startswith("No new day. The latest digest: ")


def test_daily_has_the_choices_of_a_batch(run, world, monkeypatch):
    asked, real = [], daily_run.run_batch

    def batch(requests, *words, **options):
        asked.extend(requests)
        return real(requests, *words, **options)

    monkeypatch.setattr(daily_run, "run_batch", batch)
    options = ("--window", "60", "--level", "0.9", "--market", "sample:sp500")
    code, _, err = run("daily", world.pairs, "--output", world.reports, *options)
    assert code == 0, err
    config = AnalysisConfig(rolling_window=60, confidence_level=0.9)
    assert {one.config for one in asked} == {config}
    assert {one.helpers["market"] for one in asked} == {"sample:sp500"}


def test_a_digest_that_went_past_the_clock_is_said_and_withdrawn(run, world, monkeypatch):
    words = ("daily", world.pairs, "--output", world.reports)
    withdraw = ("daily", "--output", world.reports, "--withdraw")
    code, _, err = run(*withdraw, "2099-01-01")
    assert (code, err.count("\n")) == (2, 1)
    assert "There is no digest in" in err
    world.run(world.days[-3])
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: datetime(2100, 1, 1, tzinfo=UTC))
        world.run(world.days[-2], mistyped="2099-01-01")
    code, out, err = run(*words)  # the row is still there
    assert (code, out) == (2, "")
    assert "The last digest, to 2099-01-01, lies ahead of the clock" in err
    *right, _ = world.prices.read_text().splitlines()
    world.prices.write_text("\n".join(right) + "\n")
    code, out, err = run(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert f"2099-01-01, lies ahead of the data, which end on {world.days[-2]}: nothing" in err
    assert err.strip().endswith(f"daily --withdraw 2099-01-01 --output {world.reports}")
    code, _, err = run(*withdraw, "2098-01-01")
    assert (code, err.count("\n")) == (2, 1)
    assert f"no digest to 2098-01-01; there is 2099-01-01, {world.days[-3]}." in err
    code, _, err = run(*withdraw, world.days[-3])
    assert code == 2
    assert "is not the latest: withdraw 2099-01-01 first" in err
    assert run(*withdraw, "soon")[0] == 2
    code, out, err = run(*withdraw, "2099-01-01")
    assert (code, err) == (0, "")
    assert "The digest to 2099-01-01 is withdrawn" in out
    code, out, _ = run(*withdraw, "2099-01-01")
    assert code == 0
    assert "was withdrawn before; nothing was left to do" in out
    code, out, err = run(*words)
    assert code == 0, err
    assert out.strip().endswith(f"{world.days[-2]}.html")


def test_daily_says_that_no_source_answered(run, world):
    world.pairs.write_text('[[pairs]]\na = "fred:DGS10"\nb = "fred:DGS2"\n')
    for _ in range(2):
        code, out, _ = run("daily", world.pairs, "--output", world.reports)
        assert code == 3
        assert out.startswith("No source answered (fred): nothing can be said about changes")
        assert out.strip().endswith("no-answer.html")


def test_daily_writes_the_mail_of_a_dry_run(run, world, monkeypatch):
    monkeypatch.setenv(address.SMTP_VARIABLE, "smtp://robot@mail.example.org")
    monkeypatch.setenv(address.PASSWORD_VARIABLE, "s3cret")
    code, out, err = run(
        "daily", world.pairs, "--output", world.reports, "--to", "a@b.org", "--dry-run"
    )
    assert code == 0, err
    [mail] = (world.reports / ".daily" / "dry-run").glob("*.eml")
    assert out.splitlines()[-1] == str(mail)
    assert not any(secret.encode() in mail.read_bytes() for secret in SECRETS)
    assert not (world.reports / ".daily" / "outbox").exists()


def test_systemd_prints_units_and_does_nothing(run, world):
    words = ("daily", world.pairs, "--systemd", "--webhook", "https://example.org/t0ken")
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert f"convex-research daily {world.pairs}\n" in out
    assert "[Timer]" in out
    assert not world.reports.exists()


def test_history_prints_and_draws(run, world, tmp_path):
    for day in world.days[-3:]:
        world.run(day)
    slug, key, where = (
        "prices-c-vs-prices-d",
        "correlation.pearson[252]",
        ("--reports", world.reports),
    )
    code, out, _ = run("history", slug, key, *where)
    assert code == 0
    assert len(out.splitlines()) == 4
    code, out, _ = run("history", slug, key, *where, "--output", "csv")
    assert out.splitlines()[0] == "as_of,published,value,low,high,methods"
    assert [line.split(",")[0] for line in out.splitlines()[1:]] == world.days[-3:]
    target = tmp_path / "line.svg"
    assert run("history", slug, key, *where, "--plot", target)[0] == 0
    assert target.read_text().startswith("<svg")
    code, out, _ = run("history", slug, "claim.C29", *where)
    assert "supported" in out
    code, _, err = run("history", slug, "claim.C29", *where, "--plot", target)
    assert code == 2
    assert "only words" in err
    code, _, err = run("history", "nonsense", key, *where)
    assert (code, err.count("\n")) == (2, 1)
