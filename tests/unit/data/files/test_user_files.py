"""Files as people have them: read right, or refused with a remedy; never read wrongly."""

from __future__ import annotations

import codecs
import gzip
import json
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

import convex_research as cr
from convex_research.core.errors import ConvexResearchError, DataError
from convex_research.data import load_series
from convex_research.data.files.dates import date_column
from convex_research.data.files.inspection import inspect_file
from convex_research.data.files.numbers import number_column

DAYS = pd.bdate_range("2021-11-24", periods=320)
PRICES = np.round(1500.0 + 40.0 * np.cumsum(np.random.default_rng(3).standard_normal(320)), 2)


@pytest.fixture
def write(tmp_path):
    def make(content, name="legs.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return make


def rows(date_form="%Y-%m-%d", number="{:.2f}", separator=",", days=DAYS, prices=PRICES):
    return [
        f"{day.strftime(date_form)}{separator}{number.format(price)}"
        for day, price in zip(days, prices, strict=True)
    ]


def table(lines, header="Date,Close"):
    return "\n".join([header, *lines] if header else lines) + "\n"


def unix(factor):
    return [
        f"{int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp() * factor)},{p}"
        for d, p in zip(DAYS, PRICES, strict=True)
    ]


def german(price):
    return f"{price:,.2f}".translate(str.maketrans(",.", ".,"))


KINDS = {
    "ISO": table(rows()),
    "ISO with slashes": table(rows("%Y/%m/%d")),
    "metatrader": table(rows("%Y.%m.%d", separator="\t"), "<DATE>\t<CLOSE>"),
    "month first": table(rows("%m/%d/%Y")),
    "day first": table(rows("%d/%m/%Y")),
    "month first, two-digit year": table(rows("%m/%d/%y")),
    "day first, two-digit year": table(rows("%d/%m/%y")),
    "German": table(
        [f"{d:%d.%m.%Y};{german(p)}" for d, p in zip(DAYS, PRICES, strict=True)], "Datum;Schluss"
    ),
    "month's name first": table(
        [f'"{d:%b %d, %Y}",{p}' for d, p in zip(DAYS, PRICES, strict=True)]
    ),
    "month's name second": table(rows("%d %b %Y")),
    "Oracle": table(rows("%d-%b-%y")),
    "weekday named": table([f'"{d:%a, %d %b %Y}",{p}' for d, p in zip(DAYS, PRICES, strict=True)]),
    "digits": table(rows("%Y%m%d")),
    "seconds since 1970": table(unix(1), "timestamp,close"),
    "milliseconds since 1970": table(unix(1000), "open_time,close"),
    "time of day": table(rows("%Y-%m-%d 16:00:00")),
    "time of day and zone": table(rows("%Y-%m-%d 00:00:00-05:00")),
    "T and Z": table(rows("%Y-%m-%dT00:00:00Z")),
    "newest first": table(rows()[::-1]),
    "month first, newest first": table(rows("%m/%d/%Y")[::-1]),
    "thousands and currency": table(rows(number='"${:,.2f}"')),
    "spaces for thousands": table(
        [f"{d:%Y-%m-%d};{p:,.2f}".replace(",", " ") for d, p in zip(DAYS, PRICES, strict=True)],
        "date;price",
    ),
    "Swiss": table(
        [f"{d:%d.%m.%Y};{p:,.2f}".replace(",", "'") for d, p in zip(DAYS, PRICES, strict=True)],
        "Datum;Kurs",
    ),
    "thousands by K": table(rows(number="{:.2f}K", prices=PRICES / 1000).copy()),
    "blanks around": table([f" {row.replace(',', ' , ')} " for row in rows()], " Date , Close "),
    "blanks": table(rows(separator="   "), "Date  Close"),
    "an empty column": table([f"{row}," for row in rows()], "Date,Close,"),
    "pipes": table(rows(separator="|"), "Date|Price"),
    "preamble": "Vendor data\n\nSome chart, daily\n" + table(rows()),
    "footer": table(rows()) + "\nSource: the vendor\nCopyright\n",
    "BOM": b"\xef\xbb\xbf" + table(rows()).encode(),
    "two BOMs": b"\xef\xbb\xbf\xef\xbb\xbf" + table(rows()).encode(),
    "UTF-16": codecs.BOM_UTF16_LE + table(rows()).encode("utf-16-le"),
    "UTF-16 without BOM": table(rows()).encode("utf-16-le"),
    "Latin-1": table(rows(), "Date,Clôture").encode("latin-1"),
    "Windows line ends": table(rows()).replace("\n", "\r\n"),
    "date second": table([",".join(row.split(",")[::-1]) for row in rows()], "Close,Day"),
    "no header": table(rows(), ""),
    "no header, digits": table(rows("%Y%m%d"), ""),
    "index without a name": table(rows(), ",Close"),
    "R's row names": table([f'"{i}",{row}' for i, row in enumerate(rows(), 1)], '"date","close"'),
    "quoted all": table([f'"{row}"'.replace(",", '","') for row in rows()], '"Date","Close"'),
    "missing marks": table(rows()).replace(
        "\n2021-11-29,", "\n2021-11-27,- \n2021-11-28,#N/A\n2021-11-29,"
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_file_is_read_right(write, kind):
    path = write(KINDS[kind])
    column = "#close" if kind == "R's row names" else ""
    values = load_series(f"file:{path}{column}").values
    rounded = 5.0 if kind == "thousands by K" else 0.0
    assert list(values.index) == list(DAYS)
    np.testing.assert_allclose(values.to_numpy(), PRICES, rtol=1e-12, atol=rounded + 1e-9)


def test_what_was_read_is_said(write):
    series = load_series(f"file:{write(KINDS['German'])}")
    assert series.provenance.url.endswith(
        "column Schluss, dates DD.MM.YYYY, decimal comma, thousands points, semicolons"
    )
    url = load_series(f"file:{write(KINDS['footer'])}").provenance.url
    assert url.endswith("dates YYYY-MM-DD, 2 rows below the table left out")


EARLY = pd.bdate_range("2024-01-02", "2024-01-12")
# What cannot be decided, or is wrong: the message, and the option that helps.
REFUSED = {
    "two forms of date": (
        table(rows("%m/%d/%Y", days=EARLY[:8:3], prices=PRICES[:3])),
        r"MM/DD/YYYY and as DD/MM/YYYY",
        "?date_format=MM/DD/YYYY",
    ),
    "three decimals or thousands": (
        "date;close\n2024-01-02;1.002\n2024-01-03;2.110\n",
        r"three decimals or one in thousands",
        "?decimal=.",
    ),
    "both signs": (
        'date,close\n2024-01-02,"1,02"\n2024-01-03,1.1\n',
        "do not have one decimal sign",
        "",
    ),
    "mixed dates": (
        table([*rows()[:3], "13/01/2022,1400", *rows()[4:]]),
        r"row 5: '13/01/2022' is not a date as YYYY-MM-DD, which 319 of 320",
        "",
    ),
    "a bad last row": (table([*rows(), "2023-13-45,1400"]), r"row 322: '2023-13-45'", ""),
    "a bad first row": (table(["2021-02-30,1400", *rows()]), r"row 2: '2021-02-30'", ""),
    "intraday": (
        "time,close\n2024-01-02 10:00,1\n2024-01-02 16:00,2\n2024-01-03 16:00,3\n",
        "several rows a day",
        "?daily=last",
    ),
    "long": (
        "date,ticker,close\n"
        + "".join(f"{d:%Y-%m-%d},{t},{i}.5\n" for i, d in enumerate(EARLY) for t in ("AAPL", "B")),
        "2 values of ticker",
        "?where=ticker:AAPL",
    ),
    "a word for a number": (
        table([*rows()[:3], "2021-11-27,0.24 Dividend", *rows()[3:]]),
        r"row 5: '0.24 Dividend' is not a number; mend the row, or leave it out",
        "",
    ),
    "dates beside each other": (
        f"ticker,{','.join(DAYS.strftime('%Y-%m-%d'))}\nA,{','.join(map(str, PRICES))}\n",
        "dates stand beside each other in row 1; turn the table",
        "",
    ),
    "packed": (gzip.compress(table(rows()).encode()), "unpack it", ""),
    "zip": (b"PK\x03\x04 of something else", "no Excel workbook; unpack it", ""),
    "one column": ("close\n1\n2\n", "one column", ""),
    "two columns": ("date,a,b\n2024-01-02,1,2\n", "name the column after '#', such as #a", "#a"),
    "web page": ("<!doctype html><p>", "a web page", ""),
    "binary": (b"\x89PNG\x00\x01\x02\x00" * 40, "neither text, Excel", ""),
    "a number too many": (table([*rows(), "2023-03-01,4,704.81"]), "row 322 has 3 cells", ""),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_read_in_one_way_is_refused_with_what_helps(write, kind):
    content, message, remedy = REFUSED[kind]
    path = write(content)
    column = "#close" if kind == "long" else ""
    with pytest.raises(ConvexResearchError, match=message) as caught:
        load_series(f"file:{path}{column}")
    assert caught.value.exit_code == 2
    said = str(caught.value)
    assert "\n" not in said
    assert str(path.parent) not in said
    if remedy:
        assert remedy in said
        series = load_series(f"file:{path}{column}{remedy}")
        assert len(series.values) > 0


@pytest.mark.parametrize(
    ("form", "option"),
    [
        ("%Y年%m月%d日", "date_format=%Y年%m月%d日"),
        ("%j/%Y", "date_format=%j/%Y&date=Date"),
        ("serial", "date_format=excel"),
    ],
)
def test_a_form_of_date_that_is_not_known_can_be_said(write, form, option):
    serials = (DAYS - pd.Timestamp("1899-12-30")).days
    cells = map(str, serials) if form == "serial" else DAYS.strftime(form)
    path = write(table([f"{cell},{price}" for cell, price in zip(cells, PRICES, strict=True)]))
    with pytest.raises(DataError, match=r"no column of dates.*\?date_format="):
        load_series(f"file:{path}")
    values = load_series(f"file:{path}?{option}").values
    assert list(values.index) == list(DAYS)
    np.testing.assert_array_equal(values.to_numpy(), PRICES)


@pytest.mark.parametrize(
    ("cells", "form"),
    [(["Jan-24", "Feb-24", "Mar-24"], "Mon YY"), (["2024-Q1", "2024-Q2", "2024Q3"], "YYYY-Qn")],
)
def test_months_and_quarters_are_dated_by_their_first_day(cells, form):
    read = date_column(cells, where="x")
    step = 1 if form == "Mon YY" else 3
    assert read.form == form
    assert list(read.dates) == [pd.Timestamp(2024, 1 + step * i, 1) for i in range(3)]


def test_a_column_whose_name_cannot_be_written_is_counted(write):
    body = table(rows(), "日期,收盘").encode("gbk")
    np.testing.assert_array_equal(load_series(f"file:{write(body)}#2").values, PRICES)


def test_the_remedy_decides(write):
    path = write(REFUSED["two forms of date"][0])
    first = load_series(f"file:{path}?date_format=MM/DD/YYYY").values
    second = load_series(f"file:{path}?date_format=DD/MM/YYYY").values
    assert [day.day for day in first.index] == [2, 5, 10]
    assert [day.month for day in second.index] == [2, 5, 10]
    path = write(REFUSED["three decimals or thousands"][0])
    assert list(load_series(f"file:{path}?decimal=,").values) == [1002.0, 2110.0]
    assert list(load_series(f"file:{path}?decimal=.").values) == [1.002, 2.110]


def test_order_settles_day_and_month_where_no_day_is_above_twelve():
    days = pd.DatetimeIndex(["2024-01-10", "2024-01-11", "2024-01-12", "2024-02-01", "2024-02-02"])
    read = date_column(days.strftime("%d/%m/%Y"), where="x")
    assert read.form == "DD/MM/YYYY"
    assert list(read.dates) == list(days)


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Price,Close,Close\nTicker,AAPL,SPY\nDate,,", "SPY"),
        ("Price,Close,Close\nTicker,AAPL,SPY\nDate,,", "SPY.Close"),
        ("Price,Close,Close\nTicker,AAPL,SPY\nDate,,", "Close.SPY"),
        ("Date,AAPL,SPY", "spy"),
        ("Ticker,AAPL,SPY\nPrice,Close,Close\nDate,,", "SPY"),
    ],
)
def test_columns_with_two_names(write, header, column):
    body = table([f"{d:%Y-%m-%d},{p + 1},{p}" for d, p in zip(DAYS, PRICES, strict=True)], header)
    series = load_series(f"file:{write(body)}#{column}")
    np.testing.assert_array_equal(series.values.to_numpy(), PRICES)
    assert "SPY" in series.instrument.name.upper()


def test_one_label_of_several_columns_is_refused(write):
    body = "Price,Close,Close\nTicker,AAPL,SPY\nDate,,\n2024-01-02,1,2\n2024-01-03,1,2\n"
    with pytest.raises(DataError, match=r"several columns: Close\.AAPL, Close\.SPY"):
        load_series(f"file:{write(body)}#Close")


def test_columns_without_names_are_counted(write):
    body = table([f"{row},7" for row in rows("%Y%m%d")], "")
    path = write(body)
    with pytest.raises(DataError, match=r"no header; its columns are 2, 3"):
        load_series(f"file:{path}")
    np.testing.assert_array_equal(load_series(f"file:{path}#2").values.to_numpy(), PRICES)


def test_rows_of_one_instrument_of_a_long_table(write):
    path = write(REFUSED["long"][0])
    assert len(load_series(f"file:{path}#close?where=ticker:B").values) == len(EARLY)
    with pytest.raises(DataError, match="no row has 'C' in ticker; there are AAPL, B"):
        load_series(f"file:{path}#close?where=ticker:C")


def test_stamps_of_another_zone_are_counted_where_they_belong(write):
    stamps = DAYS.tz_localize("Europe/Berlin").tz_convert("UTC")
    path = write(table([f"{d},{p}" for d, p in zip(stamps, PRICES, strict=True)]))
    series = load_series(f"file:{path}?timezone=Europe/Berlin")
    assert list(series.values.index) == list(DAYS)
    with pytest.raises(DataError, match="timezone=Berlin is unknown"):
        load_series(f"file:{path}?timezone=Berlin")


def test_files_of_returns_are_compounded(write):
    moves = np.diff(PRICES) / PRICES[:-1]
    plain = table(rows(number="{:.12f}", days=DAYS[1:], prices=moves), "date,ret")
    marked = table(rows(number="{:.10f}%", days=DAYS[1:], prices=100 * moves), "date,ret")
    cents = table(rows(number="{:.10f}", days=DAYS[1:], prices=100 * moves), "date,ret")
    with pytest.raises(DataError, match=r"say \?kind=return&unit=percent where 1 is"):
        load_series(f"file:{write(cents)}?kind=return")
    bodies = {plain: "", marked: "", cents: "&unit=percent"}
    for body, unit in bodies.items():
        series = load_series(f"file:{write(body)}?kind=return{unit}")
        assert series.instrument.unit == "growth of 100"
        again = series.values.to_numpy()[1:] / series.values.to_numpy()[:-1] - 1.0
        np.testing.assert_allclose(again, moves[1:], atol=2e-12)
        assert "returns, compounded" in series.provenance.adjustment
        assert series.instrument.kind == "price"


def test_excel_and_parquet(tmp_path):
    frame = pd.DataFrame({"SPY": PRICES, "note": "x"}, index=DAYS.rename("date"))
    frame.to_parquet(tmp_path / "legs.parquet")
    values = load_series(f"file:{tmp_path}/legs.parquet#SPY").values
    np.testing.assert_array_equal(values.to_numpy(), PRICES)
    openpyxl = pytest.importorskip("openpyxl")
    with pd.ExcelWriter(tmp_path / "legs.xlsx") as book:
        frame.iloc[:3].to_excel(book, sheet_name="other")
        frame.to_excel(book, sheet_name="prices")
    path = f"file:{tmp_path}/legs.xlsx"
    values = load_series(f"{path}#prices!SPY").values
    np.testing.assert_array_equal(values.to_numpy(), PRICES)
    assert list(values.index) == list(DAYS)
    assert len(load_series(f"{path}#SPY").values) == 3
    with pytest.raises(DataError, match="no sheet 'nowhere'; there are other, prices"):
        load_series(f"{path}#nowhere!SPY")
    sheet = openpyxl.Workbook()
    for day, price in zip(DAYS, PRICES, strict=True):  # serial days, as cells of plain numbers
        sheet.active.append([(day - pd.Timestamp("1899-12-30")).days, float(price)])
    sheet.save(tmp_path / "serial.xlsx")
    assert list(load_series(f"file:{tmp_path}/serial.xlsx").values.index) == list(DAYS)


def test_a_file_said_to_be_an_instrument_of_the_catalogue(write):
    one = load_series(f"file:{write(KINDS['ISO'])}?id=SPY").instrument
    assert (one.id, one.calendar) == ("SPY", "XNYS")
    assert one.about.endswith("A series from the user's own file.")
    with pytest.raises(ConvexResearchError, match="id=SPX9 is not in the catalogue"):
        load_series(f"file:{write(KINDS['ISO'])}?id=SPX9")


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,234.5", "7"], [1234.5, 7.0]),
        (["1.234,5", "7"], [1234.5, 7.0]),
        (["1.234.567", "7,5"], [1234567.0, 7.5]),
        (["0.123", "0.456"], [0.123, 0.456]),
        (["1500", "1.250"], [1500.0, 1.25]),
        (["(3.5)", "−2.5", "+1"], [-3.5, -2.5, 1.0]),
        (["1.17K", "2M", "3.5B"], [1170.0, 2e6, 3.5e9]),
        (["1e3", "2.5E-1"], [1000.0, 0.25]),
        (["€ 1.000,50", "12,00 €"], [1000.5, 12.0]),
        (["--", "ND", "n.a.", "null", "#VALUE!", "5"], [*[np.nan] * 5, 5.0]),
        (["1 234,5", "2\u202f345,6"], [1234.5, 2345.6]),
    ],
)
def test_numbers_as_they_are_written(cells, values):
    np.testing.assert_array_equal(number_column(cells, where="x").values, values)


@pytest.mark.parametrize("cell", ["1.2.3", "12,34,567.8", "abc", "1..2", "1e999", "0x10", "1,23,4"])
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(DataError, match=r"is not a number|decimal sign"):
        number_column(["7.5", cell], where="x")


def test_inspection_shows_how_a_file_is_read(write):
    found = inspect_file(f"{write(KINDS['German'])}")
    assert not found.undecided
    text = "\n".join(found.lines)
    assert "dates: column Datum" in text
    assert "dates DD.MM.YYYY, decimal comma, thousands points, semicolons; oldest first" in text
    assert f"row      2  2021-11-24  {PRICES[0]:g}" in text
    assert f"row    321  {DAYS[-1]:%Y-%m-%d}  {PRICES[-1]:g}" in text
    undecided = inspect_file(f"{write(REFUSED['two forms of date'][0])}").undecided
    assert len(undecided) == 1
    assert "?date_format=DD/MM/YYYY" in undecided[0]


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path):
    legs = []
    for folder, seed in (("AAA", 1), ("BBB", 2)):
        (tmp_path / folder).mkdir()
        prices = 100.0 * np.exp(0.01 * np.random.default_rng(seed).standard_normal(320).cumsum())
        (tmp_path / folder / "prices.csv").write_text(table(rows(prices=prices)))
        legs.append(f"file:{tmp_path}/{folder}/prices.csv")
    study = cr.study(*legs, helpers={})
    assert study.summary().startswith("AAA/prices and BBB/prices")
    assert study.pair.slug == "aaa-prices-vs-bbb-prices"
    record = study.to_dict()
    assert [record["data"][x]["symbol"] for x in "ab"] == [
        "file:AAA/prices.csv",
        "file:BBB/prices.csv",
    ]
    assert str(tmp_path) not in json.dumps(record)


def test_a_level_beside_a_price_is_differenced_and_called_so(write):
    one = write(KINDS["ISO"], "a.csv")
    other = write(table(rows(prices=PRICES[::-1])), "b.csv")
    study = cr.study(f"file:{one}?kind=level", f"file:{other}?unit=USD", helpers={})
    said = "Daily changes in points of a against returns of b, 319 days from "
    assert study.summary().splitlines()[1].startswith(said)


@pytest.mark.parametrize(
    ("name", "number", "level"),
    [
        ("prices.csv", "{:.2f}%", "refuse"),
        ("US10Y.csv", "{:.2f}", "warning"),
        ("DGS10.csv", "{:.2f}", "warning"),
        ("bund_yield.csv", "{:.2f}", "warning"),
        ("AAPL_5y.csv", "{:.2f}", None),
        ("spread_eagle_inc.csv", "{:.2f}", "warning"),
    ],
)
def test_a_yield_read_as_a_price_is_said_or_stopped(write, name, number, level):
    path = write(table(rows(number=number)), name)
    found = {note.check: note for note in load_series(f"file:{path}").quality}
    if level is None:
        assert "looks_like_yield" not in found
        return
    note = found["looks_like_yield"]
    assert note.level == level
    assert "\n" not in note.message
    for option in ("kind=rate", "kind=price", "kind=rate&unit=percent", "id=SPY"):
        again = load_series(f"file:{path}?{option}")
        assert option == "id=SPY" or f"?{option.partition('&')[0]}" in note.message
        assert "looks_like_yield" not in {one.check for one in again.quality}
        np.testing.assert_allclose(again.values, PRICES, rtol=1e-12)


def test_a_helper_from_a_file_has_the_kind_of_its_role(write):
    pair = cr.Pair("sample:sp500", "sample:nasdaq")
    path = write(table(rows()), "mine.csv")
    symbol = f"file:{path}"
    asked = {"vix": symbol, "market": f"{symbol}#Close", "curve": f"{symbol}?kind=rate"}
    helpers = cr.load_helpers(pair, chosen=asked)
    kinds = {role: (helpers[role].instrument.kind, helpers[role].instrument.unit) for role in asked}
    assert kinds["vix"] == ("level", "points")
    assert kinds["market"][0] == "price"
    assert kinds["curve"] == ("rate", "points")


def test_what_is_no_table_of_dates_is_not_quoted(write):
    path = write("root:x,0\nsecret:y,1\n")
    with pytest.raises(DataError, match="no column of dates is found") as caught:
        load_series(f"file:{path}")
    assert "secret" not in str(caught.value)
    assert "root" not in str(caught.value)
