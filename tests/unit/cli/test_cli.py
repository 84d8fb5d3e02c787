"""The command line: exit codes, one-line errors, nothing half-written."""

import csv
import io
import json
import os
import re

import numpy as np
import pytest

from convex_research.analysis.record import validate_record
from convex_research.cli import main as cli


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def call(*words):
        monkeypatch.setattr("sys.argv", ["convex-research", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        return stop.value.code, said.out, said.err

    return call


def write_prices(path, column="x", n=200, **changes):
    rng = np.random.default_rng(changes.pop("seed", 1))
    days = np.arange("2020-01-01", "2022-01-01", dtype="datetime64[D]")[:n]
    prices = changes.pop("prices", 100 * np.exp(np.cumsum(0.01 * rng.standard_normal(n))))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["date", column])
    writer.writerows(zip(days, prices, strict=True))
    path.write_text(out.getvalue())
    return f"csv:{path}#{column}"


def test_analyze_prints_the_record(run):
    code, out, err = run("analyze", "sample:sp500", "sample:vix", "--json", "--as-of", "2017-12-29")
    assert (code, err) == (0, "")
    record = json.loads(out)
    validate_record(record)
    assert record["as_of"] == "2017-12-29"


def test_a_row_in_the_future_is_one_line_and_exit_2(run, tmp_path):
    legs = [write_prices(tmp_path / f"{name}.csv", seed=seed) for seed, name in enumerate("ab")]
    with (tmp_path / "b.csv").open("a") as file:
        file.write("2099-01-01,50\n")
    before = sorted(tmp_path.iterdir())
    for command in (("analyze", *legs), ("report", *legs), ("report", legs[1]), ("fetch", legs[1])):
        code, out, err = run(*command)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "csv:b.csv#x: row 202 is dated 2099-01-01, in the future" in err
        assert sorted(tmp_path.iterdir()) == before
    assert run("analyze", *legs, "--as-of", "2020-06-30")[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--window", "5"], "rolling_window must be whole numbers from 30"),
        (["--window", "0"], "rolling_window must be whole numbers from 30"),
        (["--level", "95"], "confidence_level must be from 0.5 to 0.999, got 95.0; 95 % is 0.95"),
        (["--frequency", "hourly"], "frequency must be daily, weekly or monthly"),
        (["--frequency", "monthly", "--start", "2016-01-01"], "at least 60 are needed"),
        (["--market", "SPYX"], "'SPYX' is not in the catalogue"),
        (["--market", "file:nowhere.csv#x"], "no such file"),
        (["--helper", "vix"], "--helper is 'vix'; write ROLE=SYMBOL"),
        (["--helper", "vixx=sample:vix"], "unknown role 'vixx' (did you mean vix?)"),
        (["--accept", "nothing"], "unknown check to accept 'nothing'; known are bad_tick"),
    ],
)
def test_choices_that_make_no_sense_are_one_line(run, tmp_path, options, message):
    for command in ("analyze", "report"):
        code, out, err = run(command, "sample:sp500", "sample:nasdaq", *options)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert message in err
        assert list(tmp_path.iterdir()) == []


def test_an_instrument_alone_has_no_helpers(run, tmp_path):
    code, out, err = run("report", "sample:sp500", "--market", "sample:wti")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "--market and --helper go with a pair" in err
    assert list(tmp_path.iterdir()) == []


def test_analyze_takes_every_choice(run):
    options = ("--window", "60", "--level", "0.9", "--frequency", "weekly")
    helpers = ("--market", "sample:wti", "--helper", "oil=sample:vix")
    code, out, err = run("analyze", "sample:sp500", "sample:nasdaq", "--json", *options, *helpers)
    assert (code, err) == (0, "")
    record = json.loads(out)
    validate_record(record)
    assert record["data"]["frequency"] == record["config"]["frequency"] == "weekly"
    assert record["config"]["rolling_window"] == 60
    assert record["estimates"]["correlation.pearson[252]"]["confidence_level"] == 0.9
    symbols = {role: one["symbol"] for role, one in record["data"]["helpers"].items()}
    assert symbols == {"market": "sample:wti", "oil": "sample:vix", "vix": "sample:vix"}


def test_warnings_are_said_once_and_change_no_exit_code(run, tmp_path):
    legs = [
        write_prices(tmp_path / f"{name}.csv", n=n, seed=n) for name, n in (("a", 200), ("b", 150))
    ]
    said = (
        "warning: csv:b.csv#x ends 2020-05-29, csv:a.csv#x 2020-07-18: the later part is not used."
    )
    code, out, err = run("analyze", *legs)
    assert (code, err) == (0, f"{said}\n")
    code, out, err = run("report", *legs, "--kind", "correlation", "--output", "out")
    assert (code, err) == (0, f"{said}\n")
    assert len(out.splitlines()) == 3
    (tmp_path / "pairs.toml").write_text(f'[[pairs]]\na = "{legs[0]}"\nb = "{legs[1]}"\n')
    for _ in range(2):  # built, and not built again
        code, out, err = run("batch", "pairs.toml", "--jobs", "1", "--output", "all")
        assert code == 0
        assert err.count(said) == 1
    err = run("batch", "pairs.toml", "--jobs", "1", "--output", "all", "--log-json")[2]
    assert [one["message"] for one in map(json.loads, err.splitlines()) if "message" in one] == [
        said.removeprefix("warning: ")
    ]


def test_analyze_writes_a_curve(run, tmp_path):
    pair = ("sample:sp500", "sample:nasdaq", "--start", "2016-01-01", "--window", "60")
    code, out, err = run("analyze", *pair, "--curve", "rolling.pearson[60]", "--output", "r.csv")
    assert (code, out, err) == (0, "", "")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "r.csv").read_text())))
    assert list(rows[0]) == ["date", "value", "low", "high"]
    assert rows[-1]["date"] == "2018-12-31"
    assert 0.9 < float(rows[-1]["value"]) < 1.0
    assert (
        run("analyze", *pair, "--curve", "rolling.pearson[60]")[1]
        == (tmp_path / "r.csv").read_text()
    )
    for options, message in (
        (
            ("--curve", "rolling.pearson[90]"),
            "--curve: no curve 'rolling.pearson[90]'; nearest are",
        ),
        (("--curve", "rollin.x"), "--curve: no section 'rollin'; nearest are"),
        (("--curve", "rolling.pearson[60]", "--json"), "Give --json or --curve, not both."),
    ):
        code, out, err = run("analyze", *pair, *options, "--output", "no.csv")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert message in err
    assert not (tmp_path / "no.csv").exists()


def test_analyze_prints_a_summary(run):
    code, out, _ = run("analyze", "sp500", "nasdaq", "--returns", "log")
    assert code == 0
    assert "How closely do they move together?" in out
    assert "Daily log returns" in out


def test_fetch_writes_a_table(run, tmp_path):
    code, out, _ = run(
        "fetch", "sample:vix", "sample:sp500", "--start", "2018-12-27", "--end", "2018-12-31"
    )
    assert code == 0
    rows = list(csv.DictReader(io.StringIO(out)))
    assert rows[0] == {"date": "2018-12-27", "symbol": "sample:vix", "value": "29.96"}
    assert len(rows) == 6
    assert run("fetch", "sample:vix", "--output", tmp_path / "v.csv")[0] == 0
    assert (tmp_path / "v.csv").read_text().startswith("date,symbol,value\n2014-01-03,sample:vix,")


def test_catalogue_lists_instruments_and_pairs(run):
    code, out, _ = run("catalogue")
    assert code == 0
    assert "sample:sp500" in out
    assert "sp500-vs-nasdaq" in out


def test_methodology_is_built_and_recomputed_on_request(run, monkeypatch, tmp_path):
    from convex_research.methodology import publish as methodology
    from convex_research.methodology import recompute as simulations

    ran = []

    def recompute():
        ran.append("all")
        yield simulations.Done("core_normal", 33, 47.2, 1, 22)

    monkeypatch.setattr(simulations, "recompute", recompute)
    monkeypatch.setattr(methodology, "publish_methodology", lambda output: output / "made.html")
    code, out, err = run("methodology", "--output", tmp_path)
    assert (code, out, err, ran) == (0, f"{tmp_path / 'made.html'}\n", "", [])
    code, out, err = run("methodology", "--recompute")
    assert (code, out, ran) == (0, "reports/made.html\n", ["all"])
    first, second = err.splitlines()
    assert re.fullmatch(r"Running every simulation: about \d+ minutes on one core\.", first)
    assert second == "1 of 22: core_normal, 33 rows, 47 s"


def test_help_documents_every_command(run):
    _, out, _ = run("--help")
    for name in ("report", "batch", "analyze", "fetch", "methodology", "catalogue"):
        assert name in out
        assert run(name, "--help")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["analyze", "sp500", "nasdak"], "Did you mean nasdaq"),
        (["analyze", "sampel:sp500", "vix"], "Did you mean sample"),
        (["analyze", "sample:sp5000", "vix"], "Use sp500, nasdaq, wti, vix"),
        (["analyze", "sp500", "sample:sp500"], "same series"),
        (["analyze", "sp500", "vix", "--as-of", "1990-01-01"], "the series runs from"),
        (["analyze", "sp500", "vix", "--start", "2018-12-01"], "at least 60 are needed"),
        (["analyze", "sp500", "vix", "--start", "tomorrow"], "YYYY-MM-DD"),
        (["analyze", "sp500", "vix", "--returns", "percent"], "--returns"),
        (["analyze", "sp500"], "Missing argument"),
        (["report", "sp500", "vix", "--kind", "all", "--as-of", "1990-01-01"], "runs from"),
        (["report", "sp500", "csv:../../no/such<script>.csv#x"], "no such file"),
        (["batch", "missing.toml"], "cannot be read"),
        (["batch", "x.csv", "--universe", "sp500,vix"], "not both"),
        (["batch", "--universe", "sp500"], "fewer than two symbols"),
        (["batch", "--only", "sp500-vs-vixx"], "Did you mean sp500-vs-vix"),
        (["batch", "--since", "yesterday"], "YYYY-MM-DD"),
        (["batch", "--jobs", "0"], "at least one worker"),
        (["batch", "--executor", "threads"], "--executor"),
        (["batch", "--scheduler", "tcp://127.0.0.1:9"], "goes with --executor dask"),
        (["fetch", "csv:none.csv#a\nb"], "a\\nb"),
        (["frobnicate"], "No such command"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(run, tmp_path, words, message):
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("prices", "options", "message"),
    [
        ([10.0] * 200, [], "constant"),
        ([10.0, 11.0] * 99 + [-1.0, 11.0], ["--returns", "log"], "positive prices"),
        ([10.0, 0.0] * 100, ["--returns", "log"], "positive prices"),
        ([10.0, 11.0] * 99 + ["abc", 1.0], [], "row 200: 'abc' is not a number"),
    ],
)
def test_bad_files_are_one_line_and_exit_2(run, tmp_path, prices, options, message):
    good = write_prices(tmp_path / "good.csv")
    bad = write_prices(tmp_path / "bad.csv", prices=prices)
    code, _, err = run("analyze", good, bad, *options)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
    assert str(tmp_path) not in err


def test_two_files_with_the_same_values_are_the_same_series(run, tmp_path):
    code, _, err = run(
        "analyze", write_prices(tmp_path / "a.csv"), write_prices(tmp_path / "b.csv")
    )
    assert code == 2
    assert "same series twice" in err


def test_odd_names_are_shown_escaped_and_never_become_paths(run, tmp_path):
    column = "../<script>alert(1)</script>\n\"'"
    a = write_prices(tmp_path / "a.csv", column)
    b = write_prices(tmp_path / "b.csv", seed=2)
    code, out, _ = run("analyze", a, b, "--json")
    assert code == 0
    record = json.loads(out)
    assert record["pair"]["slug"] == "a-script-alert-1-script-vs-b-x"
    assert "\n" not in record["pair"]["a"]["name"]
    assert str(tmp_path) not in out


def test_a_bug_is_a_line_and_with_debug_a_traceback(run, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("boom")

    monkeypatch.setattr("convex_research.data.given.load_prices", fail)
    code, _, err = run("analyze", "sp500", "vix")
    assert (code, err.count("\n")) == (1, 1)
    assert "RuntimeError: boom" in err
    assert "Traceback" in run("analyze", "sp500", "vix", "--debug")[2]


def test_an_unavailable_source_is_exit_3(run, monkeypatch):
    from convex_research.core.errors import Upstream

    def fail(*_, **__):
        raise Upstream("fred", "DGS10", "it does not answer.", "Try again later.")

    monkeypatch.setattr("convex_research.data.given.load_prices", fail)
    code, _, err = run("analyze", "sp500", "vix")
    assert code == 3
    assert err == "convex-research: fred: DGS10: it does not answer. Try again later.\n"


def test_a_batch_with_a_bad_pair_builds_the_rest_and_ends_with_1(run, tmp_path):
    (tmp_path / "pairs.toml").write_text(
        '[[pairs]]\na = "sp500"\nb = "vix"\nstart = "2018-12-10"\n'
    )
    code, out, err = run("batch", "pairs.toml", "--output", "out")
    assert code == 1
    assert out.startswith("0 pages built, 4 failed, 0 pairs unchanged: out/index.html\n")
    assert "at least 60 are needed" in err
    assert (tmp_path / "out" / "index.html").is_file()


def test_offline_reaches_the_kernels_through_the_environment(run, monkeypatch):
    monkeypatch.setenv("CONVEX_RESEARCH_OFFLINE", "")
    assert run("analyze", "sp500", "vix", "--offline")[0] == 0
    assert os.environ["CONVEX_RESEARCH_OFFLINE"] == "1"


def test_the_cache_can_be_looked_at_checked_and_cleared(run, monkeypatch, tmp_path):
    monkeypatch.setenv("CONVEX_RESEARCH_CACHE", str(tmp_path / "cache"))
    code, out, _ = run("cache", "info")
    assert code == 0
    assert out.splitlines()[0] == str(tmp_path / "cache")
    assert run("cache", "verify")[:2] == (0, "The cache is whole.\n")
    assert run("cache", "clear")[:2] == (0, "0 entries removed.\n")
    assert run("cache", "clear", "--earlier")[:2] == (0, "0 earlier bodies removed.\n")
    code, _, err = run("cache", "clear", "--provider", "fredd")
    assert code == 2
    assert "Unknown provider 'fredd'" in err
