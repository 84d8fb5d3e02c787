"""A screen finds what was planted, and nothing where nothing is."""

import numpy as np
import pandas as pd
import pytest

from convex_research.core.errors import InputError
from convex_research.data.files import content
from convex_research.universe.load import screen

NOBS = 800


def prices(legs=12, seed=4):
    rng = np.random.default_rng(seed)
    common = rng.standard_normal(NOBS)
    returns = 0.01 * (0.8 * common + rng.standard_normal((legs, NOBS)))
    return returns, pd.bdate_range("2022-01-03", periods=NOBS)


def frame_of(returns, days):
    listed = {f"S{i}": 100.0 * np.cumprod(1.0 + one) for i, one in enumerate(returns)}
    return pd.DataFrame(listed, index=days)


@pytest.fixture(scope="module")
def found():
    returns, days = prices()
    rng = np.random.default_rng(8)
    returns[1, -252:] = returns[0, -252:] + 0.001 * rng.standard_normal(252)
    returns[3] = returns[2] + 0.0003 * rng.standard_normal(NOBS)
    return screen(frame_of(returns, days), name="planted")


def test_a_planted_change_is_found_with_an_interval_and_nothing_else(found):
    movers = found.movers()
    assert [
        tuple(one.partition("#")[2] for one in row) for row in movers[["a", "b"]].to_numpy()
    ] == [("S0", "S1")]
    (row,) = movers.to_dict("records")
    assert row["window"] == 252
    assert 0.0 < row["low"] < row["change"] < row["high"]
    assert row["change"] == pytest.approx(row["recent"] - row["before"])
    assert found.broke().empty


def test_a_universe_at_rest_has_no_mover():
    empty = [screen(frame_of(*prices(seed=seed))).movers() for seed in range(5)]
    assert sum(not one.empty for one in empty) == 0
    assert list(empty[0].columns)[:4] == ["a", "b", "window", "change"]


def test_twins_and_diversifiers_are_named(found):
    (twin,) = found.twins().to_dict("records")
    assert twin["a"].endswith("#S2")
    assert twin["short_of_one"] == pytest.approx(1.0 - twin["r"])
    far = found.diversifiers(found.symbols[2], count=3)
    assert len(far) == 3
    assert (far["low"] < far["r"]).all()
    with pytest.raises(KeyError, match="nearest are"):
        found.diversifiers("S99")


def test_matrices_are_labelled_and_those_to_invert_are_positive_definite(found):
    matrix = found.matrix()
    assert list(matrix.columns) == found.symbols
    assert (matrix.to_numpy() == matrix.to_numpy().T).all()
    for way in ("ledoit-wolf", "cleaned", "pairwise"):
        assert np.linalg.eigvalsh(found.shrunk(way).to_numpy())[0] > 0.0
    with pytest.raises(InputError, match="no way"):
        found.shrunk("magic")
    with pytest.raises(KeyError, match="no window"):
        found.matrix(77)


@pytest.mark.parametrize(
    ("universe", "words"),
    [
        ("sample:sp500", "two instruments or more"),
        ("sample:sp500,sample:nothing,sample:never", "2 of 3 instruments cannot be had"),
        (5, "needs symbols"),
        (pd.DataFrame({"a": ["x", "y"]}, index=pd.bdate_range("2022-01-03", periods=2)), "number"),
    ],
)
def test_what_is_no_universe_is_refused_in_a_line(universe, words):
    with pytest.raises((InputError, TypeError), match=words):
        screen(universe)


def test_what_cannot_be_had_is_left_out_and_named():
    made = screen("sample:sp500,sample:nothing,sample:vix", skip_missing=True)
    assert list(made.skipped) == ["sample:nothing"]
    assert len(made.measures.pairs) == 1


@pytest.mark.parametrize("kind", ["frame", "wide", "long"])
def test_the_text_of_many_series_is_read_once(kind, tmp_path, monkeypatch):
    frame = frame_of(*prices(legs=6)).rename_axis("date")
    table = frame.reset_index()
    table.to_csv(tmp_path / "wide.csv", index=False)
    table.melt("date", var_name="ticker", value_name="close").to_csv(
        tmp_path / "long.csv", index=False
    )
    asked = {
        "frame": frame,
        "wide": f"file:{tmp_path}/wide.csv#*",
        "long": f"file:{tmp_path}/long.csv#close?where=ticker:*",
    }
    read = []
    inner = content.read_table
    monkeypatch.setattr(content, "read_table", lambda *a: read.append(a) or inner(*a))
    made = screen(asked[kind])
    assert len(read) == 1
    expected = screen(frame).measures.columns["252.z"]
    assert made.measures.columns["252.z"] == pytest.approx(expected, rel=1e-12)
