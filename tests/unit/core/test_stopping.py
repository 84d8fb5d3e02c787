"""Ctrl-C and SIGTERM, at any moment: one line, exit 130, no traceback."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

LINE = "Stopped. What is finished is kept; run it again for the rest."
LONG = 60.0
posix = pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="looks into /proc")


@pytest.fixture
def start(tmp_path, apart):
    """Start Python as a terminal would: what it starts gets its signals too."""
    started = []

    def run(*words, **environment):
        process = subprocess.Popen(
            [sys.executable, "-P", *words],
            cwd=tmp_path,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def end_of(process):
    """Exit code, and lines on standard error but for what a batch could not fetch."""
    _, said = process.communicate(timeout=LONG)
    lines = [line for line in said.splitlines() if not line.startswith("not fetched: ")]
    return process.returncode, lines


PAIR = ("fred:DGS10", "sample:vix")
COMMANDS = {
    "fetch": ("fetch", "fred:DGS10"),
    "report": ("report", *PAIR),
    "batch": ("batch", "--universe", ",".join(PAIR)),
    "daily": ("daily", "pairs.csv"),
}


@pytest.mark.network
@pytest.mark.parametrize(
    ("command", "signals"),
    [
        ("fetch", [signal.SIGINT]),
        ("report", [signal.SIGTERM]),
        ("batch", [signal.SIGINT]),
        ("batch", [signal.SIGTERM]),
        ("batch", [signal.SIGINT, signal.SIGINT, signal.SIGTERM] * 10),
        ("daily", [signal.SIGINT]),
    ],
    ids=["fetch", "report", "batch", "batch ended", "batch again and again", "daily"],
)
def test_a_stuck_source_does_not_keep_a_program(start, drip, tmp_path, command, signals):
    server = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n")
    (tmp_path / "pairs.csv").write_text("a,b\n" + ",".join(PAIR) + "\n")
    address = f"http://127.0.0.1:{server.port}"
    process = start("-m", "convex_research", *COMMANDS[command], CONVEX_RESEARCH_FRED_URL=address)
    assert server.asked.wait(LONG)
    for number in signals:
        if process.poll() is None:
            os.killpg(process.pid, number)
            time.sleep(0.01)
    assert end_of(process) == (130, [LINE])
    if command in {"batch", "daily"}:
        assert (tmp_path / "reports" / "index.html").is_file()


def wait_until(process, seen):
    until = time.monotonic() + LONG
    while not seen(Path(f"/proc/{process.pid}")):
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.001)


def handles_signals(folder):
    caught = (folder / "status").read_text().partition("SigCgt:")[2].split()[0]
    return bool(int(caught, 16) >> (signal.SIGTERM - 1) & 1)


def loading(library):
    return lambda folder: library in (folder / "maps").read_text()


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "seen",
    [handles_signals, loading("_multiarray_umath"), loading("libarrow")],
    ids=["first", "numpy", "pyarrow"],
)
def test_libraries_that_are_being_imported_are_no_exception(start, seen, number):
    process = start("-m", "convex_research", "batch", "--universe", "sample:vix,sample:sp500")
    wait_until(process, seen)
    os.killpg(process.pid, number)
    assert end_of(process) == (130, [LINE])


PROGRAM = """
import atexit, os, signal, threading
from convex_research.core import stopping

def stop():
    os.kill(os.getpid(), signal.SIGINT)
    for _ in range(1000):  # Python looks for signals between its steps
        pass

class Dropped:
    def __del__(self):
        stop()

def wait():
    threading.Event().wait(600)

def program():
    {body}

stopping.run(program)
"""
WAYS = {
    "a destructor swallows it": "Dropped(); wait()",
    "a bare except swallows it": """
    try:
        stop()
    except:
        pass
    wait()""",
    "it becomes another error": """
    try:
        stop()
    except KeyboardInterrupt:
        raise RuntimeError("release unlocked lock")""",
    "it becomes another exit": """
    try:
        stop()
    finally:
        raise SystemExit(3)""",
    "a thread would be waited for": "threading.Thread(target=wait).start(); stop()",
    "tidying up is endless": """
    try:
        stop()
    finally:
        wait()""",
    "it comes after the end": "atexit.register(stop)",
    "it comes while Python waits for a thread": """
    main = threading.main_thread()
    threading.Thread(target=lambda: (main.join(), stop(), wait())).start()""",
}


@pytest.mark.parametrize("way", WAYS)
def test_whatever_becomes_of_the_interrupt_the_program_ends(start, way):
    assert end_of(start("-c", PROGRAM.format(body=WAYS[way]))) == (130, [LINE])
