"""Bad input of every kind: one line with the remedy, exit code 2, and nothing half-written."""

from __future__ import annotations

import gzip
import json
import os

import numpy as np
import pandas as pd
import pytest

from convex_research.cli import main as cli
from convex_research.data.files import sheet

DAYS = pd.bdate_range("2019-01-02", periods=200)
PRICES = pd.Series(
    np.round(100 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.01, 200))), 2), DAYS
)


def table(values=PRICES, form="%Y-%m-%d", head="date,close", number="{}"):
    rows = (f"{d.strftime(form)},{number.format(x)}" for d, x in values.items())
    return "\n".join([head, *rows]) + "\n"


def at(position, value):
    return PRICES.where(PRICES.index != DAYS[position], value)


LONG = "".join(f"{d:%Y-%m-%d},{t},{x}\n" for d, x in PRICES.items() for t in ("AA", "BB"))
EARLY = PRICES.set_axis(pd.date_range("2019-01-01", periods=200))
# File, options, and what the line says must be done.
KINDS = {
    "no file": (None, "", "Check the path"),
    "no table": ("nothing\nat-all\n", "", "one column"),
    "no dates": ("name,close\nx,1\ny,2\n", "", "?date_format="),
    "a web page": ("<html><body>Not found</body></html>", "", "save its table as CSV"),
    "packed": (gzip.compress(table().encode()), "", "unpack it"),
    "zipped": (b"PK\x03\x04 something else", "", "unpack it"),
    "an empty file": ("", "", "the file is empty"),
    "a header alone": ("date,close\n", "", "?date_format="),
    "day or month": ("date,close\n01/02/2024,1\n03/02/2024,2\n", "", "?date_format=MM/DD/YYYY or"),
    "mixed dates": (table() + "13/01/2021,100\n", "", "mend the row"),
    "decimals or thousands": ("d;c\n2024-01-02;1.002\n2024-01-03;2.110\n", "", "?decimal=. or"),
    "a word": (table(at(9, "closed")), "", "row 11: 'closed' is not a number; mend the row"),
    "two columns": ("date,a,b\n2024-01-02,1,2\n", "", "name the column after '#', such as #a"),
    "no such column": (table(), "#high", "The file has close"),
    "no such option": (table(), "?dats=x", "did you mean date?"),
    "no such kind": (table(), "?kind=share", "use one of price, rate"),
    "no such instrument": (table(), "?id=SPYY", "is not in the catalogue: SPY"),
    "no such calendar": (table(), "?calendar=NYSE!", "XNYS is New York"),
    "no such zone": (table(form="%Y-%m-%d 16:00"), "?timezone=Paris", "Europe/Berlin"),
    "no currency": (table(), "?to=EUR", "?currency=USD"),
    "a long file": (f"date,ticker,close\n{LONG}", "#close", "?where=ticker:AA"),
    "all columns": (table(), "#*", "batch --universe"),
    "hours": ("t,c\n2024-01-02 10:00,1\n2024-01-02 16:00,2\n", "", "?daily=last"),
    "a date twice": (table() + table(PRICES[-1:]).partition("\n")[2], "", "keep one row a date"),
    "no order": (table(PRICES.sample(frac=1, random_state=1)), "", "sort the file by date"),
    "the future": (table() + "9999-12-31,100\n", "", "--as-of"),
    "returns": (table(PRICES.pct_change().dropna()), "", "?kind=return"),
    "returns in per cent": (
        table(100 * PRICES.pct_change().dropna()),
        "?kind=return",
        "?kind=return&unit=percent",
    ),
    "per cent": (table(number="{}%"), "", "?kind=rate"),
    "a day off": (table(PRICES.set_axis(DAYS - pd.Timedelta(days=1))), "", "?timezone="),
    "a unit": (
        table(PRICES.where(DAYS < "2019-06", PRICES * 100)),
        "",
        "--accept unit_change",
    ),
    "a tick": (table(at(99, 1234.5)), "", "--accept bad_tick"),
    "not positive": (table(at(99, -3.0)), "", "?kind=level"),
    "no calendar of its days": (table(EARLY), "?calendar=XNYS", "--accept more_rows_than_sessions"),
    "constant": (table(PRICES * 0 + 5), "", "constant on the shared dates"),
    "too few days": (table(PRICES[:50]), "", "at least 60 are needed"),
    "the same series": (table(), "?name=other", "the same series twice"),
}


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr("sys.argv", ["convex-research", *words])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        return stop.value.code, said.out, said.err

    return call


@pytest.fixture
def good(tmp_path):
    (tmp_path / "good.csv").write_text(table())
    return "file:good.csv"


@pytest.mark.parametrize("command", ["analyze", "report"])
@pytest.mark.parametrize("kind", KINDS)
def test_bad_input_is_one_line_with_a_remedy_and_leaves_nothing(run, good, tmp_path, kind, command):
    content, options, remedy = KINDS[kind]
    if content is not None:
        path = tmp_path / "bad.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = sorted(tmp_path.iterdir())
    code, out, err = run(command, f"file:bad.csv{options}", good)
    assert (code, out) == (2, "")
    *warnings, line = err.splitlines()
    assert all(one.startswith("warning: ") for one in warnings)
    assert line.startswith("convex-research: ")
    assert remedy in line
    assert str(tmp_path) not in err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("good.csv", "file:good.csv"), ("VOO", "yahoo:VOO or file:prices.csv"), ("SPYY", "mean SPY")],
)
def test_a_name_that_is_not_known_is_answered_with_what_would_work(run, good, name, remedy):
    code, out, err = run("report", name, "sample:sp500")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert remedy in err


@pytest.mark.parametrize("kind", ["folder", "pipe", "too large"])
def test_what_is_no_sensible_file_is_not_opened(run, good, tmp_path, kind, monkeypatch):
    if kind == "folder":
        (tmp_path / "bad.csv").mkdir()
    elif kind == "pipe":
        os.mkfifo(tmp_path / "bad.csv")
    else:
        (tmp_path / "bad.csv").write_text(table())
        monkeypatch.setattr(sheet, "LARGEST", 2000)
    code, out, err = run("report", "file:bad.csv", good)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert {"folder": "a folder", "pipe": "not a regular file", "too large": "MB"}[kind] in err
    assert not (tmp_path / "reports").exists()


def test_a_batch_lists_a_pair_of_bad_input_and_builds_the_rest(run, good, tmp_path):
    (tmp_path / "bad.csv").write_text("secret\x00 word,token\n" + "x,1\n" * 3)
    (tmp_path / "other.csv").write_text(table(PRICES * (1 + 0.01 * np.sin(np.arange(200)))))
    (tmp_path / "pairs.csv").write_text(f"file:bad.csv,{good}\n{good},file:other.csv\n")
    code, _, err = run("batch", "pairs.csv", "--jobs", "1")
    assert code == 1
    assert "file:bad.csv" in err
    index = json.loads((tmp_path / "reports" / "index.json").read_text())
    assert {one["slug"] for one in index["failures"]} == {"bad", "bad-vs-good"}
    for page in (tmp_path / "reports").rglob("*.html"):
        assert "secret" not in page.read_text()
    assert (tmp_path / "reports" / "good-vs-other" / "correlation.html").is_file()
    assert not list((tmp_path / "reports").glob("bad-vs-good/*.ipynb"))
