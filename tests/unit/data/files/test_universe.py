"""A file or a folder as a universe: which symbols it stands for."""

import numpy as np
import pandas as pd
import pytest

from convex_research.batch.plan import read_universe
from convex_research.catalogue import Pair
from convex_research.core.errors import ConvexResearchError, InputError
from convex_research.data import load_series, symbols_of

DAYS = pd.bdate_range("2020-01-01", periods=500, name="date")
PRICES = pd.DataFrame(
    100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, (500, 3)), axis=0)),
    DAYS,
    ["AA", "BB", "C & C"],
)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Wide, long, two-row and one-column files of the same three series."""
    monkeypatch.chdir(tmp_path)
    PRICES.assign(LATE=PRICES["AA"].where(PRICES.index > "2021-10-01")).to_csv("wide.csv")
    PRICES.reset_index().to_csv("numbered.csv")
    PRICES.stack().rename("close").rename_axis(["date", "ticker"]).to_csv("long.csv")
    fields = pd.concat({"Close": PRICES, "Volume": PRICES * 0 + 9}, axis=1)
    fields.to_csv("fields.csv")
    fields.swaplevel(axis=1).to_csv("swapped.csv")
    (tmp_path / "many").mkdir()
    for name in PRICES:
        PRICES[[name]].to_csv(tmp_path / "many" / f"{name}.csv")
    (tmp_path / "many" / ".hidden").write_text("no data")
    (tmp_path / "many" / "README").write_text("no data")
    return tmp_path


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("file:wide.csv#*", ["AA", "BB", "C & C", "AA"]),
        ("file:wide.csv#[B]*", ["BB"]),
        ("file:numbered.csv#*", ["AA", "BB", "C & C"]),
        ("file:long.csv#close?where=ticker:*", ["AA", "BB", "C & C"]),
        ("file:fields.csv#Close.*", ["AA", "BB", "C & C"]),
        ("file:swapped.csv#*.Close", ["AA", "BB", "C & C"]),
        ("file:many/*.csv", ["AA", "BB", "C & C"]),
        ("csv:many/*.csv#*?decimal=.", ["AA", "BB", "C & C"]),
        ("file:wide.csv#BB", ["BB"]),
    ],
)
def test_the_symbols_of_a_universe_read_its_series(folder, text, columns):
    symbols = symbols_of(text)
    assert len(set(symbols)) == len(columns)
    for symbol, column in zip(symbols, columns, strict=True):
        values = load_series(symbol).values
        np.testing.assert_allclose(values, PRICES[column].loc[values.index], rtol=1e-12)


def test_a_folder_is_its_files_and_other_symbols_stand_for_themselves(folder):
    assert [one.rpartition("/")[2] for one in symbols_of("file:many")] == sorted(
        ["AA.csv", "BB.csv", "C & C.csv", "README"]
    )
    assert symbols_of("SPY") == ("SPY",)
    assert symbols_of("fred:DGS10") == ("fred:DGS10",)


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("file:fields.csv#*", "#Close.*", "file:fields.csv#Close.*"),
        ("file:swapped.csv#*", "#*.Close", "file:swapped.csv#*.Close"),
        ("file:wide.csv#Z*", "it has AA, BB", "file:wide.csv#A*"),
        ("file:long.csv#close?where=symbol:*", "where=", "file:long.csv#close?where=ticker:*"),
        ("file:none/*.csv", "Check the path", "file:many/*.csv"),
    ],
)
def test_what_is_no_universe_is_refused_with_a_remedy_that_works(folder, text, message, remedy):
    with pytest.raises(ConvexResearchError) as refused:
        symbols_of(text)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
    assert symbols_of(remedy)


def test_a_batch_takes_universes_among_symbols_and_in_a_file_of_symbols(folder, monkeypatch):
    pairs = {one.pair.slug for one in read_universe("file:fields.csv#Close.*,sp500")}
    assert len(pairs) == 6
    (folder / "list.txt").write_text("# mine\nfile:many/*.csv\nsp500\n")
    monkeypatch.chdir("/")  # paths are relative to the file
    assert len(read_universe(str(folder / "list.txt"))) == 6
    with pytest.raises(InputError, match=r"'file:.*wide\.csv#\*'"):
        read_universe(str(folder / "wide.csv"))


@pytest.mark.parametrize(
    ("symbol", "message"),
    [("file:many", "batch --universe"), ("file:wide.csv#*", "batch --universe")],
)
def test_one_leg_is_no_universe(folder, symbol, message):
    with pytest.raises(ConvexResearchError, match=message):
        load_series(symbol)


def test_series_of_one_long_file_are_told_apart(folder):
    a, b = Pair(*symbols_of("file:long.csv#close?where=ticker:*")[1:]).instruments
    assert (a.name, b.name) == ("long: BB", "long: C & C")
    assert a.id != b.id
