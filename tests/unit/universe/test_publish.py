"""The page of a universe, its record and its full table."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator

import convex_research as cr
from convex_research.analysis.record import validate_record
from convex_research.analysis.record_types import UNIVERSE_SCHEMA_NAME, schema_of
from convex_research.presentation import heat_map, members_table, pairs_table
from convex_research.universe.publish import parquet, publish_screen

NOBS = 700


def simulated(legs, seed=5):
    rng = np.random.default_rng(seed)
    common = rng.standard_normal((legs // 20 + 1, NOBS))
    moves = 0.01 * (common[np.arange(legs) % len(common)] + rng.standard_normal((legs, NOBS)))
    prices = {f"<b>{i}": 100.0 * np.cumprod(1.0 + one) for i, one in enumerate(moves)}
    return pd.DataFrame(prices, pd.bdate_range("2021-01-04", periods=NOBS))


@pytest.fixture(scope="module")
def found():
    return cr.screen("sample:sp500,sample:nasdaq,sample:wti,sample:vix", name="Embedded <four>")


@pytest.fixture(scope="module")
def pages(found, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    return folder, publish_screen(found, folder)


def test_page_record_notebook_and_table_lie_under_the_name(pages, found):
    folder, (page,) = pages
    assert page == folder / "universe" / "embedded-four.html"
    endings = {one.suffix for one in page.parent.iterdir()}
    assert endings == {".html", ".json", ".ipynb", ".parquet"}
    html = page.read_text()
    assert "Embedded &lt;four&gt;" in html
    assert "<four>" not in html
    assert found.first_screen().title in html
    assert not re.search(r"(src|href)=\"https?:", html)
    table = pd.read_parquet(page.with_suffix(".parquet"))
    pd.testing.assert_frame_equal(table, found.to_frame(), check_dtype=False)


def test_the_record_fits_its_schema_and_says_what_the_page_says(pages, found):
    record = json.loads(pages[1][0].with_suffix(".json").read_text())
    validate_record(record)
    Draft202012Validator(schema_of(UNIVERSE_SCHEMA_NAME)).validate(record)
    assert record["title"] == found.first_screen().title
    assert record["summary"][0]["question"] == "Do they move together?"
    assert len(record["members"]) == 4
    average = record["estimates"]["average.pearson[252]"]
    assert average["low"] < average["value"] < average["high"]


def test_the_same_screen_gives_the_same_bytes(found):
    assert parquet(found.to_frame()) == parquet(found.to_frame())
    assert heat_map(found).html == heat_map(found).html


def test_a_cell_leads_to_the_page_that_there_is(found):
    pages = [{"a": "sample:nasdaq", "b": "sample:sp500", "page": "../x/correlation.html"}]
    html = heat_map(found, pages).html
    assert html.count("../x/correlation.html") == 3  # the map, and both halves of its table
    assert "../x/correlation.html" in pairs_table(found, pages).html


def test_beyond_sixty_names_blocks_open_their_cells():
    made = cr.screen(simulated(70))
    html = heat_map(made).html
    assert html.count('class="map"') >= 2
    assert html.count("<details") == html.count('class="map"') + 1
    assert "<b>0" not in html + members_table(made).html + pairs_table(made).html
    assert len(html) < 150_000


def test_a_frame_is_published_from_the_file_beside_its_page(tmp_path):
    made = cr.screen(simulated(4), name="four")
    (page,) = made.publish(tmp_path)
    assert (page.parent / "four").is_dir()
    record = json.loads(page.with_suffix(".json").read_text())
    assert record["title"] == made.first_screen().title
    assert str(tmp_path) not in page.with_suffix(".ipynb").read_text()


def test_a_screen_prints_draws_and_shows_itself(found):
    assert "\n" not in repr(found)
    assert "Do they move together?" in found.summary()
    assert found._repr_html_().count("<tr") >= 4
    axes = found.plot()
    assert len(axes.get_xticklabels()) == 4
