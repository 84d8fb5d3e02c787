"""``screen`` on bad input: one line, the exit code, and everything that is wrong at once."""

import numpy as np
import pandas as pd
import pytest

from convex_research.cli import main as cli
from convex_research.core.errors import InputError
from convex_research.universe.load import screen

NOBS = 300


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


def frame(legs=4, seed=3):
    rng = np.random.default_rng(seed)
    days = pd.bdate_range("2021-01-04", periods=NOBS)
    moves = 1.0 + 0.01 * rng.standard_normal((NOBS, legs))
    return pd.DataFrame(100.0 * moves.cumprod(axis=0), days, [f"S{k}" for k in range(legs)])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sample:sp500"], "two instruments or more"),
        (["sample:sp500", "sample:sp500"], "two instruments or more"),
        (["sample:sp500,sample:vix", "--start", "2019-01-01", "--as-of", "2018-01-01"], "is after"),
        (["sample:sp500,sample:vix", "--level", "2"], "confidence_level"),
        (["sample:sp500,sample:vix", "--name", " "], "--name is empty"),
        (["prices.csv"], "is no list of symbols"),
        (["fx:QQQ*"], "no rate of QQQ"),
        (["sample:sp500,nothing-1,nothing-2"], "2 of 3 instruments cannot be had: nothing-1, noth"),
    ],
)
def test_bad_input_is_a_line_and_exit_2(run, tmp_path, words, said):
    frame().to_csv(tmp_path / "prices.csv")
    before = sorted(tmp_path.iterdir())
    code, out, err = run("screen", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert sorted(tmp_path.iterdir()) == before


def test_forty_unknown_are_all_named_at_once_and_left_out_if_asked(run, tmp_path):
    unknown = [f"sample:no{k}" for k in range(40)]
    listed = "\n".join(["# two are known", "sample:sp500", *unknown, "sample:vix"])
    (tmp_path / "names.txt").write_text(listed)
    code, _, err = run("screen", "names.txt")
    assert code == 2
    assert err.count("\n") == 1
    assert "40 of 42 instruments" in err
    assert all(one in err for one in unknown)
    code, out, err = run("screen", "names.txt", "--skip-missing")
    assert code == 0
    assert out.rstrip().endswith("reports/universe/names.html")
    assert err.count("left out: ") == 40


def test_data_that_the_gate_refuses_are_named_with_the_rest():
    prices = frame()
    prices.iloc[150, 1] *= 1000.0
    with pytest.raises(InputError, match=r"1 of 4 instruments cannot be had: .*#S1"):
        screen(prices)
    made = screen(prices, skip_missing=True)
    assert [one[-2:] for one in made.symbols] == ["S0", "S2", "S3"]
    assert "S1" in next(iter(made.skipped))


def test_what_cannot_be_compared_is_left_out_and_named():
    prices = frame(6)
    prices.loc[prices.index[20:], "S1"] = np.nan  # 20 days
    prices.loc[prices.index[200:], "S2"] = np.nan  # ends long before the others
    prices["S3"] = prices["S0"]  # the same under another name
    made = screen(prices)
    assert [one[-2:] for one in made.symbols] == ["S0", "S4", "S5"]
    reasons = " ".join(made.skipped.values())
    assert "S1 has 20 observations; 60 are needed." in reasons
    assert "S2 ends 2021-10-08, most others 2022-02-25." in reasons
    assert "S3 is file:" in reasons
    assert "S0 under another name." in reasons


def test_all_the_same_are_no_universe():
    prices = frame(1)
    with pytest.raises(InputError, match="two instruments or more"):
        screen(pd.DataFrame(dict.fromkeys("ABC", prices["S0"])))


def test_strings_are_no_prices():
    days = pd.bdate_range("2021-01-04", periods=NOBS)
    with pytest.raises(InputError, match="numbers"):
        screen(pd.DataFrame({"a": ["x"] * NOBS, "b": ["y"] * NOBS}, days))
