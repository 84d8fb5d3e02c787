"""The table of a screen holds what the pages of its pairs hold, key by key."""

import itertools

import numpy as np
import pandas as pd
import pytest

import convex_research as cr
from convex_research.universe.load import screen
from convex_research.universe.table import extremes_of

SYMBOLS = ("sample:sp500", "sample:nasdaq", "sample:wti", "sample:vix")
CURRENCIES = tuple(f"fx:EUR{one}" for one in ("USD", "GBP", "PLN", "HUF", "BRL", "ISK", "TRY"))


def same_as_its_page(table, row, page):
    """Every key of a row against the page of the pair; how many were compared."""
    compared = 0
    for key in table.columns[table.columns.str.endswith("]")]:
        value, result = table[key][row], page[key]
        if not isinstance(result, cr.Estimate):
            assert np.isnan(value), key
            continue
        assert value == pytest.approx(result.value, rel=1e-8, abs=1e-10), key
        for end in ("low", "high"):
            if f"{key}.{end}" in table:
                assert table[f"{key}.{end}"][row] == pytest.approx(
                    getattr(result, end), rel=1e-7, abs=1e-9
                ), (key, end)
        compared += 1
    for end in ("start", "end"):
        assert table[end][row] == pd.Timestamp(getattr(page["correlation.pearson[all]"], end))
    assert table["nobs"][row] == page.returns.nobs
    for key in ("rolling.pearson_min_5y[90]", "rolling.pearson_max_5y[90]"):
        assert table[f"{key}.end"][row] == pd.Timestamp(page[key].end)
    return compared


@pytest.fixture(scope="module")
def universe():
    return screen([*SYMBOLS[:3], "sample:vix"])


def test_the_table_has_the_numbers_of_the_pages(universe):
    table = universe.to_frame()
    for row in (0, 4):
        page = cr.study(table["a"][row], table["b"][row])
        assert same_as_its_page(table, row, page) == 14
        for found, key in zip(extremes_of(universe, row), ("min", "max"), strict=True):
            there = page[f"rolling.pearson_{key}_5y[90]"]
            assert np.tanh(found.low) == pytest.approx(there.low, rel=1e-8)
            assert np.tanh(found.high) == pytest.approx(there.high, rel=1e-8)


@pytest.mark.slow
def test_two_hundred_pairs_have_the_numbers_of_their_pages():
    made = screen(["fx:EUR*", *SYMBOLS])
    table = made.to_frame()
    rows = np.random.default_rng(19).choice(len(table), 200, replace=False)
    for row in rows.tolist():
        same_as_its_page(table, row, cr.study(table["a"][row], table["b"][row]))


def test_what_is_controlled_is_what_moved(universe):
    table = universe.to_frame()
    assert len(table) == 6
    assert table["discovered"].sum() == len(universe.movers())
    assert (table["pvalue_adjusted"] >= table["pvalue"]).all()
    assert table["flags"].map(type).eq(str).all()


def test_a_short_history_shortens_no_other(universe):
    days = pd.bdate_range("2020-01-01", periods=900)
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {name: 100.0 * np.cumprod(1.0 + 0.01 * rng.standard_normal(900)) for name in "ABCD"}, days
    )
    frame.loc[days[:800], "D"] = np.nan
    made = screen(frame)
    assert len(made.returns()) == 252
    assert [one[-1] for one in made.returns().columns] == ["A", "B", "C"]
    assert np.isfinite(made.matrix(90).to_numpy()).all()
    assert made.shrunk().shape == (3, 3)
    assert list(itertools.chain(made.skipped)) == []
