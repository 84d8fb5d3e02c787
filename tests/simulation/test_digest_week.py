"""A week of days on the real command line: mails, a killed build, a kill while sending."""

import email
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from aiosmtpd.controller import Controller

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning:aiosmtpd"),
]
NOBS = 900


class Mailbox:
    """Takes mail; told to, it takes one and ends the sender before it can hear of it."""

    def __init__(self):
        self.messages, self.ends = [], None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.messages.append(envelope.content)
        if self.ends is not None:
            os.kill(self.ends, signal.SIGKILL)
            self.ends = None
        return "250 OK"


@pytest.fixture
def mailbox():
    box = Mailbox()
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    controller = Controller(box, "127.0.0.1", port)
    controller.start()
    box.port = port
    yield box
    controller.stop()


@pytest.fixture
def week(tmp_path, mailbox):
    rng = np.random.default_rng(8)
    z = rng.standard_normal((NOBS, 2))
    z[:, 1] = 0.8 * z[:, 0] + 0.6 * z[:, 1]
    days = np.busday_offset("2021-01-04", np.arange(NOBS + 1), roll="forward").astype(str)
    prices = 100 * np.exp(np.vstack([[0, 0], np.cumsum(0.01 * z, axis=0)]))
    table = pd.DataFrame(prices, columns=["X", "Y"], index=pd.Index(days, name="date"))
    (tmp_path / "pairs.toml").write_text(
        '[[pairs]]\na = "csv:prices.csv#X"\nb = "csv:prices.csv#Y"\n'
    )
    environment = {
        **os.environ,
        "CONVEX_RESEARCH_SMTP_URL": f"smtp://localhost:{mailbox.port}",
        "CONVEX_RESEARCH_MAIL_FROM": "robot@example.org",
        "CONVEX_RESEARCH_CACHE": str(tmp_path / "cache"),
        "OPENBLAS_NUM_THREADS": "1",
    }
    command = (sys.executable, "-m", "convex_research", "daily", "pairs.toml", "--jobs", "1")

    def start(day):
        table.iloc[: NOBS - 4 + day].to_csv(tmp_path / "prices.csv")
        return subprocess.Popen(
            [*command, "--to", "reader@example.org"],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    start.days, start.folder = list(days[NOBS - 5 :]), tmp_path
    return start


def dates(mailbox):
    subjects = [str(email.message_from_bytes(one)["Subject"]) for one in mailbox.messages]
    return [words.removeprefix("Correlations to ")[:10] for words in subjects]


def test_a_week_with_two_crashes(week, mailbox):
    monday, tuesday, wednesday, thursday, friday = range(5)
    said = {}
    for day in (monday, tuesday):
        run = week(day)
        out, said[day] = run.communicate(timeout=500)
        assert run.returncode == 0, said[day]
        assert week.days[day] in out
    # Wednesday ends in the middle of building; its day is caught up on Thursday.
    run = week(wednesday)
    for line in run.stderr:
        if line.startswith("1 of"):
            break
    run.kill()
    run.communicate()
    assert dates(mailbox) == week.days[:2]
    # Thursday ends after the server took the mail, before it could say so.
    run = week(thursday)
    mailbox.ends = run.pid
    run.communicate(timeout=500)
    assert run.returncode == -signal.SIGKILL
    assert dates(mailbox) == [*week.days[:2], week.days[thursday]]
    # The next run of the same day says what it cannot know, and sends nothing.
    run = week(thursday)
    _, said[thursday] = run.communicate(timeout=500)
    assert run.returncode == 0
    assert "may have arrived and is not sent again" in said[thursday]
    run = week(friday)
    _, said[friday] = run.communicate(timeout=500)
    assert run.returncode == 0, said[friday]
    expected = [*week.days[:2], week.days[thursday], week.days[friday]]
    assert dates(mailbox) == expected
    digests = sorted(p.stem for p in (week.folder / "reports" / "digest").glob("2*.json"))
    assert digests == expected
    history = pd.read_parquet(week.folder / "reports" / "history")
    assert sorted(history["published"].astype(str).unique()) == expected
    identities = [str(email.message_from_bytes(one)["Message-ID"]) for one in mailbox.messages]
    assert len(set(identities)) == len(expected)


def test_two_runs_at_once(week):
    first = week(0)
    lock = week.folder / "reports" / ".daily" / "lock"
    while not lock.exists():
        time.sleep(0.05)
    for line in first.stderr:  # it has the lock by now
        if "pages of" in line:
            break
    second = week(0)
    _, words = second.communicate(timeout=200)
    assert second.returncode == 4
    assert "Another daily run is at work" in words
    first.communicate(timeout=500)
    assert first.returncode == 0
