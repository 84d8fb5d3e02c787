"""The embedded sample, and the user's own files with everything that can be wrong."""

import hashlib
import os
from datetime import date

import pytest

from convex_research.catalogue import Pair
from convex_research.core.errors import ConvexResearchError, DataError, InputError, UnknownSeries
from convex_research.data import load_prices, load_series

ROWS = {"sp500": 5031, "nasdaq": 5031, "wti": 8321, "vix": 1259}


@pytest.mark.parametrize("name", ROWS)
def test_the_sample_is_labelled_and_traceable(name):
    series = load_series(f"sample:{name}")
    assert len(series.values) == series.provenance.rows == ROWS[name]
    assert series.values.index.is_monotonic_increasing
    assert series.values.index.is_unique
    assert len(series.provenance.sha256) == 64
    assert series.provenance.licence
    assert [q.check for q in series.quality] == ["embedded_sample"]
    assert "not current" in series.quality[0].message


def test_known_closes_of_the_sample():
    values = load_series("sample:sp500").values
    assert values.loc["1999-01-04"] == 1228.099976
    assert values.loc["2018-12-31"] == 2506.850098


def test_bounds_are_inclusive():
    series = load_series("sample:sp500", date(2018, 12, 24), date(2018, 12, 31))
    assert [str(day)[:10] for day in series.values.index] == [
        "2018-12-24",
        "2018-12-26",
        "2018-12-27",
        "2018-12-28",
        "2018-12-31",
    ]
    assert series.provenance.start == date(2018, 12, 24)
    assert series.provenance.rows == 5


def test_as_of_before_the_data_says_where_the_data_are():
    with pytest.raises(DataError, match=r"up to 1990-01-01; the series runs from 1999-01-04"):
        load_series("sample:sp500", None, date(1990, 1, 1))


def test_an_unknown_sample_lists_the_known():
    with pytest.raises(UnknownSeries, match="Use sp500, nasdaq, wti, vix"):
        load_series("sample:dax")


def test_an_unknown_provider_offers_the_nearest():
    with pytest.raises(InputError, match="Did you mean sample"):
        load_series("sampel:sp500")


@pytest.fixture
def write(tmp_path):
    def make(text, name="prices.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return make


def test_a_file_is_read_by_column_name(write):
    body = "Open,Date,Close\n1,2020-01-02,10.5\n2,2020-01-03,\n3,2020-01-06T00:00:00,11\n"
    path = write(body)
    series = load_series(f"csv:{path}#Close")
    assert list(series.values) == [10.5, 11.0]
    assert series.provenance.missing == 1
    assert series.provenance.sha256 == hashlib.sha256(body.encode()).hexdigest()
    assert series.provenance.symbol == "csv:prices.csv#Close"
    assert str(path.parent) not in repr(series.provenance)


def test_the_date_column_by_position_and_the_only_value_column(write):
    path = write("x,when\n10,2020-01-02\n11,2020-01-03\n")
    assert list(load_series(f"csv:{path}#x?date=2").values) == [10.0, 11.0]
    assert list(load_series(f"csv:{path}?date=when").values) == [10.0, 11.0]


def test_options_say_what_a_column_is(write):
    path = write("date,y\n2020-01-02,1.5\n2020-01-03,1.6\n")
    one = load_series(f"csv:{path}#y?kind=rate&unit=percent&name=Ten years").instrument
    assert (one.kind, one.unit, one.name) == ("rate", "percent", "Ten years")


GOOD = "date,close\n2020-01-02,10\n2020-01-03,11\n"


@pytest.mark.parametrize(
    ("body", "column", "message"),
    [
        ("date,close\n2020-01-02,10\n2020-01-03,abc\n", "close", r"row 3: 'abc' is not a number"),
        ("date,close\n2020-01-02,10\n2020-01-03,inf\n", "close", r"row 3: 'inf' is not a number"),
        (
            "date,close\n2020-01-02,10\n03/01/2020,11\n",
            "close",
            r"row 3: '03/01/2020' is not a date",
        ),
        (
            "date,close\n2020-01-03,10\n2020-01-02,11\n2020-01-06,12\n",
            "close",
            r"not in order: 2020-01-02 comes after",
        ),
        ("date,close\n2020-01-02,10\n2020-01-02,11\n", "close", r"more than once: 2020-01-02"),
        ("date,close\n2020-01-02,10,9\n", "close", r"header in row 1 has 2 cells, the rows 3"),
        ("date,close\n2020-01-02,\n", "close", "no value"),
        ("date,close\n", "close", "no column of dates is found"),
        ("", "close", "the file is empty"),
        (b"date,close\n2020-01-02,\xff\n", "close", r"row 2: 'ÿ' is not a number"),
        (GOOD, "open", r"no value column 'open'.*The file has close"),
        (GOOD, "date", r"no value column 'date'"),
        (
            "date,a,b\n2020-01-02,1,2\n",
            "",
            r"name the column after '#', such as #a; the file has a, b",
        ),
    ],
)
def test_bad_files_are_refused_with_the_place(write, body, column, message):
    path = write(body)
    symbol = f"csv:{path}#{column}" if column else f"csv:{path}"
    with pytest.raises(ConvexResearchError, match=message) as caught:
        load_series(symbol)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)
    assert str(path.parent) not in str(caught.value)


def test_a_missing_file_is_bad_input(tmp_path):
    with pytest.raises(UnknownSeries, match="no such file"):
        load_series(f"csv:{tmp_path}/nowhere.csv#x")


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(DataError, match="this is a folder"):
        load_series(f"csv:{tmp_path}#x")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="not a regular file"):
        load_series(f"csv:{tmp_path}/pipe#x")


@pytest.mark.parametrize(
    "column",
    ["<script>alert(1)</script>", "quo\"te's", "../../etc/passwd", "two\nlines", "percent %s {x}"],
)
def test_odd_column_names_work_and_are_shown_escaped(write, column):
    quoted = '"' + column.replace('"', '""') + '"'
    path = write(f"date,{quoted}\n2020-01-02,10\n2020-01-03,11\n")
    series = load_series(f"csv:{path}#{column}")
    assert len(series.values) == 2
    assert "\n" not in series.instrument.name


def test_a_start_after_the_as_of_date_is_refused():
    with pytest.raises(InputError, match="is after the as-of date"):
        load_prices(Pair("sp500", "vix"), start="2018-02-01", end="2018-01-01")


def test_a_date_must_be_iso():
    with pytest.raises(InputError, match="write a date as YYYY-MM-DD"):
        load_prices(Pair("sp500", "vix"), start="1.2.2018")
